/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records in the order of their times.  perf reads the CPUs' rings one after
 * another, so that records of one round are not in order; but after a round no
 * record comes that is older than the newest of the round before.
 */
#ifndef VMPERF_PROFILE_PERF_READ_ORDER_H
#define VMPERF_PROFILE_PERF_READ_ORDER_H

#include "../lib/buf.h"

/* A zeroed one is empty. */
struct perf_order {
	struct buf bytes;
	struct perf_queued *queue;
	size_t n, cap;
	uint64_t newest, newest_before; /* times: until now, until the round before */
};

typedef void perf_deliver(void *arg, const uint8_t *record, size_t size);

void perf_order_add(struct perf_order *o, uint64_t time, const uint8_t *record, size_t size);

/* A round ended: delivers what nothing can come before any more. */
void perf_order_round(struct perf_order *o, perf_deliver *deliver, void *arg);

/* Delivers the rest. */
void perf_order_end(struct perf_order *o, perf_deliver *deliver, void *arg);

void perf_order_free(struct perf_order *o);

#endif
