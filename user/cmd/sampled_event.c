// SPDX-License-Identifier: GPL-2.0-only
#include "sampled_event.h"

#include "../lib/log.h"

bool sampled_event_choose(struct sampled_event *e, const char *asked, struct sampling_options *ret)
{
	const struct event_choice *found;

	if (!e->pmus)
		e->pmus = pmus_read("");
	ret->pmus = e->pmus;
	if (!asked)
		return true;
	if (!e->events.n)
		events_parse(e->pmus, asked, &e->events);
	if (e->events.n != 1) {
		log_err("%s: one event can be sampled (vmperf events lists them)", asked);
		return false;
	}
	found = &e->events.items[0];
	if (found->error[0]) {
		log_err("%s cannot be sampled: %s", asked, found->error);
		return false;
	}
	if (found->spec.group == EVENT_RESCTRL) {
		log_err("%s cannot be sampled: resctrl counts it, no PMU does", asked);
		return false;
	}
	ret->event = &found->spec;
	return true;
}

void sampled_event_free(struct sampled_event *e)
{
	events_free(&e->events);
	pmus_free(e->pmus);
}
