/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a thread to its number: that of its slot if it runs a vCPU; with events,
 * the other threads of VMs have numbers, too, from nslots on.
 *
 * Task storage is what says which number a thread has.  Its lookup is a helper
 * call of about a hundred instructions, so a direct-mapped index stands before
 * it: a task whose entry holds its own address has its number without a call.  A
 * task_struct is not reused before sched_process_exit has cleared its entry.
 */
#ifndef VMPERF_THREAD_BPF_H
#define VMPERF_THREAD_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "event.bpf.h"
#include "ledger.bpf.h"

#define INDEX_TAKEN 1 /* no task_struct's address */

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

/* Threads of VMs that run no vCPU: numbers from nslots on. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct vmp_other);
} others SEC(".maps");

/* Places of free ones, as for slots. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, u32);
} free_others SEC(".maps");

struct place {
	u32 slot;    /* the thread's number, + 1; 0: none */
	u32 crowded; /* the thread's place in the index is another's, and counted there */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct place);
} places SEC(".maps");

/* Tells user space at once of a thread's number: a slot's that came or went, another's that went. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} news SEC(".maps");

struct index_entry {
	u64 task;  /* address of the task_struct; 0: free */
	u32 slot;  /* the thread's number */
	u32 crowd; /* threads of VMs with this place that are not here: not found here is not the last word */
};

_Static_assert(sizeof(struct index_entry) == 16, "see index_of()");

static struct index_entry task_index[VMP_INDEX];
__u32 gate; /* 0: nothing is counted yet */

/* task: its low half says where it stands, as the verifier lets no other part of a typed pointer be a number.
 */
static __always_inline struct index_entry *index_of(const struct task_struct *task)
{
	u32 low;

	__asm__ __volatile__("%0 = %1" : "=w"(low) : "w"((u32)(u64)task));
	/* task_structs are aligned to cache lines, so >> 6; an entry has 16 bytes, so << 4: one shift for
	 * both */
	return (struct index_entry *)((char *)task_index + (low >> 2 & (VMP_INDEX - 1) << 4));
}

static __always_inline void tell(u32 slot)
{
	/* a full ring only delays: user space also looks through all slots */
	bpf_ringbuf_output(&news, &slot, sizeof(slot), 0);
}

static __always_inline void slot_init(struct vmp_slot *s, struct task_struct *task, s32 vcpu_id, u32 isa,
				      u32 state, u32 cpu)
{
	ledger_init(s, bpf_ktime_get_ns(), state);
	s->tid = task->pid;
	s->tgid = task->tgid;
	s->start_ns = task->group_leader->start_boottime;
	s->vcpu_id = vcpu_id;
	s->isa = isa;
	s->cpu = cpu;
	bpf_probe_read_kernel_str(s->comm, sizeof(s->comm), task->comm);
	ledger_last(&s->life, VMP_LIVE);
}

/* The thread is, or is not, one of those that its place in the index has no room for. */
static __always_inline void index_crowd(struct index_entry *x, struct place *p, u32 crowded)
{
	if (__sync_lock_test_and_set(&p->crowded, crowded) != crowded)
		__sync_fetch_and_add(&x->crowd, crowded ? 1 : -1);
}

/* Who finds the task in the index finds its number: taken first, named last. */
static __always_inline void index_put(struct index_entry *x, struct place *p, u64 address, u32 number)
{
	if (x->task == address) {
		x->slot = number;
	} else if (!__sync_val_compare_and_swap(&x->task, 0, INDEX_TAKEN)) {
		x->slot = number;
		__sync_lock_test_and_set(&x->task, address);
		index_crowd(x, p, 0);
	} else {
		index_crowd(x, p, 1);
	}
}

/* The thread of a VM has a slot now, so it is no other any more. */
static __always_inline void other_became(u32 number, u32 slot)
{
	u32 i = number - nslots;
	struct vmp_other *o = bpf_map_lookup_elem(&others, &i);

	event_move(number, slot);
	if (!o)
		return;
	o->life = VMP_FREE;
	bpf_map_push_elem(&free_others, &i, 0);
}

/* A thread's slot by task storage; it is given one if it has none. */
static __always_inline u32 slot_make(struct task_struct *task, s32 vcpu_id, u32 isa, u32 state, u32 cpu)
{
	struct index_entry *x = index_of(task);
	u64 address = (u64)task;
	struct vmp_slot *s;
	struct place *p;
	u32 i, was, made;

	p = bpf_task_storage_get(&places, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!p) {
		lose(VMP_LOSS_STORAGE);
		return NO_SLOT;
	}
	was = p->slot;
	if (!was || was > nslots) {
		if (bpf_map_pop_elem(&free_slots, &i)) {
			lose(VMP_LOSS_SLOTS);
			return NO_SLOT;
		}
		s = bpf_map_lookup_elem(&slots, &i);
		if (!s)
			return NO_SLOT;
		slot_init(s, task, vcpu_id, isa, state, cpu);
		/* at the start the thread itself and the one that looks at all threads may both come here */
		made = __sync_val_compare_and_swap(&p->slot, was, i + 1);
		if (made != was) {
			s->life = VMP_FREE;
			bpf_map_push_elem(&free_slots, &i, 0);
		} else {
			if (nevents && was)
				other_became(was - 1, i);
			/* on this CPU now: it counts from its first event on, not from its next arrival */
			if (nevents && address == bpf_get_current_task())
				event_switch_np(i, i);
			tell(i);
		}
	}
	i = p->slot - 1;
	index_put(x, p, address, i);
	return i;
}

/* Gives a thread of a VM a number that has none. */
static __always_inline void other_make(struct task_struct *task)
{
	struct vmp_other *o;
	struct place *p;
	u32 i;

	p = bpf_task_storage_get(&places, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!p || p->slot)
		return;
	if (bpf_map_pop_elem(&free_others, &i)) {
		lose(VMP_LOSS_EVENTS);
		return;
	}
	o = bpf_map_lookup_elem(&others, &i);
	if (!o)
		return;
	o->tid = task->pid;
	o->tgid = task->tgid;
	o->start_ns = task->start_boottime;
	ledger_last(&o->life, VMP_LIVE);
	/* it may have got one meanwhile, with its first event of a vCPU */
	if (__sync_val_compare_and_swap(&p->slot, 0, nslots + i + 1)) {
		o->life = VMP_FREE;
		bpf_map_push_elem(&free_others, &i, 0);
		return;
	}
	index_put(index_of(task), p, (u64)task, nslots + i);
}

/* The current thread's slot by task storage; it is given one on its first event after the gate. */
static __noinline u32 slot_slow(struct kvm_vcpu *vcpu, u32 isa)
{
	if (!gate)
		return NO_SLOT;
	return slot_make(bpf_get_current_task_btf(), vcpu ? vcpu->vcpu_id : -1, isa, VMP_RUNNING,
			 bpf_get_smp_processor_id());
}

/* This task has no number, and the index alone can tell. */
static __always_inline bool slot_none(const struct task_struct *task)
{
	const struct index_entry *x = index_of(task);

	return x->task != (u64)task && !x->crowd;
}

/* Any task's number, or NO_SLOT. */
static __always_inline u32 slot_of(struct task_struct *task)
{
	struct index_entry *x = index_of(task);
	struct place *p;

	if (x->task == (u64)task)
		return x->slot;
	if (!x->crowd)
		return NO_SLOT;
	p = bpf_task_storage_get(&places, task, NULL, 0);
	return p ? p->slot - 1 : NO_SLOT;
}

/* The current thread's slot without a call: NULL when the index alone cannot tell, or it has none. */
static __always_inline struct vmp_slot *slot_indexed(void)
{
	u64 task = bpf_get_current_task();
	struct index_entry *x = index_of((struct task_struct *)task);

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
