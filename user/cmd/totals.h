/* SPDX-License-Identifier: GPL-2.0-only */
/* Since when totals are: what was hidden is not collected, so not all of them are from the first sample on.
 */
#ifndef VMPERF_CMD_TOTALS_H
#define VMPERF_CMD_TOTALS_H

#include "pulse.h"

/* Zeroed: all is from the first sample on. */
struct totals {
	struct sample_ref *since[32]; /* by bit of METRIC_NEEDS_*; NULL: the first sample */
};

/* What is needed for these is collected anew from this sample on. */
void totals_begin(struct totals *t, uint32_t needs, struct sample_ref *from);

/* The sample from which on all of these have been collected; else first. */
const struct sample *totals_since(const struct totals *t, uint32_t needs, const struct sample *first);

void totals_free(struct totals *t);

#endif
