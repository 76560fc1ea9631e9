/* SPDX-License-Identifier: GPL-2.0-only */
/* Log2 buckets.  No helper, no map: also built into the unit tests. */
#ifndef VMPERF_HIST_BPF_H
#define VMPERF_HIST_BPF_H

#include "vmperf.h"

/* The bucket of ns: floor(log2(ns)), at most VMP_HIST - 1; 0 for 0. */
static inline __u32 hist_bucket(__u64 ns)
{
	__u32 k = 0;

	if (ns >> (VMP_HIST - 1))
		return VMP_HIST - 1;
	if (ns >> 16) {
		ns >>= 16;
		k += 16;
	}
	if (ns >> 8) {
		ns >>= 8;
		k += 8;
	}
	if (ns >> 4) {
		ns >>= 4;
		k += 4;
	}
	if (ns >> 2) {
		ns >>= 2;
		k += 2;
	}
	return k + (ns >> 1 != 0);
}

#endif
