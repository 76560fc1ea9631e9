// SPDX-License-Identifier: GPL-2.0-only
/*
 * The object of the ledger: kvm_exit, kvm_entry and kvm_userspace_exit, a
 * thread's end, and what its headers add: who is where, since when, and why.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "thread.bpf.h"

#if defined(__TARGET_ARCH_x86)
#include "exit_x86.bpf.h"
#elif defined(__TARGET_ARCH_arm64)
#include "exit_arm64.bpf.h"
#endif
#include "sched.bpf.h"

#define EINTR 4

static __always_inline int count_userspace_exit(u32 reason, int err)
{
	u64 now = bpf_ktime_get_ns();
	struct vmp_slot *s = slot_current(NULL, vendor_isa);

	if (!s)
		return 0;
	if (err < 0)
		reason = err == -EINTR ? VMP_UEXIT_RESTART : VMP_UEXIT_ERROR;
	else if (reason > VMP_UEXIT_UNKNOWN)
		reason = VMP_UEXIT_UNKNOWN;
	ledger_userspace(s, now, reason);
	return 0;
}

SEC("?tp_btf/kvm_userspace_exit")
int BPF_PROG(kvm_userspace_exit, u32 reason, int err)
{
	return count_userspace_exit(reason, err);
}

SEC("?tp_btf/kvm_userspace_exit")
int BPF_PROG(kvm_userspace_exit_np, u32 reason, int err)
{
	bpf_preempt_disable();
	count_userspace_exit(reason, err);
	bpf_preempt_enable();
	return 0;
}

/* Any thread of the host ends: if it had a slot, user space may fold and recycle it. */
static __always_inline int end_thread(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct index_entry *x = index_of(task);
	struct vmp_slot *s;
	struct place *p;
	u64 now;
	u32 i;

	if (slot_none(task))
		return 0;
	p = bpf_task_storage_get(&places, task, NULL, 0);
	if (!p || !p->slot)
		return 0;
	i = p->slot - 1;
	p->slot = 0;
	if (x->task == (u64)task)
		x->task = 0;
	s = bpf_map_lookup_elem(&slots, &i);
	if (!s)
		return 0;
	now = bpf_ktime_get_ns();
	sched_charge_cpu(i, s, now);
	ledger_end(s, now);
	s->life = VMP_GONE;
	tell(i);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit)
{
	return end_thread();
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit_np)
{
	bpf_preempt_disable();
	end_thread();
	bpf_preempt_enable();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
