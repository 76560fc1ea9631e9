/* SPDX-License-Identifier: GPL-2.0-only */
/* Made-up samples in which every member may be anything that it can be. */
#ifndef VMPERF_TESTS_RANDOM_SAMPLE_H
#define VMPERF_TESTS_RANDOM_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "model/sample.h"

/* xorshift64; never 0 */
struct dice {
	uint64_t state;
};

static inline uint64_t roll(struct dice *d)
{
	d->state ^= d->state << 13;
	d->state ^= d->state >> 7;
	d->state ^= d->state << 17;
	return d->state;
}

static inline uint32_t roll_to(struct dice *d, uint32_t n)
{
	return (uint32_t)(roll(d) >> 20) % n;
}

/* Of any length in bits; often 0. */
static inline uint64_t roll_number(struct dice *d)
{
	return roll_to(d, 3) ? roll(d) >> roll_to(d, 64) : 0;
}

static inline void roll_numbers(struct dice *d, void *to, size_t n)
{
	uint64_t *at = to;

	for (size_t i = 0; i < n; i++)
		at[i] = roll_number(d);
}

/* A text of less than size bytes, any but NUL. */
static inline void roll_text(struct dice *d, char *to, size_t size)
{
	size_t n = roll_to(d, 3) ? roll_to(d, (uint32_t)size) : 0;

	memset(to, 0, size);
	for (size_t i = 0; i < n; i++)
		to[i] = (char)(1 + roll_to(d, 255));
}

static inline char *roll_string(struct dice *d)
{
	char text[300];

	roll_text(d, text, sizeof(text));
	return mem_strdup(text);
}

/* NULL, or so many; a few kinds of list are not known. */
static inline void *roll_list(struct dice *d, size_t n, size_t size)
{
	uint64_t *ret = roll_to(d, 4) ? mem_zalloc(n, size) : NULL;

	if (ret)
		roll_numbers(d, ret, n * size / sizeof(*ret));
	return ret;
}

static inline void roll_vcpu(struct dice *d, struct sample_vcpu *v)
{
	memset(v, 0, sizeof(*v));
	v->tid = (uint32_t)roll_number(d);
	v->id = (int32_t)roll_to(d, 10) - 1;
	v->isa = roll_to(d, 4);
	v->first_ns = roll_number(d);
	v->end_ns = roll_number(d);
	v->observed_ns = roll_number(d);
	roll_numbers(d, v->ledger, VMP_STATES);
	roll_numbers(d, &v->halts, sizeof(v->halts) / 8);
	roll_numbers(d, &v->wakes, sizeof(v->wakes) / 8);
	v->ncpus = roll_to(d, 20);
	v->cpu_ns = roll_list(d, v->ncpus, sizeof(*v->cpu_ns));
	v->cpu = (uint32_t)roll_number(d);
	v->moves = roll_number(d);
	v->node_moves = roll_number(d);
	v->unpaired = roll_number(d);
	v->backwards = roll_number(d);
	roll_numbers(d, v->flags, VMP_FLAGS);
	v->nexits = roll_to(d, 6);
	v->exits = mem_zalloc(v->nexits, sizeof(*v->exits));
	roll_numbers(d, v->exits, v->nexits * sizeof(*v->exits) / 8);
	roll_numbers(d, v->uexits, sizeof(v->uexits) / 8);
	v->nevents = roll_to(d, 5);
	v->events = roll_list(d, v->nevents, sizeof(*v->events));
}

static inline void roll_thread(struct dice *d, struct sample_thread *t)
{
	*t = (struct sample_thread){.tid = (uint32_t)roll_number(d),
				    .class = roll_to(d, THREAD_CLASSES),
				    .start_ns = roll_number(d),
				    .cpu_ns = roll_number(d),
				    .wait_ns = roll_number(d),
				    .switches = roll_number(d),
				    .migrations = roll_number(d),
				    .cpu = (uint32_t)roll_number(d),
				    .nevents = roll_to(d, 5)};
	t->events = roll_list(d, t->nevents, sizeof(*t->events));
}

static inline void roll_vm(struct dice *d, struct sample_vm *vm)
{
	memset(vm, 0, sizeof(*vm));
	vm->pid = (uint32_t)roll_number(d);
	vm->start_ns = roll_number(d);
	vm->name = roll_string(d);
	roll_text(d, vm->uuid, sizeof(vm->uuid));
	roll_text(d, vm->vmm, sizeof(vm->vmm));
	roll_text(d, vm->machine, sizeof(vm->machine));
	vm->vpmu = roll_to(d, VPMU_ON + 1);
	for (int i = 0; i < META_KINDS; i++) {
		vm->meta[i] = roll_string(d);
		if (!vm->meta[i][0]) {
			free(vm->meta[i]);
			vm->meta[i] = NULL;
		}
	}
	vm->ended = roll_to(d, 2);
	vm->nvcpus = roll_to(d, 5);
	vm->vcpus = mem_zalloc(vm->nvcpus, sizeof(*vm->vcpus));
	for (uint32_t i = 0; i < vm->nvcpus; i++)
		roll_vcpu(d, &vm->vcpus[i]);
	roll_vcpu(d, &vm->gone);
	vm->nthreads = roll_to(d, 5);
	vm->threads = mem_zalloc(vm->nthreads, sizeof(*vm->threads));
	for (uint32_t i = 0; i < vm->nthreads; i++)
		roll_thread(d, &vm->threads[i]);
	roll_numbers(d, vm->gone_threads, sizeof(vm->gone_threads) / 8);
	vm->nevents = roll_to(d, 5);
	vm->gone_events = roll_list(d, (size_t)vm->nevents * THREAD_CLASSES, sizeof(*vm->gone_events));
	vm->events = roll_list(d, vm->nevents, sizeof(*vm->events));
	vm->pins_known = roll_to(d, 2);
	vm->npins = roll_to(d, 4);
	vm->pins = mem_zalloc(vm->npins, sizeof(*vm->pins));
	for (uint32_t i = 0; i < vm->npins; i++)
		vm->pins[i] = (struct sample_pin){roll_to(d, 3), (uint32_t)roll_number(d), roll_string(d)};
}

static inline void roll_sample(struct dice *d, struct sample *s)
{
	memset(s, 0, sizeof(*s));
	s->begin_ns = roll_number(d);
	s->mono_ns = roll_number(d);
	s->real_ns = roll_number(d);
	roll_text(d, s->host.hostname, sizeof(s->host.hostname));
	roll_text(d, s->host.kernel, sizeof(s->host.kernel));
	roll_text(d, s->host.arch, sizeof(s->host.arch));
	s->host.cpus = (unsigned int)roll_number(d);
	s->host.kvm_loaded = roll_to(d, 2);
	roll_text(d, s->host.kvm_vendor, sizeof(s->host.kvm_vendor));
	s->load_known = roll_to(d, 2);
	roll_numbers(d, s->load, sizeof(s->load) / 8);
	s->visible = (uint32_t)roll_number(d);
	s->exits_visible = roll_to(d, 2);
	roll_text(d, s->invisible_why, sizeof(s->invisible_why));
	s->nprobes = roll_to(d, SAMPLE_PROBES + 1);
	/* beyond nprobes, too: nothing there must matter */
	for (int i = 0; i < SAMPLE_PROBES; i++) {
		roll_text(d, s->probes[i].name, sizeof(s->probes[i].name));
		s->probes[i].status = roll_to(d, PROBE_FAILED + 1);
		roll_text(d, s->probes[i].reason, sizeof(s->probes[i].reason));
	}
	roll_numbers(d, s->loss, VMP_LOSSES);
	s->nevents = roll_to(d, 5);
	s->events = mem_zalloc(s->nevents, sizeof(*s->events));
	for (uint32_t i = 0; i < s->nevents; i++) {
		struct sample_event *e = &s->events[i];

		*e = (struct sample_event){.name = roll_string(d),
					   .mode = roll_to(d, 3),
					   .kind = roll_to(d, EVENT_KINDS),
					   .whole = roll_to(d, 2),
					   .gauge = roll_to(d, 2),
					   .counted = roll_to(d, 2)};
		roll_text(d, e->why, sizeof(e->why));
	}
	s->threads_visible = roll_to(d, 2);
	s->ncpus = roll_to(d, 20);
	s->cpu_node = roll_to(d, 4) ? mem_zalloc(s->ncpus, sizeof(*s->cpu_node)) : NULL;
	for (uint32_t i = 0; s->cpu_node && i < s->ncpus; i++)
		s->cpu_node[i] = (uint32_t)roll_number(d);
	s->nvms = roll_to(d, 5);
	s->vms = mem_zalloc(s->nvms, sizeof(*s->vms));
	for (uint32_t i = 0; i < s->nvms; i++)
		roll_vm(d, &s->vms[i]);
}

/* Gives some items of s the identity of items of before, which makes them each other's continuation. */
static inline void roll_identities(struct dice *d, struct sample *s, const struct sample *before)
{
	for (uint32_t i = 0; i < s->nvms && before->nvms; i++) {
		const struct sample_vm *x = &before->vms[roll_to(d, before->nvms)];
		struct sample_vm *vm = &s->vms[i];

		if (!roll_to(d, 3))
			continue;
		vm->pid = x->pid;
		vm->start_ns = x->start_ns;
		for (uint32_t j = 0; j < vm->nthreads && x->nthreads; j++) {
			const struct sample_thread *t = &x->threads[roll_to(d, x->nthreads)];

			vm->threads[j].tid = t->tid;
			vm->threads[j].start_ns = t->start_ns;
		}
		for (uint32_t j = 0; j < vm->nvcpus && x->nvcpus; j++) {
			const struct sample_vcpu *from = &x->vcpus[roll_to(d, x->nvcpus)];
			struct sample_vcpu *v = &vm->vcpus[j];

			v->tid = from->tid;
			v->first_ns = from->first_ns;
			v->isa = roll_to(d, 2) ? v->isa : from->isa;
			for (uint32_t k = 0; k < v->nexits && from->nexits; k++)
				v->exits[k].code = from->exits[roll_to(d, from->nexits)].code;
		}
	}
}

#endif
