/* SPDX-License-Identifier: GPL-2.0-only */
/* Ways from place to place, and from row to row.  Pure. */
#ifndef VMPERF_TUI_PLACE_H
#define VMPERF_TUI_PLACE_H

#include "state.h"

/* Into what the selected row is about. */
void place_enter(struct ui *ui);

/* Where Enter came from; a filter goes first. */
void place_back(struct ui *ui);

/* Another page on the same VM or vCPU. */
void place_page(struct ui *ui, enum page p);

/* Selects a row; the last one if there are not so many. */
void place_select(struct ui *ui, unsigned int row);

/* What moves the selection; false: this does something else. */
bool place_move(struct ui *ui, enum act act);

/* Sees to it that the selected column is one that is shown. */
void place_settle(struct ui *ui);

#endif
