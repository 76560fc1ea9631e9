// SPDX-License-Identifier: GPL-2.0-only
#include "label.h"

#include <string.h>

void label_clean(struct buf *b, const char *s)
{
	for (;;) {
		size_t len = strcspn(s, "\\");

		buf_escape(b, s, len);
		s += len;
		if (!*s)
			return;
		buf_puts(b, "\\");
		s++;
	}
}
