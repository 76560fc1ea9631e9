// SPDX-License-Identifier: GPL-2.0-only
#include "screen.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../out/text.h"

void screen_resize(struct screen *s, unsigned int w, unsigned int h)
{
	w = w ? w : 1;
	h = h ? h : 1;
	if (!s->cells || w != s->w || h != s->h) {
		free(s->cells);
		s->cells = mem_zalloc((size_t)w * h, sizeof(*s->cells));
		s->w = w;
		s->h = h;
	}
	screen_clear(s);
}

void screen_clear(struct screen *s)
{
	for (size_t i = 0; i < (size_t)s->w * s->h; i++)
		s->cells[i] = (struct cell){.ch = ' '};
}

void screen_free(struct screen *s)
{
	free(s->cells);
	*s = (struct screen){0};
}

static struct cell *at(const struct screen *s, unsigned int x, unsigned int y)
{
	return &s->cells[(size_t)y * s->w + x];
}

/* Half of a wide character that lies across the left edge of column x is a blank from now on, so is the
 * other. */
static void part(struct screen *s, unsigned int x, unsigned int y)
{
	if (x == 0 || x >= s->w || at(s, x, y)->ch)
		return;
	for (unsigned int i = x - 1; i <= x; i++) {
		at(s, i, y)->ch = ' ';
		at(s, i, y)->mark = 0;
	}
}

/* A character of so many columns, which are on the screen; what lies under it stays. */
static void put(struct screen *s, unsigned int x, unsigned int y, unsigned int columns, enum style style,
		uint32_t ch)
{
	part(s, x, y);
	part(s, x + columns, y);
	for (unsigned int i = 0; i < columns; i++) {
		struct cell *c = at(s, x + i, y);

		c->ch = i ? 0 : ch;
		c->mark = 0;
		c->style = (uint8_t)style;
	}
}

/* The columns from x on that are on the screen, at most n. */
static unsigned int clip(const struct screen *s, unsigned int x, unsigned int y, unsigned int n)
{
	if (x >= s->w || y >= s->h)
		return 0;
	return n < s->w - x ? n : s->w - x;
}

unsigned int screen_text(struct screen *s, unsigned int x, unsigned int y, unsigned int width,
			 enum style style, const char *text)
{
	const unsigned int first = x, end = x + clip(s, x, y, width);

	while (*text) {
		uint32_t ch;
		unsigned int columns;
		size_t n = text_character(text, &ch, &columns);

		if (!ch || (!s->utf8 && ch >= 0x80)) {
			ch = '?';
			columns = 1;
		}
		/* a mark after the last column still belongs to it */
		if (columns > end - x)
			break;
		text += n;
		if (columns) {
			put(s, x, y, columns, style, ch);
			x += columns;
		} else if (x > first) {
			struct cell *c = at(s, x - 1, y);

			c = c->ch ? c : c - 1;
			c->mark = c->mark ? c->mark : ch;
		}
	}
	return x;
}

void screen_fill(struct screen *s, unsigned int x, unsigned int y, unsigned int n, enum style style,
		 uint32_t ch)
{
	n = clip(s, x, y, n);
	if (!s->utf8 && ch >= 0x80)
		ch = '?';
	for (unsigned int i = 0; i < n; i++)
		put(s, x + i, y, 1, style, ch);
}

void screen_back(struct screen *s, unsigned int x, unsigned int y, unsigned int n, enum back back)
{
	n = clip(s, x, y, n);
	for (unsigned int i = 0; i < n; i++)
		at(s, x + i, y)->back = (uint8_t)back;
}

void screen_box(struct screen *s, unsigned int x, unsigned int y, unsigned int w, unsigned int h,
		enum back back, const char *title)
{
	static const uint32_t drawn[] = {0x2500, 0x2502, 0x250c, 0x2510, 0x2514, 0x2518};
	static const uint32_t typed[] = {'-', '|', '+', '+', '+', '+'};
	const uint32_t *line = s->utf8 ? drawn : typed;

	if (x >= s->w)
		return;
	for (unsigned int i = 0; i < h && y + i < s->h; i++) {
		const bool top = i == 0, edge = top || i == h - 1;

		screen_fill(s, x, y + i, w, STYLE_PLAIN, edge ? line[0] : ' ');
		screen_back(s, x, y + i, w, back);
		if (w) {
			screen_fill(s, x, y + i, 1, STYLE_PLAIN, edge ? line[top ? 2 : 4] : line[1]);
			screen_fill(s, x + w - 1, y + i, 1, STYLE_PLAIN, edge ? line[top ? 3 : 5] : line[1]);
		}
	}
	/* a corner, a blank or two, a line or two: less is no title */
	if (h && w > 6 && *title) {
		unsigned int end = screen_text(s, x + 3, y, w - 6, STYLE_TITLE, title);

		screen_fill(s, x + 2, y, 1, STYLE_PLAIN, ' ');
		screen_fill(s, end, y, 1, STYLE_PLAIN, ' ');
	}
}
