/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays of the kernel side, mapped: they are read without a system call. */
#ifndef VMPERF_PROBE_MAP_H
#define VMPERF_PROBE_MAP_H

#include <stddef.h>

struct bpf_map;

/* The first so many bytes of it; *mapped: as many as munmap() is to be given.  NULL: errno tells. */
void *map_array(const struct bpf_map *map, size_t size, size_t *mapped);

#endif
