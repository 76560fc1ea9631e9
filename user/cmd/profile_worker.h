/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intervals of a profile for the terminal UI, made in a thread of its own: keys
 * wait neither for guests' agents nor for symbols.
 */
#ifndef VMPERF_CMD_PROFILE_WORKER_H
#define VMPERF_CMD_PROFILE_WORKER_H

#include "profile_live.h"

struct profile_worker;

/* What it hands over. */
struct profile_pulse {
	struct profile_pulse *next;
	struct profile
		*profile; /* of an interval: no addresses, no callers; NULL: it waits for KVM, or has ended */
	const struct sampling_info *info; /* NULL: nothing is sampled yet */
	char *missing;                    /* what profile_live_missing() says */
	uint64_t real_ns;                 /* CLOCK_REALTIME: its end */
	bool ended;                       /* there will be no more; why was said */
};

void profile_pulse_free(struct profile_pulse *p);

/* Starts the thread; live: opened, or waiting for KVM; it is used until profile_worker_stop(), which leaves
 * it there.  NULL: see errno. */
struct profile_worker *profile_worker_start(struct profile_live *live, bool waiting, uint64_t interval_ns);

/* From now on. */
void profile_worker_interval(struct profile_worker *w, uint64_t interval_ns);

/* Becomes readable when there is a pulse. */
int profile_worker_fd(const struct profile_worker *w);

/* The oldest that was not taken yet; NULL: none. */
struct profile_pulse *profile_worker_take(struct profile_worker *w);

/* Waits for the thread's end; NULL is fine. */
void profile_worker_stop(struct profile_worker *w);

#endif
