/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of cells that is laid out when all are there: columns of text share
 * the room that is left, the least important columns go when it is too little.
 */
#ifndef VMPERF_OUT_GRID_H
#define VMPERF_OUT_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "../lib/buf.h"
#include "out.h"

#define GRID_COLUMNS 40

enum grid_style {
	GRID_PLAIN,
	GRID_BOLD,
	GRID_DIM,
	GRID_WARN,
	GRID_ALARM,
};

struct grid_column {
	const char *title;
	unsigned int width; /* numbers: at least that; text: what it may shrink to */
	int rank;           /* 0: always there; else the highest goes first */
	bool text;          /* flush left, and may be cut */
	bool if_filled;     /* not there when none of its cells is filled */
};

struct grid_cell {
	char *text;
	enum grid_style style;
};

/* Zeroed, it is empty. */
struct grid {
	unsigned int ncolumns;
	struct grid_column columns[GRID_COLUMNS];
	bool filled[GRID_COLUMNS];
	size_t ncells; /* row by row, the titles not among them */
	struct grid_cell *cells;
};

/* All columns come before the first cell; more than GRID_COLUMNS are dropped. */
void grid_column(struct grid *g, struct grid_column c);

/* The next cell, row by row.  text: safe to show, see text_safe(); copied.  An empty one fills no column. */
void grid_add(struct grid *g, const char *text, enum grid_style style);

/* The next cell, of what has no value. */
void grid_none(struct grid *g);

/* The titles and the rows, a line each. */
void grid_print(struct buf *b, const struct grid *g, const struct out_options *o, unsigned int width);

/* Text in a style, as escape sequences if o has colour. */
void grid_style(struct buf *b, enum grid_style style, const char *text, const struct out_options *o);

void grid_free(struct grid *g);

#endif
