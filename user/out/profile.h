/* SPDX-License-Identifier: GPL-2.0-only */
/* A profile, printed.  Pure: a profile in, bytes out. */
#ifndef VMPERF_OUT_PROFILE_H
#define VMPERF_OUT_PROFILE_H

#include "../lib/buf.h"
#include "../model/profile_diff.h"
#include "../model/profile_rows.h"
#include "out.h"

/* The VMs that have samples, the heaviest first; to be freed. */
uint32_t *out_profile_vms(const struct profile_rows *r, uint32_t *ret_n);
/* The part of the whole, 0 to 1. */
double out_profile_part(const struct profile_rows *r, const struct profile_weight *part,
			const struct profile_weight *whole);

/* VMs with their split (sys, user, guest sys, guest user), then the rows. */
void out_profile_table(struct buf *b, const struct profile_rows *r, const struct out_options *o);
/*
 * One object, "schema": 1, pure ASCII: "host" (hostname, kernel, arch), "begin_ns", "duration_ns", "lost",
 * "foreign" (samples of what is no VM, left out), "events" (event, freq, samples, period), "vms", "keys",
 * "rows", "rest" (of rows below the limit), "total".  Weights are "samples", "period" (in the event's unit)
 * and "share": of a VM of all VMs, of its "modes" of the VM, of a row of all.  null: not known, or none.
 */
void out_profile_json(struct buf *b, const struct profile_rows *r);
/* A header row, then the rows: share, samples, period, keys; of a VM name, uuid and pid. */
void out_profile_csv(struct buf *b, const struct profile_rows *r);
/*
 * "VM;mode;caller;…;function WEIGHT" lines, as flamegraph.pl, inferno and speedscope take them; functions
 * are written module`function.  The weight is the period; if events are mixed, samples.
 */
void out_profile_folded(struct buf *b, const struct profile_rows *r);
/* A flame graph: one file of HTML that loads nothing. */
void out_profile_html(struct buf *b, const struct profile_rows *r, const char *title);

/* Shares before and after, and the change in points of a hundred; o->source: what A and B are called. */
void out_profile_diff_table(struct buf *b, const struct profile_diff *d, const struct out_options *o);
/* One object, "schema": 1: "before" and "after" (host, samples …), "keys", "rows" (before, after, change). */
void out_profile_diff_json(struct buf *b, const struct profile_diff *d);
void out_profile_diff_csv(struct buf *b, const struct profile_diff *d);

#endif
