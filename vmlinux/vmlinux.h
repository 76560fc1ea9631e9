/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types that vmperf's BPF programs use, kept by hand: only the
 * fields that are read.  preserve_access_index makes libbpf find each field in
 * the running kernel, so order and size here mean nothing.  README.md tells
 * how to add one; vmlinux/check compares all of it with real kernels.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

typedef __u8 u8;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;
typedef _Bool bool;
typedef int pid_t;

#define NULL ((void *)0)
#define true 1
#define false 0

/* uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
	BPF_MAP_TYPE_STACK_TRACE = 7,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_QUEUE = 22,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};

enum {
	BPF_F_NO_PREALLOC = 1,
	BPF_F_MMAPABLE = 1024,
};

enum {
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
};

enum {
	BPF_NOEXIST = 1,
};

enum {
	BPF_F_USER_STACK = 256,
};

struct bpf_perf_event_value {
	__u64 counter;
	__u64 enabled;
	__u64 running;
};

struct kvm_vcpu;

#if defined(__TARGET_ARCH_x86)
#include "x86.h"
#elif defined(__TARGET_ARCH_arm64)
#include "arm64.h"
#else
#error "vmperf knows x86 and arm64"
#endif

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct mm_struct {
};

/* not empty: clang 19 cannot tell where an empty member is */
struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct thread_info {
	u32 cpu; /* since 5.16 */
};

/* kernel/sched: accounting of one task */
struct sched_entity {
	u64 sum_exec_runtime;
	u64 nr_migrations;
};

struct sched_info {
	unsigned long long run_delay;
};

/* linux/sched/signal.h: what a process's ended threads have left */
struct signal_struct {
	unsigned long nvcsw;
	unsigned long nivcsw;
	unsigned long long sum_sched_runtime;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	pid_t pid;
	pid_t tgid;
	struct task_struct *group_leader;
	char comm[16];
	struct mm_struct *mm;
	u64 start_boottime;
	struct sched_entity se;
	struct sched_info sched_info;
	unsigned long nvcsw;
	unsigned long nivcsw;
	struct signal_struct *signal;
	struct hlist_head preempt_notifiers;
};

/* see task_on_cpu() in bpf/compat.bpf.h */
struct task_struct___on_cpu {
	u32 on_cpu;
};

/* up to 5.15: see task_cpu() in bpf/compat.bpf.h */
struct task_struct___cpu {
	unsigned int cpu;
};

struct upid {
	int nr;
};

struct pid {
	struct upid numbers[1];
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct qstr d_name;
};

struct path {
	struct dentry *dentry;
};

struct super_block {
	unsigned long s_magic;
};

struct inode {
	struct super_block *i_sb;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
};

struct seq_file {
};

struct bpf_iter_meta {
	struct seq_file *seq;
	u64 session_id;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
};

struct kvm {
	struct mm_struct *mm;
};

struct preempt_notifier {
	struct hlist_node link;
};

/* linux/rcuwait.h */
struct rcuwait {
	struct task_struct *task;
};

struct kvm_vcpu_stat_generic {
	u64 halt_poll_fail_ns;
};

struct kvm_vcpu_stat {
	struct kvm_vcpu_stat_generic generic;
};

struct kvm_vcpu {
	struct kvm *kvm;
	struct preempt_notifier preempt_notifier;
	int vcpu_id;
	struct rcuwait wait;
	struct pid *pid;
	unsigned int halt_poll_ns;
	struct kvm_vcpu_stat stat;
	struct kvm_vcpu_arch arch;
};

/* linux/perf_event.h: a sample, as far as the kernel has prepared it */
struct perf_sample_data {
	u64 period;
	u64 ip;
};

/* any type of vmlinux that begins with a 64-bit number: see x86_read_u64() */
typedef s64 time64_t;

struct timespec64 {
	time64_t tv_sec;
};

#pragma clang attribute pop

/*
 * Arguments of the tracepoints we attach to, first the private pointer, as in
 * the kernel's BTF; attaching reads the leading ones only.
 */
typedef void (*btf_trace_kvm_userspace_exit)(void *, u32 reason, int errno_);
typedef void (*btf_trace_kvm_vcpu_wakeup)(void *, u64 ns, bool waited, bool valid);
typedef void (*btf_trace_sched_process_exit)(void *, struct task_struct *p);
typedef void (*btf_trace_sched_switch)(void *, bool preempt, struct task_struct *prev,
				       struct task_struct *next);
typedef void (*btf_trace_sched_wakeup)(void *, struct task_struct *p);
typedef void (*btf_trace_task_newtask)(void *, struct task_struct *task);

#endif
