/* SPDX-License-Identifier: GPL-2.0-only */
/* From a list of names to events that can be opened on this host. */
#ifndef VMPERF_HOST_EVENTS_H
#define VMPERF_HOST_EVENTS_H

#include "../model/event.h"
#include "pmu.h"

/* One word of the list. */
struct event_choice {
	char *word; /* as it was written */
	struct event_spec spec;
	char error[EVENT_ERROR]; /* one line why it cannot be counted; "": spec is set */
};

struct events {
	bool preset; /* nobody has asked for them: those that the CPUs do not have are left out */
	size_t n;
	struct event_choice *items; /* in the order of the list */
};

/*
 * Resolves each word of the list.  A word that names an event which stands
 * before it already, in another mode (cycles:G,cycles:H), is added to that one.
 */
void events_parse(const struct pmus *pmus, const char *list, struct events *ret);
void events_free(struct events *e);

/*
 * The events that are counted when none are asked for, "cycles,instructions":
 * as many as fit into these counters without taking turns, in so many modes
 * each (2: guest and host apart).  "" where there are no counters.  Pure.
 */
const char *events_default(const struct pmu_counters *c, unsigned int modes);

/* The same for this host. */
const char *events_preset(const struct pmus *p);

#endif
