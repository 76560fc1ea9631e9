// SPDX-License-Identifier: GPL-2.0-only
#include "counting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../host/topology.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "opener.h"
#include "perf_event.h"

struct counting {
	const struct pmus *pmus;
	uint32_t ncpus;
	unsigned char *online; /* bit by CPU: its events were opened, or tried */
	bool mediated;
	uint32_t n;
	struct sample_event *list;
	struct opener_event *events; /* those that are counted */
	int *index;                  /* by list */
	uint32_t nevents;
	uint32_t on; /* bits of those that are open */
	struct opener *opener;
};

static bool is_online(const struct counting *c, const unsigned char *map, uint32_t cpu)
{
	return topology_has(map, (c->ncpus + 7) / 8, cpu);
}

/* Whether some CPU takes it: 0, or the error of the last one. */
static int try_open(const struct counting *c, const struct event_spec *s, enum event_mode mode)
{
	int err = -ENODEV;

	for (uint32_t cpu = 0; cpu < c->ncpus; cpu++) {
		int fd;

		if (!is_online(c, c->online, cpu))
			continue;
		fd = perf_event_open_cpu(c->pmus, s, mode, cpu);
		if (fd >= 0) {
			close(fd);
			return 0;
		}
		err = fd;
		/* of one kind of CPU in a host of several, the others may have it */
		if (err != -ENOENT && err != -ENODEV)
			break;
	}
	return err;
}

static struct sample_event *list_add(struct counting *c, const struct event_spec *s, enum event_mode mode)
{
	struct sample_event *e;

	c->list = mem_resize(c->list, c->n + 1, sizeof(*c->list));
	c->index = mem_resize(c->index, c->n + 1, sizeof(*c->index));
	c->index[c->n] = -1;
	e = &c->list[c->n++];
	*e = (struct sample_event){.name = mem_strdup(s->name), .mode = mode, .kind = s->kind};
	return e;
}

static void not_counted(struct sample_event *e, const char *why)
{
	snprintf(e->why, sizeof(e->why), "%s", why);
}

/* The event in this mode: counted, if err is 0, or why not. */
static void add(struct counting *c, const struct event_spec *s, enum event_mode mode, int err)
{
	struct sample_event *e = list_add(c, s, mode);

	if (s->core && c->mediated && mode != EVENT_HOST) {
		not_counted(
			e,
			"KVM lends the PMU to VMs (enable_mediated_pmu): while such an event is open, none "
			"with a PMU can start; only the host's part is counted");
		return;
	}
	if (err) {
		perf_event_why(s, err, e->why);
		return;
	}
	if (c->nevents == VMP_EVENTS) {
		not_counted(e, "too many events at once: ask for fewer");
		return;
	}
	e->counted = true;
	c->index[c->n - 1] = (int)c->nevents;
	c->events = mem_resize(c->events, c->nevents + 1, sizeof(*c->events));
	c->events[c->nevents++] = (struct opener_event){s, mode};
}

static void choose(struct counting *c, const struct event_choice *choice, bool preset)
{
	const struct event_spec *s = &choice->spec;
	int guest, host;

	if (*choice->error) {
		const struct event_spec unknown = {.name = choice->word};

		not_counted(list_add(c, &unknown, EVENT_BOTH), choice->error);
		return;
	}
	if (s->group == EVENT_RESCTRL) {
		struct sample_event *e = list_add(c, s, EVENT_BOTH);

		e->whole = true;
		e->gauge = s->kind == EVENT_LLC_OCCUPANCY;
		return;
	}
	if (!s->core) {
		add(c, s, EVENT_BOTH, try_open(c, s, EVENT_BOTH));
		return;
	}
	/* what the mediated vPMU forbids is not even tried */
	guest = c->mediated ? 0 : try_open(c, s, EVENT_GUEST);
	host = try_open(c, s, EVENT_HOST);
	if (preset && host == -ENOENT)
		return;
	/* a PMU without guests' and hosts' counters of its own */
	if ((guest == -EINVAL || guest == -EOPNOTSUPP) && !s->guest && !s->host && !c->mediated &&
	    !try_open(c, s, EVENT_BOTH)) {
		add(c, s, EVENT_BOTH, 0);
		return;
	}
	if (s->guest || !s->host)
		add(c, s, EVENT_GUEST, guest);
	if (s->host || !s->guest)
		add(c, s, EVENT_HOST, host);
}

struct counting *counting_new(const struct events *asked, const struct pmus *pmus, uint32_t ncpus)
{
	struct counting *c = mem_zalloc(1, sizeof(*c));

	c->pmus = pmus;
	c->ncpus = ncpus;
	c->online = mem_zalloc((ncpus + 7) / 8, 1);
	c->mediated = pmu_mediated("");
	if (!topology_online("", c->online, (ncpus + 7) / 8))
		memset(c->online, 0xff, (ncpus + 7) / 8);
	for (size_t i = 0; asked && i < asked->n; i++)
		choose(c, &asked->items[i], asked->preset);
	return c;
}

struct sample_event *counting_list(const struct counting *c, uint32_t *n)
{
	*n = c->n;
	return c->list;
}

uint32_t counting_events(const struct counting *c)
{
	return c->nevents;
}

int counting_index(const struct counting *c, uint32_t i)
{
	return c->index[i];
}

int counting_start(struct counting *c, int map_fd)
{
	if (!c->nevents)
		return 0;
	c->on = UINT32_MAX;
	for (uint32_t cpu = 0; cpu < c->ncpus; cpu++)
		if (is_online(c, c->online, cpu))
			opener_cpu(c->pmus, c->events, c->nevents, map_fd, c->ncpus, cpu, c->on);
	return opener_start(c->pmus, c->events, c->nevents, map_fd, c->ncpus, &c->opener);
}

uint32_t counting_bits(const struct counting *c, uint32_t kinds)
{
	uint32_t on = 0;

	for (uint32_t i = 0; i < c->n; i++)
		if (c->index[i] >= 0 && kinds & 1U << c->list[i].kind)
			on |= 1U << c->index[i];
	return on;
}

void counting_want(struct counting *c, uint32_t on)
{
	if (!c->opener)
		return;
	c->on = on;
	for (uint32_t cpu = 0; cpu < c->ncpus; cpu++)
		if (is_online(c, c->online, cpu))
			opener_ask(c->opener, cpu, on);
}

void counting_update(struct counting *c, const bool *stale)
{
	unsigned char *now;

	if (!c->nevents || !c->opener)
		return;
	now = mem_zalloc((c->ncpus + 7) / 8, 1);
	if (topology_online("", now, (c->ncpus + 7) / 8)) {
		for (uint32_t cpu = 0; cpu < c->ncpus; cpu++)
			if (is_online(c, now, cpu) && (stale[cpu] || !is_online(c, c->online, cpu)))
				opener_ask(c->opener, cpu, c->on);
		memcpy(c->online, now, (c->ncpus + 7) / 8);
	}
	free(now);
}

void counting_free(struct counting *c)
{
	if (!c)
		return;
	opener_stop(c->opener);
	for (uint32_t i = 0; i < c->n; i++)
		free(c->list[i].name);
	free(c->list);
	free(c->index);
	free(c->events);
	free(c->online);
	free(c);
}
