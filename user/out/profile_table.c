// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../lib/mem.h"
#include "cells.h"
#include "profile.h"
#include "text.h"

#define NAME_MIN     8
#define SYMBOL_MIN   12
#define SAMPLES_MIN  7
#define POINTS_MIN   7
/* Shares that stand out, and those that hardly matter. */
#define SHARE_MUCH   0.05
#define SHARE_LITTLE 0.005

/* In the order of enum profile_key.  Narrow tables do without those of the highest rank. */
static const struct grid_column key_columns[PROFILE_KEYS] = {
	[PROFILE_BY_EVENT] = {.title = "event", .width = NAME_MIN, .text = true, .rank = 3},
	[PROFILE_BY_VM] = {.title = "VM", .width = NAME_MIN, .text = true},
	[PROFILE_BY_PID] = {.title = "pid", .rank = 6},
	[PROFILE_BY_VCPU] = {.title = "vCPU", .rank = 4},
	[PROFILE_BY_TID] = {.title = "tid", .rank = 7},
	[PROFILE_BY_COMM] = {.title = "comm", .width = NAME_MIN, .text = true, .rank = 5},
	[PROFILE_BY_MODE] = {.title = "mode", .width = 10, .text = true, .rank = 1},
	[PROFILE_BY_MODULE] = {.title = "module", .width = NAME_MIN, .text = true, .rank = 2},
	[PROFILE_BY_SYMBOL] = {.title = "symbol", .width = SYMBOL_MIN, .text = true},
	[PROFILE_BY_ADDRESS] = {.title = "address", .rank = 8},
};

static enum grid_style share_style(double share)
{
	return share >= SHARE_MUCH ? GRID_BOLD : share < SHARE_LITTLE ? GRID_DIM : GRID_PLAIN;
}

static void share_cell(struct grid *g, double share)
{
	char number[UNITS_SIZE];

	grid_add(g, units_ratio(share, number), share_style(share));
}

static void text_cell(struct grid *g, const struct buf *text, const struct out_options *o)
{
	struct buf safe = {0};

	if (!text->len) {
		grid_none(g);
		return;
	}
	text_safe(&safe, text->data, o->utf8);
	/* nobody sees those */
	while (safe.len && safe.data[safe.len - 1] == ' ')
		safe.data[--safe.len] = '\0';
	grid_add(g, safe.data, GRID_PLAIN);
	buf_free(&safe);
}

static void key_columns_add(struct grid *g, uint32_t keys)
{
	for (int k = 0; k < PROFILE_KEYS; k++)
		if (keys & 1U << k)
			grid_column(g, key_columns[k]);
}

static void add_duration(struct buf *b, const struct profile *p)
{
	char number[UNITS_SIZE];

	if (p->duration_ns)
		buf_printf(b, " in %s", units_ns((double)p->duration_ns, number));
}

/* "cycles (997 Hz)" of those that have samples, if any has. */
static void add_events(struct buf *b, const struct profile_rows *r, bool utf8)
{
	const struct profile *p = r->profile;
	bool begun = false;

	for (uint32_t i = 0; i < p->nevents; i++) {
		if (r->total.samples && !r->events[i].samples)
			continue;
		buf_puts(b, begun ? ", " : "");
		begun = true;
		text_safe(b, p->events[i].name, utf8);
		if (p->events[i].freq)
			buf_printf(b, " (%" PRIu64 " Hz)", p->events[i].freq);
	}
	if (begun)
		buf_puts(b, ", ");
}

/* Those that were idle, too. */
static uint32_t count_vms(const struct profile_rows *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->profile->nvms; i++)
		n += r->chosen[i];
	return n;
}

static void header(struct buf *b, const struct profile_rows *r, const struct out_options *o)
{
	const struct profile *p = r->profile;
	struct buf text = {0};
	uint32_t nvms = count_vms(r);

	buf_puts(&text, "vmperf profile: ");
	if (o->source) {
		text_safe(&text, o->source, o->utf8);
		buf_puts(&text, ", ");
	}
	add_events(&text, r, o->utf8);
	buf_printf(&text, "%" PRIu64 " sample%s", r->total.samples, r->total.samples == 1 ? "" : "s");
	add_duration(&text, p);
	buf_printf(&text, ", %" PRIu32 " VM%s", nvms, nvms == 1 ? "" : "s");
	if (*p->hostname) {
		buf_puts(&text, ", host ");
		text_safe(&text, p->hostname, o->utf8);
	}
	if (*p->kernel) {
		buf_puts(&text, ", Linux ");
		text_safe(&text, p->kernel, o->utf8);
	}
	cells_line(b, text.data, GRID_BOLD, o);
	buf_free(&text);
}

static void losses(struct buf *b, const struct profile *p, const char *where, const struct out_options *o)
{
	struct buf text = {0};

	if (p->lost) {
		buf_printf(&text, "lost%s: %" PRIu64 " sample%s", where, p->lost, p->lost == 1 ? "" : "s");
		cells_line(b, text.data, GRID_WARN, o);
		buf_free(&text);
	}
	if (p->foreign) {
		buf_printf(&text, "left out%s: %" PRIu64 " sample%s of what is no VM", where, p->foreign,
			   p->foreign == 1 ? "" : "s");
		cells_line(b, text.data, GRID_DIM, o);
		buf_free(&text);
	}
}

struct ordered {
	const struct profile_rows *r;
	uint64_t weight;
	uint32_t vm;
};

static int order_vms(const void *x, const void *y)
{
	const struct ordered *a = x, *b = y;

	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	return (a->vm > b->vm) - (a->vm < b->vm);
}

uint32_t *out_profile_vms(const struct profile_rows *r, uint32_t *ret_n)
{
	const struct profile *p = r->profile;
	struct ordered *list = mem_zalloc(p->nvms, sizeof(*list));
	uint32_t *ret = mem_zalloc(p->nvms, sizeof(*ret)), n = 0;

	for (uint32_t i = 0; i < p->nvms; i++)
		if (r->vms[i].sum.samples)
			list[n++] = (struct ordered){
				.r = r, .weight = profile_rows_weight(r, &r->vms[i].sum), .vm = i};
	qsort(list, n, sizeof(*list), order_vms);
	for (uint32_t i = 0; i < n; i++)
		ret[i] = list[i].vm;
	free(list);
	*ret_n = n;
	return ret;
}

double out_profile_part(const struct profile_rows *r, const struct profile_weight *part,
			const struct profile_weight *whole)
{
	uint64_t w = profile_rows_weight(r, whole);

	return w ? (double)profile_rows_weight(r, part) / (double)w : 0;
}

static void vms(struct buf *b, const struct profile_rows *r, const struct out_options *o)
{
	static const int ranks[PROFILE_MODES] = {[PROFILE_SYS] = 1, [PROFILE_USER] = 2, [PROFILE_OTHER] = 5};
	struct profile_weight all = {0};
	struct grid g = {0};
	uint32_t n, few = 0, *list = out_profile_vms(r, &n);
	struct buf text = {0};
	bool other = false;

	cells_vm_column(&g);
	grid_column(&g, (struct grid_column){.title = "samples", .width = SAMPLES_MIN, .rank = 4});
	grid_column(&g, (struct grid_column){.title = "share", .width = UNITS_RATIO_WIDTH, .rank = 3});
	for (int m = 0; m < PROFILE_MODES; m++)
		grid_column(&g, (struct grid_column){.title = profile_mode_name((enum profile_mode)m),
						     .width = UNITS_RATIO_WIDTH,
						     .rank = ranks[m],
						     .if_filled = m == PROFILE_OTHER});
	for (uint32_t i = 0; i < n; i++) {
		profile_weight_add(&all, &r->vms[list[i]].sum);
		other |= r->vms[list[i]].modes[PROFILE_OTHER].samples > 0;
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct profile_split *s = &r->vms[list[i]];
		struct buf name = {0};

		if (out_profile_part(r, &s->sum, &all) * 100 < r->filter.limit) {
			few++;
			continue;
		}

		profile_rows_vm_text(r, list[i], &name);
		text_cell(&g, &name, o);
		buf_free(&name);
		cells_number(&g, s->sum.samples);
		share_cell(&g, out_profile_part(r, &s->sum, &all));
		/* none of a mode is none of it; only for what is no mode is there no column, then */
		for (int m = 0; m < PROFILE_MODES; m++) {
			if (m == PROFILE_OTHER && !other)
				grid_none(&g);
			else
				share_cell(&g, out_profile_part(r, &s->modes[m], &s->sum));
		}
	}
	buf_puts(b, "\n");
	if (g.ncells)
		grid_print(b, &g, o, cells_width(o));
	if (few) {
		buf_printf(&text, "%" PRIu32 " VM%s of less than %g%%", few, few == 1 ? "" : "s",
			   r->filter.limit);
		cells_line(b, text.data, GRID_DIM, o);
		buf_free(&text);
	}
	grid_free(&g);
	free(list);
}

static void rows(struct buf *b, const struct profile_rows *r, const struct out_options *o)
{
	struct grid g = {0};

	grid_column(&g, (struct grid_column){.title = "share", .width = UNITS_RATIO_WIDTH});
	grid_column(&g, (struct grid_column){.title = "samples", .width = SAMPLES_MIN, .rank = 9});
	key_columns_add(&g, r->keys);
	for (size_t i = 0; i < r->n; i++) {
		const struct profile_row *row = &r->rows[i];

		share_cell(&g, profile_rows_share(r, row->like.event, &row->sum));
		cells_number(&g, row->sum.samples);
		for (int k = 0; k < PROFILE_KEYS; k++) {
			struct buf text = {0};

			if (!(r->keys & 1U << k))
				continue;
			profile_row_text(r, row, (enum profile_key)k, &text);
			text_cell(&g, &text, o);
			buf_free(&text);
		}
	}
	buf_puts(b, "\n");
	grid_print(b, &g, o, cells_width(o));
	grid_free(&g);
}

void out_profile_table(struct buf *b, const struct profile_rows *r, const struct out_options *o)
{
	struct buf text = {0};
	char number[UNITS_SIZE];

	header(b, r, o);
	losses(b, r->profile, "", o);
	if (count_vms(r))
		vms(b, r, o);
	if (r->n)
		rows(b, r, o);
	if (r->rest.samples) {
		buf_printf(&text, "%s%s (%" PRIu64 " sample%s) in rows of less than %g%%", r->n ? "" : "\n",
			   units_ratio(out_profile_part(r, &r->rest, &r->total), number), r->rest.samples,
			   r->rest.samples == 1 ? "" : "s", r->filter.limit);
		cells_line(b, text.data, GRID_DIM, o);
		buf_free(&text);
	}
}

static void diff_header(struct buf *b, const struct profile_diff *d, const struct out_options *o)
{
	const struct profile_rows *sides[] = {&d->a, &d->b};
	struct buf text = {0};

	buf_puts(&text, "vmperf profile diff: ");
	if (o->source) {
		text_safe(&text, o->source, o->utf8);
		buf_puts(&text, ": ");
	}
	for (int i = 0; i < 2; i++) {
		buf_printf(&text, "%s%c ", i ? "; " : "", 'A' + i);
		add_events(&text, sides[i], o->utf8);
		buf_printf(&text, "%" PRIu64 " sample%s", sides[i]->total.samples,
			   sides[i]->total.samples == 1 ? "" : "s");
		add_duration(&text, sides[i]->profile);
	}
	cells_line(b, text.data, GRID_BOLD, o);
	buf_free(&text);
	losses(b, d->a.profile, " in A", o);
	losses(b, d->b.profile, " in B", o);
}

static void points_cell(struct grid *g, const struct profile_diff_row *row)
{
	double points = (row->share_b - row->share_a) * 100;
	char text[32];

	if (fabs(points) < 0.005)
		snprintf(text, sizeof(text), "%s",
			 fabs(points) > 0 ? (points < 0 ? ">-0.01" : "<+0.01") : "0");
	else
		snprintf(text, sizeof(text), "%+.2f", points);
	grid_add(g, text, share_style(fabs(points) / 100));
}

void out_profile_diff_table(struct buf *b, const struct profile_diff *d, const struct out_options *o)
{
	struct grid g = {0};

	diff_header(b, d, o);
	grid_column(&g, (struct grid_column){.title = "before", .width = UNITS_RATIO_WIDTH, .rank = 9});
	grid_column(&g, (struct grid_column){.title = "after", .width = UNITS_RATIO_WIDTH, .rank = 10});
	grid_column(&g, (struct grid_column){.title = "points", .width = POINTS_MIN});
	key_columns_add(&g, d->a.keys);
	for (size_t i = 0; i < d->n; i++) {
		const struct profile_diff_row *row = &d->rows[i];

		if (row->a)
			share_cell(&g, row->share_a);
		else
			grid_none(&g);
		if (row->b)
			share_cell(&g, row->share_b);
		else
			grid_none(&g);
		points_cell(&g, row);
		for (int k = 0; k < PROFILE_KEYS; k++) {
			struct buf text = {0};

			if (!(d->a.keys & 1U << k))
				continue;
			profile_diff_text(d, row, (enum profile_key)k, &text);
			text_cell(&g, &text, o);
			buf_free(&text);
		}
	}
	if (d->n) {
		buf_puts(b, "\n");
		grid_print(b, &g, o, cells_width(o));
	}
	grid_free(&g);
}
