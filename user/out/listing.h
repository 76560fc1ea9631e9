/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be counted on a host: the facts of vmperf events, and how they are shown.  Pure. */
#ifndef VMPERF_OUT_LISTING_H
#define VMPERF_OUT_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../model/event.h"
#include "out.h"

enum listing_state {
	LISTING_YES,     /* it can be counted */
	LISTING_NO,      /* why not is known */
	LISTING_UNKNOWN, /* this user may not try */
};

struct listing_event {
	enum event_group group;
	char *name;    /* raw bytes, as are the others */
	char *aliases; /* with blanks between; "" none */
	char *help;
	char *counter; /* what counts it: "general", "fixed or general", "fixed", "software", a PMU, "resctrl"
			*/
	enum listing_state state;
	uint32_t modes;        /* by enum event_mode: bit n: it can be counted in mode n */
	char why[EVENT_ERROR]; /* it cannot, or not in all modes; "" */
};

/* What the CPUs have to count with. */
struct listing_counters {
	char pmus[128];                                   /* the PMUs' names; "": there is none */
	unsigned int general;                             /* for any event */
	bool assumed;                                     /* nothing tells that number */
	bool fixed_cycles, fixed_instructions, fixed_ref; /* and one for this event only */
	bool watchdog;
	bool measured;     /* free is known */
	unsigned int free; /* of the general ones, now */
	char why[160];     /* not measured */
	bool mediated;     /* KVM lends them to VMs */
};

struct listing {
	struct listing_counters counters;
	const char *no_models; /* why there are no names of this CPU's model; NULL: there are, or they were
				  not asked for */
	const char *preset;    /* the list that is counted when none is asked for; "" none */
	size_t n;
	struct listing_event *events; /* by group */
};

/* Whether one of the n patterns, globs in any case of letters, means it: its name, an alias or its group. */
bool listing_match(const struct listing_event *e, const char *const *patterns, uint32_t n);

/* Without a width rows are as long as they need. */
void listing_table(struct buf *b, const struct listing *l, const struct out_options *o);

/*
 * {"schema":1,"pmu":{"names","general_counters","assumed","fixed_counters",
 * "free_counters","reason","nmi_watchdog","mediated"},"default":[…],"no_model_events",
 * "events":[{"event","aliases","group","description","counter","available",
 * "modes","reason"}]}; "available" and "modes" are null where this user may not try.
 */
void listing_json(struct buf *b, const struct listing *l);

void listing_free(struct listing *l);

#endif
