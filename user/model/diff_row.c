// SPDX-License-Identifier: GPL-2.0-only
/* Figures of a difference, and which of them are shown. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "diff.h"
#include "metric_get.h"

/* The part of a VM's busy time that a figure without a time of its own may be about. */
#define WEIGHT_OTHER 0.1
/* A change of a rate by less than that weighs less. */
#define RATE_NEWS    10
/* A reason's figures for people are those that even a narrow table has a column of. */
#define REASON_RANK  3

bool diff_compares(const struct metric *m)
{
	/* the longest time is of all that was seen before, too */
	return m->kind == METRIC_GAUGE && m->get != exit_max && m->get != times_max;
}

struct diff_figure diff_figure(const struct diff *d, const struct diff_vm *vm,
			       const struct diff_reason *reason, const struct metric *m)
{
	struct diff_figure f = {.metric = m};

	for (int i = 0; i < DIFF_SIDES; i++) {
		struct metric_at at = {.view = d->view[i]};

		if (!vm->vm[i])
			continue;
		at.set = &vm->vm[i]->set;
		if (reason) {
			at.exit = reason->exit[i];
			at.uexit = reason->uexit[i];
			if (!(m->level == METRIC_EXIT ? (const void *)at.exit : at.uexit))
				continue;
		}
		f.known[i] = metric_get(m, &at, &f.value[i]);
	}
	return f;
}

bool diff_change(const struct diff_figure *f, double *change)
{
	*change = f->value[DIFF_B].d - f->value[DIFF_A].d;
	return f->known[DIFF_A] && f->known[DIFF_B];
}

bool diff_ratio(const struct diff_figure *f, double *ratio)
{
	*ratio = 0;
	if (!f->known[DIFF_A] || !f->known[DIFF_B] || !(f->value[DIFF_A].d > 0))
		return false;
	*ratio = f->value[DIFF_B].d / f->value[DIFF_A].d;
	return true;
}

/* The part of the time in which a VM was not idle, of the side that has more. */
static double busy(const struct diff_vm *vm)
{
	double most = 0;

	for (int i = 0; i < DIFF_SIDES; i++) {
		const struct view_set *s = &vm->vm[i]->set;

		if (s->observed_ns)
			most = fmax(most, 1 - (double)s->ledger[VMP_IDLE] / (double)s->observed_ns);
	}
	return most;
}

/* The time that a figure may be about, as a share of the VM's. */
static double stake(const struct diff_vm *vm, const struct diff_reason *r)
{
	if (r && r->share[DIFF_A] >= 0 && r->share[DIFF_B] >= 0)
		return fmax(r->share[DIFF_A], r->share[DIFF_B]);
	return WEIGHT_OTHER * busy(vm);
}

static double weigh(const struct diff_vm *vm, const struct diff_reason *r, const struct diff_figure *f)
{
	double change, most = fmax(f->value[DIFF_A].d, f->value[DIFF_B].d), weight;

	if (!diff_change(f, &change) || !(most > 0))
		return 0;
	change = fabs(change);
	if (f->metric->get == set_share)
		return change;
	if (f->metric->unit == UNIT_RATIO)
		return change * busy(vm);
	weight = change / most * stake(vm, r);
	return f->metric->unit == UNIT_PER_SECOND ? weight * fmin(1, change / RATE_NEWS) : weight;
}

struct rows {
	struct diff_row *row;
	size_t n;
};

static bool is_shown(const struct metric *m, enum metric_level level)
{
	return m->level == level && m->title && diff_compares(m) &&
	       (level == METRIC_SET || m->rank <= REASON_RANK);
}

static void add_figures(struct rows *rows, const struct diff *d, const struct diff_vm *vm,
			const struct diff_reason *r, enum metric_level level, bool all)
{
	for (unsigned int i = 0; i < metrics_count; i++) {
		struct diff_row row = {.vm = vm, .reason = r, .place = rows->n};

		if (!is_shown(&metrics[i], level))
			continue;
		row.figure = diff_figure(d, vm, r, &metrics[i]);
		row.weight = weigh(vm, r, &row.figure);
		if (!row.figure.known[DIFF_A] && !row.figure.known[DIFF_B])
			continue;
		if (!all && row.weight < DIFF_WEIGHT)
			continue;
		/* grows by doubling */
		if (!(rows->n & (rows->n - 1)))
			rows->row = mem_resize(rows->row, rows->n ? 2 * rows->n : 1, sizeof(*rows->row));
		rows->row[rows->n++] = row;
	}
}

static int by_weight(const void *a, const void *b)
{
	const struct diff_row *x = a, *y = b;

	if (x->weight < y->weight || x->weight > y->weight)
		return x->weight < y->weight ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

static int by_place(const void *a, const void *b)
{
	const struct diff_row *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

struct diff_row *diff_rows(const struct diff *d, enum metric_level level, uint32_t top, size_t *n)
{
	struct rows rows = {0};

	for (uint32_t i = 0; i < d->nvms; i++) {
		const struct diff_vm *vm = &d->vms[i];
		const struct diff_reason *reasons = level == METRIC_EXIT ? vm->exits : vm->uexits;
		uint32_t nreasons = level == METRIC_EXIT ? vm->nexits : vm->nuexits;

		if (!vm->vm[DIFF_A] || !vm->vm[DIFF_B])
			continue;
		if (level == METRIC_SET)
			add_figures(&rows, d, vm, NULL, level, !top);
		else
			for (uint32_t j = 0; j < nreasons; j++)
				add_figures(&rows, d, vm, &reasons[j], level, !top);
	}
	if (top && rows.n > top) {
		qsort(rows.row, rows.n, sizeof(*rows.row), by_weight);
		rows.n = top;
		qsort(rows.row, rows.n, sizeof(*rows.row), by_place);
	}
	*n = rows.n;
	return rows.row;
}
