/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct view: what happened between two samples.  Pure: no clock, no I/O.
 * Every formatter and every screen is a function of a view.
 */
#ifndef VMPERF_MODEL_VIEW_H
#define VMPERF_MODEL_VIEW_H

#include "exit.h"
#include "sample.h"

struct view_exit {
	uint32_t isa;
	uint64_t code;
	char reason[EXIT_NAME_SIZE];
	uint64_t count;
	uint64_t ns[VMP_STATES];
	uint64_t max_ns; /* longest handling; see view_max() for what an interval can know */
	bool max_exact;  /* false: max_ns is an upper bound */
	uint64_t hist[VMP_HIST];
};

struct view_uexit {
	int32_t code; /* KVM_EXIT_*; -4: a signal (restart); -1: another error */
	char reason[EXIT_NAME_SIZE];
	uint64_t count;
	uint64_t ns; /* in the VMM, until the next entry */
};

/* Times of one kind in the interval. */
struct view_times {
	uint64_t count, ns;
	uint64_t max_ns;
	bool max_exact; /* false: max_ns is an upper bound */
	uint64_t hist[VMP_HIST];
};

/* What one event counted in the interval. */
struct view_event {
	bool known;                /* false: there is no value; not counted, or it never had a counter */
	uint64_t value;            /* scaled by enabled / running, thread by thread */
	uint64_t enabled, running; /* ns; running / enabled is the part that was counted, the rest is
				      estimated or missing */
};

/* The threads of one class of a VM. */
struct view_class {
	uint32_t class; /* enum thread_class */
	uint32_t count; /* that live at the end */
	uint64_t cpu_ns, wait_ns, switches, migrations;
	struct sample_class total; /* since the threads' birth */
	struct view_event *events; /* by event, struct view's nevents */
	bool *on; /* by CPU, struct view's ncpus: one of them was on it, or had been last, at an end of the
		     interval */
};

/* A VM, a vCPU, or the whole host: they carry the same figures. */
struct view_set {
	uint64_t observed_ns; /* wall time, summed over vCPU threads */
	/* adds up to observed_ns; time in a state that is not visible here stands in running */
	uint64_t ledger[VMP_STATES];
	/*
	 * What cost, shares and verdict are made of, where idle is visible: busy_ns
	 * is the wall time without idle, handling_ns what kvm and vmm have of it.
	 */
	uint64_t busy_ns;
	uint64_t handling_ns;
	uint32_t isa; /* enum vmp_isa, of the first thread that has one */
	uint64_t exit_count;
	uint64_t uexit_count;
	uint64_t unpaired, backwards;
	uint64_t flags[VMP_FLAGS];
	struct view_times halts, wakes; /* as in struct sample_vcpu */
	uint32_t ncpus;                 /* numbers in cpu_ns */
	uint64_t *cpu_ns;               /* on the CPU, by CPU; NULL: not known */
	uint64_t moves, node_moves;
	uint32_t nevents;
	/* by event, of the vCPU threads; a VM and the host have those of whole VMs, too */
	struct view_event *events;
	uint32_t nexits;
	struct view_exit
		*exits; /* most time (kvm + vmm) first, then count, then code; none with count and time 0 */
	uint32_t nuexits;
	struct view_uexit *uexits; /* most time first, then count, then code */
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
	const char *machine; /* the VMM's machine type; "" not known */
	enum vpmu vpmu;
	const char *meta[META_KINDS]; /* by enum meta_kind, raw bytes; NULL: none */
	uint32_t pid;
	uint64_t start_ns; /* as in struct sample_vm */
	bool ended;
	struct view_set set;  /* gone threads included */
	struct view_set gone; /* those alone: what set has and no vCPU of vcpus */
	uint64_t lost_ns;     /* in kvm, vmm, poll, blocked and wait; 0 when the VM is paused */
	uint32_t nvcpus;
	struct view_vcpu *vcpus;
	uint32_t nclasses;
	struct view_class *classes; /* those that have, or had, threads; in the order of enum thread_class */
	struct view_event *events;  /* by event, of all threads of the VM; those of whole VMs */
	bool pins_known;
	uint32_t npins;
	const struct sample_pin *pins;
};

struct view {
	uint64_t interval_ns;
	uint64_t skew_ns; /* a vCPU that lived all the interval was observed for that time, give or take this
			   */
	uint64_t real_ns; /* end of the interval */
	struct host_info host;
	bool load_known;
	const uint64_t *load; /* as in struct sample */
	uint32_t visible;     /* as in struct sample */
	bool exits_visible;   /* as in struct sample */
	bool uexits_visible;  /* the probe kvm_userspace_exit is active */
	const char *invisible_why;
	unsigned int nprobes;
	const struct probe_info *probes;
	uint64_t loss[VMP_LOSSES]; /* of the interval */
	uint32_t nevents;
	const struct sample_event *events;
	bool threads_visible;
	uint32_t ncpus;
	const uint32_t *cpu_node; /* as in struct sample */
	uint32_t nvms;
	uint32_t nvcpus;     /* of all VMs */
	struct view_vm *vms; /* most lost_ns first, then exits, user-space exits, name, pid */
	struct view_set total;
};

/*
 * Builds the view from a to b; a may be NULL: all counts from 0.  VMs are
 * matched by (pid, start_ns), vCPUs by tid and first_ns; what is only in b
 * counts from 0; a VM only in a is left out.  What a thread had counted in a
 * and that is among the gone threads' sum in b is not counted again.  A
 * counter that is lower in b than in a gives 0.  Where the samples have other
 * events, b's count from 0.  Holds pointers into b: b must outlive the view.
 */
struct view *view_build(const struct sample *a, const struct sample *b);
void view_free(struct view *v);

#endif
