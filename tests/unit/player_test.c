// SPDX-License-Identifier: GPL-2.0-only
/* A record that the UI plays: where keys lead, what is shown there, what was before. */
#include "cmd/player.h"
#include "record_file.h"

static const struct options_list all;

/* Two sessions: samples 0 to 9, and 100 to 104, a second apart. */
static struct player begin(uint32_t at)
{
	record_session(0, 10);
	record_session(100, 105);
	return (struct player){.r = record_look(record_path), .vms = &all, .at = at};
}

static void end(struct player *p)
{
	record_reader_free(p->r);
	player_free(p);
}

/* Goes there; the seconds from the sample before, 0: there is none. */
static uint64_t go(struct player *p, uint32_t i)
{
	struct sample_ref *from, *to;
	char error[RECORD_ERROR] = "";
	uint64_t ret;

	ck_assert_msg(player_go(p, i, NULL, &from, &to, error), "%s", error);
	ck_assert_uint_eq(to->s.real_ns, record_entry(p->r, p->at)->real_ns);
	ret = from ? (to->s.real_ns - from->s.real_ns) / SECOND : 0;
	sample_ref_drop(from);
	sample_ref_drop(to);
	return ret;
}

START_TEST(places)
{
	struct player p = begin(0);

	/* the first one alone shows nothing */
	ck_assert_uint_eq(go(&p, 0), 1);
	ck_assert_uint_eq(p.at, 1);
	ck_assert_uint_eq(go(&p, 9), 1);
	ck_assert(!p.at_end);
	/* nothing is known of the time between sessions */
	ck_assert_uint_eq(go(&p, 10), 0);
	ck_assert_uint_eq(p.at, 10);
	ck_assert_uint_eq(go(&p, 14), 1);
	ck_assert(p.at_end);
	ck_assert_uint_eq(player_pause_ns(&p), 0);
	end(&p);
}
END_TEST

START_TEST(targets)
{
	static const struct {
		uint32_t at;
		int steps, seconds;
		uint32_t target;
	} cases[] = {
		{5, 1, 0, 6},    {5, -1, 0, 4},   {0, -1, 0, 0},   {14, 1, 0, 14}, {5, 100, 0, 14},
		{5, 0, 3, 8},    {5, 0, -3, 2},   {5, 0, -60, 0},  {5, 0, 60, 9},  {9, 0, 60, 10},
		{10, 0, 60, 14}, {14, 0, 60, 14}, {10, 0, -60, 9},
	};
	struct player p = begin(0);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		p.at = cases[i].at;
		ck_assert_msg(player_target(&p, cases[i].steps, cases[i].seconds) == cases[i].target,
			      "case %zu: %u", i, player_target(&p, cases[i].steps, cases[i].seconds));
	}
	end(&p);
}
END_TEST

START_TEST(pauses)
{
	struct player p = begin(3);

	ck_assert_uint_eq(player_pause_ns(&p), SECOND);
	/* a minute and a half between sessions is not waited for */
	p.at = 9;
	ck_assert_uint_eq(player_pause_ns(&p), 10 * SECOND);
	end(&p);
}
END_TEST

/* Totals are of the session, and follow it. */
START_TEST(beginnings)
{
	struct player p = begin(9);

	ck_assert_uint_eq(player_beginning(&p)->real_ns, record_entry(p.r, 0)->real_ns);
	p.at = 12;
	ck_assert_uint_eq(player_beginning(&p)->real_ns, record_entry(p.r, 10)->real_ns);
	p.at = 0;
	ck_assert_uint_eq(player_beginning(&p)->real_ns, record_entry(p.r, 0)->real_ns);
	end(&p);
}
END_TEST

/* Stops after so many samples. */
static bool counted_down(void *arg)
{
	return !(*(int *)arg)--;
}

static bool look_back(struct player *p, struct pulse *ret, int most)
{
	char error[RECORD_ERROR] = "";
	bool done = player_look_back(p, ret, counted_down, &most, error);

	ck_assert_str_eq(error, "");
	return done;
}

START_TEST(past)
{
	struct pulse *pulse = mem_zalloc(1, sizeof(*pulse));
	struct player p = begin(12);

	ck_assert(look_back(&p, pulse, 13));
	/* nine intervals of the first session, two of the second */
	ck_assert_uint_eq(pulse->ndigests, 11);
	for (unsigned int i = 0; i < 11; i++) {
		ck_assert_uint_eq(pulse->digests[i]->real_ns,
				  record_entry(p.r, i + (i < 9 ? 1 : 2))->real_ns);
		ck_assert_uint_eq(pulse->digests[i]->interval_ns, SECOND);
	}
	pulse_free(pulse);
	pulse = mem_zalloc(1, sizeof(*pulse));
	ck_assert(!look_back(&p, pulse, 12));
	pulse_free(pulse);
	end(&p);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("player");

	tcase_add_checked_fixture(u.tcase, record_setup, record_teardown);
	UNIT_ADD(u, places);
	UNIT_ADD(u, targets);
	UNIT_ADD(u, pauses);
	UNIT_ADD(u, beginnings);
	UNIT_ADD(u, past);
	return unit_run(u);
}
