/* SPDX-License-Identifier: GPL-2.0-only */
/* The arithmetic of struct view_set: differences and sums. */
#ifndef VMPERF_MODEL_SET_H
#define VMPERF_MODEL_SET_H

#include "counts.h"
#include "view.h"

/* What a counter grew by; one that went back was another's: 0. */
static inline uint64_t set_grown(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}

/* For qsort: larger numbers first. */
static inline int set_larger(uint64_t x, uint64_t y)
{
	return (x < y) - (x > y);
}

/* What one thread (or the sum of gone ones) did from a to b; a may be NULL.  set is zeroed. */
void set_between(struct view_set *set, const struct counts *c, const struct sample_vcpu *a,
		 const struct sample_vcpu *b);

void set_add(struct view_set *set, const struct view_set *one);

/* The same without exits, their counts and events. */
void set_add_figures(struct view_set *set, const struct view_set *one);

/* Adds to one exit reason's figures. */
void set_exit_add(struct view_exit *to, const struct view_exit *from);

/*
 * All is added: moves the time of states that are not visible, drops the CPUs
 * where those cannot be known, sorts, and sums up what exit cost is made of.
 */
void set_finish(struct view_set *set, uint32_t visible);

void set_free(struct view_set *set);

#endif
