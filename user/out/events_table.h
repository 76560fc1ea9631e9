/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of events, and what every table says of those that are not counted. */
#ifndef VMPERF_OUT_EVENTS_TABLE_H
#define VMPERF_OUT_EVENTS_TABLE_H

#include "out.h"

/* A row for each VM and event: the guest's part and the host's. */
void events_table(struct buf *b, const struct view *v, const struct out_options *o);

/* A line for each event that is not counted, with why; by event one if none was asked for. */
void events_notes(struct buf *b, const struct view *v, const struct out_options *o);
bool events_have_notes(const struct view *v, const struct out_options *o);

#endif
