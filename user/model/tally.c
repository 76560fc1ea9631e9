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

static void new_set(const struct tally *t, const struct tally_vm *vm, struct view_set *set)
{
	reasons_new_set(vm, set);
	set->nevents = t->nevents;
	set->events = mem_zalloc(t->nevents, sizeof(*set->events));
}

static struct tally_vm *new_vm(const struct tally *t)
{
	struct tally_vm *vm = mem_zalloc(1, sizeof(*vm));

	reasons_init(t, vm);
	new_set(t, vm, &vm->v.set);
	new_set(t, vm, &vm->v.gone);
	vm->v.events = mem_zalloc(t->nevents, sizeof(*vm->v.events));
	vm->v.classes = mem_zalloc(THREAD_CLASSES, sizeof(*vm->v.classes));
	return vm;
}

static void free_vm(struct tally *t, struct tally_vm *vm)
{
	if (vm->v.name)
		tally_unlabel(t, vm);
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

struct tally *tally_new(const struct tally_options *o)
{
	struct tally *t = mem_zalloc(1, sizeof(*t));

	t->o = *o;
	t->other = new_vm(t);
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

static bool same_events(const struct tally *t, const struct view *v)
{
	if (t->nevents != v->nevents)
		return false;
	for (uint32_t i = 0; i < v->nevents; i++)
		if (t->events[i].mode != v->events[i].mode ||
		    strcmp(t->events[i].name, v->events[i].name) != 0)
			return false;
	return true;
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

static void reset_vm(const struct tally *t, struct tally_vm *vm)
{
	reset_set(t, &vm->v.set);
	reset_set(t, &vm->v.gone);
	for (uint32_t i = 0; i < vm->v.nvcpus && vm->v.vcpus; i++)
		reset_set(t, &vm->v.vcpus[i].set);
	for (uint32_t i = 0; i < vm->v.nclasses; i++)
		reset_events(t, &vm->v.classes[i].events);
	reset_events(t, &vm->v.events);
}

static void take_events(struct tally *t, const struct view *v)
{
	if (same_events(t, v))
		return;
	free_events(t);
	t->nevents = v->nevents;
	t->events = mem_zalloc(v->nevents, sizeof(*t->events));
	for (uint32_t i = 0; i < v->nevents; i++)
		t->events[i] = (struct sample_event){.name = mem_strdup(v->events[i].name),
						     .mode = v->events[i].mode};
	for (uint32_t i = 0; i < t->nvms; i++)
		reset_vm(t, t->vms[i]);
	reset_vm(t, t->other);
}

static uint64_t sum_of(uint64_t x, uint64_t y)
{
	uint64_t sum;

	return __builtin_add_overflow(x, y, &sum) ? UINT64_MAX : sum;
}

static void add_events(const struct view *v, struct view_event *to, const struct view_event *one)
{
	for (uint32_t i = 0; one && i < v->nevents; i++) {
		struct view_event *s = &to[i];
		const struct view_event *e = &one[i];
		bool ran = s->enabled || e->enabled;

		if (v->events[i].gauge) {
			*s = *e;
			continue;
		}
		/* as in counts_add(): what did not run tells nothing of what did */
		s->known = (s->known && (s->enabled || !ran)) || (e->known && (e->enabled || !ran));
		s->value = sum_of(s->value, e->value);
		if (!e->enabled)
			continue;
		s->enabled = e->enabled;
		s->running = e->running;
	}
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
	const struct view_vm **fresh = mem_zalloc(v->nvms, sizeof(*fresh));
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
			free_vm(t, t->vms[i]);
	}
	if (nfresh || kept != t->nvms) {
		if (nfresh)
			qsort(fresh, nfresh, sizeof(*fresh), by_name);
		t->nvms = kept + nfresh;
		t->vms = mem_resize(t->vms, t->nvms + 1, sizeof(*t->vms));
		for (uint32_t i = 0; i < nfresh; i++) {
			struct tally_vm *vm = t->vms[kept + i] = new_vm(t);

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

/* Makes room for all that is to be added. */
static void meet(const struct tally *t, struct tally_vm *vm, uint64_t interval_ns)
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

static void add_vm(const struct tally *t, const struct view *v, struct tally_vm *vm)
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
		c->cpu_ns += from->cpu_ns;
		c->wait_ns += from->wait_ns;
		c->switches += from->switches;
		c->migrations += from->migrations;
		c->total = from->total;
		add_events(v, c->events, from->events);
	}
	add_events(v, vm->v.events, one->events);
	vm->v.lost_ns += one->lost_ns;
}

/* What all VMs without figures of their own did, as one. */
static void sum_others(const struct tally *t, struct view_vm *sum)
{
	sum->vmm = "";
	sum->machine = "";
	sum->classes = mem_zalloc(THREAD_CLASSES, sizeof(*sum->classes));
	sum->events = mem_zalloc(t->nevents, sizeof(*sum->events));
	sum->nclasses = THREAD_CLASSES;
	for (uint32_t i = 0; i < THREAD_CLASSES; i++) {
		sum->classes[i].class = i;
		sum->classes[i].events = mem_zalloc(t->nevents, sizeof(*sum->events));
	}
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
		for (uint32_t k = 0; k < one->nclasses; k++) {
			const struct view_class *from = &one->classes[k];
			struct view_class *c = &sum->classes[from->class];

			c->count += from->count;
			c->cpu_ns += from->cpu_ns;
			c->wait_ns += from->wait_ns;
			c->switches += from->switches;
			c->migrations += from->migrations;
			counts_add(c->events, from->events, t->nevents);
		}
	}
}

static void add_others(struct tally *t, const struct view *v, int64_t room)
{
	struct view_vm sum = {0};

	if (!t->nothers)
		return;
	sum_others(t, &sum);
	t->other->one = &sum;
	meet(t, t->other, v->interval_ns);
	reasons_choose(t, t->other, &room);
	add_vm(t, v, t->other);
	t->other->one = NULL;
	set_free(&sum.set);
	free(sum.events);
	for (uint32_t i = 0; i < THREAD_CLASSES; i++)
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
	tally_costs(&t->costs, &t->o, v);
	for (uint32_t i = 0; i < t->nvms; i++)
		meet(t, t->vms[i], v->interval_ns);
	room = tally_admit(t);
	t->nothers = 0;
	for (uint32_t i = 0; i < t->nvms; i++) {
		if (t->vms[i]->own)
			add_vm(t, v, t->vms[i]);
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

uint32_t tally_others(const struct tally *t)
{
	return t->nothers;
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->nvms; i++)
		free_vm(t, t->vms[i]);
	free_vm(t, t->other);
	free_events(t);
	free(t->vms);
	free(t->by_id);
	free(t->by_label);
	free(t->view.vms);
	free(t);
}
