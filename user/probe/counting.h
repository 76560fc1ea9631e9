/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The events of this run: which of those asked for can be counted, in which
 * modes; and their perf events on each CPU, for the kernel side to read.
 */
#ifndef VMPERF_PROBE_COUNTING_H
#define VMPERF_PROBE_COUNTING_H

#include <stdbool.h>
#include <stdint.h>

#include "../host/events.h"
#include "../model/sample.h"

struct counting;

/* Tries each; never fails.  Both are used until counting_free(). */
struct counting *counting_new(const struct events *asked, const struct pmus *pmus, uint32_t ncpus);

/* All of them, counted or not; resctrl's are marked whole and not counted, which the caller may change. */
struct sample_event *counting_list(const struct counting *c, uint32_t *n);

/* Perf events among them: what the kernel side reads on a CPU, at most VMP_EVENTS. */
uint32_t counting_events(const struct counting *c);

/* The kernel side's number of list[i]; -1: it does not count that one. */
int counting_index(const struct counting *c, uint32_t i);

/*
 * Opens all on each CPU that is there and puts them into the map event_fds
 * (descriptor).  A process of its own stays behind that may open perf events, and
 * opens them on CPUs that come later; it ends with this one.  0 or -errno:
 * without it, CPUs that come later are not counted.
 */
int counting_start(struct counting *c, int map_fd);

/* The kernel side's bits of the events of these kinds (bits by enum event_kind). */
uint32_t counting_bits(const struct counting *c, uint32_t kinds);

/* Opens events with these bits, closes the others, on all CPUs.  Needs no privilege. */
void counting_want(struct counting *c, uint32_t on);

/*
 * Looks for CPUs that came; stale[CPU]: this one's events count no more.  Events
 * of both are opened.  Needs no privilege.
 */
void counting_update(struct counting *c, const bool *stale);

void counting_free(struct counting *c);

#endif
