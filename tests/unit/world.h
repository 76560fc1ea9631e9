/* SPDX-License-Identifier: GPL-2.0-only */
/* A host on which VMs, vCPUs, threads and exit reasons come and go by chance, one sample after the other. */
#ifndef VMPERF_TESTS_WORLD_H
#define VMPERF_TESTS_WORLD_H

#include "model/counts.h"
#include "random_sample.h"
#include "record/copy.h"
#include "samples.h"

#define WORLD_CODES  14
#define WORLD_VMS    6
#define WORLD_EVENTS 4
#define WORLD_CPUS   4

struct world {
	struct dice d;
	struct sample before, now; /* of the last step */
	bool first;
	uint32_t next; /* number for pids, tids and starts */
	uint32_t isa;
};

static inline void world_events(struct world *w)
{
	static const char *const names[] = {"cycles", "page-faults", "cmt", "mbmt", "cycles"};
	struct sample *s = &w->now;
	uint32_t first = roll_to(&w->d, 2);

	for (uint32_t i = 0; i < WORLD_EVENTS; i++) {
		const char *name = names[i + first];
		struct sample_event *e = sample_event(s, name, roll_to(&w->d, 3), EVENT_OTHER);

		e->whole = name[0] == 'c' && name[1] == 'm';
		e->gauge = e->whole;
		e->whole |= name[0] == 'm';
		e->kind = e->gauge ? EVENT_LLC_OCCUPANCY : EVENT_OTHER;
		e->counted = e->whole || roll_to(&w->d, 6);
	}
}

static inline void world_begin(struct world *w, uint64_t seed)
{
	static const uint32_t visible[] = {ALL_STATES, ALL_STATES, ALL_STATES & ~STATE(VMP_VMM), 0};

	*w = (struct world){.d = {seed}, .first = true, .next = 100};
	for (int i = 0; i < 8; i++)
		roll(&w->d);
	w->isa = roll_to(&w->d, 2) ? VMP_ISA_SVM : VMP_ISA_VMX;
	sample_host(&w->now, "kvm", "x86_64", visible[roll_to(&w->d, 4)]);
	w->now.threads_visible = true;
	w->now.ncpus = WORLD_CPUS;
	if (roll_to(&w->d, 2))
		world_events(w);
}

static inline void world_end(struct world *w)
{
	sample_free(&w->before);
	sample_free(&w->now);
}

static inline const char *world_name(struct world *w)
{
	static const char *const names[] = {"web",     "web",  "db",      "other",
					    "web (2)", "a\nb", "a\\x0ab", "\xff\"}"};

	return names[roll_to(&w->d, sizeof(names) / sizeof(names[0]))];
}

static inline void world_call(struct world *w, struct sample_vm *vm)
{
	static const char *const uuids[] = {"", "", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"};

	free(vm->name);
	vm->name = mem_strdup(world_name(w));
	snprintf(vm->uuid, sizeof(vm->uuid), "%s", uuids[roll_to(&w->d, 3)]);
}

static inline void world_new_vcpu(struct world *w, struct sample_vm *vm)
{
	struct sample_vcpu *v = sample_vcpu(vm, w->isa);
	int32_t id = (int32_t)roll_to(&w->d, 5) - 1;
	bool taken = false;

	for (uint32_t i = 0; i + 1 < vm->nvcpus; i++)
		taken |= vm->vcpus[i].id == id && id >= 0;
	v->id = taken ? -1 : id;
	v->tid = w->next++;
	v->first_ns = w->now.mono_ns;
	sample_cpu(v, WORLD_CPUS, 0, 0);
	sample_thread(vm, THREAD_VCPU, v->tid, 0, 0);
}

static inline void world_new_vm(struct world *w)
{
	struct sample_vm *vm = sample_vm(&w->now, "", "", w->next++);

	/* a pid may come again */
	vm->pid = 100 + vm->pid % 7;
	vm->start_ns = w->next++ * SECOND;
	vm->gone.isa = w->isa;
	world_call(w, vm);
	for (uint32_t i = roll_to(&w->d, 3); i; i--)
		world_new_vcpu(w, vm);
	sample_thread(vm, THREAD_EMULATOR, w->next++, 0, 0);
	vm->nevents = w->now.nevents;
	vm->events = mem_zalloc(VMP_EVENTS, sizeof(*vm->events));
	vm->gone_events = mem_zalloc((size_t)THREAD_CLASSES * w->now.nevents, sizeof(*vm->gone_events));
}

static inline void world_end_vm(struct world *w, uint32_t i)
{
	struct sample one = {.nvms = 1, .vms = mem_dup(&w->now.vms[i], 1, sizeof(struct sample_vm))};

	w->now.nvms--;
	memmove(&w->now.vms[i], &w->now.vms[i + 1], (w->now.nvms - i) * sizeof(one.vms[0]));
	sample_free(&one);
}

/* A thread ends: what it did stands with those that are gone. */
static inline void world_end_thread(struct sample_vm *vm, uint32_t i)
{
	struct sample_thread *t = &vm->threads[i];
	struct sample_class *gone = &vm->gone_threads[t->class];

	gone->cpu_ns += t->cpu_ns;
	gone->wait_ns += t->wait_ns;
	gone->switches += t->switches;
	gone->migrations += t->migrations;
	if (t->events)
		counts_sum(vm->gone_events + (size_t)t->class * vm->nevents, t->events, t->nevents);
	free(t->events);
	vm->nthreads--;
	memmove(t, t + 1, (vm->nthreads - i) * sizeof(*t));
}

static inline void world_end_vcpu(struct sample_vm *vm, uint32_t i)
{
	struct sample_vcpu *v = &vm->vcpus[i];

	for (uint32_t k = 0; k < vm->nthreads; k++) {
		if (vm->threads[k].tid == v->tid) {
			world_end_thread(vm, k);
			break;
		}
	}
	sample_fold(&vm->gone, v);
	free(v->exits);
	free(v->cpu_ns);
	free(v->events);
	vm->nvcpus--;
	memmove(v, v + 1, (vm->nvcpus - i) * sizeof(*v));
}

static inline void world_count(struct world *w, struct sample_vcpu *v, struct sample_thread *t)
{
	for (uint32_t i = 0; i < w->now.nevents; i++) {
		uint64_t enabled = roll_to(&w->d, 3) * SECOND, running = enabled / (1 + roll_to(&w->d, 4));
		uint64_t value = roll_to(&w->d, 1000000);

		if (!w->now.events[i].counted || w->now.events[i].whole)
			continue;
		if (!roll_to(&w->d, 8))
			running = value = 0;
		sample_count(&t->events, &t->nevents, i, value, enabled, running);
		if (v)
			sample_count(&v->events, &v->nevents, i, value, enabled, running);
	}
}

static inline void world_run_vcpu(struct world *w, struct sample_vcpu *v)
{
	struct dice *d = &w->d;

	/* only some reasons at a time, so that their order changes */
	for (uint64_t k = 0, from = roll_to(d, WORLD_CODES); k < roll_to(d, 6); k++) {
		uint64_t code =
			w->isa == VMP_ISA_SVM ? 0x60 + (from + k) % WORLD_CODES : (from + k) % WORLD_CODES;

		if (!roll_to(d, 12))
			code = roll_to(d, 2) ? VMP_CODE_OTHER : 0x7777;
		sample_exits(v, code, 1 + roll_to(d, 1000), roll_to(d, 20000), roll_to(d, 2) * 700);
		if (!roll_to(d, 4))
			sample_halted(v, code, VMP_WAIT, roll_to(d, 1000000));
	}
	for (int i = 0; i < VMP_STATES; i++)
		if (i != VMP_KVM && i != VMP_VMM)
			sample_state(v, (enum vmp_state)i, roll_to(d, 100000000));
	sample_uexits(v, roll_to(d, 12), roll_to(d, 100), roll_to(d, 100000));
	sample_uexits(v, roll_to(d, 3) ? VMP_UEXIT_RESTART : VMP_UEXIT_UNKNOWN, roll_to(d, 3), 0);
	sample_times(&v->halts, roll_to(d, 50), roll_to(d, 1000000));
	sample_times(&v->wakes, roll_to(d, 50), roll_to(d, 1000000));
	sample_cpu(v, WORLD_CPUS, roll_to(d, WORLD_CPUS), roll_to(d, 100000000));
	v->moves += roll_to(d, 9);
	v->node_moves += roll_to(d, 3);
	v->unpaired += roll_to(d, 2);
	v->flags[VMP_FLAG_BUS_LOCK] += roll_to(d, 2);
}

static inline void world_run(struct world *w, struct sample_vm *vm)
{
	for (uint32_t i = 0; i < vm->nthreads; i++) {
		struct sample_thread *t = &vm->threads[i];
		struct sample_vcpu *v = NULL;

		for (uint32_t k = 0; k < vm->nvcpus; k++)
			if (vm->vcpus[k].tid == t->tid)
				v = &vm->vcpus[k];
		if (!roll_to(&w->d, 5))
			continue;
		t->cpu_ns += roll_to(&w->d, 1000000000);
		t->wait_ns += roll_to(&w->d, 1000000);
		t->switches += roll_to(&w->d, 1000);
		t->migrations += roll_to(&w->d, 10);
		world_count(w, v, t);
		if (v)
			world_run_vcpu(w, v);
	}
	for (uint32_t i = 0; i < w->now.nevents; i++)
		if (w->now.events[i].whole && roll_to(&w->d, 8))
			sample_count(&vm->events, &vm->nevents, i, roll_to(&w->d, 100000), 1, 1);
}

/* One thing that changes. */
static inline void world_change(struct world *w)
{
	struct sample *s = &w->now;
	struct sample_vm *vm = s->nvms ? &s->vms[roll_to(&w->d, s->nvms)] : NULL;

	switch (roll_to(&w->d, vm ? 9 : 1)) {
	case 0:
	case 1:
		if (s->nvms < WORLD_VMS)
			world_new_vm(w);
		break;
	case 2:
		if (!roll_to(&w->d, 3))
			world_end_vm(w, (uint32_t)(vm - s->vms));
		break;
	case 3:
		world_call(w, vm);
		break;
	case 4:
	case 5:
		if (vm->nvcpus < 4)
			world_new_vcpu(w, vm);
		break;
	case 6:
		if (vm->nvcpus)
			world_end_vcpu(vm, roll_to(&w->d, vm->nvcpus));
		break;
	case 7:
		sample_thread(vm, roll_to(&w->d, 2) ? THREAD_WORKER : THREAD_IOTHREAD, w->next++, 0, 0);
		break;
	case 8:
		for (uint32_t i = 0; i < vm->nthreads; i++) {
			if (vm->threads[i].class != THREAD_VCPU) {
				world_end_thread(vm, i);
				break;
			}
		}
		break;
	}
}

/* The next sample. */
static inline void world_step(struct world *w)
{
	sample_free(&w->before);
	w->before = copy_sample(&w->now);
	w->now.mono_ns += (1 + roll_to(&w->d, 60)) * SECOND;
	w->now.begin_ns = w->now.mono_ns;
	w->now.real_ns += SECOND;
	w->now.loss[roll_to(&w->d, VMP_LOSSES)] += roll_to(&w->d, 5);
	for (uint32_t i = roll_to(&w->d, 4); i; i--)
		world_change(w);
	for (uint32_t i = 0; i < w->now.nvms; i++)
		world_run(w, &w->now.vms[i]);
	w->first = false;
}

#endif
