// SPDX-License-Identifier: GPL-2.0-only
#include "out.h"

#include <inttypes.h>
#include <stdio.h>

#include "../model/metric.h"
#include "../model/placement.h"
#include "../model/thread.h"
#include "../model/verdict.h"
#include "csv.h"

static void field_metric(struct csv_row *r, const struct metric *m, const struct metric_at *at)
{
	struct metric_value v;
	char s[32] = "";

	if (m && metric_get(m, at, &v)) {
		if (m->unit == UNIT_NS || m->unit == UNIT_COUNT)
			snprintf(s, sizeof(s), "%" PRIu64, v.u);
		else
			snprintf(s, sizeof(s), "%.9g", v.d);
	}
	csv_field(r, s);
}

/* The columns are those of one level; the row's own figures may be of another, under the same ids. */
static void fields(struct csv_row *r, enum metric_level columns, enum metric_level own,
		   const struct metric_at *at)
{
	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];

		if (m->level == columns && m->use & METRIC_CSV)
			field_metric(r, columns == own ? m : metric_find(own, m->id), at);
	}
}

static void titles(struct csv_row *r, enum metric_level level)
{
	for (unsigned int i = 0; i < metrics_count; i++)
		if (metrics[i].level == level && metrics[i].use & METRIC_CSV)
			csv_field(r, metrics[i].id);
}

/* What a VM and a vCPU have in common. */
static void set_titles(struct csv_row *r)
{
	titles(r, METRIC_SET);
	csv_field(r, "halt_max_exact");
	csv_field(r, "wake_max_exact");
	csv_field(r, "cpus");
	csv_field(r, "nodes");
	csv_field(r, "verdict");
	csv_field(r, "verdict_reason");
	csv_field(r, "verdict_share");
	csv_field(r, "derived_of");
	csv_end(r);
}

/* Whether the maximum of this id is one, where there is one. */
static void field_exact(struct csv_row *r, const char *id, bool exact, const struct metric_at *at)
{
	struct metric_value v;

	csv_field(r, !metric_get(metric_find(METRIC_SET, id), at, &v) ? "" : exact ? "1" : "0");
}

/* A list of numbers that was written to b, which is emptied. */
static void field_list(struct csv_row *r, struct buf *b)
{
	csv_field(r, b->data ? b->data : "");
	buf_free(b);
}

static void set_fields(struct csv_row *r, const struct view *v, const struct view_set *set)
{
	struct metric_at at = {.view = v, .set = set};
	struct verdict d = verdict_of(set, v->visible);
	struct buf list = {0};
	char share[32] = "";
	enum event_mode of;

	fields(r, METRIC_SET, METRIC_SET, &at);
	field_exact(r, "halt_max_ns", set->halts.max_exact, &at);
	field_exact(r, "wake_max_ns", set->wakes.max_exact, &at);
	placement_cpus(&list, set);
	field_list(r, &list);
	placement_nodes(&list, v, set);
	field_list(r, &list);
	csv_field(r, d.state == VERDICT_NONE ? "" : verdict_name(d.state));
	csv_field(r, d.reason ? d.reason : "");
	if (d.state != VERDICT_NONE)
		snprintf(share, sizeof(share), "%.9g", d.share);
	csv_field(r, share);
	csv_field(r, metric_derived_mode(v, &of) ? event_mode_name(of) : "");
	csv_end(r);
}

static void vm_fields(struct csv_row *r, const struct view_vm *vm)
{
	csv_name(r, vm->name);
	csv_name(r, vm->uuid);
	csv_number(r, vm->pid);
}

static void exit_rows(struct csv_row *r, const struct view *v, const struct view_vm *vm)
{
	struct metric_at at = {.view = v, .set = &vm->set};

	for (uint32_t i = 0; v->exits_visible && i < vm->set.nexits; i++) {
		const struct view_exit *e = at.exit = &vm->set.exits[i];

		vm_fields(r, vm);
		csv_field(r, isa_name(e->isa) ? isa_name(e->isa) : "");
		if (e->code == VMP_CODE_OTHER)
			csv_field(r, "");
		else
			csv_number(r, (int64_t)e->code);
		csv_field(r, e->reason);
		fields(r, METRIC_EXIT, METRIC_EXIT, &at);
		csv_field(r, e->max_exact ? "1" : "0");
		csv_end(r);
	}
	for (uint32_t i = 0; v->uexits_visible && i < vm->set.nuexits; i++) {
		const struct view_uexit *u = at.uexit = &vm->set.uexits[i];

		vm_fields(r, vm);
		csv_field(r, "user");
		csv_number(r, u->code);
		csv_field(r, u->reason);
		fields(r, METRIC_EXIT, METRIC_UEXIT, &at);
		csv_field(r, "");
		csv_end(r);
	}
}

static void by_exit(struct csv_row *r, const struct view *v)
{
	csv_field(r, "isa");
	csv_field(r, "code");
	csv_field(r, "reason");
	titles(r, METRIC_EXIT);
	csv_field(r, "max_exact");
	csv_end(r);
	for (uint32_t i = 0; i < v->nvms; i++)
		exit_rows(r, v, &v->vms[i]);
}

static void by_vcpu(struct csv_row *r, const struct view *v)
{
	csv_field(r, "vcpu");
	csv_field(r, "tid");
	set_titles(r);
	for (uint32_t i = 0; i < v->nvms; i++) {
		for (uint32_t j = 0; j < v->vms[i].nvcpus; j++) {
			const struct view_vcpu *c = &v->vms[i].vcpus[j];

			vm_fields(r, &v->vms[i]);
			if (c->id < 0)
				csv_field(r, "");
			else
				csv_number(r, c->id);
			csv_number(r, c->tid);
			set_fields(r, v, &c->set);
		}
	}
}

static void by_vm(struct csv_row *r, const struct view *v)
{
	csv_field(r, "vmm");
	csv_field(r, "ended");
	csv_field(r, "vcpus");
	set_titles(r);
	for (uint32_t i = 0; i < v->nvms; i++) {
		const struct view_vm *vm = &v->vms[i];

		vm_fields(r, vm);
		csv_name(r, vm->vmm);
		csv_field(r, vm->ended ? "1" : "0");
		csv_number(r, vm->nvcpus);
		set_fields(r, v, &vm->set);
	}
}

static void by_thread(struct csv_row *r, const struct view *v)
{
	csv_field(r, "class");
	titles(r, METRIC_THREAD);
	csv_field(r, "last_cpus");
	csv_field(r, "last_nodes");
	csv_end(r);
	for (uint32_t i = 0; v->threads_visible && i < v->nvms; i++) {
		const struct view_vm *vm = &v->vms[i];

		for (uint32_t j = 0; j < vm->nclasses; j++) {
			struct metric_at at = {.view = v, .threads = &vm->classes[j]};
			struct buf last = {0};

			vm_fields(r, vm);
			csv_field(r, thread_class_name(vm->classes[j].class));
			fields(r, METRIC_THREAD, METRIC_THREAD, &at);
			placement_last_cpus(&last, v, &vm->classes[j]);
			field_list(r, &last);
			placement_last_nodes(&last, v, &vm->classes[j]);
			field_list(r, &last);
			csv_end(r);
		}
	}
}

/* class: NULL for all threads of the VM. */
static void event_rows(struct csv_row *r, const struct view *v, const struct view_vm *vm, const char *class,
		       const struct view_event *events)
{
	struct metric_at at = {.view = v};

	for (uint32_t i = 0; i < v->nevents; i++) {
		if (class && v->events[i].whole)
			continue;
		at.what = &v->events[i];
		at.event = &events[i];
		vm_fields(r, vm);
		csv_name(r, v->events[i].name);
		csv_field(r, event_mode_name((enum event_mode)v->events[i].mode));
		csv_field(r, class ? class : "");
		fields(r, METRIC_EVENT, METRIC_EVENT, &at);
		csv_end(r);
	}
}

static void by_event(struct csv_row *r, const struct view *v)
{
	csv_field(r, "event");
	csv_field(r, "mode");
	csv_field(r, "class");
	titles(r, METRIC_EVENT);
	csv_end(r);
	for (uint32_t i = 0; i < v->nvms; i++) {
		const struct view_vm *vm = &v->vms[i];

		event_rows(r, v, vm, NULL, vm->events);
		for (uint32_t j = 0; j < vm->nclasses; j++)
			event_rows(r, v, vm, thread_class_name(vm->classes[j].class), vm->classes[j].events);
	}
}

void out_csv(struct buf *b, const struct view *v, const struct out_options *o)
{
	struct csv_row r = {.b = b};

	csv_field(&r, "vm");
	csv_field(&r, "uuid");
	csv_field(&r, "pid");
	switch (o->by) {
	case OUT_BY_VM:
		by_vm(&r, v);
		break;
	case OUT_BY_VCPU:
		by_vcpu(&r, v);
		break;
	case OUT_BY_EXIT:
		by_exit(&r, v);
		break;
	case OUT_BY_THREAD:
		by_thread(&r, v);
		break;
	case OUT_BY_EVENT:
		by_event(&r, v);
		break;
	}
}
