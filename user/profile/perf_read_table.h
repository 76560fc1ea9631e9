/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that a file chooses (pids, ids), each once; their places say where in other lists what belongs to
 * them stands. */
#ifndef VMPERF_PROFILE_PERF_READ_TABLE_H
#define VMPERF_PROFILE_PERF_READ_TABLE_H

#include "../model/index.h"

/* A zeroed one is empty; it must not be moved in memory. */
struct perf_table {
	struct index index;
	uint32_t n;
	uint64_t *keys;
};

/* INDEX_NONE: it is not there. */
uint32_t perf_table_find(const struct perf_table *t, uint64_t key);

/* Its place; one that is not there yet is added at the end: n was its place then. */
uint32_t perf_table_place(struct perf_table *t, uint64_t key);

void perf_table_free(struct perf_table *t);

#endif
