// SPDX-License-Identifier: GPL-2.0-only
/* How long what the exporter has made is given out again, by a made-up clock. */
#include "cmd/export_pace.h"

#include "unit.h"

#define MS 1000000ULL

START_TEST(nothing_made_is_not_fresh)
{
	struct pace p = {0};

	ck_assert(!pace_is_fresh(&p, 0));
	ck_assert(!pace_is_fresh(&p, 50 * MS));
	ck_assert(!pace_is_fresh(&p, UINT64_MAX));
}
END_TEST

START_TEST(what_costs_little_is_fresh_for_a_moment)
{
	struct pace p = {0};

	pace_begin(&p, 1000 * MS);
	pace_spent(&p, 1000 * MS, 1001 * MS);
	ck_assert(pace_is_fresh(&p, 1001 * MS));
	ck_assert(pace_is_fresh(&p, 1100 * MS - 1));
	ck_assert(!pace_is_fresh(&p, 1100 * MS));
	/* anew: the age counts from then */
	pace_begin(&p, 1100 * MS);
	ck_assert(pace_is_fresh(&p, 1200 * MS - 1));
	ck_assert(!pace_is_fresh(&p, 1200 * MS));
}
END_TEST

START_TEST(what_costs_much_is_fresh_for_longer)
{
	struct pace p = {0};

	pace_begin(&p, 1000 * MS);
	pace_spent(&p, 1000 * MS, 1200 * MS);
	ck_assert(pace_is_fresh(&p, 1800 * MS - 1));
	ck_assert(!pace_is_fresh(&p, 1800 * MS));
	/* another page of the same figures */
	pace_spent(&p, 1500 * MS, 1550 * MS);
	ck_assert(pace_is_fresh(&p, 2000 * MS - 1));
	ck_assert(!pace_is_fresh(&p, 2000 * MS));
	/* what was spent before does not count again */
	pace_begin(&p, 2000 * MS);
	pace_spent(&p, 2000 * MS, 2001 * MS);
	ck_assert(!pace_is_fresh(&p, 2100 * MS));
}
END_TEST

/* Somebody who asks as fast as answers come, for several pages, whatever each costs. */
START_TEST(a_quarter_at_most)
{
	for (uint64_t cost = 1; cost < 5000 * MS; cost = cost * 3 + 7) {
		uint64_t now = 77 * MS, busy = 0, first = now;
		struct pace p = {0};

		for (int i = 0; i < 1000; i++) {
			if (!pace_is_fresh(&p, now)) {
				/* all but the last round is over */
				MANY(busy * 4 <= now - first + (now == first ? cost : 0));
				pace_begin(&p, now);
				for (int page = 0; page < 3; page++) {
					pace_spent(&p, now, now + cost);
					now += cost;
					busy += cost;
				}
			} else {
				now += cost / 5 + MS;
			}
		}
		ck_assert_uint_ge(busy, 3 * cost);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("export_pace");

	UNIT_ADD(u, nothing_made_is_not_fresh);
	UNIT_ADD(u, what_costs_little_is_fresh_for_a_moment);
	UNIT_ADD(u, what_costs_much_is_fresh_for_longer);
	UNIT_ADD(u, a_quarter_at_most);
	return unit_run(u);
}
