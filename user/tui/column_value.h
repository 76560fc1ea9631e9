/* SPDX-License-Identifier: GPL-2.0-only */
/* The values behind cells' texts and what rows are sorted by.  Pure. */
#ifndef VMPERF_TUI_COLUMN_VALUE_H
#define VMPERF_TUI_COLUMN_VALUE_H

#include "column.h"

/* In lists of CPUs: no limit has been set. */
#define COLUMN_ANY "any"

/* What COLUMN_METRIC needs of a row; false: the row is about something else. */
bool column_metric(const struct column *c, const struct row *r, const struct metric **m,
		   struct metric_at *at);

/* The figure of an event that a column is for; false: it has none.  all: room for a sum, which at points to.
 */
bool column_event(const struct column *c, const struct row *r, const struct metric **m, struct metric_at *at,
		  struct view_event *all);

/* The event of a row, in any of its modes: its place in the view's events; -1: the row has none. */
int column_event_of(const struct row *r);

/* Why the event is not counted; NULL: it is, or there is none. */
const char *column_note(const struct row *r);

/* CPU time of a set as a share of one CPU. */
bool column_cpu(const struct row *r, double *ret);

/* A whole number that a column shows; false: it shows none, or there is none. */
bool column_number(const struct column *c, const struct row *r, uint64_t *ret);

#endif
