/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which process is which VM.  Identity is (pid, start time); names come from
 * libvirt's API by UUID, else libvirt's state files by pid, else the VMM's own
 * arguments, else the executable and pid.
 */
#ifndef VMPERF_HOST_VMS_H
#define VMPERF_HOST_VMS_H

#include <stdbool.h>
#include <stdint.h>

#include "../model/sample.h"

struct vms; /* the table of known VMs, and the thread that asks libvirt */

struct vm_id {
	uint32_t pid;
	uint64_t start_ns; /* CLOCK_BOOTTIME, to the nanosecond; /proc has it in clock ticks */
};

struct vm_names {
	char *name;    /* never NULL */
	char uuid[37]; /* lower case, "" none */
	char vmm[32];
	char machine[64]; /* as in struct sample_vm */
	enum vpmu vpmu;
	char *meta[META_KINDS]; /* by enum meta_kind; NULL: none */
	bool known;             /* /proc has told its arguments; else the name is made up */
};

struct vms_options {
	const char *proc; /* "/proc"; tests give a tree of their own */
	const char *run;  /* "/run" */
	const char *root; /* where /sys is: "" */
	bool libvirt;     /* ask libvirtd (a thread of its own) */
	const char *uri;  /* NULL: qemu:///system */
};

/*
 * Never fails for want of libvirt, never blocks on libvirtd.  libvirt is
 * loaded, and its thread started, when vms_lookup() meets the first VM with a
 * UUID: the thread has the capabilities that the caller has then.
 */
struct vms *vms_new(const struct vms_options *o);

/*
 * The names of the VM that process id is, read from /proc on first use and
 * kept; late news (libvirt came up later, or a domain's metadata changed) replaces
 * earlier.  comm is what
 * the kernel had, used when /proc tells nothing.  A pid that now belongs to
 * another process (start time differs) gives the names known before it ended,
 * or comm-pid.  Always returns names; valid until the next call with the same v.
 */
const struct vm_names *vms_lookup(struct vms *v, struct vm_id id, const char *comm);

/*
 * What libvirt has pinned a VM to that vms_lookup() has named, as libvirt_pins()
 * has it: what is known now, without waiting.
 */
bool vms_pins(struct vms *v, struct vm_id id, struct sample_pin **pins, uint32_t *n);

/* true while the process with this identity exists (a zombie does not). */
bool vms_alive(struct vms *v, struct vm_id id);

/* Forgets a VM that has ended. */
void vms_forget(struct vms *v, struct vm_id id);

/* Does not wait for a stuck libvirtd. */
void vms_free(struct vms *v);

#endif
