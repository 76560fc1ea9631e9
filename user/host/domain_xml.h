/* SPDX-License-Identifier: GPL-2.0-only */
/* What libvirt's XML of a domain tells.  Pure; libxml2 is used here only. */
#ifndef VMPERF_HOST_DOMAIN_XML_H
#define VMPERF_HOST_DOMAIN_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "../model/sample.h"

/* A longer XML is refused; those of libvirt have some kilobytes. */
#define DOMAIN_XML_MAX (4U << 20)

struct domain_xml {
	char machine[64]; /* <os><type machine=…>; "" none */
	enum vpmu pmu;    /* <features><pmu state=…>: what is asked of the hypervisor */
	/*
	 * <title>; of nova's metadata (http://openstack.org/xmlns/libvirt/nova/1.0 and
	 * 1.1) the name, the flavor's name and the project; of a domain that has
	 * KubeVirt's metadata (http://kubevirt.io) what meta_kubevirt() has of its name
	 */
	char *meta[META_KINDS];
	uint32_t npins;
	struct sample_pin *pins; /* <cputune><iothreadpin>, as they stand there */
};

/*
 * text: len bytes of UTF-8.  No DTD, no entities but XML's own, nothing from
 * elsewhere.  False, and ret is empty: it is none of libvirt's domains, is too
 * long or too deep; or vmperf was built without libvirt.  ret needs no
 * initialisation and takes a domain_xml_clear() afterwards.
 */
bool domain_xml_parse(const char *text, size_t len, struct domain_xml *ret);

void domain_xml_clear(struct domain_xml *x);

#endif
