// SPDX-License-Identifier: GPL-2.0-only
/* What a column means, what it is made of, and why there may be nothing in it. */
#include "../out/text.h"
#include "column.h"

/* The event of a kind, as it was asked for; NULL: it was not. */
static const struct sample_event *asked_for(const struct view *v, uint32_t kind)
{
	for (uint32_t i = 0; i < v->nevents; i++)
		if (v->events[i].kind == kind)
			return &v->events[i];
	return NULL;
}

/* Adds what an event of a kind is called: as it was asked for, else as the table of events has it. */
static void add_name(struct buf *b, uint32_t kind, const struct view *v, bool utf8)
{
	const struct sample_event *asked = v ? asked_for(v, kind) : NULL;
	const struct event_name *row = event_row(0);

	for (size_t n = 1; row && row->kind != kind; n++)
		row = event_row(n);
	if (asked)
		text_safe(b, asked->name, utf8);
	else
		buf_puts(b, row ? row->name : "an event");
}

static void add_events(struct buf *b, uint32_t kinds, const struct view *v, bool utf8)
{
	const char *between = " Made of ";

	for (uint32_t k = 0; k < EVENT_KINDS; k++) {
		if (!(kinds & 1U << k))
			continue;
		buf_puts(b, between);
		add_name(b, k, v, utf8);
		between = ", ";
	}
	buf_puts(b, ".");
	for (uint32_t k = 0; v && k < EVENT_KINDS; k++) {
		const struct sample_event *e = asked_for(v, k);

		if (!(kinds & 1U << k) || (e && e->counted))
			continue;
		buf_puts(b, " ");
		add_name(b, k, v, utf8);
		buf_puts(b, " is not counted");
		if (e && e->why[0]) {
			buf_puts(b, ": ");
			text_safe(b, e->why, utf8);
		}
		buf_puts(b, ".");
	}
}

void column_explain(struct buf *b, const struct column *c, const struct view *v, bool utf8)
{
	bool events = c->kind == COLUMN_METRIC && c->metric->kinds;

	buf_puts(b, c->help);
	if (events)
		add_events(b, c->metric->kinds, v, utf8);
	if (!v || column_shown(c, v) || events)
		return;
	buf_puts(b, " Not visible on this host");
	if (v->invisible_why && v->invisible_why[0]) {
		buf_puts(b, ": ");
		text_safe(b, v->invisible_why, utf8);
	}
	buf_puts(b, ".");
}
