/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a request is decided without libmicrohttpd: its path, and whether it comes too soon.  Pure. */
#ifndef VMPERF_HTTP_REQUEST_H
#define VMPERF_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes %XX in its place; returns the length.  %00 stays as it is: a path is a
 * string, and one with a NUL is none of ours; so does what is no code.
 */
size_t request_unescape(char *text);

/* A bucket of burst tokens; one comes back each interval_ns (0: there are always some). */
struct request_rate {
	uint64_t interval_ns;
	uint32_t burst;
	double tokens;
	uint64_t filled; /* when they were counted */
};

/* A full one. */
struct request_rate request_rate(uint64_t interval_ns, uint32_t burst, uint64_t now);

/* Takes one.  False: there is none. */
bool request_rate_take(struct request_rate *r, uint64_t now);

#endif
