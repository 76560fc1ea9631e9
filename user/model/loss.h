/* SPDX-License-Identifier: GPL-2.0-only */
/* What could not be counted, by cause. */
#ifndef VMPERF_MODEL_LOSS_H
#define VMPERF_MODEL_LOSS_H

#include "../../bpf/vmperf.h"

/* JSON keys, and the values of the label "cause". */
const char *loss_name(enum vmp_loss cause);

/* One sentence on what is missing because of it. */
const char *loss_help(enum vmp_loss cause);

#endif
