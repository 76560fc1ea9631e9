/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was: of each interval the few figures that trends and heat maps are
 * drawn from, for as long as they show.  Pure.
 */
#ifndef VMPERF_TUI_HISTORY_H
#define VMPERF_TUI_HISTORY_H

#include "../model/view.h"

/* Intervals that are kept. */
#define HISTORY 240

/* Handling times of one reason in one interval: n buckets of the histogram from the first used one on. */
struct digest_exit {
	uint64_t code;
	uint32_t isa;
	bool user; /* a user-space exit: code is its KVM_EXIT_*, isa 0, and it has a count only */
	uint32_t count;
	uint8_t first, n;
	uint32_t at; /* its buckets' place in struct digest's */
};

struct digest_vm {
	uint32_t pid;
	float busy; /* share of the observed time that is not idle, 0 to 1; < 0: not known */
	float lost; /* share in kvm, vmm, poll, blocked and wait; < 0: not known; both 0: paused */
	uint32_t first, nexits; /* in struct digest's */
};

/* Of one interval; one allocation for each member. */
struct digest {
	uint64_t real_ns; /* its end */
	uint64_t interval_ns;
	float busy, lost; /* of the whole host */
	uint32_t nvms, nexits, nbuckets;
	struct digest_vm *vms; /* by pid */
	struct digest_exit *exits;
	uint32_t *buckets;
};

struct digest *digest_make(const struct view *v);
void digest_free(struct digest *d);

/* NULL: that interval did not have it. */
const struct digest_vm *digest_vm(const struct digest *d, uint32_t pid);
const struct digest_exit *digest_exit(const struct digest *d, const struct digest_vm *vm, uint32_t isa,
				      uint64_t code, bool user);

/* A ring of digests; zeroed it is empty. */
struct history {
	struct digest *ring[HISTORY];
	unsigned int n, next;
};

/* Takes d over; the oldest one goes. */
void history_add(struct history *h, struct digest *d);
/* The one before the last by age, 0: the last one; NULL: there are no more. */
const struct digest *history_at(const struct history *h, unsigned int age);
void history_clear(struct history *h);

#endif
