// SPDX-License-Identifier: GPL-2.0-only
/* The tally's limit: time series by what they are of, counted from the metric table. */
#include "metric.h"
#include "tally_parts.h"

/* Of the host and the exporter, besides probes and losses. */
#define OWN_SERIES 16

/* Rows of a level that have a series, and a figure where it is seen at all. */
static uint32_t rows(enum metric_level level, const struct metric_at *at, bool whole)
{
	struct metric_value value;
	uint32_t n = 0;

	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];

		if (m->level != level || !m->series || whole != !!(m->use & METRIC_WHOLE))
			continue;
		n += whole || level == METRIC_EVENT || metric_get(m, at, &value);
	}
	return n;
}

void tally_costs(struct costs *c, const struct tally_options *o, const struct view *v)
{
	uint64_t cpu = 0;
	const struct view_set set = {.isa = VMP_ISA_VMX, .ncpus = 1, .cpu_ns = &cpu};
	const struct view_exit e = {0};
	const struct view_uexit u = {0};
	const struct view_class class = {0};
	const struct view_vm vm = {0};
	const struct metric_at at = {
		.view = v, .set = &set, .exit = &e, .uexit = &u, .threads = &class, .vm = &vm};
	uint32_t handling = 1U << VMP_KVM | 1U << VMP_VMM;

	*c = (struct costs){
		.host = OWN_SERIES + v->nprobes + VMP_LOSSES,
		.vm = rows(METRIC_VM, &at, false) + (v->nevents ? rows(METRIC_SET, &at, true) : 0),
		.set = rows(METRIC_SET, &at, false),
		.class = rows(METRIC_THREAD, &at, false),
		.events = v->nevents * rows(METRIC_EVENT, &at, false),
	};
	if (v->exits_visible && !o->hide_exits)
		c->exit = rows(METRIC_EXIT, &at, false);
	if (v->uexits_visible && !o->hide_exits)
		c->uexit = rows(METRIC_UEXIT, &at, false);
	if (c->exit && (v->visible & handling) == handling)
		c->histogram = TALLY_BUCKETS + 3;
}

uint32_t tally_sets(const struct tally *t, const struct tally_vm *vm)
{
	/* that of threads that are gone, too */
	return t->o.per_vcpu && vm != t->other ? vm->v.nvcpus + 1 : 1;
}

/* All but reasons that are shown by name. */
static int64_t cost(const struct tally *t, const struct tally_vm *vm)
{
	const struct costs *c = &t->costs;
	/* others may be added to it that have any */
	uint32_t classes = vm == t->other ? THREAD_CLASSES : vm->v.nclasses;
	int64_t each = (int64_t)c->set + c->exit + c->uexit + c->events;

	if (vm->exits.r[0].histogram)
		each += c->histogram;
	each *= tally_sets(t, vm);
	/* events of threads that are no vCPU's */
	if (t->o.per_vcpu)
		each += c->events;
	return each + c->vm + (int64_t)classes * c->class;
}

int64_t tally_admit(struct tally *t)
{
	int64_t room = INT64_MAX / 2;

	if (t->o.max_series)
		room = (int64_t)t->o.max_series - t->costs.host - cost(t, t->other);
	/* who has figures keeps them before anybody gets some */
	for (uint32_t i = 0; i < t->nvms; i++) {
		struct tally_vm *vm = t->vms[i];
		int64_t need = cost(t, vm);

		vm->own &= need <= room;
		if (vm->own)
			room -= need;
	}
	reasons_hold(t, t->other, &room);
	for (uint32_t i = 0; i < t->nvms; i++)
		if (t->vms[i]->own)
			reasons_hold(t, t->vms[i], &room);
	for (uint32_t i = 0; i < t->nvms; i++) {
		struct tally_vm *vm = t->vms[i];
		int64_t need = cost(t, vm);

		if (!vm->own && need <= room) {
			vm->own = true;
			room -= need;
			reasons_hold(t, vm, &room);
		}
		if (vm->own)
			reasons_choose(t, vm, &room);
	}
	return room;
}
