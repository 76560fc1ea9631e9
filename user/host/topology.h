/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPU is on which NUMA node, and lists of CPUs ("0-3,8") as the kernel writes them. */
#ifndef VMPERF_HOST_TOPOLOGY_H
#define VMPERF_HOST_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sets node[CPU] for each of the ncpus CPUs that the kernel tells a node of:
 * those online; the others' numbers are left as they are.  root: "" for this
 * host, tests give a tree of their own.  False when it tells nothing.
 */
bool topology_nodes(const char *root, uint32_t *node, uint32_t ncpus);

/* Whether the bit of this CPU is set; false beyond the map.  Pure. */
bool topology_has(const unsigned char *map, uint32_t bytes, uint32_t cpu);

/* Sets the bits of the CPUs that are online, and no others; false when the kernel does not tell. */
bool topology_online(const char *root, unsigned char *map, uint32_t bytes);

/* The list of the bits that are set in map, of so many bytes; free() it.  Pure. */
char *topology_list(const unsigned char *map, uint32_t bytes);

/* Sets the bits of map that the list has, and no others; false when it is no list.  Pure. */
bool topology_map(const char *list, unsigned char *map, uint32_t bytes);

#endif
