/* SPDX-License-Identifier: GPL-2.0-only */
/* A profile, printed.  Pure: a profile in, bytes out. */
#ifndef VMPERF_OUT_PROFILE_H
#define VMPERF_OUT_PROFILE_H

#include "../lib/buf.h"
#include "../model/profile_diff.h"
#include "../model/profile_rows.h"
#include "out.h"

/* VMs with their split (sys, user, guest sys, guest user), then the rows. */
void out_profile_table(struct buf *b, const struct profile_rows *r, const struct out_options *o);
/* One object, "schema": 1. */
void out_profile_json(struct buf *b, const struct profile_rows *r);
void out_profile_csv(struct buf *b, const struct profile_rows *r);
/* "VM;mode;caller;…;function COUNT" lines, as flamegraph.pl, inferno and speedscope take them. */
void out_profile_folded(struct buf *b, const struct profile_rows *r);
/* A flame graph: one file of HTML that loads nothing. */
void out_profile_html(struct buf *b, const struct profile_rows *r, const char *title);

void out_profile_diff_table(struct buf *b, const struct profile_diff *d, const struct out_options *o);
void out_profile_diff_json(struct buf *b, const struct profile_diff *d);
void out_profile_diff_csv(struct buf *b, const struct profile_diff *d);

#endif
