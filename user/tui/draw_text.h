/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drawing of all pages shares: areas, text that is cut, lines of pieces.  Pure. */
#ifndef VMPERF_TUI_DRAW_TEXT_H
#define VMPERF_TUI_DRAW_TEXT_H

#include "screen.h"
#include "state.h"

/* What is drawn, and what drawing tells the footer. */
struct draw {
	struct ui *ui;
	struct screen *s;
	unsigned int first, last, of; /* lines that are shown, from 1, of so many; of 0: nothing to tell */
};

/* A part of the screen. */
struct area {
	unsigned int x, y, w, h;
};

/* Takes lines, columns off an area; fewer where it has no more. */
struct area area_top(struct area *a, unsigned int h);
struct area area_bottom(struct area *a, unsigned int h);
struct area area_left(struct area *a, unsigned int w);

/* Text of at most w columns, what is cut is marked.  Returns the column after it. */
unsigned int draw_text(struct screen *s, unsigned int x, unsigned int y, unsigned int w, enum style style,
		       const char *text);

/* The same, flush right in these w columns. */
void draw_right(struct screen *s, unsigned int x, unsigned int y, unsigned int w, enum style style,
		const char *text);

unsigned int draw_printf(struct screen *s, unsigned int x, unsigned int y, unsigned int w, enum style style,
			 const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Lines of text, broken at blanks.  Returns how many there are, also those that are not in the area. */
unsigned int draw_lines(struct screen *s, struct area a, unsigned int skip, enum style style,
			const char *text);

/* A line with a title, which begins a panel. */
void draw_title(struct screen *s, struct area line, const char *title);

/* A line of pieces, of which those of the highest rank go first where room is short. */
#define PIECES 24
struct pieces {
	struct piece {
		char *text;
		enum style style;
		int rank;   /* 0: it stays */
		bool right; /* at the right end */
	} list[PIECES];
	unsigned int n;
};

void pieces_add(struct pieces *p, int rank, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void pieces_add_right(struct pieces *p, int rank, enum style style, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* before and a text that comes from elsewhere, escaped; nothing when it is NULL or "". */
void pieces_add_safe(struct pieces *p, int rank, enum style style, const char *before, const char *text,
		     bool utf8);

/*
 * Draws them with gap blanks between, and empties p.  Returns how many columns are left between the left
 * and the right ones; *x: where they begin.
 */
unsigned int pieces_draw(struct screen *s, struct area line, unsigned int gap, struct pieces *p,
			 unsigned int *x);

#endif
