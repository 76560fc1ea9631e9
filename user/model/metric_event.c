// SPDX-License-Identifier: GPL-2.0-only
/* Getters of the metric table: what events counted, and what is derived from that. */
#include "metric_get.h"
#include "metric_value.h"

bool event_value(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->event->known && integer(v, at->event->value);
}

bool event_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->event->known && !at->what->gauge && per_second(at, at->event->value, v);
}

bool event_running(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return quotient(v, (double)at->event->running, (double)at->event->enabled);
}

bool event_enabled(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->what->counted && !at->what->whole && integer(v, at->event->enabled);
}

/* The event of a kind that the set has a number of; NULL: none. */
static const struct view_event *find(const struct metric_at *at, enum event_kind kind, enum event_mode mode)
{
	const struct view *view = at->view;

	for (uint32_t i = 0; i < view->nevents && i < at->set->nevents; i++)
		if (view->events[i].kind == kind && view->events[i].mode == mode && at->set->events[i].known)
			return &at->set->events[i];
	return NULL;
}

bool metric_derived_mode(const struct view *v, enum event_mode *mode)
{
	bool found = false;

	*mode = EVENT_BOTH;
	for (uint32_t i = 0; i < v->nevents; i++) {
		const struct sample_event *e = &v->events[i];

		if (!e->counted || e->whole || e->kind == EVENT_OTHER || e->mode == EVENT_HOST)
			continue;
		found = true;
		if (e->mode == EVENT_GUEST)
			*mode = EVENT_GUEST;
	}
	return found;
}

/* One event for each so many of another. */
static bool ratio(struct metric_value *v, const struct view_event *a, const struct view_event *b)
{
	return a && b && quotient(v, (double)a->value, (double)b->value);
}

bool derived_ipc(const struct metric_at *at, int mode, struct metric_value *v)
{
	return ratio(v, find(at, EVENT_INSTRUCTIONS, (enum event_mode)mode),
		     find(at, EVENT_CYCLES, (enum event_mode)mode));
}

bool derived_frequency(const struct metric_at *at, int arg, struct metric_value *v)
{
	const struct view_event *all = find(at, EVENT_CYCLES, EVENT_BOTH),
				*guest = find(at, EVENT_CYCLES, EVENT_GUEST),
				*host = find(at, EVENT_CYCLES, EVENT_HOST);

	(void)arg;
	if (all)
		return quotient(v, (double)all->value * 1e9, (double)all->enabled);
	/* both were to be counted for the same time */
	return guest && host &&
	       quotient(v, ((double)guest->value + (double)host->value) * 1e9,
			(double)(guest->enabled > host->enabled ? guest->enabled : host->enabled));
}

bool derived_mpki(const struct metric_at *at, int kind, struct metric_value *v)
{
	enum event_mode mode;

	if (!metric_derived_mode(at->view, &mode) ||
	    !ratio(v, find(at, (enum event_kind)kind, mode), find(at, EVENT_INSTRUCTIONS, mode)))
		return false;
	v->d *= 1000;
	return true;
}

bool derived_share(const struct metric_at *at, int kind, struct metric_value *v)
{
	enum event_kind of = kind == EVENT_BRANCH_MISSES ? EVENT_BRANCHES : EVENT_CYCLES;
	enum event_mode mode;

	return metric_derived_mode(at->view, &mode) &&
	       ratio(v, find(at, (enum event_kind)kind, mode), find(at, of, mode));
}

bool derived_bandwidth(const struct metric_at *at, int arg, struct metric_value *v)
{
	const struct view_event *e = find(at, EVENT_BANDWIDTH, EVENT_BOTH);

	(void)arg;
	return e && per_second(at, e->value, v);
}

bool derived_local(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return ratio(v, find(at, EVENT_BANDWIDTH_LOCAL, EVENT_BOTH), find(at, EVENT_BANDWIDTH, EVENT_BOTH));
}

bool derived_occupancy(const struct metric_at *at, int arg, struct metric_value *v)
{
	const struct view_event *e = find(at, EVENT_LLC_OCCUPANCY, EVENT_BOTH);

	(void)arg;
	return e && integer(v, e->value);
}
