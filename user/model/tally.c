// SPDX-License-Identifier: GPL-2.0-only
#include "tally.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "counts.h"
#include "set.h"
#include "tally_parts.h"

bool tally_histogram(const struct tally_options *o, const char *reason)
{
	for (uint32_t i = 0; i < o->nhistograms; i++)
		if (!fnmatch(o->histograms[i], reason, 0))
			return true;
	return false;
}

static void forget(struct tally *t, struct tally_vm *vm)
{
	tally_unlabel(t, vm);
	tally_vm_free(vm);
}

struct tally *tally_new(const struct tally_options *o)
{
	struct tally *t = mem_zalloc(1, sizeof(*t));

	t->o = *o;
	t->other = tally_vm_new(t);
	tally_label(t, t->other, TALLY_OTHER, "");
	return t;
}

static void free_events(struct tally *t)
{
	for (uint32_t i = 0; i < t->nevents; i++)
		free(t->events[i].name);
	free(t->events);
}

/* Events */

static void take_events(struct tally *t, const struct view *v)
{
	if (counts_same(t->events, t->nevents, v->events, v->nevents))
		return;
	free_events(t);
	t->nevents = v->nevents;
	t->events = mem_zalloc(v->nevents, sizeof(*t->events));
	for (uint32_t i = 0; i < v->nevents; i++)
		t->events[i] = (struct sample_event){.name = mem_strdup(v->events[i].name),
						     .mode = v->events[i].mode};
	for (uint32_t i = 0; i < t->nvms; i++)
		tally_vm_reset(t, t->vms[i]);
	tally_vm_reset(t, t->other);
}

/* VMs */

static int id_compare(const struct tally_vm *x, uint32_t pid, uint64_t start_ns)
{
	if (x->v.pid != pid)
		return x->v.pid < pid ? -1 : 1;
	return (x->v.start_ns > start_ns) - (x->v.start_ns < start_ns);
}

static int by_id(const void *a, const void *b)
{
	const struct tally_vm *const *x = a, *const *y = b;

	return id_compare(*x, (*y)->v.pid, (*y)->v.start_ns);
}

/* The VM that is this one; NULL: it is new.  A record may have one twice. */
static struct tally_vm *find_vm(const struct tally *t, const struct view_vm *one)
{
	uint32_t lo = 0, hi = t->nvms;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (id_compare(t->by_id[mid], one->pid, one->start_ns) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < t->nvms && !id_compare(t->by_id[lo], one->pid, one->start_ns); lo++)
		if (!t->by_id[lo]->one)
			return t->by_id[lo];
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct view_vm *x = *(const struct view_vm *const *)a, *y = *(const struct view_vm *const *)b;
	int d = strcmp(x->name, y->name);

	return d ? d : (x->pid > y->pid) - (x->pid < y->pid);
}

/* Each VM of the view to its own; those that are not in it go, new ones come, by name. */
static void match(struct tally *t, const struct view *v)
{
	const struct view_vm **fresh = mem_zalloc(v->nvms, sizeof(struct view_vm *));
	uint32_t nfresh = 0, kept = 0;

	for (uint32_t i = 0; i < v->nvms; i++) {
		struct tally_vm *vm;

		if (v->vms[i].ended && !t->o.ended)
			continue;
		vm = find_vm(t, &v->vms[i]);
		if (vm)
			vm->one = &v->vms[i];
		else
			fresh[nfresh++] = &v->vms[i];
	}
	for (uint32_t i = 0; i < t->nvms; i++) {
		if (t->vms[i]->one)
			t->vms[kept++] = t->vms[i];
		else
			forget(t, t->vms[i]);
	}
	if (nfresh || kept != t->nvms) {
		if (nfresh)
			qsort(fresh, nfresh, sizeof(struct view_vm *), by_name);
		t->nvms = kept + nfresh;
		t->vms = mem_resize(t->vms, t->nvms + 1, sizeof(struct tally_vm *));
		for (uint32_t i = 0; i < nfresh; i++) {
			struct tally_vm *vm = t->vms[kept + i] = tally_vm_new(t);

			vm->one = fresh[i];
			vm->v.pid = fresh[i]->pid;
			vm->v.start_ns = fresh[i]->start_ns;
		}
		free(t->by_id);
		t->by_id = mem_dup(t->vms, t->nvms + 1, sizeof(struct tally_vm *));
		qsort(t->by_id, t->nvms, sizeof(struct tally_vm *), by_id);
	}
	free(fresh);
}

static void name_all(struct tally *t)
{
	/* two may have changed their names with each other */
	for (uint32_t i = 0; i < t->nvms; i++) {
		struct tally_vm *vm = t->vms[i];

		if (vm->name && !strcmp(vm->name, vm->one->name) && !strcmp(vm->uuid, vm->one->uuid))
			continue;
		if (vm->name)
			tally_unlabel(t, vm);
		free(vm->name);
		free(vm->uuid);
		vm->name = mem_strdup(vm->one->name);
		vm->uuid = mem_strdup(vm->one->uuid);
	}
	for (uint32_t i = 0; i < t->nvms; i++)
		if (!t->vms[i]->v.name)
			tally_label(t, t->vms[i], t->vms[i]->name, t->vms[i]->uuid);
}

static void add_class(const struct tally *t, struct view_vm *sum, const struct view_class *one)
{
	struct view_class *c = sum->classes;

	while (c < sum->classes + sum->nclasses && c->class != one->class)
		c++;
	if (c == sum->classes + sum->nclasses) {
		sum->nclasses++;
		c->class = one->class;
		c->events = mem_zalloc(t->nevents, sizeof(*c->events));
	}
	c->count += one->count;
	tally_class_add(c, one);
	counts_add(c->events, one->events, t->nevents);
}

/* What all VMs without figures of their own did, as one. */
static void sum_others(const struct tally *t, struct view_vm *sum)
{
	sum->vmm = "";
	sum->machine = "";
	sum->classes = mem_zalloc(THREAD_CLASSES, sizeof(*sum->classes));
	sum->events = mem_zalloc(t->nevents, sizeof(*sum->events));
	for (uint32_t i = 0; i < t->nvms; i++) {
		const struct view_vm *one = t->vms[i]->one;

		if (t->vms[i]->own)
			continue;
		set_add(&sum->set, &one->set);
		sum->set.busy_ns += one->set.busy_ns;
		sum->set.handling_ns += one->set.handling_ns;
		sum->nvcpus += one->nvcpus;
		sum->lost_ns += one->lost_ns;
		counts_add(sum->events, one->events, t->nevents);
		for (uint32_t k = 0; k < one->nclasses; k++)
			add_class(t, sum, &one->classes[k]);
	}
}

static void add_others(struct tally *t, const struct view *v, int64_t room)
{
	struct view_vm sum = {0};

	if (!t->nothers)
		return;
	sum_others(t, &sum);
	t->other->one = &sum;
	tally_vm_meet(t, t->other, v->interval_ns);
	reasons_choose(t, t->other, &room);
	tally_vm_add(t, v, t->other);
	t->other->one = NULL;
	set_free(&sum.set);
	free(sum.events);
	for (uint32_t i = 0; i < sum.nclasses; i++)
		free(sum.classes[i].events);
	free(sum.classes);
}

/* What is shown besides VMs is the newest view's, but for sums. */
static void show(struct tally *t, const struct view *v)
{
	struct view before = t->view;

	t->view = *v;
	t->view.interval_ns += before.interval_ns;
	for (int i = 0; i < VMP_LOSSES; i++)
		t->view.loss[i] += before.loss[i];
	memset(&t->view.total, 0, sizeof(t->view.total));
	t->view.nvcpus = 0;
	t->view.nvms = 0;
	t->view.vms = mem_resize(before.vms, (size_t)t->nvms + 1, sizeof(*t->view.vms));
	for (uint32_t i = 0; i <= t->nvms; i++) {
		const struct tally_vm *vm = i < t->nvms ? t->vms[i] : t->other;

		if (!vm->own)
			continue;
		t->view.vms[t->view.nvms++] = vm->v;
		t->view.nvcpus += vm->v.nvcpus;
	}
}

void tally_add(struct tally *t, const struct view *v)
{
	int64_t room;

	take_events(t, v);
	match(t, v);
	name_all(t);
	tally_costs(t, v);
	for (uint32_t i = 0; i < t->nvms; i++)
		tally_vm_meet(t, t->vms[i], v->interval_ns);
	room = tally_admit(t);
	t->nothers = 0;
	for (uint32_t i = 0; i < t->nvms; i++) {
		if (t->vms[i]->own)
			tally_vm_add(t, v, t->vms[i]);
		else
			t->nothers++;
	}
	add_others(t, v, room);
	t->other->own = t->nothers;
	show(t, v);
	for (uint32_t i = 0; i < t->nvms; i++)
		t->vms[i]->one = NULL;
}

const struct view *tally_view(const struct tally *t)
{
	return &t->view;
}

bool tally_is_other(const struct view_vm *vm)
{
	return !*vm->uuid && !strcmp(vm->name, TALLY_OTHER);
}

uint32_t tally_others(const struct tally *t)
{
	return t->nothers;
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->nvms; i++)
		forget(t, t->vms[i]);
	forget(t, t->other);
	free_events(t);
	free(t->vms);
	free(t->by_id);
	free(t->by_label);
	free(t->view.vms);
	free(t);
}
