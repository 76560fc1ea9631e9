// SPDX-License-Identifier: GPL-2.0-only
#include "draw_text.h"

#include <stdlib.h>
#include <string.h>

#include "../out/text.h"

struct area area_top(struct area *a, unsigned int h)
{
	struct area ret = *a;

	ret.h = h < a->h ? h : a->h;
	a->y += ret.h;
	a->h -= ret.h;
	return ret;
}

struct area area_bottom(struct area *a, unsigned int h)
{
	struct area ret = *a;

	ret.h = h < a->h ? h : a->h;
	a->h -= ret.h;
	ret.y = a->y + a->h;
	return ret;
}

struct area area_left(struct area *a, unsigned int w)
{
	struct area ret = *a;

	ret.w = w < a->w ? w : a->w;
	a->x += ret.w;
	a->w -= ret.w;
	return ret;
}

unsigned int draw_text(struct screen *s, unsigned int x, unsigned int y, unsigned int w, enum style style,
		       const char *text)
{
	struct buf b = {0};

	if (w) {
		text_fit(&b, text, w, false, s->utf8);
		if (b.len)
			x = screen_text(s, x, y, w, style, b.data);
		buf_free(&b);
	}
	return x;
}

void draw_right(struct screen *s, unsigned int x, unsigned int y, unsigned int w, enum style style,
		const char *text)
{
	unsigned int len = text_width(text);

	if (len > w)
		len = w;
	draw_text(s, x + w - len, y, len, style, text);
}

unsigned int draw_printf(struct screen *s, unsigned int x, unsigned int y, unsigned int w, enum style style,
			 const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	x = draw_text(s, x, y, w, style, b.data ? b.data : "");
	buf_free(&b);
	return x;
}

unsigned int draw_lines(struct screen *s, struct area a, unsigned int skip, enum style style,
			const char *text)
{
	struct buf b = {0};
	unsigned int n = 0;
	char *line;

	if (!a.w)
		return 0;
	text_wrap(&b, text, a.w, s->utf8);
	for (line = b.data; line && *line; n++) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		if (n >= skip && n - skip < a.h)
			screen_text(s, a.x, a.y + n - skip, a.w, style, line);
		line = end ? end + 1 : NULL;
	}
	buf_free(&b);
	return n;
}

void draw_title(struct screen *s, struct area line, const char *title)
{
	unsigned int x = line.x;

	if (!line.h)
		return;
	screen_fill(s, line.x, line.y, line.w, STYLE_DIM, s->utf8 ? 0x2500 : '-');
	if (line.w < 6)
		return;
	screen_fill(s, x + 1, line.y, 1, STYLE_DIM, ' ');
	x = draw_text(s, x + 2, line.y, line.w - 4, STYLE_TITLE, title);
	screen_fill(s, x, line.y, 1, STYLE_DIM, ' ');
}

__attribute__((format(printf, 5, 0))) static void add(struct pieces *p, bool right, int rank,
						      enum style style, const char *fmt, va_list ap)
{
	struct buf b = {0};

	buf_vprintf(&b, fmt, ap);
	if (b.len && p->n < PIECES)
		p->list[p->n++] =
			(struct piece){.text = b.data, .style = style, .rank = rank, .right = right};
	else
		buf_free(&b);
}

void pieces_add(struct pieces *p, int rank, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(p, false, rank, style, fmt, ap);
	va_end(ap);
}

void pieces_add_right(struct pieces *p, int rank, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(p, true, rank, style, fmt, ap);
	va_end(ap);
}

void pieces_add_safe(struct pieces *p, int rank, enum style style, const char *before, const char *text,
		     bool utf8)
{
	struct buf b = {0};

	if (!text || !text[0])
		return;
	text_safe(&b, text, utf8);
	pieces_add(p, rank, style, "%s%s", before, b.data);
	buf_free(&b);
}

/* All with their gaps. */
static unsigned int width(const struct pieces *p, unsigned int gap)
{
	unsigned int w = 0;

	for (unsigned int i = 0; i < p->n; i++)
		w += text_width(p->list[i].text) + gap;
	return w;
}

/* Drops the piece of the highest rank, of equal ones the last; false: all that are left stay. */
static bool drop(struct pieces *p)
{
	unsigned int worst = 0;

	for (unsigned int i = 1; i < p->n; i++)
		if (p->list[i].rank >= p->list[worst].rank)
			worst = i;
	if (!p->n || !p->list[worst].rank)
		return false;
	free(p->list[worst].text);
	p->n--;
	memmove(&p->list[worst], &p->list[worst + 1], (p->n - worst) * sizeof(*p->list));
	return true;
}

unsigned int pieces_draw(struct screen *s, struct area line, unsigned int gap, struct pieces *p,
			 unsigned int *x)
{
	unsigned int left = line.x, right = line.x + line.w;

	while (width(p, gap) > line.w + gap && drop(p))
		;
	/* what is to the right is placed first, so the left is what may be cut */
	for (unsigned int i = p->n; i-- > 0;) {
		unsigned int w = text_width(p->list[i].text);

		if (!p->list[i].right)
			continue;
		if (w > right - line.x)
			w = right - line.x;
		right -= w;
		draw_text(s, right, line.y, line.h ? w : 0, p->list[i].style, p->list[i].text);
		right -= right - line.x > gap ? gap : right - line.x;
	}
	for (unsigned int i = 0; i < p->n; i++) {
		if (!p->list[i].right && left < right) {
			left = draw_text(s, left, line.y, line.h ? right - left : 0, p->list[i].style,
					 p->list[i].text);
			left += gap;
		}
		free(p->list[i].text);
	}
	p->n = 0;
	*x = left < right ? left : right;
	return right - *x;
}
