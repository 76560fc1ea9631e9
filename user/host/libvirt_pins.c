// SPDX-License-Identifier: GPL-2.0-only
#if WITH_LIBVIRT

#include "libvirt_pins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "topology.h"

/* The host's CPUs that are online; all maps have its length. */
struct cpus {
	unsigned char *online;
	int bytes;
};

static void add(struct domain_pins *p, const struct cpus *cpus, enum pin_kind kind, uint32_t id,
		const unsigned char *map)
{
	bool all = true, none = true;

	for (int i = 0; i < cpus->bytes; i++) {
		all &= (cpus->online[i] & ~map[i]) == 0;
		none &= !map[i];
	}
	/* none: a vCPU that is unplugged */
	if (all || none)
		return;
	p->pin = mem_resize(p->pin, p->n + 1, sizeof(*p->pin));
	p->pin[p->n++] = (struct sample_pin){
		.kind = kind,
		.id = id,
		.cpus = topology_list(map, (uint32_t)cpus->bytes),
	};
}

static bool read_vcpus(struct domain_pins *p, virDomainPtr dom, const struct cpus *cpus)
{
	int n = vir.virDomainGetVcpusFlags(dom, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_VCPU_MAXIMUM);
	unsigned char *maps;

	if (n <= 0)
		return false;
	maps = mem_zalloc((size_t)n, (size_t)cpus->bytes);
	n = vir.virDomainGetVcpuPinInfo(dom, n, maps, cpus->bytes, VIR_DOMAIN_AFFECT_LIVE);
	for (int i = 0; i < n; i++)
		add(p, cpus, PIN_VCPU, (uint32_t)i, maps + (size_t)i * (size_t)cpus->bytes);
	free(maps);
	return n >= 0;
}

static void read_emulator(struct domain_pins *p, virDomainPtr dom, const struct cpus *cpus)
{
	unsigned char *map = mem_zalloc(1, (size_t)cpus->bytes);

	if (vir.virDomainGetEmulatorPinInfo(dom, map, cpus->bytes, VIR_DOMAIN_AFFECT_LIVE) > 0)
		add(p, cpus, PIN_EMULATOR, 0, map);
	free(map);
}

static int by_id(const void *a, const void *b)
{
	const struct sample_pin *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/*
 * virDomainGetIOThreadInfo() asks QEMU itself, so it is read from the domain's
 * XML, in the one form in which libvirt prints it.
 */
static void read_iothreads(struct domain_pins *p, virDomainPtr dom, const struct cpus *cpus)
{
	unsigned char *map = mem_zalloc(1, (size_t)cpus->bytes);
	char *xml = vir.virDomainGetXMLDesc(dom, 0);
	char *at = xml ? strstr(xml, "\n  <cputune>\n") : NULL,
	     *end = at ? strstr(at, "\n  </cputune>") : NULL;
	uint32_t first = p->n, id;
	char list[4096];

	if (end)
		*end = '\0';
	for (; end && (at = strstr(at, "<iothreadpin ")) != NULL; at++)
		if (sscanf(at, "<iothreadpin iothread='%u' cpuset='%4095[^']'", &id, list) == 2 &&
		    topology_map(list, map, (uint32_t)cpus->bytes))
			add(p, cpus, PIN_IOTHREAD, id, map);
	if (p->n > first)
		qsort(p->pin + first, p->n - first, sizeof(*p->pin), by_id);
	free(xml);
	free(map);
}

struct domain_pins libvirt_pins_read(virConnectPtr c, const char *uuid)
{
	struct domain_pins p = {0};
	struct cpus cpus = {0};
	int n = vir.virNodeGetCPUMap(c, &cpus.online, NULL, 0);
	virDomainPtr dom = n > 0 ? vir.virDomainLookupByUUIDString(c, uuid) : NULL;

	if (dom) {
		cpus.bytes = VIR_CPU_MAPLEN(n);
		p.known = read_vcpus(&p, dom, &cpus);
		/* drivers that cannot tell the rest have none of it */
		if (p.known) {
			read_emulator(&p, dom, &cpus);
			read_iothreads(&p, dom, &cpus);
		}
		vir.virDomainFree(dom);
	}
	free(cpus.online);
	return p;
}

#else

/* a file of ISO C has something in it */
typedef int libvirt_pins_none;

#endif
