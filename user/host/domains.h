/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of the domains that libvirt runs.  Pure. */
#ifndef VMPERF_HOST_DOMAINS_H
#define VMPERF_HOST_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>

#include "../model/sample.h"
#include "domain_xml.h"

struct domain_pins {
	bool known;
	uint32_t n;
	struct sample_pin *pin; /* by kind, then id */
};

/* What is known of a domain beyond its name. */
struct domain_facts {
	bool known; /* xml is */
	struct domain_xml xml;
	struct domain_pins pins;
};

struct domain {
	char uuid[37];
	char *name;
	struct domain_facts facts;
	bool stale; /* they are to be read */
};

struct domains {
	size_t n, room;
	struct domain *domain; /* by uuid */
};

/* The domain with this UUID, NULL: none. */
struct domain *domains_find(const struct domains *d, const char *uuid);

/* Adds a domain, or forgets what was known of it but its name; NULL: it is no more. */
void domains_set(struct domains *d, const char *uuid, const char *name);

void domains_clear(struct domains *d);

void domains_facts_free(struct domain_facts *f);

#endif
