/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What terminals tell of the mouse (xterm's control sequences, "Mouse
 * Tracking"), byte by byte: the rest of a report may come late, or never.  Pure.
 */
#ifndef VMPERF_TUI_MOUSE_H
#define VMPERF_TUI_MOUSE_H

#include <stdbool.h>

#include "key.h"

enum mouse_form {
	MOUSE_NONE,
	MOUSE_SGR,  /* ESC [ < BUTTON ; X ; Y M, or m when it is released */
	MOUSE_BYTES /* ESC [ M, and three bytes: each 32 more */
};

/* A report that has begun; all 0: none. */
struct mouse {
	enum mouse_form form;
	unsigned int n; /* numbers that are complete */
	unsigned int numbers[3];
};

void mouse_begin(struct mouse *m, enum mouse_form form);

/*
 * The next byte of the report, which has begun.  False: it is none of it, and
 * the report is given up.  *in: what the mouse did, when it is complete;
 * K_NONE: it is not, or nothing that counts.
 */
bool mouse_byte(struct mouse *m, unsigned char c, struct input *in);

#endif
