/* SPDX-License-Identifier: GPL-2.0-only */
/* Two profiles, compared: shares of each one's total, as perf diff does.  Pure. */
#ifndef VMPERF_MODEL_PROFILE_DIFF_H
#define VMPERF_MODEL_PROFILE_DIFF_H

#include "profile_rows.h"

struct profile_diff_row {
	const struct profile_row *a, *b; /* NULL: not there */
	double share_a, share_b;         /* of the total, 0 to 1 */
};

struct profile_diff {
	struct profile_rows a, b;
	size_t n;
	struct profile_diff_row *rows; /* the largest change of the share first */
};

/* VMs are matched by UUID, else by name; all else by its text.  Addresses never are keys. */
void profile_diff_make(struct profile_diff *ret, const struct profile *a, const struct profile *b,
		       uint32_t keys, const struct profile_filter *f);
void profile_diff_free(struct profile_diff *d);

#endif
