// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples of the threads of VMs: programs on perf events.  One only lets those
 * samples through, to perf's ring buffers; the other sums them up by where they
 * hit, and lets none through.  They may run in an NMI, also one that hit
 * another of our programs: all maps are preallocated.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "compat.bpf.h"
#include "vmperf.h"

/* Kernels from 6.2 on; what it returns is filled in from 6.3 on, see self_test(). */
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym __weak;

/* Set by user space before loading. */
const volatile __u32 level_way = VMP_LEVEL_NONE; /* enum vmp_level */
const volatile bool with_stacks = false;

/* Which of each two maps is written; user space reads the other one. */
__u32 current_maps;
__u64 lost;
__u32 self_right; /* self_test() */

/* By tgid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, struct vmp_sampled);
} sampled SEC(".maps");

struct hits {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct vmp_hit);
	__type(value, struct vmp_hits);
} hits0 SEC(".maps"), hits1 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(u32));
	__uint(value_size, VMP_HIT_STACK * sizeof(u64));
} stacks0 SEC(".maps"), stacks1 SEC(".maps");

/*
 * Nobody reads it: the kernel lets an update of a map of maps return only when
 * all programs that run have ended (maybe_wait_bpf_programs() in
 * kernel/bpf/syscall.c), which is what user space waits for after a change of
 * current_maps.  membarrier(2) does not, on hosts with nohz_full.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct hits);
} barrier SEC(".maps");

/* The VM's process, 0: this thread belongs to none that is sampled. */
static __always_inline u32 vm_of(struct task_struct *task)
{
	u32 tgid = task->tgid;
	const struct vmp_sampled *s = bpf_map_lookup_elem(&sampled, &tgid);

	return s && s->start_ns == task->group_leader->start_boottime ? s->pid : 0;
}

SEC("?perf_event")
int profile_ring(void *ctx)
{
	return vm_of(bpf_get_current_task_btf()) != 0;
}

/*
 * As perf says (kvm_arch_vcpu_in_kernel()).  Only where a sample hit a guest: the
 * vCPU's state has been saved at its exit.
 */
static __always_inline bool in_guest_user(u64 vcpu)
{
#if defined(__TARGET_ARCH_x86)
	int cpl = 0;

	/* SEV-ES: nobody can tell */
	if (BPF_CORE_READ((struct kvm_vcpu *)vcpu, arch.guest_state_protected))
		return false;
	if (level_way == VMP_LEVEL_SVM)
		return BPF_CORE_READ((struct vcpu_svm *)vcpu, vmcb, save.cpl) != 0;
	if (level_way == VMP_LEVEL_PVM)
		cpl = BPF_CORE_READ((struct vcpu_pvm *)vcpu, cpl);
	return cpl != 0;
#else
	/* PSR_MODE_EL0t, or its twin of 32 bits */
	return !(BPF_CORE_READ((struct kvm_vcpu *)vcpu, arch.ctxt.regs.pstate) & 0xf);
#endif
}

/* A macro, since the kernel wants to know at each call which map it is about. */
#define hits_in(map, at)                                                                                     \
	({                                                                                                   \
		struct vmp_hits *found = bpf_map_lookup_elem(map, at);                                       \
		if (!found) {                                                                                \
			struct vmp_hits none = {};                                                           \
			bpf_map_update_elem(map, at, &none, BPF_NOEXIST);                                    \
			found = bpf_map_lookup_elem(map, at);                                                \
		}                                                                                            \
		found;                                                                                       \
	})

/* The callers in the mode at hand, without the place itself; -1: none, or no room. */
static __always_inline s32 stack_id(void *ctx, u32 maps, u64 mode)
{
	u64 flags = (mode == VMP_HIT_USER ? BPF_F_USER_STACK : 0) | 1;
	long id = maps ? bpf_get_stackid(ctx, &stacks1, flags) : bpf_get_stackid(ctx, &stacks0, flags);

	return id < 0 ? -1 : id;
}

SEC("?perf_event")
int profile_summed(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct vmp_hit at = {.tgid = vm_of(task), .stack = -1};
	struct bpf_perf_event_data_kern *k;
	u32 maps = *(volatile u32 *)&current_maps;
	struct vmp_hits *h;
	u64 period;

	if (!at.tgid)
		return 0;
	k = bpf_cast_to_kern_ctx(ctx);
	at.tid = task->pid;
	at.ip = k->data->ip;
	period = k->data->period;
	/* what interrupts a guest has the registers of KVM, and the guest's ip in the sample */
	if (regs_user(k->regs)) {
		at.mode = VMP_HIT_USER;
	} else if (at.ip == regs_ip(k->regs)) {
		at.mode = VMP_HIT_SYS;
	} else {
		u64 vcpu = task_vcpu(task);

		at.mode = vcpu && in_guest_user(vcpu) ? VMP_HIT_GUEST_USER : VMP_HIT_GUEST_SYS;
	}
	if (with_stacks && at.mode <= VMP_HIT_USER)
		at.stack = stack_id(ctx, maps, at.mode);
	h = maps ? hits_in(&hits1, &at) : hits_in(&hits0, &at);
	if (!h) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	__sync_fetch_and_add(&h->samples, 1);
	__sync_fetch_and_add(&h->period, period);
	return 0;
}

/*
 * Whether this kernel prepares a sample before its program runs ("perf/core: Call
 * perf_prepare_sample() before running BPF", 6.3), on an event of user space's.
 */
SEC("?perf_event")
int self_test(void *ctx)
{
	struct bpf_perf_event_data_kern *k = bpf_cast_to_kern_ctx(ctx);
	u64 ip = k->data->ip;

	if (ip && ip == regs_ip(k->regs))
		self_right++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
