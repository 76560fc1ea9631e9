/* SPDX-License-Identifier: GPL-2.0-only */
/* Records that perf record -z packed: one zstd stream, in parts, which cut records anywhere. */
#ifndef VMPERF_PROFILE_PERF_READ_UNPACK_H
#define VMPERF_PROFILE_PERF_READ_UNPACK_H

#include <stdbool.h>

#include "../lib/buf.h"

/* A zeroed one is empty. */
struct perf_unpack {
	void *stream;
	struct buf bytes;
	size_t at;                 /* in bytes: what was given already */
	uint64_t packed, unpacked; /* bytes, of all parts */
	bool damaged;              /* a record is shorter than its header */
};

/* A part; NULL, or why it cannot be unpacked. */
const char *perf_unpack_add(struct perf_unpack *u, const uint8_t *data, size_t size);

/* The next whole record, which is there until the next call; false: there is none. */
bool perf_unpack_next(struct perf_unpack *u, bool swap, const uint8_t **ret, size_t *size);

void perf_unpack_free(struct perf_unpack *u);

#endif
