// SPDX-License-Identifier: GPL-2.0-only
#include "perf_read_vms.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"

struct told_thread {
	uint32_t vm; /* in the section */
	int32_t vcpu;
};

struct copy {
	const struct perf_tasks *t;
	const struct profile *from;
	struct profile *to;
	struct perf_features *f;
	bool all;
	struct perf_table told; /* pids of the VMs that our own section tells */
	uint32_t *vm_of;        /* in the section, by the place in told */
	/* their threads, those in processes of their own, too */
	struct perf_table tids;
	struct told_thread *thread_of; /* by the place in tids */
	/* places in to; PROFILE_NONE: not there yet */
	uint32_t *events, *vms, *threads, *objects, *stacks;
};

static uint32_t *places(uint32_t n)
{
	uint32_t *p = mem_zalloc((size_t)n + 1, sizeof(*p));

	for (uint32_t i = 0; i < n; i++)
		p[i] = PROFILE_NONE;
	return p;
}

static void read_section(struct copy *c)
{
	for (uint32_t i = 0; i < c->f->vms.nvms; i++) {
		const struct perf_section_vm *vm = &c->f->vms.vms[i];
		uint32_t n = c->told.n, at = perf_table_place(&c->told, vm->pid);

		if (at == n)
			c->vm_of = index_room(c->vm_of, n, sizeof(*c->vm_of));
		c->vm_of[at] = i;
		profile_vm(c->to, vm->pid, vm->start_ns, vm->name, vm->uuid);
		for (uint32_t k = 0; k < vm->nthreads; k++) {
			n = c->tids.n;
			at = perf_table_place(&c->tids, vm->threads[k].tid);
			if (at == n)
				c->thread_of = index_room(c->thread_of, n, sizeof(*c->thread_of));
			c->thread_of[at] = (struct told_thread){i, vm->threads[k].vcpu};
		}
	}
}

/* What the section says of a process or thread; NULL: nothing. */
static const struct perf_section_vm *told_vm(const struct copy *c, uint32_t pid)
{
	uint32_t at = perf_table_find(&c->told, pid);

	return at == INDEX_NONE || !c->vm_of ? NULL : &c->f->vms.vms[c->vm_of[at]];
}

static const struct told_thread *told_thread(const struct copy *c, uint32_t tid)
{
	uint32_t at = perf_table_find(&c->tids, tid);

	return at == INDEX_NONE || !c->thread_of ? NULL : &c->thread_of[at];
}

/* Whether this thread's samples count. */
static bool is_vms(const struct copy *c, const struct profile_thread *t)
{
	const struct perf_process *p = &c->t->processes[t->vm];
	uint32_t pid = c->from->vms[t->vm].pid;

	if (!pid)
		return false;
	if (c->all)
		return true;
	if (c->f->has_vms)
		return told_vm(c, pid) || told_thread(c, t->tid);
	return p->has_guest_samples || p->has_vcpu;
}

static uint32_t copy_told(struct copy *c, const struct perf_section_vm *vm)
{
	return profile_vm(c->to, vm->pid, vm->start_ns, vm->name, vm->uuid);
}

static uint32_t copy_vm(struct copy *c, uint32_t process)
{
	uint32_t pid = c->from->vms[process].pid;
	const struct perf_section_vm *told;
	char number[16];
	const char *name;

	if (c->vms[process] != PROFILE_NONE)
		return c->vms[process];
	told = told_vm(c, pid);
	if (told) {
		c->vms[process] = copy_told(c, told);
		return c->vms[process];
	}
	name = perf_tasks_comm(c->t, pid);
	if (!*name) {
		/* as perf shows it */
		snprintf(number, sizeof(number), ":%u", pid);
		name = number;
	}
	c->vms[process] = profile_vm(c->to, pid, 0, name, "");
	return c->vms[process];
}

static uint32_t copy_thread(struct copy *c, uint32_t place)
{
	const struct profile_thread *t = &c->from->threads[place];
	const struct told_thread *told;
	int32_t vcpu = t->vcpu;
	uint32_t vm;

	if (c->threads[place] == PROFILE_NONE) {
		told = told_thread(c, t->tid);
		vm = told ? copy_told(c, &c->f->vms.vms[told->vm]) : copy_vm(c, t->vm);
		if (told && told->vcpu >= 0)
			vcpu = told->vcpu;
		c->threads[place] = profile_thread(c->to, vm, t->tid, vcpu, t->comm);
	}
	return c->threads[place];
}

static void set_id(struct profile_object *o, const struct perf_build_id *id)
{
	if (o->build_id_size || !id)
		return;
	o->build_id_size = id->size;
	memcpy(o->build_id, id->id, sizeof(o->build_id));
}

static void set_kernel(struct profile_object *o, const struct perf_kernel *k)
{
	o->unsure = k->unsure;
	memcpy(o->ref_name, k->ref_name, sizeof(o->ref_name));
	o->ref_addr = k->ref_addr;
	o->build_id_size = k->build_id_size;
	memcpy(o->build_id, k->build_id, sizeof(o->build_id));
}

static uint32_t copy_object(struct copy *c, uint32_t place)
{
	struct profile_object o;
	const struct perf_kernel *k;
	const struct perf_section_vm *told;
	uint32_t pid;
	char path[48];

	if (place == PROFILE_NONE || c->objects[place] != PROFILE_NONE)
		return place == PROFILE_NONE ? place : c->objects[place];
	o = c->from->objects[place];
	if (o.vm != PROFILE_NONE) {
		pid = c->from->vms[o.vm].pid;
		k = c->t->processes[o.vm].guest;
		told = told_vm(c, pid);
		o.vm = copy_vm(c, o.vm);
		if (o.kind == PROFILE_GUEST_FILE)
			o.path = (char *)"[guest user]";
		if (o.kind == PROFILE_GUEST_KERNEL) {
			bool own = k || !c->t->guest.known;

			if (!own)
				set_kernel(&o, &c->t->guest);
			else if (k)
				set_kernel(&o, k);
			if (told)
				memcpy(o.boot_id, told->boot_id, sizeof(o.boot_id));
			snprintf(path, sizeof(path), "[guest.kernel.kallsyms.%u]", pid);
			o.path = own ? path : (char *)"[guest.kernel.kallsyms]";
			set_id(&o, perf_features_find(c->f, PERF_ID_GUEST_KERNEL, own ? pid : 0, ""));
		}
	} else if (o.kind == PROFILE_KERNEL) {
		set_kernel(&o, &c->t->host);
		set_id(&o, perf_features_find(c->f, PERF_ID_KERNEL, 0, ""));
	} else if (o.kind == PROFILE_FILE) {
		set_id(&o, perf_features_find(c->f, PERF_ID_FILE, 0, o.path));
	}
	c->objects[place] = profile_object(c->to, &o);
	return c->objects[place];
}

static uint32_t copy_stack(struct copy *c, uint32_t place)
{
	const struct profile_stack *s;
	struct profile_frame *frames;

	if (place == PROFILE_NONE || c->stacks[place] != PROFILE_NONE)
		return place == PROFILE_NONE ? place : c->stacks[place];
	s = &c->from->stacks[place];
	frames = mem_dup(s->frames, s->n, sizeof(*frames));
	for (uint32_t i = 0; i < s->n; i++)
		frames[i].object = copy_object(c, frames[i].object);
	c->stacks[place] = profile_stack(c->to, frames, s->n);
	free(frames);
	return c->stacks[place];
}

/* Events without samples are there, too, but for those that only take notes of mappings. */
static void copy_events(struct copy *c)
{
	const struct perf_events *e = c->t->events;
	char name[256];

	for (uint32_t i = 0; i < e->n; i++) {
		bool hits = i < c->from->nevents && c->from->events[i].total.samples;

		if (!hits && e->items[i].type == PERF_TYPE_SOFTWARE &&
		    e->items[i].config == PERF_COUNT_SW_DUMMY)
			continue;
		perf_events_name(&e->items[i], name, sizeof(name));
		c->events[i] = profile_event(c->to, name, e->items[i].freq);
	}
}

static void copy_hits(struct copy *c)
{
	for (size_t i = 0; i < c->from->nhits; i++) {
		struct profile_hit h = c->from->hits[i];

		if (!is_vms(c, &c->from->threads[h.thread])) {
			c->to->foreign += h.sum.samples;
			continue;
		}
		h.event = c->events[h.event];
		h.thread = copy_thread(c, h.thread);
		h.at.object = copy_object(c, h.at.object);
		h.stack = copy_stack(c, h.stack);
		profile_hit(c->to, &h);
	}
}

static void copy_head(struct copy *c)
{
	const struct perf_features *f = c->f;
	uint64_t begin = c->t->begin, end = c->t->end;
	struct profile *p = c->to;

	memcpy(p->hostname, f->hostname, sizeof(p->hostname));
	memcpy(p->kernel, f->kernel, sizeof(p->kernel));
	memcpy(p->arch, f->arch, sizeof(p->arch));
	p->lost = c->from->lost;
	if (begin == PERF_NO_TIME) {
		begin = f->first;
		end = f->last;
	}
	if (begin == PERF_NO_TIME || end < begin)
		return;
	p->duration_ns = end - begin;
	/* the two clocks go at the same speed, but for the little that the time of day was set by */
	if (f->clock_real && f->clock_event)
		p->begin_ns = f->clock_real + (begin - f->clock_event);
	else if (f->has_vms)
		p->begin_ns = f->vms.begin_ns;
}

struct profile *perf_vms_profile(const struct perf_tasks *t, struct perf_features *f, bool all)
{
	const struct profile *from = t->profile;
	struct copy c = {.t = t, .from = from, .to = profile_new(), .f = f, .all = all};

	c.events = places(t->events->n);
	c.vms = places(from->nvms);
	c.threads = places(from->nthreads);
	c.objects = places(from->nobjects);
	c.stacks = places(from->nstacks);
	if (f->has_vms)
		read_section(&c);
	copy_head(&c);
	copy_events(&c);
	copy_hits(&c);
	free(c.events);
	free(c.vms);
	free(c.threads);
	free(c.objects);
	free(c.stacks);
	free(c.vm_of);
	free(c.thread_of);
	perf_table_free(&c.told);
	perf_table_free(&c.tids);
	return c.to;
}
