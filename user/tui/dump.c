// SPDX-License-Identifier: GPL-2.0-only
#include "dump.h"

static const struct cell *row(const struct screen *s, unsigned int y)
{
	return &s->cells[(size_t)y * s->w];
}

static void add_cell(struct buf *b, const struct cell *c)
{
	if (c->ch)
		buf_char(b, c->ch);
	if (c->mark)
		buf_char(b, c->mark);
}

void dump_text(struct buf *b, const struct screen *s)
{
	for (unsigned int y = 0; y < s->h; y++) {
		const struct cell *c = row(s, y);
		unsigned int n = s->w;

		while (n && c[n - 1].ch == ' ')
			n--;
		for (unsigned int x = 0; x < n; x++)
			add_cell(b, &c[x]);
		buf_puts(b, "\n");
	}
}

/* A blank shows as nothing in it. */
static bool clear(const struct theme_ink *ink)
{
	return ink->bg == THEME_NONE && !(ink->attr & (ATTR_UNDERLINE | ATTR_REVERSE));
}

static bool same(const struct theme_ink *a, const struct theme_ink *b)
{
	return a->fg == b->fg && a->bg == b->bg && a->attr == b->attr;
}

static void add_colour(struct buf *b, int colour, int base, enum theme_depth depth)
{
	if (colour == THEME_NONE)
		return;
	if (depth == DEPTH_8)
		buf_printf(b, ";%d", base + colour);
	else if (depth == DEPTH_256)
		buf_printf(b, ";%d;5;%d", base + 8, colour);
	else
		buf_printf(b, ";%d;2;%d;%d;%d", base + 8, colour >> 16, colour >> 8 & 0xff, colour & 0xff);
}

static void add_sgr(struct buf *b, const struct theme_ink *ink, enum theme_depth depth)
{
	static const struct {
		unsigned int attr;
		const char *code;
	} codes[] = {{ATTR_BOLD, ";1"}, {ATTR_DIM, ";2"}, {ATTR_UNDERLINE, ";4"}, {ATTR_REVERSE, ";7"}};

	buf_puts(b, "\x1b[0");
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (ink->attr & codes[i].attr)
			buf_puts(b, codes[i].code);
	}
	add_colour(b, ink->fg, 30, depth);
	add_colour(b, ink->bg, 40, depth);
	buf_puts(b, "m");
}

void dump_ansi(struct buf *b, const struct screen *s, enum theme_name theme, enum theme_depth depth)
{
	static const struct theme_ink plain = {THEME_NONE, THEME_NONE, 0};

	for (unsigned int y = 0; y < s->h; y++) {
		const struct cell *c = row(s, y);
		struct theme_ink now = plain;
		unsigned int n = s->w;

		for (; n && c[n - 1].ch == ' '; n--) {
			struct theme_ink ink = theme_ink(theme, depth, c[n - 1].style, c[n - 1].back);

			if (!clear(&ink))
				break;
		}
		for (unsigned int x = 0; x < n; x++) {
			struct theme_ink ink = theme_ink(theme, depth, c[x].style, c[x].back);

			if (!same(&ink, &now))
				add_sgr(b, &ink, depth);
			now = ink;
			add_cell(b, &c[x]);
		}
		if (!same(&now, &plain))
			add_sgr(b, &plain, depth);
		buf_puts(b, "\n");
	}
}
