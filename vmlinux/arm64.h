/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: KVM's tracepoints (arch/arm64/kvm/trace_arm.h). */
#ifndef __VMLINUX_ARM64_H__
#define __VMLINUX_ARM64_H__

typedef void (*btf_trace_kvm_exit)(void *, int ret, unsigned int esr_ec, unsigned long vcpu_pc);
typedef void (*btf_trace_kvm_entry)(void *, unsigned long vcpu_pc);

#endif
