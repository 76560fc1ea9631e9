// SPDX-License-Identifier: GPL-2.0-only
#include "html.h"

#include "../model/label.h"

void html_text(struct buf *b, const char *s)
{
	struct buf safe = {0};

	label_clean(&safe, s);
	for (size_t i = 0; i < safe.len; i++) {
		switch (safe.data[i]) {
		case '<':
			buf_puts(b, "&lt;");
			break;
		case '>':
			buf_puts(b, "&gt;");
			break;
		case '&':
			buf_puts(b, "&amp;");
			break;
		case '"':
			buf_puts(b, "&quot;");
			break;
		case '\'':
			buf_puts(b, "&#39;");
			break;
		default:
			buf_add(b, safe.data + i, 1);
		}
	}
	buf_free(&safe);
}
