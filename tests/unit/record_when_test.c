// SPDX-License-Identifier: GPL-2.0-only
/* Times in words, in time zones of which the system need know nothing. */
#include <time.h>

#include "record/record.h"
#include "unit.h"

#define SECOND 1000000000ULL

/* 2026-01-30 12:00:00 and 2026-01-31 15:30:00, UTC */
#define FIRST 1769774400ULL
#define LAST  1769873400ULL

static void zone(const char *tz)
{
	ck_assert(!setenv("TZ", tz, 1));
	tzset();
}

/* The seconds since 1970 that are meant; 0: none is. */
static uint64_t when(const char *text, uint64_t first, uint64_t last)
{
	uint64_t ns = 4711;

	if (!record_when(text, first * SECOND, last * SECOND, &ns))
		return 0;
	ck_assert_uint_eq(ns % SECOND, 0);
	return ns / SECOND;
}

START_TEST(words)
{
	uint64_t ns;

	zone("UTC0");
	ck_assert_uint_eq(when("start", FIRST, LAST), FIRST);
	ck_assert_uint_eq(when("end", FIRST, LAST), LAST);
	ck_assert_uint_eq(when("@1769800000", FIRST, LAST), 1769800000);
	ck_assert_uint_eq(when("+90s", FIRST, LAST), FIRST + 90);
	ck_assert_uint_eq(when("+2", FIRST, LAST), FIRST + 2);
	ck_assert_uint_eq(when("-1h", FIRST, LAST), LAST - 3600);
	ck_assert(record_when("+1.5ms", 7, 9, &ns));
	ck_assert_uint_eq(ns, 1500007);
	/* past all ends */
	ck_assert(record_when("-10", 7, 9, &ns));
	ck_assert_uint_eq(ns, 0);
	ck_assert(record_when("+99999999999999999999d", 7, 9, &ns));
	ck_assert_uint_eq(ns, UINT64_MAX);
	ck_assert_uint_eq(when("2026-01-31 15:04:05", FIRST, LAST), 1769871845);
	ck_assert_uint_eq(when("2026-01-31T15:04:05", FIRST, LAST), 1769871845);
	ck_assert_uint_eq(when("2026-01-31 15:04", FIRST, LAST), 1769871840);
	/* outside the record, too */
	ck_assert_uint_eq(when("2001-09-09 01:46:40", FIRST, LAST), 1000000000);
	ck_assert_uint_eq(when("2028-02-29 00:00", FIRST, LAST), 1835395200);
}
END_TEST

START_TEST(what_is_none)
{
	static const char *const texts[] = {
		"",
		" ",
		"15",
		"15:",
		"15:4",
		"5:04",
		"15:04:5",
		"15:04:",
		"15:04:05:",
		"15:04 ",
		" 15:04",
		"24:00",
		"15:60",
		"15:04:60",
		"+",
		"-",
		"@",
		"@-1",
		"@1.5",
		"@18446744074",
		"@99999999999999999999",
		"+x",
		"--1",
		"+-1",
		"start ",
		"END",
		"now",
		"2026-01-31",
		"2026-01-31 ",
		"2026-01-31x15:04",
		"2026-1-31 15:04",
		"2026-02-29 15:04",
		"2026-13-01 15:04",
		"2026-00-01 15:04",
		"2026-01-00 15:04",
		"2026-01-32 15:04",
		"1960-01-01 00:00",
		"9999-01-01 00:00",
		"26-01-31 15:04",
		"15:04-",
		"15-04",
		"\xff:\xff\xff",
	};
	uint64_t ns;

	zone("UTC0");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ck_assert_msg(!record_when(texts[i], FIRST * SECOND, LAST * SECOND, &ns), "\"%s\"", texts[i]);
}
END_TEST

START_TEST(local_time)
{
	zone("XXX-5:30");
	/* the end is at 21:00 there */
	ck_assert_uint_eq(when("20:00", FIRST, LAST), LAST - 3600);
	ck_assert_uint_eq(when("2026-01-31 20:00", FIRST, LAST), LAST - 3600);
	zone("XXX10");
	/* the end is at 05:30 there */
	ck_assert_uint_eq(when("05:00:30", FIRST, LAST), LAST - 30 * 60 + 30);
}
END_TEST

/* A time without a day is one in the record, if there is any. */
START_TEST(over_midnight)
{
	const uint64_t midnight = 1769817600; /* 2026-01-31 00:00 */

	zone("UTC0");
	ck_assert_uint_eq(when("00:05", midnight - 600, midnight + 600), midnight + 300);
	ck_assert_uint_eq(when("23:55", midnight - 600, midnight + 600), midnight - 300);
	/* neither day's is: that of the last day */
	ck_assert_uint_eq(when("12:00", midnight - 600, midnight + 600), midnight + 12 * 3600);
	ck_assert_uint_eq(when("00:15", midnight - 600, midnight + 600), midnight + 900);
	/* the last one of several */
	ck_assert_uint_eq(when("00:05", midnight - 5 * 86400, midnight + 600), midnight + 300);
	ck_assert_uint_eq(when("00:15", midnight - 5 * 86400, midnight + 600), midnight + 900 - 86400);
}
END_TEST

/* Clocks go an hour ahead on 2026-03-29 at 02:00, and back on 2026-10-25 at 03:00. */
START_TEST(daylight_saving)
{
	const uint64_t ahead = 1774746000; /* 01:00 UTC */
	const uint64_t back = 1792890000;  /* 01:00 UTC */

	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	ck_assert_uint_eq(when("2026-03-29 01:59:59", ahead, ahead), ahead - 1);
	ck_assert_uint_eq(when("2026-03-29 03:00", ahead, ahead), ahead);
	/* that hour is left out */
	ck_assert_uint_eq(when("2026-03-29 02:30", ahead, ahead), 0);
	/* and that is there twice: the one that the record has, else the first one */
	ck_assert_uint_eq(when("2026-10-25 02:30", back - 3600, back - 1), back - 1800);
	ck_assert_uint_eq(when("2026-10-25 02:30", back, back + 3600), back + 1800);
	ck_assert_uint_eq(when("02:30", back, back + 3600), back + 1800);
	ck_assert_uint_eq(when("2026-10-25 02:30", back - 7200, back + 7200), back - 1800);
	ck_assert_uint_eq(when("2026-10-25 02:30", 1000000000, 1000000001), back - 1800);
	/* after a day of 25 hours */
	ck_assert_uint_eq(when("12:00", back - 86400, back + 86400), back + 10 * 3600);
	ck_assert_uint_eq(when("2026-07-01 12:00", ahead, back), 1782900000);
	ck_assert_uint_eq(when("2026-12-01 12:00", ahead, back), 1796122800);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("record_when");

	UNIT_ADD(u, words);
	UNIT_ADD(u, what_is_none);
	UNIT_ADD(u, local_time);
	UNIT_ADD(u, over_midnight);
	UNIT_ADD(u, daylight_saving);
	return unit_run(u);
}
