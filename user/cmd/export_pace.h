/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long something that was made is good enough to be given out again: so that
 * asking for it in a loop takes a quarter of a CPU at most.  Pure.
 */
#ifndef VMPERF_CMD_EXPORT_PACE_H
#define VMPERF_CMD_EXPORT_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* At least that long, however little it takes. */
#define PACE_MIN_NS 100000000U
/* So many times what making it has taken. */
#define PACE_TIMES  4

/* All zero: nothing was made yet. */
struct pace {
	bool made;
	uint64_t begun_ns;
	uint64_t cost_ns;
};

/* Everything is made anew from now on. */
void pace_begin(struct pace *p, uint64_t now);

/* What was just done for it took from begun to now, of a clock of its own. */
void pace_spent(struct pace *p, uint64_t begun, uint64_t now);

/* False: it is to be made anew. */
bool pace_is_fresh(const struct pace *p, uint64_t now);

#endif
