/* SPDX-License-Identifier: GPL-2.0-only */
/* The overview of one VM, or of one of its vCPUs.  Pure. */
#ifndef VMPERF_TUI_DRAW_VM_H
#define VMPERF_TUI_DRAW_VM_H

#include "draw_text.h"

/* The place's VM is there, and the vCPU, if it is of one. */
void draw_overview(struct draw *d, struct area a);

#endif
