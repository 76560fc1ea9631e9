// SPDX-License-Identifier: GPL-2.0-only
#include "set.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "quantile.h"

/* Room is made for so many reasons at once. */
#define EXITS_ROOM 4

/* The same code's exits in a; tables only grow at their end, so it mostly stands at the same place. */
static const struct vmp_exit *same_code(const struct sample_vcpu *a, uint64_t code, uint32_t hint)
{
	if (!a)
		return NULL;
	if (hint < a->nexits && a->exits[hint].code == code)
		return &a->exits[hint];
	for (uint32_t i = 0; i < a->nexits; i++)
		if (a->exits[i].code == code)
			return &a->exits[i];
	return NULL;
}

/* The same reason's of the set. */
static struct view_exit *set_exit(struct view_set *set, const struct view_exit *like)
{
	struct view_exit *e;

	for (uint32_t i = 0; i < set->nexits; i++)
		if (set->exits[i].code == like->code && set->exits[i].isa == like->isa)
			return &set->exits[i];
	if (!(set->nexits % EXITS_ROOM))
		set->exits = mem_resize(set->exits, (size_t)set->nexits + EXITS_ROOM, sizeof(*set->exits));
	e = &set->exits[set->nexits++];
	memset(e, 0, sizeof(*e));
	e->isa = like->isa;
	e->code = like->code;
	e->max_exact = true;
	if (*like->reason)
		memcpy(e->reason, like->reason, sizeof(e->reason));
	else
		exit_name(e->isa, e->code, e->reason, sizeof(e->reason));
	return e;
}

static struct view_uexit *set_uexit(struct view_set *set, int32_t code)
{
	struct view_uexit *u;

	for (uint32_t i = 0; i < set->nuexits; i++)
		if (set->uexits[i].code == code)
			return &set->uexits[i];
	set->uexits = mem_resize(set->uexits, (size_t)set->nuexits + 1, sizeof(*set->uexits));
	u = &set->uexits[set->nuexits++];
	memset(u, 0, sizeof(*u));
	u->code = code;
	uexit_name(code, u->reason, sizeof(u->reason));
	return u;
}

/* The larger maximum; of two equal ones, one that is exact makes it exact. */
static void add_max(uint64_t *max, bool *exact, uint64_t from, bool from_exact)
{
	if (from < *max || (from == *max && !from_exact))
		return;
	*max = from;
	*exact = from_exact;
}

void set_exit_add(struct view_exit *to, const struct view_exit *from)
{
	to->count += from->count;
	for (int i = 0; i < VMP_STATES; i++)
		to->ns[i] += from->ns[i];
	for (int i = 0; i < VMP_HIST; i++)
		to->hist[i] += from->hist[i];
	add_max(&to->max_ns, &to->max_exact, from->max_ns, from->max_exact);
}

static void add_exit(struct view_set *set, const struct view_exit *from)
{
	uint64_t any = from->count;

	for (int i = 0; i < VMP_STATES; i++)
		any |= from->ns[i];
	for (int i = 0; i < VMP_HIST; i++)
		any |= from->hist[i];
	if (!any)
		return;
	set->exit_count += from->count;
	set_exit_add(set_exit(set, from), from);
}

static void add_uexit(struct view_set *set, int32_t code, uint64_t count, uint64_t ns)
{
	struct view_uexit *u;

	if (!count && !ns)
		return;
	u = set_uexit(set, code);
	set->uexit_count += count;
	u->count += count;
	u->ns += ns;
}

/* Records from elsewhere have any numbers: these stop at the largest. */
static int64_t plus(int64_t a, int64_t b)
{
	int64_t ret;

	if (__builtin_add_overflow(a, b, &ret) || ret < -INT64_MAX)
		return a < 0 ? -INT64_MAX : INT64_MAX;
	return ret;
}

static int64_t difference(uint64_t a, uint64_t b)
{
	return plus((int64_t)(b - a), 0);
}

/* Of all but one that is 0: kvm if it has something, else the largest. */
static int richest(const int64_t ns[VMP_STATES])
{
	int best = VMP_KVM;

	for (int i = 0; i < VMP_STATES && ns[VMP_KVM] <= 0; i++)
		if (ns[i] > ns[best])
			best = i;
	return best;
}

/*
 * Times of one object's states: those that went back become 0, and others give
 * what these lack.  Returns what none could give (0 or less).
 */
static int64_t settle(int64_t ns[VMP_STATES], int64_t lacking)
{
	for (int i = 0; i < VMP_STATES; i++) {
		if (ns[i] < 0) {
			lacking = plus(lacking, ns[i]);
			ns[i] = 0;
		}
	}
	while (lacking < 0) {
		int i = richest(ns);
		int64_t give = ns[i] < -lacking ? ns[i] : -lacking;

		if (!give)
			break;
		ns[i] -= give;
		lacking += give;
	}
	return lacking;
}

static void times_between(struct view_times *t, const struct vmp_times *a, const struct vmp_times *b)
{
	t->ns = set_grown(a->ns, b->ns);
	for (int i = 0; i < VMP_HIST; i++) {
		t->hist[i] = set_grown(a->hist[i], b->hist[i]);
		t->count += t->hist[i];
	}
	t->max_ns = view_max(a->max_ns, b->max_ns, t->hist, &t->max_exact);
}

static void cpus_between(struct view_set *set, const struct sample_vcpu *a, const struct sample_vcpu *b)
{
	set->moves = set_grown(a->moves, b->moves);
	set->node_moves = set_grown(a->node_moves, b->node_moves);
	if (!b->cpu_ns)
		return;
	set->ncpus = b->ncpus;
	set->cpu_ns = mem_zalloc(b->ncpus, sizeof(*set->cpu_ns));
	for (uint32_t i = 0; i < b->ncpus; i++)
		set->cpu_ns[i] = set_grown(a->cpu_ns && i < a->ncpus ? a->cpu_ns[i] : 0, b->cpu_ns[i]);
}

void set_between(struct view_set *set, const struct counts *c, const struct sample_vcpu *a,
		 const struct sample_vcpu *b)
{
	static const struct sample_vcpu zero;
	static const struct vmp_exit none;
	int64_t outside[VMP_STATES], sum[VMP_STATES] = {0}, lacking = 0;

	if (!a)
		a = &zero;
	set->isa = b->isa;
	set->observed_ns = set_grown(a->observed_ns, b->observed_ns);
	for (int i = 0; i < VMP_STATES; i++)
		outside[i] = difference(a->ledger[i], b->ledger[i]);
	times_between(&set->halts, &a->halts, &b->halts);
	times_between(&set->wakes, &a->wakes, &b->wakes);
	cpus_between(set, a, b);
	set->nevents = c->n;
	set->events = counts_between(c, a->events, a->nevents, b->events, b->nevents);
	set->unpaired = set_grown(a->unpaired, b->unpaired);
	set->backwards = set_grown(a->backwards, b->backwards);
	for (int i = 0; i < VMP_FLAGS; i++)
		set->flags[i] = set_grown(a->flags[i], b->flags[i]);
	for (unsigned int i = 0; i < VMP_UEXITS; i++)
		add_uexit(set, uexit_code(i), set_grown(a->uexits[i].count, b->uexits[i].count),
			  set_grown(a->uexits[i].ns, b->uexits[i].ns));
	for (uint32_t i = 0; i < b->nexits; i++) {
		const struct vmp_exit *to = &b->exits[i], *from = same_code(a, to->code, i);
		struct view_exit e = {.isa = b->isa, .code = to->code};
		int64_t ns[VMP_STATES];

		if (!from)
			from = &none;
		e.count = set_grown(from->count, to->count);
		for (int j = 0; j < VMP_STATES; j++) {
			ns[j] = difference(from->ns[j], to->ns[j]);
			outside[j] = plus(outside[j], -ns[j]);
		}
		lacking = plus(lacking, settle(ns, 0));
		for (int j = 0; j < VMP_STATES; j++) {
			e.ns[j] = (uint64_t)ns[j];
			sum[j] = plus(sum[j], ns[j]);
		}
		for (int j = 0; j < VMP_HIST; j++)
			e.hist[j] = set_grown(from->hist[j], to->hist[j]);
		e.max_ns = view_max(from->max_ns, to->max_ns, e.hist, &e.max_exact);
		add_exit(set, &e);
	}
	/* the ledger is the exits' times and those outside of them */
	lacking = settle(outside, lacking);
	for (int i = 0; i < VMP_STATES; i++)
		sum[i] = plus(sum[i], outside[i]);
	settle(sum, lacking);
	for (int i = 0; i < VMP_STATES; i++)
		set->ledger[i] = (uint64_t)sum[i];
}

static void add_times(struct view_times *to, const struct view_times *from)
{
	to->count += from->count;
	to->ns += from->ns;
	for (int i = 0; i < VMP_HIST; i++)
		to->hist[i] += from->hist[i];
	add_max(&to->max_ns, &to->max_exact, from->max_ns, from->max_exact);
}

static void add_cpus(struct view_set *set, const struct view_set *one)
{
	uint32_t had = set->ncpus;

	set->moves += one->moves;
	set->node_moves += one->node_moves;
	if (!one->cpu_ns)
		return;
	if (!set->cpu_ns || had < one->ncpus) {
		set->cpu_ns = mem_resize(set->cpu_ns, one->ncpus, sizeof(*set->cpu_ns));
		memset(set->cpu_ns + had, 0, (one->ncpus - had) * sizeof(*set->cpu_ns));
		set->ncpus = one->ncpus;
	}
	for (uint32_t i = 0; i < one->ncpus; i++)
		set->cpu_ns[i] += one->cpu_ns[i];
}

static void add_events(struct view_set *set, const struct view_set *one)
{
	if (!one->events)
		return;
	if (!set->events)
		set->events = mem_zalloc(one->nevents, sizeof(*set->events));
	set->nevents = one->nevents;
	counts_add(set->events, one->events, one->nevents);
}

void set_add_figures(struct view_set *set, const struct view_set *one)
{
	if (!set->isa)
		set->isa = one->isa;
	set->observed_ns += one->observed_ns;
	for (int i = 0; i < VMP_STATES; i++)
		set->ledger[i] += one->ledger[i];
	add_times(&set->halts, &one->halts);
	add_times(&set->wakes, &one->wakes);
	add_cpus(set, one);
	set->unpaired += one->unpaired;
	set->backwards += one->backwards;
	for (int i = 0; i < VMP_FLAGS; i++)
		set->flags[i] += one->flags[i];
}

void set_add(struct view_set *set, const struct view_set *one)
{
	set_add_figures(set, one);
	add_events(set, one);
	for (uint32_t i = 0; i < one->nexits; i++)
		add_exit(set, &one->exits[i]);
	for (uint32_t i = 0; i < one->nuexits; i++)
		add_uexit(set, one->uexits[i].code, one->uexits[i].count, one->uexits[i].ns);
}

static int by_time(const void *a, const void *b)
{
	const struct view_exit *x = a, *y = b;
	int d = set_larger(x->ns[VMP_KVM] + x->ns[VMP_VMM], y->ns[VMP_KVM] + y->ns[VMP_VMM]);

	if (!d)
		d = set_larger(x->count, y->count);
	if (!d)
		d = -set_larger(x->code, y->code);
	return d ? d : -set_larger(x->isa, y->isa);
}

static int uexits_by_time(const void *a, const void *b)
{
	const struct view_uexit *x = a, *y = b;
	int d = set_larger(x->ns, y->ns);

	if (!d)
		d = set_larger(x->count, y->count);
	return d ? d : (x->code > y->code) - (x->code < y->code);
}

void set_finish(struct view_set *set, uint32_t visible)
{
	for (int i = 0; i < VMP_STATES; i++) {
		if (i == VMP_RUNNING || visible & 1U << i)
			continue;
		set->ledger[VMP_RUNNING] += set->ledger[i];
		set->ledger[i] = 0;
	}
	/* the probe that tells sleeping from running tells the CPU, too */
	if (!(visible & 1U << VMP_IDLE)) {
		free(set->cpu_ns);
		set->cpu_ns = NULL;
		set->ncpus = 0;
	}
	set->handling_ns = set->ledger[VMP_KVM] + set->ledger[VMP_VMM];
	set->busy_ns = set_grown(set->ledger[VMP_IDLE], set->observed_ns);
	if (set->nexits)
		qsort(set->exits, set->nexits, sizeof(*set->exits), by_time);
	if (set->nuexits)
		qsort(set->uexits, set->nuexits, sizeof(*set->uexits), uexits_by_time);
}

void set_free(struct view_set *set)
{
	free(set->exits);
	free(set->uexits);
	free(set->cpu_ns);
	free(set->events);
}
