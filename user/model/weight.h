/* SPDX-License-Identifier: GPL-2.0-only */
/* The order of exit reasons, of several VMs together: what takes most time first. */
#ifndef VMPERF_MODEL_WEIGHT_H
#define VMPERF_MODEL_WEIGHT_H

#include "view.h"

struct weight {
	uint64_t ns, count;
	size_t order; /* keeps equal ones as they were */
};

/* Of an exit's handling; e NULL: of a user-space exit. */
struct weight weight_of(const struct view_exit *e, const struct view_uexit *u, size_t order);

/* For qsort(), of what begins with a struct weight: most time first, then most often. */
int weight_compare(const void *a, const void *b);

#endif
