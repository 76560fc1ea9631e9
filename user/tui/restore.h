/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives the terminal back when a signal ends the program: SIGSEGV, SIGBUS,
 * SIGFPE, SIGILL, SIGABRT are caught for that, then take their course.
 */
#ifndef VMPERF_TUI_RESTORE_H
#define VMPERF_TUI_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define RESTORE_TEXT 512

/* How the terminal was, and what brings it back there; of text at most RESTORE_TEXT bytes. */
void restore_set(const struct termios *modes, const char *text, size_t len);

/* Whether there is something to be given back. */
void restore_taken(bool taken);

/* Gives it back, if it is taken.  Async-signal-safe, and safe in any thread. */
void restore_now(void);

/* Between these the signals are caught; in the calling thread stack overflows, too. */
void restore_catch(void);
void restore_release(void);

/*
 * So that stack overflows of the calling thread are caught, too.  What is
 * returned, the thread gives to restore_thread_end() before it ends.
 */
void *restore_thread(void);
void restore_thread_end(void *stack);

#endif
