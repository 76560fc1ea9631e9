/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal: the only file that knows curses. */
#ifndef VMPERF_TUI_TERM_H
#define VMPERF_TUI_TERM_H

#include "key.h"
#include "screen.h"
#include "theme.h"

/*
 * Takes the terminal over, in its alternate screen; why not, as one line, else.  colour: use colours if
 * the terminal has any.  From here on the terminal is given back as it was by term_close(), at exit(), and
 * when a signal ends the program (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT are caught for that, then take
 * their course).
 */
const char *term_open(bool colour);

/* Sets the size of s, and what the terminal takes; its cells are blank then. */
void term_size(struct screen *s);

/* Shows s; only what changed is sent. */
void term_show(const struct screen *s, enum theme_name theme);

/* All is sent anew with the next term_show(): something else has written to the terminal. */
void term_repaint(void);

/* The next key that has been typed, without waiting; K_NONE: none.  Standard input becomes readable with
 * one. */
struct input term_key(void);

/* Gives the terminal to the shell and takes it back: around stopping at Ctrl-Z. */
void term_suspend(void);
void term_resume(void);

/* Fine if it is not open. */
void term_close(void);

#endif
