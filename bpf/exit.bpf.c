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

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit)
{
	return thread_exit();
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit_np)
{
	bpf_preempt_disable();
	thread_exit();
	bpf_preempt_enable();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
