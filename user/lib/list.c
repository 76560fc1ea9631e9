// SPDX-License-Identifier: GPL-2.0-only
#include "list.h"

#include <inttypes.h>

void list_add(struct buf *b, const bool *is, uint32_t n)
{
	bool begun = false;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t first = i;

		if (!is[i])
			continue;
		while (i + 1 < n && is[i + 1])
			i++;
		buf_printf(b, "%s%" PRIu32, begun ? "," : "", first);
		if (i > first)
			buf_printf(b, "-%" PRIu32, i);
		begun = true;
	}
}
