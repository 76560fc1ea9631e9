/* SPDX-License-Identifier: GPL-2.0-only */
/* What each terminal UI does around its terminal: signals, messages, stopping. */
#ifndef VMPERF_CMD_TERMINAL_H
#define VMPERF_CMD_TERMINAL_H

#include <stdbool.h>

struct terminal {
	int signals; /* a descriptor; -1: none */
	int held;    /* what was written to standard error meanwhile; -1: it goes where it always goes */
	int errors;  /* standard error */
};

/* Blocks the signals that it has a descriptor of from then on: to be called before any thread is started.
 * False: see errno. */
bool terminal_signals(struct terminal *t);

/* Messages would be drawn over: they are held back until the terminal is given back. */
void terminal_hold_errors(struct terminal *t);
void terminal_release_errors(struct terminal *t);

/*
 * Handles what the descriptor has; stops with the terminal given back, as the
 * shell's Ctrl-Z wants it.  resize: the terminal may have another size.  False:
 * to end.
 */
bool terminal_on_signals(struct terminal *t, void (*resize)(void *arg), void *arg);

void terminal_close(struct terminal *t);

#endif
