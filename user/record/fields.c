// SPDX-License-Identifier: GPL-2.0-only
#include "fields.h"

#include "../model/sample.h"

/*
 * Somebody has added a member to one of these: add it to its table below, or
 * to pack.c and unpack.c if it is a list, and to copy.c if it is a pointer;
 * raise RECORD_VERSION (format.h), and let the reader go on reading the
 * versions before.
 */
_Static_assert(sizeof(struct sample) == 3744, "struct sample");
_Static_assert(sizeof(struct host_info) == 236, "struct host_info");
_Static_assert(sizeof(struct probe_info) == 196, "struct probe_info");
_Static_assert(sizeof(struct sample_event) == 224, "struct sample_event");
_Static_assert(sizeof(struct sample_vm) == 2304, "struct sample_vm");
_Static_assert(sizeof(struct sample_vcpu) == 1792, "struct sample_vcpu");
_Static_assert(sizeof(struct sample_thread) == 64, "struct sample_thread");
_Static_assert(sizeof(struct sample_class) == 32, "struct sample_class");
_Static_assert(sizeof(struct sample_pin) == 16, "struct sample_pin");
_Static_assert(sizeof(struct vmp_exit) == 352, "struct vmp_exit");
_Static_assert(sizeof(struct vmp_uexit) == 16, "struct vmp_uexit");
_Static_assert(sizeof(struct vmp_times) == 272, "struct vmp_times");
_Static_assert(sizeof(struct vmp_count) == 24, "struct vmp_count");

const uint32_t fields_dims[DIMS] = {VMP_STATES, VMP_HIST,       VMP_UEXITS, VMP_FLAGS,
				    VMP_LOSSES, THREAD_CLASSES, META_KINDS};

/* clang-format off */
#define U64(type, member) {offsetof(struct type, member), 8, 1, DIM_NONE, UINT64_MAX}
#define U32(type, member) {offsetof(struct type, member), 4, 1, DIM_NONE, UINT32_MAX}
#define BOOL(type, member) {offsetof(struct type, member), 1, 1, DIM_NONE, 1}
/* 0 to n - 1: tables are looked up by it */
#define ENUM(type, member, n) {offsetof(struct type, member), 4, 1, DIM_NONE, (n) - 1}
/* n numbers for each element */
#define ARRAY(type, member, dim, n) {offsetof(struct type, member), 8, n, dim, UINT64_MAX}
#define TEXT(type, member) {offsetof(struct type, member), sizeof(((struct type *)0)->member), 0, DIM_NONE, 0}
#define END {0}

const struct field fields_sample[] = {
	U64(sample, begin_ns),
	U64(sample, mono_ns),
	U64(sample, real_ns),
	TEXT(sample, host.hostname),
	TEXT(sample, host.kernel),
	TEXT(sample, host.arch),
	U32(sample, host.cpus),
	BOOL(sample, host.kvm_loaded),
	TEXT(sample, host.kvm_vendor),
	BOOL(sample, load_known),
	U64(sample, load[0]),
	U64(sample, load[1]),
	U64(sample, load[2]),
	U32(sample, visible),
	BOOL(sample, exits_visible),
	TEXT(sample, invisible_why),
	ARRAY(sample, loss, DIM_LOSSES, 1),
	BOOL(sample, threads_visible),
	U32(sample, ncpus),
	END,
};

const struct field fields_probe[] = {
	TEXT(probe_info, name),
	ENUM(probe_info, status, PROBE_FAILED + 1),
	TEXT(probe_info, reason),
	END,
};

const struct field fields_event[] = {
	ENUM(sample_event, mode, EVENT_HOST + 1),
	ENUM(sample_event, kind, EVENT_KINDS),
	BOOL(sample_event, whole),
	BOOL(sample_event, gauge),
	BOOL(sample_event, counted),
	TEXT(sample_event, why),
	END,
};

const struct field fields_vm[] = {
	U32(sample_vm, pid),
	U64(sample_vm, start_ns),
	TEXT(sample_vm, uuid),
	TEXT(sample_vm, vmm),
	BOOL(sample_vm, ended),
	ARRAY(sample_vm, gone_threads, DIM_CLASSES, 4),
	U32(sample_vm, nevents),
	BOOL(sample_vm, pins_known),
	END,
};

/* from version 2 on */
const struct field fields_vm2[] = {
	TEXT(sample_vm, machine),
	ENUM(sample_vm, vpmu, VPMU_ON + 1),
	END,
};

const struct field fields_vcpu[] = {
	U32(sample_vcpu, tid),
	U32(sample_vcpu, id),
	U32(sample_vcpu, isa),
	U64(sample_vcpu, first_ns),
	U64(sample_vcpu, end_ns),
	U64(sample_vcpu, observed_ns),
	ARRAY(sample_vcpu, ledger, DIM_STATES, 1),
	U64(sample_vcpu, halts.ns),
	U64(sample_vcpu, halts.max_ns),
	ARRAY(sample_vcpu, halts.hist, DIM_HIST, 1),
	U64(sample_vcpu, wakes.ns),
	U64(sample_vcpu, wakes.max_ns),
	ARRAY(sample_vcpu, wakes.hist, DIM_HIST, 1),
	U32(sample_vcpu, ncpus),
	U32(sample_vcpu, cpu),
	U64(sample_vcpu, moves),
	U64(sample_vcpu, node_moves),
	U64(sample_vcpu, unpaired),
	U64(sample_vcpu, backwards),
	ARRAY(sample_vcpu, flags, DIM_FLAGS, 1),
	ARRAY(sample_vcpu, uexits, DIM_UEXITS, 2),
	U32(sample_vcpu, nevents),
	END,
};

const struct field fields_exit[] = {
	U64(vmp_exit, code),
	U64(vmp_exit, count),
	ARRAY(vmp_exit, ns, DIM_STATES, 1),
	U64(vmp_exit, max_ns),
	U64(vmp_exit, bucket),
	ARRAY(vmp_exit, hist, DIM_HIST, 1),
	END,
};

const struct field fields_thread[] = {
	U32(sample_thread, tid),
	ENUM(sample_thread, class, THREAD_CLASSES),
	U64(sample_thread, start_ns),
	U64(sample_thread, cpu_ns),
	U64(sample_thread, wait_ns),
	U64(sample_thread, switches),
	U64(sample_thread, migrations),
	U32(sample_thread, cpu),
	U32(sample_thread, nevents),
	END,
};

const struct field fields_pin[] = {
	ENUM(sample_pin, kind, PIN_IOTHREAD + 1),
	U32(sample_pin, id),
	END,
};
/* clang-format on */
