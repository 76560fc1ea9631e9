/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a thread of a VM is for, told by its name and by KVM.
 *
 * What cannot be told: VMMs that do not name their threads have one emulator
 * thread (the process's first) and vCPUs, all else is "other".  QEMU names its
 * threads only with -name …,debug-threads=on, as libvirt starts it, and not
 * always its first helper (call_rcu), which may be there before.  Threads of
 * libraries (Ceph, GLib, …) keep the names these give them and are "other".
 * Kernel workers (kworker/…) work for all and are nobody's.
 */
#ifndef VMPERF_HOST_THREADS_H
#define VMPERF_HOST_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../model/sample.h"

/* The longest name of a kernel thread (WQ_NAME_LEN and more), with its NUL. */
#define THREADS_NAME_SIZE 64

/*
 * name: the thread's own (its comm).  first: its tid is the process's pid.
 * kernel: a kernel thread.  vcpu: KVM says that it runs one.  Pure.
 */
enum thread_class threads_class(const char *name, bool first, bool kernel, bool vcpu);

/* The vCPU's number in QEMU's name of a thread, "CPU N/KVM"; -1: another name.  Pure. */
int32_t threads_vcpu(const char *name);

/*
 * The thread for which the kernel made a kernel thread with this name: the
 * number that ends "vhost-N", "kvm-pit/N", "kvm-nx-lpage-recovery-N"; 0: none.
 * KVM names after the process or after the thread that it was called by.  Pure.
 */
uint32_t threads_owner(const char *name);

/*
 * The whole name of a kernel thread, whose comm holds 15 bytes of it (Linux
 * 5.17 and later tell more).  root: NULL for /proc.  False when it has ended.
 */
bool threads_full_name(const char *root, uint32_t tid, char name[THREADS_NAME_SIZE]);

/* As threads_owner(), of a kernel thread by its comm, or by its whole name where that may be cut off. */
uint32_t threads_owner_of(const char *root, uint32_t tid, const char comm[16]);

#endif
