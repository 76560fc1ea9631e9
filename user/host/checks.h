/* SPDX-License-Identifier: GPL-2.0-only */
/* What a host offers for measuring VMs, as far as its files tell. */
#ifndef VMPERF_HOST_CHECKS_H
#define VMPERF_HOST_CHECKS_H

#include <stddef.h>
#include <stdint.h>

#include "../model/sample.h"

enum check_status {
	CHECK_OK,
	CHECK_DEGRADED, /* works, with less */
	CHECK_MISSING,  /* is not there */
};

/* One line of vmperf doctor. */
struct check {
	const char *name; /* static */
	enum check_status status;
	char value[96];   /* what was found; raw bytes of the host's files: escape them on output */
	char reason[256]; /* what that means; "" when there is nothing to say */
	char remedy[256]; /* what to do; "" nothing */
};

struct checks {
	struct check *items;
	size_t n;
};

/*
 * Adds one; value, reason and remedy are printf-like and cut to fit.  The
 * pointer is good until the next is added.
 */
struct check *checks_add(struct checks *c, enum check_status status, const char *name, const char *value, ...)
	__attribute__((format(printf, 4, 5)));
void check_reason(struct check *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void check_remedy(struct check *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Adds all checks of the host whose files lie below root ("": this one; tests
 * give a tree of their own, for which this machine's CPU and libraries are not
 * asked).  host: from hostinfo.
 */
void checks_host(const char *root, const struct host_info *host, struct checks *ret);

/* The parts of checks_host() that have a file each.  caps: the effective capabilities, bit n is capability n.
 */
void checks_kvm(const char *root, const struct host_info *host, struct checks *ret);
void checks_pmu(const char *root, uint64_t caps, struct checks *ret);

void checks_free(struct checks *c);

#endif
