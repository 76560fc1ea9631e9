// SPDX-License-Identifier: GPL-2.0-only
#include "sample.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "counts.h"

static void free_vcpu(struct sample_vcpu *v)
{
	free(v->exits);
	free(v->cpu_ns);
	free(v->events);
}

void sample_free(struct sample *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->nvms; i++) {
		struct sample_vm *vm = &s->vms[i];

		for (uint32_t j = 0; j < vm->nvcpus; j++)
			free_vcpu(&vm->vcpus[j]);
		free(vm->vcpus);
		free_vcpu(&vm->gone);
		for (uint32_t j = 0; j < vm->nthreads; j++)
			free(vm->threads[j].events);
		free(vm->threads);
		free(vm->gone_events);
		free(vm->events);
		for (uint32_t j = 0; j < vm->npins; j++)
			free(vm->pins[j].cpus);
		free(vm->pins);
		for (int j = 0; j < META_KINDS; j++)
			free(vm->meta[j]);
		free(vm->name);
	}
	for (uint32_t i = 0; i < s->nevents; i++)
		free(s->events[i].name);
	free(s->events);
	free(s->vms);
	free(s->cpu_node);
	s->vms = NULL;
	s->nvms = 0;
	s->events = NULL;
	s->nevents = 0;
	s->cpu_node = NULL;
}

/* A new place in the sum: rare enough to grow by one. */
static struct vmp_exit *sum_add(struct sample_vcpu *sum, uint64_t code)
{
	struct vmp_exit *e;

	sum->exits = mem_resize(sum->exits, (size_t)sum->nexits + 1, sizeof(*sum->exits));
	e = &sum->exits[sum->nexits++];
	memset(e, 0, sizeof(*e));
	e->code = code;
	return e;
}

/* The place of code in the sum, made if need be; [0] is "other" in sums too. */
static struct vmp_exit *sum_place(struct sample_vcpu *sum, uint64_t code)
{
	if (!sum->nexits)
		sum_add(sum, VMP_CODE_OTHER);
	for (uint32_t i = 0; i < sum->nexits; i++)
		if (sum->exits[i].code == code)
			return &sum->exits[i];
	return sum_add(sum, code);
}

static void fold_times(struct vmp_times *sum, const struct vmp_times *one)
{
	sum->ns += one->ns;
	if (one->max_ns > sum->max_ns)
		sum->max_ns = one->max_ns;
	for (int i = 0; i < VMP_HIST; i++)
		sum->hist[i] += one->hist[i];
}

static void fold_cpus(struct sample_vcpu *sum, const struct sample_vcpu *one)
{
	uint32_t had = sum->cpu_ns ? sum->ncpus : 0;

	if (!one->cpu_ns)
		return;
	if (had < one->ncpus) {
		sum->cpu_ns = mem_resize(sum->cpu_ns, one->ncpus, sizeof(*sum->cpu_ns));
		memset(sum->cpu_ns + had, 0, (one->ncpus - had) * sizeof(*sum->cpu_ns));
		sum->ncpus = one->ncpus;
	}
	for (uint32_t i = 0; i < one->ncpus; i++)
		sum->cpu_ns[i] += one->cpu_ns[i];
}

void sample_fold(struct sample_vcpu *sum, const struct sample_vcpu *one)
{
	bool other_isa = sum->isa && one->isa && sum->isa != one->isa;

	if (!sum->isa)
		sum->isa = one->isa;
	if (one->first_ns && (!sum->first_ns || one->first_ns < sum->first_ns))
		sum->first_ns = one->first_ns;
	if (one->end_ns > sum->end_ns)
		sum->end_ns = one->end_ns;
	sum->observed_ns += one->observed_ns;
	for (int i = 0; i < VMP_STATES; i++)
		sum->ledger[i] += one->ledger[i];
	fold_times(&sum->halts, &one->halts);
	fold_times(&sum->wakes, &one->wakes);
	fold_cpus(sum, one);
	counts_fold(&sum->events, &sum->nevents, one->events, one->nevents);
	sum->moves += one->moves;
	sum->node_moves += one->node_moves;
	sum->unpaired += one->unpaired;
	sum->backwards += one->backwards;
	for (int i = 0; i < VMP_FLAGS; i++)
		sum->flags[i] += one->flags[i];
	for (int i = 0; i < VMP_UEXITS; i++) {
		sum->uexits[i].count += one->uexits[i].count;
		sum->uexits[i].ns += one->uexits[i].ns;
	}
	for (uint32_t i = 0; i < one->nexits; i++) {
		const struct vmp_exit *from = &one->exits[i];
		struct vmp_exit *to = sum_place(sum, other_isa ? VMP_CODE_OTHER : from->code);

		to->count += from->count;
		for (int j = 0; j < VMP_STATES; j++)
			to->ns[j] += from->ns[j];
		if (from->max_ns > to->max_ns)
			to->max_ns = from->max_ns;
		for (int j = 0; j < VMP_HIST; j++)
			to->hist[j] += from->hist[j];
	}
}
