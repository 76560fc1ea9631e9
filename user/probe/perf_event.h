/* SPDX-License-Identifier: GPL-2.0-only */
/* One perf event, on one CPU: perf_event_open(2), and what its errors mean. */
#ifndef VMPERF_PROBE_PERF_EVENT_H
#define VMPERF_PROBE_PERF_EVENT_H

#include "../host/pmu.h"
#include "../model/event.h"

#define PERF_EVENT_WHY_SIZE 160

/*
 * Opens an event that counts all that this CPU does, in one mode.  Returns a
 * descriptor or -errno.
 */
int perf_event_open_cpu(const struct pmus *p, const struct event_spec *s, enum event_mode mode, uint32_t cpu);

/* Why it could not be opened, and what to do: one line, without the event's name.  err: as returned. */
void perf_event_why(const struct event_spec *s, int err, char why[PERF_EVENT_WHY_SIZE]);

#endif
