/* SPDX-License-Identifier: GPL-2.0-only */
/* The exporter's page for people: what this is, where its pages are, VMs and probes at a glance.  Pure. */
#ifndef VMPERF_OUT_LANDING_H
#define VMPERF_OUT_LANDING_H

#include "../lib/buf.h"
#include "../model/view.h"

/* VMs in its table; of the others only the number is told. */
#define LANDING_VMS 200

#define LANDING_TYPE "text/html; charset=utf-8"

struct landing {
	const char *version;
	const char *waiting; /* why nothing is measured yet; NULL: it is */
	const char *replay;  /* the record that is played; NULL: none */
	uint32_t others;     /* VMs that have one row together: tally_others() */
};

/* v: the totals.  HTML that needs nothing from elsewhere; text from elsewhere cannot become part of its form.
 */
void out_landing(struct buf *b, const struct view *v, const struct landing *l);

#endif
