/* SPDX-License-Identifier: GPL-2.0-only */
/* The page of the host: what vmperf can see here, and what not.  Pure. */
#ifndef VMPERF_TUI_DRAW_HOST_H
#define VMPERF_TUI_DRAW_HOST_H

#include "draw_text.h"

void draw_host(struct draw *d, struct area a);

#endif
