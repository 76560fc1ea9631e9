/* SPDX-License-Identifier: GPL-2.0-only */
/* How many of the CPUs' counters are free right now: found out by using them for a moment. */
#ifndef VMPERF_PROBE_COUNTERS_H
#define VMPERF_PROBE_COUNTERS_H

#include "../host/pmu.h"

struct counters {
	unsigned int most; /* as many general events the kernel takes at once */
	unsigned int free; /* so many of them have found a counter, on the CPU with the fewest */
};

/* 0, or -errno: not even one event can be opened. */
int counters_measure(const struct pmus *p, uint32_t ncpus, struct counters *ret);

#endif
