// SPDX-License-Identifier: GPL-2.0-only
#include "grid.h"

#include <stdlib.h>

#include "../lib/mem.h"
#include "text.h"

/* Where each column goes: 0 columns wide is not shown. */
struct layout {
	unsigned int width[GRID_COLUMNS];
	unsigned int need[GRID_COLUMNS]; /* as wide as its widest cell */
};

void grid_column(struct grid *g, struct grid_column c)
{
	if (g->ncolumns < GRID_COLUMNS)
		g->columns[g->ncolumns++] = c;
}

static void add(struct grid *g, const char *text, enum grid_style style, bool filled)
{
	if (filled)
		g->filled[g->ncells % g->ncolumns] = true;
	/* grows by doubling */
	if (!(g->ncells & (g->ncells - 1)))
		g->cells = mem_resize(g->cells, g->ncells ? 2 * g->ncells : 1, sizeof(*g->cells));
	g->cells[g->ncells++] = (struct grid_cell){.text = mem_strdup(text), .style = style};
}

void grid_add(struct grid *g, const char *text, enum grid_style style)
{
	add(g, text, style, *text);
}

void grid_none(struct grid *g)
{
	add(g, "-", GRID_DIM, false);
}

static unsigned int total(const struct grid *g, const struct layout *l)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < g->ncolumns; i++)
		if (l->width[i])
			sum += l->width[i] + (sum ? 1 : 0);
	return sum;
}

/* Takes the column of the highest rank away.  False: all that are left must stay. */
static bool drop_one(const struct grid *g, struct layout *l)
{
	unsigned int worst = g->ncolumns;

	for (unsigned int i = 0; i < g->ncolumns; i++)
		if (l->width[i] && g->columns[i].rank &&
		    (worst == g->ncolumns || g->columns[i].rank >= g->columns[worst].rank))
			worst = i;
	if (worst == g->ncolumns)
		return false;
	l->width[worst] = 0;
	return true;
}

/* Makes text wider, a column each in turn, until all is shown or the room used up. */
static void share_room(const struct grid *g, struct layout *l, unsigned int width)
{
	bool grew = true;

	while (grew) {
		grew = false;
		for (unsigned int i = 0; i < g->ncolumns; i++) {
			if (l->width[i] && l->width[i] < l->need[i] && total(g, l) < width) {
				l->width[i]++;
				grew = true;
			}
		}
	}
}

static void lay_out(const struct grid *g, struct layout *l, unsigned int width)
{
	for (unsigned int i = 0; i < g->ncolumns; i++)
		l->need[i] = text_width(g->columns[i].title);
	for (size_t i = 0; i < g->ncells; i++) {
		unsigned int w = text_width(g->cells[i].text), c = i % g->ncolumns;

		if (w > l->need[c])
			l->need[c] = w;
	}
	for (unsigned int i = 0; i < g->ncolumns; i++) {
		const struct grid_column *c = &g->columns[i];

		if (c->text)
			l->width[i] = l->need[i] < c->width ? l->need[i] : c->width;
		else
			l->width[i] = l->need[i] > c->width ? l->need[i] : c->width;
		if (c->if_filled && !g->filled[i])
			l->width[i] = 0;
	}
	while (total(g, l) > width && drop_one(g, l))
		;
	share_room(g, l, width);
}

void grid_style(struct buf *b, enum grid_style style, const char *text, const struct out_options *o)
{
	static const char *const on[] = {
		[GRID_BOLD] = "\033[1m",
		[GRID_DIM] = "\033[2m",
		[GRID_WARN] = "\033[33m",
		[GRID_ALARM] = "\033[31m",
	};
	bool styled = o->colour && style != GRID_PLAIN;

	if (styled)
		buf_puts(b, on[style]);
	buf_puts(b, text);
	if (styled)
		buf_puts(b, "\033[0m");
}

/* One cell; blanks: those that stand before it, and then before the next one. */
static void print_cell(struct buf *b, const char *text, enum grid_style style, unsigned int width, bool left,
		       unsigned int *blanks, const struct out_options *o)
{
	struct buf cut = {0};
	unsigned int rest;

	buf_add(&cut, "", 0);
	text_fit(&cut, text, width, false, o->utf8);
	rest = width - text_width(cut.data);
	if (!left || !cut.len)
		*blanks += rest;
	if (cut.len) {
		buf_printf(b, "%*s", (int)*blanks, "");
		grid_style(b, style, cut.data, o);
		*blanks = left ? rest : 0;
	}
	buf_free(&cut);
}

/* Blanks that nothing follows are left out. */
static void print_row(struct buf *b, const struct grid *g, const struct layout *l,
		      const struct grid_cell *cells, const struct out_options *o)
{
	unsigned int blanks = 0;
	bool begun = false;

	for (unsigned int i = 0; i < g->ncolumns; i++) {
		const struct grid_column *c = &g->columns[i];

		if (!l->width[i])
			continue;
		if (begun)
			blanks++;
		begun = true;
		print_cell(b, cells ? cells[i].text : c->title, cells ? cells[i].style : GRID_BOLD,
			   l->width[i], c->text, &blanks, o);
	}
	buf_puts(b, "\n");
}

void grid_print(struct buf *b, const struct grid *g, const struct out_options *o, unsigned int width)
{
	struct layout l = {0};

	if (!g->ncolumns)
		return;
	lay_out(g, &l, width);
	print_row(b, g, &l, NULL, o);
	for (size_t i = 0; i + g->ncolumns <= g->ncells; i += g->ncolumns)
		print_row(b, g, &l, &g->cells[i], o);
}

void grid_free(struct grid *g)
{
	for (size_t i = 0; i < g->ncells; i++)
		free(g->cells[i].text);
	free(g->cells);
	*g = (struct grid){0};
}
