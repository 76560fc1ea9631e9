/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a vCPU thread leaves its CPU and comes back, when it is woken, and when
 * a halt is over.  sched_switch and sched_wakeup fire for every task of the
 * host: for one that is no thread of a VM they read its place in the index, and
 * nothing else.
 */
#ifndef VMPERF_SCHED_BPF_H
#define VMPERF_SCHED_BPF_H

#include "compat.bpf.h"
#include "thread.bpf.h"

#define PF_EXITING 0x4 /* linux/sched.h */

/* Per slot, by CPU: the time that its thread was on that CPU, up to the last switch. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u64)); /* times ncpus, set by user space */
} cpu_ns SEC(".maps");

/* One value: by CPU its NUMA node, written by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32)); /* times ncpus, set by user space */
} cpu_node SEC(".maps");

/* bpf_rdonly_cast() is there: what is read of a vCPU costs no call. */
const volatile bool rdonly_cast = false;

#define sched_read(vcpu, field)                                                                              \
	(rdonly_cast ? ((struct kvm_vcpu *)bpf_rdonly_cast((void *)(vcpu),                                   \
							   bpf_core_type_id_kernel(struct kvm_vcpu)))        \
			       ->field                                                                       \
		     : BPF_CORE_READ((struct kvm_vcpu *)(vcpu), field))

/* It sleeps in kvm_vcpu_block(): halted, or an application processor that was not started. */
static __always_inline bool sched_halted(u64 vcpu)
{
	return vcpu && sched_read(vcpu, wait.task);
}

/* halt_poll_fail_ns of KVM's statistics: the time polled for a wake-up that did not come, of ended halts. */
static __always_inline u64 sched_poll_fail(u64 vcpu)
{
	return vcpu ? sched_read(vcpu, stat.generic.halt_poll_fail_ns) : 0;
}

/* Before the ledger of a thread that leaves its CPU: the two are read together. */
static __always_inline void sched_charge_cpu(u32 i, struct vmp_slot *s, u64 now)
{
	u64 *ns = bpf_map_lookup_elem(&cpu_ns, &i);
	u32 cpu = s->cpu;

	ledger_begin(s, now);
	if (ns && cpu < ncpus && !ledger_off(VMP_MODE_STATE(s->mode)))
		ns[cpu] += now - s->on_ns;
	s->on_ns = now;
}

static __noinline int sched_out(struct task_struct *task, u32 i, u64 now, bool preempted)
{
	struct vmp_slot *s = bpf_map_lookup_elem(&slots, &i);
	u64 vcpu, poll = 0, fail = 0;
	u32 off = VMP_BLOCKED;

	if (!s)
		return 0;
	vcpu = task_vcpu(task);
	if (preempted || !task->__state) {
		off = VMP_WAIT;
	} else if (sched_halted(vcpu)) {
		off = VMP_IDLE;
		poll = sched_read(vcpu, halt_poll_ns);
		fail = sched_poll_fail(vcpu);
	}
	/* of one that was first seen elsewhere and has moved since, too */
	s->cpu = bpf_get_smp_processor_id();
	sched_charge_cpu(i, s, now);
	ledger_out(s, now, off, poll, fail);
	return 0;
}

/* 64 bits and a barrier: the verifier of 6.1 loses a range that was found for a copy, or for a half. */
static __always_inline u32 sched_node(const u32 *node, u64 cpu)
{
	__asm__ __volatile__("" : "+r"(cpu));
	return cpu < (u64)ncpus ? node[cpu] : 0;
}

static __always_inline bool sched_other_node(u64 cpu, u64 other)
{
	u32 zero = 0, *node = bpf_map_lookup_elem(&cpu_node, &zero);

	return node && sched_node(node, cpu) != sched_node(node, other);
}

static __noinline int sched_in(u32 i, u64 now)
{
	struct vmp_slot *s = bpf_map_lookup_elem(&slots, &i);
	u32 cpu = bpf_get_smp_processor_id();

	if (!s)
		return 0;
	ledger_begin(s, now);
	if (s->cpu != cpu) {
		s->moves++;
		s->node_moves += sched_other_node(s->cpu, cpu);
		s->cpu = cpu;
	}
	ledger_in(s, now);
	return 0;
}

static __noinline int sched_switched(bool preempted, struct task_struct *prev, struct task_struct *next)
{
	u32 out = slot_of(prev), in = slot_of(next);
	u64 now;

	if (out == NO_SLOT && in == NO_SLOT)
		return 0;
	if (nevents)
		event_switch(out, in);
	/* others are counted, and have no ledger */
	if (out >= nslots && in >= nslots)
		return 0;
	now = bpf_ktime_get_ns();
	if (out < nslots)
		sched_out(prev, out, now, preempted);
	if (in < nslots)
		sched_in(in, now);
	return 0;
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempted, struct task_struct *prev, struct task_struct *next)
{
	if (slot_none(prev) && slot_none(next))
		return 0;
	return sched_switched(preempted, prev, next);
}

static __noinline int sched_woken(struct task_struct *task)
{
	u32 i = slot_of(task);
	struct vmp_slot *s = bpf_map_lookup_elem(&slots, &i);

	if (s)
		ledger_woken(s, bpf_ktime_get_ns());
	return 0;
}

SEC("?tp_btf/sched_wakeup")
int BPF_PROG(sched_wakeup, struct task_struct *task)
{
	return slot_none(task) ? 0 : sched_woken(task);
}

static __always_inline void other_end(u32 number)
{
	u32 i = number - nslots;
	struct vmp_other *o = bpf_map_lookup_elem(&others, &i);

	if (!o)
		return;
	ledger_last(&o->life, VMP_GONE);
	tell(number);
}

/* A thread of the host ends: if it had a number, user space may fold and recycle it. */
static __always_inline int thread_end(struct task_struct *task)
{
	struct index_entry *x = index_of(task);
	struct vmp_slot *s;
	struct place *p;
	u64 now;
	u32 i;

	if (slot_none(task))
		return 0;
	p = bpf_task_storage_get(&places, task, NULL, 0);
	if (!p)
		return 0;
	i = __sync_lock_test_and_set(&p->slot, 0);
	if (!i)
		return 0;
	i--;
	index_crowd(x, p, 0);
	if (x->task == (u64)task)
		x->task = 0;
	if (i >= nslots) {
		other_end(i);
		return 0;
	}
	s = bpf_map_lookup_elem(&slots, &i);
	if (!s)
		return 0;
	now = bpf_ktime_get_ns();
	sched_charge_cpu(i, s, now);
	ledger_end(s, now);
	ledger_last(&s->life, VMP_GONE);
	tell(i);
	return 0;
}

/* The current thread ends: what events have counted until now is its own. */
static __always_inline int thread_exit(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (slot_none(task))
		return 0;
	if (nevents)
		event_switch_np(slot_of(task), NO_SLOT);
	return thread_end(task);
}

/*
 * By thread that exists and is to have a number: KVM's number of its vCPU, or
 * VMP_SEED_OTHER for a thread of a VM that runs none.  Written by user space.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, s32);
} seeds SEC(".maps");

static __always_inline u32 sched_state(struct task_struct *task)
{
	if (task_on_cpu(task))
		return VMP_RUNNING;
	if (!task->__state)
		return VMP_WAIT;
	return sched_halted(task_vcpu(task)) ? VMP_IDLE : VMP_BLOCKED;
}

/*
 * Run at the start: gives each vCPU thread that exists its slot, so that one
 * that sleeps, or spins in its guest, is observed before its first event.  Run
 * then and later: gives the other threads of VMs their numbers.
 */
SEC("iter/task")
int seed_threads(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct vmp_slot *s;
	u32 i, tid, state;
	s32 *vcpu;

	if (!task)
		return 0;
	tid = task->pid;
	vcpu = bpf_map_lookup_elem(&seeds, &tid);
	if (!vcpu || !gate || task->flags & PF_EXITING)
		return 0;
	if (*vcpu == VMP_SEED_OTHER) {
		if (nevents)
			other_make(task);
		/* it may have ended before its number could be found */
		if (task->flags & PF_EXITING)
			thread_end(task);
		return 0;
	}
	state = sched_state(task);
	i = slot_make(task, *vcpu, vendor_isa, state, task_cpu(task));
	s = bpf_map_lookup_elem(&slots, &i);
	if (!s)
		return 0;
	/*
	 * Before its slot could be found it may have switched, or ended.  Its own
	 * next event would tell, but a sleeper may not have one for long.  One that
	 * comes right now changes mode, and is left alone.
	 */
	if (s->since == s->first_ns)
		__sync_val_compare_and_swap(&s->mode, VMP_MODE(state, 0), VMP_MODE(sched_state(task), 0));
	if (task->flags & PF_EXITING)
		thread_end(task);
	return 0;
}

/* A new thread of a process whose threads are counted is counted from its birth on. */
static __always_inline int thread_begin(struct task_struct *task)
{
	struct task_struct *parent = bpf_get_current_task_btf();

	if (slot_none(parent) || task->tgid != parent->tgid || slot_of(parent) == NO_SLOT)
		return 0;
	other_make(task);
	return 0;
}

SEC("?tp_btf/task_newtask")
int BPF_PROG(task_newtask, struct task_struct *task)
{
	return thread_begin(task);
}

SEC("?tp_btf/task_newtask")
int BPF_PROG(task_newtask_np, struct task_struct *task)
{
	bpf_preempt_disable();
	thread_begin(task);
	bpf_preempt_enable();
	return 0;
}

/* Run by user space on a CPU: what its thread has counted until now. */
SEC("?raw_tp")
int event_flush(void *ctx)
{
	u32 number = slot_of(bpf_get_current_task_btf());

	event_switch(number, number);
	return 0;
}

static __always_inline int halt_ended(u64 halt_ns, bool waited)
{
	u64 now = bpf_ktime_get_ns();
	struct vmp_slot *s = slot_current(NULL, vendor_isa);

	if (s)
		ledger_halt(s, now, halt_ns, waited, sched_poll_fail(task_vcpu(bpf_get_current_task_btf())));
	return 0;
}

SEC("?tp_btf/kvm_vcpu_wakeup")
int BPF_PROG(kvm_vcpu_wakeup, u64 ns, bool waited)
{
	return halt_ended(ns, waited);
}

SEC("?tp_btf/kvm_vcpu_wakeup")
int BPF_PROG(kvm_vcpu_wakeup_np, u64 ns, bool waited)
{
	bpf_preempt_disable();
	halt_ended(ns, waited);
	bpf_preempt_enable();
	return 0;
}

#endif
