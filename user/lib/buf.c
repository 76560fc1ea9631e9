// SPDX-License-Identifier: GPL-2.0-only
#include "buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not log_err(): it formats into a buffer. */
static _Noreturn void out_of_memory(void)
{
	static const char line[] = "vmperf: out of memory\n";

	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		_exit(1);
	exit(1);
}

/* Room for len more bytes and the NUL. */
static void grow(struct buf *b, size_t len)
{
	size_t cap = b->cap ? b->cap : 64;
	char *data;

	if (len >= SIZE_MAX / 2 - b->len)
		out_of_memory();
	if (b->data && b->len + len < b->cap)
		return;
	while (cap <= b->len + len)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data)
		out_of_memory();
	b->data = data;
	b->cap = cap;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	grow(b, len);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	grow(b, 0);
	va_copy(again, ap);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	if (n > 0 && (size_t)n >= b->cap - b->len) {
		grow(b, (size_t)n);
		n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, again);
	}
	va_end(again);
	if (n > 0)
		b->len += (size_t)n;
	b->data[b->len] = '\0';
}

void buf_char(struct buf *b, uint32_t ch)
{
	unsigned char bytes[4] = {(unsigned char)ch};
	size_t n = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; n > 1 && i; i--, ch >>= 6)
		bytes[i] = 0x80 | (ch & 0x3f);
	if (n > 1)
		bytes[0] = (unsigned char)(0xf00 >> n | ch);
	buf_add(b, bytes, n);
}

/*
 * The character at s, of at most len bytes: its length, 0 if it is no
 * well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, nothing overlong).
 */
static size_t decode(const unsigned char *s, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = s[0];
	size_t n, i;

	if (c < 0x80) {
		*ret = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf) {
		n = 2;
		c &= 0x1f;
	} else if (c >= 0xe0 && c <= 0xef) {
		n = 3;
		c &= 0x0f;
	} else if (c >= 0xf0 && c <= 0xf4) {
		n = 4;
		c &= 0x07;
	} else {
		return 0;
	}
	if (n > len)
		return 0;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

/*
 * Characters that show as nothing, or change how others show: Unicode's
 * general categories Cc, Cf, Zl, Zp, and default-ignorable code points
 * (DerivedCoreProperties.txt).  Noncharacters too.
 */
static bool hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
		{0x0600, 0x0605},   {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},
		{0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x115f, 0x1160},   {0x17b4, 0x17b5},
		{0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
		{0x3164, 0x3164},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
		{0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd},
		{0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
		{0xe0000, 0xe0fff},
	};
	size_t lo = 0, hi = sizeof(ranges) / sizeof(ranges[0]);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c > ranges[mid].last)
			lo = mid + 1;
		else if (c < ranges[mid].first)
			hi = mid;
		else
			return true;
	}
	return (c & 0xfffe) == 0xfffe; /* the last two code points of each plane */
}

void buf_escape(struct buf *b, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i, n, k;

	grow(b, len);
	for (i = 0; i < len; i += n) {
		uint32_t c = 0;

		n = decode(p + i, len - i, &c);
		if (n && c != '\\' && !hidden(c)) {
			buf_add(b, p + i, n);
			continue;
		}
		n = n ? n : 1;
		for (k = 0; k < n; k++)
			buf_printf(b, "\\x%02x", p[i + k]);
	}
	b->data[b->len] = '\0';
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){0};
}
