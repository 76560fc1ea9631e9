// SPDX-License-Identifier: GPL-2.0-only
#include "placement.h"

#include <inttypes.h>
#include <stdlib.h>

#include "../lib/mem.h"

/* The list of the numbers below n that are set. */
static void add_list(struct buf *b, const bool *is, uint32_t n)
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

bool placement_node(const struct view *v, uint32_t cpu, uint32_t *node)
{
	if (!v->cpu_node || cpu >= v->ncpus)
		return false;
	*node = v->cpu_node[cpu];
	return true;
}

void placement_cpus(struct buf *b, const struct view_set *set)
{
	bool *is = mem_zalloc(set->ncpus, sizeof(*is));

	for (uint32_t i = 0; i < set->ncpus; i++)
		is[i] = set->cpu_ns[i];
	add_list(b, is, set->ncpus);
	free(is);
}

void placement_last(struct buf *b, const struct view *v, const struct view_class *c)
{
	add_list(b, c->on, v->ncpus);
}

void placement_nodes(struct buf *b, const struct view *v, const struct view_set *set)
{
	uint32_t n = 0, node;
	bool *is;

	for (uint32_t i = 0; i < set->ncpus; i++)
		if (placement_node(v, i, &node) && node >= n)
			n = node + 1;
	is = mem_zalloc(n, sizeof(*is));
	for (uint32_t i = 0; i < set->ncpus; i++)
		if (set->cpu_ns[i] && placement_node(v, i, &node))
			is[node] = true;
	add_list(b, is, n);
	free(is);
}
