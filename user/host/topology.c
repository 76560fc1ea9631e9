// SPDX-License-Identifier: GPL-2.0-only
#include "topology.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/buf.h"
#include "../lib/list.h"
#include "../lib/mem.h"
#include "hostinfo.h"

/* The number at *p, which goes on behind it; false: there is none. */
static bool number(const char **p, uint32_t *ret)
{
	unsigned long n;
	char *end;

	if (**p < '0' || **p > '9')
		return false;
	errno = 0;
	n = strtoul(*p, &end, 10);
	if (errno || n >= UINT32_MAX)
		return false;
	*p = end;
	*ret = (uint32_t)n;
	return true;
}

bool topology_map(const char *p, unsigned char *map, uint32_t bytes)
{
	uint32_t first, last;

	memset(map, 0, bytes);
	while (*p) {
		if (!number(&p, &first))
			return false;
		last = first;
		if (*p == '-' && (p++, !number(&p, &last)))
			return false;
		for (uint32_t cpu = first; cpu <= last && cpu / 8 < bytes; cpu++)
			map[cpu / 8] |= (unsigned char)(1U << cpu % 8);
		if (*p == ',' && p[1])
			p++;
		else if (*p)
			return false;
	}
	return true;
}

bool topology_online(const char *root, unsigned char *map, uint32_t bytes)
{
	char text[4096];

	return hostinfo_file(root, text, sizeof(text), "/sys/devices/system/cpu/online") &&
	       topology_map(text, map, bytes);
}

bool topology_has(const unsigned char *map, uint32_t bytes, uint32_t cpu)
{
	return cpu / 8 < bytes && map[cpu / 8] >> cpu % 8 & 1;
}

bool topology_nodes(const char *root, uint32_t *node, uint32_t ncpus)
{
	uint32_t bytes = (ncpus + 7) / 8;
	char path[PATH_MAX], list[16384];
	unsigned char *map;
	struct dirent *e;
	bool any = false;
	DIR *d;

	if (snprintf(path, sizeof(path), "%s/sys/devices/system/node", root) >= (int)sizeof(path))
		return false;
	d = opendir(path);
	if (!d)
		return false;
	map = mem_zalloc(1, bytes);
	while ((e = readdir(d)) != NULL) {
		const char *p = e->d_name + 4;
		uint32_t n;

		if (strncmp(e->d_name, "node", 4) || !number(&p, &n) || *p)
			continue;
		if (!hostinfo_file(path, list, sizeof(list), "/node%" PRIu32 "/cpulist", n) ||
		    !topology_map(list, map, bytes))
			continue;
		for (uint32_t cpu = 0; cpu < ncpus; cpu++)
			if (topology_has(map, bytes, cpu)) {
				node[cpu] = n;
				any = true;
			}
	}
	free(map);
	closedir(d);
	return any;
}

char *topology_list(const unsigned char *map, uint32_t bytes)
{
	bool *is = mem_zalloc(bytes, 8 * sizeof(*is));
	struct buf b = {0};

	for (uint32_t cpu = 0; cpu < bytes * 8; cpu++)
		is[cpu] = topology_has(map, bytes, cpu);
	list_add(&b, is, bytes * 8);
	free(is);
	return b.data ? b.data : mem_strdup("");
}
