/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: KVM's tracepoints (arch/arm64/kvm/trace_arm.h). */
#ifndef __VMLINUX_ARM64_H__
#define __VMLINUX_ARM64_H__

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* uapi/asm/ptrace.h */
struct user_pt_regs {
	__u64 pc;
	__u64 pstate;
};

/* asm/kvm_host.h */
struct kvm_cpu_context {
	struct user_pt_regs regs;
};

struct kvm_vcpu_arch {
	struct kvm_cpu_context ctxt;
};

/* linux/perf_event.h: a perf_event program's context, as the kernel has it */
struct bpf_perf_event_data_kern {
	struct user_pt_regs *regs;
	struct perf_sample_data *data;
};

#pragma clang attribute pop

typedef void (*btf_trace_kvm_exit)(void *, int ret, unsigned int esr_ec, unsigned long vcpu_pc);
typedef void (*btf_trace_kvm_entry)(void *, unsigned long vcpu_pc);

#endif
