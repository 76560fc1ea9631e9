/* SPDX-License-Identifier: GPL-2.0-only */
/* A way to an agent: what agent.c needs of agent_libvirt.c and agent_socket.c. */
#ifndef VMPERF_HOST_AGENT_LINK_H
#define VMPERF_HOST_AGENT_LINK_H

#include "agent.h"

/* A longer answer is refused. */
#define AGENT_ANSWER_MAX (1U << 20)

struct agent_link {
	/* One command; the answer's text, {"return": …} or {"error": …}.  0, or -errno and why. */
	int (*ask)(struct agent_link *l, const char *command, int timeout_ms, struct buf *answer,
		   char why[AGENT_WHY_SIZE]);
	void (*close)(struct agent_link *l); /* frees it, too */
};

/* Takes l over. */
struct agent *agent_new(struct agent_link *l, int timeout_ms);

/* What a command that the agent refused is: -errno by what the agent said, and why. */
int agent_refused(const char *said, char why[AGENT_WHY_SIZE]);

#endif
