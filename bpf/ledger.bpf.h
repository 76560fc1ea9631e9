/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state machine of the vCPU time ledger: pure functions over one slot,
 * called by its own thread only.  No helper, no map, no clock, so the very
 * same code runs in the kernel and in the unit tests.
 *
 * The exit and entry paths run a million times a second: what stands in the
 * …_fast functions is counted in instructions (make bench).
 */
#ifndef VMPERF_LEDGER_BPF_H
#define VMPERF_LEDGER_BPF_H

#include "hist.bpf.h"
#include "vmperf.h"

/*
 * A reader on another CPU must see begin change before anything else and since
 * after it.  The compiler is told; x86 keeps the order of stores.
 */
#define ledger_barrier() __asm__ __volatile__("" ::: "memory")

static inline void ledger_begin(struct vmp_slot *s, __u64 now)
{
	s->begin = now;
	ledger_barrier();
}

static inline void ledger_since(struct vmp_slot *s, __u64 now)
{
	ledger_barrier();
	s->since = now;
}

/* Nothing is observed of a new thread until its first entry. */
static inline void ledger_init(struct vmp_slot *s, __u64 now)
{
	ledger_begin(s, now);
	s->mode = VMP_MODE(VMP_NONE, 0);
	s->used = 1;
	s->exit[0].code = VMP_CODE_OTHER;
	/* an empty place reads as code 0, which belongs here: make this one no code's */
	s->dense[0] = ~0ULL;
	ledger_since(s, now);
}

/*
 * The mode that an exit with this code leads to; gives the code a place if it
 * has none.  Codes with the same low bits (SVM's npf and read_cr0, say) take
 * dense[] from each other, at a cost in time only.
 */
static inline __u32 ledger_place(struct vmp_slot *s, __u32 code)
{
	__u32 n = s->used, i;

	for (i = 1; i < VMP_EXITS && i < n; i++)
		if (s->exit[i & (VMP_EXITS - 1)].code == code)
			break;
	if (i >= VMP_EXITS) {
		i = 0; /* full: counted under "other" */
	} else if (i == n) {
		s->exit[i & (VMP_EXITS - 1)].code = code;
		s->used = n + 1;
	}
	s->dense[code & (VMP_DENSE - 1)] = (__u64)VMP_MODE(VMP_KVM, i) << 32 | code;
	return VMP_MODE(VMP_KVM, i & (VMP_EXITS - 1));
}

/*
 * Clock readings of two CPUs may differ by a few ns.  Sums are signed, so that
 * what runs backwards once comes right with the next reading and the ledger
 * balances; a single handling time is never negative.
 */
static inline void ledger_handled(struct vmp_slot *s, struct vmp_exit *e, __u64 ns)
{
	__u32 k;

	if ((__s64)ns < 0) {
		s->backwards++;
		ns = 0;
	}
	k = hist_bucket(ns);
	e->bucket = k;
	e->hist[k & (VMP_HIST - 1)]++;
	if (ns > e->max_ns)
		e->max_ns = ns;
}

/* Charges the time since the last event to the open state. */
static inline void ledger_close(struct vmp_slot *s, __u64 now)
{
	struct vmp_exit *e = &s->exit[VMP_MODE_PLACE(s->mode)];
	__u64 ns = now - s->since;

	switch (VMP_MODE_STATE(s->mode)) {
	case VMP_GUEST:
		s->guest_ns += ns;
		break;
	case VMP_KVM:
		e->ns[VMP_KVM] += ns;
		break;
	case VMP_VMM:
		e->ns[VMP_VMM] += ns;
		s->uexits[s->uexit & (VMP_UEXITS - 1)].ns += ns;
		break;
	}
}

/* kvm_exit, every case. */
static inline void ledger_exit(struct vmp_slot *s, __u64 now, __u32 code)
{
	__u32 state = VMP_MODE_STATE(s->mode);

	ledger_begin(s, now);
	/* a thread's first event: the pair began before we looked */
	if (state != VMP_NONE) {
		ledger_close(s, now);
		if (state != VMP_GUEST) {
			/* the exit before this one was followed by no entry */
			s->unpaired++;
			s->exit[VMP_MODE_PLACE(s->mode)].count++;
		}
		s->mode = ledger_place(s, code);
	}
	ledger_since(s, now);
}

/* kvm_exit, the usual case: out of the guest, with a code seen before.  0: it is not, nothing was done. */
static inline int ledger_exit_fast(struct vmp_slot *s, __u64 now, __u32 code)
{
	__u64 known = s->dense[code & (VMP_DENSE - 1)];

	if ((__u32)known != code || s->mode != VMP_MODE(VMP_GUEST, 0))
		return 0;
	ledger_begin(s, now);
	s->guest_ns += now - s->since;
	s->mode = known >> 32;
	ledger_since(s, now);
	return 1;
}

/* kvm_entry, every case. */
static inline void ledger_entry(struct vmp_slot *s, __u64 now)
{
	__u32 state = VMP_MODE_STATE(s->mode);
	struct vmp_exit *e = &s->exit[VMP_MODE_PLACE(s->mode)];

	ledger_begin(s, now);
	ledger_close(s, now);
	if (state == VMP_NONE)
		s->first_ns = now;
	else if (state == VMP_KVM)
		ledger_handled(s, e, now - s->since);
	else if (state == VMP_VMM)
		ledger_handled(s, e, now - s->exit_ns);
	else
		s->unpaired++;
	s->mode = VMP_MODE(VMP_GUEST, 0);
	ledger_since(s, now);
}

/*
 * kvm_entry, the usual case: ends an exit that KVM handled alone and that took
 * about as long as the one before of the same reason, so that one shift finds
 * its bucket.  0: it is not, nothing was done.
 */
static inline int ledger_entry_fast(struct vmp_slot *s, __u64 now)
{
	__u32 mode = s->mode;
	struct vmp_exit *e;
	__u64 k, ns = now;

	/* a copy from here on, not one that is kept in a saved register from the start */
	__asm__ __volatile__("" : "+r"(ns));
	ns -= s->since;
	if (mode >= VMP_EXITS)
		return 0;
	e = &s->exit[mode];
	k = e->bucket;
	if (ns >> k != 1)
		return 0;
	ledger_begin(s, now);
	e->ns[VMP_KVM] += ns;
	e->hist[k & (VMP_HIST - 1)]++;
	if (ns > e->max_ns)
		e->max_ns = ns;
	s->mode = VMP_MODE(VMP_GUEST, 0);
	ledger_since(s, now);
	return 1;
}

/* kvm_userspace_exit; place: the KVM_EXIT_* code or one of VMP_UEXIT_* */
static inline void ledger_userspace(struct vmp_slot *s, __u64 now, __u32 place)
{
	__u32 state = VMP_MODE_STATE(s->mode);

	ledger_begin(s, now);
	s->uexits[place & (VMP_UEXITS - 1)].count++;
	if (state != VMP_NONE) {
		ledger_close(s, now);
		/* KVM_RUN may return again without an entry in between: still the same exit */
		if (state == VMP_KVM)
			s->exit_ns = s->since;
		else if (state == VMP_GUEST) {
			/* an entry that failed: time for "other", but no exit, which its end will add */
			s->unpaired++;
			s->exit[0].count--;
			s->exit_ns = now;
		}
		s->uexit = place;
		s->mode = VMP_MODE(VMP_VMM, VMP_MODE_PLACE(s->mode));
	}
	ledger_since(s, now);
}

/* The thread ends: its ledger is closed for good. */
static inline void ledger_end(struct vmp_slot *s, __u64 now)
{
	__u32 state = VMP_MODE_STATE(s->mode);

	ledger_begin(s, now);
	ledger_close(s, now);
	if (state == VMP_KVM || state == VMP_VMM)
		s->exit[VMP_MODE_PLACE(s->mode)].count++;
	s->mode = VMP_MODE(VMP_NONE, 0);
	s->end_ns = now;
	ledger_since(s, now);
}

#endif
