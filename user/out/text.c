// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wchar.h>

static locale_t utf8_locale;

static void open_locale(void)
{
	utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* As text_character(), in a UTF-8 locale. */
static size_t character(const char *s, uint32_t *ch, unsigned int *columns)
{
	wchar_t c;
	mbstate_t state = {0};
	/* no character has more bytes than that */
	size_t n = mbrtowc(&c, s, strnlen(s, 4), &state);
	int w;

	*ch = 0;
	*columns = 1;
	if (n == 0 || n > 4)
		return 1;
	w = wcwidth(c);
	if (w >= 0) {
		*ch = (uint32_t)c;
		*columns = (unsigned int)w;
	}
	return n;
}

/*
 * Widths are those of the characters, whatever the program's own locale is:
 * that of C.UTF-8 is set for as long as one of the functions below measures.
 */
static locale_t enter_utf8(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, open_locale);
	return utf8_locale ? uselocale(utf8_locale) : (locale_t)0;
}

static void leave_utf8(locale_t before)
{
	if (before)
		uselocale(before);
}

size_t text_character(const char *s, uint32_t *ch, unsigned int *columns)
{
	locale_t before;
	size_t n;

	if ((unsigned char)*s < 0x80) {
		*ch = *s >= ' ' && *s != 0x7f ? (uint32_t)*s : 0;
		*columns = 1;
		return 1;
	}
	before = enter_utf8();
	n = character(s, ch, columns);
	leave_utf8(before);
	return n;
}

/* The bytes of s that fit into width columns; *columns: what they take. */
static size_t fitting(const char *s, unsigned int width, unsigned int *columns)
{
	locale_t before = enter_utf8();
	size_t n = 0;

	*columns = 0;
	while (s[n]) {
		uint32_t c;
		unsigned int w;
		size_t len = character(s + n, &c, &w);

		if (*columns + w > width)
			break;
		n += len;
		*columns += w;
	}
	leave_utf8(before);
	return n;
}

unsigned int text_width(const char *s)
{
	unsigned int columns;

	fitting(s, ~0U, &columns);
	return columns;
}

void text_safe(struct buf *b, const char *s, bool utf8)
{
	struct buf tmp = {0};

	buf_escape(&tmp, s, strlen(s));
	if (utf8) {
		buf_add(b, tmp.data, tmp.len);
	} else {
		buf_add(b, "", 0);
		for (size_t i = 0; i < tmp.len; i++) {
			if ((unsigned char)tmp.data[i] < 0x80)
				buf_add(b, &tmp.data[i], 1);
			else
				buf_printf(b, "\\x%02x", (unsigned char)tmp.data[i]);
		}
	}
	buf_free(&tmp);
}

void text_fit(struct buf *b, const char *s, unsigned int width, bool pad, bool utf8)
{
	unsigned int columns;
	size_t n = fitting(s, width, &columns);

	if (s[n] && width) {
		n = fitting(s, width - 1, &columns);
		buf_add(b, s, n);
		buf_puts(b, utf8 ? "…" : "~");
		columns++;
	} else {
		buf_add(b, s, n);
	}
	if (pad)
		buf_printf(b, "%*s", (int)(width - columns), "");
}

void text_wrap(struct buf *b, const char *s, unsigned int width, bool utf8)
{
	static const unsigned int indent = 2;
	struct buf word = {0};
	unsigned int used = 0;

	for (s += strspn(s, " "); *s; s += strspn(s, " ")) {
		size_t len = strcspn(s, " ");
		unsigned int columns, gap = used ? 1 : 0;

		word.len = 0;
		buf_add(&word, s, len);
		columns = text_width(word.data);
		if (used && used + gap + columns > width) {
			buf_printf(b, "\n%*s", (int)indent, "");
			used = indent;
			gap = 0;
		}
		if (gap)
			buf_puts(b, " ");
		text_fit(b, word.data, width - used - gap, false, utf8);
		used += gap + (columns < width - used - gap ? columns : width - used - gap);
		s += len;
	}
	buf_free(&word);
}
