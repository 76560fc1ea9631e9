/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Built and run by make, never installed: man pages and completions out of
 * templates and the tables that vmperf itself goes by.
 *
 * In a template a line "@NAME ARGUMENT..." (blanks before it do not matter)
 * stands for a part that is made of a table; lines that begin with ";" are
 * comments of scdoc and left out.
 */
#ifndef VMPERF_SHARE_GEN_H
#define VMPERF_SHARE_GEN_H

#include <stdbool.h>

#include "../../cmd/cmd.h"
#include "../../lib/buf.h"

struct part {
	const char *name; /* NULL ends a table */
	/* arguments: what follows the name, "" nothing.  False: they make no sense. */
	bool (*make)(struct buf *b, const char *arguments);
};

extern const struct part man_parts[];      /* of man pages, as scdoc(5) has them */
extern const struct part metric_parts[];   /* of man pages, too: metrics, states, losses */
extern const struct part complete_parts[]; /* of completions */

/* Whether the option's value is a path, a VM, a list of events; by what --help calls it. */
bool value_is_path(const struct option_def *o);
bool value_is_vm(const struct option_def *o);
bool value_is_events(const struct option_def *o);
/* "a|b|c": one of these is to be given; what is in capital letters stands for something else. */
bool value_is_choice(const struct option_def *o);
bool takes_value(const struct option_def *o);

/* The next of "a|b|c" from *p on; false: there is none. */
bool next_choice(const char **p, const char **choice, size_t *len);

/* NULL: none of that name. */
const struct command *command_find(const char *name);

/* A command's name as pages and shells have it: "profile-record". */
void add_joined(struct buf *b, const char *name);

/* Text for scdoc, nothing in it formatted. */
void scd_text(struct buf *b, const char *s);
/* The same in bold. */
void scd_bold(struct buf *b, const char *s);
/* Options in it are bold, the words "word" (NULL: none) underlined. */
void scd_prose(struct buf *b, const char *s, const char *word);

#endif
