/* SPDX-License-Identifier: GPL-2.0-only */
/* Screens as bytes: for tests, and for pictures.  Pure. */
#ifndef VMPERF_TUI_DUMP_H
#define VMPERF_TUI_DUMP_H

#include "../lib/buf.h"
#include "screen.h"
#include "theme.h"

/* Adds its lines, without the blanks at their ends. */
void dump_text(struct buf *b, const struct screen *s);

/* The same with colours and attributes as a terminal takes them (ECMA-48's SGR); each line begins plain. */
void dump_ansi(struct buf *b, const struct screen *s, enum theme_name theme, enum theme_depth depth);

/* Adds a picture (SVG 1.1) that needs nothing but some monospace font; the default theme is shown on black.
 */
void dump_svg(struct buf *b, const struct screen *s, enum theme_name theme);

#endif
