/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state machine of the vCPU time ledger: pure functions over one slot,
 * called by its own thread only (ledger_woken() apart).  No helper, no map, no
 * clock, so the very same code runs in the kernel and in the unit tests.
 *
 *	on the CPU:  running ──► guest ◄──► kvm ──► vmm      kvm_entry, kvm_exit, kvm_userspace_exit
 *	                  └────────┴────┬────┴───────┘
 *	off the CPU:        idle, blocked, wait              sched_switch out, and in again to where it was
 *
 * The exit and entry paths run a million times a second: what stands in the
 * …_fast functions is counted in instructions (make bench).
 */
#ifndef VMPERF_LEDGER_BPF_H
#define VMPERF_LEDGER_BPF_H

#include "hist.bpf.h"
#include "vmperf.h"

#define LEDGER_UEXIT_HLT 5 /* KVM_EXIT_HLT, uapi/linux/kvm.h */

/*
 * A reader on another CPU must see begin change before anything else and since
 * after it: ledger_first() stores v before all that is stored after it,
 * ledger_last() after all that was stored before it.  x86 keeps the order of
 * stores, so there the compiler is told.  arm64 does not, and an exchange is the
 * only instruction of BPF that orders on every kernel (SWPAL; 5.18, as the other
 * exchanges of these programs).
 */
#define ledger_barrier() __asm__ __volatile__("" ::: "memory")

#if defined(__bpf__) && defined(__TARGET_ARCH_arm64)
#define ledger_first(p, v) ((void)__sync_lock_test_and_set(p, v))
#define ledger_last(p, v)  ((void)__sync_lock_test_and_set(p, v))
#else
#define ledger_first(p, v)                                                                                   \
	do {                                                                                                 \
		*(p) = (v);                                                                                  \
		ledger_barrier();                                                                            \
	} while (0)
#define ledger_last(p, v)                                                                                    \
	do {                                                                                                 \
		ledger_barrier();                                                                            \
		*(p) = (v);                                                                                  \
	} while (0)
#endif

static inline void ledger_begin(struct vmp_slot *s, __u64 now)
{
	ledger_first(&s->begin, now);
}

static inline void ledger_since(struct vmp_slot *s, __u64 now)
{
	ledger_last(&s->since, now);
}

/*
 * i, which is below n (a power of two) already.  The mask is for the verifier,
 * and must stay: what a compiler knows of a range, from a copy or from before a
 * call, the verifier of 6.1 need not know.
 */
static inline __u32 ledger_below(__u32 i, __u32 n)
{
	__asm__ __volatile__("" : "+r"(i));
	return i & (n - 1);
}

static inline int ledger_off(__u32 state)
{
	return state == VMP_IDLE || state == VMP_BLOCKED || state == VMP_WAIT;
}

/* A new thread, in this state: running, or one off the CPU. */
static inline void ledger_init(struct vmp_slot *s, __u64 now, __u32 state)
{
	ledger_begin(s, now);
	s->mode = VMP_MODE(state, 0);
	s->back = VMP_RUNNING;
	s->used = 1;
	s->first_ns = now;
	s->on_ns = now;
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
		if (s->exit[ledger_below(i, VMP_EXITS)].code == code)
			break;
	if (i >= VMP_EXITS) {
		i = 0; /* full: counted under "other" */
	} else if (i == n) {
		s->exit[ledger_below(i, VMP_EXITS)].code = code;
		s->used = n + 1;
	}
	s->dense[code & (VMP_DENSE - 1)] = (__u64)VMP_MODE(VMP_KVM, i) << 32 | code;
	return VMP_MODE(VMP_KVM, ledger_below(i, VMP_EXITS));
}

/* One more time of its kind; one that ran backwards is 0. */
static inline void ledger_time(struct vmp_times *t, __u64 ns)
{
	__u32 k;

	if ((__s64)ns < 0)
		ns = 0;
	k = hist_bucket(ns);
	t->ns += ns;
	t->hist[ledger_below(k, VMP_HIST)]++;
	if (ns > t->max_ns)
		t->max_ns = ns;
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
	e->hist[ledger_below(k, VMP_HIST)]++;
	if (ns > e->max_ns)
		e->max_ns = ns;
}

/* Where the thread is, or will go on when it is back on the CPU. */
static inline __u32 ledger_on(const struct vmp_slot *s)
{
	__u32 state = VMP_MODE_STATE(s->mode);

	return ledger_off(state) ? s->back : state;
}

/* Charges ns to a state: the open exit's part of it, if there is an open exit. */
static inline void ledger_add(struct vmp_slot *s, __u32 state, __u64 ns)
{
	__u32 on = ledger_on(s);

	if (on == VMP_KVM || on == VMP_VMM)
		s->exit[VMP_MODE_PLACE(s->mode)].ns[ledger_below(state, VMP_STATES)] += ns;
	else
		s->ns[ledger_below(state, VMP_STATES)] += ns;
}

/* Charges ns on the CPU to its state: the open exit's handling, if there is an open exit. */
static inline void ledger_ran(struct vmp_slot *s, __u64 ns)
{
	__u32 state = ledger_on(s);

	ledger_add(s, state, ns);
	if (state == VMP_VMM)
		s->uexits[s->uexit & (VMP_UEXITS - 1)].ns += ns;
	if (state == VMP_KVM || state == VMP_VMM) {
		s->mode |= VMP_MODE_SPLIT;
		s->handled_ns += ns;
	}
}

/* The halt that the thread slept in is over: KVM had polled for so long before. */
static inline void ledger_polled(struct vmp_slot *s, __u64 ns)
{
	__u64 halt = s->halt_ns;

	if (!halt)
		return;
	if (ns > halt || (__s64)halt < 0)
		ns = halt;
	s->halt_ns = 0;
	ledger_add(s, VMP_POLL, ns);
	ledger_ran(s, halt - ns);
}

/* Charges the time since the last event to the open state. */
static inline void ledger_close(struct vmp_slot *s, __u64 now)
{
	__u32 state = VMP_MODE_STATE(s->mode);
	__u64 woken = s->woken_ns;

	if (!ledger_off(state)) {
		ledger_ran(s, now - s->since);
		return;
	}
	/* whoever slept and was woken has waited from then on */
	if (state == VMP_WAIT || (woken && (__s64)(woken - s->since) < 0))
		woken = s->since;
	else if (!woken || (__s64)(now - woken) < 0)
		woken = now;
	ledger_add(s, state, woken - s->since);
	ledger_add(s, VMP_WAIT, now - woken);
	if (state != VMP_WAIT)
		s->woke_ns = woken;
}

/* Back on the CPU. */
static inline void ledger_back(struct vmp_slot *s, __u64 now)
{
	__u32 state = VMP_MODE_STATE(s->mode), back = s->back;

	ledger_close(s, now);
	if (state == VMP_IDLE && back == VMP_VMM && s->uexit == LEDGER_UEXIT_HLT) {
		/* the VMM itself waits for what ends the halt */
		ledger_time(&s->halts, s->woke_ns - s->since);
		s->late_ns = s->woke_ns;
	}
	s->mode = VMP_MODE(back, VMP_MODE_PLACE(s->mode));
	/* what it was in has a past, but for handling that nothing was charged for yet: that is 0 */
	if (back == VMP_KVM || back == VMP_VMM)
		s->mode |= VMP_MODE_SPLIT;
	s->since = now;
	s->on_ns = now;
}

/* Before an event that only a thread on the CPU can have: if it was not seen coming back, it came back now.
 */
static inline void ledger_must_run(struct vmp_slot *s, __u64 now)
{
	if (ledger_off(VMP_MODE_STATE(s->mode)))
		ledger_back(s, now);
}

/* sched_switch to this thread. */
static inline void ledger_in(struct vmp_slot *s, __u64 now)
{
	ledger_begin(s, now);
	if (ledger_off(VMP_MODE_STATE(s->mode)))
		ledger_back(s, now);
	else
		ledger_close(s, now);
	ledger_since(s, now);
}

/*
 * sched_switch from this thread.  off: VMP_WAIT when it could go on, VMP_IDLE
 * when it is halted in KVM, else VMP_BLOCKED.  poll_ns, poll_fail (halted in KVM
 * only): the longest that KVM may have polled before, and its halt_poll_fail_ns.
 */
static inline void ledger_out(struct vmp_slot *s, __u64 now, __u32 off, __u64 poll_ns, __u64 poll_fail)
{
	__u32 state = VMP_MODE_STATE(s->mode);

	ledger_begin(s, now);
	if (ledger_off(state)) {
		/* not seen coming back */
		ledger_close(s, now);
	} else {
		if (off == VMP_IDLE && state != VMP_GUEST) {
			/* how much of this was polling KVM tells when the halt is over */
			s->halt_ns += now - s->since;
			s->poll_ns = poll_ns;
			s->poll_fail = poll_fail;
		} else {
			ledger_close(s, now);
		}
		s->back = state;
	}
	/* halted, says KVM to a VMM that waits by itself: no interrupt controller in the kernel */
	if (off == VMP_BLOCKED && s->back == VMP_VMM && s->uexit == LEDGER_UEXIT_HLT)
		off = VMP_IDLE;
	s->woken_ns = 0;
	s->mode = VMP_MODE(off, VMP_MODE_PLACE(s->mode)) | VMP_MODE_SPLIT;
	ledger_since(s, now);
}

/*
 * sched_wakeup of this thread, by any other.  The kernel orders it against
 * both of its switches (the run queue's lock, task_struct's on_cpu), so it
 * comes between ledger_out() and ledger_in(), or for one that never slept.
 */
static inline void ledger_woken(struct vmp_slot *s, __u64 now)
{
	s->woken_ns = now;
}

/*
 * kvm_vcpu_wakeup: a halt of halt_ns is over.  waited: it slept, after KVM had
 * polled in vain; poll_fail: halt_poll_fail_ns now.  Else all of it was polling.
 */
static inline void ledger_halt(struct vmp_slot *s, __u64 now, __u64 halt_ns, int waited, __u64 poll_fail)
{
	__u64 ns;

	ledger_begin(s, now);
	ledger_must_run(s, now);
	ns = now - s->since;
	if (waited && s->halt_ns) {
		ledger_polled(s, poll_fail - s->poll_fail);
	} else {
		/* it did not leave the CPU, so all of the halt lies since the last event, if all was seen */
		__u64 poll = waited ? poll_fail - s->poll_fail : halt_ns;

		if ((__s64)ns < 0 || (waited && (halt_ns > ns || !s->poll_fail)))
			poll = 0;
		else if (poll > ns)
			poll = ns;
		ledger_add(s, VMP_POLL, poll);
		ns -= poll;
	}
	s->poll_fail = poll_fail;
	/* the wake-up of this halt, not of an earlier one */
	s->late_ns = waited && now - s->woke_ns <= halt_ns ? s->woke_ns : now;
	/* its exit was missed, and its entry may be: no other exit's entry is late for it */
	if (VMP_MODE_STATE(s->mode) == VMP_GUEST)
		s->late_ns = 0;
	ledger_ran(s, ns);
	ledger_time(&s->halts, halt_ns);
	ledger_since(s, now);
}

/* An event that ends the state the thread is in, which is on the CPU: that state, with all its time charged.
 */
static inline __u32 ledger_leave(struct vmp_slot *s, __u64 now)
{
	ledger_begin(s, now);
	ledger_must_run(s, now);
	ledger_polled(s, 0);
	ledger_close(s, now);
	return VMP_MODE_STATE(s->mode);
}

/* kvm_exit, every case. */
static inline void ledger_exit(struct vmp_slot *s, __u64 now, __u32 code)
{
	__u32 state = ledger_leave(s, now);

	if (state == VMP_KVM || state == VMP_VMM) {
		/* the exit before this one was followed by no entry */
		s->unpaired++;
		s->exit[VMP_MODE_PLACE(s->mode)].count++;
	}
	s->late_ns = 0;
	s->handled_ns = 0;
	s->entered = 1;
	s->mode = ledger_place(s, code);
	ledger_since(s, now);
}

/* kvm_exit, the usual case: out of the guest, with a code seen before.  0: it is not, nothing was done. */
static inline int ledger_exit_fast(struct vmp_slot *s, __u64 now, __u32 code)
{
	__u64 known = s->dense[code & (VMP_DENSE - 1)];

	if ((__u32)known != code || s->mode != VMP_MODE(VMP_GUEST, 0))
		return 0;
	ledger_begin(s, now);
	s->ns[VMP_GUEST] += now - s->since;
	s->mode = known >> 32;
	ledger_since(s, now);
	return 1;
}

/* kvm_entry, every case. */
static inline void ledger_entry(struct vmp_slot *s, __u64 now)
{
	__u32 state = ledger_leave(s, now);

	if (state == VMP_KVM || state == VMP_VMM)
		ledger_handled(s, &s->exit[VMP_MODE_PLACE(s->mode)], s->handled_ns);
	else if (state == VMP_GUEST)
		s->unpaired++;
	if (s->late_ns)
		ledger_time(&s->wakes, now - s->late_ns);
	s->late_ns = 0;
	s->handled_ns = 0;
	s->entered = 1;
	s->mode = VMP_MODE(VMP_GUEST, 0);
	ledger_since(s, now);
}

/*
 * kvm_entry, the usual case: ends an exit that KVM handled alone, on the CPU
 * all the time, and that took about as long as the one before of the same
 * reason, so that one shift finds its bucket.  0: it is not, nothing was done.
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
	__u32 state = ledger_leave(s, now);

	s->uexits[ledger_below(place, VMP_UEXITS)].count++;
	s->uexit = place;
	s->late_ns = 0;
	/* KVM_RUN may return again without an entry in between: still the same exit */
	if (state == VMP_GUEST) {
		/* an entry that failed: time for "other", but no exit, which its end will add */
		s->unpaired++;
		s->exit[0].count--;
		s->mode = VMP_MODE(VMP_KVM, 0);
	}
	if (state != VMP_RUNNING)
		s->mode = VMP_MODE(VMP_VMM, VMP_MODE_PLACE(s->mode)) | VMP_MODE_SPLIT;
	ledger_since(s, now);
}

/* The thread ends: its ledger is closed for good. */
static inline void ledger_end(struct vmp_slot *s, __u64 now)
{
	__u32 state = ledger_leave(s, now);

	if (state == VMP_KVM || state == VMP_VMM)
		s->exit[VMP_MODE_PLACE(s->mode)].count++;
	s->handled_ns = 0;
	s->mode = VMP_MODE(VMP_RUNNING, 0);
	s->end_ns = now;
	ledger_since(s, now);
}

#endif
