// SPDX-License-Identifier: GPL-2.0-only
#include "collect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/hostinfo.h"
#include "../host/topology.h"
#include "../lib/clock.h"
#include "../lib/mem.h"
#include "../model/metric.h"
#include "counted.h"
#include "slot.h"
#include "threads.h"
#include "visible.h"

/* Where nobody looks at threads they are read in one of so many samples, to forget those that have ended. */
#define THREADS_SKIPPED 10

/* A VM as long as it is known: what a sample says of it besides its live threads. */
struct known_vm {
	struct vm_id id;
	char comm[16];
	struct sample_vcpu gone;
	struct vm_threads threads;
	bool fresh;    /* its threads are not counted yet */
	bool here;     /* it had its KVM file open when they were listed last */
	bool reported; /* a sample has already told that it ended */
};

/* KVM's number of a vCPU, by the thread that runs it (0: none has yet). */
struct vcpu_number {
	struct vm_id vm;
	uint32_t tid;
	int32_t id;
};

struct collect {
	struct probe *p;
	struct vms *v;
	const char *why;
	struct host_info host;
	struct known_vm *vms;
	size_t nvms;
	struct vcpu_number *numbers;
	size_t nnumbers;
	bool *seen_gone;              /* by slot: a sample has already held it with its end */
	uint32_t live;                /* slots taken at the last look, and threads that came since */
	uint64_t unpaired, backwards; /* of slots that were folded */
	uint64_t unnamed;             /* VMs of which nothing could be read */
	bool entries_seen, uexits_seen;
	struct vmp_slot slot; /* the copy being worked on */
	uint64_t *cpu_ns;     /* and its times by CPU */
	struct thread_reading reading;
	struct counted *counted;
	bool started; /* the gate is open */
	bool fresh;   /* a VM came meanwhile */
	bool threads_needed;
	uint32_t threads_skipped; /* samples since threads were read */
};

struct collect *collect_new(struct probe *p, struct vms *v, const char *why)
{
	struct collect *c = mem_zalloc(1, sizeof(*c));

	c->p = p;
	c->v = v;
	c->why = why ? why : "";
	c->threads_needed = true;
	if (p) {
		c->seen_gone = mem_zalloc(probe_slots(p), sizeof(*c->seen_gone));
		c->cpu_ns = mem_zalloc(probe_cpus(p), sizeof(*c->cpu_ns));
		c->counted = counted_new(p);
	}
	return c;
}

/* Grows by doubling: n holds the number of items already there. */
static void *grow(void *items, size_t n, size_t size)
{
	return n & (n - 1) ? items : mem_resize(items, n ? 2 * n : 1, size);
}

static struct known_vm *known_vm(struct collect *c, struct vm_id id, const char *comm)
{
	struct known_vm *k;

	for (size_t i = 0; i < c->nvms; i++)
		if (c->vms[i].id.pid == id.pid && c->vms[i].id.start_ns == id.start_ns)
			return &c->vms[i];
	c->vms = mem_resize(c->vms, c->nvms + 1, sizeof(*c->vms));
	k = &c->vms[c->nvms++];
	memset(k, 0, sizeof(*k));
	k->id = id;
	memcpy(k->comm, comm, sizeof(k->comm));
	k->comm[sizeof(k->comm) - 1] = '\0';
	k->gone.id = -1;
	k->fresh = c->fresh = c->started;
	/* named while it lives: it may end before the next sample */
	c->unnamed += !vms_lookup(c->v, id, k->comm)->known;
	return k;
}

static struct known_vm *vm_of_slot(struct collect *c)
{
	struct vm_id id = {.pid = c->slot.tgid, .start_ns = c->slot.start_ns};

	return known_vm(c, id, c->slot.comm);
}

static int32_t vcpu_number(const struct collect *c, const struct vmp_slot *s)
{
	if (s->vcpu_id >= 0)
		return s->vcpu_id;
	for (size_t i = 0; i < c->nnumbers; i++)
		if (c->numbers[i].tid == s->tid && c->numbers[i].vm.start_ns == s->start_ns)
			return c->numbers[i].id;
	return -1;
}

/* The slot that is being worked on, number i, as the model has it at the time now. */
static void vcpu_from_slot(const struct collect *c, uint32_t i, uint64_t now, struct sample_vcpu *v)
{
	slot_read(&c->slot, now, c->cpu_ns, probe_cpus(c->p), v);
	v->id = vcpu_number(c, &c->slot);
	counted_vcpu(c->counted, i, v);
}

/* Copies slot i to be worked on; false when it is free. */
static bool take_slot(struct collect *c, uint32_t i)
{
	return probe_slot(c->p, i, &c->slot, c->cpu_ns);
}

static void free_vcpu(struct sample_vcpu *v)
{
	free(v->exits);
	free(v->cpu_ns);
	free(v->events);
	v->exits = NULL;
	v->cpu_ns = NULL;
	v->events = NULL;
}

/* Takes the slot's totals into its VM's and gives the slot back. */
static void fold(struct collect *c, uint32_t i)
{
	struct sample_vcpu v;

	vcpu_from_slot(c, i, c->slot.end_ns, &v);
	sample_fold(&vm_of_slot(c)->gone, &v);
	free_vcpu(&v);
	c->unpaired += c->slot.unpaired;
	c->backwards += c->slot.backwards;
	c->seen_gone[i] = false;
	probe_recycle(c->p, i);
}

/* Folds the slots of ended threads: all of them, or those that a sample has shown. */
static void fold_gone(struct collect *c, bool all)
{
	c->live = 0;
	for (uint32_t i = 0; i < probe_slots(c->p); i++) {
		if (!take_slot(c, i))
			continue;
		if (c->slot.life == VMP_GONE && (all || c->seen_gone[i]))
			fold(c, i);
		else
			c->live++;
	}
}

static void on_news(uint32_t slot, void *arg)
{
	struct collect *c = arg;

	if (slot >= probe_slots(c->p) || !take_slot(c, slot))
		return;
	vm_of_slot(c);
	c->live++;
}

struct tids {
	uint32_t *list;
	size_t n;
};

static void add_tid(const struct vmp_thread *t, void *arg)
{
	struct tids *x = arg;

	if (t->kernel || !t->tid)
		return;
	x->list = grow(x->list, x->n, sizeof(*x->list));
	x->list[x->n++] = t->tid;
}

/* The threads that a VM had before its first event are counted from now on. */
static void adopt_fresh(struct collect *c)
{
	struct probe_process *ask = mem_zalloc(c->nvms, sizeof(*ask));
	struct tids tids = {0};
	size_t n = 0;

	for (size_t i = 0; i < c->nvms; i++) {
		if (c->vms[i].fresh)
			ask[n++] = (struct probe_process){c->vms[i].id.pid, c->vms[i].id.start_ns};
		c->vms[i].fresh = false;
	}
	c->fresh = false;
	if (n && !probe_threads(c->p, ask, n, add_tid, &tids))
		probe_adopt(c->p, tids.list, tids.n);
	free(tids.list);
	free(ask);
}

void collect_news(struct collect *c)
{
	if (!c->p)
		return;
	probe_news(c->p, on_news, c);
	probe_reopen(c->p);
	if (c->fresh && probe_numbers(c->p) > probe_slots(c->p))
		adopt_fresh(c);
	/* few free slots left: those of ended threads are worth more empty than shown once more */
	if (c->live > probe_slots(c->p) / 2)
		fold_gone(c, true);
}

static void on_file(const struct vmp_file *f, void *arg)
{
	struct collect *c = arg;

	struct vm_id id = {.pid = f->tgid, .start_ns = f->start_ns};

	if (f->kind == VMP_FILE_VM) {
		known_vm(c, id, f->comm)->here = true;
		return;
	}
	c->numbers = grow(c->numbers, c->nnumbers, sizeof(*c->numbers));
	c->numbers[c->nnumbers++] = (struct vcpu_number){.vm = id, .tid = f->tid, .id = f->vcpu_id};
}

static int by_vcpu(const void *a, const void *b)
{
	const struct sample_vcpu *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static int by_name(const void *a, const void *b)
{
	const struct sample_vm *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	if (d)
		return d;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* Room for one more vCPU of this VM, zeroed. */
static struct sample_vcpu *add_vcpu(struct collect *c, struct sample *s, const struct known_vm *k)
{
	size_t n = (size_t)(k - c->vms);
	struct sample_vm *vm;

	while (!s->vms || s->nvms <= n) {
		s->vms = grow(s->vms, s->nvms, sizeof(*s->vms));
		memset(&s->vms[s->nvms++], 0, sizeof(*s->vms));
	}
	vm = &s->vms[n];
	vm->vcpus = grow(vm->vcpus, vm->nvcpus, sizeof(*vm->vcpus));
	memset(&vm->vcpus[vm->nvcpus], 0, sizeof(*vm->vcpus));
	return &vm->vcpus[vm->nvcpus++];
}

static void sample_slots(struct collect *c, struct sample *s)
{
	for (uint32_t i = 0; i < probe_slots(c->p); i++) {
		if (!take_slot(c, i))
			continue;
		vcpu_from_slot(c, i, clock_now(CLOCK_MONOTONIC), add_vcpu(c, s, vm_of_slot(c)));
		s->loss[VMP_LOSS_UNPAIRED] += c->slot.unpaired;
		s->loss[VMP_LOSS_BACKWARDS] += c->slot.backwards;
		c->seen_gone[i] = c->slot.life == VMP_GONE;
		c->entries_seen |= c->slot.entered != 0;
		for (int u = 0; u < VMP_UEXITS; u++)
			c->uexits_seen |= c->slot.uexits[u].count != 0;
	}
}

/* vCPUs that had no event since vmperf started: they are there, with nothing counted. */
static void sample_silent(struct collect *c, struct sample *s)
{
	for (size_t i = 0; i < c->nnumbers; i++) {
		const struct vcpu_number *n = &c->numbers[i];
		const struct known_vm *k = known_vm(c, n->vm, "");
		size_t at = (size_t)(k - c->vms);
		const struct sample_vm *vm = at < s->nvms ? &s->vms[at] : NULL;
		struct sample_vcpu *v;
		bool there = false;

		for (uint32_t j = 0; vm && j < vm->nvcpus && !there; j++)
			there = n->tid ? vm->vcpus[j].tid == n->tid : vm->vcpus[j].id == n->id;
		if (there)
			continue;
		v = add_vcpu(c, s, k);
		v->tid = n->tid;
		v->id = n->id;
	}
}

/* The threads of all VMs, which are in s in the order in which they are known. */
static void read_threads(struct collect *c, struct sample *s)
{
	struct probe_process *ask = mem_zalloc(c->nvms + 1, sizeof(*ask));
	struct thread_vm *vms = mem_zalloc(c->nvms + 1, sizeof(*vms));

	for (size_t i = 0; i < c->nvms; i++) {
		struct known_vm *k = &c->vms[i];

		ask[i] = (struct probe_process){k->id.pid, k->id.start_ns};
		vms[i] = (struct thread_vm){k->id.pid, k->id.start_ns, &k->threads, &s->vms[i]};
	}
	s->threads_visible = probe_threads(c->p, ask, c->nvms, thread_reading_add, &c->reading) == 0;
	c->threads_skipped = 0;
	if (s->threads_visible)
		thread_reading_end(&c->reading, vms, c->nvms);
	else
		thread_reading_drop(&c->reading);
	free(ask);
	free(vms);
}

/* The VM's names and sums; called after its threads were added. */
static void finish_vm(struct collect *c, struct known_vm *k, struct sample_vm *vm)
{
	const struct vm_names *names = vms_lookup(c->v, k->id, k->comm);

	vm->pid = k->id.pid;
	vm->start_ns = k->id.start_ns;
	vm->name = mem_strdup(names->name);
	memcpy(vm->uuid, names->uuid, sizeof(vm->uuid));
	memcpy(vm->vmm, names->vmm, sizeof(vm->vmm));
	memcpy(vm->machine, names->machine, sizeof(vm->machine));
	vm->vpmu = names->vpmu;
	for (int i = 0; i < META_KINDS; i++)
		vm->meta[i] = names->meta[i] ? mem_strdup(names->meta[i]) : NULL;
	/* who has files lives; else the leader of a process may end before its other threads */
	vm->ended = !k->here && !vms_alive(c->v, k->id);
	for (uint32_t i = 0; i < vm->nvcpus; i++)
		vm->ended &= vm->vcpus[i].end_ns != 0 || !vm->vcpus[i].exits;
	vm->gone = k->gone;
	vm->gone.exits = mem_dup(k->gone.exits, k->gone.nexits, sizeof(*k->gone.exits));
	if (k->gone.cpu_ns)
		vm->gone.cpu_ns = mem_dup(k->gone.cpu_ns, k->gone.ncpus, sizeof(*k->gone.cpu_ns));
	if (k->gone.events)
		vm->gone.events = mem_dup(k->gone.events, k->gone.nevents, sizeof(*k->gone.events));
	vm->pins_known = vms_pins(c->v, k->id, &vm->pins, &vm->npins);
	vm_threads_sample(&k->threads, vm);
	if (vm->nvcpus)
		qsort(vm->vcpus, vm->nvcpus, sizeof(*vm->vcpus), by_vcpu);
}

static void free_known(struct known_vm *k)
{
	free_vcpu(&k->gone);
	vm_threads_free(&k->threads);
}

/* Forgets the VMs whose end an earlier sample has told. */
static void forget_ended(struct collect *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nvms; i++) {
		struct known_vm *k = &c->vms[i];

		if (k->reported) {
			vms_forget(c->v, k->id);
			counted_forget(c->counted, k->id.pid, k->id.start_ns);
			free_known(k);
			continue;
		}
		c->vms[n++] = *k;
	}
	c->nvms = n;
}

void collect_sample(struct collect *c, struct sample *s)
{
	memset(s, 0, sizeof(*s));
	hostinfo_read(&s->host);
	s->load_known = hostinfo_load("", s->load);
	s->real_ns = clock_now(CLOCK_REALTIME);
	if (c->p) {
		fold_gone(c, false);
		forget_ended(c);
		collect_news(c);
		c->nnumbers = 0;
		for (size_t i = 0; i < c->nvms; i++)
			c->vms[i].here = false;
		probe_files(c->p, on_file, c);
		probe_loss(c->p, s->loss);
		s->loss[VMP_LOSS_UNPAIRED] += c->unpaired;
		s->loss[VMP_LOSS_BACKWARDS] += c->backwards;
		s->loss[VMP_LOSS_UNNAMED] = c->unnamed;
		s->nprobes = probe_status(c->p, s->probes, SAMPLE_PROBES);
		s->ncpus = probe_cpus(c->p);
		if (topology_nodes("", probe_cpu_node(c->p), s->ncpus))
			s->cpu_node = mem_dup(probe_cpu_node(c->p), s->ncpus, sizeof(*s->cpu_node));
		s->begin_ns = clock_now(CLOCK_MONOTONIC);
		counted_begin(c->counted);
		sample_slots(c, s);
		s->mono_ns = clock_now(CLOCK_MONOTONIC);
		sample_silent(c, s);
		while (s->nvms < c->nvms) {
			s->vms = grow(s->vms, s->nvms, sizeof(*s->vms));
			memset(&s->vms[s->nvms++], 0, sizeof(*s->vms));
		}
		if (c->threads_needed || c->threads_skipped++ >= THREADS_SKIPPED)
			read_threads(c, s);
		for (size_t i = 0; i < c->nvms; i++) {
			finish_vm(c, &c->vms[i], &s->vms[i]);
			c->vms[i].reported = s->vms[i].ended;
		}
		counted_end(c->counted, s);
		if (c->started)
			counted_adopt(c->counted, s);
		if (s->nvms)
			qsort(s->vms, s->nvms, sizeof(*s->vms), by_name);
	}
	if (!s->mono_ns)
		s->begin_ns = s->mono_ns = clock_now(CLOCK_MONOTONIC);
	if (c->p)
		visible_decide(s, c->entries_seen, c->uexits_seen);
	else
		snprintf(s->invisible_why, sizeof(s->invisible_why), "%s", c->why);
}

void collect_select(struct collect *c, const char *const *patterns, uint32_t n)
{
	if (c->counted)
		counted_select(c->counted, patterns, n);
}

void collect_needs(struct collect *c, uint32_t needs)
{
	bool events = c->counted && counted_want(c->counted, needs);

	c->threads_needed = events || needs & METRIC_NEEDS_THREADS;
}

void collect_start(struct collect *c, struct sample *s)
{
	collect_sample(c, s);
	if (!c->p)
		return;
	/* from here on events count: the first sample holds none of them */
	probe_start(c->p, &s->begin_ns, &s->mono_ns);
	c->started = true;
	counted_start(c->counted, s);
}

void collect_free(struct collect *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->nvms; i++)
		free_known(&c->vms[i]);
	free(c->vms);
	free(c->numbers);
	free(c->seen_gone);
	free(c->cpu_ns);
	thread_reading_free(&c->reading);
	counted_free(c->counted);
	free(c);
}
