// SPDX-License-Identifier: GPL-2.0-only
#include "draw_vm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../lib/units.h"
#include "../model/verdict.h"
#include "../out/cells.h"
#include "../out/text.h"
#include "bar.h"
#include "draw_table.h"

/* From these sizes on there is room for more. */
#define COLUMNS_FROM 170 /* two of panels */
#define STATES_FROM  26  /* lines: all states, with their times */
#define TREND_FROM   20
#define STATE_W      24
/* A title, titles of columns, a row. */
#define PANEL_LEAST  3

/* Tables of the overview; the first two are what can be selected. */
enum { PANEL_VCPUS, PANEL_EXITS, PANEL_UEXITS, PANEL_THREADS, PANEL_EVENTS, PANEL_PLACEMENT, PANELS };

struct panel {
	struct ui *ui; /* whose rows these are; the page's own, or one made for the panel */
	struct table t;
	const char *title;
	unsigned int least, need, h; /* lines */
};

/* One more piece of text that is not ours; NULL and "" are none. */
static void add_text(struct draw *d, struct pieces *p, int rank, const char *text)
{
	struct buf b = {0};

	if (!text || !*text)
		return;
	text_safe(&b, text, d->s->utf8);
	pieces_add(p, rank, STYLE_DIM, "%s", b.data);
	buf_free(&b);
}

/* Draws who this is, and what the verdict on it is. */
static void identity(struct draw *d, struct area line, const struct view_vm *vm, const struct view_vcpu *c)
{
	static const enum style styles[] = {
		[VERDICT_FINE] = STYLE_PLAIN,
		[VERDICT_WARN] = STYLE_WARN,
		[VERDICT_ALARM] = STYLE_ALARM,
	};
	const struct view *v = d->ui->now.view;
	struct verdict verdict = verdict_of(c ? &c->set : &vm->set, v->visible);
	struct pieces p = {0};
	char text[VERDICT_SIZE];
	unsigned int x;

	if (verdict.state != VERDICT_NONE)
		pieces_add(&p, 0, styles[verdict.level], "%s", verdict_text(&verdict, text));
	if (c) {
		pieces_add(&p, 2, STYLE_PLAIN, "thread %" PRIu32, c->tid);
	} else {
		pieces_add(&p, 2, STYLE_PLAIN, "%" PRIu32 " vCPU%s", vm->nvcpus, vm->nvcpus == 1 ? "" : "s");
	}
	pieces_add(&p, 3, STYLE_DIM, "pid %" PRIu32, vm->pid);
	add_text(d, &p, 4, vm->vmm);
	if (!c)
		add_text(d, &p, 6, vm->machine);
	if (!c && vm->vpmu != VPMU_UNKNOWN)
		pieces_add(&p, 7, STYLE_DIM, "vPMU %s", vm->vpmu == VPMU_ON ? "on" : "off");
	add_text(d, &p, 5, vm->uuid);
	if (!c)
		add_text(d, &p, 8, vm->meta[META_TITLE]);
	pieces_draw(d->s, line, 2, &p, &x);
}

/* Figures of the metric table, those of the lowest rank where room is short; not the shares of states. */
static void figures(struct draw *d, struct area line, const struct view_set *set)
{
	static const enum style styles[] = {
		[GRID_PLAIN] = STYLE_PLAIN, [GRID_BOLD] = STYLE_BOLD,   [GRID_DIM] = STYLE_DIM,
		[GRID_WARN] = STYLE_WARN,   [GRID_ALARM] = STYLE_ALARM,
	};
	struct metric_at at = {.view = d->ui->now.view, .set = set};
	struct pieces p = {0};
	unsigned int x;

	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];
		enum grid_style style;
		char text[CELLS_SIZE];

		if (m->level != METRIC_SET || !m->title || strstr(m->id, "_share"))
			continue;
		if (cells_metric_text(m, &at, text, &style))
			pieces_add(&p, m->rank, styles[style], "%s %s", m->title, text);
	}
	pieces_draw(d->s, line, 2, &p, &x);
}

/* Each state with its share and its time. */
static void states(struct draw *d, struct area a, const struct view_set *set, unsigned int each)
{
	uint32_t visible = d->ui->now.view->visible;

	for (unsigned int i = 0; i < VMP_STATES; i++) {
		enum vmp_state k = bar_order[i];
		struct area at = a;
		enum style style = set->ledger[k] ? (enum style)(STYLE_STATE + k) : STYLE_DIM;
		char share[UNITS_SIZE], ns[UNITS_SIZE];

		area_top(&at, i / each);
		area_left(&at, i % each * STATE_W);
		at = area_top(&at, 1);
		if (!at.h || at.w < STATE_W - 2)
			continue;
		screen_text(d->s, at.x, at.y, 5, style, bar_word(k));
		if (!(visible & 1U << k)) {
			draw_right(d->s, at.x + 5, at.y, 7, STYLE_DIM, "-");
			continue;
		}
		units_ratio((double)set->ledger[k] / (double)set->observed_ns, share);
		units_ns((double)set->ledger[k], ns);
		draw_right(d->s, at.x + 5, at.y, 7, set->ledger[k] ? STYLE_PLAIN : STYLE_DIM, share);
		draw_right(d->s, at.x + 12, at.y, 8, STYLE_DIM, ns);
	}
}

static void ledger(struct draw *d, struct area *a, const struct view_set *set, uint32_t pid)
{
	unsigned int each = a->w / STATE_W ? a->w / STATE_W : 1, lines = (VMP_STATES + each - 1) / each;
	struct area line;

	if (!set->observed_ns)
		return;
	for (unsigned int i = a->h >= STATES_FROM ? 2 : 1; i > 0; i--) {
		line = area_top(a, 1);
		bar_draw(d->s, line.x, line.y, line.h ? line.w : 0, set->ledger);
	}
	if (a->h >= STATES_FROM && lines <= 4) {
		states(d, area_top(a, lines), set, each);
	} else {
		line = area_top(a, 1);
		bar_legend(d->s, line.x, line.y, line.h ? line.w : 0, set->ledger);
	}
	if (pid && a->h >= TREND_FROM && a->w > 40) {
		unsigned int w = a->w - 13 < 120 ? a->w - 13 : 120;
		float *shares = mem_zalloc(w, sizeof(*shares));

		line = area_top(a, 1);
		screen_text(d->s, line.x, line.y, 12, STYLE_DIM, "last minute");
		trend_busy(d->ui->now.history, pid, w, shares);
		trend_draw(d->s, line.x + 13, line.y, w, shares);
		free(shares);
	}
}

/* The rows of another page of this place. */
static struct ui *other_page(const struct ui *ui, enum page page)
{
	struct ui *ret = mem_dup(ui, 1, sizeof(*ui));
	struct place *p = &ret->places[ret->depth];

	ret->rows = NULL;
	ret->nrows = 0;
	ret->filter[0] = '\0';
	p->page = page;
	p->key = 0;
	p->row = 0;
	ui_rows(ret);
	return ret;
}

static void panels_make(struct panel panels[PANELS], struct ui *ui)
{
	static const struct {
		enum page page;
		const char *title;
		unsigned int least; /* what it gets before later ones get any */
	} pages[PANELS] = {
		[PANEL_VCPUS] = {PAGE_VCPUS, "vCPUs", 6},
		[PANEL_EXITS] = {PAGE_EXITS, "exits", 10},
		[PANEL_UEXITS] = {PAGE_UEXITS, "user-space exits", 4},
		[PANEL_THREADS] = {PAGE_THREADS, "threads", 5},
		[PANEL_EVENTS] = {PAGE_EVENTS, "events", 5},
		[PANEL_PLACEMENT] = {PAGE_PLACEMENT, "placement", 4},
	};
	const struct place *place = &ui->places[ui->depth];
	bool exits = ui->now.view->exits_visible;
	unsigned int vcpus = 0;

	while (vcpus < ui->nrows && !ui->rows[vcpus].exit && !ui->rows[vcpus].uexit)
		vcpus++;
	for (unsigned int i = 0; i < PANELS; i++) {
		struct panel *p = &panels[i];
		bool first = i == PANEL_VCPUS, own = first || i == (exits ? PANEL_EXITS : PANEL_UEXITS);
		unsigned int begin = first ? 0 : vcpus;

		*p = (struct panel){.ui = ui, .title = pages[i].title, .t = {.page = pages[i].page}};
		p->t.histogram = i == PANEL_EXITS;
		p->t.selected = ~0U;
		/* a vCPU's own row would say again what stands above */
		if ((place->tid && (first || i == PANEL_THREADS || i == PANEL_PLACEMENT)) ||
		    (i == PANEL_EXITS && !exits))
			continue;
		if (own) {
			p->t.rows = ui->rows ? ui->rows + begin : NULL;
			p->t.nrows = first ? vcpus : ui->nrows - vcpus;
			if (place->row >= begin && place->row - begin < p->t.nrows) {
				p->t.selected = place->row - begin;
				p->t.stands_for_page = true;
			}
		} else {
			p->ui = other_page(ui, pages[i].page);
			p->t.rows = p->ui->rows;
			p->t.nrows = p->ui->nrows;
		}
		if (p->t.nrows)
			p->need = 1 + table_height(&p->t);
		p->least = p->need < pages[i].least ? p->need : pages[i].least;
	}
}

/* Whether the first n panels, but the one with the selection, leave it no room. */
static bool crowded_out(struct panel *const *panels, unsigned int n, unsigned int i, unsigned int h)
{
	for (unsigned int k = i + 1; k < n; k++)
		if (panels[k]->t.stands_for_page)
			return h < panels[i]->least + PANEL_LEAST;
	return false;
}

/*
 * Gives panels their lines: to each in turn the least that makes sense, then what is left.  The one with
 * the selection is always there.
 */
static void share(struct panel *const *panels, unsigned int n, unsigned int h)
{
	bool more = true;

	for (unsigned int i = 0; i < n; i++) {
		struct panel *p = panels[i];

		p->h = p->least < h ? p->least : h;
		if (crowded_out(panels, n, i, h))
			p->h = h > PANEL_LEAST ? h - PANEL_LEAST : 0;
		if (p->h < PANEL_LEAST && !p->t.stands_for_page)
			p->h = 0;
		h -= p->h;
	}
	while (h && more) {
		more = false;
		for (unsigned int i = 0; i < n && h; i++) {
			if (!panels[i]->h || panels[i]->h >= panels[i]->need)
				continue;
			panels[i]->h++;
			h--;
			more = true;
		}
	}
}

/* Tells the mouse where the rows are that the selection is not among. */
static void tell_other(struct draw *d, struct area a, const struct panel *p)
{
	struct ui_layout *l = &d->ui->layout;

	/* the titles of columns */
	area_top(&a, 1);
	l->other_x = a.x;
	l->other_y = a.y;
	l->other_w = a.w;
	l->other_h = a.h < p->t.nrows ? a.h : p->t.nrows;
	l->other_row = (unsigned int)(p->t.rows - d->ui->rows);
}

static void panel_draw(struct draw *d, struct area a, struct panel *p)
{
	struct place *place = &d->ui->places[d->ui->depth];
	struct draw inner = *d;
	unsigned int begin = p->t.stands_for_page ? place->row - p->t.selected : 0;
	unsigned int top = p->t.stands_for_page && place->top >= begin ? place->top - begin : 0;
	char title[64];
	struct area line;

	if (a.h > 2 || !p->t.stands_for_page) {
		line = area_top(&a, 1);
		if (p->t.nrows + 1 > a.h)
			snprintf(title, sizeof(title), "%s (%u)", p->title, p->t.nrows);
		else
			snprintf(title, sizeof(title), "%s", p->title);
		draw_title(d->s, line, title);
	}
	inner.ui = p->ui;
	table_draw(&inner, a, &p->t, &top);
	if (p->ui == d->ui && !p->t.stands_for_page && p->t.nrows)
		tell_other(d, a, p);
	if (p->t.stands_for_page) {
		place->top = begin + top;
		d->first = inner.first;
		d->last = inner.last;
		d->of = inner.of;
	}
}

static void column_draw(struct draw *d, struct area a, struct panel *const *panels, unsigned int n)
{
	share(panels, n, a.h);
	for (unsigned int i = 0; i < n; i++)
		if (panels[i]->h)
			panel_draw(d, area_top(&a, panels[i]->h), panels[i]);
}

void draw_overview(struct draw *d, struct area a)
{
	const struct view_vm *vm = ui_vm(d->ui);
	const struct view_vcpu *c = ui_vcpu(d->ui);
	const struct view_set *set = c ? &c->set : &vm->set;
	struct panel panels[PANELS];
	struct panel *order[PANELS] = {&panels[PANEL_VCPUS],   &panels[PANEL_EXITS],
				       &panels[PANEL_UEXITS],  &panels[PANEL_EVENTS],
				       &panels[PANEL_THREADS], &panels[PANEL_PLACEMENT]};

	identity(d, area_top(&a, 1), vm, c);
	ledger(d, &a, set, c ? 0 : vm->pid);
	if (a.h > 8)
		figures(d, area_top(&a, 1), set);
	panels_make(panels, d->ui);
	if (a.w >= COLUMNS_FROM) {
		struct panel *left[] = {order[0], order[4], order[5]},
			     *right[] = {order[1], order[2], order[3]};
		struct area half = area_left(&a, a.w / 2 - 1);

		column_draw(d, half, left, 3);
		area_left(&a, 2);
		column_draw(d, a, right, 3);
	} else {
		column_draw(d, a, order, PANELS);
	}
	for (unsigned int i = 0; i < PANELS; i++) {
		if (panels[i].ui == d->ui)
			continue;
		free(panels[i].ui->rows);
		free(panels[i].ui);
	}
}
