/* SPDX-License-Identifier: GPL-2.0-only */
/* Where vCPUs ran: lists of numbers as the kernel writes them ("0-3,8"). */
#ifndef VMPERF_MODEL_PLACEMENT_H
#define VMPERF_MODEL_PLACEMENT_H

#include "../lib/buf.h"
#include "view.h"

/* Adds the list of the CPUs that have time in the interval; nothing if none has, or that is not known. */
void placement_cpus(struct buf *b, const struct view_set *set);

/* The NUMA nodes of the CPUs that have time in the interval; nothing also where the host does not tell them.
 */
void placement_nodes(struct buf *b, const struct view *v, const struct view_set *set);

/* The CPUs that the threads of a class were on at an end of the interval, or had been last. */
void placement_last_cpus(struct buf *b, const struct view *v, const struct view_class *c);

/* The NUMA nodes of these; nothing also where the host does not tell them. */
void placement_last_nodes(struct buf *b, const struct view *v, const struct view_class *c);

/* The node of a CPU; false: not known. */
bool placement_node(const struct view *v, uint32_t cpu, uint32_t *node);

#endif
