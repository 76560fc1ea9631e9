/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86: the exit reason is no argument of kvm_exit (since 5.17); it is read
 * from the vendor module's struct around the vCPU.  struct kvm_vcpu is the
 * first member of both (KVM asserts it), so their addresses are the same.
 */
#ifndef VMPERF_EXIT_X86_BPF_H
#define VMPERF_EXIT_X86_BPF_H

#include "compat.bpf.h"
#include "thread.bpf.h"

/* Set by user space to the loaded vendor module's. */
const volatile __u32 vendor_isa = VMP_ISA_NONE;

/* The exit's reason, flags of VMX included.  isa and cast are constants. */
static __always_inline u32 x86_exit_reason(u64 vcpu, u32 isa, bool cast)
{
	if (isa == VMP_ISA_SVM) {
		u64 vmcb = x86_read_u64(vcpu + x86_offset(struct vcpu_svm, vmcb), cast);

		return x86_read_u64(vmcb + x86_offset(struct vmcb, control.exit_code), cast);
	}
	return x86_read_u64(vcpu + x86_vmx_reason_offset(), cast);
}

/* Counts what stands above the basic reason (SDM vol. 3, table "Format of Exit Reason"). */
static __always_inline void x86_vmx_flags(struct vmp_slot *s, u32 reason)
{
	const u32 known = 1U << 26 | 1U << 27 | 1U << 31;

	if (reason & 1U << 26)
		s->flags[VMP_FLAG_BUS_LOCK]++;
	if (reason & 1U << 27)
		s->flags[VMP_FLAG_ENCLAVE]++;
	if (reason & 1U << 31)
		s->flags[VMP_FLAG_FAILED_ENTRY]++;
	if (reason & ~known & ~0xffffU)
		s->flags[VMP_FLAG_OTHER]++;
}

/* An exit with its reason, every case. */
static __always_inline void x86_exit(struct vmp_slot *s, u64 now, u32 reason, u32 isa)
{
	if (isa == VMP_ISA_VMX) {
		if (reason >> 16)
			x86_vmx_flags(s, reason);
		reason &= 0xffff;
	}
	ledger_exit(s, now, reason);
}

static __noinline int x86_exit_slow(u64 now, u32 reason, u32 isa)
{
	struct vmp_slot *s = slot_current(NULL, isa);

	if (s)
		x86_exit(s, now, reason, isa);
	return 0;
}

static __always_inline int x86_exit_hook(struct kvm_vcpu *vcpu, u32 isa, bool cast)
{
	struct vmp_slot *s;
	u32 reason;
	u64 now;

	/* 6.12 and later: a tracepoint's pointer may be NULL, the verifier says */
	if (!vcpu)
		return 0;
	reason = x86_exit_reason((u64)vcpu, isa, cast);
	now = bpf_ktime_get_ns();
	s = slot_indexed();
	/* a reason with flags is never found by the fast path */
	if (s && ledger_exit_fast(s, now, reason))
		return 0;
	return x86_exit_slow(now, reason, isa);
}

/*
 * One of these is loaded, if the types that it reads are there: what differs is
 * a constant in each, and costs nothing at each exit.
 */
SEC("?tp_btf/kvm_exit")
int BPF_PROG(kvm_exit_svm, struct kvm_vcpu *vcpu)
{
	return x86_exit_hook(vcpu, VMP_ISA_SVM, true);
}

SEC("?tp_btf/kvm_exit")
int BPF_PROG(kvm_exit_svm_read, struct kvm_vcpu *vcpu)
{
	return x86_exit_hook(vcpu, VMP_ISA_SVM, false);
}

SEC("?tp_btf/kvm_exit")
int BPF_PROG(kvm_exit_vmx, struct kvm_vcpu *vcpu)
{
	return x86_exit_hook(vcpu, VMP_ISA_VMX, true);
}

SEC("?tp_btf/kvm_exit")
int BPF_PROG(kvm_exit_vmx_read, struct kvm_vcpu *vcpu)
{
	return x86_exit_hook(vcpu, VMP_ISA_VMX, false);
}

/*
 * Up to 5.16 the tracepoint was (unsigned int exit_reason, vcpu, isa).  As a
 * raw_tp, whose arguments are plain numbers, so that every kernel can check
 * and test it.  Remove once 5.15 is no longer supported.
 */
SEC("?raw_tp/kvm_exit")
int kvm_exit_arg(u64 *ctx)
{
	u64 now = bpf_ktime_get_ns();
	struct vmp_slot *s = slot_indexed();

	if (s && ledger_exit_fast(s, now, ctx[0]))
		return 0;
	return x86_exit_slow(now, ctx[0], vendor_isa);
}

static __noinline int x86_entry_slow(struct kvm_vcpu *vcpu, u64 now)
{
	struct vmp_slot *s = slot_current(vcpu, vendor_isa);

	if (s)
		ledger_entry(s, now);
	return 0;
}

SEC("?tp_btf/kvm_entry")
int kvm_entry(u64 *ctx)
{
	u64 *volatile kept = ctx; /* on the stack: a saved register would cost twice as much */
	u64 now = bpf_ktime_get_ns();
	struct vmp_slot *s = slot_indexed();

	if (s && ledger_entry_fast(s, now))
		return 0;
	return x86_entry_slow((struct kvm_vcpu *)kept[0], now);
}

#endif
