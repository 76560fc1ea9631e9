// SPDX-License-Identifier: GPL-2.0-only
#include "state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/units.h"
#include "dialog.h"
#include "place.h"

#define MS          UINT64_C(1000000)
#define WHEEL_ROWS  3
#define JUMP        60 /* seconds */
#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static const uint64_t intervals[] = {100 * MS,  200 * MS,   500 * MS,   1000 * MS,  2000 * MS, 3000 * MS,
				     5000 * MS, 10000 * MS, 15000 * MS, 30000 * MS, 60000 * MS};
static const double speeds[] = {0.25, 0.5, 1, 2, 4, 8, 16, 32, 64};

void ui_init(struct ui *ui)
{
	const struct column *all;

	memset(ui, 0, sizeof(*ui));
	ui->places[0].page = PAGE_VMS;
	ui->interval_ns = 1000 * MS;
	ui->speed = 1;
	for (int p = 0; p < PAGES; p++) {
		struct page_choice *c = &ui->pages[p];
		unsigned int n = page_columns((enum page)p, &all);

		for (unsigned int i = 0; i < n; i++)
			if (all[i].preset)
				c->columns[c->ncolumns++] = &all[i];
	}
}

void ui_moment(struct ui *ui, const struct moment *m)
{
	ui->now = *m;
	ui_rows(ui);
	place_settle(ui);
}

void ui_say(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->message, sizeof(ui->message), fmt, ap);
	va_end(ap);
}

bool ui_chosen(const struct ui *ui, enum page p, const struct column *c)
{
	for (unsigned int i = 0; i < ui->pages[p].ncolumns; i++)
		if (ui->pages[p].columns[i] == c)
			return true;
	return false;
}

bool ui_column_shown(const struct ui *ui, const struct column *c)
{
	const struct place *at = &ui->places[ui->depth];

	/* the place's title says it */
	if ((c->kind == COLUMN_NAME && at->pid) || (c->kind == COLUMN_VCPU && at->tid))
		return false;
	return !ui->now.view || column_shown(c, ui->now.view);
}

static uint32_t page_needs(const struct ui *ui, enum page p)
{
	const struct page_choice *c = &ui->pages[p];
	uint32_t needs = c->sort ? column_needs(c->sort) : 0;

	for (unsigned int i = 0; i < c->ncolumns; i++)
		needs |= column_needs(c->columns[i]);
	return needs;
}

uint32_t ui_needs(const struct ui *ui)
{
	const struct place *at = &ui->places[ui->depth];

	/* an overview has all panels */
	if (at->page == PAGE_VMS && at->pid)
		return page_needs(ui, PAGE_VCPUS) | page_needs(ui, PAGE_EXITS) | METRIC_NEEDS_THREADS |
		       METRIC_NEEDS_EVENTS;
	/* what is not there to be chosen from is there all the same */
	if (at->page == PAGE_THREADS)
		return page_needs(ui, at->page) | METRIC_NEEDS_THREADS;
	if (at->page == PAGE_EVENTS)
		return page_needs(ui, at->page) | METRIC_NEEDS_EVENTS;
	return page_needs(ui, at->page);
}

/* The next step up or down from what it is now, which need not be one of them. */
static double next_step(double now, bool up, const double *steps, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (up && steps[i] > now)
			return steps[i];
		if (!up && steps[n - 1 - i] < now)
			return steps[n - 1 - i];
	}
	return now;
}

static struct ui_todo change_pace(struct ui *ui, bool faster)
{
	double steps[COUNT(intervals)];
	char text[UNITS_SIZE];

	if (ui->now.replay) {
		ui->speed = next_step(ui->speed, faster, speeds, COUNT(speeds));
		ui_say(ui, "played %g times as fast as it was", ui->speed);
		return (struct ui_todo){.what = TODO_INTERVAL};
	}
	for (unsigned int i = 0; i < COUNT(intervals); i++)
		steps[i] = (double)intervals[i];
	ui->interval_ns = (uint64_t)next_step((double)ui->interval_ns, !faster, steps, COUNT(intervals));
	ui_say(ui, "measured every %s", units_ns((double)ui->interval_ns, text));
	return (struct ui_todo){.what = TODO_INTERVAL};
}

static struct ui_todo step(struct ui *ui, int steps, int seconds)
{
	const struct moment *m = &ui->now;
	bool back = steps < 0 || seconds < 0;

	if (!m->replay) {
		ui_say(ui, "only a record can be gone through: vmperf --replay FILE");
		return (struct ui_todo){.what = TODO_NOTHING};
	}
	/* the first sample is what the first interval begins with */
	if (back ? m->index <= 1 : m->index + 1 >= m->count)
		ui_say(ui, "the record %s here", back ? "begins" : "ends");
	/* a step is for looking at it: the record does not run on */
	if (steps)
		ui->paused = true;
	return (struct ui_todo){.what = TODO_STEP, .steps = steps, .seconds = seconds};
}

static struct ui_todo record(struct ui *ui)
{
	if (ui->recording[0])
		return (struct ui_todo){.what = TODO_RECORD};
	if (ui->now.replay)
		ui_say(ui, "this is a record already");
	else
		dialog_open(ui, DIALOG_RECORD);
	return (struct ui_todo){.what = TODO_NOTHING};
}

/* What changes rows, and is kept. */
static struct ui_todo settings_changed(struct ui *ui)
{
	ui_rows(ui);
	return (struct ui_todo){.what = TODO_SAVE};
}

static struct ui_todo mouse(struct ui *ui, const struct input *in);

static struct ui_todo act_on(struct ui *ui, enum act act, const struct input *in)
{
	struct page_choice *choice = &ui->pages[ui_table(ui)];

	if (place_move(ui, act))
		return (struct ui_todo){.what = TODO_NOTHING};
	switch (act) {
	case ACT_ENTER:
		place_enter(ui);
		break;
	case ACT_BACK:
		place_back(ui);
		break;
	case ACT_VIEW:
		if (in->key >= '1' && in->key <= '9')
			place_page(ui, (enum page)(in->key - '0'));
		break;
	case ACT_FILTER:
		dialog_open(ui, DIALOG_FILTER);
		break;
	case ACT_CLEAR:
		ui->filter[0] = '\0';
		ui_rows(ui);
		break;
	case ACT_SORT:
		dialog_open(ui, DIALOG_SORT);
		break;
	case ACT_REVERSE:
		choice->reverse = !choice->reverse;
		return settings_changed(ui);
	case ACT_COLUMNS:
		dialog_open(ui, DIALOG_COLUMNS);
		break;
	case ACT_VCPUS:
		ui->by_vcpu = !ui->by_vcpu;
		return settings_changed(ui);
	case ACT_EXPLAIN:
		dialog_open(ui, DIALOG_EXPLAIN);
		break;
	case ACT_HELP:
		dialog_open(ui, DIALOG_HELP);
		break;
	case ACT_TOTALS:
		ui->totals = !ui->totals;
		return (struct ui_todo){.what = TODO_TOTALS};
	case ACT_PAUSE:
		ui->paused = !ui->paused;
		return (struct ui_todo){.what = TODO_PAUSE};
	case ACT_FASTER:
	case ACT_SLOWER:
		return change_pace(ui, act == ACT_FASTER);
	case ACT_RECORD:
		return record(ui);
	case ACT_THEME:
		ui->theme = (enum theme_name)((ui->theme + 1) % THEMES);
		return (struct ui_todo){.what = TODO_SAVE};
	case ACT_STEP_BACK:
		return step(ui, -1, 0);
	case ACT_STEP:
		return step(ui, 1, 0);
	case ACT_JUMP_BACK:
		return step(ui, 0, -JUMP);
	case ACT_JUMP:
		return step(ui, 0, JUMP);
	case ACT_REPAINT:
		return (struct ui_todo){.what = TODO_REPAINT};
	case ACT_QUIT:
		return (struct ui_todo){.what = TODO_QUIT};
	case ACT_NONE:
		return mouse(ui, in);
	default: /* of other views */
		break;
	}
	return (struct ui_todo){.what = TODO_NOTHING};
}

/* What was drawn there as a button in the footer. */
static enum act button_at(const struct ui_layout *l, unsigned int x)
{
	for (unsigned int i = 0; i < l->nbuttons; i++)
		if (x >= l->buttons[i].x && x - l->buttons[i].x < l->buttons[i].w)
			return l->buttons[i].act;
	return ACT_NONE;
}

/* The page whose name was drawn there; NULL: none. */
static const struct ui_tab *tab_at(const struct ui_layout *l, unsigned int x)
{
	for (unsigned int i = 0; i < l->ntabs; i++)
		if (x >= l->tabs[i].x && x - l->tabs[i].x < l->tabs[i].w)
			return &l->tabs[i];
	return NULL;
}

static bool inside(const struct input *in, unsigned int x, unsigned int y, unsigned int w, unsigned int h)
{
	return in->x >= x && in->x - x < w && in->y >= y && in->y - y < h;
}

/* The column that was drawn there; NULL: none. */
static const struct ui_span *span_at(const struct ui *ui, unsigned int x)
{
	const struct ui_layout *l = &ui->layout;

	for (unsigned int i = 0; i < l->nspans; i++)
		if (x >= l->spans[i].x && x - l->spans[i].x < l->spans[i].w &&
		    l->spans[i].column < ui->pages[ui_table(ui)].ncolumns)
			return &l->spans[i];
	return NULL;
}

static struct ui_todo click(struct ui *ui, const struct input *in)
{
	const struct ui_layout *l = &ui->layout;
	const struct ui_span *span = span_at(ui, in->x);
	enum page p = ui_table(ui);
	struct place *at = &ui->places[ui->depth];

	if (l->h && in->y == l->footer_y) {
		enum act act = button_at(l, in->x);

		return act ? act_on(ui, act, in) : (struct ui_todo){.what = TODO_NOTHING};
	}
	if (in->y == l->tabs_y && tab_at(l, in->x)) {
		place_page(ui, tab_at(l, in->x)->page);
		return (struct ui_todo){.what = TODO_NOTHING};
	}
	if (inside(in, l->other_x, l->other_y, l->other_w, l->other_h)) {
		place_select(ui, l->other_row + (in->y - l->other_y));
		if (in->key == K_DOUBLE)
			place_enter(ui);
		return (struct ui_todo){.what = TODO_NOTHING};
	}
	if (l->titles_y && in->y == l->titles_y) {
		if (!span)
			return (struct ui_todo){.what = TODO_NOTHING};
		ui->pages[p].column = span->column;
		dialog_sort_by(ui, p, ui->pages[p].columns[span->column]);
		return settings_changed(ui);
	}
	if (!inside(in, l->rows_x, l->rows_y, l->rows_w, l->rows_h) ||
	    at->top + (in->y - l->rows_y) >= ui->nrows)
		return (struct ui_todo){.what = TODO_NOTHING};
	place_select(ui, at->top + (in->y - l->rows_y));
	if (span && ui_table(ui) == p)
		ui->pages[p].column = span->column;
	if (in->key == K_DOUBLE)
		place_enter(ui);
	return (struct ui_todo){.what = TODO_NOTHING};
}

static struct ui_todo mouse(struct ui *ui, const struct input *in)
{
	switch (in->key) {
	case K_CLICK:
	case K_DOUBLE:
		return click(ui, in);
	case K_WHEEL_UP:
	case K_WHEEL_DOWN:
		for (int i = 0; i < WHEEL_ROWS; i++)
			place_move(ui, in->key == K_WHEEL_UP ? ACT_UP : ACT_DOWN);
		break;
	default:
		break;
	}
	return (struct ui_todo){.what = TODO_NOTHING};
}

struct ui_todo ui_key(struct ui *ui, const struct input *in)
{
	struct ui_todo ret;

	ui->message[0] = '\0';
	if (ui->dialog != DIALOG_NONE)
		ret = dialog_key(ui, in);
	else
		ret = act_on(ui, key_act(in->key), in);
	place_settle(ui);
	return ret;
}

void ui_free(struct ui *ui)
{
	free(ui->rows);
	ui->rows = NULL;
	ui->nrows = 0;
}
