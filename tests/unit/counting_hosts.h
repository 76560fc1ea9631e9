/* SPDX-License-Identifier: GPL-2.0-only */
/* Made-up hosts that count events. */
#ifndef VMPERF_TESTS_COUNTING_HOSTS_H
#define VMPERF_TESTS_COUNTING_HOSTS_H

#include "hosts.h"

/* An event of guest and host apart. */
static inline void apart(struct sample *s, const char *name, enum event_kind kind)
{
	sample_event(s, name, EVENT_GUEST, kind);
	sample_event(s, name, EVENT_HOST, kind);
}

static inline void not_counted(struct sample *s, const char *why)
{
	struct sample_event *e = &s->events[s->nevents - 1];

	e->counted = false;
	snprintf(e->why, sizeof(e->why), "%s", why);
}

/* Places in the list of intel_events(). */
enum { CYCLES = 0, INSTRUCTIONS = 2, LLC = 4, STALLED = 6, RAW = 8, CMT, MBMT, MBML };

static inline void intel_events(struct sample *s)
{
	apart(s, "cycles", EVENT_CYCLES);
	apart(s, "instructions", EVENT_INSTRUCTIONS);
	apart(s, "LLC-load-misses", EVENT_LLC_MISSES);
	sample_event(s, "stalled-cycles-frontend", EVENT_GUEST, EVENT_STALLED_FRONTEND);
	not_counted(s, "this CPU does not have it");
	sample_event(s, "stalled-cycles-frontend", EVENT_HOST, EVENT_STALLED_FRONTEND);
	not_counted(s, "this CPU does not have it");
	sample_event(s, "cpu/event=0xc4,umask=0x20,name=\033[31mred/", EVENT_GUEST, EVENT_OTHER);
	sample_event(s, "cmt", EVENT_BOTH, EVENT_LLC_OCCUPANCY)->gauge = true;
	sample_event(s, "mbmt", EVENT_BOTH, EVENT_BANDWIDTH);
	sample_event(s, "mbml", EVENT_BOTH, EVENT_BANDWIDTH_LOCAL);
	for (uint32_t i = CMT; i <= MBML; i++)
		s->events[i].whole = true;
}

/* ms on a CPU; of 3 GHz, the host's part percent; the raw event shares its counter with others. */
static inline void intel_counts(struct vmp_count **events, uint32_t *n, uint64_t ms, uint64_t percent)
{
	uint64_t host = ms * 3000000 / 100 * percent, guest = ms * 3000000 - host, ns = ms * MS;

	sample_count(events, n, CYCLES, guest, ns, ns);
	sample_count(events, n, CYCLES + 1, host, ns, ns);
	sample_count(events, n, INSTRUCTIONS, guest + guest / 4, ns, ns);
	sample_count(events, n, INSTRUCTIONS + 1, host / 2, ns, ns);
	/* what is counted in 5 of 8 ms */
	sample_count(events, n, LLC, guest / 1000, ns, ns / 8 * 5);
	sample_count(events, n, LLC + 1, host / 100, ns, ns / 8 * 5);
	sample_count(events, n, RAW, 0, ns, 0);
}

static inline void intel_vcpu(struct sample_vm *vm, uint64_t scale, uint64_t ms)
{
	struct sample_vcpu *v = sample_vcpu(vm, VMP_ISA_VMX);
	struct sample_thread *t = sample_thread(vm, THREAD_VCPU, v->tid, ms * MS * scale, 0);

	sample_exits(v, 48, 400 * scale, 1500, 0);
	sample_halted(v, 12, VMP_IDLE, (2000 - ms) * MS * scale);
	sample_rest(v, 2 * SECOND * scale);
	intel_counts(&v->events, &v->nevents, ms * scale, 10);
	intel_counts(&t->events, &t->nevents, ms * scale, 10);
}

static inline void intel_thread(struct sample_vm *vm, enum thread_class class, uint32_t tid, uint64_t ms)
{
	struct sample_thread *t = sample_thread(vm, class, tid, ms * MS, 0);

	intel_counts(&t->events, &t->nevents, ms, 100);
}

static inline void intel_whole(struct sample_vm *vm, uint64_t occupancy, uint64_t bytes, uint64_t local)
{
	sample_count(&vm->events, &vm->nevents, CMT, occupancy, 1, 1);
	sample_count(&vm->events, &vm->nevents, MBMT, bytes, 1, 1);
	sample_count(&vm->events, &vm->nevents, MBML, local, 1, 1);
}

static inline void intel_vms(struct sample *s, uint64_t scale)
{
	struct sample_vm *vm;

	s->threads_visible = true;
	intel_events(s);
	vm = sample_vm(s, "db", "00000000-0000-4000-8000-000000000001", 500);
	intel_vcpu(vm, scale, 1600);
	intel_vcpu(vm, scale, 800);
	intel_thread(vm, THREAD_EMULATOR, 500, 40 * scale);
	intel_thread(vm, THREAD_VHOST, 502, 200 * scale);
	intel_whole(vm, 12345678 / scale, 5000000000 * scale, 4000000000 * scale);
	/* it does not run: nothing is counted, which is a number; its memory is not read */
	vm = sample_vm(s, "sleeping", "", 600);
	intel_vcpu(vm, scale, 0);
	intel_thread(vm, THREAD_EMULATOR, 600, 0);
}

/* Counters of the CPU's for guest and host, some of the time only, and resctrl. */
static inline void intel(struct pair *p)
{
	both(p, "kvm_intel", "x86_64", ALL_STATES);
	intel_vms(&p->a, 1);
	intel_vms(&p->b, 2);
	/* a worker came and went */
	p->b.vms[0].gone_threads[THREAD_WORKER].cpu_ns = 8 * MS;
	p->b.vms[0].nevents = p->b.nevents;
	p->b.vms[0].gone_events = mem_zalloc((size_t)THREAD_CLASSES * p->b.nevents, sizeof(struct vmp_count));
	p->b.vms[0].gone_events[THREAD_WORKER * p->b.nevents + CYCLES + 1] =
		(struct vmp_count){16000000, 8 * MS, 8 * MS};
}

/* No counters of the CPU's: the kernel's own events, which are the guest's and the host's in one. */
static inline void software(struct pair *p)
{
	static const char *const no_pmu =
		"this host has no PMU that counts it; in a VM it needs a virtual PMU";
	struct sample_vcpu *v;
	struct sample_thread *t;
	struct sample_vm *vm;

	user(p);
	p->b.threads_visible = p->a.threads_visible = true;
	for (int i = 0; i < 2; i++) {
		struct sample *s = i ? &p->b : &p->a;

		sample_event(s, "cycles", EVENT_GUEST, EVENT_CYCLES);
		not_counted(s, no_pmu);
		sample_event(s, "cycles", EVENT_HOST, EVENT_CYCLES);
		not_counted(s, no_pmu);
		sample_event(s, "task-clock", EVENT_BOTH, EVENT_OTHER);
		sample_event(s, "page-faults", EVENT_BOTH, EVENT_OTHER);
		sample_event(s, "instructions", EVENT_GUEST, EVENT_INSTRUCTIONS);
		not_counted(s, "");
		sample_event(s, "instructions", EVENT_HOST, EVENT_INSTRUCTIONS);
		not_counted(s, no_pmu);
	}
	vm = &p->b.vms[0];
	for (uint32_t i = 0; i < vm->nvcpus; i++) {
		v = &vm->vcpus[i];
		t = sample_thread(vm, THREAD_VCPU, v->tid, 1500 * MS, 0);
		sample_count(&v->events, &v->nevents, 2, 1500000001, 1500 * MS, 1500 * MS);
		sample_count(&v->events, &v->nevents, 3, 77, 1500 * MS, 1500 * MS);
		sample_count(&t->events, &t->nevents, 2, 1500000001, 1500 * MS, 1500 * MS);
		sample_count(&t->events, &t->nevents, 3, 77, 1500 * MS, 1500 * MS);
	}
	t = sample_thread(vm, THREAD_EMULATOR, vm->pid, 20 * MS, 0);
	sample_count(&t->events, &t->nevents, 2, 20000000, 20 * MS, 20 * MS);
	sample_count(&t->events, &t->nevents, 3, 3, 20 * MS, 20 * MS);
}

#endif
