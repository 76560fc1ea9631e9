/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our own section of a perf.data file: what perf does not know of VMs.  It stands
 * at a feature bit that perf skips (tools/perf/util/header.c,
 * perf_file_section__process: "unknown feature, continuing"), as one JSON object:
 *
 *   {"vmperf":1,"begin_ns":N,"vms":[{"pid":N,"start_ns":N,"name":"…","uuid":"…","boot_id":"…",
 *                       "threads":[{"tid":N,"vcpu":N}]}]}
 *
 * begin_ns is CLOCK_REALTIME, left out where not known: samples have a clock of their own.
 * A name that is no UTF-8 is "name_hex" instead, two digits a byte; uuid is "" and
 * boot_id null where not known; vcpu is null of a thread that the kernel runs for
 * the VM in a process of its own (vhost-N up to Linux 6.3).  Members that are not known are passed over.
 */
#ifndef VMPERF_PROFILE_PERF_SECTION_H
#define VMPERF_PROFILE_PERF_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/buf.h"

/* The bit; perf's own end at 32 or so, and there is room for 256. */
#define PERF_SECTION_FEATURE 200

/* A longer text is none of ours; the other bounds keep a small text from taking much memory. */
#define PERF_SECTION_MAX     (16U << 20)
#define PERF_SECTION_VMS     65536U
#define PERF_SECTION_THREADS 65536U /* of one VM */
#define PERF_SECTION_NAME    4096U  /* bytes of a name */

struct perf_section_thread {
	uint32_t tid;
	int32_t vcpu; /* KVM's number, 0 or more; -1: a kernel thread that works for the VM */
};

struct perf_section_vm {
	uint32_t pid;      /* of its process */
	uint64_t start_ns; /* CLOCK_BOOTTIME; 0: not known */
	char *name;        /* raw bytes, never NULL */
	char uuid[37];     /* lower case; "" none */
	char boot_id[37];  /* of the guest, one and the same from begin to end; "" not known */
	uint32_t nthreads;
	struct perf_section_thread *threads; /* of its vCPUs, and kernel threads */
};

struct perf_section_vms {
	uint64_t begin_ns; /* CLOCK_REALTIME when it was begun; 0: not known */
	uint32_t nvms;
	struct perf_section_vm *vms;
};

/* Adds a VM or, where there is one of this pid and start, finds it; valid until the next one is added. */
struct perf_section_vm *perf_section_vm(struct perf_section_vms *s, uint32_t pid, uint64_t start_ns);

/* Which vCPU the thread runs; the last word on a tid counts. */
void perf_section_thread(struct perf_section_vm *vm, uint32_t tid, int32_t vcpu);

void perf_section_print(const struct perf_section_vms *s, struct buf *ret);

/* Reads what the other wrote.  False when it is no such text: *ret is then empty. */
bool perf_section_parse(const char *text, size_t len, struct perf_section_vms *ret);

/* Frees what is in it. */
void perf_section_clear(struct perf_section_vms *s);

#endif
