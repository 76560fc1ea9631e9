/* SPDX-License-Identifier: GPL-2.0-only */
/* Made-up samples: threads whose ledgers balance, with round numbers. */
#ifndef VMPERF_TESTS_SAMPLES_H
#define VMPERF_TESTS_SAMPLES_H

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "model/sample.h"

#define US         1000ULL
#define MS         1000000ULL
#define SECOND     1000000000ULL
#define STATE(s)   (1U << (s))
#define KVM_STATES (STATE(VMP_GUEST) | STATE(VMP_KVM) | STATE(VMP_VMM))
#define ALL_STATES (STATE(VMP_STATES) - 1)
/* a KVM that fires neither kvm_entry nor kvm_exit */
#define OFF_STATES (ALL_STATES & ~KVM_STATES)

/* An empty sample of a host that shows the states given; exits where it shows guest. */
static inline void sample_host(struct sample *s, const char *vendor, const char *arch, uint32_t visible)
{
	memset(s, 0, sizeof(*s));
	s->mono_ns = 100 * SECOND;
	s->begin_ns = s->mono_ns;
	s->real_ns = 1700000000 * SECOND;
	snprintf(s->host.hostname, sizeof(s->host.hostname), "kvm1");
	snprintf(s->host.kernel, sizeof(s->host.kernel), "6.12.41-cloud");
	snprintf(s->host.arch, sizeof(s->host.arch), "%s", arch);
	snprintf(s->host.kvm_vendor, sizeof(s->host.kvm_vendor), "%s", vendor);
	s->host.cpus = 8;
	s->host.kvm_loaded = true;
	s->visible = visible;
	s->exits_visible = visible & STATE(VMP_GUEST);
	if (!s->exits_visible)
		snprintf(s->invisible_why, sizeof(s->invisible_why),
			 "KVM's vendor module %s fires no kvm_entry and kvm_exit here", vendor);
	s->nprobes = 2;
	snprintf(s->probes[0].name, sizeof(s->probes[0].name), "kvm_exit");
	s->probes[0].status = s->exits_visible ? PROBE_ACTIVE : PROBE_UNAVAILABLE;
	if (!s->exits_visible)
		snprintf(s->probes[0].reason, sizeof(s->probes[0].reason), "never fires");
	snprintf(s->probes[1].name, sizeof(s->probes[1].name), "kvm_userspace_exit");
	s->probes[1].status = PROBE_ACTIVE;
}

/* The next VM; the pointer holds until the one after it. */
static inline struct sample_vm *sample_vm(struct sample *s, const char *name, const char *uuid, uint32_t pid)
{
	struct sample_vm *vm;

	s->vms = mem_resize(s->vms, s->nvms + 1, sizeof(*s->vms));
	vm = &s->vms[s->nvms++];
	memset(vm, 0, sizeof(*vm));
	vm->name = mem_strdup(name);
	snprintf(vm->uuid, sizeof(vm->uuid), "%s", uuid);
	snprintf(vm->vmm, sizeof(vm->vmm), "qemu");
	vm->pid = pid;
	vm->start_ns = pid * SECOND;
	vm->gone.id = -1;
	return vm;
}

/* What is known of a VM beyond its name; meta by enum meta_kind, NULL: none. */
static inline void sample_about(struct sample_vm *vm, const char *machine, enum vpmu vpmu,
				const char *const meta[META_KINDS])
{
	snprintf(vm->machine, sizeof(vm->machine), "%s", machine);
	vm->vpmu = vpmu;
	for (int i = 0; i < META_KINDS; i++)
		vm->meta[i] = meta[i] ? mem_strdup(meta[i]) : NULL;
}

/* The next vCPU of a VM; the pointer holds until the one after it. */
static inline struct sample_vcpu *sample_vcpu(struct sample_vm *vm, uint32_t isa)
{
	struct sample_vcpu *v;

	vm->vcpus = mem_resize(vm->vcpus, vm->nvcpus + 1, sizeof(*vm->vcpus));
	v = &vm->vcpus[vm->nvcpus];
	memset(v, 0, sizeof(*v));
	v->id = (int32_t)vm->nvcpus;
	v->tid = vm->pid + 10 + vm->nvcpus;
	v->isa = isa;
	v->first_ns = 50 * SECOND;
	vm->nvcpus++;
	return v;
}

/* Time in a state that no exit is charged with. */
static inline void sample_state(struct sample_vcpu *v, enum vmp_state state, uint64_t ns)
{
	v->ledger[state] += ns;
	v->observed_ns += ns;
}

static inline unsigned int sample_bucket(uint64_t ns)
{
	unsigned int k = 0;

	while (k < VMP_HIST - 1 && ns >> (k + 1))
		k++;
	return k;
}

static inline struct vmp_exit *sample_code(struct sample_vcpu *v, uint64_t code)
{
	if (!v->nexits) {
		v->exits = mem_zalloc(VMP_EXITS, sizeof(*v->exits));
		v->exits[v->nexits++].code = VMP_CODE_OTHER;
	}
	for (uint32_t i = 0; i < v->nexits; i++)
		if (v->exits[i].code == code)
			return &v->exits[i];
	v->exits[v->nexits].code = code;
	return &v->exits[v->nexits++];
}

/* n exits, each of which took kvm and vmm ns. */
static inline void sample_exits(struct sample_vcpu *v, uint64_t code, uint64_t n, uint64_t kvm, uint64_t vmm)
{
	struct vmp_exit *e = sample_code(v, code);

	e->count += n;
	e->ns[VMP_KVM] += n * kvm;
	e->ns[VMP_VMM] += n * vmm;
	e->hist[sample_bucket(kvm + vmm)] += n;
	if (kvm + vmm > e->max_ns)
		e->max_ns = kvm + vmm;
	sample_state(v, VMP_KVM, n * kvm);
	sample_state(v, VMP_VMM, n * vmm);
}

/* Halted time of an exit reason. */
static inline void sample_halted(struct sample_vcpu *v, uint64_t code, enum vmp_state state, uint64_t ns)
{
	sample_code(v, code)->ns[state] += ns;
	sample_state(v, state, ns);
}

/* n times of so many ns. */
static inline void sample_times(struct vmp_times *t, uint64_t n, uint64_t ns)
{
	t->ns += n * ns;
	t->hist[sample_bucket(ns)] += n;
	if (n && ns > t->max_ns)
		t->max_ns = ns;
}

/* n halts: each took kvm ns of handling, slept idle ns, and entered the guest late ns after its wake-up. */
static inline void sample_halts(struct sample_vcpu *v, uint64_t code, uint64_t n, uint64_t kvm, uint64_t idle,
				uint64_t late)
{
	sample_exits(v, code, n, kvm, 0);
	sample_halted(v, code, VMP_IDLE, n * idle);
	sample_times(&v->halts, n, idle);
	sample_times(&v->wakes, n, late);
}

/* User-space exits that took ns in all (part of what sample_exits() had as vmm). */
static inline void sample_uexits(struct sample_vcpu *v, unsigned int place, uint64_t n, uint64_t ns)
{
	v->uexits[place].count += n;
	v->uexits[place].ns += ns;
}

/* Time on a CPU, of so many. */
static inline void sample_cpu(struct sample_vcpu *v, uint32_t ncpus, uint32_t cpu, uint64_t ns)
{
	if (!v->cpu_ns)
		v->cpu_ns = mem_zalloc(ncpus, sizeof(*v->cpu_ns));
	v->ncpus = ncpus;
	v->cpu_ns[cpu] += ns;
}

/* The next thread of a VM; the pointer holds until the one after it. */
static inline struct sample_thread *sample_thread(struct sample_vm *vm, enum thread_class class, uint32_t tid,
						  uint64_t cpu_ns, uint64_t wait_ns)
{
	struct sample_thread *t;

	vm->threads = mem_resize(vm->threads, vm->nthreads + 1, sizeof(*vm->threads));
	t = &vm->threads[vm->nthreads++];
	*t = (struct sample_thread){.tid = tid,
				    .class = class,
				    .start_ns = tid * SECOND,
				    .cpu_ns = cpu_ns,
				    .wait_ns = wait_ns,
				    .switches = cpu_ns / MS,
				    .migrations = cpu_ns / (100 * MS),
				    .cpu = tid % 8};
	return t;
}

/* The next event, which is counted; the pointer holds until the one after it. */
static inline struct sample_event *sample_event(struct sample *s, const char *name, enum event_mode mode,
						enum event_kind kind)
{
	struct sample_event *e;

	s->events = mem_resize(s->events, s->nevents + 1, sizeof(*s->events));
	e = &s->events[s->nevents++];
	*e = (struct sample_event){.name = mem_strdup(name), .mode = mode, .kind = kind, .counted = true};
	return e;
}

/* Adds what the event of this place counted to the events of a thread, a vCPU or a VM. */
static inline void sample_count(struct vmp_count **events, uint32_t *nevents, uint32_t place, uint64_t value,
				uint64_t enabled, uint64_t running)
{
	if (!*events)
		*events = mem_zalloc(VMP_EVENTS, sizeof(**events));
	if (*nevents <= place)
		*nevents = place + 1;
	(*events)[place].value += value;
	(*events)[place].enabled += enabled;
	(*events)[place].running += running;
}

static inline void sample_pin(struct sample_vm *vm, enum pin_kind kind, uint32_t id, const char *cpus)
{
	vm->pins = mem_resize(vm->pins, vm->npins + 1, sizeof(*vm->pins));
	vm->pins[vm->npins++] = (struct sample_pin){.kind = kind, .id = id, .cpus = mem_strdup(cpus)};
	vm->pins_known = true;
}

/* Guest time up to ns observed in all. */
static inline void sample_rest(struct sample_vcpu *v, uint64_t ns)
{
	sample_state(v, VMP_GUEST, ns - v->observed_ns);
}

#endif
