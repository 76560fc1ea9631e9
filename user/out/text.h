/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in columns of a terminal: measured, cut, padded, wrapped. */
#ifndef VMPERF_OUT_TEXT_H
#define VMPERF_OUT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/buf.h"

/*
 * The first character of s, which is not empty: its bytes, its code point and the columns that it takes
 * (0: it combines with the one before).  A byte that is no UTF-8, and what has no width, is *ch 0, one
 * column.
 */
size_t text_character(const char *s, uint32_t *ch, unsigned int *columns);

/* Columns that text takes; it is UTF-8 with nothing hidden in it, as buf_escape() makes it. */
unsigned int text_width(const char *s);

/* Adds s (from anywhere) as it may be shown: as buf_escape() does, and without utf8 in ASCII only (\xNN). */
void text_safe(struct buf *b, const char *s, bool utf8);

/*
 * Adds s, cut to width columns, what was cut marked by "…" ("~" without utf8);
 * padded to width with blanks after it if pad.
 */
void text_fit(struct buf *b, const char *s, unsigned int width, bool pad, bool utf8);

/* Adds lines of at most width columns, broken at blanks, all but the first indented by 2; each ends in "\n".
 */
void text_wrap(struct buf *b, const char *s, unsigned int width, bool utf8);

#endif
