// SPDX-License-Identifier: GPL-2.0-only
/*
 * What vmperf is measured against, and where its cost lies: pairs of programs
 * on the same hooks, each of which does one of the things that vmperf does, by
 * vmperf's own functions.  NAME_exit and NAME_entry, or NAME_switch and
 * NAME_wakeup, are the pair NAME.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "exit_x86.bpf.h"

__u64 last; /* keeps the results from being optimized away */

SEC("?tp_btf/kvm_exit")
int empty_exit(u64 *ctx)
{
	return 0;
}

SEC("?tp_btf/kvm_entry")
int empty_entry(u64 *ctx)
{
	return 0;
}

SEC("?tp_btf/kvm_exit")
int clock_exit(u64 *ctx)
{
	last = bpf_ktime_get_ns();
	return 0;
}

SEC("?tp_btf/kvm_entry")
int clock_entry(u64 *ctx)
{
	last = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int task_step(void)
{
	last = bpf_get_current_task();
	return 0;
}

SEC("?tp_btf/kvm_exit")
int task_exit(u64 *ctx)
{
	return task_step();
}

SEC("?tp_btf/kvm_entry")
int task_entry(u64 *ctx)
{
	return task_step();
}

/* The task, its slot by the index, and one word of the slot. */
static __always_inline int slot_step(void)
{
	struct vmp_slot *s = slot_indexed();
	u64 task;

	if (s) {
		s->since++;
		return 0;
	}
	task = bpf_get_current_task();
	index_of((struct task_struct *)task)->task = task;
	return 0;
}

SEC("?tp_btf/kvm_exit")
int slot_exit(u64 *ctx)
{
	return slot_step();
}

SEC("?tp_btf/kvm_entry")
int slot_entry(u64 *ctx)
{
	return slot_step();
}

/* What the index saves: task storage says the slot. */
static __always_inline int storage_step(void)
{
	struct place *p = bpf_task_storage_get(&places, bpf_get_current_task_btf(), NULL,
					       BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (p)
		p->slot++;
	return 0;
}

SEC("?tp_btf/kvm_exit")
int storage_exit(u64 *ctx)
{
	return storage_step();
}

SEC("?tp_btf/kvm_entry")
int storage_entry(u64 *ctx)
{
	return storage_step();
}

/* The reason by loads, as vmperf takes it from 6.2 on; at the entry nothing. */
SEC("?tp_btf/kvm_exit")
int BPF_PROG(load_exit, struct kvm_vcpu *vcpu)
{
	if (vcpu)
		last = x86_exit_reason((u64)vcpu, VMP_ISA_SVM, true);
	return 0;
}

SEC("?tp_btf/kvm_entry")
int load_entry(u64 *ctx)
{
	return 0;
}

/* The reason by helper calls, as before 6.2. */
SEC("?tp_btf/kvm_exit")
int BPF_PROG(read_exit, struct kvm_vcpu *vcpu)
{
	if (vcpu)
		last = x86_exit_reason((u64)vcpu, VMP_ISA_SVM, false);
	return 0;
}

SEC("?tp_btf/kvm_entry")
int read_entry(u64 *ctx)
{
	return 0;
}

SEC("?tp_btf/sched_switch")
int still_switch(u64 *ctx)
{
	return 0;
}

SEC("?tp_btf/sched_wakeup")
int still_wakeup(u64 *ctx)
{
	return 0;
}

/* Whether a task is a VM's, by the index alone, and nothing after that. */
SEC("?tp_btf/sched_switch")
int BPF_PROG(known_switch, bool preempted, struct task_struct *prev, struct task_struct *next)
{
	if (slot_none(prev) && slot_none(next))
		return 0;
	last++;
	return 0;
}

SEC("?tp_btf/sched_wakeup")
int BPF_PROG(known_wakeup, struct task_struct *task)
{
	if (slot_none(task))
		return 0;
	last++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
