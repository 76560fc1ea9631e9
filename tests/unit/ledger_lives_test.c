// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole lives of vCPU threads, also with events missing, swapped, or read from
 * clocks that differ.  Each event is told to three: the ledger's complete
 * functions, its fast ones first, and the definition (life.h).  The two slots
 * must be the same byte for byte, and their figures those of the definition.
 */
#include <stdlib.h>

#include "life.h"

static struct vmp_slot slot, fast;
static struct life life;

/* One event to all three; "" or what is wrong then. */
static const char *tell(const struct event *ev, bool compare)
{
	static uint64_t last;
	const char *wrong;

	if (ev->kind != 'W')
		last = ev->now;
	story_tell(&slot, false, ev);
	story_tell(&fast, true, ev);
	life_event(&life, ev);
	wrong = story_broken(&slot, last);
	if (!*wrong && memcmp(&slot, &fast, sizeof(slot)))
		wrong = "the fast functions leave another slot";
	if (!*wrong && compare)
		wrong = life_differs(&slot, &life);
	return wrong;
}

/* Lives in which each kind of event follows each other kind that it can. */
static const char *const lives[] = {
	/* preempted in the guest's, KVM's and the VMM's time */
	"B100 E130 X150:7b E180 O190:wait I220 X230:7b O240:wait I260 E270 X280:1 U300:2 O310:wait I350 "
	"E370 X390:7b E420 Z450",
	/* blocked in KVM and in the VMM */
	"B100 E130 X150:7b O160:sleep W200 I230 E240 X270:7b U290:2 O300:sleep W320 I330 O340:sleep W350 "
	"I380 "
	"U390:62 E420 X440:7b E470",
	/* halts: in vain and asleep, polled, asleep at once, twice asleep, ended by a signal and begun again
	 */
	"B100 E110 X120:78 O180:halt/50/0 W300 I310 H320:slept/190/50 E330 X350:78 H400:polled/40 E420 "
	"X440:78 O450:halt/0/50 W500 I510 O515:halt/0/50 W580 I590 H600:slept/155/50 E610 X620:1 E640",
	"B100 E110 X120:78 O180:halt/50/0 W300 I310 H320:slept/190/50 U330:62 O350:halt/20/50 W400 I410 "
	"O415:wait I440 H450:slept/110/70 E460 X480:78 U490:5 O500:sleep W600 I620 U630:62 E640 X650:1 E670",
	/* begins asleep; a stale wake-up */
	"B100:idle W150 I170 H180:slept/500/40 E190 X200:1 W205 O210:sleep W250 I260 E270 X290:1 E320",
	"B100:wait I120 U130:2 E150 X160:1 U170:5 O180:sleep W220 I230 E260 O270:wait I300 X310:1 E340",
	/* a KVM without entries and exits */
	"B100 U130:2 O150:sleep W170 I190 O260:halt/50/0 W300 I330 H340:slept/130/50 O360:wait I380 "
	"H420:polled/30 U430:2 O450:halt/10/50 W500 I510 H530:slept/85/60 Z550",
	/* codes with the same low bits, an entry that failed, exits without entries */
	"B100:blocked W120 I130 E140 X150:400 E180 X200:0 E230 U250:9 E280 X300:400 X320:0 U330:6 X350:400 "
	"E380 X400:0 E430 E450 Z470",
};
#define LIVES ((int)(sizeof(lives) / sizeof(lives[0])))

/* Tells the events but those left out; a failure names them. */
static void tell_all(const struct event *ev, int n, int without, int nor)
{
	for (int i = 0; i < n; i++) {
		const char *wrong;

		if (i == without || i == nor)
			continue;
		wrong = tell(&ev[i], true);
		if (*wrong)
			ck_abort_msg("without \"%.9s\" and \"%.9s\", at %llu \"%.9s\": %s",
				     without < 0 ? "" : ev[without].at, nor < 0 ? "" : ev[nor].at,
				     (unsigned long long)ev[i].now, ev[i].at, wrong);
	}
}

/* Any one event, and any two, may be missing. */
START_TEST(missing)
{
	struct event ev[STORY_EVENTS] = {0};
	int n = story_parse(lives[_i], ev);

	tell_all(ev, n, -1, -1);
	for (int a = 1; a < n; a++)
		for (int b = a; b < n; b++)
			tell_all(ev, n, a, b);
}
END_TEST

/* Any two neighbours may come the other way round. */
START_TEST(swapped)
{
	struct event ev[STORY_EVENTS] = {0};
	int n = story_parse(lives[_i], ev);

	for (int a = 1; a + 1 < n; a++) {
		struct event turned[STORY_EVENTS];

		memcpy(turned, ev, sizeof(turned));
		turned[a] = ev[a + 1];
		turned[a].now = ev[a].now;
		turned[a + 1] = ev[a];
		turned[a + 1].now = ev[a + 1].now;
		tell_all(turned, n, -1, -1);
	}
}
END_TEST

/* Any event may have the time of the one before, or one a few ns earlier; also if another is missing. */
START_TEST(clocks)
{
	struct event ev[STORY_EVENTS] = {0};
	int n = story_parse(lives[_i], ev);

	for (int a = 1; a < n; a++) {
		for (uint64_t back = 0; back < 4; back++) {
			const uint64_t now = ev[a].now;

			ev[a].now = ev[a - 1].now - back;
			tell_all(ev, n, -1, -1);
			for (int b = 1; b < n; b++)
				tell_all(ev, n, b, -1);
			ev[a].now = now;
		}
	}
}
END_TEST

/* Of all that is left out of a life, what is told is counted once. */
START_TEST(ends_anywhere)
{
	struct event ev[STORY_EVENTS] = {0};
	int n = story_parse(lives[_i], ev);

	for (int end = 1; end <= n; end++) {
		struct event z = {.kind = 'Z', .now = ev[end - 1].now + 7, .at = "Z"};
		uint64_t exits = 0, counted = 0;

		tell_all(ev, end, -1, -1);
		ck_assert_str_eq(tell(&z, true), "");
		for (int i = 0; i < end; i++)
			exits += ev[i].kind == 'X';
		for (uint32_t i = 0; i < VMP_EXITS; i++)
			counted += story_count(&slot, i);
		ck_assert_uint_eq(counted, exits);
		ck_assert_uint_eq(slot.halt_ns, 0);
		ck_assert_uint_eq(slot.end_ns, z.now);
	}
}
END_TEST

/* A generator of our own: the same events on every machine (xorshift64). */
static uint64_t seed;

static uint64_t random_below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static uint32_t random_code(void)
{
	static const uint32_t odd[] = {0,    0xff,       0x100,      0x400, 0x403,  3,
				       0x7b, 0x80000001, 0xf0000000, ~0U,   ~0U - 1};

	switch (random_below(16)) {
	case 0: /* rare ones, more than there are places */
		return (uint32_t)random_below(500);
	case 1:
	case 2:
	case 3:
		return odd[random_below(sizeof(odd) / sizeof(odd[0]))];
	default:
		return 0x70 + (uint32_t)random_below(6);
	}
}

static uint64_t random_step(void)
{
	switch (random_below(20)) {
	case 0:
		return -random_below(9);
	case 1:
		return 0;
	case 2:
		return 1ULL << random_below(40);
	default:
		return 1000 + random_below(1500);
	}
}

/* What mostly comes next: each kind's successors, as often as they stand there. */
static char random_kind(char kind, uint32_t away)
{
	static const char *const next[] = {"EXXXXXO", "XEEEEUOH", "UEEEEOO", "OWWI", "WI", "IEUHOX", "HEEU"};

	if (random_below(20) == 0)
		return "EXUOWIH"[random_below(7)];
	if (kind == 'O' && away == VMP_WAIT)
		return 'I';
	for (size_t i = 0; i < sizeof(next) / sizeof(next[0]); i++)
		if (*next[i] == kind)
			return next[i][1 + random_below(strlen(next[i]) - 1)];
	return 'E';
}

static struct event random_event(const struct event *before, uint64_t *vain)
{
	static const uint32_t away[] = {VMP_WAIT, VMP_BLOCKED, VMP_IDLE, VMP_IDLE};
	struct event ev = {.kind = random_kind(before->kind, before->code), .at = ""};

	ev.now = before->now + random_step();
	switch (ev.kind) {
	case 'X':
		ev.code = random_code();
		break;
	case 'U':
		ev.code = random_below(3) ? (uint32_t)random_below(VMP_UEXITS) : LEDGER_UEXIT_HLT;
		break;
	case 'O':
		ev.code = away[random_below(4)];
		ev.ns = random_below(3000);
		ev.vain = *vain;
		break;
	case 'H':
		ev.slept = random_below(2);
		ev.ns = random_below(9000);
		*vain += ev.slept ? random_below(3000) : 0;
		ev.vain = *vain;
		break;
	}
	return ev;
}

/* Long lives of any order. */
START_TEST(random_lives)
{
	static const uint32_t begins[] = {VMP_RUNNING, VMP_IDLE, VMP_BLOCKED, VMP_WAIT};
	uint64_t first = (uint64_t)_i * 0x9e3779b97f4a7c15 + 1, vain = 0;
	struct event ev = {.kind = 'B', .now = 1000000, .code = begins[_i % 4], .at = ""};

	seed = first;
	for (int n = 0; n < 4000; n++) {
		const char *wrong = tell(&ev, n % 16 == 0);

		if (*wrong)
			ck_abort_msg("seed %#llx, event %d (%c): %s", (unsigned long long)first, n, ev.kind,
				     wrong);
		ev = random_event(&ev, &vain);
	}
	ev.kind = 'Z';
	ck_assert_str_eq(tell(&ev, true), "");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("ledger_lives");

	tcase_add_loop_test(u.tcase, missing, 0, LIVES);
	tcase_add_loop_test(u.tcase, swapped, 0, LIVES);
	tcase_add_loop_test(u.tcase, clocks, 0, LIVES);
	tcase_add_loop_test(u.tcase, ends_anywhere, 0, LIVES);
	tcase_add_loop_test(u.tcase, random_lives, 0, 50);
	return unit_run(u);
}
