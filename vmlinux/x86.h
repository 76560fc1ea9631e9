/* SPDX-License-Identifier: GPL-2.0-only */
/* x86-64: KVM's vendor types (from the BTF of kvm_amd, kvm_intel) and its tracepoints. */
#ifndef __VMLINUX_X86_H__
#define __VMLINUX_X86_H__

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* arch/x86/include/asm/svm.h */
struct vmcb_control_area {
	u32 exit_code; /* only -1 needs exit_code_hi behind it */
};

/* one number of both in 7.2 */
struct vmcb_control_area___u64 {
	u64 exit_code;
};

struct vmcb_save_area {
	u8 cpl;
};

struct vmcb {
	struct vmcb_control_area control;
	struct vmcb_save_area save;
};

/* arch/x86/kvm/svm/svm.h */
struct vcpu_svm {
	struct vmcb *vmcb;
};

/* arch/x86/kvm/vmx/vmx.h */
union vmx_exit_reason {
	u32 full;
};

struct vcpu_vmx {
	union vmx_exit_reason exit_reason;
};

/* arch/x86/kvm/vmx/common.h: see x86_vmx_reason_offset() in bpf/compat.bpf.h */
struct vcpu_vt {
	union vmx_exit_reason exit_reason;
};

struct vcpu_vmx___vt {
	struct vcpu_vt vt;
};

/* a KVM based on page tables, which some clouds' kernels have */
struct vcpu_pvm {
	int cpl;
};

/* arch/x86/include/asm/kvm_host.h */
struct kvm_vcpu_arch {
	bool guest_state_protected; /* SEV-ES, TDX: its registers are not KVM's to read */
};

struct pt_regs {
	unsigned long ip;
};

/* see regs_user() in bpf/compat.bpf.h */
struct pt_regs___cs {
	unsigned long cs;
};

/* linux/perf_event.h: a perf_event program's context, as the kernel has it */
struct bpf_perf_event_data_kern {
	struct pt_regs *regs;
	struct perf_sample_data *data;
};

#pragma clang attribute pop

/* arch/x86/kvm/trace.h, since 5.17; a bool was added to kvm_entry in 6.8, and in stable kernels before */
typedef void (*btf_trace_kvm_exit)(void *, struct kvm_vcpu *vcpu, u32 isa);
typedef void (*btf_trace_kvm_entry)(void *, struct kvm_vcpu *vcpu);

#endif
