// SPDX-License-Identifier: GPL-2.0-only
#include "prom.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../model/counts.h"
#include "../model/metric.h"
#include "../model/quantile.h"
#include "../model/thread.h"
#include "prom_parts.h"

struct text {
	char *s;
	size_t len;
};

struct page {
	struct prom_text t;
	const struct view *v;
	const struct tally_options *tally;
	struct text *vms;    /* the labels of each VM */
	struct text *events; /* of each event; NULL: another has the same */
	struct text le[TALLY_BUCKETS + 1];
};

/* The labels that one line has beside those of its VM. */
struct tail {
	char s[160];
	size_t len;
};

static struct text take(struct buf *b)
{
	struct text t = {b->data, b->len};

	*b = (struct buf){0};
	return t;
}

static void put(struct page *p, struct text t)
{
	prom_labels(&p->t, t.s, t.len);
}

/* ,NAME="VALUE"; value is one of ours, that needs no escaping. */
static void tail_add(struct tail *t, const char *name, const char *value)
{
	const char *const parts[] = {",", name, "=\"", value, "\""};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t len = strlen(parts[i]);

		memcpy(t->s + t->len, parts[i], len);
		t->len += len;
	}
}

static void tail_vcpu(struct tail *t, int32_t id)
{
	struct buf b = {0};

	if (id < 0) {
		tail_add(t, "vcpu", "unknown");
		return;
	}
	prom_number(&b, (uint64_t)id);
	tail_add(t, "vcpu", b.data);
	buf_free(&b);
}

static void put_tail(struct page *p, const struct tail *t)
{
	prom_labels(&p->t, t->s, t->len);
}

static void value(struct page *p, const struct metric *m, const struct metric_value *v)
{
	if (m->unit == UNIT_NS)
		prom_seconds(&p->t, v->u);
	else if (m->unit == UNIT_COUNT)
		prom_count(&p->t, v->u);
	else
		prom_real(&p->t, v->d);
}

/* One figure, if there is one. */
static void figure(struct page *p, const struct metric *m, const struct metric_at *at, struct text labels,
		   const struct tail *tail)
{
	struct metric_value v;

	if (!metric_get(m, at, &v))
		return;
	/* an exit's states that it never is in are many */
	if (m->level == METRIC_EXIT && m->label && !v.u)
		return;
	prom_begin(&p->t, NULL);
	put(p, labels);
	put_tail(p, tail);
	if (m->label) {
		struct tail own = {.len = 0};

		tail_add(&own, m->label, m->label_value);
		put_tail(p, &own);
	}
	value(p, m, &v);
}

/* Calls fn for each set of figures that has series: the VM's, or those of its vCPUs. */
typedef void set_fn(struct page *p, const struct metric *const *rows, struct metric_at *at,
		    struct text labels, const struct tail *tail);

static bool by_vcpu(const struct page *p, const struct view_vm *vm)
{
	/* "other" has no vCPUs */
	return p->tally->per_vcpu && !tally_is_other(vm);
}

static void each_set(struct page *p, const struct metric *const *rows, set_fn *fn)
{
	for (uint32_t i = 0; i < p->v->nvms; i++) {
		const struct view_vm *vm = &p->v->vms[i];
		struct metric_at at = {.view = p->v, .vm = vm, .set = &vm->set};
		struct tail tail = {.len = 0};

		if (!by_vcpu(p, vm) || rows[0]->use & METRIC_WHOLE) {
			fn(p, rows, &at, p->vms[i], &tail);
			continue;
		}
		for (uint32_t k = 0; k < vm->nvcpus; k++) {
			tail.len = 0;
			tail_vcpu(&tail, vm->vcpus[k].id);
			at.set = &vm->vcpus[k].set;
			fn(p, rows, &at, p->vms[i], &tail);
		}
		at.set = &vm->gone;
		if (!at.set->observed_ns && !at.set->exit_count && !at.set->uexit_count)
			continue;
		tail.len = 0;
		tail_add(&tail, "vcpu", "ended");
		fn(p, rows, &at, p->vms[i], &tail);
	}
}

static void set_rows(struct page *p, const struct metric *const *rows, struct metric_at *at,
		     struct text labels, const struct tail *tail)
{
	for (; *rows; rows++)
		figure(p, *rows, at, labels, tail);
}

static bool exit_any(const struct view_exit *e)
{
	uint64_t any = e->count;

	for (int i = 0; i < VMP_STATES; i++)
		any |= e->ns[i];
	return any;
}

static void exit_rows(struct page *p, const struct metric *const *rows, struct metric_at *at,
		      struct text labels, const struct tail *tail)
{
	for (uint32_t i = 0; i < at->set->nexits; i++) {
		struct tail with = *tail;

		at->exit = &at->set->exits[i];
		if (!exit_any(at->exit))
			continue;
		tail_add(&with, "reason", at->exit->reason);
		for (const struct metric *const *m = rows; *m; m++)
			figure(p, *m, at, labels, &with);
	}
}

static void uexit_rows(struct page *p, const struct metric *const *rows, struct metric_at *at,
		       struct text labels, const struct tail *tail)
{
	for (uint32_t i = 0; i < at->set->nuexits; i++) {
		struct tail with = *tail;

		at->uexit = &at->set->uexits[i];
		if (!at->uexit->count && !at->uexit->ns)
			continue;
		tail_add(&with, "reason", at->uexit->reason);
		for (const struct metric *const *m = rows; *m; m++)
			figure(p, *m, at, labels, &with);
	}
}

static void thread_rows(struct page *p, const struct metric *m)
{
	for (uint32_t i = 0; i < p->v->nvms; i++) {
		const struct view_vm *vm = &p->v->vms[i];

		for (uint32_t k = 0; k < vm->nclasses; k++) {
			struct metric_at at = {.view = p->v, .vm = vm, .threads = &vm->classes[k]};
			struct tail tail = {.len = 0};

			tail_add(&tail, "class", thread_class_name(vm->classes[k].class));
			figure(p, m, &at, p->vms[i], &tail);
		}
	}
}

/* Event n of one set; tail: what stands after the VM's labels. */
static void event_figure(struct page *p, const struct metric *m, uint32_t vm, uint32_t n,
			 const struct view_event *e, const struct tail *tail)
{
	const struct metric_at at = {.view = p->v, .what = &p->v->events[n], .event = e};
	struct metric_value v;

	if (!metric_get(m, &at, &v))
		return;
	prom_begin(&p->t, NULL);
	put(p, p->vms[vm]);
	put_tail(p, tail);
	put(p, p->events[n]);
	value(p, m, &v);
}

/* What threads counted that run no vCPU. */
static struct view_event no_vcpus(const struct view_vm *vm, uint32_t n)
{
	struct view_event sum = {.known = true};

	for (uint32_t i = 0; i < vm->nclasses; i++)
		if (vm->classes[i].class != THREAD_VCPU)
			counts_add(&sum, &vm->classes[i].events[n], 1);
	return sum;
}

static void event_rows(struct page *p, const struct metric *const *rows, struct metric_at *at,
		       struct text labels, const struct tail *tail)
{
	(void)labels;
	if (!by_vcpu(p, at->vm))
		return;
	for (uint32_t n = 0; n < p->v->nevents && at->set->events; n++)
		if (p->events[n].s && !p->v->events[n].gauge && !p->v->events[n].whole)
			event_figure(p, *rows, (uint32_t)(at->vm - p->v->vms), n, &at->set->events[n], tail);
}

static void events(struct page *p, const struct metric *const *rows)
{
	static const struct tail none;

	for (uint32_t i = 0; i < p->v->nvms; i++) {
		const struct view_vm *vm = &p->v->vms[i];

		for (uint32_t n = 0; n < p->v->nevents; n++) {
			const struct sample_event *what = &p->v->events[n];
			struct view_event rest;

			/* a level is no counter */
			if (!p->events[n].s || what->gauge)
				continue;
			if (what->whole || !by_vcpu(p, vm)) {
				event_figure(p, *rows, i, n, &vm->events[n], &none);
				continue;
			}
			if (!what->counted)
				continue;
			rest = no_vcpus(vm, n);
			event_figure(p, *rows, i, n, &rest, &none);
		}
	}
	if (p->tally->per_vcpu)
		each_set(p, rows, event_rows);
}

static void info_labels(struct buf *b, const struct view_vm *vm)
{
	static const char *const vpmu[] = {[VPMU_UNKNOWN] = "unknown", [VPMU_OFF] = "off", [VPMU_ON] = "on"};
	static const char *const metas[META_KINDS] = {
		[META_TITLE] = "title",     [META_INSTANCE] = "instance_name",  [META_FLAVOR] = "flavor",
		[META_PROJECT] = "project", [META_NAMESPACE] = "vmi_namespace", [META_VMI] = "vmi",
	};

	if (vm->vmm && *vm->vmm)
		prom_label(b, false, "vmm", vm->vmm);
	if (vm->machine && *vm->machine)
		prom_label(b, false, "machine", vm->machine);
	prom_label(b, false, "vpmu", (unsigned int)vm->vpmu <= VPMU_ON ? vpmu[vm->vpmu] : "unknown");
	for (int i = 0; i < META_KINDS; i++)
		if (vm->meta[i] && *vm->meta[i])
			prom_label(b, false, metas[i], vm->meta[i]);
}

static void vm_rows(struct page *p, const struct metric *m, bool info)
{
	static const struct tail none;
	struct metric_value v;

	for (uint32_t i = 0; i < p->v->nvms; i++) {
		const struct view_vm *vm = &p->v->vms[i];
		struct metric_at at = {.view = p->v, .vm = vm};
		struct buf labels = {0};

		if (!info) {
			figure(p, m, &at, p->vms[i], &none);
			continue;
		}
		if (tally_is_other(vm) || !metric_get(m, &at, &v))
			continue;
		info_labels(&labels, vm);
		prom_begin(&p->t, NULL);
		put(p, p->vms[i]);
		prom_labels(&p->t, labels.data, labels.len);
		value(p, m, &v);
		buf_free(&labels);
	}
}

/* All of one name: rows has them, ended by NULL. */
static void family(struct page *p, const struct metric *const *rows)
{
	const struct metric *m = *rows;
	const char *help = m->family_help ? m->family_help : m->help;
	bool info = !strcmp(m->series, "vm_info");
	struct buf name = {0};

	buf_puts(&name, PROM_PREFIX);
	buf_puts(&name, info ? "vm" : m->series);
	prom_family(&p->t, name.data,
		    info                        ? PROM_INFO
		    : m->kind == METRIC_COUNTER ? PROM_COUNTER
						: PROM_GAUGE,
		    help);
	switch (m->level) {
	case METRIC_SET:
		each_set(p, rows, set_rows);
		break;
	case METRIC_EXIT:
		if (p->v->exits_visible)
			each_set(p, rows, exit_rows);
		break;
	case METRIC_UEXIT:
		if (p->v->uexits_visible)
			each_set(p, rows, uexit_rows);
		break;
	case METRIC_THREAD:
		thread_rows(p, m);
		break;
	case METRIC_EVENT:
		events(p, rows);
		break;
	case METRIC_VM:
		vm_rows(p, m, info);
		break;
	}
	buf_free(&name);
}

static void histogram(struct page *p, const struct view_exit *e, struct text labels, const struct tail *tail)
{
	uint64_t sum = 0;
	unsigned int k = 0;

	for (unsigned int i = 0; i <= TALLY_BUCKETS; i++) {
		for (; k < VMP_HIST && (i == TALLY_BUCKETS || k <= TALLY_BUCKET(i)); k++)
			sum += e->hist[k];
		prom_begin(&p->t, "_bucket");
		put(p, labels);
		put_tail(p, tail);
		put(p, p->le[i]);
		prom_count(&p->t, sum);
	}
	prom_begin(&p->t, "_sum");
	put(p, labels);
	put_tail(p, tail);
	prom_seconds(&p->t, e->ns[VMP_KVM] + e->ns[VMP_VMM]);
	prom_begin(&p->t, "_count");
	put(p, labels);
	put_tail(p, tail);
	prom_count(&p->t, sum);
}

static void histogram_rows(struct page *p, const struct metric *const *rows, struct metric_at *at,
			   struct text labels, const struct tail *tail)
{
	(void)rows;
	for (uint32_t i = 0; i < at->set->nexits; i++) {
		const struct view_exit *e = &at->set->exits[i];
		struct tail with = *tail;

		if (!exit_any(e) || !tally_histogram(p->tally, e->reason))
			continue;
		tail_add(&with, "reason", e->reason);
		histogram(p, e, labels, &with);
	}
}

static void histograms(struct page *p)
{
	static const uint32_t handling = 1U << VMP_KVM | 1U << VMP_VMM;
	static const struct metric none;
	const struct metric *const rows[] = {&none, NULL};
	struct buf le = {0};

	if (!p->tally->nhistograms || !p->v->exits_visible || (p->v->visible & handling) != handling)
		return;
	prom_family(&p->t, PROM_PREFIX "exit_handling_seconds", PROM_HISTOGRAM,
		    "Handling time (kvm + vmm) of exits of a reason that are over.");
	for (unsigned int i = 0; i <= TALLY_BUCKETS; i++) {
		if (i < TALLY_BUCKETS)
			buf_printf(&le, ",le=\"%.9g\"", (double)bucket_last(TALLY_BUCKET(i)) / 1e9);
		else
			buf_puts(&le, ",le=\"+Inf\"");
		p->le[i] = take(&le);
	}
	each_set(p, rows, histogram_rows);
	for (unsigned int i = 0; i <= TALLY_BUCKETS; i++)
		free(p->le[i].s);
}

static void prepare(struct page *p)
{
	struct buf b = {0};

	p->vms = mem_zalloc(p->v->nvms, sizeof(*p->vms));
	for (uint32_t i = 0; i < p->v->nvms; i++) {
		prom_label(&b, true, "domain", p->v->vms[i].name);
		prom_label(&b, false, "uuid", p->v->vms[i].uuid);
		p->vms[i] = take(&b);
	}
	p->events = mem_zalloc(p->v->nevents, sizeof(*p->events));
	for (uint32_t i = 0; i < p->v->nevents; i++) {
		const struct sample_event *e = &p->v->events[i];

		prom_label(&b, false, "event", e->name);
		prom_label(&b, false, "mode", event_mode_name((enum event_mode)e->mode));
		p->events[i] = take(&b);
		for (uint32_t k = 0; k < i; k++) {
			if (!p->events[k].s || strcmp(p->events[k].s, p->events[i].s) != 0)
				continue;
			free(p->events[i].s);
			p->events[i].s = NULL;
			break;
		}
	}
}

void out_prom(struct buf *b, const struct view *v, const struct prom_options *o)
{
	struct page p = {.t = {.b = b, .openmetrics = o->openmetrics}, .v = v, .tally = o->tally};
	const struct metric **rows = mem_zalloc(metrics_count + 1, sizeof(struct metric *));

	prepare(&p);
	prom_host(&p.t, v, o->self);
	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];
		bool first = m->series;
		unsigned int n = 0;

		for (unsigned int k = 0; k < metrics_count && first; k++) {
			if (!metrics[k].series || strcmp(metrics[k].series, m->series) != 0)
				continue;
			first = k >= i;
			rows[n++] = &metrics[k];
		}
		rows[n] = NULL;
		if (first)
			family(&p, rows);
	}
	histograms(&p);
	if (o->self)
		prom_own(&p.t, o->self);
	if (o->openmetrics)
		buf_puts(b, "# EOF\n");
	for (uint32_t i = 0; i < v->nvms; i++)
		free(p.vms[i].s);
	for (uint32_t i = 0; i < v->nevents; i++)
		free(p.events[i].s);
	free(p.vms);
	free(p.events);
	free(rows);
}

const char *prom_content_type(bool openmetrics)
{
	return openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			   : "text/plain; version=0.0.4; charset=utf-8";
}
