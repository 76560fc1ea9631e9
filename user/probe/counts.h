/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel side counts of events, by threads' numbers: the tables' sizes,
 * their mapping and reading.  The events themselves: counting.h.
 */
#ifndef VMPERF_PROBE_COUNTS_H
#define VMPERF_PROBE_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/vmperf.h"

struct counting;
struct exit_bpf;

struct counts {
	struct exit_bpf *x;
	const struct counting *counting;
	uint32_t nslots, nothers, ncpus;
	size_t each;              /* bytes of one value of event_counts */
	struct vmp_other *others; /* NULL: nothing is counted */
	char *counts;             /* by number */
	struct vmp_event_cpu *cpus;
	size_t others_size, counts_size, cpus_size;
};

/* Before loading: sizes the tables of the kernel side; without events they stay empty. */
void counts_size(struct counts *c, struct exit_bpf *x, const struct counting *counting, uint32_t nslots,
		 uint32_t ncpus);

/* After loading.  0 or -errno. */
int counts_map(struct counts *c);

/* All threads that are on a CPU now have their counts up to now. */
void counts_flush_all(struct counts *c);

/* The same for those that have a number. */
void counts_flush(struct counts *c);

/* From now on events with these bits are read only; all threads that are on a CPU have their counts up to
 * now. */
void counts_want(struct counts *c, uint32_t on);

/* Sets stale[CPU] where an event was found to count no more since the last time. */
void counts_stale(struct counts *c, bool *stale);

/* As probe_counts(), probe_other() and probe_recycle() have it; i: the number. */
void counts_read(const struct counts *c, uint32_t i, struct vmp_count *ret);
bool counts_other(const struct counts *c, uint32_t i, struct vmp_other *ret);
void counts_recycle(struct counts *c, uint32_t i);

void counts_unmap(struct counts *c);

#endif
