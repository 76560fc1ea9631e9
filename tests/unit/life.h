/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a vCPU thread did, by the design's definition of the states and kept the
 * simple way: no modes, no fast paths, sums that are signed.
 */
#ifndef VMPERF_TESTS_LIFE_H
#define VMPERF_TESTS_LIFE_H

#include "story.h"

/* An exit reason of the definition. */
struct life_reason {
	uint32_t code;
	uint64_t count;
	int64_t ns[VMP_STATES];
	uint64_t max, hist[VMP_HIST];
};

struct life_times {
	uint64_t ns, max, hist[VMP_HIST];
};

struct life {
	int64_t since;
	uint32_t where; /* on the CPU, or where it goes on: guest, kvm, vmm, running */
	uint32_t away;  /* off the CPU: idle, blocked or wait; VMP_RUNNING: on it */
	int64_t woken;  /* while away; 0: not yet */

	bool own_halt;   /* away: the VMM sleeps, for its guest has halted */
	int64_t halting; /* on the CPU, before it slept in a halt that is not over */
	uint64_t vain;   /* KVM's sum of polls in vain before that; 0: not known */
	int64_t late;    /* woken from a halt then, and not in the guest yet; 0: no */
	int64_t woke;    /* woken from the last sleep */

	struct life_reason *open;
	int64_t handled; /* by KVM and the VMM, of the open exit */
	uint32_t uexit;  /* the last one */

	int64_t ns[VMP_STATES];
	struct life_reason reasons[VMP_EXITS]; /* [0]: other */
	uint32_t used;
	uint64_t userspace[VMP_UEXITS];
	int64_t user_ns[VMP_UEXITS];
	struct life_times halts, wakes;
	uint64_t unpaired, backwards;
};

static inline uint32_t life_bucket(uint64_t ns)
{
	uint32_t k = 0;

	while (k < VMP_HIST - 1 && ns >= 2ULL << k)
		k++;
	return k;
}

static inline void life_time(struct life_times *t, int64_t ns)
{
	uint64_t time = ns > 0 ? (uint64_t)ns : 0;

	t->ns += time;
	t->hist[life_bucket(time)]++;
	if (time > t->max)
		t->max = time;
}

static inline void life_spend(struct life *l, uint32_t state, int64_t ns)
{
	int64_t *sum = l->open ? l->open->ns : l->ns;

	sum[state] += ns;
	if (state == VMP_VMM)
		l->user_ns[l->uexit] += ns;
	if (state == VMP_KVM || state == VMP_VMM)
		l->handled += ns;
}

/* Time goes on to now: on the CPU where it is, or asleep until it was woken and then waiting. */
static inline void life_pass(struct life *l, int64_t now)
{
	if (l->away == VMP_RUNNING) {
		life_spend(l, l->where, now - l->since);
	} else if (l->away == VMP_WAIT) {
		life_spend(l, VMP_WAIT, now - l->since);
	} else {
		int64_t woke = l->woken ? l->woken : now;

		/* the waker's clock may be ahead or behind */
		if (l->woken && woke < l->since)
			woke = l->since;
		else if (woke > now)
			woke = now;
		life_spend(l, l->away, woke - l->since);
		life_spend(l, VMP_WAIT, now - woke);
		l->woke = woke;
	}
	l->since = now;
}

static inline void life_back(struct life *l, int64_t now)
{
	int64_t left = l->since;

	if (l->away == VMP_RUNNING)
		return;
	life_pass(l, now);
	if (l->own_halt) {
		life_time(&l->halts, l->woke - left);
		l->late = l->woke;
	}
	l->own_halt = false;
	l->away = VMP_RUNNING;
}

/* It is on the CPU, whatever was seen of it, and if it had halted the halt is over; polled: in vain. */
static inline void life_go_on(struct life *l, int64_t now, uint64_t polled)
{
	int64_t halting = l->halting;
	int64_t poll = halting < 0 || polled > (uint64_t)halting ? halting : (int64_t)polled;

	life_back(l, now);
	l->halting = 0;
	if (!halting)
		return;
	life_spend(l, VMP_POLL, poll);
	life_spend(l, l->where, halting - poll);
}

static inline struct life_reason *life_reason_of(struct life *l, uint32_t code)
{
	for (uint32_t i = 1; i < l->used; i++)
		if (l->reasons[i].code == code)
			return &l->reasons[i];
	if (l->used == VMP_EXITS)
		return &l->reasons[0];
	l->reasons[l->used].code = code;
	return &l->reasons[l->used++];
}

static inline void life_leave(struct life *l, const struct event *ev)
{
	int64_t now = (int64_t)ev->now;

	if (l->away != VMP_RUNNING) {
		/* when it was back was not seen, nor how its sleep ended */
		life_pass(l, now);
	} else if (ev->code == VMP_IDLE && l->where != VMP_GUEST) {
		l->halting += now - l->since;
		l->vain = ev->vain;
		l->since = now;
	} else {
		life_pass(l, now);
	}
	l->away = ev->code;
	l->own_halt = l->where == VMP_VMM && l->uexit == LEDGER_UEXIT_HLT && ev->code != VMP_WAIT;
	if (l->own_halt)
		l->away = VMP_IDLE;
	l->woken = 0;
}

static inline void life_halt(struct life *l, const struct event *ev)
{
	int64_t now = (int64_t)ev->now;

	if (ev->slept && l->halting) {
		life_go_on(l, now, ev->vain - l->vain);
	} else {
		uint64_t poll = ev->slept ? ev->vain - l->vain : ev->ns;
		int64_t since;

		life_back(l, now);
		since = now - l->since;
		/* a halt that it slept in without leaving the CPU; of one that began before we looked nothing
		 * is known */
		if (since < 0 || (ev->slept && (!l->vain || ev->ns > (uint64_t)since)))
			poll = 0;
		else if (poll > (uint64_t)since)
			poll = (uint64_t)since;
		life_spend(l, VMP_POLL, (int64_t)poll);
		l->since += (int64_t)poll;
	}
	life_pass(l, now);
	l->vain = ev->vain;
	life_time(&l->halts, (int64_t)ev->ns);
	l->late = ev->slept && (uint64_t)(now - l->woke) <= ev->ns ? l->woke : now;
	if (l->where == VMP_GUEST)
		l->late = 0;
}

static inline void life_event(struct life *l, const struct event *ev)
{
	int64_t now = (int64_t)ev->now;

	switch (ev->kind) {
	case 'B':
		memset(l, 0, sizeof(*l));
		l->since = now;
		l->where = VMP_RUNNING;
		l->away = ev->code;
		l->used = 1;
		return;
	case 'W':
		l->woken = now;
		return;
	case 'O':
		life_leave(l, ev);
		return;
	case 'I':
		if (l->away == VMP_RUNNING)
			life_pass(l, now);
		life_back(l, now);
		return;
	case 'H':
		life_halt(l, ev);
		return;
	}
	/* the others end what was before */
	life_go_on(l, now, 0);
	life_pass(l, now);
	switch (ev->kind) {
	case 'E':
		if (l->where == VMP_GUEST)
			l->unpaired++;
		if (l->open) {
			uint64_t ns = l->handled > 0 ? (uint64_t)l->handled : 0;

			l->backwards += l->handled < 0;
			l->open->hist[life_bucket(ns)]++;
			if (ns > l->open->max)
				l->open->max = ns;
		}
		if (l->late)
			life_time(&l->wakes, now - l->late);
		l->open = NULL;
		l->where = VMP_GUEST;
		break;
	case 'X':
		l->unpaired += l->open != NULL;
		l->open = life_reason_of(l, ev->code);
		l->open->count++;
		l->handled = 0;
		l->where = VMP_KVM;
		break;
	case 'U':
		l->userspace[ev->code]++;
		l->uexit = ev->code;
		if (l->where == VMP_GUEST) {
			l->unpaired++;
			l->open = &l->reasons[0];
			l->handled = 0;
		}
		if (l->where != VMP_RUNNING)
			l->where = VMP_VMM;
		break;
	case 'Z':
		l->open = NULL;
		l->where = VMP_RUNNING;
		break;
	}
	l->late = 0;
}

static inline bool life_same(const struct vmp_times *a, const struct life_times *b)
{
	return a->ns == b->ns && a->max_ns == b->max && !memcmp(a->hist, b->hist, sizeof(b->hist));
}

/* "" if the slot holds what the definition says, else what differs. */
static inline const char *life_differs(const struct vmp_slot *s, const struct life *l)
{
	if (s->used != l->used)
		return "the number of reasons";
	for (uint32_t i = 0; i < l->used; i++) {
		const struct vmp_exit *e = &s->exit[i];
		const struct life_reason *r = &l->reasons[i];

		if (i && e->code != r->code)
			return "a code";
		/* that a failed entry opened one was no exit, but it is ended like one */
		if (i && story_count(s, i) != r->count)
			return "a number of exits";
		if (memcmp(e->ns, r->ns, sizeof(r->ns)))
			return "the time of an exit";
		if (e->max_ns != r->max || memcmp(e->hist, r->hist, sizeof(r->hist)))
			return "handling times";
	}
	if (story_count(s, 0) != l->reasons[0].count)
		return "the number of other exits";
	if (memcmp(s->ns, l->ns, sizeof(l->ns)))
		return "the time outside exits";
	for (int i = 0; i < VMP_UEXITS; i++)
		if (s->uexits[i].count != l->userspace[i] || s->uexits[i].ns != (uint64_t)l->user_ns[i])
			return "exits to user space";
	if ((int64_t)s->halt_ns != l->halting)
		return "the halt that is not over";
	if (!life_same(&s->halts, &l->halts))
		return "halts";
	if (!life_same(&s->wakes, &l->wakes))
		return "wakes";
	if (s->unpaired != l->unpaired || s->backwards != l->backwards)
		return "losses";
	return "";
}

#endif
