/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's records of a perf.data file, applied in order: which process
 * had which names and mappings when a sample was taken.  All samples go to one
 * profile, in which each process is a VM; perf_read_vms.h makes the real one
 * of it.
 */
#ifndef VMPERF_PROFILE_PERF_READ_TASKS_H
#define VMPERF_PROFILE_PERF_READ_TASKS_H

#include "../model/profile.h"
#include "perf_read_events.h"
#include "perf_read_maps.h"

/* What mappings told of a kernel. */
struct perf_kernel {
	bool known;  /* there was one */
	bool unsure; /* they contradict each other: another one was booted */
	char ref_name[32];
	uint64_t ref_addr; /* 0: not known */
	uint8_t build_id[PROFILE_BUILD_ID];
	uint8_t build_id_size;
};

/* The place of a process is that of its VM in the profile. */
struct perf_process {
	struct perf_maps *maps;
	struct perf_kernel *guest; /* NULL: no mapping of its kernel */
	bool has_guest_samples, has_vcpu;
};

struct perf_thread {
	uint32_t pid;
	int32_t vcpu;
	uint32_t place; /* in the profile; PROFILE_NONE: no sample yet */
	char *comm;     /* "" not known */
};

struct perf_tasks {
	struct perf_events *events;
	struct profile *profile; /* its events are those of the file, named by their places */
	struct perf_table pids, tids;
	struct perf_process *processes; /* by the place of the pid */
	struct perf_thread *threads;    /* by the place of the tid */
	struct perf_kernel host,
		guest;             /* guest: "[guest.kernel.kallsyms]", of those that have none of their own
				    */
	uint64_t begin, end;       /* times of samples; begin PERF_NO_TIME: none */
	uint64_t damaged, nobodys; /* records, samples that could not be read; of events that are unknown */
	uint64_t random;
	struct profile_frame *frames; /* room for a call chain */
	size_t max_frames;
};

/* t is zeroed, apart from events, which it only refers to. */
void perf_tasks_init(struct perf_tasks *t, struct perf_events *events);

/* A record of the kernel's types, of at least 8 bytes; others are passed over. */
void perf_tasks_record(struct perf_tasks *t, const uint8_t *record, size_t size);

/* The comm of the process's first thread; "" not known. */
const char *perf_tasks_comm(const struct perf_tasks *t, uint32_t pid);

void perf_tasks_free(struct perf_tasks *t);

#endif
