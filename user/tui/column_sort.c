// SPDX-License-Identifier: GPL-2.0-only
/* What rows are sorted by. */
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../model/thread.h"
#include "../model/verdict.h"
#include "column.h"
#include "column_value.h"

/* What one row is sorted by. */
struct sort_key {
	bool known;
	double number; /* the first thing that counts */
	const char *text;
	unsigned int at; /* its place before */
};

/* How many numbers a list as "0-3,8" has, in all of the lists between blanks. */
static double list_count(const char *s)
{
	double n = 0;

	while (*s) {
		char *end;
		unsigned long from = strtoul(s, &end, 10), to = from;

		if (end == s) {
			s++;
			continue;
		}
		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		n += to >= from ? (double)(to - from) + 1 : 1;
		s = end;
	}
	return n;
}

static struct sort_key key_of_lists(const struct column *c, const struct row *r)
{
	struct sort_key k = {0};
	struct buf b = {0};

	column_text(&b, c, r, false);
	k.known = b.len;
	k.number = b.len ? list_count(b.data) : 0;
	/* no limit at all */
	if (b.len && strstr(b.data, COLUMN_ANY))
		k.number += (double)r->view->ncpus + 1;
	buf_free(&b);
	return k;
}

/* By how bad it is: alarms, warnings, busy ones; idle and paused ones at last. */
static struct sort_key key_of_verdict(const struct row *r)
{
	struct verdict d = {0};

	if (r->set)
		d = verdict_of(r->set, r->view->visible);
	if (d.state == VERDICT_IDLE || d.state == VERDICT_PAUSED)
		d.share = -1 - (double)(d.state == VERDICT_PAUSED);
	return (struct sort_key){.known = d.state != VERDICT_NONE, .number = 2 * (double)d.level + d.share};
}

static struct sort_key key_of_ledger(const struct column *c, const struct row *r)
{
	struct sort_key k = {.known = r->set && r->set->observed_ns};
	uint64_t lost = 0;

	if (!k.known)
		return k;
	/* it runs not at all, and nothing is lost */
	if (verdict_of(r->set, r->view->visible).state == VERDICT_PAUSED)
		return k;
	for (int i = 0; i < VMP_STATES; i++)
		if (i != VMP_IDLE && i != VMP_RUNNING && (i != VMP_GUEST || c->kind == COLUMN_TREND))
			lost += r->set->ledger[i];
	k.number = (double)lost / (double)r->set->observed_ns;
	return k;
}

static struct sort_key key_of_text(const char *text)
{
	return (struct sort_key){.known = text && *text, .text = text};
}

static struct sort_key key_of(const struct column *c, const struct row *r)
{
	struct sort_key k = {0};
	struct metric_value v;
	const struct metric *m;
	struct metric_at at;
	struct view_event all;
	uint64_t n = 0;
	int event;

	switch (c->kind) {
	case COLUMN_METRIC:
		k.known = column_metric(c, r, &m, &at) && metric_get(m, &at, &v);
		k.number = k.known ? v.d : 0;
		return k;
	case COLUMN_EVENT_GUEST:
	case COLUMN_EVENT_HOST:
	case COLUMN_EVENT_BOTH:
	case COLUMN_EVENT_LEVEL:
	case COLUMN_EVENT_RATIO:
		k.known = column_event(c, r, &m, &at, &all) && metric_get(m, &at, &v);
		k.number = k.known ? v.d : 0;
		return k;
	case COLUMN_VCPU:
	case COLUMN_TID:
	case COLUMN_VCPUS:
	case COLUMN_PID:
		k.known = column_number(c, r, &n);
		k.number = (double)n;
		return k;
	case COLUMN_CPU:
		k.known = column_cpu(r, &k.number);
		return k;
	case COLUMN_BAR:
	case COLUMN_TREND:
		return key_of_ledger(c, r);
	case COLUMN_VERDICT:
		return key_of_verdict(r);
	case COLUMN_CPUS:
	case COLUMN_NODES:
	case COLUMN_PINS:
		return key_of_lists(c, r);
	case COLUMN_NAME:
		return key_of_text(r->vm ? r->vm->name : NULL);
	case COLUMN_UUID:
		return key_of_text(r->vm ? r->vm->uuid : NULL);
	case COLUMN_REASON:
		return key_of_text(r->exit ? r->exit->reason : r->uexit ? r->uexit->reason : NULL);
	case COLUMN_CLASS:
		return key_of_text(r->threads ? thread_class_name(r->threads->class) : NULL);
	case COLUMN_EVENT:
		event = column_event_of(r);
		return key_of_text(event >= 0 ? r->view->events[event].name : NULL);
	case COLUMN_EVENT_NOTE:
		return key_of_text(column_note(r));
	}
	return k;
}

static int by_key(const void *a, const void *b, void *forth)
{
	const struct sort_key *x = a, *y = b;
	int order = (x->number > y->number) - (x->number < y->number);

	if (x->known != y->known)
		return x->known ? -1 : 1;
	if (x->known && x->text)
		order = strcmp(x->text, y->text);
	if (order)
		return *(bool *)forth ? order : -order;
	return x->at < y->at ? -1 : x->at > y->at;
}

void column_sort(const struct column *c, bool reverse, struct row *rows, unsigned int n)
{
	bool forth = c->ascending != reverse;
	struct sort_key *keys;
	struct row *before;

	if (n < 2)
		return;
	keys = mem_zalloc(n, sizeof(*keys));
	for (unsigned int i = 0; i < n; i++) {
		keys[i] = key_of(c, &rows[i]);
		keys[i].at = i;
	}
	qsort_r(keys, n, sizeof(*keys), by_key, &forth);
	before = mem_dup(rows, n, sizeof(*rows));
	for (unsigned int i = 0; i < n; i++)
		rows[i] = before[keys[i].at];
	free(before);
	free(keys);
}
