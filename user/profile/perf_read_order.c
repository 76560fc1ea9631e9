// SPDX-License-Identifier: GPL-2.0-only
#include "perf_read_order.h"

#include <stdlib.h>

#include "../lib/mem.h"

struct perf_queued {
	uint64_t time;
	size_t at, size; /* in bytes */
};

void perf_order_add(struct perf_order *o, uint64_t time, const uint8_t *record, size_t size)
{
	if (o->n == o->cap) {
		o->cap = o->cap ? o->cap * 2 : 256;
		o->queue = mem_resize(o->queue, o->cap, sizeof(*o->queue));
	}
	o->queue[o->n++] = (struct perf_queued){time, o->bytes.len, size};
	buf_add(&o->bytes, record, size);
	if (time > o->newest)
		o->newest = time;
}

/* Records of one time stay as they came. */
static int compare(const void *a, const void *b)
{
	const struct perf_queued *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

static void deliver_until(struct perf_order *o, uint64_t time, perf_deliver *deliver, void *arg)
{
	struct buf rest = {0};
	size_t n = 0;

	if (!o->n)
		return;
	qsort(o->queue, o->n, sizeof(*o->queue), compare);
	for (size_t i = 0; i < o->n; i++) {
		struct perf_queued q = o->queue[i];
		const uint8_t *record = (const uint8_t *)o->bytes.data + q.at;

		if (q.time <= time) {
			deliver(arg, record, q.size);
			continue;
		}
		q.at = rest.len;
		buf_add(&rest, record, q.size);
		o->queue[n++] = q;
	}
	o->n = n;
	buf_free(&o->bytes);
	o->bytes = rest;
}

void perf_order_round(struct perf_order *o, perf_deliver *deliver, void *arg)
{
	deliver_until(o, o->newest_before, deliver, arg);
	o->newest_before = o->newest;
}

void perf_order_end(struct perf_order *o, perf_deliver *deliver, void *arg)
{
	deliver_until(o, UINT64_MAX, deliver, arg);
}

void perf_order_free(struct perf_order *o)
{
	buf_free(&o->bytes);
	free(o->queue);
	*o = (struct perf_order){0};
}
