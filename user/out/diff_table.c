// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/loss.h"
#include "cells.h"
#include "text.h"

#define REASON_MIN 8
#define WHAT_MIN   7
#define CHANGE_MIN 8
/* Names of VMs that only one side has. */
#define NAMES      10

static const char letters[DIFF_SIDES] = {'A', 'B'};

/* What has changed in relation to what there was: "+14%", "3.1x". */
static void add_ratio(struct buf *b, double ratio)
{
	double percent = (ratio - 1) * 100;

	if (ratio >= 999.5)
		buf_puts(b, " (>999x)");
	else if (ratio >= 1.995)
		buf_printf(b, " (%.*fx)", ratio < 9.95 ? 1 : 0, ratio);
	else if (fabs(percent) < 0.5)
		buf_puts(b, percent < 0 ? " (>-1%)" : " (<1%)");
	else if (ratio > 0 && percent < -99)
		buf_puts(b, " (-99%)");
	else
		buf_printf(b, " (%+.0f%%)", percent);
}

static void change_cell(struct grid *g, const struct diff_figure *f)
{
	char number[UNITS_SIZE];
	double change, ratio;
	struct buf text = {0};

	if (!diff_change(f, &change)) {
		grid_none(g);
		return;
	}
	if (!(fabs(change) > 0)) {
		grid_add(g, "none", GRID_DIM);
		return;
	}
	buf_puts(&text, change < 0 ? "-" : "+");
	if (f->metric->unit == UNIT_RATIO && fabs(change) < 0.0005)
		buf_puts(&text, "<0.1 points");
	else if (f->metric->unit == UNIT_RATIO)
		buf_printf(&text, "%.1f points", fabs(change) * 100);
	else
		buf_puts(&text, cells_figure(f->metric, fabs(change), number));
	if (diff_ratio(f, &ratio))
		add_ratio(&text, ratio);
	grid_add(g, text.data, cells_loss_style(f->metric, change));
	buf_free(&text);
}

static void figure_cells(struct grid *g, const struct diff_figure *f)
{
	char number[UNITS_SIZE];

	grid_add(g, f->metric->title, GRID_PLAIN);
	for (int i = 0; i < DIFF_SIDES; i++) {
		if (f->known[i])
			grid_add(g, cells_figure(f->metric, f->value[i].d, number),
				 f->value[i].d > 0 ? GRID_PLAIN : GRID_DIM);
		else
			grid_none(g);
	}
	change_cell(g, f);
}

/* Figures of VMs, or of reasons. */
static void table(struct buf *b, const struct diff *d, enum metric_level level, const struct out_options *o)
{
	bool reasons = level != METRIC_SET;
	struct grid g = {0};
	size_t n;
	struct diff_row *rows = diff_rows(d, level, o->top, &n);

	cells_vm_column(&g);
	if (reasons)
		grid_column(&g, (struct grid_column){.title = level == METRIC_EXIT ? "exit reason"
										   : "user-space exit",
						     .width = REASON_MIN,
						     .text = true});
	grid_column(&g, (struct grid_column){.title = "what", .width = WHAT_MIN, .text = true});
	grid_column(&g, (struct grid_column){.title = "before", .width = UNITS_NS_WIDTH, .rank = 1});
	grid_column(&g, (struct grid_column){.title = "after", .width = UNITS_NS_WIDTH, .rank = 2});
	grid_column(&g, (struct grid_column){.title = "change", .width = CHANGE_MIN, .text = true});
	for (size_t i = 0; i < n; i++) {
		bool same_vm = i && rows[i - 1].vm == rows[i].vm;

		if (same_vm)
			grid_add(&g, "", GRID_PLAIN);
		else
			cells_vm(&g, diff_any(rows[i].vm), o);
		if (reasons)
			grid_add(&g,
				 same_vm && rows[i - 1].reason == rows[i].reason ? ""
										 : rows[i].reason->reason,
				 GRID_PLAIN);
		figure_cells(&g, &rows[i].figure);
	}
	if (n) {
		buf_puts(b, "\n");
		grid_print(b, &g, o, cells_width(o));
	}
	grid_free(&g);
	free(rows);
}

/* VMs that the other side does not have. */
static void only(struct buf *b, const struct diff *d, int side, const struct out_options *o)
{
	struct buf text = {0};
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->nvms; i++) {
		const struct diff_vm *vm = &d->vms[i];

		if (!vm->vm[side] || vm->vm[!side] || (o->top && n++ >= NAMES))
			continue;
		if (text.len)
			buf_puts(&text, ", ");
		else
			buf_printf(&text, "only in %c: ", letters[side]);
		cells_vm_text(&text, vm->vm[side], o->utf8);
	}
	if (o->top && n > NAMES)
		buf_printf(&text, " and %" PRIu32 " more", n - NAMES);
	if (text.len)
		cells_line(b, text.data, GRID_PLAIN, o);
	buf_free(&text);
}

static const char *why(const struct view *v)
{
	return v->invisible_why ? v->invisible_why : "";
}

/* What the sides do not show: once, where it is the same. */
static void invisible(struct buf *b, const struct diff *d, const struct out_options *o)
{
	bool same = !strcmp(why(d->view[DIFF_A]), why(d->view[DIFF_B]));

	for (int i = 0; i < (same ? 1 : DIFF_SIDES); i++) {
		struct buf text = {0};

		if (!*why(d->view[i]))
			continue;
		if (same)
			buf_puts(&text, "not all is visible: ");
		else
			buf_printf(&text, "not all is visible in %c: ", letters[i]);
		text_safe(&text, why(d->view[i]), o->utf8);
		cells_line(b, text.data, GRID_DIM, o);
		buf_free(&text);
	}
}

static void losses(struct buf *b, const struct diff *d, int side, const struct out_options *o)
{
	const struct view *v = d->view[side];
	struct buf loss = {0};

	for (int i = 0; i < VMP_LOSSES; i++) {
		if (!v->loss[i])
			continue;
		if (loss.len)
			buf_puts(&loss, ", ");
		else
			buf_printf(&loss, "loss in %c: ", letters[side]);
		buf_printf(&loss, "%s %" PRIu64, loss_name((enum vmp_loss)i), v->loss[i]);
	}
	if (loss.len)
		cells_line(b, loss.data, GRID_WARN, o);
	buf_free(&loss);
}

static void header(struct buf *b, const struct diff *d, const char *const names[DIFF_SIDES],
		   const struct out_options *o)
{
	struct buf text = {0};
	char interval[UNITS_SIZE];

	buf_puts(&text, "vmperf diff: ");
	for (int i = 0; i < DIFF_SIDES; i++) {
		const struct view *v = d->view[i];

		buf_printf(&text, "%s%c ", i ? "; " : "", letters[i]);
		text_safe(&text, names[i], o->utf8);
		buf_printf(&text, ", %s, %" PRIu32 " VM%s", units_ns((double)v->interval_ns, interval),
			   v->nvms, v->nvms == 1 ? "" : "s");
	}
	cells_line(b, text.data, GRID_BOLD, o);
	buf_free(&text);
}

void out_diff_table(struct buf *b, const struct diff *d, const char *const names[DIFF_SIDES],
		    const struct out_options *o, enum out_diff tables)
{
	bool exits = d->view[DIFF_A]->exits_visible && d->view[DIFF_B]->exits_visible;
	struct buf rows = {0}, notes = {0};

	header(b, d, names, o);
	if (tables != OUT_DIFF_REASONS)
		table(&rows, d, METRIC_SET, o);
	if (tables != OUT_DIFF_VMS)
		table(&rows, d, exits ? METRIC_EXIT : METRIC_UEXIT, o);
	if (rows.len)
		buf_add(b, rows.data, rows.len);
	else
		cells_line(&notes, "nothing changed much; --top 0 shows all figures", GRID_DIM, o);
	for (int i = 0; i < DIFF_SIDES; i++)
		only(&notes, d, i, o);
	invisible(&notes, d, o);
	for (int i = 0; i < DIFF_SIDES; i++)
		losses(&notes, d, i, o);
	if (notes.len) {
		buf_puts(b, "\n");
		buf_add(b, notes.data, notes.len);
	}
	buf_free(&rows);
	buf_free(&notes);
}
