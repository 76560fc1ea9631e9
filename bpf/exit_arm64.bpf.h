/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: kvm_exit carries the reason; no vCPU is among the arguments. */
#ifndef VMPERF_EXIT_ARM64_BPF_H
#define VMPERF_EXIT_ARM64_BPF_H

#include "thread.bpf.h"

#define ARM64_EXCEPTION_TRAP 2 /* ARM_EXCEPTION_TRAP, arch/arm64/include/asm/kvm_asm.h */

const volatile __u32 vendor_isa = VMP_ISA_ARM64;

/* A trap's code is its exception class; all others are told apart by ret. */
static __always_inline u32 arm64_exit_code(u32 ret, u32 esr_ec)
{
	return ret == ARM64_EXCEPTION_TRAP ? (esr_ec & 0x3f) : VMP_ARM64_RET + (ret & 0xff);
}

SEC("?tp_btf/kvm_exit")
int BPF_PROG(kvm_exit, int ret, unsigned int esr_ec)
{
	u32 code = arm64_exit_code(ret, esr_ec);
	u64 now = bpf_ktime_get_ns();
	struct vmp_slot *s = slot_indexed();

	if (s && ledger_exit_fast(s, now, code))
		return 0;
	s = slot_current(NULL, VMP_ISA_ARM64);
	if (s)
		ledger_exit(s, now, code);
	return 0;
}

SEC("?tp_btf/kvm_entry")
int BPF_PROG(kvm_entry)
{
	u64 now = bpf_ktime_get_ns();
	struct vmp_slot *s = slot_indexed();

	if (s && ledger_entry_fast(s, now))
		return 0;
	s = slot_current(NULL, VMP_ISA_ARM64);
	if (s)
		ledger_entry(s, now);
	return 0;
}

#endif
