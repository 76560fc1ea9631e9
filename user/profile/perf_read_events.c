// SPDX-License-Identifier: GPL-2.0-only
#include "perf_read_events.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>

#include "../lib/mem.h"
#include "../model/event.h"
#include "perf_read_bytes.h"

/* Bits of struct perf_event_attr, in the order in which it has them. */
enum { BIT_INHERIT = 1, BIT_FREQ = 10, BIT_SAMPLE_ID_ALL = 18 };

/* Bit n of a bit field: machines of big endian begin at the high end of each byte. */
static bool bit(const uint8_t *field, unsigned int n, bool swap)
{
	bool big = swap != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);

	return field[n / 8] >> (big ? 7 - n % 8 : n % 8) & 1;
}

uint32_t perf_events_add(struct perf_events *e, const uint8_t *attr)
{
	bool swap = e->swap;
	struct perf_event new = {
		.type = perf_u32(attr, swap),
		.config = perf_u64(attr + 8, swap),
		.period = perf_u64(attr + 16, swap),
		.sample_type = perf_u64(attr + 24, swap),
		.read_format = perf_u64(attr + 32, swap),
		.inherit = bit(attr + 40, BIT_INHERIT, swap),
		.sample_id_all = bit(attr + 40, BIT_SAMPLE_ID_ALL, swap),
	};

	/* one field has both */
	if (bit(attr + 40, BIT_FREQ, swap))
		new.freq = new.period;
	e->items = index_room(e->items, e->n, sizeof(*e->items));
	e->items[e->n] = new;
	return e->n++;
}

void perf_events_id(struct perf_events *e, uint64_t id, uint32_t event)
{
	uint32_t n = e->ids.n, at = perf_table_place(&e->ids, id);

	if (at == n)
		e->of_id = index_room(e->of_id, n, sizeof(*e->of_id));
	e->of_id[at] = event;
}

static unsigned int count(uint64_t type, uint64_t bits)
{
	return (unsigned int)__builtin_popcountll(type & bits);
}

/*
 * Where the id stands, in numbers of 8 bytes from the begin of a sample, or
 * from the end of another record (1: the last one); -1: nowhere.  Events of a
 * file that are told apart by ids agree in it.
 */
static int id_place(uint64_t type, bool sample)
{
	if (type & PERF_SAMPLE_IDENTIFIER)
		return sample ? 0 : 1;
	if (!(type & PERF_SAMPLE_ID))
		return -1;
	if (sample)
		return (int)count(type,
				  PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR);
	return 1 + (int)count(type, PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU);
}

/* Number n of a sample, or from the end of another record. */
static const uint8_t *number(const uint8_t *record, size_t size, bool sample, int n)
{
	size_t all = (size - 8) / 8;

	if (n < 0 || (sample ? (size_t)n >= all : (size_t)n > all))
		return NULL;
	return sample ? record + 8 + 8 * (size_t)n : record + size - 8 * (size_t)n;
}

uint32_t perf_events_of(const struct perf_events *e, const uint8_t *record, size_t size)
{
	bool sample = perf_u32(record, e->swap) == PERF_RECORD_SAMPLE;
	const uint8_t *at;
	uint64_t id;
	uint32_t place;

	if (!e->n)
		return INDEX_NONE;
	if (e->n == 1 || (!sample && !e->items[0].sample_id_all))
		return 0;
	at = number(record, size, sample, id_place(e->items[0].sample_type, sample));
	if (!at)
		return INDEX_NONE;
	id = perf_u64(at, e->swap);
	/* perf's own records */
	if (!id)
		return 0;
	place = perf_table_find(&e->ids, id);
	return place == INDEX_NONE ? INDEX_NONE : e->of_id[place];
}

uint64_t perf_events_time(const struct perf_events *e, uint32_t event, const uint8_t *record, size_t size)
{
	bool sample = perf_u32(record, e->swap) == PERF_RECORD_SAMPLE;
	const uint8_t *at;
	uint64_t type;

	if (event == INDEX_NONE)
		return PERF_NO_TIME;
	type = e->items[event].sample_type;
	if (!(type & PERF_SAMPLE_TIME) || (!sample && !e->items[event].sample_id_all))
		return PERF_NO_TIME;
	if (sample)
		at = number(record, size, true,
			    (int)count(type, PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID));
	else
		at = number(record, size, false,
			    1 + (int)count(type, PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU |
							 PERF_SAMPLE_IDENTIFIER));
	return at ? perf_u64(at, e->swap) : PERF_NO_TIME;
}

/* What of a sample is not read yet. */
struct cursor {
	const uint8_t *at, *end;
	bool swap, short_of;
};

static const uint8_t *take(struct cursor *c, uint64_t numbers)
{
	const uint8_t *at = c->at;

	if (numbers > (size_t)(c->end - c->at) / 8) {
		c->short_of = true;
		return NULL;
	}
	c->at += numbers * 8;
	return at;
}

static uint64_t take_u64(struct cursor *c)
{
	const uint8_t *at = take(c, 1);

	return at ? perf_u64(at, c->swap) : 0;
}

/* Numbers of 8 bytes that one counter's value takes. */
static unsigned int value_size(uint64_t format)
{
	return 1 + !!(format & PERF_FORMAT_ID) + !!(format & PERF_FORMAT_LOST);
}

static void take_read(struct cursor *c, uint64_t format, struct perf_sample *ret)
{
	unsigned int times = count(format, PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING);
	const uint8_t *value;

	ret->nread = 1;
	if (format & PERF_FORMAT_GROUP) {
		ret->nread = take_u64(c);
		take(c, times);
		if (ret->nread > (size_t)(c->end - c->at) / 8)
			c->short_of = true;
		else
			ret->read = take(c, ret->nread * value_size(format));
		return;
	}
	/* the value of a single one stands before the times, its id after them */
	value = take(c, 1);
	take(c, times + value_size(format) - 1);
	ret->read = value;
}

bool perf_events_sample(const struct perf_events *e, uint32_t event, const uint8_t *record, size_t size,
			struct perf_sample *ret)
{
	const struct perf_event *ev = &e->items[event];
	uint64_t type = ev->sample_type;
	struct cursor c = {.at = record + 8, .end = record + size, .swap = e->swap};
	const uint8_t *at;

	*ret = (struct perf_sample){.event = event, .pid = UINT32_MAX, .tid = UINT32_MAX};
	take(&c, count(type, PERF_SAMPLE_IDENTIFIER));
	if (type & PERF_SAMPLE_IP)
		ret->ip = take_u64(&c);
	if (type & PERF_SAMPLE_TID) {
		at = take(&c, 1);
		if (at) {
			ret->pid = perf_u32(at, e->swap);
			ret->tid = perf_u32(at + 4, e->swap);
		}
	}
	if (type & PERF_SAMPLE_TIME)
		ret->time = take_u64(&c);
	take(&c, count(type, PERF_SAMPLE_ADDR | PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU));
	ret->period = type & PERF_SAMPLE_PERIOD ? take_u64(&c) : ev->period;
	if (type & PERF_SAMPLE_READ)
		take_read(&c, ev->read_format, ret);
	if (type & PERF_SAMPLE_CALLCHAIN) {
		ret->nchain = take_u64(&c);
		ret->chain = take(&c, ret->nchain);
	}
	/* all else stands after these, and is not needed */
	return !c.short_of;
}

bool perf_events_value(struct perf_events *e, const struct perf_sample *s, uint64_t n, uint32_t *ret_event,
		       uint64_t *ret_period)
{
	const struct perf_event *ev = &e->items[s->event];
	uint64_t format = ev->read_format, value, key;
	uint32_t id = INDEX_NONE, known = e->counters.n, at;
	const uint8_t *v, *idp;

	if (format & PERF_FORMAT_GROUP) {
		v = s->read + n * 8 * value_size(format);
		idp = v + 8;
	} else {
		v = s->read;
		idp = v + 8 +
		      8 * count(format, PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING);
	}
	if (format & PERF_FORMAT_ID)
		id = perf_table_find(&e->ids, perf_u64(idp, e->swap));
	if (id == INDEX_NONE)
		return false;
	value = perf_u64(v, e->swap);
	/* with inherit, each thread has counters of its own */
	key = (uint64_t)id << 32 | (ev->inherit ? s->tid : 0);
	at = perf_table_place(&e->counters, key);
	if (at == known) {
		e->counted = index_room(e->counted, known, sizeof(*e->counted));
		e->counted[at] = 0;
	}
	*ret_event = e->of_id[id];
	*ret_period = value - e->counted[at];
	e->counted[at] = value;
	return *ret_period != 0;
}

void perf_events_name(const struct perf_event *e, char *ret, size_t size)
{
	const struct event_name *row;

	if (e->name) {
		snprintf(ret, size, "%s", e->name);
		return;
	}
	for (size_t i = 0; (row = event_row(i)); i++) {
		if (row->group != EVENT_RESCTRL && row->type == e->type && row->config == e->config) {
			snprintf(ret, size, "%s", row->name);
			return;
		}
	}
	if (e->type == PERF_TYPE_RAW)
		snprintf(ret, size, "r%llx", (unsigned long long)e->config);
	else
		snprintf(ret, size, "type %u config 0x%llx", e->type, (unsigned long long)e->config);
}

void perf_events_free(struct perf_events *e)
{
	for (uint32_t i = 0; i < e->n; i++)
		free(e->items[i].name);
	free(e->items);
	free(e->of_id);
	free(e->counted);
	perf_table_free(&e->ids);
	perf_table_free(&e->counters);
	*e = (struct perf_events){0};
}
