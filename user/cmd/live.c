// SPDX-License-Identifier: GPL-2.0-only
#include "live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/vms.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../probe/collect.h"
#include "../probe/privilege.h"
#include "../probe/probe.h"
#include "event_choice.h"

#define WAIT_FOR_KVM_MS 100
#define NEWS_MS         1000

struct live {
	const struct settings *s;
	bool shown;
	struct probe *probe; /* NULL: KVM is not there */
	struct event_choices events;
	struct vms *vms;
	struct collect *collect; /* NULL: not begun */
	struct sample first;
	bool dropped;
	char why[256]; /* there is no probe */
};

struct live *live_new(const struct settings *s, bool shown)
{
	struct live *l = mem_zalloc(1, sizeof(*l));

	l->s = s;
	l->shown = shown;
	event_choices_make(&l->events, s);
	return l;
}

/* Everything is open: gives up all privileges, then starts what needs none. */
static bool begin(struct live *l)
{
	struct vms_options o = {
		.proc = "/proc", .run = "/run", .libvirt = !l->s->no_libvirt, .uri = l->s->connect};

	/* threads keep what they had when they were started: dropped before the first one */
	if (!l->dropped && privilege_drop()) {
		log_err("cannot drop privileges: %s", strerror(errno));
		return false;
	}
	l->dropped = true;
	l->vms = vms_new(&o);
	l->collect = collect_new(l->probe, l->vms, l->why);
	collect_select(l->collect, l->s->vms.items, l->s->vms.n);
	collect_start(l->collect, &l->first);
	if (l->probe)
		log_info("events are counted from now on");
	return event_choices_check(&l->events, l->s, l->shown, l->first.events, l->first.nevents);
}

enum live_status live_open(struct live *l)
{
	struct probe_options o = {
		.max_vcpus = l->s->max_vcpus,
		.events = &l->events.events,
		.pmus = l->events.pmus,
	};
	enum probe_error e = probe_open(&o, &l->probe, l->why, sizeof(l->why));

	if (e == PROBE_OK) {
		l->why[0] = '\0';
		return begin(l) ? LIVE_READY : LIVE_FAILED;
	}
	if (e == PROBE_NO_KVM)
		return LIVE_WAITING;
	log_err("%s", l->why);
	return LIVE_FAILED;
}

int live_fd(const struct live *l)
{
	return l->probe ? probe_news_fd(l->probe) : -1;
}

int live_timeout(const struct live *l)
{
	return l->probe ? NEWS_MS : WAIT_FOR_KVM_MS;
}

enum live_status live_turn(struct live *l)
{
	if (!l->probe)
		return live_open(l);
	collect_news(l->collect);
	return LIVE_READY;
}

const char *live_why(const struct live *l)
{
	return l->why;
}

const struct sample *live_first(const struct live *l)
{
	return &l->first;
}

void live_needs(struct live *l, uint32_t needs)
{
	if (l->collect)
		collect_needs(l->collect, needs);
}

bool live_sample(struct live *l, struct sample *ret)
{
	/* KVM never came: there is only the host to show */
	if (!l->collect && !begin(l))
		return false;
	collect_sample(l->collect, ret);
	return true;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	sample_free(&l->first);
	collect_free(l->collect);
	vms_free(l->vms);
	probe_close(l->probe);
	event_choices_free(&l->events);
	free(l);
}
