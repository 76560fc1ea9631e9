// SPDX-License-Identifier: GPL-2.0-only
#include "quantile.h"

#include <math.h>

uint64_t bucket_last(unsigned int k)
{
	return k >= VMP_HIST - 1 ? UINT64_MAX : (2ULL << k) - 1;
}

double quantile(const uint64_t hist[VMP_HIST], double q, uint64_t max_ns)
{
	double max = (double)max_ns, total = 0, below = 0, rank, low, high, part;
	unsigned int k, last = 0;

	for (k = 0; k < VMP_HIST; k++) {
		total += (double)hist[k];
		if (hist[k])
			last = k;
	}
	if (total <= 0)
		return NAN;
	rank = q * total;
	/* the rank may exceed the sum by rounding: the last bucket takes it */
	for (k = 0; k < last && below + (double)hist[k] < rank; k++)
		below += (double)hist[k];
	while (!hist[k])
		k++;
	low = k ? (double)(1ULL << k) : 0;
	/* the last bucket has no upper end but the maximum */
	high = k < VMP_HIST - 1 ? fmin((double)(2ULL << k), max) : max;
	part = fmin(fmax((rank - below) / (double)hist[k], 0), 1);

	return fmin(low + (fmax(high, low) - low) * part, max);
}

uint64_t view_max(uint64_t before, uint64_t after, const uint64_t hist[VMP_HIST], bool *exact)
{
	unsigned int k = VMP_HIST;

	*exact = true;
	if (after > before)
		return after;
	while (k && !hist[k - 1])
		k--;
	if (!k)
		return 0;
	*exact = false;
	return bucket_last(k - 1) < after ? bucket_last(k - 1) : after;
}
