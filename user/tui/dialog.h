/* SPDX-License-Identifier: GPL-2.0-only */
/* What lies over a page: lists to choose from, texts to read, lines to type.  Pure. */
#ifndef VMPERF_TUI_DIALOG_H
#define VMPERF_TUI_DIALOG_H

#include "state.h"

/* Opens one, unless there is nothing that it could be about. */
void dialog_open(struct ui *ui, enum dialog d);

/* A key while one is open. */
struct ui_todo dialog_key(struct ui *ui, const struct input *in);

/* What a key does to a line of UI_TEXT bytes that is being typed; false: it types nothing. */
bool dialog_line_key(char *input, uint32_t key);

/* Sorts a page by a column; by the same one again: the other way round. */
void dialog_sort_by(struct ui *ui, enum page p, const struct column *c);

#endif
