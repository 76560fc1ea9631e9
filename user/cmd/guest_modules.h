/* SPDX-License-Identifier: GPL-2.0-only */
/* Which modules a guest's kernel has, and where: what of its /proc/modules matters to symbols.  Pure. */
#ifndef VMPERF_CMD_GUEST_MODULES_H
#define VMPERF_CMD_GUEST_MODULES_H

#include <stdbool.h>
#include <stddef.h>

/* All zeros: none. */
struct guest_modules {
	char *text;         /* "NAME SIZE ADDRESS" each */
	const char **items; /* sorted, into text */
	size_t n;
};

/* The lines that are no module's are left out; how often a module is used does not matter. */
void guest_modules_parse(struct guest_modules *ret, const char *text, size_t len);

/* One of these is not among now: gone, or elsewhere. */
bool guest_modules_gone(const struct guest_modules *before, const struct guest_modules *now);

void guest_modules_free(struct guest_modules *m);

#endif
