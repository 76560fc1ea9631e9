// SPDX-License-Identifier: GPL-2.0-only
#include "csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void csv_field(struct csv_row *r, const char *s)
{
	if (r->begun)
		buf_puts(r->b, ",");
	r->begun = true;
	if (!s[strcspn(s, ",\"\r\n")]) {
		buf_puts(r->b, s);
		return;
	}
	buf_puts(r->b, "\"");
	for (; *s; s++)
		buf_add(r->b, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
	buf_puts(r->b, "\"");
}

void csv_name(struct csv_row *r, const char *s)
{
	struct buf name = {0};

	buf_escape(&name, s, strlen(s));
	csv_field(r, name.data);
	buf_free(&name);
}

void csv_number(struct csv_row *r, int64_t n)
{
	char s[24];

	snprintf(s, sizeof(s), "%" PRId64, n);
	csv_field(r, s);
}

void csv_end(struct csv_row *r)
{
	buf_puts(r->b, "\n");
	r->begun = false;
}
