/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks libvirt what it knows of a domain beyond its name. */
#ifndef VMPERF_HOST_LIBVIRT_DOMAIN_H
#define VMPERF_HOST_LIBVIRT_DOMAIN_H

#include "domains.h"
#include "libvirt_api.h"

/*
 * Waits for the daemon's answer, but for none of a QEMU: one that hangs would
 * hold up the others.  Not known: the domain does not run, or libvirt did not
 * tell.  Of iothreads the pins have those that are pinned each by itself
 * (<iothreadpin>).  domains_facts_free() it.
 */
struct domain_facts libvirt_domain_read(virConnectPtr c, const char *uuid);

#endif
