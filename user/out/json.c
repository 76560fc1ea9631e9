// SPDX-License-Identifier: GPL-2.0-only
#include "out.h"

#include <jansson.h>
#include <string.h>

#include "../lib/mem.h"
#include "../model/loss.h"
#include "../model/metric.h"
#include "../model/placement.h"
#include "../model/quantile.h"
#include "../model/thread.h"
#include "../model/verdict.h"

/* jansson fails for want of memory only: all strings are checked before. */
static json_t *checked(json_t *j)
{
	return mem_checked(j);
}

static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, checked(value)))
		checked(NULL);
}

static void append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, checked(value)))
		checked(NULL);
}

static json_t *number(uint64_t u)
{
	return json_integer(u < INT64_MAX ? (json_int_t)u : INT64_MAX);
}

/* Text from elsewhere: valid UTF-8 as it is, else escaped. */
static json_t *text(const char *s)
{
	json_t *j = json_string(s);
	struct buf escaped = {0};

	if (j)
		return j;
	buf_escape(&escaped, s, strlen(s));
	j = json_string(escaped.data);
	buf_free(&escaped);
	return j;
}

static json_t *text_or_null(const char *s)
{
	return s && *s ? text(s) : json_null();
}

static json_t *value(const struct metric *m, const struct metric_at *at)
{
	struct metric_value v;

	if (!metric_get(m, at, &v))
		return json_null();
	return m->unit == UNIT_NS || m->unit == UNIT_COUNT ? number(v.u) : json_real(v.d);
}

/* All figures of one level, in the objects their groups name. */
static void figures(json_t *object, enum metric_level level, const struct metric_at *at)
{
	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];
		json_t *in = object;

		if (m->level != level || !(m->use & METRIC_JSON))
			continue;
		if (m->group && !json_object_get(object, m->group))
			set(object, m->group, json_object());
		if (m->group)
			in = json_object_get(object, m->group);
		set(in, m->key, value(m, at));
	}
}

static json_t *histogram(const uint64_t hist[VMP_HIST])
{
	json_t *array = checked(json_array());

	for (unsigned int k = 0; k < VMP_HIST; k++) {
		json_t *bucket;

		if (!hist[k])
			continue;
		bucket = checked(json_object());
		set(bucket, "le_ns", k < VMP_HIST - 1 ? number(bucket_last(k)) : json_null());
		set(bucket, "count", number(hist[k]));
		append(array, bucket);
	}
	return array;
}

static json_t *exits(const struct view *v, const struct view_set *s)
{
	static const uint32_t handling = 1U << VMP_KVM | 1U << VMP_VMM;
	json_t *array;

	if (!v->exits_visible)
		return json_null();
	array = checked(json_array());
	for (uint32_t i = 0; i < s->nexits; i++) {
		const struct view_exit *e = &s->exits[i];
		struct metric_at at = {.view = v, .set = s, .exit = e};
		json_t *object = checked(json_object());

		set(object, "isa", text_or_null(isa_name(e->isa)));
		set(object, "code", e->code == VMP_CODE_OTHER ? json_null() : number(e->code));
		set(object, "reason", text(e->reason));
		figures(object, METRIC_EXIT, &at);
		set(object, "max_exact", json_boolean(e->max_exact));
		set(object, "histogram",
		    (v->visible & handling) == handling ? histogram(e->hist) : json_null());
		append(array, object);
	}
	return array;
}

static json_t *userspace_exits(const struct view *v, const struct view_set *s)
{
	json_t *array;

	if (!v->uexits_visible)
		return json_null();
	array = checked(json_array());
	for (uint32_t i = 0; i < s->nuexits; i++) {
		const struct view_uexit *u = &s->uexits[i];
		struct metric_at at = {.view = v, .set = s, .uexit = u};
		json_t *object = checked(json_object());

		set(object, "code", json_integer(u->code));
		set(object, "reason", text(u->reason));
		figures(object, METRIC_UEXIT, &at);
		append(array, object);
	}
	return array;
}

/* The rest of a group of times: null where they are not visible. */
static void times(json_t *object, const char *group, const struct view_times *t)
{
	json_t *in = json_object_get(object, group);

	if (json_is_null(json_object_get(in, "count"))) {
		set(object, group, json_null());
		return;
	}
	set(in, "max_exact", json_boolean(t->max_exact));
	set(in, "histogram", histogram(t->hist));
}

static json_t *verdict(const struct view *v, const struct view_set *s)
{
	struct verdict d = verdict_of(s, v->visible);
	json_t *object;

	if (d.state == VERDICT_NONE)
		return json_null();
	object = checked(json_object());
	set(object, "state", text(verdict_name(d.state)));
	set(object, "reason", text_or_null(d.reason));
	set(object, "share", json_real(d.share));
	return object;
}

/* A list of numbers that was written to b, which is freed. */
static json_t *list_of(struct buf *b)
{
	json_t *j = text(b->data ? b->data : "");

	buf_free(b);
	return j;
}

/* The rest of the group: where the vCPUs ran; null where that is not known. */
static void placement(json_t *object, const struct view *v, const struct view_set *s)
{
	json_t *in = json_object_get(object, "placement"), *array;
	struct buf list = {0};

	if (!s->cpu_ns) {
		set(object, "placement", json_null());
		return;
	}
	placement_cpus(&list, s);
	set(in, "cpus", list_of(&list));
	placement_nodes(&list, v, s);
	set(in, "nodes", v->cpu_node ? list_of(&list) : json_null());
	array = checked(json_array());
	for (uint32_t i = 0; i < s->ncpus; i++) {
		json_t *cpu;
		uint32_t node;

		if (!s->cpu_ns[i])
			continue;
		cpu = checked(json_object());
		set(cpu, "cpu", json_integer(i));
		set(cpu, "node", placement_node(v, i, &node) ? json_integer(node) : json_null());
		set(cpu, "ns", number(s->cpu_ns[i]));
		append(array, cpu);
	}
	set(in, "cpu_ns", array);
}

/* The rest of the group: whose figures they are; null where no events were asked for. */
static void derived(json_t *object, const struct view *v)
{
	enum event_mode of;

	if (!v->nevents)
		set(object, "derived", json_null());
	else
		set(json_object_get(object, "derived"), "of",
		    metric_derived_mode(v, &of) ? text(event_mode_name(of)) : json_null());
}

/* class: NULL for all threads of a VM; else without those of whole VMs. */
static json_t *events(const struct view *v, const struct view_event *e, const char *class)
{
	json_t *array = checked(json_array());

	for (uint32_t i = 0; i < v->nevents; i++) {
		struct metric_at at = {.view = v, .what = &v->events[i], .event = &e[i]};
		json_t *object;

		if (class && v->events[i].whole)
			continue;
		object = checked(json_object());
		set(object, "event", text(v->events[i].name));
		set(object, "mode", text(event_mode_name((enum event_mode)v->events[i].mode)));
		set(object, "class", class ? text(class) : json_null());
		figures(object, METRIC_EVENT, &at);
		append(array, object);
	}
	return array;
}

/* What a VM and a vCPU have in common. */
static void set_members(json_t *object, const struct view *v, const struct view_set *s)
{
	struct metric_at at = {.view = v, .set = s};

	figures(object, METRIC_SET, &at);
	/* only VMX reasons have flags */
	if (!v->exits_visible || s->isa != VMP_ISA_VMX)
		set(object, "exit_flags", json_null());
	times(object, "halts", &s->halts);
	times(object, "wakes", &s->wakes);
	placement(object, v, s);
	derived(object, v);
	set(object, "verdict", verdict(v, s));
	set(object, "exits", exits(v, s));
	set(object, "userspace_exits", userspace_exits(v, s));
}

static json_t *vcpu(const struct view *v, const struct view_vcpu *c)
{
	json_t *object = checked(json_object());

	set(object, "id", c->id < 0 ? json_null() : json_integer(c->id));
	set(object, "tid", json_integer(c->tid));
	set_members(object, v, &c->set);
	set(object, "events", events(v, c->set.events, thread_class_name(THREAD_VCPU)));
	return object;
}

static json_t *pins(const struct view_vm *m, enum pin_kind kind)
{
	json_t *array = checked(json_array());

	for (uint32_t i = 0; i < m->npins; i++) {
		json_t *object;

		if (m->pins[i].kind != kind)
			continue;
		object = checked(json_object());
		set(object, "id", json_integer(m->pins[i].id));
		set(object, "cpus", text(m->pins[i].cpus));
		append(array, object);
	}
	return array;
}

static json_t *pinning(const struct view_vm *m)
{
	json_t *object;

	if (!m->pins_known)
		return json_null();
	object = checked(json_object());
	set(object, "vcpus", pins(m, PIN_VCPU));
	set(object, "emulator", json_null());
	for (uint32_t i = 0; i < m->npins; i++)
		if (m->pins[i].kind == PIN_EMULATOR)
			set(object, "emulator", text(m->pins[i].cpus));
	set(object, "iothreads", pins(m, PIN_IOTHREAD));
	return object;
}

static json_t *threads(const struct view *v, const struct view_vm *m)
{
	json_t *array;

	if (!v->threads_visible)
		return json_null();
	array = checked(json_array());
	for (uint32_t i = 0; i < m->nclasses; i++) {
		struct metric_at at = {.view = v, .threads = &m->classes[i]};
		json_t *object = checked(json_object());
		struct buf last = {0};

		set(object, "class", text(thread_class_name(m->classes[i].class)));
		figures(object, METRIC_THREAD, &at);
		placement_last_cpus(&last, v, &m->classes[i]);
		set(object, "last_cpus", list_of(&last));
		placement_last_nodes(&last, v, &m->classes[i]);
		set(object, "last_nodes", v->cpu_node ? list_of(&last) : json_null());
		set(object, "events",
		    events(v, m->classes[i].events, thread_class_name(m->classes[i].class)));
		append(array, object);
	}
	return array;
}

static json_t *vm(const struct view *v, const struct view_vm *m)
{
	json_t *object = checked(json_object()), *array = checked(json_array());

	set(object, "name", text(m->name));
	set(object, "uuid", text_or_null(m->uuid));
	set(object, "pid", json_integer(m->pid));
	set(object, "vmm", text_or_null(m->vmm));
	set(object, "vpmu", json_null());
	set(object, "ended", json_boolean(m->ended));
	set_members(object, v, &m->set);
	set(object, "events", events(v, m->events, NULL));
	set(object, "pinning", pinning(m));
	set(object, "threads", threads(v, m));
	for (uint32_t i = 0; i < m->nvcpus; i++)
		append(array, vcpu(v, &m->vcpus[i]));
	set(object, "vcpus", array);
	return object;
}

static json_t *host(const struct host_info *h)
{
	json_t *object = checked(json_object()), *kvm = checked(json_object());

	set(object, "hostname", text_or_null(h->hostname));
	set(object, "kernel", text_or_null(h->kernel));
	set(object, "arch", text_or_null(h->arch));
	set(object, "cpus", json_integer(h->cpus));
	set(kvm, "loaded", json_boolean(h->kvm_loaded));
	set(kvm, "vendor", text_or_null(h->kvm_vendor));
	set(object, "kvm", kvm);
	return object;
}

static json_t *probes(const struct view *v)
{
	static const char *const states[] = {
		[PROBE_OFF] = "off",
		[PROBE_ACTIVE] = "active",
		[PROBE_UNAVAILABLE] = "unavailable",
		[PROBE_FAILED] = "failed",
	};
	json_t *array = checked(json_array());

	for (unsigned int i = 0; i < v->nprobes; i++) {
		const struct probe_info *p = &v->probes[i];
		json_t *object = checked(json_object());

		set(object, "name", text(p->name));
		set(object, "state",
		    text_or_null((unsigned int)p->status <= PROBE_FAILED ? states[p->status] : NULL));
		set(object, "reason", text_or_null(p->reason));
		append(array, object);
	}
	return array;
}

/* What was asked for, and why some of it is not counted. */
static json_t *asked(const struct view *v)
{
	json_t *array = checked(json_array());

	for (uint32_t i = 0; i < v->nevents; i++) {
		const struct sample_event *e = &v->events[i];
		json_t *object = checked(json_object());

		set(object, "event", text(e->name));
		set(object, "mode", text(event_mode_name((enum event_mode)e->mode)));
		set(object, "counted", json_boolean(e->counted));
		set(object, "reason", e->counted ? json_null() : text_or_null(e->why));
		append(array, object);
	}
	return array;
}

/* JSON allows DEL as it is, a terminal should not see it. */
static int write_chunk(const char *data, size_t len, void *arg)
{
	struct buf *b = arg;
	size_t begin = 0;

	for (size_t i = 0; i < len; i++) {
		if (data[i] != 0x7f)
			continue;
		buf_add(b, data + begin, i - begin);
		buf_puts(b, "\\u007f");
		begin = i + 1;
	}
	buf_add(b, data + begin, len - begin);
	return 0;
}

void out_json(struct buf *b, const struct view *v, const struct out_options *o)
{
	json_t *root = checked(json_object()), *loss = checked(json_object()), *vms = checked(json_array());

	(void)o;
	set(root, "schema", json_integer(1));
	set(root, "host", host(&v->host));
	set(root, "time_ns", number(v->real_ns));
	set(root, "interval_ns", number(v->interval_ns));
	set(root, "skew_ns", number(v->skew_ns));
	set(root, "not_visible", text_or_null(v->invisible_why));
	set(root, "probes", probes(v));
	set(root, "events", asked(v));
	for (int i = 0; i < VMP_LOSSES; i++)
		set(loss, loss_name((enum vmp_loss)i), number(v->loss[i]));
	set(root, "loss", loss);
	for (uint32_t i = 0; i < v->nvms; i++)
		append(vms, vm(v, &v->vms[i]));
	set(root, "vms", vms);
	if (json_dump_callback(root, write_chunk, b,
			       JSON_INDENT(1) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9)))
		checked(NULL);
	buf_puts(b, "\n");
	json_decref(root);
}
