/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What libvirtd calls its domains, and what else it knows of them: a thread of its
 * own holds a read-only connection, follows events and keeps a table.  Nobody ever waits
 * for it; a libvirtd that does not answer stops that thread only.  libvirt is
 * loaded when it is first needed, and need not be installed.
 */
#ifndef VMPERF_HOST_LIBVIRT_H
#define VMPERF_HOST_LIBVIRT_H

#include <stdbool.h>
#include <stdint.h>

#include "../model/sample.h"

struct libvirt;

/*
 * Starts the thread, with the capabilities that the caller has now.  uri:
 * NULL for qemu:///system.  run: "/run", where libvirtd's socket is looked for
 * before libvirt is loaded.  NULL: there is no libvirt, or it was built
 * without, or another one has not ended.
 */
struct libvirt *libvirt_start(const char *uri, const char *run);

/* Changes whenever the table did; 0 as long as libvirtd never answered.  NULL is fine. */
unsigned long libvirt_generation(struct libvirt *l);

/* The name of the running domain with this UUID (lower case), NULL: none.  free() it. */
char *libvirt_name(struct libvirt *l, const char *uuid);

/*
 * What that domain is pinned to, by kind, then id: only what may not run on all
 * CPUs of the host.  False: libvirt has not told (yet).  free() each list of
 * CPUs, and pins.
 */
bool libvirt_pins(struct libvirt *l, const char *uuid, struct sample_pin **pins, uint32_t *n);

/* What the domain's XML tells. */
struct libvirt_about {
	char machine[64];       /* "" none */
	enum vpmu pmu;          /* what is asked of the hypervisor */
	char *meta[META_KINDS]; /* by enum meta_kind; NULL: none */
};

/* False: libvirt has not told (yet).  meta_clear() the texts. */
bool libvirt_about(struct libvirt *l, const char *uuid, struct libvirt_about *ret);

/* Waits a tenth of a second at most for the thread; one that is stuck is left to itself. */
void libvirt_stop(struct libvirt *l);

#endif
