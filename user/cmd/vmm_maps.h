/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands at an address of a VMM while it is sampled. */
#ifndef VMPERF_CMD_VMM_MAPS_H
#define VMPERF_CMD_VMM_MAPS_H

#include "maps_reader.h"

/* A zeroed one knows nothing. */
struct vmm_maps {
	bool fresh; /* now is of the reading of samples that is under way; cleared by who begins one */
	struct maps now, before; /* before: at the reading before */
};

/* Reads what is mapped, unless it is fresh; r: NULL, there is no reader. */
void vmm_maps_read(struct vmm_maps *m, struct maps_reader *r, uint32_t pid);

/* What stood at this address at both readings, if it is known of both; NULL: not known, or not the same. */
const struct map *vmm_maps_find(const struct vmm_maps *m, uint64_t addr);

/*
 * Whether the file of that name here is the one that is mapped: the VMM may have
 * another root than we, and packages are replaced while what they brought runs.
 */
bool vmm_maps_is_here(const struct map *m);

void vmm_maps_free(struct vmm_maps *m);

#endif
