/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct sample: all that was read at one moment, raw and monotonic.  It can
 * be saved and replayed; two of them make a struct view.
 */
#ifndef VMPERF_MODEL_SAMPLE_H
#define VMPERF_MODEL_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/vmperf.h"

enum probe_status {
	PROBE_OFF,         /* not asked for */
	PROBE_ACTIVE,      /* attached and able to fire */
	PROBE_UNAVAILABLE, /* this host does not have it */
	PROBE_FAILED,      /* it is there, attaching failed */
};

struct probe_info {
	char name[32]; /* the hook's name: kvm_exit, kvm_entry, … */
	enum probe_status status;
	char reason[160]; /* why it is not active; "" when it is */
};

#define SAMPLE_PROBES 16

/* What is the same for the whole run. */
struct host_info {
	char hostname[65];
	char kernel[65];
	char arch[65];     /* as uname -m has it */
	unsigned int cpus; /* online */
	bool kvm_loaded;
	char kvm_vendor[32]; /* kvm_amd, kvm_intel, kvm_pvm, … ; "" unknown or none */
};

struct sample_vcpu {
	uint32_t tid;                /* 0: the sum of the VM's threads that are gone */
	int32_t id;                  /* KVM's vcpu_id; -1 not known */
	uint32_t isa;                /* enum vmp_isa */
	uint64_t first_ns;           /* observed from then on (CLOCK_MONOTONIC); 0: not yet */
	uint64_t end_ns;             /* the thread ended then; 0: lives.  For gone threads see observed_ns */
	uint64_t observed_ns;        /* wall time observed up to the sample: what ledger[] adds up to */
	uint64_t ledger[VMP_STATES]; /* up to the sample, the open state included */
	uint64_t unpaired, backwards;
	uint64_t flags[VMP_FLAGS];
	uint32_t nexits;
	struct vmp_exit *exits; /* used ones only; [0] is "other" */
	struct vmp_uexit uexits[VMP_UEXITS];
};

struct sample_vm {
	uint32_t pid;
	uint64_t start_ns; /* with pid: the identity (CLOCK_BOOTTIME) */
	char *name;        /* never NULL; raw bytes, escaped only on output */
	char uuid[37];     /* lower case; "" none */
	char vmm[32];      /* qemu, firecracker, cloud-hypervisor, crosvm, else the executable's name */
	bool ended;        /* the process is gone */
	uint32_t nvcpus;
	struct sample_vcpu *vcpus; /* by id, then tid */
	struct sample_vcpu gone;   /* the sum over threads that have ended */
};

struct sample {
	uint64_t mono_ns; /* CLOCK_MONOTONIC */
	uint64_t real_ns; /* CLOCK_REALTIME */
	struct host_info host;
	/* bit n: enum vmp_state n can be seen on this host; a state that cannot is null, never 0 */
	uint32_t visible;
	bool exits_visible;      /* kvm_exit fires here */
	char invisible_why[200]; /* reason, when anything above is missing; else "" */
	unsigned int nprobes;
	struct probe_info probes[SAMPLE_PROBES];
	uint64_t loss[VMP_LOSSES];
	uint32_t nvms;
	struct sample_vm *vms; /* by name, then pid */
};

/* Frees what s holds, not s itself; NULL and a zeroed one are fine. */
void sample_free(struct sample *s);

/*
 * Adds what one thread has counted to a sum: exits by code (the table grows,
 * past VMP_EXITS if it must), the largest of max_ns, the sum of all else.  The
 * sum keeps its tid and id.  A thread of another isa than the sum's (one VM
 * cannot have both) is summed under "other".
 */
void sample_fold(struct sample_vcpu *sum, const struct sample_vcpu *one);

#endif
