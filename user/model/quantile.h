/* SPDX-License-Identifier: GPL-2.0-only */
/* What a log2 histogram (bucket k: 2^k to 2^(k+1) - 1 ns, see VMP_HIST) can tell. */
#ifndef VMPERF_MODEL_QUANTILE_H
#define VMPERF_MODEL_QUANTILE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/vmperf.h"

/*
 * The q-quantile (0 < q <= 1) in ns, interpolated inside its bucket and never
 * above max_ns, the longest time known.  NAN when the histogram is empty.
 */
double quantile(const uint64_t hist[VMP_HIST], double q, uint64_t max_ns);

/* The longest time that bucket k can hold; UINT64_MAX for the last one. */
uint64_t bucket_last(unsigned int k);

/*
 * The longest time of an interval: before and after are the running maxima at
 * its ends, hist what the interval added.  *exact says whether it is that:
 * a maximum that did not grow leaves only an upper bound, by the highest bucket
 * in use and by the maximum itself.  0 and exact when the histogram is empty.
 */
uint64_t view_max(uint64_t before, uint64_t after, const uint64_t hist[VMP_HIST], bool *exact);

#endif
