/* SPDX-License-Identifier: GPL-2.0-only */
/* From the kernel's records of threads to the threads of each VM, and what those that ended have left. */
#ifndef VMPERF_PROBE_THREADS_H
#define VMPERF_PROBE_THREADS_H

#include "../model/sample.h"

struct known_thread {
	struct sample_thread t;
	bool kernel;
	bool vcpu; /* it has run one */
	bool here; /* in this reading */
};

/* The threads of a VM, from reading to reading.  All zero: none yet. */
struct vm_threads {
	size_t n;
	struct known_thread *list;                /* by tid */
	struct sample_class gone[THREAD_CLASSES]; /* ended ones, as they were seen last */
	struct sample_class ended;  /* of these the process's own: what the kernel's sum has of them */
	struct sample_class unseen; /* what the process's ended threads did beyond that */
};

/* Which VM a kernel thread works for: found out once. */
struct helper {
	uint32_t tid;
	uint64_t start_ns;
	uint32_t owner; /* the process or thread that its name tells */
	uint32_t pid;   /* the VM's process, 0: not known yet */
	bool here;
};

/* One reading of the threads of all VMs. */
struct thread_reading {
	const char *proc; /* NULL: /proc */
	size_t n;
	struct vmp_thread *records;
	size_t nhelpers; /* these stay from reading to reading */
	struct helper *helpers;
};

/* A VM, for thread_reading_end(). */
struct thread_vm {
	uint32_t pid;
	uint64_t start_ns;
	struct vm_threads *threads;
	const struct sample_vm *vm; /* its vcpus are looked at */
};

/* One record more; arg is the reading. */
void thread_reading_add(const struct vmp_thread *t, void *arg);

/* The reading is whole: gives each VM (by pid) its threads.  The records are forgotten. */
void thread_reading_end(struct thread_reading *r, struct thread_vm *vms, size_t n);

/* The reading failed: what was known stays. */
void thread_reading_drop(struct thread_reading *r);

void thread_reading_free(struct thread_reading *r);

/* Sets threads and gone_threads of vm. */
void vm_threads_sample(const struct vm_threads *t, struct sample_vm *vm);

void vm_threads_free(struct vm_threads *t);

#endif
