// SPDX-License-Identifier: GPL-2.0-only
#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"

#define FIRST_SIZE 64

uint64_t index_hash(uint64_t hash, uint64_t value)
{
	/* the mixing of splitmix64 */
	hash = (hash ^ value) + 0x9e3779b97f4a7c15;
	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111eb;
	return hash ^ hash >> 31;
}

uint64_t index_hash_text(uint64_t hash, const char *s)
{
	/* FNV-1a */
	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3;
	return index_hash(hash, 0);
}

uint32_t index_find(const struct index *x, uint64_t hash, index_same_fn same, const void *list,
		    const void *what)
{
	uint32_t h = (uint32_t)hash;

	if (!x->size)
		return INDEX_NONE;
	for (size_t i = h & (x->size - 1); x->slots[i].place; i = (i + 1) & (x->size - 1))
		if (x->slots[i].hash == h && same(list, x->slots[i].place - 1, what))
			return x->slots[i].place - 1;
	return INDEX_NONE;
}

static void put(struct index_slot *slots, size_t size, struct index_slot slot)
{
	size_t i = slot.hash & (size - 1);

	while (slots[i].place)
		i = (i + 1) & (size - 1);
	slots[i] = slot;
}

/* At most half of the slots are used. */
static void grow(struct index *x)
{
	size_t size = x->size ? 2 * x->size : FIRST_SIZE;
	struct index_slot *slots = mem_zalloc(size, sizeof(*slots));

	for (size_t i = 0; i < x->size; i++)
		if (x->slots[i].place)
			put(slots, size, x->slots[i]);
	free(x->slots);
	x->slots = slots;
	x->size = size;
}

void index_add(struct index *x, uint64_t hash, uint32_t place)
{
	if (2 * x->used >= x->size)
		grow(x);
	put(x->slots, x->size, (struct index_slot){.hash = (uint32_t)hash, .place = place + 1});
	x->used++;
}

void index_free(struct index *x)
{
	free(x->slots);
	*x = (struct index){0};
}

void *index_room(void *list, size_t n, size_t size)
{
	return n & (n - 1) ? list : mem_resize(list, n ? 2 * n : 1, size);
}

static bool same_text(const void *list, uint32_t place, const void *what)
{
	const char *const *items = list;

	return !strcmp(items[place], what);
}

uint32_t index_text(struct index_texts *t, const char *s)
{
	uint64_t hash = index_hash_text(t->seed, s);
	uint32_t place = index_find(&t->index, hash, same_text, t->items, s);

	if (place != INDEX_NONE)
		return place;
	t->items = index_room(t->items, t->n, sizeof(*t->items));
	t->items[t->n] = s;
	index_add(&t->index, hash, t->n);
	return t->n++;
}

void index_texts_free(struct index_texts *t)
{
	index_free(&t->index);
	free(t->items);
	*t = (struct index_texts){0};
}
