// SPDX-License-Identifier: GPL-2.0-only
#if WITH_LIBVIRT

#include "libvirt_domain.h"

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

/* virDomainGetIOThreadInfo() asks QEMU itself, so they come from the domain's XML. */
static void add_iothreads(struct domain_pins *p, const struct domain_xml *x, const struct cpus *cpus)
{
	unsigned char *map = mem_zalloc(1, (size_t)cpus->bytes);
	uint32_t first = p->n;

	for (uint32_t i = 0; i < x->npins; i++)
		if (topology_map(x->pins[i].cpus, map, (uint32_t)cpus->bytes))
			add(p, cpus, PIN_IOTHREAD, x->pins[i].id, map);
	if (p->n > first)
		qsort(p->pin + first, p->n - first, sizeof(*p->pin), by_id);
	free(map);
}

static bool read_xml(struct domain_xml *ret, virDomainPtr dom)
{
	char *text = vir.virDomainGetXMLDesc(dom, 0);
	bool ok = text && domain_xml_parse(text, strlen(text), ret);

	free(text);
	return ok;
}

static void read_pins(struct domain_facts *f, virConnectPtr c, virDomainPtr dom)
{
	struct cpus cpus = {0};
	int n = vir.virNodeGetCPUMap(c, &cpus.online, NULL, 0);

	if (n > 0) {
		cpus.bytes = VIR_CPU_MAPLEN(n);
		f->pins.known = read_vcpus(&f->pins, dom, &cpus);
		/* drivers that cannot tell the rest have none of it */
		if (f->pins.known) {
			read_emulator(&f->pins, dom, &cpus);
			add_iothreads(&f->pins, &f->xml, &cpus);
		}
	}
	free(cpus.online);
}

struct domain_facts libvirt_domain_read(virConnectPtr c, const char *uuid)
{
	virDomainPtr dom = vir.virDomainLookupByUUIDString(c, uuid);
	struct domain_facts f = {0};

	if (!dom)
		return f;
	f.known = read_xml(&f.xml, dom);
	read_pins(&f, c, dom);
	vir.virDomainFree(dom);
	return f;
}

#else

/* a file of ISO C has something in it */
typedef int libvirt_domain_none;

#endif
