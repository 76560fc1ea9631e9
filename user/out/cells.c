// SPDX-License-Identifier: GPL-2.0-only
#include "cells.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../model/verdict.h"
#include "text.h"

/* What a VM's name may shrink to before columns are dropped. */
#define VM_MIN     14
/* Losses worth looking at. */
#define LOSS_WARN  0.05
#define LOSS_ALARM 0.20

unsigned int cells_width(const struct out_options *o)
{
	if (!o->width)
		return 80;
	return o->width < OUT_WIDTH_MIN ? OUT_WIDTH_MIN : o->width;
}

unsigned int cells_unit_width(enum metric_unit unit)
{
	switch (unit) {
	case UNIT_NS:
		return UNITS_NS_WIDTH;
	case UNIT_RATIO:
		return UNITS_RATIO_WIDTH;
	case UNIT_COUNT:
	case UNIT_PER_SECOND:
	case UNIT_NUMBER:
	case UNIT_HZ:
		break;
	}
	return UNITS_COUNT_WIDTH;
}

const char *cells_figure(const struct metric *m, double value, char ret[UNITS_SIZE])
{
	switch (m->unit) {
	case UNIT_NS:
		return units_ns(value, ret);
	case UNIT_RATIO:
		return units_ratio(value, ret);
	case UNIT_HZ: /* the heading says GHz */
		return units_count(value / 1e9, ret);
	case UNIT_COUNT:
	case UNIT_PER_SECOND:
	case UNIT_NUMBER:
		break;
	}
	return units_count(value, ret);
}

enum grid_style cells_loss_style(const struct metric *m, double share)
{
	static const struct {
		enum metric_level level;
		const char *id;
	} lost[] = {
		{METRIC_SET, "exit_cost"},     {METRIC_SET, "kvm_share"},  {METRIC_SET, "vmm_share"},
		{METRIC_SET, "blocked_share"}, {METRIC_SET, "wait_share"}, {METRIC_SET, "poll_share"},
		{METRIC_EXIT, "share"},
	};

	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		if (m->level != lost[i].level || strcmp(m->id, lost[i].id) != 0 || share < LOSS_WARN)
			continue;
		/* polling costs the host's time, not the VM's */
		return share >= LOSS_ALARM && strcmp(m->id, "poll_share") != 0 ? GRID_ALARM : GRID_WARN;
	}
	return GRID_PLAIN;
}

/* The style of a loss, by whose it is: one that is paused is all blocked, and one that is idle hardly runs;
 * neither has lost anything to speak of. */
static enum grid_style loss_of(const struct metric_at *at, enum grid_style style)
{
	enum verdict_state state = VERDICT_NONE;

	if (at->set && style >= GRID_WARN)
		state = verdict_of(at->set, at->view->visible).state;
	return state == VERDICT_PAUSED ? GRID_DIM : state == VERDICT_IDLE ? GRID_PLAIN : style;
}

bool cells_metric_text(const struct metric *m, const struct metric_at *at, char ret[CELLS_SIZE],
		       enum grid_style *style)
{
	struct metric_value value;
	char *number = ret;

	*style = GRID_DIM;
	*ret = '\0';
	if (!metric_get(m, at, &value))
		return false;
	/* an upper bound */
	if (at->exit && !at->exit->max_exact && !strcmp(m->id, "max_ns"))
		*number++ = '<';
	cells_figure(m, value.d, number);
	/* what there is stands out */
	if (value.d > 0)
		*style = loss_of(at, cells_loss_style(m, value.d));
	return true;
}

void cells_metric(struct grid *g, const struct metric *m, const struct metric_at *at)
{
	enum grid_style style;
	char text[CELLS_SIZE];

	if (cells_metric_text(m, at, text, &style))
		grid_add(g, text, style);
	else
		grid_none(g);
}

void cells_number(struct grid *g, uint64_t n)
{
	char s[24];

	snprintf(s, sizeof(s), "%" PRIu64, n);
	grid_add(g, s, GRID_PLAIN);
}

void cells_list(struct grid *g, struct buf *b)
{
	if (b->len)
		grid_add(g, b->data, GRID_PLAIN);
	else
		grid_none(g);
	buf_free(b);
}

void cells_vm_text(struct buf *b, const struct view_vm *vm, bool utf8)
{
	if (vm->ended)
		buf_puts(b, "(ended) ");
	if (vm->name[0])
		text_safe(b, vm->name, utf8);
	else
		buf_printf(b, "pid %" PRIu32, vm->pid);
}

void cells_vm(struct grid *g, const struct view_vm *vm, const struct out_options *o)
{
	struct buf name = {0};

	cells_vm_text(&name, vm, o->utf8);
	grid_add(g, name.data, GRID_PLAIN);
	buf_free(&name);
}

void cells_vm_column(struct grid *g)
{
	grid_column(g, (struct grid_column){.title = "VM", .width = VM_MIN, .text = true});
}

void cells_line(struct buf *b, const char *text, enum grid_style style, const struct out_options *o)
{
	struct buf wrapped = {0};

	text_wrap(&wrapped, text, cells_width(o), o->utf8);
	grid_style(b, style, wrapped.data, o);
	buf_puts(b, "\n");
	buf_free(&wrapped);
}
