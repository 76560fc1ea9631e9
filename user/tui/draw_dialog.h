/* SPDX-License-Identifier: GPL-2.0-only */
/* Dialogs: help, explanations, choices, lines that are typed.  Pure. */
#ifndef VMPERF_TUI_DRAW_DIALOG_H
#define VMPERF_TUI_DRAW_DIALOG_H

#include "draw_text.h"

/* Over all that has been drawn; footer: where lines are typed. */
void draw_dialog(struct draw *d, struct area footer);

/* What dialogs of all kinds are made of. */

/* A box of at most w by h, its frame not counted, in the middle; small screens it has for itself.  Returns
 * its inside, 0 high: there is no room. */
struct area dialog_box(struct screen *s, unsigned int w, unsigned int h, const char *title);

/* The lower edge of it: what keys do here, how it is left, and that from line top on of n are shown. */
void dialog_edge(struct screen *s, struct area in, unsigned int top, unsigned int n, const char *keys,
		 const char *leave);

/* The keys of a row of a table, as many as there is room for. */
#define DIALOG_KEYS_W 15
void dialog_keys(struct screen *s, unsigned int x, unsigned int y, const struct key_row *k);

/* A line that is being typed: its end is always seen; keys: how it is left. */
void dialog_typed(struct screen *s, struct area line, const char *label, const char *keys, const char *input);

#endif
