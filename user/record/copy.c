// SPDX-License-Identifier: GPL-2.0-only
#include "copy.h"

#include "../lib/mem.h"

/* NULL stays NULL, which is not the same as no items. */
static void *copy_list(const void *items, size_t n, size_t size)
{
	return items ? mem_dup(items, n, size) : NULL;
}

static void copy_vcpu(struct sample_vcpu *to, const struct sample_vcpu *v)
{
	*to = *v;
	to->exits = copy_list(v->exits, v->nexits, sizeof(*v->exits));
	to->cpu_ns = copy_list(v->cpu_ns, v->ncpus, sizeof(*v->cpu_ns));
	to->events = copy_list(v->events, v->nevents, sizeof(*v->events));
}

static void copy_vm(struct sample_vm *to, const struct sample_vm *vm)
{
	*to = *vm;
	to->name = mem_strdup(vm->name);
	for (int i = 0; i < META_KINDS; i++)
		to->meta[i] = vm->meta[i] ? mem_strdup(vm->meta[i]) : NULL;
	copy_vcpu(&to->gone, &vm->gone);
	to->vcpus = copy_list(vm->vcpus, vm->nvcpus, sizeof(*vm->vcpus));
	for (uint32_t i = 0; i < vm->nvcpus; i++)
		copy_vcpu(&to->vcpus[i], &vm->vcpus[i]);
	to->threads = copy_list(vm->threads, vm->nthreads, sizeof(*vm->threads));
	for (uint32_t i = 0; i < vm->nthreads; i++)
		to->threads[i].events = copy_list(vm->threads[i].events, vm->threads[i].nevents,
						  sizeof(*vm->threads[i].events));
	to->gone_events =
		copy_list(vm->gone_events, (size_t)vm->nevents * THREAD_CLASSES, sizeof(*vm->gone_events));
	to->events = copy_list(vm->events, vm->nevents, sizeof(*vm->events));
	to->pins = copy_list(vm->pins, vm->npins, sizeof(*vm->pins));
	for (uint32_t i = 0; i < vm->npins; i++)
		to->pins[i].cpus = mem_strdup(vm->pins[i].cpus);
}

struct sample copy_sample(const struct sample *s)
{
	struct sample to = *s;

	to.events = copy_list(s->events, s->nevents, sizeof(*s->events));
	for (uint32_t i = 0; i < s->nevents; i++)
		to.events[i].name = mem_strdup(s->events[i].name);
	to.cpu_node = copy_list(s->cpu_node, s->ncpus, sizeof(*s->cpu_node));
	to.vms = copy_list(s->vms, s->nvms, sizeof(*s->vms));
	for (uint32_t i = 0; i < s->nvms; i++)
		copy_vm(&to.vms[i], &s->vms[i]);
	return to;
}
