/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of a perf.data file, and what their records say about themselves. */
#ifndef VMPERF_PROFILE_PERF_READ_EVENTS_H
#define VMPERF_PROFILE_PERF_READ_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "perf_read_table.h"

#define PERF_ATTR_MIN                                                                                        \
	64 /* the first struct perf_event_attr; what a newer one has more is not needed here                 \
	    */

struct perf_event {
	uint32_t type;
	uint64_t config, period; /* period: of samples that do not say theirs */
	uint64_t freq;           /* 0: the period is fixed */
	uint64_t sample_type, read_format;
	bool sample_id_all, inherit;
	char *name; /* NULL: the file has none */
};

/* A zeroed one has none; it must not be moved in memory. */
struct perf_events {
	bool swap;
	uint32_t n;
	struct perf_event *items;
	struct perf_table ids; /* of the events' counters */
	uint32_t *of_id;       /* the event's place, by the id's */
	struct perf_table counters;
	uint64_t *counted; /* by the counter's place */
};

struct perf_sample {
	uint32_t event, pid, tid;
	uint64_t ip, period;
	uint64_t time;        /* PERF_NO_TIME: none */
	const uint8_t *read;  /* values of counters; NULL: none */
	const uint8_t *chain; /* nchain numbers of 8 bytes */
	uint64_t nchain, nread;
};

#define PERF_NO_TIME 0

/* Adds the event; attr has at least PERF_ATTR_MIN bytes. */
uint32_t perf_events_add(struct perf_events *e, const uint8_t *attr);
void perf_events_id(struct perf_events *e, uint64_t id, uint32_t event);

/* The place of the event of a kernel's record (of size bytes); INDEX_NONE: its id is nobody's. */
uint32_t perf_events_of(const struct perf_events *e, const uint8_t *record, size_t size);

/* The time of a kernel's record, a sample or another; PERF_NO_TIME: it has none. */
uint64_t perf_events_time(const struct perf_events *e, uint32_t event, const uint8_t *record, size_t size);

/* Takes a sample apart; false: it is shorter than it says. */
bool perf_events_sample(const struct perf_events *e, uint32_t event, const uint8_t *record, size_t size,
			struct perf_sample *ret);

/*
 * A sample with values of counters (PERF_SAMPLE_READ) stands for one of each of
 * these, with what it counted since its last one as the period: number n of them.
 * False: it counted nothing, or is not known.  Each is to be asked for once.
 */
bool perf_events_value(struct perf_events *e, const struct perf_sample *s, uint64_t n, uint32_t *ret_event,
		       uint64_t *ret_period);

/* The name, perf's where the file has none. */
void perf_events_name(const struct perf_event *e, char *ret, size_t size);

void perf_events_free(struct perf_events *e);

#endif
