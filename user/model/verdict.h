/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a VM's time mostly is, in a few words: where to look first.
 *
 * By the ledger of its vCPUs, in this order:
 *   paused   95 % of all time or more blocked, and no exit of any kind: it does
 *            not run at all (one whose VMM sleeps in each exit is blocked)
 *   idle     less than 5 % of all time is not idle
 *   a loss   the largest of wait, vmm, kvm, blocked and poll, where that is 10 %
 *            or more of the time that is not idle
 *   busy     none is: it runs guest code
 * A loss of 20 % is an alarm if it is 5 % of all time, too; a smaller one is a
 * warning: what hardly ever runs loses little.  Polling is never more than a
 * warning: it costs the host's time, not the VM's.
 */
#ifndef VMPERF_MODEL_VERDICT_H
#define VMPERF_MODEL_VERDICT_H

#include "view.h"

enum verdict_state {
	VERDICT_NONE, /* nothing was observed, or this host does not show what sleeping threads do */
	VERDICT_IDLE,
	VERDICT_BUSY,
	VERDICT_PAUSED,
	VERDICT_WAIT, /* the losses are called as their states */
	VERDICT_VMM,
	VERDICT_KVM,
	VERDICT_BLOCKED,
	VERDICT_POLL,
};

enum verdict_level { VERDICT_FINE, VERDICT_WARN, VERDICT_ALARM };

struct verdict {
	enum verdict_state state;
	const char
		*reason; /* vmm, kvm, blocked: the exit reason that has most of it, of the set; else NULL */
	double share;    /* of the time that is not idle; idle and paused: of all time */
	enum verdict_level level;
};

#define VERDICT_SIZE 25 /* holds every text */

/* Pure.  visible: as in struct view. */
struct verdict verdict_of(const struct view_set *set, uint32_t visible);

/* "wait", "vmm", "idle", …; NULL: none. */
const char *verdict_name(enum verdict_state state);

/* As people read it: "waits for a CPU 52%", "VMM: io 71%", "idle", "-".  A long reason is cut.  Returns ret.
 */
const char *verdict_text(const struct verdict *v, char ret[VERDICT_SIZE]);

#endif
