// SPDX-License-Identifier: GPL-2.0-only
#include "placement.h"

#include <stdlib.h>

#include "../lib/list.h"
#include "../lib/mem.h"

/* Kernels have at most 1024; a record from elsewhere may have any number there. */
#define NODES_MAX 1024

bool placement_node(const struct view *v, uint32_t cpu, uint32_t *node)
{
	if (!v->cpu_node || cpu >= v->ncpus)
		return false;
	*node = v->cpu_node[cpu];
	return *node < NODES_MAX;
}

/* The CPUs that have time in the interval; free() it. */
static bool *ran_on(const struct view_set *set)
{
	bool *is = mem_zalloc(set->ncpus, sizeof(*is));

	for (uint32_t i = 0; i < set->ncpus; i++)
		is[i] = set->cpu_ns[i];
	return is;
}

/* The list of the nodes of those of the first ncpus CPUs that are set. */
static void add_nodes(struct buf *b, const struct view *v, const bool *cpus, uint32_t ncpus)
{
	uint32_t n = 0, node;
	bool *is;

	for (uint32_t i = 0; i < ncpus; i++)
		if (placement_node(v, i, &node) && node >= n)
			n = node + 1;
	is = mem_zalloc(n, sizeof(*is));
	for (uint32_t i = 0; i < ncpus; i++)
		if (cpus[i] && placement_node(v, i, &node))
			is[node] = true;
	list_add(b, is, n);
	free(is);
}

void placement_cpus(struct buf *b, const struct view_set *set)
{
	bool *is = ran_on(set);

	list_add(b, is, set->ncpus);
	free(is);
}

void placement_nodes(struct buf *b, const struct view *v, const struct view_set *set)
{
	bool *is = ran_on(set);

	add_nodes(b, v, is, set->ncpus);
	free(is);
}

void placement_last_cpus(struct buf *b, const struct view *v, const struct view_class *c)
{
	list_add(b, c->on, v->ncpus);
}

void placement_last_nodes(struct buf *b, const struct view *v, const struct view_class *c)
{
	add_nodes(b, v, c->on, v->ncpus);
}
