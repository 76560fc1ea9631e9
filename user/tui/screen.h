/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A grid of cells: what the screens of the UI are drawn into.  Pure.  What a
 * cell looks like is its style; which colours that is, a theme says.
 */
#ifndef VMPERF_TUI_SCREEN_H
#define VMPERF_TUI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/vmperf.h"

#define HEATS 8 /* steps of a heat map, from few to many */

/* What stands in a cell. */
enum style {
	STYLE_PLAIN,
	STYLE_DIM,                             /* what there is none of, and what matters least */
	STYLE_BOLD,                            /* names, what a line is about */
	STYLE_WARN,                            /* a loss worth a look */
	STYLE_ALARM,                           /* a loss that hurts */
	STYLE_TITLE,                           /* of a column, of a panel */
	STYLE_KEY,                             /* a key that can be pressed */
	STYLE_INPUT,                           /* what is being typed */
	STYLE_SPARK,                           /* a trend */
	STYLE_STATE,                           /* and the following: parts of the ledger, by enum vmp_state */
	STYLE_HEAT = STYLE_STATE + VMP_STATES, /* and the following */
	STYLES = STYLE_HEAT + HEATS,
};

/* What lies under it. */
enum back {
	BACK_NONE,
	BACK_BAR,    /* lines of titles and keys */
	BACK_ROW,    /* the selected row */
	BACK_CELL,   /* the selected cell in it */
	BACK_DIALOG, /* what lies over the page */
	BACKS,
};

struct cell {
	uint32_t ch;   /* a code point; 0: the right half of the wide one before it */
	uint32_t mark; /* that combines with it; 0: none */
	uint8_t style; /* enum style */
	uint8_t back;  /* enum back */
};

struct screen {
	unsigned int w, h;
	bool utf8;          /* what reads it takes UTF-8; else ASCII only */
	bool colour;        /* and colours: else parts of the ledger are told by letters */
	struct cell *cells; /* row by row */
};

/* Makes it w by h (at least 1 by 1), all blank; utf8 and colour stay. */
void screen_resize(struct screen *s, unsigned int w, unsigned int h);
void screen_clear(struct screen *s);
void screen_free(struct screen *s);

/*
 * Text at column x of line y, of at most width columns, what does not fit is cut off; nothing outside
 * of the screen.  Control bytes, bytes that are no UTF-8 and, without utf8, all that is not ASCII are
 * "?": escape what comes from elsewhere before (text_safe(), text_fit()).  Returns the column after it.
 */
unsigned int screen_text(struct screen *s, unsigned int x, unsigned int y, unsigned int width,
			 enum style style, const char *text);

/* One character n times. */
void screen_fill(struct screen *s, unsigned int x, unsigned int y, unsigned int n, enum style style,
		 uint32_t ch);

/* What lies under n cells; their text stays. */
void screen_back(struct screen *s, unsigned int x, unsigned int y, unsigned int n, enum back back);

/* An empty rectangle with a frame and a title in its upper edge. */
void screen_box(struct screen *s, unsigned int x, unsigned int y, unsigned int w, unsigned int h,
		enum back back, const char *title);

#endif
