/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state machine of the vCPU time ledger: pure functions over one slot,
 * called by its own thread only.  No helper, no map, no clock, so the very
 * same code runs in the kernel and in the unit tests.
 *
 * The exit and entry paths run a million times a second: what stands in the
 * inline functions is counted in instructions (make bench); all that is rare
 * is in functions of its own.
 */
#ifndef VMPERF_LEDGER_BPF_H
#define VMPERF_LEDGER_BPF_H

#include "hist.bpf.h"
#include "vmperf.h"

#define LEDGER_MODE(state, place) ((__u32)(state) << 8 | (place))
#define LEDGER_PLACE(mode) ((mode) & (VMP_EXITS - 1))

/* Nothing is observed of a new thread until its first entry. */
static inline void ledger_init(struct vmp_slot *s, __u64 now)
{
	s->begin = now;
	s->mode = LEDGER_MODE(VMP_NONE, 0);
	s->used = 1;
	s->exit[0].code = VMP_CODE_OTHER;
	s->since = now;
}

/*
 * SVM's codes (0 to 0xa6, then 0x400 to 0x403), VMX's and arm64's each hash
 * without a collision; others may share a place in dense[], at a cost in time
 * only.
 */
static inline __u32 ledger_hash(__u64 code)
{
	return (code + (code >> 10) * 0xb0) & (VMP_DENSE - 1);
}

/* The first time a code is seen, or after another with the same hash. */
static __attribute__((noinline)) __u32 ledger_place_slow(struct vmp_slot *s, __u64 code)
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
	s->dense[ledger_hash(code)] = i;
	return i & (VMP_EXITS - 1);
}

/* Clock readings of two CPUs may differ by a few ns: time never runs backwards here. */
static __attribute__((noinline)) __u64 ledger_backwards(struct vmp_slot *s)
{
	s->backwards++;
	return 0;
}

static inline __u64 ledger_elapsed(struct vmp_slot *s, __u64 since, __u64 now)
{
	__u64 ns = now - since;

	return (__s64)ns < 0 ? ledger_backwards(s) : ns;
}

static inline void ledger_handled(struct vmp_exit *e, __u64 ns)
{
	__u32 k = hist_bucket(ns);

	e->bucket = k;
	e->hist[k & (VMP_HIST - 1)]++;
	if (ns > e->max_ns)
		e->max_ns = ns;
}

/* Closes whatever state was open, up to now, without an entry. */
static __attribute__((noinline)) int ledger_close(struct vmp_slot *s, __u64 now)
{
	struct vmp_exit *e = &s->exit[LEDGER_PLACE(s->mode)];
	__u64 ns = ledger_elapsed(s, s->since, now);

	switch (s->mode >> 8) {
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
	return 0;
}

/* An exit while no entry is open.  Returns 0 if it is the thread's first event: a partial pair. */
static __attribute__((noinline)) int ledger_exit_unpaired(struct vmp_slot *s, __u64 now)
{
	if (s->mode >> 8 == VMP_NONE) {
		s->since = now;
		return 0;
	}
	ledger_close(s, now);
	s->unpaired++;
	return 1;
}

/* kvm_exit */
static inline void ledger_exit(struct vmp_slot *s, __u64 now, __u64 code)
{
	struct vmp_exit *e;
	__u32 i;

	s->begin = now;
	if (s->mode == LEDGER_MODE(VMP_GUEST, 0))
		s->guest_ns += ledger_elapsed(s, s->since, now);
	else if (!ledger_exit_unpaired(s, now))
		return;
	i = s->dense[ledger_hash(code)] & (VMP_EXITS - 1);
	e = &s->exit[i];
	if (e->code != code) {
		i = ledger_place_slow(s, code);
		e = &s->exit[i & (VMP_EXITS - 1)];
	}
	e->count++;
	s->mode = LEDGER_MODE(VMP_KVM, i);
	s->since = now;
}

/* An entry that ends anything but an exit handled by KVM alone. */
static __attribute__((noinline)) int ledger_entry_slow(struct vmp_slot *s, __u64 now)
{
	__u32 state = s->mode >> 8;

	ledger_close(s, now);
	if (state == VMP_NONE)
		s->first_ns = now;
	else if (state == VMP_VMM)
		ledger_handled(&s->exit[LEDGER_PLACE(s->mode)], ledger_elapsed(s, s->exit_ns, now));
	else
		s->unpaired++;
	s->mode = LEDGER_MODE(VMP_GUEST, 0);
	s->since = now;
	return 0;
}

/* kvm_entry */
static inline void ledger_entry(struct vmp_slot *s, __u64 now)
{
	struct vmp_exit *e;
	__u32 mode = s->mode, k;
	__u64 ns;

	s->begin = now;
	if (mode >> 8 != VMP_KVM) {
		ledger_entry_slow(s, now);
		return;
	}
	e = &s->exit[LEDGER_PLACE(mode)];
	ns = now - s->since;
	k = e->bucket;
	/*
	 * Exits of one reason take about as long as the one before: mostly the
	 * same bucket, found by one shift.  All else, time that ran backwards
	 * included, fails this test.
	 */
	if (ns >> (k & 63) != 1) {
		ns = ledger_elapsed(s, s->since, now);
		k = hist_bucket(ns);
		e->bucket = k;
	}
	e->ns[VMP_KVM] += ns;
	e->hist[k & (VMP_HIST - 1)]++;
	if (ns > e->max_ns)
		e->max_ns = ns;
	s->mode = LEDGER_MODE(VMP_GUEST, 0);
	s->since = now;
}

/* kvm_userspace_exit; place: the KVM_EXIT_* code or one of VMP_UEXIT_* */
static inline void ledger_userspace(struct vmp_slot *s, __u64 now, __u32 place)
{
	__u32 state = s->mode >> 8;

	s->begin = now;
	s->uexits[place & (VMP_UEXITS - 1)].count++;
	if (state != VMP_NONE) {
		ledger_close(s, now);
		/* KVM_RUN may return again without an entry in between: still the same exit */
		if (state == VMP_KVM)
			s->exit_ns = s->since;
		else if (state == VMP_GUEST) {
			/* an entry that failed: no exit to charge it to */
			s->unpaired++;
			s->exit_ns = now;
		}
		s->uexit = place;
		s->mode = LEDGER_MODE(VMP_VMM, LEDGER_PLACE(s->mode));
	}
	s->since = now;
}

/* The thread ends: its ledger is closed for good. */
static inline void ledger_end(struct vmp_slot *s, __u64 now)
{
	s->begin = now;
	ledger_close(s, now);
	s->mode = LEDGER_MODE(VMP_NONE, 0);
	s->end_ns = now;
	s->since = now;
}

#endif
