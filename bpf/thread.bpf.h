/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a thread to its slot.
 *
 * Task storage is what says which slot a thread has.  Its lookup is a helper
 * call of about a hundred instructions, so a direct-mapped index stands before
 * it: a task whose entry holds its own address has its slot without a call.  A
 * task_struct is not reused before sched_process_exit has cleared its entry.
 */
#ifndef VMPERF_THREAD_BPF_H
#define VMPERF_THREAD_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "ledger.bpf.h"

#define NO_SLOT (~0U)

/* Sizes below are set by user space before loading (--max-vcpus). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct vmp_slot);
} slots SEC(".maps");

/* Places of free slots: filled by user space, which gives back those it has folded. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, u32);
} free_slots SEC(".maps");

struct place {
	u32 slot; /* + 1; 0: none */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct place);
} places SEC(".maps");

/* Tells user space at once of a thread that came or went: struct vmp_slot's number. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} news SEC(".maps");

struct index_entry {
	u64 task; /* address of the task_struct; 0: free */
	u32 slot;
	u32 crowd; /* another vCPU thread has the same place: not found here is not the last word */
};

static struct index_entry task_index[VMP_INDEX];
__u64 loss[VMP_LOSSES];
__u32 gate; /* 0: nothing is counted yet */

static __always_inline struct index_entry *index_of(u64 task)
{
	/* task_structs are aligned to cache lines */
	return &task_index[(task >> 6) & (VMP_INDEX - 1)];
}

static __always_inline void tell(u32 slot)
{
	/* a full ring only delays: user space also looks through all slots */
	bpf_ringbuf_output(&news, &slot, sizeof(slot), 0);
}

static __always_inline int slot_init(u32 i, struct task_struct *task, struct kvm_vcpu *vcpu, u32 isa)
{
	struct vmp_slot *s = bpf_map_lookup_elem(&slots, &i);

	if (!s)
		return 0;
	ledger_init(s, bpf_ktime_get_ns());
	s->tid = task->pid;
	s->tgid = task->tgid;
	s->start_ns = task->group_leader->start_boottime;
	s->vcpu_id = vcpu ? vcpu->vcpu_id : -1;
	s->isa = isa;
	bpf_get_current_comm(s->comm, sizeof(s->comm));
	s->life = VMP_LIVE;
	tell(i);
	return 1;
}

/* The current thread's slot by task storage; it is given one on its first event after the gate. */
static __noinline u32 slot_slow(struct kvm_vcpu *vcpu, u32 isa)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 address = bpf_get_current_task();
	struct index_entry *x = index_of(address);
	struct place *p;
	u32 i;

	if (!gate)
		return NO_SLOT;
	p = bpf_task_storage_get(&places, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!p) {
		__sync_fetch_and_add(&loss[VMP_LOSS_STORAGE], 1);
		return NO_SLOT;
	}
	if (!p->slot) {
		if (bpf_map_pop_elem(&free_slots, &i) || !slot_init(i, task, vcpu, isa)) {
			__sync_fetch_and_add(&loss[VMP_LOSS_SLOTS], 1);
			return NO_SLOT;
		}
		p->slot = i + 1;
	}
	i = p->slot - 1;
	if (!__sync_val_compare_and_swap(&x->task, 0, address))
		x->slot = i;
	else
		x->crowd = 1;
	return i;
}

/* The current thread's slot without a call: NULL when the index alone cannot tell. */
static __always_inline struct vmp_slot *slot_indexed(void)
{
	u64 task = bpf_get_current_task();
	struct index_entry *x = index_of(task);

	return x->task == task ? bpf_map_lookup_elem(&slots, &x->slot) : NULL;
}

/*
 * The current thread's slot, or NULL: its event is lost (and counted), or the
 * gate is closed.  vcpu: what it runs, NULL where the hook does not tell.
 */
static __always_inline struct vmp_slot *slot_current(struct kvm_vcpu *vcpu, u32 isa)
{
	struct vmp_slot *s = slot_indexed();
	u32 i;

	if (s)
		return s;
	i = slot_slow(vcpu, isa);
	return bpf_map_lookup_elem(&slots, &i);
}

#endif
