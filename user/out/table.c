// SPDX-License-Identifier: GPL-2.0-only
#include "out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../lib/units.h"
#include "../model/loss.h"
#include "../model/metric.h"
#include "../model/placement.h"
#include "../model/thread.h"
#include "../model/verdict.h"
#include "../model/weight.h"
#include "cells.h"
#include "events_table.h"
#include "text.h"

/* What text may shrink to before columns are dropped. */
#define REASON_MIN     20
/* Columns that this host cannot fill go before all others. */
#define RANK_INVISIBLE 100
#define RANK_TID       50
/* Among those of metrics. */
#define RANK_VERDICT   1
#define RANK_VCPUS     7
#define RANK_CPUS      16
#define CPUS_MIN       6
#define CLASS_MIN      8
/* A share of unknown time that is shown as "0.1%". */
#define RUNNING_SHOWN  0.0005

/* The host's figure tells whether this one can be seen here at all. */
static bool host_shows(const struct metric *m, const struct view *v)
{
	struct metric_at at = {.view = v, .set = &v->total};
	struct metric_value value;

	return m->level != METRIC_SET || metric_get(m, &at, &value);
}

/* Time of which it is not known what it was is shown where there is any to speak of. */
static bool running_shown(const struct view *v)
{
	if (!(v->visible & 1U << VMP_GUEST))
		return true;
	for (uint32_t i = 0; i < v->nvms; i++) {
		const struct view_set *s = &v->vms[i].set;

		if ((double)s->ledger[VMP_RUNNING] >= RUNNING_SHOWN * (double)s->observed_ns &&
		    s->observed_ns)
			return true;
	}
	return false;
}

static bool has_column(const struct metric *m, enum metric_level level, const struct view *v)
{
	if (m->level != level || !m->title)
		return false;
	return level != METRIC_SET || strcmp(m->id, "running_share") != 0 || running_shown(v);
}

static void metric_columns(struct grid *g, enum metric_level level, const struct view *v)
{
	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];

		if (!has_column(m, level, v))
			continue;
		grid_column(g, (struct grid_column){
				       .title = m->title,
				       .width = cells_unit_width(m->unit) + !strcmp(m->id, "max_ns"),
				       .rank = m->rank + (host_shows(m, v) ? 0 : RANK_INVISIBLE),
				       .if_filled = m->use & METRIC_IF_KNOWN,
			       });
	}
}

static void metric_cells(struct grid *g, enum metric_level level, const struct metric_at *at)
{
	for (unsigned int i = 0; i < metrics_count; i++)
		if (has_column(&metrics[i], level, at->view))
			cells_metric(g, &metrics[i], at);
}

/* What a VM and a vCPU have in common: their figures, CPUs and verdict. */
static void set_columns(struct grid *g, const struct view *v)
{
	metric_columns(g, METRIC_SET, v);
	grid_column(g, (struct grid_column){.title = "CPUs",
					    .width = CPUS_MIN,
					    .rank = RANK_CPUS + (v->total.cpu_ns ? 0 : RANK_INVISIBLE),
					    .text = true});
	grid_column(g, (struct grid_column){.title = "verdict",
					    .width = VERDICT_SIZE - 1,
					    .rank = RANK_VERDICT,
					    .text = true});
}

static void set_cells(struct grid *g, const struct view *v, const struct view_set *s)
{
	static const enum grid_style styles[] = {
		[VERDICT_FINE] = GRID_PLAIN,
		[VERDICT_WARN] = GRID_WARN,
		[VERDICT_ALARM] = GRID_ALARM,
	};
	struct metric_at at = {.view = v, .set = s};
	struct verdict d = verdict_of(s, v->visible);
	char text[VERDICT_SIZE];
	struct buf cpus = {0};

	metric_cells(g, METRIC_SET, &at);
	placement_cpus(&cpus, s);
	cells_list(g, &cpus);
	grid_add(g, verdict_text(&d, text), d.state == VERDICT_NONE ? GRID_DIM : styles[d.level]);
}

static void vms_table(struct buf *b, const struct view *v, const struct out_options *o)
{
	struct grid g = {0};

	cells_vm_column(&g);
	grid_column(&g, (struct grid_column){.title = "vCPU", .width = 4, .rank = RANK_VCPUS});
	set_columns(&g, v);
	for (uint32_t i = 0; i < v->nvms; i++) {
		cells_vm(&g, &v->vms[i], o);
		cells_number(&g, v->vms[i].nvcpus);
		set_cells(&g, v, &v->vms[i].set);
	}
	grid_print(b, &g, o, cells_width(o));
	grid_free(&g);
}

static void vcpus_table(struct buf *b, const struct view *v, const struct out_options *o)
{
	struct grid g = {0};

	cells_vm_column(&g);
	grid_column(&g, (struct grid_column){.title = "vCPU", .width = 4});
	grid_column(&g, (struct grid_column){.title = "tid", .width = 7, .rank = RANK_TID});
	set_columns(&g, v);
	for (uint32_t i = 0; i < v->nvms; i++) {
		for (uint32_t j = 0; j < v->vms[i].nvcpus; j++) {
			const struct view_vcpu *c = &v->vms[i].vcpus[j];

			cells_vm(&g, &v->vms[i], o);
			if (c->id < 0)
				grid_none(&g);
			else
				cells_number(&g, (uint64_t)c->id);
			cells_number(&g, c->tid);
			set_cells(&g, v, &c->set);
		}
	}
	grid_print(b, &g, o, cells_width(o));
	grid_free(&g);
}

static void threads_table(struct buf *b, const struct view *v, const struct out_options *o)
{
	struct grid g = {0};

	cells_vm_column(&g);
	grid_column(&g, (struct grid_column){.title = "class", .width = CLASS_MIN, .text = true});
	metric_columns(&g, METRIC_THREAD, v);
	grid_column(&g, (struct grid_column){
				.title = "last CPUs", .width = CPUS_MIN, .rank = RANK_CPUS, .text = true});
	for (uint32_t i = 0; v->threads_visible && i < v->nvms; i++) {
		for (uint32_t j = 0; j < v->vms[i].nclasses; j++) {
			const struct view_class *c = &v->vms[i].classes[j];
			struct metric_at at = {.view = v, .threads = c};
			struct buf last = {0};

			/* a VM's classes stand together: its name once */
			if (j)
				grid_add(&g, "", GRID_PLAIN);
			else
				cells_vm(&g, &v->vms[i], o);
			grid_add(&g, thread_class_name(c->class), GRID_PLAIN);
			metric_cells(&g, METRIC_THREAD, &at);
			placement_last_cpus(&last, v, c);
			cells_list(&g, &last);
		}
	}
	if (g.ncells)
		grid_print(b, &g, o, cells_width(o));
	grid_free(&g);
}

/* One row of the table of reasons: an exit's, or where those cannot be seen a user-space exit's. */
struct reason {
	struct weight weight;
	const struct view_vm *vm;
	const struct view_exit *exit;
	const struct view_uexit *uexit;
};

/* All reasons that are to be shown; *n: how many.  The caller frees them. */
static struct reason *reasons(const struct view *v, uint32_t top, size_t *n)
{
	struct reason *list = NULL;
	size_t room = 0;

	*n = 0;
	for (uint32_t i = 0; i < v->nvms; i++) {
		const struct view_set *s = &v->vms[i].set;
		uint32_t count = v->exits_visible ? s->nexits : v->uexits_visible ? s->nuexits : 0;

		if (top && count > top)
			count = top;
		room += count;
		list = mem_resize(list, room, sizeof(*list));
		for (uint32_t j = 0; j < count; j++) {
			struct reason r = {.vm = &v->vms[i]};

			if (v->exits_visible)
				r.exit = &s->exits[j];
			else
				r.uexit = &s->uexits[j];
			r.weight = weight_of(r.exit, r.uexit, *n);
			list[(*n)++] = r;
		}
	}
	return list;
}

static void reasons_table(struct buf *b, const struct view *v, const struct out_options *o)
{
	bool by_vm = o->by == OUT_BY_VM;
	enum metric_level level = v->exits_visible ? METRIC_EXIT : METRIC_UEXIT;
	struct grid g = {0};
	size_t n;
	struct reason *list = reasons(v, by_vm && !o->top ? OUT_TOP : o->top, &n);

	if (n && !by_vm)
		qsort(list, n, sizeof(*list), weight_compare);
	cells_vm_column(&g);
	grid_column(&g, (struct grid_column){.title = v->exits_visible ? "exit reason" : "user-space exit",
					     .width = REASON_MIN,
					     .text = true});
	metric_columns(&g, level, v);
	for (size_t i = 0; i < n; i++) {
		const struct reason *r = &list[i];
		struct metric_at at = {.view = v, .set = &r->vm->set, .exit = r->exit, .uexit = r->uexit};

		/* a VM's reasons stand together: its name once */
		if (by_vm && i && list[i - 1].vm == r->vm)
			grid_add(&g, "", GRID_PLAIN);
		else
			cells_vm(&g, r->vm, o);
		grid_add(&g, r->exit ? r->exit->reason : r->uexit->reason, GRID_PLAIN);
		metric_cells(&g, level, &at);
	}
	if (n) {
		if (by_vm)
			buf_puts(b, "\n");
		grid_print(b, &g, o, cells_width(o));
	}
	grid_free(&g);
	free(list);
}

static void header(struct buf *b, const struct view *v, const struct out_options *o)
{
	const struct host_info *h = &v->host;
	struct buf text = {0};
	char interval[UNITS_SIZE];

	buf_puts(&text, "vmperf: ");
	text_safe(&text, h->hostname[0] ? h->hostname : "this host", o->utf8);
	if (h->kernel[0]) {
		buf_puts(&text, ", Linux ");
		text_safe(&text, h->kernel, o->utf8);
	}
	buf_puts(&text, ", ");
	text_safe(&text,
		  !h->kvm_loaded     ? "KVM not loaded"
		  : h->kvm_vendor[0] ? h->kvm_vendor
				     : "kvm",
		  o->utf8);
	buf_printf(&text, ", %s", units_ns((double)v->interval_ns, interval));
	if (v->nvms)
		buf_printf(&text, ", %" PRIu32 " VM%s, %" PRIu32 " vCPU%s", v->nvms, v->nvms == 1 ? "" : "s",
			   v->nvcpus, v->nvcpus == 1 ? "" : "s");
	else
		buf_puts(&text, ", no VMs");
	cells_line(b, text.data, GRID_BOLD, o);
	buf_free(&text);
	if (!o->source)
		return;
	text_safe(&text, o->source, o->utf8);
	cells_line(b, text.data, GRID_PLAIN, o);
	buf_free(&text);
}

static void add_word(struct buf *b, const char *before, const char *word)
{
	if (b->len)
		buf_puts(b, ", ");
	else
		buf_puts(b, before);
	buf_puts(b, word);
}

/* What this host cannot show, and why; what could not be counted. */
static void footer(struct buf *b, const struct view *v, const struct out_options *o)
{
	static const char hidden_title[] = "not visible here: ";
	bool no_threads = o->by == OUT_BY_THREAD && !v->threads_visible;
	struct buf hidden = {0}, loss = {0};

	if (!v->exits_visible)
		add_word(&hidden, hidden_title, "exits");
	if (!v->uexits_visible)
		add_word(&hidden, hidden_title, "user-space exits");
	for (int i = 0; i < VMP_STATES; i++)
		if (!(v->visible & 1U << i))
			add_word(&hidden, hidden_title, ledger_state_name((enum vmp_state)i));
	if (v->invisible_why && v->invisible_why[0]) {
		buf_puts(&hidden, hidden.len ? ": " : "note: ");
		text_safe(&hidden, v->invisible_why, o->utf8);
	}
	for (int i = 0; i < VMP_LOSSES; i++) {
		if (!v->loss[i])
			continue;
		add_word(&loss, "loss: ", loss_name((enum vmp_loss)i));
		buf_printf(&loss, " %" PRIu64, v->loss[i]);
	}
	if (hidden.len || no_threads || loss.len || events_have_notes(v, o))
		buf_puts(b, "\n");
	if (hidden.len)
		cells_line(b, hidden.data, GRID_DIM, o);
	if (no_threads)
		cells_line(b, "not visible here: threads", GRID_DIM, o);
	events_notes(b, v, o);
	if (loss.len)
		cells_line(b, loss.data, GRID_WARN, o);
	buf_free(&hidden);
	buf_free(&loss);
}

static void tables(struct buf *b, const struct view *v, const struct out_options *o)
{
	switch (o->by) {
	case OUT_BY_VM:
		vms_table(b, v, o);
		reasons_table(b, v, o);
		break;
	case OUT_BY_VCPU:
		vcpus_table(b, v, o);
		break;
	case OUT_BY_EXIT:
		reasons_table(b, v, o);
		break;
	case OUT_BY_THREAD:
		threads_table(b, v, o);
		break;
	case OUT_BY_EVENT:
		events_table(b, v, o);
		break;
	}
}

void out_table(struct buf *b, const struct view *v, const struct out_options *o)
{
	struct buf rows = {0};

	header(b, v, o);
	if (v->nvms)
		tables(&rows, v, o);
	if (rows.len) {
		buf_puts(b, "\n");
		buf_add(b, rows.data, rows.len);
	}
	buf_free(&rows);
	footer(b, v, o);
}
