// SPDX-License-Identifier: GPL-2.0-only
/*
 * The very programs of bpf/exit.bpf.c, behind hooks that a test can run: a
 * tp_btf program takes no made-up input, a raw_tp program does
 * (BPF_PROG_TEST_RUN; its context is an array of u64).
 *
 * A made-up vCPU lies in this object's memory: fields are where this kernel's
 * types have them, or with made = true at offsets of our own, so that both
 * vendors, and both layouts of VMX, are tested on any kernel.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>

const volatile bool made = true;
const volatile bool made_vt = false; /* made: VMX's reason is in vt, as since 6.16 */

/* Different for each field, and no kernel's. */
#define made_offset(field) (8 * sizeof(field))

/* The barrier keeps what this kernel does not have in its branch, which the verifier then drops. */
#define either_offset(type, field)                                                                           \
	({                                                                                                   \
		u64 off_;                                                                                    \
		if (made) {                                                                                  \
			off_ = made_offset(#type #field);                                                    \
		} else {                                                                                     \
			off_ = __builtin_preserve_field_info(((type *)0)->field, BPF_FIELD_BYTE_OFFSET);     \
			__asm__ __volatile__("" : "+r"(off_));                                               \
		}                                                                                            \
		off_;                                                                                        \
	})

#define x86_offset(type, field) either_offset(type, field)
#define x86_exists(type, field)                                                                              \
	(made ? !made_vt : __builtin_preserve_field_info(((type *)0)->field, BPF_FIELD_EXISTS))

#include "../../bpf/exit.bpf.c"

#if defined(__TARGET_ARCH_x86)

#define ROOM 65536 /* more than any vCPU or VMCB takes */

__u64 vcpu_mem[ROOM / 8];
__u64 vmcb_mem[ROOM / 8];
__u64 address; /* of what was made up last: as a number, which is what a raw_tp has */

static __always_inline struct kvm_vcpu *made_vcpu(void)
{
	*(volatile u64 *)&address = (u64)vcpu_mem;
	return (struct kvm_vcpu *)*(volatile u64 *)&address;
}

static __always_inline struct kvm_vcpu *made_svm(u64 code)
{
	*(volatile u64 *)((void *)vcpu_mem + x86_offset(struct vcpu_svm, vmcb)) = (u64)vmcb_mem;
	*(volatile u64 *)((void *)vmcb_mem + x86_offset(struct vmcb, control.exit_code)) = code;
	return made_vcpu();
}

/* What follows the reason in memory is none of it. */
static __always_inline struct kvm_vcpu *made_vmx(u64 reason)
{
	*(volatile u64 *)((void *)vcpu_mem + x86_vmx_reason_offset()) = reason | 0xdeadULL << 32;
	return made_vcpu();
}

/* (exit_code) */
SEC("?raw_tp")
int exit_svm(u64 *ctx)
{
	return x86_exit_hook(made_svm(ctx[0]), VMP_ISA_SVM, true);
}

SEC("?raw_tp")
int exit_svm_read(u64 *ctx)
{
	return x86_exit_hook(made_svm(ctx[0]), VMP_ISA_SVM, false);
}

/* (exit_reason) */
SEC("?raw_tp")
int exit_vmx(u64 *ctx)
{
	return x86_exit_hook(made_vmx(ctx[0]), VMP_ISA_VMX, true);
}

SEC("?raw_tp")
int exit_vmx_read(u64 *ctx)
{
	return x86_exit_hook(made_vmx(ctx[0]), VMP_ISA_VMX, false);
}

/* (address of the vCPU) */
SEC("?raw_tp")
int exit_at(u64 *ctx)
{
	return x86_exit_hook((struct kvm_vcpu *)ctx[0], VMP_ISA_SVM, false);
}

/* Does what kvm_entry does; a vCPU cannot be had here. */
SEC("raw_tp")
int entry(u64 *ctx)
{
	u64 now = bpf_ktime_get_ns();
	struct vmp_slot *s = slot_indexed();

	if (s && ledger_entry_fast(s, now))
		return 0;
	return x86_entry_slow(NULL, now);
}

/* (vcpu_id): the same with a vCPU of that number */
SEC("?raw_tp")
int entry_vcpu(u64 *ctx)
{
	*(volatile u32 *)((void *)vcpu_mem + __builtin_preserve_field_info(((struct kvm_vcpu *)0)->vcpu_id,
									   BPF_FIELD_BYTE_OFFSET)) = ctx[0];
	return x86_entry_slow(bpf_rdonly_cast(made_vcpu(), bpf_core_type_id_kernel(struct kvm_vcpu)),
			      bpf_ktime_get_ns());
}

#else

/* (exit code): a trap of that class */
SEC("?raw_tp")
int kvm_exit_arg(u64 *ctx)
{
	return ____kvm_exit(ctx, ARM64_EXCEPTION_TRAP, ctx[0]);
}

SEC("raw_tp")
int entry(u64 *ctx)
{
	return ____kvm_entry(ctx);
}

#endif

/* (reason, errno) */
SEC("raw_tp")
int userspace_exit(u64 *ctx)
{
	return ____kvm_userspace_exit(ctx, ctx[0], ctx[1]);
}

/* (ns, waited): a halt is over */
SEC("raw_tp")
int wakeup(u64 *ctx)
{
	return halt_ended(ctx[0], ctx[1]);
}

/* Returns the place of the running thread in the index. */
SEC("raw_tp")
int index_place(u64 *ctx)
{
	return index_of(bpf_get_current_task_btf()) - task_index;
}

/* (place): returns 1 if some thread has it */
SEC("raw_tp")
int index_taken(u64 *ctx)
{
	return task_index[ctx[0] & (VMP_INDEX - 1)].task != 0;
}

/* (place): returns how many threads it has no room for */
SEC("raw_tp")
int index_crowded(u64 *ctx)
{
	return task_index[ctx[0] & (VMP_INDEX - 1)].crowd;
}

/* Returns 1 if the running thread's slot is found without a call. */
SEC("raw_tp")
int indexed(u64 *ctx)
{
	return slot_indexed() != NULL;
}

/* Returns the running thread's number. */
SEC("raw_tp")
int number(u64 *ctx)
{
	return slot_of(bpf_get_current_task_btf());
}

/* (out, in): threads by their numbers */
SEC("?raw_tp")
int event_switched(u64 *ctx)
{
	return event_switch(ctx[0], ctx[1]);
}
