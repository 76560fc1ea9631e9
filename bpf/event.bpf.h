/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events of threads.  Each is opened once on each CPU and counts all the time.
 * When a thread of a VM comes onto a CPU the counters are read and kept for
 * that CPU; when it leaves, what they have grown by is that thread's.
 * Threads are known here by their numbers only.
 *
 * All this runs on the CPU that is read, where the scheduler cannot switch
 * meanwhile: in sched_switch, or with preemption off.
 */
#ifndef VMPERF_EVENT_BPF_H
#define VMPERF_EVENT_BPF_H

#include "common.bpf.h"
#include "ledger.bpf.h"

/* Event e of a CPU is at e * ncpus + cpu; filled by user space, as CPUs come. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1); /* nevents * ncpus, set by user space */
	__type(key, int);
	__type(value, int);
} event_fds SEC(".maps");

/* By thread's number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(struct vmp_counts)); /* with nevents counts only, set by user space */
} event_counts SEC(".maps");

/* By CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct vmp_event_cpu);
} event_cpus SEC(".maps");

/* Bits of the events that are wanted; the others are not read, and may not be open. */
__u64 events_on = ~0ULL;

/* A reader on another CPU must see begin change before the counts and end after them. */
static __always_inline void event_begin(struct vmp_counts *c)
{
	ledger_first(&c->begin, c->begin + 1);
}

static __always_inline void event_end(struct vmp_counts *c)
{
	ledger_last(&c->end, c->begin);
}

/* What an event has counted since it was read on this CPU is c's, if valid.  Returns its bit: it could be
 * read.
 */
static __always_inline u64 event_read(struct vmp_event_cpu *x, struct vmp_counts *c, u64 index, u32 e,
				      u64 valid)
{
	struct vmp_count *was = &x->of[e];
	struct bpf_perf_event_value v;
	u64 value, enabled, running, bit = 1ULL << e;

	/* all that is read into is written, whether it fails or not */
	if (!c)
		return bpf_perf_event_read_value(&event_fds, index, (void *)was, sizeof(v)) ? 0 : bit;
	if (bpf_perf_event_read_value(&event_fds, index, &v, sizeof(v))) {
		lose(VMP_LOSS_EVENTS);
		return 0;
	}
	value = v.counter - was->value;
	enabled = v.enabled - was->enabled;
	running = v.running - was->running;
	was->value = v.counter;
	was->enabled = v.enabled;
	was->running = v.running;
	if (!(valid & bit))
		return bit;
	/* the CPU was away, and took the event along: its times stand still */
	if (!enabled)
		x->stale |= bit;
	/* it was opened anew */
	if (!enabled || (s64)(value | enabled | running) < 0) {
		lose(VMP_LOSS_EVENTS);
		return bit;
	}
	c->of[e].value += value;
	c->of[e].enabled += enabled;
	c->of[e].running += running;
	return bit;
}

/* Thread out leaves this CPU and thread in comes (NO_SLOT: none of a VM; both the same: it stays). */
static __always_inline int event_change(u32 out, u32 in)
{
	u32 cpu = bpf_get_smp_processor_id(), e;
	struct vmp_event_cpu *x = bpf_map_lookup_elem(&event_cpus, &cpu);
	struct vmp_counts *c = NULL;
	u64 valid = 0, was, on = events_on;

	if (!x)
		return 0;
	/* what was counted before it came, or was known, is not its own */
	if (out != NO_SLOT && x->owner == (u64)out + 1)
		c = bpf_map_lookup_elem(&event_counts, &out);
	if (!c && in == NO_SLOT) {
		x->owner = 0;
		return 0;
	}
	was = x->valid;
	if (c)
		event_begin(c);
	for (e = 0; e < nevents && e < VMP_EVENTS; e++)
		if (on & 1ULL << e)
			valid |= event_read(x, c, (u64)e * ncpus + cpu, e, was);
	if (c)
		event_end(c);
	x->valid = valid;
	x->owner = in == NO_SLOT ? 0 : (u64)in + 1;
	return 0;
}

/*
 * Not static: so the verifier walks it once, not once for each way to it; with
 * many events that of 6.1 would not come to an end.
 */
__noinline int event_switch(u32 out, u32 in)
{
	return event_change(out, in);
}

/* The same where BPF itself may have disabled preemption: what is not static may not be called there. */
static __always_inline void event_switch_np(u32 out, u32 in)
{
	if (np_kernel)
		event_change(out, in);
	else
		event_switch(out, in);
}

/* The current thread has another number now: takes its counts along. */
static __noinline int event_move(u32 from, u32 to)
{
	struct vmp_counts *a = bpf_map_lookup_elem(&event_counts, &from);
	struct vmp_counts *b = bpf_map_lookup_elem(&event_counts, &to);
	u32 cpu = bpf_get_smp_processor_id(), e;
	struct vmp_event_cpu *x = bpf_map_lookup_elem(&event_cpus, &cpu);

	if (!a || !b || !x)
		return 0;
	event_begin(b);
	for (e = 0; e < nevents && e < VMP_EVENTS; e++) {
		b->of[e] = a->of[e];
		a->of[e] = (struct vmp_count){0};
	}
	event_end(b);
	if (x->owner == (u64)from + 1)
		x->owner = (u64)to + 1;
	return 0;
}

#endif
