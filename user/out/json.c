// SPDX-License-Identifier: GPL-2.0-only
#include "out.h"

#include "../model/loss.h"
#include "../model/metric.h"
#include "../model/placement.h"
#include "../model/quantile.h"
#include "../model/thread.h"
#include "../model/verdict.h"
#include "json.h"
#include "node.h"

static json_t *value(const struct metric *m, const struct metric_at *at)
{
	struct metric_value v;

	if (!metric_get(m, at, &v))
		return json_null();
	return m->unit == UNIT_NS || m->unit == UNIT_COUNT ? node_number(v.u) : json_real(v.d);
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
			node_set(object, m->group, json_object());
		if (m->group)
			in = json_object_get(object, m->group);
		node_set(in, m->key, value(m, at));
	}
}

static json_t *histogram(const uint64_t hist[VMP_HIST])
{
	json_t *array = node_checked(json_array());

	for (unsigned int k = 0; k < VMP_HIST; k++) {
		json_t *bucket;

		if (!hist[k])
			continue;
		bucket = node_checked(json_object());
		node_set(bucket, "le_ns", k < VMP_HIST - 1 ? node_number(bucket_last(k)) : json_null());
		node_set(bucket, "count", node_number(hist[k]));
		node_append(array, bucket);
	}
	return array;
}

static json_t *exits(const struct view *v, const struct view_set *s)
{
	static const uint32_t handling = 1U << VMP_KVM | 1U << VMP_VMM;
	json_t *array;

	if (!v->exits_visible)
		return json_null();
	array = node_checked(json_array());
	for (uint32_t i = 0; i < s->nexits; i++) {
		const struct view_exit *e = &s->exits[i];
		struct metric_at at = {.view = v, .set = s, .exit = e};
		json_t *object = node_checked(json_object());

		node_set(object, "isa", node_text_or_null(isa_name(e->isa)));
		node_set(object, "code", e->code == VMP_CODE_OTHER ? json_null() : node_number(e->code));
		node_set(object, "reason", node_text(e->reason));
		figures(object, METRIC_EXIT, &at);
		node_set(object, "max_exact", json_boolean(e->max_exact));
		node_set(object, "histogram",
			 (v->visible & handling) == handling ? histogram(e->hist) : json_null());
		node_append(array, object);
	}
	return array;
}

static json_t *userspace_exits(const struct view *v, const struct view_set *s)
{
	json_t *array;

	if (!v->uexits_visible)
		return json_null();
	array = node_checked(json_array());
	for (uint32_t i = 0; i < s->nuexits; i++) {
		const struct view_uexit *u = &s->uexits[i];
		struct metric_at at = {.view = v, .set = s, .uexit = u};
		json_t *object = node_checked(json_object());

		node_set(object, "code", json_integer(u->code));
		node_set(object, "reason", node_text(u->reason));
		figures(object, METRIC_UEXIT, &at);
		node_append(array, object);
	}
	return array;
}

/* The rest of a group of times: null where they are not visible. */
static void times(json_t *object, const char *group, const struct view_times *t)
{
	json_t *in = json_object_get(object, group);

	if (json_is_null(json_object_get(in, "count"))) {
		node_set(object, group, json_null());
		return;
	}
	node_set(in, "max_exact", json_boolean(t->max_exact));
	node_set(in, "histogram", histogram(t->hist));
}

static json_t *verdict(const struct view *v, const struct view_set *s)
{
	struct verdict d = verdict_of(s, v->visible);
	json_t *object;

	if (d.state == VERDICT_NONE)
		return json_null();
	object = node_checked(json_object());
	node_set(object, "state", node_text(verdict_name(d.state)));
	node_set(object, "reason", node_text_or_null(d.reason));
	node_set(object, "share", json_real(d.share));
	return object;
}

/* A list of numbers that was written to b, which is freed. */
static json_t *list_of(struct buf *b)
{
	json_t *j = node_text(b->data ? b->data : "");

	buf_free(b);
	return j;
}

/* The rest of the group: where the vCPUs ran; null where that is not known. */
static void placement(json_t *object, const struct view *v, const struct view_set *s)
{
	json_t *in = json_object_get(object, "placement"), *array;
	struct buf list = {0};

	if (!s->cpu_ns) {
		node_set(object, "placement", json_null());
		return;
	}
	placement_cpus(&list, s);
	node_set(in, "cpus", list_of(&list));
	placement_nodes(&list, v, s);
	node_set(in, "nodes", v->cpu_node ? list_of(&list) : json_null());
	array = node_checked(json_array());
	for (uint32_t i = 0; i < s->ncpus; i++) {
		json_t *cpu;
		uint32_t node;

		if (!s->cpu_ns[i])
			continue;
		cpu = node_checked(json_object());
		node_set(cpu, "cpu", json_integer(i));
		node_set(cpu, "node", placement_node(v, i, &node) ? json_integer(node) : json_null());
		node_set(cpu, "ns", node_number(s->cpu_ns[i]));
		node_append(array, cpu);
	}
	node_set(in, "cpu_ns", array);
}

/* The rest of the group: whose figures they are; null where no events were asked for. */
static void derived(json_t *object, const struct view *v)
{
	enum event_mode of;

	if (!v->nevents)
		node_set(object, "derived", json_null());
	else
		node_set(json_object_get(object, "derived"), "of",
			 metric_derived_mode(v, &of) ? node_text(event_mode_name(of)) : json_null());
}

/* class: NULL for all threads of a VM; else without those of whole VMs. */
static json_t *events(const struct view *v, const struct view_event *e, const char *class)
{
	json_t *array = node_checked(json_array());

	for (uint32_t i = 0; i < v->nevents; i++) {
		struct metric_at at = {.view = v, .what = &v->events[i], .event = &e[i]};
		json_t *object;

		if (class && v->events[i].whole)
			continue;
		object = node_checked(json_object());
		node_set(object, "event", node_text(v->events[i].name));
		node_set(object, "mode", node_text(event_mode_name((enum event_mode)v->events[i].mode)));
		node_set(object, "class", class ? node_text(class) : json_null());
		figures(object, METRIC_EVENT, &at);
		node_append(array, object);
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
		node_set(object, "exit_flags", json_null());
	times(object, "halts", &s->halts);
	times(object, "wakes", &s->wakes);
	placement(object, v, s);
	derived(object, v);
	node_set(object, "verdict", verdict(v, s));
	node_set(object, "exits", exits(v, s));
	node_set(object, "userspace_exits", userspace_exits(v, s));
}

static json_t *vcpu(const struct view *v, const struct view_vcpu *c)
{
	json_t *object = node_checked(json_object());

	node_set(object, "id", c->id < 0 ? json_null() : json_integer(c->id));
	node_set(object, "tid", json_integer(c->tid));
	set_members(object, v, &c->set);
	node_set(object, "events", events(v, c->set.events, thread_class_name(THREAD_VCPU)));
	return object;
}

static json_t *pins(const struct view_vm *m, enum pin_kind kind)
{
	json_t *array = node_checked(json_array());

	for (uint32_t i = 0; i < m->npins; i++) {
		json_t *object;

		if (m->pins[i].kind != kind)
			continue;
		object = node_checked(json_object());
		node_set(object, "id", json_integer(m->pins[i].id));
		node_set(object, "cpus", node_text(m->pins[i].cpus));
		node_append(array, object);
	}
	return array;
}

static json_t *pinning(const struct view_vm *m)
{
	json_t *object;

	if (!m->pins_known)
		return json_null();
	object = node_checked(json_object());
	node_set(object, "vcpus", pins(m, PIN_VCPU));
	node_set(object, "emulator", json_null());
	for (uint32_t i = 0; i < m->npins; i++)
		if (m->pins[i].kind == PIN_EMULATOR)
			node_set(object, "emulator", node_text(m->pins[i].cpus));
	node_set(object, "iothreads", pins(m, PIN_IOTHREAD));
	return object;
}

static json_t *threads(const struct view *v, const struct view_vm *m)
{
	json_t *array;

	if (!v->threads_visible)
		return json_null();
	array = node_checked(json_array());
	for (uint32_t i = 0; i < m->nclasses; i++) {
		struct metric_at at = {.view = v, .threads = &m->classes[i]};
		json_t *object = node_checked(json_object());
		struct buf last = {0};

		node_set(object, "class", node_text(thread_class_name(m->classes[i].class)));
		figures(object, METRIC_THREAD, &at);
		placement_last_cpus(&last, v, &m->classes[i]);
		node_set(object, "last_cpus", list_of(&last));
		placement_last_nodes(&last, v, &m->classes[i]);
		node_set(object, "last_nodes", v->cpu_node ? list_of(&last) : json_null());
		node_set(object, "events",
			 events(v, m->classes[i].events, thread_class_name(m->classes[i].class)));
		node_append(array, object);
	}
	return array;
}

static json_t *metadata(const struct view_vm *m)
{
	static const char *const keys[META_KINDS] = {
		[META_TITLE] = "title",     [META_INSTANCE] = "instance",   [META_FLAVOR] = "flavor",
		[META_PROJECT] = "project", [META_NAMESPACE] = "namespace", [META_VMI] = "vmi",
	};
	json_t *object = node_checked(json_object());

	for (int i = 0; i < META_KINDS; i++)
		node_set(object, keys[i], node_text_or_null(m->meta[i]));
	return object;
}

static json_t *vm(const struct view *v, const struct view_vm *m)
{
	json_t *object = node_checked(json_object()), *array = node_checked(json_array());

	node_set(object, "name", node_text(m->name));
	node_set(object, "uuid", node_text_or_null(m->uuid));
	node_set(object, "pid", json_integer(m->pid));
	node_set(object, "vmm", node_text_or_null(m->vmm));
	node_set(object, "machine", node_text_or_null(m->machine));
	node_set(object, "vpmu",
		 m->vpmu == VPMU_UNKNOWN ? json_null() : node_text(m->vpmu == VPMU_ON ? "on" : "off"));
	node_set(object, "metadata", metadata(m));
	node_set(object, "ended", json_boolean(m->ended));
	set_members(object, v, &m->set);
	node_set(object, "events", events(v, m->events, NULL));
	node_set(object, "pinning", pinning(m));
	node_set(object, "threads", threads(v, m));
	for (uint32_t i = 0; i < m->nvcpus; i++)
		node_append(array, vcpu(v, &m->vcpus[i]));
	node_set(object, "vcpus", array);
	return object;
}

json_t *json_host(const struct host_info *h)
{
	json_t *object = node_checked(json_object()), *kvm = node_checked(json_object());

	node_set(object, "hostname", node_text_or_null(h->hostname));
	node_set(object, "kernel", node_text_or_null(h->kernel));
	node_set(object, "arch", node_text_or_null(h->arch));
	node_set(object, "cpus", json_integer(h->cpus));
	node_set(kvm, "loaded", json_boolean(h->kvm_loaded));
	node_set(kvm, "vendor", node_text_or_null(h->kvm_vendor));
	node_set(object, "kvm", kvm);
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
	json_t *array = node_checked(json_array());

	for (unsigned int i = 0; i < v->nprobes; i++) {
		const struct probe_info *p = &v->probes[i];
		json_t *object = node_checked(json_object());

		node_set(object, "name", node_text(p->name));
		node_set(object, "state",
			 node_text_or_null((unsigned int)p->status <= PROBE_FAILED ? states[p->status]
										   : NULL));
		node_set(object, "reason", node_text_or_null(p->reason));
		node_append(array, object);
	}
	return array;
}

/* What was asked for, and why some of it is not counted. */
static json_t *asked(const struct view *v)
{
	json_t *array = node_checked(json_array());

	for (uint32_t i = 0; i < v->nevents; i++) {
		const struct sample_event *e = &v->events[i];
		json_t *object = node_checked(json_object());

		node_set(object, "event", node_text(e->name));
		node_set(object, "mode", node_text(event_mode_name((enum event_mode)e->mode)));
		node_set(object, "counted", json_boolean(e->counted));
		node_set(object, "reason", e->counted ? json_null() : node_text_or_null(e->why));
		node_append(array, object);
	}
	return array;
}

void out_json(struct buf *b, const struct view *v, const struct out_options *o)
{
	json_t *root = node_checked(json_object()), *loss = node_checked(json_object()),
	       *vms = node_checked(json_array());

	(void)o;
	node_set(root, "schema", json_integer(1));
	node_set(root, "host", json_host(&v->host));
	node_set(root, "time_ns", node_number(v->real_ns));
	node_set(root, "interval_ns", node_number(v->interval_ns));
	node_set(root, "skew_ns", node_number(v->skew_ns));
	node_set(root, "not_visible", node_text_or_null(v->invisible_why));
	node_set(root, "probes", probes(v));
	node_set(root, "events", asked(v));
	for (int i = 0; i < VMP_LOSSES; i++)
		node_set(loss, loss_name((enum vmp_loss)i), node_number(v->loss[i]));
	node_set(root, "loss", loss);
	for (uint32_t i = 0; i < v->nvms; i++)
		node_append(vms, vm(v, &v->vms[i]));
	node_set(root, "vms", vms);
	node_print(b, root);
}
