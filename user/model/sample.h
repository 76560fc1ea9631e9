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
#include "event.h"

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

/* An event in one mode that was asked for: it is counted, or it is not and stays unknown. */
struct sample_event {
	char *name;    /* as it was asked for, without the modifiers G and H */
	uint32_t mode; /* enum event_mode */
	uint32_t kind; /* enum event_kind */
	bool whole;    /* of whole VMs only: resctrl's */
	bool gauge;    /* a level, not a sum that grows: value is what it is now */
	bool counted;
	char why[EVENT_ERROR]; /* it is not counted */
};

/* What a thread of a VM is for. */
enum thread_class {
	THREAD_VCPU,     /* runs a vCPU */
	THREAD_EMULATOR, /* the VMM's main loop, and what else it has for itself */
	THREAD_IOTHREAD, /* the VMM's threads for devices */
	THREAD_VHOST,    /* the kernel's, for network and other virtio devices */
	THREAD_WORKER,   /* of a pool, for blocking work */
	THREAD_KVM,      /* KVM's own helpers */
	THREAD_OTHER,
	THREAD_CLASSES,
};

/* One thread of a VM, as the scheduler accounts it; all since its birth. */
struct sample_thread {
	uint32_t tid;
	uint32_t class; /* enum thread_class */
	uint64_t start_ns;
	uint64_t cpu_ns, wait_ns, switches, migrations;
	uint32_t cpu; /* that it is on, or was last */
	uint32_t nevents;
	struct vmp_count *events; /* by event; NULL: none is counted */
};

/* The sum over threads of one class that have ended, as they were seen last. */
struct sample_class {
	uint64_t cpu_ns, wait_ns, switches, migrations;
};

enum pin_kind { PIN_VCPU, PIN_EMULATOR, PIN_IOTHREAD };

/* Pinning that libvirt has set; what is not pinned has none. */
struct sample_pin {
	uint32_t kind; /* enum pin_kind */
	uint32_t id;   /* of the vCPU or the iothread; 0 for the emulator */
	char *cpus;    /* "0-3,8" */
};

/* Whether a VM has a virtual PMU. */
enum vpmu { VPMU_UNKNOWN, VPMU_OFF, VPMU_ON };

/* What libvirt knows of a VM beyond its name: of all domains, of nova's, of KubeVirt's. */
enum meta_kind {
	META_TITLE,
	META_INSTANCE, /* nova's name of the instance */
	META_FLAVOR,
	META_PROJECT,   /* its name */
	META_NAMESPACE, /* KubeVirt's */
	META_VMI,       /* KubeVirt's name of the VirtualMachineInstance */
	META_KINDS,
};

struct sample_vcpu {
	uint32_t tid;                /* 0: the sum of the VM's threads that are gone */
	int32_t id;                  /* KVM's vcpu_id; -1 not known */
	uint32_t isa;                /* enum vmp_isa */
	uint64_t first_ns;           /* observed from then on (CLOCK_MONOTONIC); 0: no slot yet */
	uint64_t end_ns;             /* the thread ended then; 0: lives.  For gone threads see observed_ns */
	uint64_t observed_ns;        /* wall time observed up to the sample: what ledger[] adds up to */
	uint64_t ledger[VMP_STATES]; /* up to the sample, the open state included */
	struct vmp_times halts;      /* from the halt to the wake-up */
	struct vmp_times wakes;      /* from the wake-up to the entry into the guest */
	uint32_t ncpus;              /* numbers in cpu_ns */
	uint64_t *cpu_ns;            /* on the CPU, by CPU; NULL: not known */
	uint32_t cpu;                /* that it is on, or was last */
	uint64_t moves, node_moves;  /* to another CPU, to one of another NUMA node */
	uint64_t unpaired, backwards;
	uint64_t flags[VMP_FLAGS];
	uint32_t nexits;
	struct vmp_exit *exits; /* used ones only; [0] is "other" */
	struct vmp_uexit uexits[VMP_UEXITS];
	uint32_t nevents;
	struct vmp_count *events; /* by event; NULL: none is counted */
};

struct sample_vm {
	uint32_t pid;
	uint64_t start_ns;      /* with pid: the identity (CLOCK_BOOTTIME) */
	char *name;             /* never NULL; raw bytes, escaped only on output */
	char uuid[37];          /* lower case; "" none */
	char vmm[32];           /* qemu, firecracker, cloud-hypervisor, crosvm, else the executable's name */
	char machine[64];       /* the VMM's machine type, as it was asked for; "" not known */
	uint32_t vpmu;          /* enum vpmu */
	char *meta[META_KINDS]; /* by enum meta_kind, never "", raw bytes; NULL: none */
	bool ended;             /* the process is gone */
	uint32_t nvcpus;
	struct sample_vcpu *vcpus; /* by id, then tid */
	struct sample_vcpu gone;   /* the sum over threads that have ended */
	uint32_t nthreads;
	struct sample_thread *threads; /* by class, then tid */
	struct sample_class gone_threads[THREAD_CLASSES];
	uint32_t nevents;
	struct vmp_count
		*gone_events; /* of threads that ended: by class, then event; NULL: none is counted */
	struct vmp_count
		*events; /* by event, those of whole VMs; running 0: no value; NULL: none is counted */
	bool pins_known; /* libvirt has told */
	uint32_t npins;
	struct sample_pin *pins; /* by kind, then id */
};

struct sample {
	uint64_t begin_ns; /* CLOCK_MONOTONIC when the first thread was read */
	uint64_t mono_ns;  /* CLOCK_MONOTONIC when the last one was */
	uint64_t real_ns;  /* CLOCK_REALTIME */
	struct host_info host;
	bool load_known;
	uint64_t load[3]; /* the load averages of 1, 5 and 15 minutes, in hundredths */
	/*
	 * bit n: enum vmp_state n can be seen on this host; a state that cannot is
	 * null, never 0.  VMP_RUNNING always can.
	 */
	uint32_t visible;
	bool exits_visible;      /* kvm_exit fires here */
	char invisible_why[200]; /* reason, when anything above is missing; else "" */
	unsigned int nprobes;
	struct probe_info probes[SAMPLE_PROBES];
	uint64_t loss[VMP_LOSSES];
	uint32_t nevents;
	struct sample_event *events; /* in the order in which they were asked for, guest before host */
	bool threads_visible;        /* threads other than vCPUs' can be seen, and were read */
	uint32_t ncpus;              /* possible CPUs of the host */
	uint32_t *cpu_node;          /* by CPU: its NUMA node; NULL: not known */
	uint32_t nvms;
	struct sample_vm *vms; /* by name, then pid */
};

/* Frees what s holds, not s itself; NULL and a zeroed one are fine. */
void sample_free(struct sample *s);

/*
 * Adds what one thread has counted to a sum: exits by code (the table grows,
 * past VMP_EXITS if it must), times by CPU (that table grows, too), the largest
 * of max_ns, the sum of all else.  The sum keeps its tid and id.  A thread of
 * another isa than the sum's (one VM cannot have both) is summed under "other".
 */
void sample_fold(struct sample_vcpu *sum, const struct sample_vcpu *one);

#endif
