/* SPDX-License-Identifier: GPL-2.0-only */
/* From the kernel side's counts, by threads' numbers, and resctrl's to the events of a sample. */
#ifndef VMPERF_PROBE_COUNTED_H
#define VMPERF_PROBE_COUNTED_H

#include "probe.h"

struct counted;

/* After probe_open(), for root without capabilities, too: opens resctrl if one of its events is asked for. */
struct counted *counted_new(struct probe *p);

/*
 * Events of whole VMs are told of VMs that match one of these (select_vm();
 * none: of all): the hardware can tell them of a few VMs only.  Kept by pointer.
 */
void counted_select(struct counted *c, const char *const *patterns, uint32_t n);

/*
 * What the next readings are to hold, METRIC_NEEDS_*.  Whether threads must be known for it: events are
 * counted, or monitored by resctrl, by thread.
 */
bool counted_want(struct counted *c, uint32_t needs);

/* A reading begins: threads that are on a CPU are brought up to date, and all counts of threads taken. */
void counted_begin(struct counted *c);

/* The counts of the thread with slot i. */
void counted_vcpu(const struct counted *c, uint32_t i, struct sample_vcpu *v);

/* The sample has all its VMs, with their vCPUs and threads: fills in what the events have counted. */
void counted_end(struct counted *c, struct sample *s);

/* Threads of this sample that were not counted so far are counted from now on. */
void counted_adopt(struct counted *c, const struct sample *s);

/* The same for the first sample, which then has them with counts of 0. */
void counted_start(struct counted *c, struct sample *s);

/* A VM has ended, and all of it was told. */
void counted_forget(struct counted *c, uint32_t pid, uint64_t start_ns);

void counted_free(struct counted *c);

#endif
