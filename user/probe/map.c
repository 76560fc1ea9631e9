// SPDX-License-Identifier: GPL-2.0-only
#include "map.h"

#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

void *map_array(const struct bpf_map *map, size_t size, size_t *mapped)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *m;

	*mapped = (size + page - 1) / page * page;
	m = mmap(NULL, *mapped, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	return m == MAP_FAILED ? NULL : m;
}
