// SPDX-License-Identifier: GPL-2.0-only
/* The tally's limit: time series by what they are of, counted from the metric table. */
#include "metric.h"
#include "tally_parts.h"

/* Of the host and the exporter, besides probes and losses. */
#define OWN_SERIES 16

/* Rows of a level that have a series, and a figure where that is visible: those of whole VMs, or the others.
 */
static uint32_t rows(enum metric_level level, const struct metric_at *at, bool whole)
{
	struct metric_value value;
	uint32_t n = 0;

	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];

		if (m->level != level || !m->series || whole != !!(m->use & METRIC_WHOLE))
			continue;
		/* a state of an exit is a series only where it is not 0 */
		if (level == METRIC_EXIT && m->label)
			continue;
		n += whole || level == METRIC_EVENT || metric_get(m, at, &value);
	}
	return n;
}

/* States that have a row for exits. */
static uint32_t exit_states(const struct metric_at *at)
{
	struct metric_value value;
	uint32_t ret = 0;

	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];

		if (m->level == METRIC_EXIT && m->series && m->label && metric_get(m, at, &value))
			ret |= 1U << m->arg;
	}
	return ret;
}

static bool any_vmx(const struct view *v)
{
	for (uint32_t i = 0; i < v->nvms; i++) {
		const struct view_vm *vm = &v->vms[i];

		if (vm->set.isa == VMP_ISA_VMX || vm->gone.isa == VMP_ISA_VMX)
			return true;
		for (uint32_t k = 0; k < vm->nvcpus; k++)
			if (vm->vcpus[k].set.isa == VMP_ISA_VMX)
				return true;
	}
	return false;
}

void tally_costs(struct tally *t, const struct view *v)
{
	static const uint32_t handling = 1U << VMP_KVM | 1U << VMP_VMM;
	uint64_t cpu = 0;
	struct view_set set = {.ncpus = 1, .cpu_ns = &cpu};
	const struct view_exit e = {0};
	const struct view_uexit u = {0};
	const struct view_class class = {0};
	const struct view_vm vm = {0};
	const struct metric_at at = {
		.view = v, .set = &set, .exit = &e, .uexit = &u, .threads = &class, .vm = &vm};
	struct costs *c = &t->costs;

	t->vmx |= any_vmx(v);
	set.isa = t->vmx ? VMP_ISA_VMX : VMP_ISA_NONE;
	*c = (struct costs){
		.host = OWN_SERIES + v->nprobes + VMP_LOSSES,
		.vm = rows(METRIC_VM, &at, false) + (v->nevents ? rows(METRIC_SET, &at, true) : 0),
		.set = rows(METRIC_SET, &at, false),
		.class = rows(METRIC_THREAD, &at, false),
		.events = v->nevents * rows(METRIC_EVENT, &at, false),
	};
	if (v->exits_visible && !t->o.hide_exits) {
		c->exit = rows(METRIC_EXIT, &at, false);
		c->states = exit_states(&at);
		c->histogram = (v->visible & handling) == handling ? TALLY_BUCKETS + 3 : 0;
	}
	if (v->uexits_visible && !t->o.hide_exits)
		c->uexit = rows(METRIC_UEXIT, &at, false);
}

static uint32_t bits(uint32_t x)
{
	return (uint32_t)__builtin_popcount(x);
}

int64_t tally_reason_cost(const struct tally *t, const struct tally_vm *vm, const struct reasons *rs,
			  uint32_t place)
{
	const struct costs *c = &t->costs;
	int64_t each = rs->user ? c->uexit : c->exit + bits(rs->r[place].states & c->states);

	if (rs->r[place].histogram)
		each += c->histogram;
	return each * tally_sets(t, vm);
}

uint32_t tally_sets(const struct tally *t, const struct tally_vm *vm)
{
	/* that of threads that are gone, too */
	return t->o.per_vcpu && vm != t->other ? vm->v.nvcpus + 1 : 1;
}

/* All but reasons other than "other". */
static int64_t cost(const struct tally *t, const struct tally_vm *vm)
{
	const struct costs *c = &t->costs;
	/* others may be added to it that have any */
	uint32_t classes = vm == t->other ? THREAD_CLASSES : vm->v.nclasses;
	int64_t each = ((int64_t)c->set + c->events) * tally_sets(t, vm);

	each += tally_reason_cost(t, vm, &vm->exits, 0) + tally_reason_cost(t, vm, &vm->uexits, 0);
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
