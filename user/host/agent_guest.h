/* SPDX-License-Identifier: GPL-2.0-only */
/* What an agent is asked of a Linux guest: which boot it is in, and that kernel's symbols. */
#ifndef VMPERF_HOST_AGENT_GUEST_H
#define VMPERF_HOST_AGENT_GUEST_H

#include "agent.h"

struct agent_guest {
	char boot[37];                         /* /proc/sys/kernel/random/boot_id, a UUID in lower case */
	struct buf kallsyms, modules, version; /* files of /proc; modules "" where it has none */
	struct buf notes;                      /* /sys/kernel/notes; "" where it has none */
};

void agent_guest_free(struct agent_guest *g);

/* As agent_read(); a guest that is not Linux is -ENOSYS. */
int agent_guest_boot(struct agent *a, char boot[37], char why[AGENT_WHY_SIZE]);

/* /proc/modules, "" where the kernel has none. */
int agent_guest_modules(struct agent *a, struct buf *ret, char why[AGENT_WHY_SIZE]);

/*
 * All files of one boot.  -EACCES, too, where the kernel shows the agent no
 * addresses (all are 0).  ret is empty then; agent_guest_free() it else.
 */
int agent_guest_read(struct agent *a, struct agent_guest *ret, char why[AGENT_WHY_SIZE]);

/* Some symbol of a /proc/kallsyms has an address. */
bool agent_guest_has_addresses(const struct buf *kallsyms);

#endif
