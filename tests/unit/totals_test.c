// SPDX-License-Identifier: GPL-2.0-only
/* Since when totals of the UI are, when events were hidden meanwhile. */
#include "cmd/totals.h"
#include "lib/mem.h"
#include "model/metric.h"
#include "unit.h"

#define CYCLES (1U << EVENT_CYCLES)
#define MISSES (1U << EVENT_LLC_MISSES)
#define OTHER  (1U << EVENT_OTHER)

/* Cycles and others are counted, misses were asked for in vain. */
static struct sample_ref *taken_at(uint64_t ns)
{
	struct sample_ref *r = sample_ref_new();

	r->s.mono_ns = ns;
	r->s.nevents = 3;
	r->s.events = mem_zalloc(3, sizeof(*r->s.events));
	for (int i = 0; i < 3; i++)
		r->s.events[i].name = mem_strdup("event");
	r->s.events[0].kind = EVENT_CYCLES;
	r->s.events[0].counted = true;
	r->s.events[1].kind = EVENT_LLC_MISSES;
	r->s.events[2].kind = EVENT_OTHER;
	r->s.events[2].counted = true;
	return r;
}

static void begin(struct totals *t, uint32_t needs, uint64_t ns)
{
	struct sample_ref *r = taken_at(ns);

	totals_begin(t, needs, r);
	sample_ref_drop(r);
}

START_TEST(since)
{
	struct sample first = {.mono_ns = 100};
	struct totals t = {0};

	ck_assert_ptr_eq(totals_since(&t, METRIC_NEEDS_ALL, &first), &first);
	begin(&t, CYCLES, 200);
	ck_assert_uint_eq(totals_since(&t, CYCLES, &first)->mono_ns, 200);
	/* of what else is shown they are whole */
	ck_assert_ptr_eq(totals_since(&t, OTHER | METRIC_NEEDS_THREADS, &first), &first);
	ck_assert_ptr_eq(totals_since(&t, 0, &first), &first);
	/* the latest beginning counts */
	begin(&t, OTHER, 300);
	ck_assert_uint_eq(totals_since(&t, CYCLES, &first)->mono_ns, 200);
	ck_assert_uint_eq(totals_since(&t, METRIC_NEEDS_ALL, &first)->mono_ns, 300);
	/* hidden and shown again */
	begin(&t, CYCLES, 400);
	ck_assert_uint_eq(totals_since(&t, CYCLES, &first)->mono_ns, 400);
	ck_assert_uint_eq(totals_since(&t, OTHER, &first)->mono_ns, 300);
	totals_free(&t);
	ck_assert_ptr_eq(totals_since(&t, METRIC_NEEDS_ALL, &first), &first);
}
END_TEST

/* Threads' times, and what has no figures anyway, do not shorten totals. */
START_TEST(no_gap)
{
	struct sample first = {.mono_ns = 100};
	struct totals t = {0};

	begin(&t, METRIC_NEEDS_THREADS | MISSES, 200);
	ck_assert_ptr_eq(totals_since(&t, METRIC_NEEDS_ALL, &first), &first);
	totals_free(&t);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("totals");

	UNIT_ADD(u, since);
	UNIT_ADD(u, no_gap);
	return unit_run(u);
}
