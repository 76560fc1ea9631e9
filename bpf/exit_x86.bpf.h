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

/* Set by user space to the loaded vendor module's; VMP_ISA_NONE: not known, no reason can be read. */
const volatile __u32 vendor_isa = VMP_ISA_NONE;

/* The exit's reason, flags of VMX included. */
static __always_inline u64 x86_exit_reason(u64 vcpu)
{
	if (vendor_isa == VMP_ISA_SVM && bpf_core_type_exists(struct vcpu_svm)) {
		u64 vmcb = x86_read_u64(vcpu + bpf_core_field_offset(struct vcpu_svm, vmcb));

		return (u32)x86_read_u64(vmcb + bpf_core_field_offset(struct vmcb, control.exit_code));
	}
	if (vendor_isa == VMP_ISA_VMX && bpf_core_type_exists(struct vcpu_vmx))
		return (u32)x86_read_u64(vcpu + x86_vmx_reason_offset());
	return VMP_CODE_OTHER;
}

/* Counts what stands above the basic reason (SDM vol. 3, table "Exit Reason" format). */
static __noinline int x86_vmx_flags(struct vmp_slot *s, u32 reason)
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
	return 0;
}

/* What the kvm_exit hook does with a reason, from wherever it was read. */
static __always_inline void x86_exit(struct vmp_slot *s, u64 now, u64 reason)
{
	if (vendor_isa == VMP_ISA_VMX) {
		if (reason >> 16)
			x86_vmx_flags(s, reason);
		reason &= 0xffff;
	}
	ledger_exit(s, now, reason);
}

SEC("tp_btf/kvm_exit")
int BPF_PROG(kvm_exit, struct kvm_vcpu *vcpu)
{
	struct vmp_slot *s;

	/* 6.12 and later: a tracepoint's pointer may be NULL, the verifier says */
	if (!vcpu)
		return 0;
	s = slot_current(vcpu, vendor_isa);
	if (!s)
		return 0;
	x86_exit(s, bpf_ktime_get_ns(), x86_exit_reason((u64)vcpu));
	return 0;
}

SEC("tp_btf/kvm_entry")
int BPF_PROG(kvm_entry, struct kvm_vcpu *vcpu)
{
	struct vmp_slot *s;

	if (!vcpu)
		return 0;
	s = slot_current(vcpu, vendor_isa);
	if (s)
		ledger_entry(s, bpf_ktime_get_ns());
	return 0;
}

#endif
