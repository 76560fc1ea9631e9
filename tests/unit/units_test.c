// SPDX-License-Identifier: GPL-2.0-only
/* Numbers as text: rounding at every change of unit, and no result wider than promised. */
#include <math.h>
#include <string.h>

#include "lib/units.h"
#include "unit.h"

static void ns(double v, const char *want)
{
	char s[UNITS_SIZE];

	ck_assert_str_eq(units_ns(v, s), want);
}

static void count(double v, const char *want)
{
	char s[UNITS_SIZE];

	ck_assert_str_eq(units_count(v, s), want);
}

static void ratio(double v, const char *want)
{
	char s[UNITS_SIZE];

	ck_assert_str_eq(units_ratio(v, s), want);
}

START_TEST(times)
{
	ns(0, "0ns");
	ns(0.4, "0ns");
	ns(1, "1ns");
	ns(999, "999ns");
	ns(999.4, "999ns");
	ns(999.6, "1.00us");
	ns(1000, "1.00us");
	ns(1236, "1.24us");
	ns(9994, "9.99us");
	ns(9996, "10.0us");
	ns(12345, "12.3us");
	ns(99960, "100us");
	ns(999499, "999us");
	ns(999501, "1.00ms");
	ns(3.4e6, "3.40ms");
	ns(1e9, "1.00s");
	ns(999.4e9, "999s");
	ns(1000e9, "16.7m");
	ns(86400e9, "24.0h");
	ns(40 * 86400e9, "960h");
	ns(100 * 86400e9, "100d");
	ns(18446744073709551615.0, "585y");
	ns(1e30, ">999y");
	ns(NAN, "-");
	ns(-1, "-");
}
END_TEST

START_TEST(counts)
{
	count(0, "0");
	count(0.001, "<0.01");
	count(0.005, "0.01");
	count(0.4, "0.40");
	count(1, "1");
	count(1.5, "1.50");
	count(999, "999");
	count(999.4, "999");
	count(999.6, "1.00k");
	count(1000, "1.00k");
	count(12345, "12.3k");
	count(99960, "100k");
	count(999600, "1.00M");
	count(2.5e9, "2.50G");
	count(2.5e12, "2.50T");
	count(2.5e15, "2.50P");
	count(18446744073709551615.0, "18.4E");
	count(1e30, ">999E");
	count(NAN, "-");
	count(-0.1, "-");
}
END_TEST

START_TEST(ratios)
{
	ratio(0, "0.0%");
	ratio(1e-9, "<0.1%");
	ratio(0.00051, "0.1%");
	ratio(0.0455, "4.5%");
	ratio(0.9994, "99.9%");
	ratio(0.9996, "100%");
	ratio(1, "100%");
	ratio(2.5, "250%");
	ratio(99, "9900%");
	ratio(1e9, ">999%");
	ratio(NAN, "-");
	ratio(-1, "-");
}
END_TEST

/* Many magnitudes, just below and above each rounding. */
START_TEST(never_wider)
{
	char s[UNITS_SIZE];

	for (double base = 1e-6; base < 1e25; base *= 1.0123) {
		ck_assert_uint_le(strlen(units_ns(base, s)), UNITS_NS_WIDTH);
		ck_assert_uint_le(strlen(units_count(base, s)), UNITS_COUNT_WIDTH);
		ck_assert_uint_le(strlen(units_ratio(base, s)), UNITS_RATIO_WIDTH);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("units");

	UNIT_ADD(u, times);
	UNIT_ADD(u, counts);
	UNIT_ADD(u, ratios);
	UNIT_ADD(u, never_wider);
	return unit_run(u);
}
