/* SPDX-License-Identifier: GPL-2.0-only */
/* A growing byte buffer: what formatters write into. */
#ifndef VMPERF_LIB_BUF_H
#define VMPERF_LIB_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data; /* always NUL-terminated once anything was added, else NULL */
	size_t len; /* without the NUL */
	size_t cap;
};

void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* A code point, in UTF-8. */
void buf_char(struct buf *b, uint32_t ch);

/*
 * Add len bytes of a text from elsewhere (a name, an argument): control bytes,
 * backslashes and bytes that are no UTF-8 are written \xNN, so that no escape
 * sequence ever reaches a terminal; also bidirectional and other invisible
 * format characters.
 */
void buf_escape(struct buf *b, const char *s, size_t len);

void buf_free(struct buf *b);

#endif
