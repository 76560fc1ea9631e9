/* SPDX-License-Identifier: GPL-2.0-only */
/* The arithmetic of events: sums, differences, and what was counted for a part of the time only. */
#ifndef VMPERF_MODEL_COUNTS_H
#define VMPERF_MODEL_COUNTS_H

#include "view.h"

/* The events of a view. */
struct counts {
	uint32_t n;
	const struct sample_event *events;
	bool before; /* the earlier sample has the same ones; else its numbers mean nothing here */
};

/* These are the same events, in one order. */
bool counts_same(const struct sample_event *a, uint32_t na, const struct sample_event *b, uint32_t nb);

/* Adds n numbers to as many. */
void counts_sum(struct vmp_count *sum, const struct vmp_count *one, uint32_t n);

/* Adds one's n numbers to a sum, which grows if it must; one may be NULL. */
void counts_fold(struct vmp_count **sum, uint32_t *nsum, const struct vmp_count *one, uint32_t n);

/*
 * What a thread (or a sum of ended ones) counted from a to b, by event, each
 * scaled to all of the thread's time on a CPU; NULL without events.  a NULL:
 * from 0.  b NULL: not known, nor are events that are not counted and those of
 * whole VMs.
 */
struct view_event *counts_between(const struct counts *c, const struct vmp_count *a, uint32_t na,
				  const struct vmp_count *b, uint32_t nb);

/* Adds the events of a thread that was not counted, though it had so much time on a CPU. */
void counts_missed(struct view_event *sum, const struct counts *c, uint64_t cpu_ns);

/* Writes the events of whole VMs to those of a VM; a NULL: it was not there. */
void counts_whole(struct view_event *to, const struct counts *c, const struct sample_vm *a,
		  const struct sample_vm *b);

/*
 * Adds one event's value to a sum, and says whether that is known; what else the sum
 * has is the caller's to add, later.
 */
void counts_add_value(struct view_event *sum, const struct view_event *one);

/*
 * Adds n events to a sum of as many.  The sum is known when a part of it is;
 * not when all that ran is unknown, whatever is known not to have run.
 */
void counts_add(struct view_event *sum, const struct view_event *one, uint32_t n);

/* The modes of one event: their places in a view's events, by enum event_mode; -1: not asked for. */
struct counts_modes {
	int at[EVENT_HOST + 1];
};

/* Those of the name of event i.  False: an earlier event has the same name, they are shown together. */
bool counts_modes(const struct view *v, uint32_t i, struct counts_modes *ret);

/* All that was counted of it; known if the guest's and the host's part are.  events: by event. */
struct view_event counts_all(const struct view_event *events, const struct counts_modes *m);

#endif
