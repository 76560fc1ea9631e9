// SPDX-License-Identifier: GPL-2.0-only
#include "counts.h"

#include <string.h>

#include "../lib/mem.h"
#include "set.h"

bool counts_same(const struct sample_event *a, uint32_t na, const struct sample_event *b, uint32_t nb)
{
	if (na != nb)
		return false;
	for (uint32_t i = 0; i < nb; i++)
		if (a[i].mode != b[i].mode || strcmp(a[i].name, b[i].name) != 0)
			return false;
	return true;
}

void counts_sum(struct vmp_count *sum, const struct vmp_count *one, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		sum[i].value += one[i].value;
		sum[i].enabled += one[i].enabled;
		sum[i].running += one[i].running;
	}
}

void counts_fold(struct vmp_count **sum, uint32_t *nsum, const struct vmp_count *one, uint32_t n)
{
	uint32_t had = *sum ? *nsum : 0;

	if (!one)
		return;
	if (had < n) {
		*sum = mem_resize(*sum, n, sizeof(**sum));
		memset(*sum + had, 0, (n - had) * sizeof(**sum));
		*nsum = n;
	}
	counts_sum(*sum, one, n);
}

/* To the nearest; what does not fit is the largest number. */
static uint64_t scaled(uint64_t value, uint64_t enabled, uint64_t running)
{
	unsigned __int128 all = ((unsigned __int128)value * enabled + running / 2) / running;

	return all < UINT64_MAX ? (uint64_t)all : UINT64_MAX;
}

static struct view_event between(const struct vmp_count *a, const struct vmp_count *b)
{
	struct view_event e = {
		.enabled = set_grown(a->enabled, b->enabled),
		.running = set_grown(a->running, b->running),
	};

	/* the two are not read at the very same moment */
	if (e.running > e.enabled)
		e.running = e.enabled;
	if (e.running)
		e.value = scaled(set_grown(a->value, b->value), e.enabled, e.running);
	e.known = e.running || !e.enabled;
	return e;
}

struct view_event *counts_between(const struct counts *c, const struct vmp_count *a, uint32_t na,
				  const struct vmp_count *b, uint32_t nb)
{
	static const struct vmp_count zero;
	struct view_event *ret;

	if (!c->n)
		return NULL;
	ret = mem_zalloc(c->n, sizeof(*ret));
	for (uint32_t i = 0; b && i < c->n && i < nb; i++)
		if (c->events[i].counted && !c->events[i].whole)
			ret[i] = between(a && c->before && i < na ? &a[i] : &zero, &b[i]);
	return ret;
}

void counts_whole(struct view_event *to, const struct counts *c, const struct sample_vm *a,
		  const struct sample_vm *b)
{
	static const struct vmp_count zero;

	for (uint32_t i = 0; b->events && i < c->n && i < b->nevents; i++) {
		bool before = a && c->before;
		const struct vmp_count *from = &zero, *now = &b->events[i];

		if (!c->events[i].whole || !c->events[i].counted || !now->running)
			continue;
		if (before && a->events && i < a->nevents)
			from = &a->events[i];
		to[i].enabled = set_grown(from->enabled, now->enabled);
		to[i].running = set_grown(from->running, now->running);
		/* a sum whose beginning was not seen is no sum of this interval */
		to[i].known = c->events[i].gauge || !before || from->running;
		if (to[i].known)
			to[i].value = set_grown(c->events[i].gauge ? 0 : from->value, now->value);
	}
}

static uint64_t sum_of(uint64_t x, uint64_t y)
{
	uint64_t sum;

	return __builtin_add_overflow(x, y, &sum) ? UINT64_MAX : sum;
}

void counts_add_value(struct view_event *sum, const struct view_event *one)
{
	bool ran = sum->enabled || one->enabled;

	/* what did not run tells nothing of what did */
	sum->known = (sum->known && (sum->enabled || !ran)) || (one->known && (one->enabled || !ran));
	sum->value = sum_of(sum->value, one->value);
}

void counts_add(struct view_event *sum, const struct view_event *one, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct view_event *s = &sum[i];

		counts_add_value(s, &one[i]);
		s->enabled = sum_of(s->enabled, one[i].enabled);
		s->running = sum_of(s->running, one[i].running);
	}
}

void counts_missed(struct view_event *sum, const struct counts *c, uint64_t cpu_ns)
{
	struct view_event one = {.known = !cpu_ns, .enabled = cpu_ns};

	for (uint32_t i = 0; i < c->n; i++)
		if (c->events[i].counted && !c->events[i].whole)
			counts_add(&sum[i], &one, 1);
}

bool counts_modes(const struct view *v, uint32_t i, struct counts_modes *ret)
{
	for (int m = 0; m <= EVENT_HOST; m++)
		ret->at[m] = -1;
	for (uint32_t j = 0; j < v->nevents; j++) {
		if (strcmp(v->events[j].name, v->events[i].name) != 0)
			continue;
		if (j < i)
			return false;
		if (v->events[j].mode <= EVENT_HOST && ret->at[v->events[j].mode] < 0)
			ret->at[v->events[j].mode] = (int)j;
	}
	return true;
}

struct view_event counts_all(const struct view_event *events, const struct counts_modes *m)
{
	struct view_event all = {0};
	bool known = m->at[EVENT_GUEST] >= 0 && m->at[EVENT_HOST] >= 0;

	if (m->at[EVENT_BOTH] >= 0)
		return events[m->at[EVENT_BOTH]];
	for (int k = EVENT_GUEST; k <= EVENT_HOST; k++) {
		if (m->at[k] < 0)
			continue;
		counts_add(&all, &events[m->at[k]], 1);
		known = known && events[m->at[k]].known;
	}
	all.known = known;
	return all;
}
