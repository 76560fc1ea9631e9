// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "json.h"
#include "node.h"
#include "out.h"

static const char *const sides[DIFF_SIDES] = {"before", "after"};

static bool is_integer(const struct metric *m)
{
	return m->unit == UNIT_NS || m->unit == UNIT_COUNT;
}

/* Exact, as far as JSON's integers go. */
static json_t *growth(uint64_t from, uint64_t to)
{
	uint64_t d = to < from ? from - to : to - from;
	json_int_t n = d < INT64_MAX ? (json_int_t)d : INT64_MAX;

	return json_integer(to < from ? -n : n);
}

static json_t *figure(const struct diff_figure *f)
{
	json_t *object = node_checked(json_object());
	double change, ratio;

	for (int i = 0; i < DIFF_SIDES; i++) {
		json_t *value = json_null();

		if (f->known[i])
			value = is_integer(f->metric) ? node_number(f->value[i].u) : json_real(f->value[i].d);
		node_set(object, sides[i], value);
	}
	if (!diff_change(f, &change))
		node_set(object, "change", json_null());
	else
		node_set(object, "change",
			 is_integer(f->metric) ? growth(f->value[DIFF_A].u, f->value[DIFF_B].u)
					       : json_real(change));
	node_set(object, "ratio", diff_ratio(f, &ratio) ? json_real(ratio) : json_null());
	return object;
}

/* All figures of one level, in the objects their groups name. */
static void figures(json_t *object, const struct diff *d, const struct diff_vm *vm,
		    const struct diff_reason *reason, enum metric_level level)
{
	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];
		struct diff_figure f;
		json_t *in = object;

		if (m->level != level || !diff_compares(m))
			continue;
		if (m->group && !json_object_get(object, m->group))
			node_set(object, m->group, json_object());
		if (m->group)
			in = json_object_get(object, m->group);
		f = diff_figure(d, vm, reason, m);
		node_set(in, m->key, figure(&f));
	}
}

static json_t *exits(const struct diff *d, const struct diff_vm *vm)
{
	json_t *array;

	if (!d->view[DIFF_A]->exits_visible && !d->view[DIFF_B]->exits_visible)
		return json_null();
	array = node_checked(json_array());
	for (uint32_t i = 0; i < vm->nexits; i++) {
		const struct diff_reason *r = &vm->exits[i];
		json_t *object = node_checked(json_object());

		node_set(object, "isa", node_text_or_null(isa_name(r->isa)));
		node_set(object, "code", r->code == VMP_CODE_OTHER ? json_null() : node_number(r->code));
		node_set(object, "reason", node_text(r->reason));
		figures(object, d, vm, r, METRIC_EXIT);
		node_append(array, object);
	}
	return array;
}

static json_t *userspace_exits(const struct diff *d, const struct diff_vm *vm)
{
	json_t *array;

	if (!d->view[DIFF_A]->uexits_visible && !d->view[DIFF_B]->uexits_visible)
		return json_null();
	array = node_checked(json_array());
	for (uint32_t i = 0; i < vm->nuexits; i++) {
		const struct diff_reason *r = &vm->uexits[i];
		json_t *object = node_checked(json_object());

		node_set(object, "code", json_integer((int32_t)r->code));
		node_set(object, "reason", node_text(r->reason));
		figures(object, d, vm, r, METRIC_UEXIT);
		node_append(array, object);
	}
	return array;
}

static json_t *lost(const struct diff_vm *vm)
{
	json_t *object = node_checked(json_object());

	for (int i = 0; i < DIFF_SIDES; i++)
		node_set(object, sides[i], vm->lost_known[i] ? json_real(vm->lost[i]) : json_null());
	node_set(object, "change",
		 vm->lost_alike ? json_real(vm->lost[DIFF_B] - vm->lost[DIFF_A]) : json_null());
	node_set(object, "ratio",
		 vm->lost_alike && vm->lost[DIFF_A] > 0 ? json_real(vm->lost[DIFF_B] / vm->lost[DIFF_A])
							: json_null());
	return object;
}

static json_t *vm_object(const struct diff *d, const struct diff_vm *vm)
{
	json_t *object = node_checked(json_object()), *pid = node_checked(json_object());

	node_set(object, "name", node_text(diff_any(vm)->name));
	node_set(object, "uuid", node_text_or_null(diff_any(vm)->uuid));
	for (int i = 0; i < DIFF_SIDES; i++)
		node_set(pid, sides[i], vm->vm[i] ? json_integer(vm->vm[i]->pid) : json_null());
	node_set(object, "pid", pid);
	node_set(object, "lost_share", lost(vm));
	figures(object, d, vm, NULL, METRIC_SET);
	if (!d->view[DIFF_A]->nevents && !d->view[DIFF_B]->nevents)
		node_set(object, "derived", json_null());
	node_set(object, "exits", exits(d, vm));
	node_set(object, "userspace_exits", userspace_exits(d, vm));
	return object;
}

static json_t *side(const struct view *v, const char *name)
{
	json_t *object = node_checked(json_object());

	node_set(object, "record", node_text(name));
	node_set(object, "host", json_host(&v->host));
	node_set(object, "time_ns", node_number(v->real_ns));
	node_set(object, "interval_ns", node_number(v->interval_ns));
	node_set(object, "vm_count", json_integer(v->nvms));
	node_set(object, "not_visible", node_text_or_null(v->invisible_why));
	return object;
}

void out_diff_json(struct buf *b, const struct diff *d, const char *const names[DIFF_SIDES])
{
	json_t *root = node_checked(json_object()), *vms = node_checked(json_array());

	node_set(root, "schema", json_integer(1));
	for (int i = 0; i < DIFF_SIDES; i++)
		node_set(root, sides[i], side(d->view[i], names[i]));
	for (uint32_t i = 0; i < d->nvms; i++)
		node_append(vms, vm_object(d, &d->vms[i]));
	node_set(root, "vms", vms);
	node_print(b, root);
}
