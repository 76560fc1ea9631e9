/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the UI remembers from one run to the next, as a text of lines
 * "key = value".  Pure: cmd/top_settings.c reads and writes the file.
 */
#ifndef VMPERF_TUI_SETTINGS_H
#define VMPERF_TUI_SETTINGS_H

#include "../lib/buf.h"
#include "state.h"

/*
 * Takes what the text says; keys that are not known, by a newer vmperf, are left alone, values that
 * make no sense are not taken.  Returns the number of the first line that was not taken, 0: all were.
 */
unsigned int settings_read(struct ui *ui, const char *text);

void settings_write(struct buf *b, const struct ui *ui);

#endif
