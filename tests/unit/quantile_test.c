// SPDX-License-Identifier: GPL-2.0-only
/* What a log2 histogram tells of times, and what it must not pretend to know. */
#include <math.h>

#include "model/quantile.h"
#include "samples.h"
#include "unit.h"

static uint64_t hist[VMP_HIST];

static void clear(void)
{
	memset(hist, 0, sizeof(hist));
}

static void near(double a, double b)
{
	ck_assert_double_eq_tol(a, b, 1e-6);
}

START_TEST(empty)
{
	clear();
	ck_assert(isnan(quantile(hist, 0.5, 0)));
	ck_assert(isnan(quantile(hist, 0.99, 12345)));
}
END_TEST

START_TEST(interpolates)
{
	clear();
	hist[10] = 100; /* 1024 .. 2047 */
	near(quantile(hist, 0.5, 1000000), 1024 + 512);
	near(quantile(hist, 0.99, 1000000), 1024 + 1024 * 0.99);
	near(quantile(hist, 1, 1000000), 2048);
	/* the same when the maximum is in the bucket: it ends there */
	near(quantile(hist, 0.5, 1224), 1124);
	near(quantile(hist, 1, 1224), 1224);
}
END_TEST

START_TEST(across_buckets)
{
	clear();
	hist[3] = 90; /* 8 .. 15 */
	hist[20] = 10;
	near(quantile(hist, 0.5, 2000000), 8 + 8 * 50.0 / 90);
	near(quantile(hist, 0.9, 2000000), 16);
	near(quantile(hist, 0.95, 2000000), 1048576 + (2000000 - 1048576) * 0.5);
	near(quantile(hist, 0.99, 2000000), 1048576 + (2000000 - 1048576) * 0.9);
	/* an exact share of the buckets below stays below */
	ck_assert(quantile(hist, 0.9, 2000000) <= 16);
}
END_TEST

START_TEST(ends)
{
	clear();
	hist[0] = 4; /* 0 and 1 */
	near(quantile(hist, 0.5, 1), 0.5);
	near(quantile(hist, 0.5, 0), 0);
	clear();
	hist[VMP_HIST - 1] = 2; /* no upper end but the maximum */
	near(quantile(hist, 0.5, 10 * SECOND), 2147483648.0 + (1e10 - 2147483648.0) / 2);
	near(quantile(hist, 1, 10 * SECOND), 1e10);
}
END_TEST

START_TEST(never_above_maximum)
{
	for (uint64_t t = 1; t < 100 * SECOND; t = t * 3 + 1) {
		clear();
		hist[sample_bucket(t)] = 3;
		hist[sample_bucket(t / 2)] += 7;
		for (double q = 0.01; q <= 1; q += 0.01)
			ck_assert(quantile(hist, q, t) <= (double)t);
	}
}
END_TEST

START_TEST(huge_counts)
{
	clear();
	for (int i = 0; i < VMP_HIST; i++)
		hist[i] = UINT64_MAX;
	ck_assert(quantile(hist, 0.5, UINT64_MAX) > 0);
	ck_assert(quantile(hist, 1, UINT64_MAX) <= 18446744073709551615.0);
}
END_TEST

START_TEST(bucket_ends)
{
	ck_assert_uint_eq(bucket_last(0), 1);
	ck_assert_uint_eq(bucket_last(1), 3);
	ck_assert_uint_eq(bucket_last(10), 2047);
	ck_assert_uint_eq(bucket_last(VMP_HIST - 2), (1ULL << (VMP_HIST - 1)) - 1);
	ck_assert(bucket_last(VMP_HIST - 1) == UINT64_MAX);
}
END_TEST

START_TEST(maximum)
{
	bool exact;

	/* it grew: that is it */
	clear();
	hist[10] = 1;
	ck_assert_uint_eq(view_max(0, 1500, hist, &exact), 1500);
	ck_assert(exact);
	ck_assert_uint_eq(view_max(1499, 1500, hist, &exact), 1500);
	ck_assert(exact);
	/* it did not: at most the end of the bucket */
	ck_assert_uint_eq(view_max(9000, 9000, hist, &exact), 2047);
	ck_assert(!exact);
	/* and at most the maximum itself */
	ck_assert_uint_eq(view_max(1500, 1500, hist, &exact), 1500);
	ck_assert(!exact);
	/* the last bucket has no end */
	hist[VMP_HIST - 1] = 1;
	ck_assert_uint_eq(view_max(7 * SECOND, 7 * SECOND, hist, &exact), 7 * SECOND);
	ck_assert(!exact);
	/* nothing finished */
	clear();
	ck_assert_uint_eq(view_max(9000, 9000, hist, &exact), 0);
	ck_assert(exact);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("quantile");

	UNIT_ADD(u, empty);
	UNIT_ADD(u, interpolates);
	UNIT_ADD(u, across_buckets);
	UNIT_ADD(u, ends);
	UNIT_ADD(u, never_above_maximum);
	UNIT_ADD(u, huge_counts);
	UNIT_ADD(u, bucket_ends);
	UNIT_ADD(u, maximum);
	return unit_run(u);
}
