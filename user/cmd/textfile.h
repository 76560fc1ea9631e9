/* SPDX-License-Identifier: GPL-2.0-only */
/* --textfile: a page in a file, for the textfile collector of node_exporter; never seen half. */
#ifndef VMPERF_CMD_TEXTFILE_H
#define VMPERF_CMD_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>

struct textfile {
	const char *path; /* NULL: none is written */
	bool written;     /* it is ours */
	bool failed;      /* the last time; so it is said once */
};

/* Says so of a name that the collector would not read. */
void textfile_check(const struct textfile *t);

/* Replaces the file; nothing else that is there.  False: what and why was said, unless it was the time
 * before. */
bool textfile_write(struct textfile *t, const char *data, size_t len);

/* Its series end with us. */
void textfile_remove(struct textfile *t);

#endif
