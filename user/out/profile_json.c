// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "node.h"
#include "profile.h"

static void set_weight(json_t *object, const struct profile_weight *w)
{
	node_set(object, "samples", node_number(w->samples));
	node_set(object, "period", node_number(w->period));
}

static json_t *weight(const struct profile_weight *w)
{
	json_t *object = node_checked(json_object());

	set_weight(object, w);
	return object;
}

static json_t *number_or_null(uint64_t n)
{
	return n ? node_number(n) : json_null();
}

/* What is the same of one profile and of those that are compared. */
static void set_head(json_t *object, const struct profile_rows *r)
{
	const struct profile *p = r->profile;
	json_t *host = node_checked(json_object()), *events = node_checked(json_array());

	node_set(host, "hostname", node_text_or_null(p->hostname));
	node_set(host, "kernel", node_text_or_null(p->kernel));
	node_set(host, "arch", node_text_or_null(p->arch));
	node_set(object, "host", host);
	node_set(object, "begin_ns", number_or_null(p->begin_ns));
	node_set(object, "duration_ns", number_or_null(p->duration_ns));
	node_set(object, "lost", node_number(p->lost));
	node_set(object, "foreign", node_number(p->foreign));
	for (uint32_t i = 0; i < p->nevents; i++) {
		json_t *event = weight(&r->events[i]);

		node_set(event, "event", node_text(p->events[i].name));
		node_set(event, "freq", number_or_null(p->events[i].freq));
		node_append(events, event);
	}
	node_set(object, "events", events);
	node_set(object, "total", weight(&r->total));
}

static json_t *keys(uint32_t which)
{
	json_t *array = node_checked(json_array());

	for (int k = 0; k < PROFILE_KEYS; k++)
		if (which & 1U << k)
			node_append(array, node_text(profile_key_name((enum profile_key)k)));
	return array;
}

static json_t *vms(const struct profile_rows *r)
{
	static const char *const modes[PROFILE_MODES] = {
		[PROFILE_SYS] = "sys",
		[PROFILE_USER] = "user",
		[PROFILE_GUEST_SYS] = "guest_sys",
		[PROFILE_GUEST_USER] = "guest_user",
		[PROFILE_OTHER] = "other",
	};
	json_t *array = node_checked(json_array());
	struct profile_weight all = {0};
	uint32_t n, *list = out_profile_vms(r, &n);

	for (uint32_t i = 0; i < n; i++)
		profile_weight_add(&all, &r->vms[list[i]].sum);
	for (uint32_t i = 0; i < n; i++) {
		const struct profile_vm *vm = &r->profile->vms[list[i]];
		const struct profile_split *s = &r->vms[list[i]];
		json_t *object = weight(&s->sum), *split = node_checked(json_object());

		node_set(object, "share", json_real(out_profile_part(r, &s->sum, &all)));
		node_set(object, "name", node_text_or_null(vm->name));
		node_set(object, "uuid", node_text_or_null(vm->uuid));
		node_set(object, "pid", json_integer(vm->pid));
		for (int m = 0; m < PROFILE_MODES; m++) {
			json_t *mode = weight(&s->modes[m]);

			node_set(mode, "share", json_real(out_profile_part(r, &s->modes[m], &s->sum)));
			node_set(split, modes[m], mode);
		}
		node_set(object, "modes", split);
		node_append(array, object);
	}
	free(list);
	return array;
}

static void set_vm(json_t *object, const struct profile_vm *vm)
{
	node_set(object, "vm", node_text_or_null(vm->name));
	node_set(object, "uuid", node_text_or_null(vm->uuid));
	node_set(object, "pid", json_integer(vm->pid));
}

static void set_key(json_t *object, const struct profile_rows *r, const struct profile_row *row,
		    enum profile_key k)
{
	const struct profile *p = r->profile;
	const struct profile_thread *t = &p->threads[row->like.thread];
	const struct profile_frame *f = &row->like.at;
	struct buf text = {0};
	json_t *value;

	switch (k) {
	case PROFILE_BY_VM:
		set_vm(object, &p->vms[t->vm]);
		return;
	case PROFILE_BY_PID:
		value = json_integer(p->vms[t->vm].pid);
		break;
	case PROFILE_BY_VCPU:
		value = t->vcpu < 0 ? json_null() : json_integer(t->vcpu);
		break;
	case PROFILE_BY_TID:
		value = json_integer(t->tid);
		break;
	case PROFILE_BY_SYMBOL:
		value = node_text_or_null(f->symbol == PROFILE_NONE ? NULL : p->symbols[f->symbol].name);
		break;
	case PROFILE_BY_EVENT:
	case PROFILE_BY_COMM:
	case PROFILE_BY_MODE:
	case PROFILE_BY_MODULE:
	case PROFILE_BY_ADDRESS:
	case PROFILE_KEYS:
	default:
		profile_row_text(r, row, k, &text);
		value = node_text(text.data);
		buf_free(&text);
		break;
	}
	node_set(object, profile_key_name(k), value);
}

static void set_keys(json_t *object, const struct profile_rows *r, const struct profile_row *row)
{
	for (int k = 0; k < PROFILE_KEYS; k++)
		if (r->keys & 1U << k)
			set_key(object, r, row, (enum profile_key)k);
}

void out_profile_json(struct buf *b, const struct profile_rows *r)
{
	json_t *root = node_checked(json_object()), *rows = node_checked(json_array());

	node_set(root, "schema", json_integer(1));
	set_head(root, r);
	node_set(root, "vms", vms(r));
	node_set(root, "keys", keys(r->keys));
	for (size_t i = 0; i < r->n; i++) {
		const struct profile_row *row = &r->rows[i];
		json_t *object = weight(&row->sum);

		node_set(object, "share", json_real(profile_rows_share(r, row->like.event, &row->sum)));
		set_keys(object, r, row);
		node_append(rows, object);
	}
	node_set(root, "rows", rows);
	node_set(root, "rest", weight(&r->rest));
	node_print(b, root);
}

static json_t *side(const struct profile_row *row, double share)
{
	json_t *object;

	if (!row)
		return json_null();
	object = weight(&row->sum);
	node_set(object, "share", json_real(share));
	return object;
}

void out_profile_diff_json(struct buf *b, const struct profile_diff *d)
{
	json_t *root = node_checked(json_object()), *rows = node_checked(json_array()),
	       *before = node_checked(json_object()), *after = node_checked(json_object());

	node_set(root, "schema", json_integer(1));
	set_head(before, &d->a);
	set_head(after, &d->b);
	node_set(root, "before", before);
	node_set(root, "after", after);
	node_set(root, "keys", keys(d->a.keys));
	for (size_t i = 0; i < d->n; i++) {
		const struct profile_diff_row *row = &d->rows[i];
		json_t *object = node_checked(json_object());

		if (row->b)
			set_keys(object, &d->b, row->b);
		else
			set_keys(object, &d->a, row->a);
		node_set(object, "before", side(row->a, row->share_a));
		node_set(object, "after", side(row->b, row->share_b));
		node_set(object, "change", json_real(row->share_b - row->share_a));
		node_append(rows, object);
	}
	node_set(root, "rows", rows);
	node_print(b, root);
}
