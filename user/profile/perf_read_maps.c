// SPDX-License-Identifier: GPL-2.0-only
/*
 * A treap by address.  A node that several trees share is copied before it is
 * changed, with the nodes above it: the others stay as they were.
 */
#include "perf_read_maps.h"

#include <stdbool.h>
#include <stdlib.h>

#include "../lib/mem.h"

struct perf_maps {
	struct perf_maps *left, *right;
	uint32_t users;
	uint32_t prio; /* not below those of left and right */
	struct perf_mapping map;
};

struct perf_maps *perf_maps_copy(struct perf_maps *maps)
{
	if (maps)
		maps->users++;
	return maps;
}

/* As deep as the tree: of n nodes about 2 ln n, since nobody can foresee the priorities. */
void perf_maps_free(struct perf_maps *maps)
{
	if (!maps || --maps->users)
		return;
	perf_maps_free(maps->left);
	perf_maps_free(maps->right);
	free(maps);
}

static struct perf_maps *node(const struct perf_mapping *m, uint32_t prio)
{
	struct perf_maps *n = mem_zalloc(1, sizeof(*n));

	n->users = 1;
	n->prio = prio;
	n->map = *m;
	return n;
}

/* The node, or a copy of it, that no other tree has. */
static struct perf_maps *own(struct perf_maps *n)
{
	struct perf_maps *copy;

	if (n->users == 1)
		return n;
	n->users--;
	copy = node(&n->map, n->prio);
	copy->left = perf_maps_copy(n->left);
	copy->right = perf_maps_copy(n->right);
	return copy;
}

/* Takes n apart: what starts below addr, and the rest. */
static void split(struct perf_maps *n, uint64_t addr, struct perf_maps **below, struct perf_maps **rest)
{
	struct perf_maps *inner;

	if (!n) {
		*below = *rest = NULL;
		return;
	}
	n = own(n);
	if (n->map.start < addr) {
		split(n->right, addr, &inner, rest);
		n->right = inner;
		*below = n;
	} else {
		split(n->left, addr, below, &inner);
		n->left = inner;
		*rest = n;
	}
}

/* All of a are below all of b. */
static struct perf_maps *join(struct perf_maps *a, struct perf_maps *b)
{
	if (!a || !b)
		return a ? a : b;
	if (a->prio >= b->prio) {
		a = own(a);
		a->right = join(a->right, b);
		return a;
	}
	b = own(b);
	b->left = join(a, b->left);
	return b;
}

static const struct perf_maps *last(const struct perf_maps *n)
{
	while (n && n->right)
		n = n->right;
	return n;
}

/* The last one ends here. */
static struct perf_maps *cut_last(struct perf_maps *n, uint64_t end)
{
	n = own(n);
	if (n->right)
		n->right = cut_last(n->right, end);
	else
		n->map.end = end;
	return n;
}

void perf_maps_add(struct perf_maps **maps, const struct perf_mapping *m, uint32_t random)
{
	struct perf_maps *below, *covered, *above, *tail = NULL;
	const struct perf_maps *l;

	if (m->end <= m->start)
		return;
	split(*maps, m->start, &below, &covered);
	split(covered, m->end, &covered, &above);
	/* the last one that is partly or wholly covered may reach beyond the end; it is the only one that can
	 */
	l = covered ? last(covered) : last(below);
	if (l && l->map.end > m->end) {
		tail = node(&l->map, (uint32_t)(random * 2654435761U));
		tail->map.offset += m->end - l->map.start;
		tail->map.start = m->end;
	}
	l = last(below);
	if (l && l->map.end > m->start)
		below = cut_last(below, m->start);
	perf_maps_free(covered);
	*maps = join(join(below, node(m, random)), join(tail, above));
}

const struct perf_mapping *perf_maps_find(const struct perf_maps *n, uint64_t addr)
{
	while (n) {
		if (addr < n->map.start)
			n = n->left;
		else if (addr >= n->map.end)
			n = n->right;
		else
			return &n->map;
	}
	return NULL;
}
