/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands around every page: the host above it, keys and losses below.  Pure. */
#ifndef VMPERF_TUI_DRAW_FRAME_H
#define VMPERF_TUI_DRAW_FRAME_H

#include "draw_text.h"

/* Takes its lines off the area. */
void frame_header(struct draw *d, struct area *a);

/* The last line of the screen, once the page has been drawn. */
void frame_footer(struct draw *d, struct area line);

/* Draws n buttons, in shown, as many as there is room for: those of the highest rank go first.  Returns how
 * many, and in ret where. */
unsigned int frame_buttons(struct screen *s, struct area line, const struct key_row **shown, unsigned int n,
			   struct ui_button *ret);

#endif
