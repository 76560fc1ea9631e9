// SPDX-License-Identifier: GPL-2.0-only
#include "totals.h"

#include "../model/metric.h"

#define BITS (sizeof(((struct totals *)0)->since) / sizeof(struct sample_ref *))

/* An event that was not asked for is no reason to begin anew. */
static bool is_counted(const struct sample *s, unsigned int kind)
{
	for (uint32_t i = 0; i < s->nevents; i++)
		if (s->events[i].kind == kind && s->events[i].counted)
			return true;
	return false;
}

void totals_begin(struct totals *t, uint32_t needs, struct sample_ref *from)
{
	for (unsigned int i = 0; i < BITS; i++) {
		/* the kernel sums up what threads do, whether somebody looks or not */
		if (!(needs & METRIC_NEEDS_EVENTS & 1U << i) || !is_counted(&from->s, i))
			continue;
		sample_ref_drop(t->since[i]);
		t->since[i] = sample_ref_take(from);
	}
}

const struct sample *totals_since(const struct totals *t, uint32_t needs, const struct sample *first)
{
	const struct sample *ret = first;

	for (unsigned int i = 0; i < BITS; i++)
		if (needs & 1U << i && t->since[i] && t->since[i]->s.mono_ns > ret->mono_ns)
			ret = &t->since[i]->s;
	return ret;
}

void totals_free(struct totals *t)
{
	for (unsigned int i = 0; i < BITS; i++)
		sample_ref_drop(t->since[i]);
	*t = (struct totals){0};
}
