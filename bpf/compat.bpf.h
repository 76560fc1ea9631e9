/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every kernel drift, one accessor each: what changed, and when the accessor
 * can go.  Decided by BTF, never by version: distributions backport.
 */
#ifndef VMPERF_COMPAT_BPF_H
#define VMPERF_COMPAT_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * Newer kernels (seen with 7.2) call a tracepoint's programs preemptibly.  One
 * that is preempted keeps its program from running for every other thread of
 * that CPU: their events are missed.  Hooks that fire where the kernel may
 * preempt have twins (…_np), loaded where the kernel has these (6.10).
 */
extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

/*
 * The CPU that a task is on, or was last (moved from
 * task_struct into thread_info in 5.16).  Remove the other branch once 5.15 is no longer supported.
 */
static __always_inline u32 task_cpu(struct task_struct *task)
{
	if (bpf_core_field_exists(struct task_struct, thread_info.cpu))
		return task->thread_info.cpu;
	return BPF_CORE_READ((struct task_struct___cpu *)task, cpu);
}

/*
 * It runs right now.  An int, and in 7.2 a byte: libbpf makes the load as wide
 * as the field is, which it does for unsigned numbers only, hence the type.
 */
static __always_inline bool task_on_cpu(struct task_struct *task)
{
	return ((struct task_struct___on_cpu *)task)->on_cpu;
}

/* The vCPU that a thread is running (between vcpu_load() and vcpu_put()), 0: none. */
static __always_inline u64 task_vcpu(struct task_struct *task)
{
	/* only KVM has preempt notifiers, one for each thread (virt/kvm/kvm_main.c) */
	u64 node = (u64)task->preempt_notifiers.first;

	return node ? node - bpf_core_field_offset(struct preempt_notifier, link) -
			       bpf_core_field_offset(struct kvm_vcpu, preempt_notifier)
		    : 0;
}

/* as libbpf declares it from 1.4 on */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

#if defined(__TARGET_ARCH_x86)

/* Where KVM's vendor types have a field; tests have vCPUs of their own, elsewhere. */
#ifndef x86_offset
#define x86_offset bpf_core_field_offset
#define x86_exists bpf_core_field_exists
#endif

/*
 * The 64-bit number at a kernel address; 0 where it cannot be read.  cast: a
 * constant, bpf_rdonly_cast() is there.
 *
 * bpf_rdonly_cast() (6.2, kernel/bpf/helpers.c) costs no call: the verifier
 * turns it into a move, and the load into one that may fault.  It takes types
 * of vmlinux only and the vendors' are a module's, so the address is cast to some
 * type of vmlinux that begins with a 64-bit number.
 * Remove the other branch once 6.1 is no longer supported.
 */
static __always_inline u64 x86_read_u64(u64 addr, bool cast)
{
	u64 v = 0;

	if (cast)
		return *(u64 *)bpf_rdonly_cast((void *)addr, bpf_core_type_id_kernel(struct timespec64));
	bpf_probe_read_kernel(&v, sizeof(v), (void *)addr);
	return v;
}

/*
 * The registers are user space's.  cs is 64 bits wide, and 16 since it shares its
 * place with FRED's (6.8): libbpf makes the load as wide as the field is.
 */
static __always_inline bool regs_user(const struct pt_regs *regs)
{
	return (((const struct pt_regs___cs *)regs)->cs & 3) == 3;
}

static __always_inline u64 regs_ip(const struct pt_regs *regs)
{
	return regs->ip;
}

/*
 * exit_reason moved from struct vcpu_vmx into struct vcpu_vt, shared with TDX
 * ("KVM: VMX: Move common fields of struct vcpu_{vmx,tdx} to a struct", 6.16).
 * Remove the first branch once 6.12 is no longer supported.
 */
static __always_inline u64 x86_vmx_reason_offset(void)
{
	if (x86_exists(struct vcpu_vmx, exit_reason))
		return x86_offset(struct vcpu_vmx, exit_reason);
	return x86_offset(struct vcpu_vmx___vt, vt) + x86_offset(struct vcpu_vt, exit_reason);
}

#elif defined(__TARGET_ARCH_arm64)

/* The registers are user space's: PSR_MODE_EL0t, or its twin of 32 bits (arch/arm64/include/asm/ptrace.h). */
static __always_inline bool regs_user(const struct user_pt_regs *regs)
{
	return !(regs->pstate & 0xf);
}

static __always_inline u64 regs_ip(const struct user_pt_regs *regs)
{
	return regs->pc;
}

#endif

#endif
