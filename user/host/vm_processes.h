/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes that hold KVM's files, found in /proc: for what needs no BPF. */
#ifndef VMPERF_HOST_VM_PROCESSES_H
#define VMPERF_HOST_VM_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>

struct vm_process {
	uint32_t pid;
	uint64_t start_ns; /* since boot, to the clock tick; as struct vm_id takes it */
	char comm[64];
};

struct vm_processes {
	struct vm_process *items; /* by pid */
	uint32_t n;
	bool hidden; /* some processes could not be looked at: that takes root */
};

/* proc: "/proc".  vm_processes_free() it. */
void vm_processes_read(struct vm_processes *ret, const char *proc);
void vm_processes_free(struct vm_processes *p);

#endif
