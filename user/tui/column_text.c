// SPDX-License-Identifier: GPL-2.0-only
/* What cells say. */
#include <inttypes.h>
#include <string.h>

#include "../model/placement.h"
#include "../model/thread.h"
#include "../model/verdict.h"
#include "../out/cells.h"
#include "../out/text.h"
#include "column.h"
#include "column_value.h"

#define NO_FIGURE " " /* there is no such figure, which is no missing value */

static enum style style_of(enum grid_style s)
{
	static const enum style styles[] = {
		[GRID_PLAIN] = STYLE_PLAIN, [GRID_BOLD] = STYLE_BOLD,   [GRID_DIM] = STYLE_DIM,
		[GRID_WARN] = STYLE_WARN,   [GRID_ALARM] = STYLE_ALARM,
	};

	return styles[s];
}

/* The pinning of one thread; NULL: it has none. */
static const char *pin_of(const struct view_vm *vm, enum pin_kind kind, uint32_t id)
{
	for (uint32_t i = 0; i < vm->npins; i++)
		if (vm->pins[i].kind == kind && vm->pins[i].id == id)
			return vm->pins[i].cpus;
	return NULL;
}

/* Adds a set of CPUs that is not among the n before. */
static void add_pin(struct buf *b, const char *cpus, bool utf8)
{
	struct buf word = {0};
	const char *at;

	text_safe(&word, cpus ? cpus : COLUMN_ANY, utf8);
	for (at = b->data; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (!strncmp(at, word.data, word.len) && (!at[word.len] || at[word.len] == ' '))
			break;
	}
	if (!at) {
		if (b->len)
			buf_puts(b, " ");
		buf_add(b, word.data, word.len);
	}
	buf_free(&word);
}

static void pins_text(struct buf *b, const struct row *r, bool utf8)
{
	const struct view_vm *vm = r->vm;
	uint32_t class = r->threads ? r->threads->class : THREAD_VCPU;
	struct buf sets = {0};

	if (!vm || !vm->pins_known)
		return;
	if (class == THREAD_EMULATOR) {
		add_pin(&sets, pin_of(vm, PIN_EMULATOR, 0), utf8);
	} else if (class == THREAD_IOTHREAD) {
		for (uint32_t i = 0; i < vm->npins; i++)
			if (vm->pins[i].kind == PIN_IOTHREAD)
				add_pin(&sets, vm->pins[i].cpus, utf8);
	} else if (class == THREAD_VCPU && r->vcpu) {
		if (r->vcpu->id >= 0)
			add_pin(&sets, pin_of(vm, PIN_VCPU, (uint32_t)r->vcpu->id), utf8);
	} else if (class == THREAD_VCPU) {
		for (uint32_t i = 0; i < vm->nvcpus; i++)
			if (vm->vcpus[i].id >= 0)
				add_pin(&sets, pin_of(vm, PIN_VCPU, (uint32_t)vm->vcpus[i].id), utf8);
	}
	buf_add(b, sets.data ? sets.data : "", sets.len);
	buf_free(&sets);
}

/* Adds the list of CPUs or nodes of a row. */
static void places_text(struct buf *b, enum column_kind kind, const struct row *r)
{
	if (r->threads && kind == COLUMN_CPUS)
		placement_last_cpus(b, r->view, r->threads);
	else if (r->threads)
		placement_last_nodes(b, r->view, r->threads);
	else if (r->set && kind == COLUMN_CPUS)
		placement_cpus(b, r->set);
	else if (r->set)
		placement_nodes(b, r->view, r->set);
}

static enum style verdict_style(struct buf *b, const struct view *v, const struct view_set *set)
{
	static const enum style styles[] = {
		[VERDICT_FINE] = STYLE_PLAIN,
		[VERDICT_WARN] = STYLE_WARN,
		[VERDICT_ALARM] = STYLE_ALARM,
	};
	struct verdict d = verdict_of(set, v->visible);
	char text[VERDICT_SIZE];

	if (d.state == VERDICT_NONE)
		return STYLE_DIM;
	buf_puts(b, verdict_text(&d, text));
	return d.state == VERDICT_IDLE || d.state == VERDICT_PAUSED ? STYLE_DIM : styles[d.level];
}

static enum style figure(struct buf *b, const struct metric *m, const struct metric_at *at)
{
	enum grid_style style;
	char text[CELLS_SIZE];

	if (cells_metric_text(m, at, text, &style))
		buf_puts(b, text);
	return style_of(style);
}

enum style column_text(struct buf *b, const struct column *c, const struct row *r, bool utf8)
{
	char text[UNITS_SIZE];
	const struct metric *m;
	struct metric_at at;
	struct view_event all;
	uint64_t n;
	double share;

	switch (c->kind) {
	case COLUMN_METRIC:
		return column_metric(c, r, &m, &at) ? figure(b, m, &at) : STYLE_DIM;
	case COLUMN_NAME:
		if (r->vm)
			cells_vm_text(b, r->vm, utf8);
		return r->vm && r->vm->ended ? STYLE_DIM : STYLE_BOLD;
	case COLUMN_VCPU:
	case COLUMN_TID:
	case COLUMN_VCPUS:
	case COLUMN_PID:
		if (column_number(c, r, &n))
			buf_printf(b, "%" PRIu64, n);
		break;
	case COLUMN_CPU:
		if (!column_cpu(r, &share))
			break;
		buf_puts(b, units_ratio(share, text));
		return share > 0 ? STYLE_PLAIN : STYLE_DIM;
	case COLUMN_BAR:
	case COLUMN_TREND:
		break;
	case COLUMN_VERDICT:
		return r->set ? verdict_style(b, r->view, r->set) : STYLE_DIM;
	case COLUMN_REASON:
		if (r->exit || r->uexit)
			buf_puts(b, r->exit ? r->exit->reason : r->uexit->reason);
		break;
	case COLUMN_CLASS:
		if (r->threads)
			buf_puts(b, thread_class_name(r->threads->class));
		break;
	case COLUMN_CPUS:
	case COLUMN_NODES:
		places_text(b, c->kind, r);
		break;
	case COLUMN_PINS:
		pins_text(b, r, utf8);
		break;
	case COLUMN_EVENT:
		if (column_event_of(r) >= 0)
			text_safe(b, r->view->events[column_event_of(r)].name, utf8);
		break;
	case COLUMN_EVENT_GUEST:
	case COLUMN_EVENT_HOST:
	case COLUMN_EVENT_BOTH:
	case COLUMN_EVENT_LEVEL:
	case COLUMN_EVENT_RATIO:
		if (column_event(c, r, &m, &at, &all))
			return figure(b, m, &at);
		buf_puts(b, NO_FIGURE);
		break;
	case COLUMN_EVENT_NOTE:
		text_safe(b, column_note(r) ? column_note(r) : NO_FIGURE, utf8);
		return STYLE_DIM;
	case COLUMN_UUID:
		if (r->vm)
			text_safe(b, r->vm->uuid, utf8);
		return STYLE_DIM;
	}
	return STYLE_PLAIN;
}
