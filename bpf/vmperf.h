/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract: the only header that both the BPF programs and user space
 * include.  Fixed-width types, explicit values, sizes asserted.
 *
 * All times are nanoseconds of CLOCK_MONOTONIC.  All counters only grow while
 * a slot belongs to one thread.
 */
#ifndef VMPERF_H
#define VMPERF_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* States of a vCPU thread: each nanosecond of its life is in exactly one. */
enum vmp_state {
	VMP_GUEST = 0,   /* runs guest code */
	VMP_KVM = 1,     /* in the kernel, handling an exit */
	VMP_VMM = 2,     /* in user space: the VMM handles the exit */
	VMP_POLL = 3,    /* halted, KVM polls on the CPU for a wake-up */
	VMP_IDLE = 4,    /* halted, off the CPU */
	VMP_BLOCKED = 5, /* off the CPU, sleeping for another reason */
	VMP_WAIT = 6,    /* runnable, another thread has the CPU */
	/*
	 * On the CPU, in guest, kvm or vmm, not known which: a thread that had no
	 * entry or exit yet; all the time of one whose KVM fires neither.
	 */
	VMP_RUNNING = 7,
	VMP_STATES = 8,
};

/* Instruction sets of exit codes: the values of KVM's isa (include/trace/events/kvm.h). */
enum vmp_isa {
	VMP_ISA_NONE = 0,
	VMP_ISA_VMX = 1,
	VMP_ISA_SVM = 2,
	VMP_ISA_ARM64 = 3, /* ours: arm64's tracepoints carry no isa */
};

#define VMP_EXITS         64 /* dense table of exit codes per slot; [0] takes what does not fit */
#define VMP_HIST          32 /* log2 buckets: [k] counts 2^k <= ns < 2^(k+1); [0] has 0 too, the last all above */
#define VMP_UEXITS        64      /* user-space exits, by KVM_EXIT_* */
#define VMP_UEXIT_RESTART 62      /* KVM_RUN ended by -EINTR: a signal */
#define VMP_UEXIT_ERROR   63      /* KVM_RUN ended by another error */
#define VMP_UEXIT_UNKNOWN 61      /* a code of 61 and more */
#define VMP_DENSE         256     /* low 8 bits of an exit code -> its place in the dense table */
#define VMP_INDEX         4096    /* direct-mapped index: task -> slot */
#define VMP_CODE_OTHER    (~0ULL) /* exit[0].code: the sum of all codes that did not fit */

/* arm64: exits that are no trap have their own codes, above the 6 bits of ESR_EL2.EC. */
#define VMP_ARM64_RET 0x80 /* + ARM_EXCEPTION_* (arch/arm64/include/asm/kvm_asm.h) */

/* One exit reason of one vCPU thread. */
struct vmp_exit {
	__u64 code;           /* VMX: basic reason (bits 15:0); SVM: exit_code; arm64: see above */
	__u64 count;          /* in a slot: exits that no entry has ended (all others stand in hist[]) */
	__u64 ns[VMP_STATES]; /* time until the next entry, by state; guest and running stay 0 */
	__u64 max_ns;         /* longest handling (kvm + vmm) */
	__u64 bucket;         /* the kernel side's own: the last bucket, mostly the next one too */
	__u64 hist[VMP_HIST]; /* handling times of finished exits */
};

/* One KVM_EXIT_* reason of one vCPU thread. */
struct vmp_uexit {
	__u64 count;
	__u64 ns; /* in the state vmm, until the next entry */
};

/* Times of one kind. */
struct vmp_times {
	__u64 ns; /* their sum */
	__u64 max_ns;
	__u64 hist[VMP_HIST];
};

/* VMX exit reasons carry flags above the basic reason (SDM vol. 3, 24.9.1). */
enum vmp_flag {
	VMP_FLAG_BUS_LOCK = 0,     /* bit 26 */
	VMP_FLAG_ENCLAVE = 1,      /* bit 27 */
	VMP_FLAG_FAILED_ENTRY = 2, /* bit 31 */
	VMP_FLAG_OTHER = 3,        /* any other bit above 15 */
	VMP_FLAGS = 4,
};

/*
 * What a slot's thread does: its state, and the place in exit[] of the exit
 * that is open.  An exit that KVM handles is the place alone, as long as all
 * of its time lies since the last event: the entry after it is told from all
 * others by one comparison.  VMP_MODE_SPLIT: a part of the open exit's time
 * has been charged already.
 */
#define VMP_MODE(state, place) (((__u32)(state) ^ VMP_KVM) << 8 | (place))
#define VMP_MODE_STATE(mode)   ((mode) >> 8 ^ VMP_KVM)
#define VMP_MODE_PLACE(mode)   ((mode) & (VMP_EXITS - 1))
#define VMP_MODE_SPLIT         0x40U

enum vmp_life {
	VMP_FREE = 0,
	VMP_LIVE = 1,
	VMP_GONE = 2, /* the thread has ended; user space folds and frees the slot */
};

/*
 * One vCPU thread.  Its thread is the only writer while it lives, of all but
 * woken_ns.  A reader takes a copy and keeps it if begin == since held before
 * and after (begin is written first in each update, since last).
 */
struct vmp_slot {
	__u64 begin;          /* start of the last update */
	__u64 since;          /* end of the last update: the current state began then */
	__u64 ns[VMP_STATES]; /* time outside exits, signed; all other time stands in exit[].ns */
	__u32 mode;           /* VMP_MODE() */
	__u32 used;           /* places taken in exit[], [0] included */
	__u32 life;           /* enum vmp_life */
	__u32 isa;            /* enum vmp_isa */
	__u32 tid;
	__u32 tgid;
	__u64 start_ns;  /* the process's start: CLOCK_BOOTTIME, as in /proc/PID/stat field 22 */
	__u64 first_ns;  /* the ledger begins */
	__u64 end_ns;    /* the thread ended (0: lives) */
	__s32 vcpu_id;   /* as KVM counts; -1: not known from the tracepoint */
	__u32 uexit;     /* the open user-space exit's place in uexits[] */
	__u64 unpaired;  /* exits with no entry before, entries with no exit before */
	__u64 backwards; /* clock readings that lay before the last one: their time is 0 */
	__u64 flags[VMP_FLAGS];
	char comm[16];

	/* off the CPU */
	__u32 back;     /* enum vmp_state: where it goes on when it is back */
	__u32 entered;  /* it has had an entry or an exit: KVM fires them here */
	__u64 woken_ns; /* made runnable then (0: not yet); written by the thread that wakes it */
	__u64 woke_ns;  /* the same of its last sleep */

	/* the open exit */
	__u64 handled_ns; /* handling time (kvm + vmm) charged so far, with VMP_MODE_SPLIT */
	__u64 halt_ns;    /* on the CPU before it slept, halted: kvm and poll, told apart when it has woken */
	__u64 poll_ns;    /* as long KVM may have polled of that, at most: what a reader takes for poll */
	__u64 poll_fail;  /* KVM's own sum of polls in vain (halt_poll_fail_ns) before this one; 0: not known
			   */
	__u64 late_ns;    /* a halt ended: it was woken then, and has not entered the guest since (0: no) */

	/* where it runs */
	__u64 cpu;        /* that it is on, or was last */
	__u64 on_ns;      /* on it since then */
	__u64 moves;      /* arrivals on another CPU than before */
	__u64 node_moves; /* arrivals on another node */

	struct vmp_times halts; /* from the halt to the wake-up, polling included */
	struct vmp_times wakes; /* from the wake-up after a halt to the entry into the guest */
	__u64 dense[VMP_DENSE]; /* by the code's low bits: the mode it leads to << 32 | code */
	struct vmp_uexit uexits[VMP_UEXITS];
	struct vmp_exit exit[VMP_EXITS];
};

/* Events counted at once, guest and host parts apart. */
#define VMP_EVENTS 32

/* What an event counted, and for how long it was to be and was counted (ns). */
struct vmp_count {
	__u64 value;
	__u64 enabled; /* the thread was on a CPU */
	__u64 running; /* and the event had a counter; less than enabled: others had it, too */
};

/*
 * What the events counted for one thread: the value of the map event_counts, by
 * the thread's number (slots first, then other threads), as long as there are events.
 * A reader takes a copy and keeps it if both held the same number before and after.
 */
struct vmp_counts {
	__u64 begin, end; /* updates begun and ended */
	struct vmp_count of[VMP_EVENTS];
};

/* What the events showed on one CPU when a thread's part began there. */
struct vmp_event_cpu {
	__u64 owner; /* the number, + 1, of the thread of a VM that is on this CPU; 0: none */
	__u64 valid; /* bit n: of[n] was read */
	__u64 stale; /* bit n: event n counts here no more; cleared by user space */
	struct vmp_count of[VMP_EVENTS];
};

/* A thread of a VM that runs no vCPU: it has events only. */
struct vmp_other {
	__u32 life; /* enum vmp_life */
	__u32 tid;
	__u32 tgid; /* of its process; a kernel thread's is its own tid */
	__u32 unused;
	__u64 start_ns; /* the thread's start (CLOCK_BOOTTIME) */
};

/* A seed's value: a thread of a VM that runs no vCPU; else KVM's number of its vCPU. */
#define VMP_SEED_OTHER (-2)

/* What could not be counted; all since the start.  Names: model/loss.c. */
enum vmp_loss {
	VMP_LOSS_SLOTS = 0,     /* events of vCPU threads that found no free slot */
	VMP_LOSS_STORAGE = 1,   /* events whose task storage could not be made */
	VMP_LOSS_UNPAIRED = 2,  /* exits without an entry before them, or the reverse */
	VMP_LOSS_BACKWARDS = 3, /* clock readings that ran backwards */
	VMP_LOSS_MISSED = 4,    /* runs of our programs that the kernel skipped */
	VMP_LOSS_UNNAMED = 5,   /* VMs that ended, or hid, before they could be named */
	VMP_LOSS_EVENTS =
		6, /* event readings that failed or ran backwards, and threads without room for counts */
	VMP_LOSSES = 7,
};

/* One record of the VM iterator: a KVM file that its own process holds open. */
enum vmp_file_kind { VMP_FILE_VM = 1, VMP_FILE_VCPU = 2 };

struct vmp_file {
	__u32 kind;     /* enum vmp_file_kind */
	__u32 tgid;     /* of the process that owns the VM (same mm) */
	__u64 start_ns; /* start of that process, as in struct vmp_slot */
	__u64 kvm;      /* tells VMs of one process apart; never shown */
	__u32 tid;      /* VCPU: the thread that last ran it, 0: none yet */
	__s32 vcpu_id;  /* VCPU: as KVM counts; VM: -1 */
	char comm[16];
};

/* A process whose threads are asked for: the value of the map vm_pids, by pid. */
struct vmp_process {
	__u64 start_ns; /* as in struct vmp_slot: another process that has the pid now is not meant */
	__u64 session;  /* the kernel side's own: the reading that has told its ended threads */
};

/*
 * One thread that belongs to a VM: of its process, or one that the kernel runs
 * for it.  All since the thread's birth, as the scheduler accounts it.
 * tid 0: the sum over the process's threads that have ended; the kernel keeps
 * cpu_ns and switches only.
 */
struct vmp_thread {
	__u32 tid;
	__u32 tgid;       /* of the VM's process; a kernel thread's is its own tid */
	__u64 start_ns;   /* the thread's start (CLOCK_BOOTTIME) */
	__u64 cpu_ns;     /* on the CPU, up to the last tick (se.sum_exec_runtime) */
	__u64 wait_ns;    /* runnable, off the CPU, up to the last arrival (sched_info.run_delay) */
	__u64 switches;   /* times it left the CPU, of its own will or not */
	__u64 migrations; /* times the scheduler moved it to another CPU */
	__u32 cpu;        /* that it is on, or was last */
	__u32 kernel;     /* 1: a kernel thread */
	char comm[16];
};

/*
 * Whose threads are sampled: the value of the map sampled, by the thread's tgid
 * (a kernel thread's is its own tid).
 */
struct vmp_sampled {
	__u64 start_ns; /* of the process, or of the kernel thread: as in struct vmp_process */
	__u32 pid;      /* of the VM's process */
	__u32 unused;
};

/* A profile: whose code a sample hit.  As perf tells them by PERF_RECORD_MISC_CPUMODE_MASK. */
enum vmp_hit_mode {
	VMP_HIT_SYS = 0,        /* the host's kernel: KVM and what it calls */
	VMP_HIT_USER = 1,       /* the host's user space: the VMM */
	VMP_HIT_GUEST_SYS = 2,  /* the guest's kernel: CPL 0, EL1 */
	VMP_HIT_GUEST_USER = 3, /* the guest's user space */
	VMP_HIT_MODES = 4,
};

/* Samples are summed in the kernel by this: the key of the maps hits. */
struct vmp_hit {
	__u32 tgid; /* of the VM's process, for its kernel threads, too */
	__u32 tid;
	__u32 mode;  /* enum vmp_hit_mode */
	__s32 stack; /* id of the callers in the host's kernel or user space, by mode; -1: none */
	__u64 ip;    /* of the host or of the guest, by mode */
};

#define VMP_HIT_STACK 127 /* callers at most: the kernel's own limit (PERF_MAX_STACK_DEPTH) */

/* How the kernel side learns the privilege level of a guest. */
enum vmp_level {
	VMP_LEVEL_NONE = 0, /* it cannot: Intel's is in the VMCS */
	VMP_LEVEL_SVM = 1,
	VMP_LEVEL_PVM = 2,
	VMP_LEVEL_ARM64 = 3,
};

struct vmp_hits {
	__u64 samples;
	__u64 period; /* their weight: what the event counted since the sample before, summed */
};

_Static_assert(sizeof(struct vmp_exit) == 32 + 8 * VMP_STATES + 8 * VMP_HIST, "vmp_exit");
_Static_assert(sizeof(struct vmp_file) == 48, "vmp_file");
_Static_assert(sizeof(struct vmp_thread) == 72, "vmp_thread");
_Static_assert(sizeof(struct vmp_counts) == 16 + 24 * VMP_EVENTS, "vmp_counts");
_Static_assert(sizeof(struct vmp_event_cpu) == 24 + 24 * VMP_EVENTS, "vmp_event_cpu");
_Static_assert(sizeof(struct vmp_other) == 24, "vmp_other");
_Static_assert(sizeof(struct vmp_hit) == 24, "vmp_hit");
_Static_assert(sizeof(struct vmp_sampled) == 16, "vmp_sampled");
_Static_assert(sizeof(struct vmp_slot) % 8 == 0, "slots are 8-byte aligned");

#endif
