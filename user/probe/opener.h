/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opens events on CPUs for the kernel side, at the start and, in a process of
 * its own, after this one has given up its privileges: CPUs come, and those that
 * went have lost their events.
 */
#ifndef VMPERF_PROBE_OPENER_H
#define VMPERF_PROBE_OPENER_H

#include "../host/pmu.h"
#include "../model/event.h"

struct opener;

struct opener_event {
	const struct event_spec *spec;
	enum event_mode mode;
};

/*
 * Opens the events whose bits are on on this CPU and puts them into the map, where they replace
 * older ones; the others are closed.
 */
void opener_cpu(const struct pmus *pmus, const struct opener_event *events, uint32_t n, int map_fd,
		uint32_t ncpus, uint32_t cpu, uint32_t on);

/*
 * Starts the process, which keeps what privilege_keep_perf() says and takes
 * numbers of CPUs and bits of events from its parent, nothing else; it ends with it.  0 or -errno.
 */
int opener_start(const struct pmus *pmus, const struct opener_event *events, uint32_t n, int map_fd,
		 uint32_t ncpus, struct opener **ret);

/* Asks for opener_cpu(), and waits until it is done. */
void opener_ask(struct opener *o, uint32_t cpu, uint32_t on);

/* NULL is fine. */
void opener_stop(struct opener *o);

#endif
