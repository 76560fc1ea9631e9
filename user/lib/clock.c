// SPDX-License-Identifier: GPL-2.0-only
#include "clock.h"

#define NS_PER_MS   1000000U
#define MAX_POLL_MS 60000U

uint64_t clock_now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

int clock_poll_ms(uint64_t due, uint64_t now)
{
	uint64_t ms = due > now ? (due - now - 1) / NS_PER_MS + 1 : 0;

	return (int)(ms > MAX_POLL_MS ? MAX_POLL_MS : ms);
}
