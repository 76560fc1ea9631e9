/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line, driven by one table of options: parsing, defaults and
 * --help come from it.  Knows no option by name and prints nothing.
 *
 * Forms: --name=VALUE, --name VALUE, -x VALUE, -xVALUE, -xyz for letters that
 * take no value; "--" ends the options.  A separate VALUE never begins with
 * "-" (but "-" alone may be one): a forgotten value does not swallow the next
 * option.
 */
#ifndef VMPERF_LIB_OPTIONS_H
#define VMPERF_LIB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum option_type {
	OPTION_FLAG,     /* bool: true when given */
	OPTION_COUNT,    /* int: how often it was given */
	OPTION_STRING,   /* const char *: points into argv; never empty */
	OPTION_LIST,     /* struct options_list: one more value each time; none is empty */
	OPTION_CHOICE,   /* int (or an enum): the place of the value in metavar, "a|b|c" */
	OPTION_DURATION, /* uint64_t: nanoseconds */
	OPTION_U32,      /* uint32_t: decimal */
	OPTION_SIZE,     /* uint64_t: bytes */
};

/* One row of the table. */
struct option_def {
	const char *name; /* without the dashes; NULL ends the table */
	char letter;      /* '\0': none */
	enum option_type type;
	const char *metavar; /* what --help calls the value; NULL where none is taken */
	uint64_t min, max;   /* inclusive; of OPTION_DURATION in ns, OPTION_SIZE and OPTION_U32 */
	const char *preset;  /* the value when not given, as a user would write it; NULL: zero bytes */
	uint32_t commands;   /* bit mask: the commands that take it */
	size_t offset;       /* of the member in the settings */
	const char *help;    /* one sentence, no full stop, lower case first */
};

struct options_list {
	const char **items; /* point into argv */
	uint32_t n;
};

struct options_result {
	int next;        /* place in argv of the first argument that is no option; argc: none */
	bool terminated; /* "--" stood before it */
	char error[240]; /* one line, when parsing failed; may hold bytes of argv, log_err() escapes them */
};

/* Sets members to what they are when a command's options are not given; those without a preset stay. */
void options_preset(const struct option_def *table, uint32_t command, void *settings);

/*
 * Reads argv[first..argc) for the command with this bit into settings, up to
 * the first argument that is no option.  False: wrong usage, see ret->error.
 */
bool options_parse(const struct option_def *table, uint32_t command, int argc, char *const *argv, int first,
		   void *settings, struct options_result *ret);

/* The options of a command, as --help shows them; lines of at most 80 columns. */
void options_help(const struct option_def *table, uint32_t command, struct buf *b);

/* Frees the lists in settings. */
void options_free(const struct option_def *table, void *settings);

/*
 * "1", "0.5", "500ms", "2s", "1m", "1h", "1d": decimal, seconds without a unit,
 * units ns, us, ms, s, m, h, d.  False when s is something else.  What does not
 * fit becomes UINT64_MAX.
 */
bool options_duration(const char *s, uint64_t *ret);

/* The same of sizes: "500", "64k", "1.5M", "2G": bytes, units k, M, G, T, powers of 1000. */
bool options_size(const char *s, uint64_t *ret);

/* The word of words (NULL ends them) that s was probably meant to be; NULL when none is near. */
const char *options_nearest(const char *s, const char *const *words);

#endif
