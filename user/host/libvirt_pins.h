/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks libvirt what it has pinned a domain to. */
#ifndef VMPERF_HOST_LIBVIRT_PINS_H
#define VMPERF_HOST_LIBVIRT_PINS_H

#include "domains.h"
#include "libvirt_api.h"

/*
 * Waits for the daemon's answer, but for none of a QEMU: one that hangs would
 * hold up the others.  Not known: the domain does not run, or libvirt did not
 * tell.  Of iothreads it has those that are pinned each by itself
 * (<iothreadpin>).  domains_pins_free() it.
 */
struct domain_pins libvirt_pins_read(virConnectPtr c, const char *uuid);

#endif
