/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct view: what happened between two samples.  Pure: no clock, no I/O.
 * Every formatter and every screen is a function of a view.
 */
#ifndef VMPERF_MODEL_VIEW_H
#define VMPERF_MODEL_VIEW_H

#include "sample.h"

struct view_exit {
	uint32_t isa;
	uint64_t code;
	char reason[40]; /* as the kernel prints it, in lower or upper case as perf kvm stat does */
	uint64_t count;
	uint64_t ns[VMP_STATES];
	uint64_t max_ns;	  /* longest handling; see view_max() for what an interval can know */
	uint64_t hist[VMP_HIST];
};

struct view_uexit {
	int32_t code; /* KVM_EXIT_*; -4: a signal (restart); -1: another error */
	char reason[40];
	uint64_t count;
	uint64_t ns;
};

/* A VM, a vCPU, or the whole host: they carry the same figures. */
struct view_set {
	uint64_t observed_ns; /* wall time, summed over vCPU threads */
	uint64_t ledger[VMP_STATES];
	uint64_t exit_count;
	uint64_t uexit_count;
	uint64_t flags[VMP_FLAGS];
	uint32_t nexits;
	struct view_exit *exits; /* most time (kvm + vmm) first, then count, then code; none with count and time 0 */
	uint32_t nuexits;
	struct view_uexit *uexits; /* most first */
};

struct view_vcpu {
	int32_t id;
	uint32_t tid;
	struct view_set set;
};

struct view_vm {
	const char *name; /* raw bytes */
	const char *uuid; /* "" none */
	const char *vmm;
	uint32_t pid;
	bool ended;
	struct view_set set; /* gone threads included */
	uint32_t nvcpus;
	struct view_vcpu *vcpus;
};

struct view {
	uint64_t interval_ns;
	uint64_t real_ns; /* end of the interval */
	struct host_info host;
	uint32_t visible;   /* as in struct sample */
	bool exits_visible; /* as in struct sample */
	const char *invisible_why;
	unsigned int nprobes;
	const struct probe_info *probes;
	uint64_t loss[VMP_LOSSES]; /* of the interval */
	uint32_t nvms;
	struct view_vm *vms; /* most exit handling time first, then most exits, then name */
	struct view_set total;
};

/*
 * Builds the view from a to b.  VMs are matched by (pid, start_ns), vCPUs by
 * tid; what is only in b counts from 0; a VM only in a is left out.  A counter
 * that is lower in b than in a gives 0.  Holds pointers into b: b must outlive
 * the view.
 */
struct view *view_build(const struct sample *a, const struct sample *b);
void view_free(struct view *v);

#endif
