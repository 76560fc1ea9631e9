/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this kernel has, told from its BTF: vmlinux and KVM's modules.  Needs
 * no privilege.  Not for several threads at once; the BTF read is kept until
 * features_close(), some 20 MB.
 */
#ifndef VMPERF_PROBE_FEATURES_H
#define VMPERF_PROBE_FEATURES_H

#include <stdbool.h>

/* The kernel has BTF (CONFIG_DEBUG_INFO_BTF). */
bool features_btf(void);

/* Both KVM and its vendor part are in vmlinux: no module BTF is needed. */
bool features_kvm_builtin(void);

/*
 * The kernel or a KVM module has this tracepoint (a typedef btf_trace_NAME,
 * include/trace/bpf_probe.h).  arity, if not NULL: how many arguments a
 * program gets.
 */
bool features_tracepoint(const char *name, unsigned int *arity);

/* vmlinux has this function, kfuncs included. */
bool features_function(const char *name);

/*
 * vmlinux or a KVM module has this struct and, unless field is NULL, this
 * member in it or in a nameless struct or union of it.
 */
bool features_field(const char *type, const char *field);

/* vmlinux itself has this struct, with its members. */
bool features_vmlinux(const char *type);

/* vmlinux has this enum with this value name. */
bool features_enum(const char *type, const char *value);

/* Frees the BTF; what is asked later reads it again (KVM may have been loaded since). */
void features_close(void);

/* The answers that vmperf doctor shows. */
struct features {
	bool btf;
	bool kvm_builtin;
	bool entry, exit, userspace_exit; /* tracepoints of KVM */
	bool sched;                       /* the scheduler's, and what KVM says of a thread that sleeps */
	bool halt_end;                    /* the tracepoint kvm_vcpu_wakeup */
	bool run_delay;                   /* the scheduler accounts waiting (CONFIG_SCHED_INFO) */
	unsigned int exit_arity;
	bool reason_svm, reason_vmx; /* the members that hold the exit reason */
	bool task_storage;           /* BPF maps of tasks */
	bool iterators;              /* BPF iterators over the files of tasks */
	bool task_fields;            /* the members of task_struct that vmperf reads */
};

void features_read(struct features *ret);

#endif
