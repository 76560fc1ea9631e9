// SPDX-License-Identifier: GPL-2.0-only
/* /proc/PID/maps: mappings are sorted, and found where they are. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct maps m;

	maps_parse(&m, (const char *)data, size);
	for (size_t i = 0; i < m.n; i++) {
		const struct map *at = maps_find(&m, m.items[i].start);

		must(m.items[i].start < m.items[i].end);
		must(!i || m.items[i - 1].start <= m.items[i].start);
		must(strlen(m.items[i].path) <= size);
		/* where they overlap another one may be found, or none */
		if (at)
			must(at->start <= m.items[i].start && m.items[i].start < at->end);
	}
	maps_find(&m, 0);
	maps_find(&m, UINT64_MAX);
	maps_free(&m);
	return 0;
}
