/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is mapped where in a process.  A later mapping takes the place of what
 * it covers of earlier ones.  Copies, as fork makes them, share what is the
 * same in both, so that a file full of forks costs no more than its own size.
 */
#ifndef VMPERF_PROFILE_PERF_READ_MAPS_H
#define VMPERF_PROFILE_PERF_READ_MAPS_H

#include <stdint.h>

/* NULL: nothing is mapped. */
struct perf_maps;

struct perf_mapping {
	uint64_t start, end; /* end is not in it */
	uint64_t offset;     /* of start, in the file */
	uint32_t object;
};

/* Nothing when end is not above start. random: any number, another one each time. */
void perf_maps_add(struct perf_maps **maps, const struct perf_mapping *m, uint32_t random);

/* NULL: nothing is mapped there. */
const struct perf_mapping *perf_maps_find(const struct perf_maps *maps, uint64_t addr);

struct perf_maps *perf_maps_copy(struct perf_maps *maps);
void perf_maps_free(struct perf_maps *maps);

#endif
