/* SPDX-License-Identifier: GPL-2.0-only */
/* Capabilities: what starting needs, and giving all of them up. */
#ifndef VMPERF_PROBE_PRIVILEGE_H
#define VMPERF_PROBE_PRIVILEGE_H

#include <stdbool.h>

/*
 * NULL when this thread may load what vmperf loads, else the names of the
 * capabilities that it lacks.  KVM as a module needs CAP_SYS_ADMIN: only with
 * it does the kernel hand out module BTF (kernel/bpf/syscall.c:
 * bpf_btf_get_fd_by_id).  Built in, CAP_BPF and CAP_PERFMON do.
 */
const char *privilege_missing(bool kvm_is_module);

/*
 * Drops every capability of this thread in all five sets and sets
 * no_new_privs.  To be called before other threads are started.  0 or -errno.
 */
int privilege_drop(void);

/*
 * The same, but keeps what opening perf events takes, if it is there: CAP_PERFMON;
 * above 2, which only distributions' kernels know, Debian's wants CAP_SYS_ADMIN.
 */
int privilege_keep_perf(int paranoid);

/* The same, but keeps what looking into other users' processes takes, if it is there: CAP_SYS_PTRACE. */
int privilege_keep_ptrace(void);

#endif
