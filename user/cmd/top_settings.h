/* SPDX-License-Identifier: GPL-2.0-only */
/* The file that keeps the UI's settings: $XDG_CONFIG_HOME/vmperf/settings, else ~/.config/vmperf/settings. */
#ifndef VMPERF_CMD_TOP_SETTINGS_H
#define VMPERF_CMD_TOP_SETTINGS_H

#include "../tui/state.h"

/* Takes what the file says; without one nothing changes.  Says so in the UI's footer when it makes no sense.
 */
void top_settings_load(struct ui *ui);

/* Writes the file anew, its directories with it.  False, with a line in the UI's footer: it cannot. */
bool top_settings_save(struct ui *ui);

#endif
