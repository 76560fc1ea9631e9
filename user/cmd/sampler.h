/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples for the terminal UI, taken or read in a thread of its own, so that keys
 * never wait for them: of this host each interval, or out of a record.
 */
#ifndef VMPERF_CMD_SAMPLER_H
#define VMPERF_CMD_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "live.h"
#include "pulse.h"

struct sampler;

/* What is asked of it; a copy is taken. */
struct sampler_options {
	uint64_t interval_ns; /* of this host's samples */
	double speed;         /* of a record's */
	bool totals;          /* views are of all that was since the start, or since its session's */
	bool paused;          /* a record stops; of this host samples are taken all the same */
	uint32_t needs;       /* METRIC_NEEDS_* */
};

/*
 * Starts the thread.  live: opened, or waiting for KVM; NULL: r is played, from
 * sample first on.  Both, and the patterns of VMs, are used until
 * sampler_stop(), which frees neither.
 */
struct sampler *sampler_start(struct live *live, struct record_reader *r, uint32_t first,
			      const struct options_list *vms, const struct sampler_options *o);

/* Asks for something else from now on.  Returns what a pulse's answers must have reached for it to be of
 * that. */
unsigned int sampler_set(struct sampler *s, const struct sampler_options *o);

/* In a record: by so many samples, or seconds. */
void sampler_step(struct sampler *s, int steps, int seconds);

/* Begins to write samples to a record, or ends that (NULL); a pulse tells how that went.  Returns as above.
 */
unsigned int sampler_record(struct sampler *s, const char *path);

/* Becomes readable when there is a pulse. */
int sampler_fd(const struct sampler *s);

/* As pulse_take() has it. */
struct pulse *sampler_take(struct sampler *s);

/* Waits for the thread's end. */
void sampler_stop(struct sampler *s);

#endif
