/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prometheus' text format 0.0.4, and OpenMetrics 1.0.0.  Series, labels, types
 * and help texts come from the metric table.  Pure.
 */
#ifndef VMPERF_OUT_PROM_H
#define VMPERF_OUT_PROM_H

#include "../lib/buf.h"
#include "../model/tally.h"

/* What an exporter tells of itself; as in the clients of Prometheus, where these have names for it. */
struct prom_self {
	double cpu_seconds;                /* of all its threads */
	uint64_t resident_bytes, open_fds; /* 0: not known */
	double start_seconds;              /* since 1970 */
	uint64_t scrapes;                  /* pages made so far */
	double scrape_seconds;             /* that making the page before this one took */
	uint64_t requests, refused;        /* of HTTP: all; those that were answered by an error */
	uint32_t other_vms;                /* tally_others() */
	/* it becomes a part of another exporter's page, which has process_… and HTTP of its own */
	bool textfile;
};

struct prom_options {
	bool openmetrics;
	const struct tally_options *tally; /* those of the tally that v is of */
	const struct prom_self *self;      /* NULL: nothing of itself */
};

/*
 * v is of tally_view(), which makes names unique.  Each family stands in one
 * block, families in the order of the metric table, and only if it has series;
 * VMs in v's order.  What is not visible has no series, a reason (also "other")
 * that has not occurred has none either, nor has a state that is 0 for its
 * reason.  Buckets are those of TALLY_BUCKET(); _sum has exits that are not over
 * yet, _count has not.
 */
void out_prom(struct buf *b, const struct view *v, const struct prom_options *o);

/* The values of Content-Type that go with it. */
const char *prom_content_type(bool openmetrics);

#endif
