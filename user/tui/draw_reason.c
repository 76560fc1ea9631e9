// SPDX-License-Identifier: GPL-2.0-only
#include "draw_reason.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../lib/units.h"
#include "../out/cells.h"
#include "bar.h"
#include "draw_table.h"

#define LABEL_W          7 /* a bound and a blank */
#define COUNT_W          6
/* A histogram beside a heat map, and the least that both need. */
#define HIST_W           30
#define MAP_MIN          12
/* Lines for a bucket, where there is room. */
#define TALLEST          2
#define RATES_H          12
/* Columns from which on the bar says what it is of. */
#define SPLIT_LABEL_FROM 90

/* What the page is about. */
struct about {
	const struct view_set *set;
	const struct view_exit *exit; /* NULL: none in this interval */
	const struct view_uexit *uexit;
	struct past {
		const struct digest *digest;
		const struct digest_exit *exit; /* NULL: none in that interval */
	} * past;                               /* by age */
	unsigned int n;                         /* of these */
	unsigned int low, high;                 /* buckets in use */
};

static const struct view_set *set_of(const struct ui *ui)
{
	const struct place *p = &ui->places[ui->depth];
	const struct view_vm *vm = ui_vm(ui);
	const struct view_vcpu *c = ui_vcpu(ui);

	if (p->tid)
		return c ? &c->set : NULL;
	if (p->pid)
		return vm ? &vm->set : NULL;
	return &ui->now.view->total;
}

static void find(struct about *r, const struct ui *ui)
{
	const struct place *p = &ui->places[ui->depth];

	r->set = set_of(ui);
	for (uint32_t i = 0; r->set && !p->user && i < r->set->nexits; i++)
		if (r->set->exits[i].isa == p->isa && r->set->exits[i].code == p->code)
			r->exit = &r->set->exits[i];
	for (uint32_t i = 0; r->set && p->user && i < r->set->nuexits; i++)
		if (r->set->uexits[i].code == (int32_t)p->code)
			r->uexit = &r->set->uexits[i];
}

static void use(struct about *r, unsigned int low, unsigned int high)
{
	if (r->low == r->high) {
		r->low = low;
		r->high = high;
	}
	if (low < r->low)
		r->low = low;
	if (high > r->high)
		r->high = high;
}

/* The last intervals, at most so many. */
static void look_back(struct about *r, const struct ui *ui, unsigned int most)
{
	const struct place *p = &ui->places[ui->depth];
	const struct history *h = ui->now.history;

	r->past = mem_zalloc(most, sizeof(struct past));
	for (; h && p->pid && r->n < most && history_at(h, r->n); r->n++) {
		const struct digest *d = history_at(h, r->n);
		const struct digest_vm *vm = digest_vm(d, p->pid);
		const struct digest_exit *e = vm ? digest_exit(d, vm, p->isa, p->code, p->user) : NULL;

		r->past[r->n] = (struct past){d, e};
		if (e && e->n)
			use(r, e->first, e->first + (unsigned int)e->n);
	}
	for (unsigned int k = 0; r->exit && k < VMP_HIST; k++)
		if (r->exit->hist[k])
			use(r, k, k + 1);
}

static void figures(struct draw *d, struct area line, const struct about *r)
{
	static const enum style styles[] = {
		[GRID_PLAIN] = STYLE_BOLD, [GRID_BOLD] = STYLE_BOLD,   [GRID_DIM] = STYLE_DIM,
		[GRID_WARN] = STYLE_WARN,  [GRID_ALARM] = STYLE_ALARM,
	};
	enum metric_level level = r->uexit ? METRIC_UEXIT : METRIC_EXIT;
	struct metric_at at = {.view = d->ui->now.view, .set = r->set, .exit = r->exit, .uexit = r->uexit};
	struct pieces p = {0};
	char n[UNITS_SIZE];
	unsigned int x;

	pieces_add(&p, 9, STYLE_PLAIN, "count %s",
		   units_count((double)(r->exit ? r->exit->count : r->uexit->count), n));
	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];
		enum grid_style style;
		char text[CELLS_SIZE];

		if (m->level == level && m->title && cells_metric_text(m, &at, text, &style))
			pieces_add(&p, m->rank, styles[style], "%s %s", m->title, text);
	}
	pieces_draw(d->s, line, 2, &p, &x);
}

/* Between such an exit and the next entry: where that time went. */
static void split(struct draw *d, struct area line, const struct view_exit *e)
{
	unsigned int w = line.w / 3;

	if (!line.h || line.w < 20)
		return;
	if (line.w > SPLIT_LABEL_FROM) {
		area_left(&line,
			  draw_text(d->s, line.x, line.y, line.w, STYLE_DIM, "exit to entry") + 2 - line.x);
		w = line.w / 3;
	}
	bar_draw(d->s, line.x, line.y, w, e->ns);
	bar_legend(d->s, line.x + w + 2, line.y, line.w - w - 2, e->ns);
}

/* The sum of each buckets from the k-th on. */
static uint64_t sum(const uint64_t hist[VMP_HIST], unsigned int k, unsigned int each)
{
	uint64_t n = 0;

	for (unsigned int i = k; i < k + each && i < VMP_HIST; i++)
		n += hist[i];
	return n;
}

static uint64_t past_sum(const struct past *p, unsigned int k, unsigned int each)
{
	const struct digest_exit *e = p->exit;
	uint64_t n = 0;

	for (unsigned int i = k; e && i < k + each; i++)
		if (i >= e->first && i < e->first + (unsigned int)e->n)
			n += p->digest->buckets[e->at + i - e->first];
	return n;
}

/* A bucket's bar; told: with its bound and its number. */
static void bucket_line(struct draw *d, struct area line, const struct about *r, unsigned int k,
			unsigned int each, uint64_t most, bool told)
{
	uint64_t n = r->exit ? sum(r->exit->hist, k, each) : 0;
	struct area label = area_left(&line, LABEL_W);
	unsigned int w, full, eighths;
	char text[UNITS_SIZE];

	if (told)
		draw_right(d->s, label.x, label.y, LABEL_W - 1, STYLE_DIM,
			   units_ns(k ? (double)(1ULL << k) : 0, text));
	if (!n || line.w <= COUNT_W + 1)
		return;
	w = line.w - COUNT_W - 1;
	eighths = (unsigned int)((double)n / (double)most * w * 8);
	/* what there is, is seen */
	eighths = eighths ? eighths : 1;
	full = d->s->utf8 ? eighths / 8 : (eighths + 7) / 8;
	screen_fill(d->s, line.x, line.y, full, STYLE_STATE + VMP_KVM, d->s->utf8 ? 0x2588 : '#');
	if (d->s->utf8 && eighths % 8)
		screen_fill(d->s, line.x + full++, line.y, 1, STYLE_STATE + VMP_KVM, 0x2590 - eighths % 8);
	if (told)
		draw_text(d->s, line.x + full + 1, line.y, COUNT_W, STYLE_PLAIN,
			  units_count((double)n, text));
}

static void map_line(struct draw *d, struct area line, const struct about *r, unsigned int k,
		     unsigned int each, uint64_t most)
{
	static const char letters[] = ".:-=+*#@";

	for (unsigned int age = 0; age < r->n && age < line.w; age++) {
		uint64_t n = past_sum(&r->past[age], k, each);
		unsigned int step;

		if (!n)
			continue;
		step = heat_step(n, most, HEATS);
		screen_fill(d->s, line.x + line.w - 1 - age, line.y, 1, (enum style)(STYLE_HEAT + step),
			    d->s->utf8 && d->s->colour ? 0x2588 : (uint32_t)letters[step]);
	}
}

/* How long ago the oldest one began. */
static double reach(const struct about *r, unsigned int w)
{
	double ns = 0;

	for (unsigned int age = 0; age < r->n && age < w; age++)
		ns += (double)r->past[age].digest->interval_ns;
	return ns;
}

static void axis(struct draw *d, struct area line, const struct about *r)
{
	char text[UNITS_SIZE];
	unsigned int n = r->n < line.w ? r->n : line.w, end;

	if (!line.h || !n)
		return;
	end = draw_printf(d->s, line.x + line.w - n, line.y, n, STYLE_DIM, "-%s",
			  units_ns(reach(r, line.w), text));
	if (end + 4 < line.x + line.w)
		draw_right(d->s, end, line.y, line.x + line.w - end, STYLE_DIM, "now");
}

/*
 * Handling times: each line is a bucket, the longest ones at the top; beside
 * the histogram of this interval what it was in those before.
 */
static void times(struct draw *d, struct area *a, const struct about *r)
{
	struct area map = {0}, hist;
	unsigned int each = 1, lines, tall;
	uint64_t most = 0, most_past = 0;

	hist = area_top(a, 1);
	draw_title(d->s, hist,
		   d->ui->places[d->ui->depth].tid
			   ? "handling times of this interval, and those of the VM in the ones before"
			   : "handling times of this interval, and of those before");
	if (r->low == r->high)
		return;
	if (a->w >= LABEL_W + COUNT_W + MAP_MIN * 2 && a->h > 2 && r->n) {
		map = *a;
		area_left(&map, LABEL_W + (a->w - LABEL_W > 2 * HIST_W ? HIST_W : (a->w - LABEL_W) / 2));
	}
	/* the last line is the map's axis */
	while ((r->high - r->low + each - 1) / each > a->h - !!map.w && each < VMP_HIST)
		each++;
	lines = (r->high - r->low + each - 1) / each;
	tall = (a->h - !!map.w) / lines < TALLEST ? (a->h - !!map.w) / lines : TALLEST;
	for (unsigned int i = 0; i < lines; i++) {
		unsigned int k = r->low + i * each;
		uint64_t n = r->exit ? sum(r->exit->hist, k, each) : 0;

		if (n > most)
			most = n;
		for (unsigned int age = 0; age < r->n && age < map.w; age++) {
			n = past_sum(&r->past[age], k, each);
			if (n > most_past)
				most_past = n;
		}
	}
	for (unsigned int i = lines; i-- > 0;) {
		unsigned int k = r->low + i * each;

		for (unsigned int j = 0; j < tall; j++) {
			hist = area_top(a, 1);
			map.y = hist.y;
			hist.w -= map.w;
			map_line(d, map, r, k, each, most_past);
			bucket_line(d, hist, r, k, each, most, j == 0);
		}
	}
	map.y = a->y;
	map.h = a->h;
	if (map.w)
		axis(d, map, r);
	area_top(a, map.w ? 1 : 0);
}

static double per_second(const struct past *p)
{
	return p->exit && p->digest->interval_ns ? p->exit->count * 1e9 / (double)p->digest->interval_ns : 0;
}

/* A column of so many eighths of lines, from the bottom of the area up. */
static void pillar(struct draw *d, struct area a, unsigned int x, unsigned int eighths)
{
	for (unsigned int i = 0; i < a.h && eighths > i * 8; i++) {
		unsigned int part = eighths - i * 8 < 8 ? eighths - i * 8 : 8;

		screen_fill(d->s, x, a.y + a.h - 1 - i, 1, STYLE_SPARK,
			    d->s->utf8 ? 0x2580 + part
			    : part > 4 ? '#'
				       : '.');
	}
}

/* Of a user-space exit only the number is kept: how many per second there were. */
static void rates(struct draw *d, struct area *chart, const struct about *r)
{
	struct area a = area_top(chart, RATES_H), line = area_top(&a, 1);
	unsigned int n;
	char text[UNITS_SIZE];
	double most = 0;

	draw_title(d->s, line, "per second, in the intervals before");
	line = area_bottom(&a, a.h > 3 ? 1 : 0);
	area_left(&line, LABEL_W);
	axis(d, line, r);
	n = r->n < line.w ? r->n : line.w;
	for (unsigned int age = 0; age < n; age++)
		if (per_second(&r->past[age]) > most)
			most = per_second(&r->past[age]);
	if (!a.h || most <= 0)
		return;
	for (unsigned int age = 0; age < n; age++) {
		double rate = per_second(&r->past[age]);
		unsigned int eighths = (unsigned int)(rate / most * a.h * 8 + 0.5);

		/* what there is, is seen */
		pillar(d, a, a.x + a.w - 1 - age, eighths || rate <= 0 ? eighths : 1);
	}
	draw_right(d->s, a.x, a.y, LABEL_W - 1, STYLE_DIM, units_count(most, text));
}

void draw_reason(struct draw *d, struct area a)
{
	struct ui *ui = d->ui;
	struct place *p = &ui->places[ui->depth];
	struct table t = {.page = PAGE_REASON,
			  .rows = ui->rows,
			  .nrows = ui->nrows,
			  .selected = p->row,
			  .stands_for_page = true};
	struct about r = {0};
	struct area line;
	unsigned int rows = table_height(&t) + 1, least;

	find(&r, ui);
	line = area_top(&a, 1);
	if (r.exit || r.uexit)
		figures(d, line, &r);
	else
		draw_text(d->s, line.x, line.y, line.h ? line.w : 0, STYLE_DIM,
			  !p->pid || ui_vm(ui) ? "None in this interval."
					       : "This VM has ended; Esc goes back.");
	if (r.exit && a.h > 4)
		split(d, area_top(&a, 1), r.exit);
	look_back(&r, ui, a.w);
	/* the chart has two thirds, or what the rows leave to it */
	least = a.h / 3 > 3 ? a.h / 3 : 3;
	if (rows > least)
		rows = least;
	if (a.h >= rows + 4) {
		struct area chart = area_top(&a, a.h - rows);
		unsigned int end = chart.y + chart.h;

		if (p->user)
			rates(d, &chart, &r);
		else
			times(d, &chart, &r);
		/* what the chart does not need */
		a.h += end - chart.y;
		a.y = chart.y;
		draw_title(d->s, area_top(&a, 1), "vCPUs");
	}
	table_draw(d, a, &t, &p->top);
	free(r.past);
}
