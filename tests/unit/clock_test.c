// SPDX-License-Identifier: GPL-2.0-only
#include "lib/clock.h"

#include "unit.h"

#define MS 1000000ULL

START_TEST(until_it_is_due)
{
	ck_assert_int_eq(clock_poll_ms(5 * MS, 5 * MS), 0);
	ck_assert_int_eq(clock_poll_ms(5 * MS, 6 * MS), 0);
	/* a turn before its time would do nothing */
	ck_assert_int_eq(clock_poll_ms(5 * MS + 1, 5 * MS), 1);
	ck_assert_int_eq(clock_poll_ms(6 * MS, 5 * MS), 1);
	ck_assert_int_eq(clock_poll_ms(6 * MS + 1, 5 * MS), 2);
}
END_TEST

START_TEST(a_minute_at_most)
{
	ck_assert_int_eq(clock_poll_ms(60000 * MS, 0), 60000);
	ck_assert_int_eq(clock_poll_ms(60001 * MS, 0), 60000);
	ck_assert_int_eq(clock_poll_ms(UINT64_MAX, 0), 60000);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("clock");

	UNIT_ADD(u, until_it_is_due);
	UNIT_ADD(u, a_minute_at_most);
	return unit_run(u);
}
