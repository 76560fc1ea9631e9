/* SPDX-License-Identifier: GPL-2.0-only */
/* What perf_write's files share. */
#ifndef VMPERF_PROFILE_PERF_WRITE_PARTS_H
#define VMPERF_PROFILE_PERF_WRITE_PARTS_H

#include "perf_format.h"
#include "perf_write.h"

/* What stands in the sections behind the data; all owned. */
struct perf_write_features {
	char *event, *hostname, *kernel, *arch, *version, *cpudesc;
	uint32_t cpus_online, cpus_possible;
	uint32_t argc;
	char **argv;
	const struct perf_event_attr *attr; /* attr->size bytes of it */
	const uint64_t *ids;
	uint32_t nids;
	struct buf build_ids;
	uint64_t first, last; /* times of samples; 0: there was none */
};

/* Adds the table of sections, which stands at offset in the file, and the sections; sets their bits. */
void perf_write_add_features(const struct perf_write_features *f, const char *vms, size_t nvms,
			     uint64_t offset, uint64_t bits[PERF_FEATURE_WORDS], struct buf *ret);

#endif
