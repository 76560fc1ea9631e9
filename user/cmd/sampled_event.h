/* SPDX-License-Identifier: GPL-2.0-only */
/* The event that is sampled: --event of the profile commands. */
#ifndef VMPERF_CMD_SAMPLED_EVENT_H
#define VMPERF_CMD_SAMPLED_EVENT_H

#include "../host/events.h"
#include "../probe/sampling.h"
#include "cmd.h"

/* All zeroes before the first call. */
struct sampled_event {
	struct pmus *pmus;
	struct events events; /* what was asked for; none: sampling_open() chooses */
};

/*
 * Sets event and pmus of the options, which point into e.  May be called again.  False: it cannot be
 * sampled, which was said.
 */
bool sampled_event_choose(struct sampled_event *e, const char *asked, struct sampling_options *ret);

void sampled_event_free(struct sampled_event *e);

#endif
