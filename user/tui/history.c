// SPDX-License-Identifier: GPL-2.0-only
#include "history.h"

#include <stdlib.h>

#include "../lib/mem.h"
#include "../model/verdict.h"

/* The used part of a histogram; false: nothing is in it. */
static bool used(const uint64_t hist[VMP_HIST], unsigned int *first, unsigned int *n)
{
	unsigned int begin = 0, end = VMP_HIST;

	while (end && !hist[end - 1])
		end--;
	while (begin < end && !hist[begin])
		begin++;
	*first = begin;
	*n = end - begin;
	return end > begin;
}

static uint32_t capped(uint64_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static float share(uint64_t part, uint64_t all)
{
	return all ? (float)((double)part / (double)all) : -1;
}

static float lost_of(const struct view_set *s, uint32_t visible)
{
	uint32_t needed = 1U << VMP_BLOCKED | 1U << VMP_WAIT;

	if ((visible & needed) != needed)
		return -1;
	return share(s->handling_ns + s->ledger[VMP_POLL] + s->ledger[VMP_BLOCKED] + s->ledger[VMP_WAIT],
		     s->observed_ns);
}

static float busy_of(const struct view_set *s, uint32_t visible)
{
	if (!(visible & 1U << VMP_IDLE))
		return -1;
	return share(s->busy_ns, s->observed_ns);
}

static void add_exit(struct digest *d, const struct view_exit *e)
{
	struct digest_exit *ret = &d->exits[d->nexits++];
	unsigned int first, n;

	*ret = (struct digest_exit){
		.code = e->code, .isa = e->isa, .count = capped(e->count), .at = d->nbuckets};
	if (!used(e->hist, &first, &n))
		return;
	ret->first = (uint8_t)first;
	ret->n = (uint8_t)n;
	for (unsigned int k = 0; k < n; k++)
		d->buckets[d->nbuckets++] = capped(e->hist[first + k]);
}

static void add_vm(struct digest *d, const struct view_vm *vm, uint32_t visible)
{
	struct digest_vm *ret = &d->vms[d->nvms++];
	bool paused = verdict_of(&vm->set, visible).state == VERDICT_PAUSED;

	*ret = (struct digest_vm){.pid = vm->pid,
				  .busy = paused ? 0 : busy_of(&vm->set, visible),
				  .lost = paused ? 0 : lost_of(&vm->set, visible),
				  .first = d->nexits};
	for (uint32_t i = 0; i < vm->set.nexits; i++)
		add_exit(d, &vm->set.exits[i]);
	for (uint32_t i = 0; i < vm->set.nuexits; i++)
		d->exits[d->nexits++] = (struct digest_exit){.code = (uint64_t)vm->set.uexits[i].code,
							     .user = true,
							     .count = capped(vm->set.uexits[i].count),
							     .at = d->nbuckets};
	ret->nexits = d->nexits - ret->first;
}

static int by_pid(const void *a, const void *b)
{
	const struct digest_vm *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

struct digest *digest_make(const struct view *v)
{
	struct digest *d = mem_zalloc(1, sizeof(*d));
	size_t exits = 0, buckets = 0;

	for (uint32_t i = 0; i < v->nvms; i++) {
		const struct view_set *s = &v->vms[i].set;

		exits += s->nexits + s->nuexits;
		for (uint32_t j = 0; j < s->nexits; j++) {
			unsigned int first, n;

			used(s->exits[j].hist, &first, &n);
			buckets += n;
		}
	}
	d->real_ns = v->real_ns;
	d->interval_ns = v->interval_ns;
	d->busy = busy_of(&v->total, v->visible);
	d->lost = lost_of(&v->total, v->visible);
	d->vms = mem_zalloc(v->nvms, sizeof(*d->vms));
	d->exits = mem_zalloc(exits, sizeof(*d->exits));
	d->buckets = mem_zalloc(buckets, sizeof(*d->buckets));
	for (uint32_t i = 0; i < v->nvms; i++)
		add_vm(d, &v->vms[i], v->visible);
	if (d->nvms)
		qsort(d->vms, d->nvms, sizeof(*d->vms), by_pid);
	return d;
}

void digest_free(struct digest *d)
{
	if (!d)
		return;
	free(d->vms);
	free(d->exits);
	free(d->buckets);
	free(d);
}

const struct digest_vm *digest_vm(const struct digest *d, uint32_t pid)
{
	struct digest_vm key = {.pid = pid};

	return d->nvms ? bsearch(&key, d->vms, d->nvms, sizeof(*d->vms), by_pid) : NULL;
}

const struct digest_exit *digest_exit(const struct digest *d, const struct digest_vm *vm, uint32_t isa,
				      uint64_t code, bool user)
{
	for (uint32_t i = 0; i < vm->nexits; i++) {
		const struct digest_exit *e = &d->exits[vm->first + i];

		if (e->user != user)
			continue;
		if (user ? (int32_t)e->code == (int32_t)code : e->code == code && e->isa == isa)
			return e;
	}
	return NULL;
}

void history_add(struct history *h, struct digest *d)
{
	digest_free(h->ring[h->next]);
	h->ring[h->next] = d;
	h->next = (h->next + 1) % HISTORY;
	if (h->n < HISTORY)
		h->n++;
}

const struct digest *history_at(const struct history *h, unsigned int age)
{
	return age < h->n ? h->ring[(h->next + HISTORY - 1 - age) % HISTORY] : NULL;
}

void history_clear(struct history *h)
{
	for (unsigned int i = 0; i < HISTORY; i++)
		digest_free(h->ring[i]);
	*h = (struct history){0};
}
