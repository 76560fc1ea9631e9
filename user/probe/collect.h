/* SPDX-License-Identifier: GPL-2.0-only */
/* From slots and names to struct sample: the only way data leaves user/probe. */
#ifndef VMPERF_PROBE_COLLECT_H
#define VMPERF_PROBE_COLLECT_H

#include "../host/vms.h"
#include "../model/sample.h"
#include "probe.h"

struct collect;

/*
 * Keeps p (NULL: nothing can be measured, samples then hold the host only)
 * and v; frees neither.  why: the reason when p is NULL.
 */
struct collect *collect_new(struct probe *p, struct vms *v, const char *why);

/* As counted_select() has it. */
void collect_select(struct collect *c, const char *const *patterns, uint32_t n);

/*
 * What the next samples are to hold, METRIC_NEEDS_*: of what is not among it
 * they have older numbers, and it costs next to nothing.  At first it is all.
 * Differences mean something between two samples that were to hold it.
 */
void collect_needs(struct collect *c, uint32_t needs);

/*
 * Handles what has come or gone, to be called when probe_news_fd() is
 * readable, and each second: names threads' VMs while they live, makes room when
 * slots run short, counts events on CPUs that came.
 */
void collect_news(struct collect *c);

/*
 * Takes a sample.  VMs that have ended and threads that are gone are in one
 * sample more, then their totals are folded and they are forgotten.
 */
void collect_sample(struct collect *c, struct sample *ret);

/*
 * The first sample, and from then on everything is counted: it holds nothing of
 * what the next ones tell.  Called once.
 */
void collect_start(struct collect *c, struct sample *ret);

void collect_free(struct collect *c);

#endif
