// SPDX-License-Identifier: GPL-2.0-only
/* The tally's totals of one VM. */
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "counts.h"
#include "set.h"
#include "tally_parts.h"

static void new_set(const struct tally *t, const struct tally_vm *vm, struct view_set *set)
{
	reasons_new_set(vm, set);
	set->nevents = t->nevents;
	set->events = mem_zalloc(t->nevents, sizeof(*set->events));
}

struct tally_vm *tally_vm_new(const struct tally *t)
{
	struct tally_vm *vm = mem_zalloc(1, sizeof(*vm));

	reasons_init(t, vm);
	new_set(t, vm, &vm->v.set);
	new_set(t, vm, &vm->v.gone);
	vm->v.events = mem_zalloc(t->nevents, sizeof(*vm->v.events));
	vm->v.classes = mem_zalloc(THREAD_CLASSES, sizeof(*vm->v.classes));
	return vm;
}

void tally_vm_free(struct tally_vm *vm)
{
	for (uint32_t i = 0; i < vm->v.nvcpus && vm->v.vcpus; i++)
		set_free(&vm->v.vcpus[i].set);
	free(vm->v.vcpus);
	for (uint32_t i = 0; i < vm->v.nclasses; i++)
		free(vm->v.classes[i].events);
	free(vm->v.classes);
	free(vm->v.events);
	set_free(&vm->v.set);
	set_free(&vm->v.gone);
	reasons_free(vm);
	free(vm->name);
	free(vm->uuid);
	free(vm);
}

static void reset_events(const struct tally *t, struct view_event **events)
{
	free(*events);
	*events = mem_zalloc(t->nevents, sizeof(**events));
}

static void reset_set(const struct tally *t, struct view_set *set)
{
	set->nevents = t->nevents;
	reset_events(t, &set->events);
}

void tally_vm_reset(const struct tally *t, struct tally_vm *vm)
{
	reset_set(t, &vm->v.set);
	reset_set(t, &vm->v.gone);
	for (uint32_t i = 0; i < vm->v.nvcpus && vm->v.vcpus; i++)
		reset_set(t, &vm->v.vcpus[i].set);
	for (uint32_t i = 0; i < vm->v.nclasses; i++)
		reset_events(t, &vm->v.classes[i].events);
	reset_events(t, &vm->v.events);
}

static void add_events(const struct view *v, struct view_event *to, const struct view_event *one)
{
	for (uint32_t i = 0; one && i < v->nevents; i++) {
		struct view_event *s = &to[i];
		const struct view_event *e = &one[i];

		if (v->events[i].gauge) {
			*s = *e;
			continue;
		}
		counts_add_value(s, e);
		if (!e->enabled)
			continue;
		s->enabled = e->enabled;
		s->running = e->running;
	}
}

/* The place of a vCPU, or the one where it would stand. */
static uint32_t vcpu_at(const struct tally_vm *vm, int32_t id)
{
	uint32_t lo = 0, hi = vm->v.nvcpus;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (vm->v.vcpus[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int32_t id_of(const struct view_vcpu *c)
{
	return c->id < 0 ? -1 : c->id;
}

/* The ids of all that live, each once and in order; returns their number. */
static uint32_t living(const struct view_vm *one, int32_t *ids)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < one->nvcpus; i++) {
		int32_t id = id_of(&one->vcpus[i]);
		uint32_t at = n;

		/* they mostly come in order */
		while (at && ids[at - 1] > id)
			at--;
		if (at && ids[at - 1] == id)
			continue;
		memmove(&ids[at + 1], &ids[at], (n - at) * sizeof(*ids));
		ids[at] = id;
		n++;
	}
	return n;
}

/* Those that live stay or come, the others go. */
static void meet_vcpus(const struct tally *t, struct tally_vm *vm)
{
	struct view_vcpu *old = vm->v.vcpus, *now;
	uint32_t nold = vm->v.nvcpus, k = 0;
	int32_t *ids = mem_zalloc(vm->one->nvcpus, sizeof(*ids));
	uint32_t n = living(vm->one, ids);

	now = mem_zalloc(n, sizeof(*now));
	for (uint32_t i = 0; i < n; i++) {
		while (k < nold && old[k].id < ids[i])
			set_free(&old[k++].set);
		if (k < nold && old[k].id == ids[i]) {
			now[i] = old[k++];
			continue;
		}
		now[i].id = ids[i];
		new_set(t, vm, &now[i].set);
	}
	while (k < nold)
		set_free(&old[k++].set);
	vm->v.vcpus = now;
	vm->v.nvcpus = n;
	free(ids);
	free(old);
}

/* The VM's class, which is made if it is not there. */
static struct view_class *class_of(const struct tally *t, struct tally_vm *vm, uint32_t class)
{
	struct view_class *c = vm->v.classes;
	uint32_t at = 0;

	while (at < vm->v.nclasses && c[at].class < class)
		at++;
	if (at < vm->v.nclasses && c[at].class == class)
		return &c[at];
	memmove(&c[at + 1], &c[at], (vm->v.nclasses - at) * sizeof(*c));
	vm->v.nclasses++;
	c[at] = (struct view_class){.class = class};
	c[at].events = mem_zalloc(t->nevents, sizeof(*c[at].events));
	return &c[at];
}

void tally_class_add(struct view_class *sum, const struct view_class *one)
{
	sum->cpu_ns += one->cpu_ns;
	sum->wait_ns += one->wait_ns;
	sum->switches += one->switches;
	sum->migrations += one->migrations;
}

void tally_vm_meet(const struct tally *t, struct tally_vm *vm, uint64_t interval_ns)
{
	const struct view_vm *one = vm->one;

	vm->v.vmm = one->vmm;
	vm->v.machine = one->machine;
	vm->v.vpmu = one->vpmu;
	memcpy(vm->v.meta, one->meta, sizeof(vm->v.meta));
	vm->v.ended = one->ended;
	if (t->o.per_vcpu && vm != t->other)
		meet_vcpus(t, vm);
	else
		vm->v.nvcpus = one->nvcpus;
	for (uint32_t i = 0; i < one->nclasses; i++)
		class_of(t, vm, one->classes[i].class);
	reasons_meet(t, vm, interval_ns);
}

static void add_set(const struct tally *t, const struct view *v, struct tally_vm *vm, struct view_set *to,
		    const struct view_set *one)
{
	set_add_figures(to, one);
	to->busy_ns += one->busy_ns;
	to->handling_ns += one->handling_ns;
	if (!t->o.hide_exits)
		reasons_add(vm, to, one);
	add_events(v, to->events, one->events);
}

void tally_vm_add(const struct tally *t, const struct view *v, struct tally_vm *vm)
{
	const struct view_vm *one = vm->one;

	add_set(t, v, vm, &vm->v.set, &one->set);
	if (t->o.per_vcpu && vm != t->other) {
		add_set(t, v, vm, &vm->v.gone, &one->gone);
		for (uint32_t i = 0; i < one->nvcpus; i++) {
			struct view_vcpu *c = &vm->v.vcpus[vcpu_at(vm, id_of(&one->vcpus[i]))];

			c->tid = one->vcpus[i].tid;
			add_set(t, v, vm, &c->set, &one->vcpus[i].set);
		}
	}
	for (uint32_t i = 0; i < vm->v.nclasses; i++)
		vm->v.classes[i].count = 0;
	for (uint32_t i = 0; i < one->nclasses; i++) {
		const struct view_class *from = &one->classes[i];
		struct view_class *c = class_of(t, vm, from->class);

		c->count = from->count;
		tally_class_add(c, from);
		c->total = from->total;
		add_events(v, c->events, from->events);
	}
	add_events(v, vm->v.events, one->events);
	vm->v.lost_ns += one->lost_ns;
}
