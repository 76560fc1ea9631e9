// SPDX-License-Identifier: GPL-2.0-only
#include "events_table.h"

#include <string.h>

#include "../lib/units.h"
#include "../model/counts.h"
#include "cells.h"
#include "text.h"

/* What an event's name may shrink to before columns are dropped. */
#define EVENT_MIN 16

/* Empty where the event has no such figure, whatever is known of it. */
static void cell(struct grid *g, const char *id, const struct metric_at *at, bool has)
{
	if (has)
		cells_metric(g, metric_find(METRIC_EVENT, id), at);
	else
		grid_add(g, "", GRID_PLAIN);
}

static void rows_of(struct grid *g, const struct view *v, const struct view_vm *vm,
		    const struct out_options *o)
{
	struct counts_modes modes;

	for (uint32_t i = 0; i < v->nevents; i++) {
		struct metric_at at = {.view = v, .what = &v->events[i]};
		bool guest, host, level = v->events[i].gauge;
		struct view_event all;
		struct buf name = {0};

		if (!counts_modes(v, i, &modes))
			continue;
		/* a VM's events stand together: its name once */
		if (i)
			grid_add(g, "", GRID_PLAIN);
		else
			cells_vm(g, vm, o);
		text_safe(&name, v->events[i].name, o->utf8);
		grid_add(g, name.data, GRID_PLAIN);
		buf_free(&name);
		guest = modes.at[EVENT_GUEST] >= 0;
		host = modes.at[EVENT_HOST] >= 0;
		all = counts_all(vm->events, &modes);
		at.event = guest ? &vm->events[modes.at[EVENT_GUEST]] : NULL;
		cell(g, "per_second", &at, guest);
		at.event = host ? &vm->events[modes.at[EVENT_HOST]] : NULL;
		cell(g, "per_second", &at, host);
		at.event = &all;
		cell(g, "per_second", &at, !level && guest == host);
		cell(g, "value", &at, level);
		cell(g, "running_ratio", &at, true);
	}
}

/* What the host cannot fill is left out, the highest rank goes first where room is short. */
static void number_column(struct grid *g, const char *title, unsigned int width, int rank)
{
	grid_column(g, (struct grid_column){.title = title, .width = width, .rank = rank, .if_filled = true});
}

void events_table(struct buf *b, const struct view *v, const struct out_options *o)
{
	struct grid g = {0};

	cells_vm_column(&g);
	grid_column(&g, (struct grid_column){.title = "event", .width = EVENT_MIN, .text = true});
	number_column(&g, "guest/s", UNITS_COUNT_WIDTH, 1);
	number_column(&g, "host/s", UNITS_COUNT_WIDTH, 2);
	number_column(&g, "all/s", UNITS_COUNT_WIDTH, 3);
	number_column(&g, "level", UNITS_COUNT_WIDTH, 5);
	number_column(&g, "counted", UNITS_RATIO_WIDTH, 4);
	for (uint32_t i = 0; i < v->nvms; i++)
		rows_of(&g, v, &v->vms[i], o);
	if (g.ncells)
		grid_print(b, &g, o, cells_width(o));
	grid_free(&g);
}

/* Not counted, and for the same reason. */
static bool same_note(const struct sample_event *x, const struct sample_event *y)
{
	return !x->counted && !y->counted && !strcmp(x->name, y->name) && !strcmp(x->why, y->why);
}

static void note(struct buf *b, const struct view *v, uint32_t i, const struct out_options *o)
{
	const struct sample_event *e = &v->events[i];
	struct buf text = {0};
	bool whole_name = true;

	for (uint32_t j = 0; j < v->nevents; j++) {
		if (j < i && same_note(&v->events[j], e))
			return;
		if (!strcmp(v->events[j].name, e->name) && !same_note(&v->events[j], e))
			whole_name = false;
	}
	text_safe(&text, e->name, o->utf8);
	if (!whole_name)
		buf_printf(&text, " (%s)", event_mode_name((enum event_mode)e->mode));
	buf_puts(&text, ": not counted");
	if (e->why[0]) {
		buf_puts(&text, ": ");
		text_safe(&text, e->why, o->utf8);
	}
	cells_line(b, text.data, GRID_DIM, o);
	buf_free(&text);
}

static bool none_asked_for(const struct view *v, const struct out_options *o)
{
	return o->by == OUT_BY_EVENT && !v->nevents;
}

bool events_have_notes(const struct view *v, const struct out_options *o)
{
	for (uint32_t i = 0; i < v->nevents; i++)
		if (!v->events[i].counted)
			return true;
	return none_asked_for(v, o);
}

void events_notes(struct buf *b, const struct view *v, const struct out_options *o)
{
	for (uint32_t i = 0; i < v->nevents; i++)
		if (!v->events[i].counted)
			note(b, v, i, o);
	if (none_asked_for(v, o))
		cells_line(b,
			   "no events are counted: --events asks for some, vmperf events lists what there is",
			   GRID_DIM, o);
}
