/* SPDX-License-Identifier: GPL-2.0-only */
/* A line on standard error, where that is a terminal, which the next one is written over. */
#ifndef VMPERF_CMD_PROGRESS_H
#define VMPERF_CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	unsigned int width; /* of the terminal; 0: none */
	uint64_t told_ns;   /* when it was told last */
};

struct progress progress_open(void);

/* Whether it is time for the next line. */
bool progress_is_due(struct progress *p);

/*
 * "vmperf: PATH: TEXT; Ctrl-C ends", of a file that is being written.  text: as it may be shown.  A
 * message that comes next begins where this one did.
 */
void progress_tell(struct progress *p, const char *path, const char *text);

void progress_clear(struct progress *p);

#endif
