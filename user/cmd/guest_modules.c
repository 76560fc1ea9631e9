// SPDX-License-Identifier: GPL-2.0-only
#include "guest_modules.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/buf.h"
#include "../lib/mem.h"

/* NAME SIZE USERS DEPENDENCIES STATE ADDRESS (kernel/module/procfs.c) */
enum { NAME, SIZE, ADDRESS = 5, FIELDS };

/* Adds what matters of one line, and a NUL. */
static bool add(struct buf *b, const char *line, size_t len)
{
	const char *field[FIELDS], *p = line, *end = line + len;
	size_t flen[FIELDS];

	for (int i = 0; i < FIELDS; i++) {
		const char *blank;

		if (p >= end)
			return false;
		blank = memchr(p, ' ', (size_t)(end - p));
		field[i] = p;
		flen[i] = (size_t)((blank ? blank : end) - p);
		p = blank ? blank + 1 : end;
	}
	buf_add(b, field[NAME], flen[NAME]);
	buf_puts(b, " ");
	buf_add(b, field[SIZE], flen[SIZE]);
	buf_puts(b, " ");
	buf_add(b, field[ADDRESS], flen[ADDRESS]);
	buf_add(b, "", 1);
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void guest_modules_parse(struct guest_modules *ret, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	struct buf b = {0};

	*ret = (struct guest_modules){0};
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p);

		if (!memchr(p, '\0', n) && add(&b, p, n))
			ret->n++;
		p += n + 1;
	}
	if (!ret->n)
		return;
	ret->text = b.data;
	ret->items = mem_zalloc(ret->n, sizeof(*ret->items));
	p = b.data;
	for (size_t i = 0; p && i < ret->n; i++, p += strlen(p) + 1)
		ret->items[i] = p;
	qsort(ret->items, ret->n, sizeof(*ret->items), compare);
}

bool guest_modules_gone(const struct guest_modules *before, const struct guest_modules *now)
{
	size_t j = 0;

	for (size_t i = 0; i < before->n; i++) {
		while (j < now->n && strcmp(now->items[j], before->items[i]) < 0)
			j++;
		if (j == now->n || strcmp(now->items[j], before->items[i]) != 0)
			return true;
	}
	return false;
}

void guest_modules_free(struct guest_modules *m)
{
	free(m->text);
	free(m->items);
	*m = (struct guest_modules){0};
}
