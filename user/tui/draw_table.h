/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of rows: laid out, scrolled, with the selected row and cell.  Pure. */
#ifndef VMPERF_TUI_DRAW_TABLE_H
#define VMPERF_TUI_DRAW_TABLE_H

#include "draw_text.h"

struct table {
	enum page page; /* whose choice of columns */
	const struct row *rows;
	unsigned int nrows;
	const struct row *total; /* stands above them all, NULL: none */
	unsigned int selected;   /* row; nrows and more: none */
	bool stands_for_page;    /* its lines and columns are what the mouse and PgUp go by */
	bool histogram;          /* of exits: the room that is left has their histograms */
};

/* Columns of the page's choice that are shown. */
unsigned int table_columns(const struct ui *ui, enum page p, unsigned int ret[COLUMNS_MAX]);

/* Draws it; *top: the first row that is shown, moved so that the selected one is. */
void table_draw(struct draw *d, struct area a, const struct table *t, unsigned int *top);

/* Lines that it takes with all of its rows. */
unsigned int table_height(const struct table *t);

/* The first of h lines that are shown of n, at or near top, so that the selected one is among them. */
unsigned int scrolled(unsigned int top, unsigned int selected, unsigned int n, unsigned int h);

#endif
