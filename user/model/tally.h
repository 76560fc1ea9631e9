/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Totals that never go back, for who reads counters again and again (an
 * exporter): the sums of all views since it began, of the VMs that live.  Pure.
 *
 * What is added is decided when it is added, so that no total ever goes back:
 * what has figures of its own grows there, the rest grows in "other", and
 * nothing is moved from one to the other later.
 */
#ifndef VMPERF_MODEL_TALLY_H
#define VMPERF_MODEL_TALLY_H

#include "view.h"

#define TALLY_ALL UINT32_MAX

/* The name of the sum of all VMs that have no figures of their own. */
#define TALLY_OTHER "other"

struct tally_options {
	/*
	 * Exit reasons of each VM, and as many user-space ones, that have figures of
	 * their own: those that take most time lately; the others are one reason,
	 * "other".  TALLY_ALL, or a number.
	 */
	uint32_t exits;
	bool hide_exits; /* none is shown at all */
	bool per_vcpu;   /* those of vCPUs are shown instead of their VM's */
	/*
	 * At most so many time series: a VM (or a reason of one) that would exceed
	 * it is added to "other".  0: any number.  Those of the host and of "other",
	 * some hundred, are always there.
	 */
	uint32_t max_series;
	/* patterns (as of a shell) of the reasons that have histograms */
	const char *const *histograms;
	uint32_t nhistograms;
	bool ended; /* VMs that have ended are shown as long as a view has them */
};

/* Buckets of a histogram of handling times, "+Inf" left out: [i] holds all of up to
 * bucket_last(TALLY_BUCKET(i)) ns. */
#define TALLY_BUCKETS   8
#define TALLY_BUCKET(i) (9 + 2 * (i))

/* Whether a reason has one. */
bool tally_histogram(const struct tally_options *o, const char *reason);

struct tally;

/* o's patterns are used until tally_free(). */
struct tally *tally_new(const struct tally_options *o);

/*
 * Adds what happened between the sample before and this one.  VMs that ended,
 * and those that v no longer has, are forgotten; one that comes again (a pid
 * with another start time) begins at 0.  If other events are counted than
 * before, all of them begin at 0.
 */
void tally_add(struct tally *t, const struct view *v);

/*
 * All of it, as a view whose counts are the sums: VMs in the order in which
 * they were first seen, the sum of those without figures of their own last.
 * Names are valid UTF-8 (label_clean()) and made unique: a second VM of the same
 * name and UUID is "NAME (2)" as long as both keep these; "other" without a UUID
 * is never a VM's.  A reason that is not shown any more keeps what it has
 * counted until it is shown again.  With per_vcpu vCPUs are those of living
 * threads, by id, each once (-1: all whose id is not known), and gone is what
 * threads had counted when they were gone and that had not been added before;
 * without it neither is filled.  An event's enabled and running are those of the
 * newest interval in which it was to be counted.  interval_ns is the time since
 * the first view.  The total and the CPUs of threads are not filled; longest
 * times mean nothing.  Valid until the next tally_add(); it holds pointers into
 * the sample of the view that was added last.
 */
const struct view *tally_view(const struct tally *t);

/* Whether it is the sum of others, and no VM. */
bool tally_is_other(const struct view_vm *vm);

/* VMs without figures of their own. */
uint32_t tally_others(const struct tally *t);

void tally_free(struct tally *t);

#endif
