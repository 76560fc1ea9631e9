/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cache occupancy and memory bandwidth of VMs, from the kernel's resctrl
 * (Documentation/filesystems/resctrl.rst) at /sys/fs/resctrl, where libvirt and
 * pqos have it, too.  It counts per monitoring group.  Each VM gets one, in the
 * control group that its threads are in (one in each, if they are in several),
 * with all its threads in it.  A thread that is in somebody else's monitoring
 * group stays there, and that group is read: whole, whoever else is in it.
 * Groups of others are never written to nor removed.
 *
 * A group's occupancy begins at 0: what a VM had in the cache before counts
 * only when it is loaded anew.
 */
#ifndef VMPERF_HOST_RESCTRL_H
#define VMPERF_HOST_RESCTRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/vmperf.h"
#include "../model/event.h"

/* The events, in the order of their kinds. */
#define RESCTRL_EVENTS      (EVENT_BANDWIDTH_LOCAL - EVENT_LLC_OCCUPANCY + 1)
#define RESCTRL_EVENT(kind) ((kind)-EVENT_LLC_OCCUPANCY)

enum resctrl_status {
	RESCTRL_READY,
	RESCTRL_NONE,       /* neither the CPU nor the kernel, or only one of them, has it */
	RESCTRL_UNMOUNTED,  /* it is there, and not mounted */
	RESCTRL_NO_MONITOR, /* the CPU can partition its cache, not monitor it */
};

/* What a host offers. */
struct resctrl_host {
	enum resctrl_status status;
	bool has[RESCTRL_EVENTS];
	unsigned int rmids; /* monitoring IDs: as many groups there can be, control groups included */
};

/* root: "" for this host, tests give a tree of their own. */
void resctrl_look(const char *root, struct resctrl_host *ret);

/* One line why nothing can be monitored; NULL: it can. */
const char *resctrl_missing(const struct resctrl_host *h);

struct resctrl;

/*
 * Removes what a vmperf that is no longer alive has left behind.  NULL: there is
 * nothing to read, or this user may not make groups; why says it in one line.
 */
struct resctrl *resctrl_open(const char *root, char *why, size_t size);

/* What there is to read. */
const struct resctrl_host *resctrl_host(const struct resctrl *r);

/* A reading begins: finds out which threads are in groups of others. */
void resctrl_begin(struct resctrl *r);

/*
 * One VM, all of whose threads are given.  Bandwidth counts from 0 at the VM's
 * first reading, and only grows.  What has no value now (running is 0 then):
 * what this host does not have, or the hardware cannot tell at the moment, or
 * all when no group could be made or a thread not be moved.
 */
void resctrl_vm(struct resctrl *r, uint32_t pid, uint64_t start_ns, const uint32_t *tids, size_t n,
		struct vmp_count ret[RESCTRL_EVENTS]);

/* The VM has ended: its groups are removed. */
void resctrl_forget(struct resctrl *r, uint32_t pid, uint64_t start_ns);

/* Removes all groups that it made; NULL is fine. */
void resctrl_close(struct resctrl *r);

#endif
