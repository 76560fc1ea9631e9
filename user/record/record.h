/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records: samples in a file, to be looked at later, elsewhere; format.h has
 * what the bytes mean.
 *
 * A record is made of sessions: each time that one is opened for writing a new
 * one begins.  A view is of two samples of the same session.
 */
#ifndef VMPERF_RECORD_RECORD_H
#define VMPERF_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../model/sample.h"

/*
 * One line why something cannot be done with a record; holds every one.  It has bytes of the path in it:
 * log_err() escapes them.
 */
#define RECORD_ERROR 512

struct record_writer;

struct record_options {
	/*
	 * Then FILE becomes FILE.1, FILE.1 FILE.2, …, and a new FILE begins: with the
	 * last sample of FILE.1 once more, and one more at least.  0: never.
	 */
	uint64_t max_bytes;
	uint32_t max_files; /* that many, FILE among them; the oldest one goes.  At least 1 */
};

/*
 * Opens a record for writing, makes it if it is not there (mode 0600); a
 * half-written end is cut off (*cut: bytes; else 0).  A file that is no record
 * is not touched.  Only one can write to a record.  NULL: error tells why.
 */
struct record_writer *record_create(const char *path, const struct record_options *o, uint64_t *cut,
				    char error[RECORD_ERROR]);

/* Adds a sample; it is in the file when this returns.  False: error tells why; no more can be added. */
bool record_add(struct record_writer *w, const struct sample *s, char error[RECORD_ERROR]);

/* Samples and bytes that were written since it was opened, and the size of FILE now. */
struct record_progress {
	uint64_t samples, bytes, size;
	uint32_t rotated; /* how often a new FILE began */
};
struct record_progress record_progress(const struct record_writer *w);

/*
 * False: what was written may not be on the disk; error tells why.  A record that
 * record_create() has made goes if no sample was added.  Frees it.
 */
bool record_close(struct record_writer *w, char error[RECORD_ERROR]);

struct record_reader;

/*
 * It has one sample at least.  *cut: bytes at the end that are no whole sample
 * (it may still be written).  NULL: error tells why; one whose frames do not
 * follow each other is damaged.  The samples themselves are looked at when they
 * are read.
 */
struct record_reader *record_open(const char *path, uint64_t *cut, char error[RECORD_ERROR]);

/* A sample's place. */
struct record_entry {
	uint64_t real_ns; /* when it was taken */
	uint64_t mono_ns;
	uint32_t session; /* from 0 */
	bool ended;       /* VMs in it may have ended; else none has */
};

uint32_t record_count(const struct record_reader *r);
/* 0 <= i < record_count() */
const struct record_entry *record_entry(const struct record_reader *r, uint32_t i);

/* Whether two samples are of the same session; the first one of i's session. */
bool record_same_session(const struct record_reader *r, uint32_t i, uint32_t j);
uint32_t record_session_begin(const struct record_reader *r, uint32_t i);

/*
 * The sample of the latest time that is real_ns or before, of several the one
 * that was added last; the first one, if all are later.  The clock may have been
 * set back in between.
 */
uint32_t record_find(const struct record_reader *r, uint64_t real_ns);

/*
 * Sample i; to be freed by sample_free().  Quick for the one after the last one
 * that was read; others are built from a whole one before.  False: error tells
 * why.
 */
bool record_read(struct record_reader *r, uint32_t i, struct sample *ret, char error[RECORD_ERROR]);

void record_reader_free(struct record_reader *r);

/*
 * When is meant by text: "15:04", "15:04:05", "2026-01-31 15:04:05" (also with T), in local time, of the
 * day of the record's end where it names none, or of the day before if only that one is in the record;
 * "@SECONDS" since 1970; "+DURATION" from the record's beginning, "-DURATION" from its end; "start",
 * "end".  False: it is none of these, or there is no such time.
 */
bool record_when(const char *text, uint64_t first_ns, uint64_t last_ns, uint64_t *real_ns);

#endif
