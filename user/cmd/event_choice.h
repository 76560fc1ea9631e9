/* SPDX-License-Identifier: GPL-2.0-only */
/* Which events a command counts: the option, else the environment, else the host's file, else what fits. */
#ifndef VMPERF_CMD_EVENT_CHOICE_H
#define VMPERF_CMD_EVENT_CHOICE_H

#include "../host/events.h"
#include "../model/sample.h"
#include "cmd.h"

#define EVENT_CHOICE_ENV  "VMPERF_EVENTS"
#define EVENT_CHOICE_FILE "/etc/vmperf/events"

struct event_choices {
	struct pmus *pmus;
	struct events events;
	bool asked; /* by somebody, not by default */
};

/*
 * Resolves --events, the environment's VMPERF_EVENTS or /etc/vmperf/events: the
 * first that is there; "none" is no event, "default" as many of the default ones
 * as fit.
 */
void event_choices_make(struct event_choices *c, const struct settings *s);

/*
 * Says of each event that was asked for and is not counted why not, unless that is
 * shown anyway.  False: one is not, and --events-strict was given.
 */
bool event_choices_check(const struct event_choices *c, const struct settings *s, bool shown,
			 const struct sample_event *events, uint32_t n);

void event_choices_free(struct event_choices *c);

#endif
