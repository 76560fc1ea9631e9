/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between two intervals, of the same VMs or of what has the same
 * names elsewhere.  Pure.
 *
 * Compared are the figures of the metric table that do not grow with the
 * interval: shares, rates, means, quantiles.
 */
#ifndef VMPERF_MODEL_DIFF_H
#define VMPERF_MODEL_DIFF_H

#include "metric.h"

enum diff_side { DIFF_A, DIFF_B, DIFF_SIDES };

/* An exit reason, or a user-space exit reason, of one VM. */
struct diff_reason {
	const char *reason;
	uint32_t isa;  /* of an exit */
	uint64_t code; /* of a user-space exit the int32_t */
	/* zeroed: there was none of it; NULL: none can be seen there, or it is one of the other kind */
	const struct view_exit *exit[DIFF_SIDES];
	const struct view_uexit *uexit[DIFF_SIDES];
	double share[DIFF_SIDES]; /* its handling, of the observed time of the VM's vCPUs; < 0: not visible */
	double rate[DIFF_SIDES];  /* a second; 0 where it is not visible */
};

struct diff_vm {
	const struct view_vm *vm[DIFF_SIDES]; /* NULL: it is not there */
	double lost[DIFF_SIDES];              /* of each second of its vCPUs; 0 where it is not */
	bool lost_known[DIFF_SIDES];          /* it is there, and states in which time is lost are visible */
	bool lost_alike;                      /* known on both sides, of the same states */
	double exits_per_second[DIFF_SIDES], uexits_per_second[DIFF_SIDES]; /* the same */
	/* Most change of share first, then of the rate */
	uint32_t nexits, nuexits;
	struct diff_reason *exits, *uexits;
};

struct diff {
	const struct view *view[DIFF_SIDES];
	uint32_t nvms;
	struct diff_vm *vms; /* most change of lost time first, then of exits, user-space exits, name */
};

/*
 * VMs are matched by UUID, else by name; where several are the same by that,
 * by both, then by pid.  Holds pointers into a and b: they must outlive it.
 */
struct diff *diff_build(const struct view *a, const struct view *b);
void diff_free(struct diff *d);

/* What a VM is called: as b has it, if it is there. */
const struct view_vm *diff_any(const struct diff_vm *vm);

/* Whether a metric is one that is compared. */
bool diff_compares(const struct metric *m);

struct diff_figure {
	const struct metric *metric;
	bool known[DIFF_SIDES];
	struct metric_value value[DIFF_SIDES];
};

/* reason: what a figure of METRIC_EXIT or METRIC_UEXIT is of; else NULL. */
struct diff_figure diff_figure(const struct diff *d, const struct diff_vm *vm,
			       const struct diff_reason *reason, const struct metric *m);

/* What b has more than a.  False: one of them is not known. */
bool diff_change(const struct diff_figure *f, double *change);

/* How many times a's value b's is.  False: one of them is not known, or there was none. */
bool diff_ratio(const struct diff_figure *f, double *ratio);

/*
 * One figure among those that people are shown.  Its weight makes them
 * comparable: a change of a share of the time is that; a change of anything else
 * weighs the time that it may be about (a reason's handling time, a tenth of a
 * VM's busy time), and the more of it the larger the part that changed.
 */
struct diff_row {
	const struct diff_vm *vm;
	const struct diff_reason *reason; /* NULL: a figure of the VM */
	struct diff_figure figure;
	double weight;
	size_t place; /* in the order of VMs, reasons, figures */
};

/* What is less than that is noise. */
#define DIFF_WEIGHT 0.01

/*
 * The top figures of most weight, of VMs that both sides have, in the order of
 * VMs, reasons and the metric table.  top 0: all.  level: METRIC_SET, or of which
 * reasons.  To be freed by free().
 */
struct diff_row *diff_rows(const struct diff *d, enum metric_level level, uint32_t top, size_t *n);

#endif
