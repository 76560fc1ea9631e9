// SPDX-License-Identifier: GPL-2.0-only
/*
 * A screen as a picture.  Fonts differ: so each piece of text is given its
 * place and its length, and what has to join the next cell without a gap
 * (blocks, lines of boxes) is drawn.
 */
#include "dump.h"

/* A cell and its parts, in pixels; text is 0.6 of its size wide in most monospace fonts. */
enum { CELL_W = 9, CELL_H = 18, FONT = 15, BASELINE = 14, MARGIN = 9 };

/* The terminal's own colours, where a theme leaves them. */
enum { OWN_FG = 0xe4e4e4, OWN_BG = 0x000000 };

struct svg {
	struct buf *b;
	const struct screen *s;
	enum theme_name theme;
};

static struct theme_ink ink_at(const struct svg *g, unsigned int x, unsigned int y)
{
	const struct cell *c = &g->s->cells[(size_t)y * g->s->w + x];
	struct theme_ink ink = theme_ink(g->theme, DEPTH_TRUE, c->style, c->back);

	ink.fg = ink.fg == THEME_NONE ? OWN_FG : ink.fg;
	ink.bg = ink.bg == THEME_NONE ? OWN_BG : ink.bg;
	return ink;
}

static uint32_t character(const struct svg *g, unsigned int x, unsigned int y)
{
	return g->s->cells[(size_t)y * g->s->w + x].ch;
}

/* A rectangle in eighths of a cell's width and eighteenths of its height, n cells wide. */
struct part {
	uint8_t x0, y0, x1, y1;
	uint8_t percent; /* how much of the colour */
};

/* The parts that a character is drawn with; 0: it is text. */
static unsigned int parts_of(uint32_t ch, struct part ret[2])
{
	/* arms of box drawing characters */
	enum { LEFT = 1, RIGHT = 2, UP = 4, DOWN = 8 };
	static const struct {
		uint32_t ch;
		unsigned int arms;
	} boxes[] = {
		{0x2500, LEFT | RIGHT},
		{0x2502, UP | DOWN},
		{0x250c, RIGHT | DOWN},
		{0x2510, LEFT | DOWN},
		{0x2514, RIGHT | UP},
		{0x2518, LEFT | UP},
		{0x251c, UP | DOWN | RIGHT},
		{0x2524, UP | DOWN | LEFT},
		{0x252c, LEFT | RIGHT | DOWN},
		{0x2534, LEFT | RIGHT | UP},
		{0x253c, LEFT | RIGHT | UP | DOWN},
	};
	unsigned int n = 0;

	if (ch >= 0x2581 && ch <= 0x2588) { /* lower eighths, up to all */
		ret[0] = (struct part){0, (uint8_t)(CELL_H - (CELL_H * (ch - 0x2580) + 4) / 8), 8, CELL_H,
				       100};
		return 1;
	}
	if (ch >= 0x2589 && ch <= 0x258f) { /* left eighths, 7 to 1 */
		ret[0] = (struct part){0, 0, (uint8_t)(0x2590 - ch), CELL_H, 100};
		return 1;
	}
	if (ch >= 0x2591 && ch <= 0x2593) { /* shades */
		ret[0] = (struct part){0, 0, 8, CELL_H, (uint8_t)(25 * (ch - 0x2590))};
		return 1;
	}
	if (ch == 0x2580 || ch == 0x2590) { /* the upper half, the right one */
		ret[0] = (struct part){ch == 0x2590 ? 4 : 0, 0, 8, ch == 0x2580 ? CELL_H / 2 : CELL_H, 100};
		return 1;
	}
	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		unsigned int arms = boxes[i].arms;

		if (boxes[i].ch != ch)
			continue;
		if (arms & (LEFT | RIGHT))
			ret[n++] = (struct part){arms & LEFT ? 0 : 4, 9, arms & RIGHT ? 8 : 5, 10, 100};
		if (arms & (UP | DOWN))
			ret[n++] = (struct part){4, arms & UP ? 0 : 9, 5, arms & DOWN ? CELL_H : 10, 100};
	}
	return n;
}

static void add_rect(struct svg *g, double x, unsigned int y, double w, unsigned int h, int rgb,
		     unsigned int percent)
{
	buf_printf(g->b, "<rect x=\"%g\" y=\"%u\" width=\"%g\" height=\"%u\" fill=\"#%06x\"", x, y, w, h,
		   (unsigned int)rgb);
	if (percent < 100)
		buf_printf(g->b, " fill-opacity=\"%g\"", percent / 100.0);
	buf_puts(g->b, "/>\n");
}

static void add_grounds(struct svg *g, unsigned int y, int own)
{
	for (unsigned int x = 0, n; x < g->s->w; x += n) {
		int bg = ink_at(g, x, y).bg;

		for (n = 1; x + n < g->s->w && ink_at(g, x + n, y).bg == bg; n++)
			;
		if (bg != own)
			add_rect(g, MARGIN + x * CELL_W, MARGIN + y * CELL_H, n * CELL_W, CELL_H, bg, 100);
	}
}

static void add_drawn(struct svg *g, unsigned int y)
{
	for (unsigned int x = 0, n; x < g->s->w; x += n) {
		uint32_t ch = character(g, x, y);
		int fg = ink_at(g, x, y).fg;
		struct part parts[2];
		unsigned int nparts = parts_of(ch, parts);

		for (n = 1; nparts && x + n < g->s->w && character(g, x + n, y) == ch &&
			    ink_at(g, x + n, y).fg == fg;
		     n++)
			;
		for (unsigned int i = 0; i < nparts; i++) {
			const struct part *p = &parts[i];
			bool joined = p->x0 == 0 && p->x1 == 8;

			for (unsigned int k = 0; k < (joined ? 1 : n); k++)
				add_rect(g, MARGIN + (x + k) * CELL_W + p->x0 * CELL_W / 8.0,
					 MARGIN + y * CELL_H + p->y0,
					 joined ? n * CELL_W : (p->x1 - p->x0) * CELL_W / 8.0, p->y1 - p->y0,
					 fg, p->percent);
		}
	}
}

static void add_escaped(struct buf *b, uint32_t ch)
{
	switch (ch) {
	case '&':
		buf_puts(b, "&amp;");
		break;
	case '<':
		buf_puts(b, "&lt;");
		break;
	case '>':
		buf_puts(b, "&gt;");
		break;
	default:
		if (ch)
			buf_char(b, ch);
	}
}

/* A blank, or drawn: no part of a text that begins or ends there. */
static bool blank(const struct svg *g, unsigned int x, unsigned int y)
{
	struct part parts[2];

	return character(g, x, y) == ' ' || parts_of(character(g, x, y), parts);
}

static void add_texts(struct svg *g, unsigned int y)
{
	for (unsigned int x = 0, n; x < g->s->w; x += n) {
		struct theme_ink ink = ink_at(g, x, y);

		n = 1;
		if (blank(g, x, y))
			continue;
		/* words of one look in one piece: more than one blank in a row would be taken for one */
		while (x + n < g->s->w) {
			unsigned int next = x + n;
			struct theme_ink other = ink_at(g, next, y);

			if (character(g, next, y) == ' ' && next + 1 < g->s->w)
				other = ink_at(g, ++next, y);
			if (blank(g, next, y) || other.fg != ink.fg || other.attr != ink.attr)
				break;
			n = next + 1 - x;
		}
		buf_printf(g->b,
			   "<text x=\"%u\" y=\"%u\" textLength=\"%u\" lengthAdjust=\"spacingAndGlyphs\" "
			   "fill=\"#%06x\"%s%s>",
			   MARGIN + x * CELL_W, MARGIN + y * CELL_H + BASELINE, n * CELL_W,
			   (unsigned int)ink.fg, ink.attr & ATTR_BOLD ? " font-weight=\"bold\"" : "",
			   ink.attr & ATTR_UNDERLINE ? " text-decoration=\"underline\"" : "");
		for (unsigned int i = 0; i < n; i++) {
			const struct cell *c = &g->s->cells[(size_t)y * g->s->w + x + i];

			add_escaped(g->b, c->ch);
			add_escaped(g->b, c->mark);
		}
		buf_puts(g->b, "</text>\n");
	}
}

void dump_svg(struct buf *b, const struct screen *s, enum theme_name theme)
{
	struct svg g = {b, s, theme};
	const unsigned int w = s->w * CELL_W + 2 * MARGIN, h = s->h * CELL_H + 2 * MARGIN;
	struct theme_look own = theme_look(theme, STYLE_PLAIN, BACK_NONE);
	int bg = own.bg.rgb == THEME_NONE ? OWN_BG : own.bg.rgb;

	buf_printf(b,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u "
		   "%u\">\n"
		   "<rect width=\"%u\" height=\"%u\" rx=\"6\" fill=\"#%06x\"/>\n"
		   "<g shape-rendering=\"crispEdges\">\n",
		   w, h, w, h, w, h, (unsigned int)bg);
	for (unsigned int y = 0; y < s->h; y++) {
		add_grounds(&g, y, bg);
		add_drawn(&g, y);
	}
	buf_printf(b,
		   "</g>\n<g font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',"
		   "'Liberation Mono',monospace\" font-size=\"%d\">\n",
		   FONT);
	for (unsigned int y = 0; y < s->h; y++)
		add_texts(&g, y);
	buf_puts(b, "</g>\n</svg>\n");
}
