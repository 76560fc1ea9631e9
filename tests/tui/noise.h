/* SPDX-License-Identifier: GPL-2.0-only */
/* What may come out of a terminal: keys, text, the mouse, pastes, halves of all of them, garbage. */
#ifndef VMPERF_TESTS_NOISE_H
#define VMPERF_TESTS_NOISE_H

#include "lib/buf.h"

struct noise {
	uint64_t state;
	uint32_t quits; /* one of so many is a key that leaves vmperf */
};

struct noise noise_new(uint64_t seed);

/* 0 to n - 1 */
uint32_t noise_to(struct noise *n, uint32_t to);

/*
 * Adds one thing to b.  Never Ctrl-S: what would take it back has no way in
 * once the terminal's queue is full.
 */
void noise_add(struct noise *n, struct buf *b);

#endif
