/* SPDX-License-Identifier: GPL-2.0-only */
/* Screens: the state, drawn into cells.  Pure. */
#ifndef VMPERF_TUI_DRAW_H
#define VMPERF_TUI_DRAW_H

#include "screen.h"
#include "state.h"

/* Draws everything, at the size of s; writes ui->layout, and places' and pages' first rows and columns. */
void ui_draw(struct ui *ui, struct screen *s);

#endif
