// SPDX-License-Identifier: GPL-2.0-only
#include "counted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/resctrl.h"
#include "../lib/mem.h"
#include "../model/counts.h"
#include "../model/metric.h"
#include "../model/select.h"

/* What is remembered of a number of a thread that runs no vCPU. */
struct memory {
	uint64_t start_ns; /* of the thread that had it at the last reading */
	uint32_t tid, pid, class;
};

/* Such a thread in this reading. */
struct entry {
	uint32_t number;
	struct vmp_other o;
	bool found; /* among its VM's threads */
};

/* What such threads of a VM that have ended have counted. */
struct ended {
	uint32_t pid;
	uint64_t start_ns;
	struct vmp_count *counts; /* by class, then event */
};

struct counted {
	struct probe *p;
	uint32_t nevents;
	struct sample_event *events;
	bool perf; /* the kernel side counts some */
	uint32_t needs;
	struct memory *memory; /* by number, from probe_slots() on */
	size_t n, room;
	struct entry *list;       /* by tid */
	struct vmp_count *counts; /* of list, nevents each */
	size_t nvms;
	struct ended *vms;
	struct resctrl *resctrl;
	const char *const *patterns;
	uint32_t npatterns;
};

static void open_resctrl(struct counted *c)
{
	char why[EVENT_ERROR];
	bool opened = false;

	for (uint32_t i = 0; i < c->nevents; i++) {
		struct sample_event *e = &c->events[i];

		if (!e->whole)
			continue;
		if (!opened)
			c->resctrl = resctrl_open("", why, sizeof(why));
		opened = true;
		e->counted = c->resctrl && resctrl_host(c->resctrl)->has[RESCTRL_EVENT(e->kind)];
		if (!e->counted)
			snprintf(e->why, sizeof(e->why), "%s",
				 c->resctrl ? "this CPU does not monitor it" : why);
	}
}

struct counted *counted_new(struct probe *p)
{
	struct counted *c = mem_zalloc(1, sizeof(*c));
	uint32_t others = probe_numbers(p) - probe_slots(p);

	c->p = p;
	c->events = probe_events(p, &c->nevents);
	c->perf = others != 0;
	c->needs = METRIC_NEEDS_ALL;
	c->memory = mem_zalloc(others, sizeof(*c->memory));
	open_resctrl(c);
	return c;
}

void counted_select(struct counted *c, const char *const *patterns, uint32_t n)
{
	c->patterns = patterns;
	c->npatterns = n;
}

static bool selected(const struct counted *c, const struct sample_vm *vm)
{
	for (uint32_t i = 0; i < c->npatterns; i++)
		if (select_vm(c->patterns[i], vm))
			return true;
	return !c->npatterns;
}

static bool wanted(const struct counted *c, const struct sample_event *e)
{
	return c->needs & 1U << e->kind;
}

bool counted_want(struct counted *c, uint32_t needs)
{
	bool any = probe_want(c->p, needs & METRIC_NEEDS_EVENTS);

	c->needs = needs;
	for (uint32_t i = 0; c->resctrl && i < c->nevents; i++)
		any |= c->events[i].whole && wanted(c, &c->events[i]);
	return any;
}

static int by_tid(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->o.tid != y->o.tid)
		return x->o.tid < y->o.tid ? -1 : 1;
	return x->o.start_ns < y->o.start_ns ? -1 : x->o.start_ns > y->o.start_ns;
}

void counted_begin(struct counted *c)
{
	if (!c->perf)
		return;
	probe_flush(c->p);
	probe_reopen(c->p);
	c->n = 0;
	for (uint32_t i = probe_slots(c->p); i < probe_numbers(c->p); i++) {
		struct vmp_other o;

		if (!probe_other(c->p, i, &o))
			continue;
		if (c->n == c->room) {
			c->room = c->room ? 2 * c->room : 16;
			c->list = mem_resize(c->list, c->room, sizeof(*c->list));
		}
		c->list[c->n++] = (struct entry){.number = i, .o = o};
	}
	if (c->n)
		qsort(c->list, c->n, sizeof(*c->list), by_tid);
	free(c->counts);
	c->counts = mem_zalloc(c->n * c->nevents, sizeof(*c->counts));
	for (size_t i = 0; i < c->n; i++)
		probe_counts(c->p, c->list[i].number, c->counts + i * c->nevents);
}

void counted_vcpu(const struct counted *c, uint32_t i, struct sample_vcpu *v)
{
	if (!c->perf)
		return;
	v->nevents = c->nevents;
	v->events = mem_zalloc(c->nevents, sizeof(*v->events));
	probe_counts(c->p, i, v->events);
}

static struct ended *ended_of(struct counted *c, const struct sample_vm *vm)
{
	struct ended *x;

	for (size_t i = 0; i < c->nvms; i++)
		if (c->vms[i].pid == vm->pid && c->vms[i].start_ns == vm->start_ns)
			return &c->vms[i];
	c->vms = mem_resize(c->vms, c->nvms + 1, sizeof(*c->vms));
	x = &c->vms[c->nvms++];
	*x = (struct ended){vm->pid, vm->start_ns,
			    mem_zalloc((size_t)THREAD_CLASSES * c->nevents, sizeof(*x->counts))};
	return x;
}

static struct memory *memory_of(const struct counted *c, const struct entry *e)
{
	return &c->memory[e->number - probe_slots(c->p)];
}

/* The counts of a thread that is among its VM's; NULL: it has none yet. */
static const struct vmp_count *counts_of(struct counted *c, const struct sample_vm *vm,
					 const struct sample_thread *t, bool *vcpus)
{
	struct entry key = {.o = {.tid = t->tid, .start_ns = t->start_ns}}, *e;

	for (uint32_t i = 0; i < vm->nvcpus; i++) {
		if (vm->vcpus[i].tid == t->tid && vm->vcpus[i].events && !vm->vcpus[i].end_ns) {
			vcpus[i] = true;
			return vm->vcpus[i].events;
		}
	}
	e = c->n ? bsearch(&key, c->list, c->n, sizeof(*c->list), by_tid) : NULL;
	if (!e)
		return NULL;
	e->found = true;
	*memory_of(c, e) = (struct memory){t->start_ns, t->tid, vm->pid, t->class};
	return c->counts + (size_t)(e - c->list) * c->nevents;
}

static void fill_threads(struct counted *c, struct sample_vm *vm)
{
	bool *vcpus = mem_zalloc(vm->nvcpus, sizeof(*vcpus)); /* told as threads */
	struct vmp_count *gone = mem_zalloc((size_t)THREAD_CLASSES * c->nevents, sizeof(*gone));

	vm->nevents = c->nevents;
	vm->gone_events = gone;
	for (uint32_t i = 0; i < vm->nthreads; i++) {
		struct sample_thread *t = &vm->threads[i];
		const struct vmp_count *counts = counts_of(c, vm, t, vcpus);

		if (!counts)
			continue;
		t->nevents = c->nevents;
		t->events = mem_dup(counts, c->nevents, sizeof(*counts));
	}
	for (uint32_t i = 0; i < vm->nvcpus; i++)
		if (!vcpus[i] && vm->vcpus[i].events)
			counts_sum(gone + (size_t)THREAD_VCPU * c->nevents, vm->vcpus[i].events, c->nevents);
	if (vm->gone.events)
		counts_sum(gone + (size_t)THREAD_VCPU * c->nevents, vm->gone.events, c->nevents);
	counts_sum(gone, ended_of(c, vm)->counts, THREAD_CLASSES * c->nevents);
	free(vcpus);
}

/* Threads that have ended, or ended or came while the sample was taken. */
static void fill_rest(struct counted *c, struct sample *s)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct entry *e = &c->list[i];
		const struct memory *m = memory_of(c, e);
		bool known = m->tid == e->o.tid && m->start_ns == e->o.start_ns;
		uint32_t pid = known ? m->pid : e->o.tgid, class = known ? m->class : THREAD_OTHER;
		const struct vmp_count *counts = c->counts + i * c->nevents;

		if (e->found)
			continue;
		for (uint32_t j = 0; j < s->nvms; j++) {
			struct sample_vm *vm = &s->vms[j];

			if (vm->pid != pid || vm->start_ns > e->o.start_ns)
				continue;
			counts_sum(vm->gone_events + (size_t) class * c->nevents, counts, c->nevents);
			if (e->o.life == VMP_GONE)
				counts_sum(ended_of(c, vm)->counts + (size_t) class * c->nevents, counts,
					   c->nevents);
			break;
		}
		if (e->o.life == VMP_GONE)
			probe_recycle(c->p, e->number);
	}
}

static void fill_whole(struct counted *c, struct sample_vm *vm)
{
	struct vmp_count counts[RESCTRL_EVENTS];
	uint32_t *tids;
	bool any = false;

	vm->events = mem_zalloc(c->nevents, sizeof(*vm->events));
	for (uint32_t i = 0; i < c->nevents; i++)
		any |= c->events[i].whole && wanted(c, &c->events[i]);
	if (!c->resctrl || !any || vm->ended || !selected(c, vm))
		return;
	tids = mem_zalloc(vm->nthreads, sizeof(*tids));
	for (uint32_t i = 0; i < vm->nthreads; i++)
		tids[i] = vm->threads[i].tid;
	resctrl_vm(c->resctrl, vm->pid, vm->start_ns, tids, vm->nthreads, counts);
	for (uint32_t i = 0; i < c->nevents; i++)
		if (c->events[i].whole && wanted(c, &c->events[i]))
			vm->events[i] = counts[RESCTRL_EVENT(c->events[i].kind)];
	free(tids);
}

void counted_end(struct counted *c, struct sample *s)
{
	if (!c->nevents)
		return;
	s->nevents = c->nevents;
	s->events = mem_dup(c->events, c->nevents, sizeof(*c->events));
	for (uint32_t i = 0; i < s->nevents; i++)
		s->events[i].name = mem_strdup(c->events[i].name);
	if (c->resctrl)
		resctrl_begin(c->resctrl);
	for (uint32_t i = 0; i < s->nvms; i++) {
		fill_threads(c, &s->vms[i]);
		fill_whole(c, &s->vms[i]);
	}
	fill_rest(c, s);
}

void counted_adopt(struct counted *c, const struct sample *s)
{
	size_t n = 0, room = 0;
	uint32_t *tids = NULL;

	for (uint32_t i = 0; c->perf && i < s->nvms; i++) {
		for (uint32_t j = 0; j < s->vms[i].nthreads; j++) {
			const struct sample_thread *t = &s->vms[i].threads[j];

			if (t->events)
				continue;
			if (n == room) {
				room = room ? 2 * room : 16;
				tids = mem_resize(tids, room, sizeof(*tids));
			}
			tids[n++] = t->tid;
		}
	}
	probe_adopt(c->p, tids, n);
	free(tids);
}

void counted_start(struct counted *c, struct sample *s)
{
	counted_adopt(c, s);
	for (uint32_t i = 0; c->perf && i < s->nvms; i++) {
		for (uint32_t j = 0; j < s->vms[i].nthreads; j++) {
			struct sample_thread *t = &s->vms[i].threads[j];

			if (t->events)
				continue;
			t->nevents = c->nevents;
			t->events = mem_zalloc(c->nevents, sizeof(*t->events));
		}
	}
}

void counted_forget(struct counted *c, uint32_t pid, uint64_t start_ns)
{
	if (c->resctrl)
		resctrl_forget(c->resctrl, pid, start_ns);
	for (size_t i = 0; i < c->nvms; i++) {
		if (c->vms[i].pid != pid || c->vms[i].start_ns != start_ns)
			continue;
		free(c->vms[i].counts);
		c->vms[i] = c->vms[--c->nvms];
		return;
	}
}

void counted_free(struct counted *c)
{
	if (!c)
		return;
	resctrl_close(c->resctrl);
	for (size_t i = 0; i < c->nvms; i++)
		free(c->vms[i].counts);
	free(c->vms);
	free(c->memory);
	free(c->list);
	free(c->counts);
	free(c);
}
