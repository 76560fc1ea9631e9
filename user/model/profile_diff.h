/* SPDX-License-Identifier: GPL-2.0-only */
/* Two profiles, compared: shares of each one's total, as perf diff does.  Pure. */
#ifndef VMPERF_MODEL_PROFILE_DIFF_H
#define VMPERF_MODEL_PROFILE_DIFF_H

#include "profile_rows.h"

struct profile_diff_row {
	const struct profile_row *a, *b; /* NULL: not there */
	double share_a, share_b;         /* of the total (of several events, of the row's), 0 to 1 */
};

struct profile_diff {
	struct profile_rows a, b; /* all rows */
	size_t n;
	struct profile_diff_row *rows; /* the largest change of the share first */
};

/*
 * VMs are matched by UUID, else by name; all else by its text.  Addresses never are keys.  Rows below
 * the filter's limit in both are left out; its event is a place in the lists of both, better PROFILE_NONE.
 */
void profile_diff_make(struct profile_diff *ret, const struct profile *a, const struct profile *b,
		       uint32_t keys, const struct profile_filter *f);
void profile_diff_free(struct profile_diff *d);

/* The text of a row's key, as profile_row_text(); of the side that has it, a before b. */
void profile_diff_text(const struct profile_diff *d, const struct profile_diff_row *row, enum profile_key k,
		       struct buf *ret);

#endif
