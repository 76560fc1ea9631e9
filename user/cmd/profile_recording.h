/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording's file: samples as they come, and what others need to know who and
 * what was hit: names of threads, mappings, kernels, build-ids, VMs.
 */
#ifndef VMPERF_CMD_PROFILE_RECORDING_H
#define VMPERF_CMD_PROFILE_RECORDING_H

#include "../host/vms.h"
#include "../model/profile.h"
#include "../probe/sampling.h"
#include "../profile/perf_write.h"
#include "cmd.h"
#include "guests.h"
#include "maps_reader.h"

struct profile_recording;

/* What it reads by; all are used until profile_recording_free(). */
struct profile_recording_sources {
	const struct settings *s; /* which VMs */
	struct perf_write *w;
	struct profile_kernel *kernel;
	struct vms *vms;
	struct guests *guests;
	struct maps_reader *maps; /* NULL: none could be started */
};

struct profile_recording_vm {
	uint32_t pid;
	const char *name; /* raw bytes */
	uint64_t samples[PROFILE_MODES];
};

struct profile_recording *profile_recording_new(const struct profile_recording_sources *from);

/* Looks for VMs; tells the file of those that have come.  timeout_ms: for their guests.  0 or -errno. */
int profile_recording_look(struct profile_recording *f, struct sampling *s, int timeout_ms);

/* Takes what the rings hold.  0, or -errno of the writing. */
int profile_recording_take(struct profile_recording *f, struct sampling *s);

uint64_t profile_recording_samples(const struct profile_recording *f);

/* VMs that were sampled, or were to be; and all that there were. */
const struct profile_recording_vm *profile_recording_vm(const struct profile_recording *f, uint32_t i);
uint32_t profile_recording_nvms(const struct profile_recording *f);
uint32_t profile_recording_nothers(const struct profile_recording *f);

/* Whether the pattern i of --vm has met a VM. */
const bool *profile_recording_met(const struct profile_recording *f);

/* What is known at the end only: guests' kernels, build-ids.  Adds the text of our own section to ret. */
void profile_recording_close(struct profile_recording *f, struct buf *ret);

void profile_recording_free(struct profile_recording *f);

#endif
