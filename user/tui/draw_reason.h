/* SPDX-License-Identifier: GPL-2.0-only */
/* The page of one exit reason: its figures, its times as a histogram and over time, its vCPUs.  Pure. */
#ifndef VMPERF_TUI_DRAW_REASON_H
#define VMPERF_TUI_DRAW_REASON_H

#include "draw_text.h"

void draw_reason(struct draw *d, struct area a);

#endif
