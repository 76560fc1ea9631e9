/* SPDX-License-Identifier: GPL-2.0-only */
/* The ledger as a bar, and trends, in one line of cells.  Pure. */
#ifndef VMPERF_TUI_BAR_H
#define VMPERF_TUI_BAR_H

#include "history.h"
#include "screen.h"

/* What a trend goes back to. */
#define TREND_NS 60000000000ULL

/* The states as a bar has them, from the left: what the guest gets, what it loses, idle. */
extern const enum vmp_state bar_order[VMP_STATES];

/* The letter that stands for a state where there are no colours: g k v p i b w r. */
char bar_letter(enum vmp_state s);

/* "guest", …, as in the legend: at most 5 letters */
const char *bar_word(enum vmp_state s);

/*
 * How many of n cells each state gets: largest remainders, so that they add up
 * to n; what has half a cell or more gets one, where there are enough.  All 0
 * when nothing was observed.
 */
void bar_cells(const uint64_t ledger[VMP_STATES], unsigned int n, unsigned int ret[VMP_STATES]);

/* The bar, w cells wide. */
void bar_draw(struct screen *s, unsigned int x, unsigned int y, unsigned int w,
	      const uint64_t ledger[VMP_STATES]);

/*
 * What the parts of the bar are, with their shares, those of 0 left out; shares that do not fit are
 * left out, smallest first.  Returns the column after it.
 */
unsigned int bar_legend(struct screen *s, unsigned int x, unsigned int y, unsigned int w,
			const uint64_t ledger[VMP_STATES]);

/*
 * Means over w equal parts of the last minute, the newest one last, of how busy
 * the VM was, pid 0: the host; < 0: not known.
 */
void trend_busy(const struct history *h, uint32_t pid, unsigned int w, float *ret);

/* Shares of 1 as blocks of eight heights; < 0: blank. */
void trend_draw(struct screen *s, unsigned int x, unsigned int y, unsigned int w, const float *shares);

/* A step of 0 to steps - 1 for a number of things, on a log scale up to the largest. */
unsigned int heat_step(uint64_t n, uint64_t largest, unsigned int steps);

#endif
