// SPDX-License-Identifier: GPL-2.0-only
#include "perf_read_table.h"

#include <stdlib.h>

static bool same(const void *list, uint32_t place, const void *what)
{
	return ((const uint64_t *)list)[place] == *(const uint64_t *)what;
}

/* Where the table lies in memory cannot be known from a file. */
static uint64_t hash(const struct perf_table *t, uint64_t key)
{
	return index_hash((uintptr_t)t, key);
}

uint32_t perf_table_find(const struct perf_table *t, uint64_t key)
{
	return index_find(&t->index, hash(t, key), same, t->keys, &key);
}

uint32_t perf_table_place(struct perf_table *t, uint64_t key)
{
	uint32_t at = perf_table_find(t, key);

	if (at != INDEX_NONE)
		return at;
	t->keys = index_room(t->keys, t->n, sizeof(*t->keys));
	t->keys[t->n] = key;
	index_add(&t->index, hash(t, key), t->n);
	return t->n++;
}

void perf_table_free(struct perf_table *t)
{
	index_free(&t->index);
	free(t->keys);
	*t = (struct perf_table){0};
}
