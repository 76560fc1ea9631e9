/* SPDX-License-Identifier: GPL-2.0-only */
/* Clocks as one number. */
#ifndef VMPERF_LIB_CLOCK_H
#define VMPERF_LIB_CLOCK_H

#include <stdint.h>
#include <time.h>

/* What a clock (CLOCK_MONOTONIC, …) shows, in nanoseconds. */
uint64_t clock_now(clockid_t clock);

/* Milliseconds from now until it is due, as poll() takes them: rounded up, a minute at most; 0: it is. */
int clock_poll_ms(uint64_t due, uint64_t now);

#endif
