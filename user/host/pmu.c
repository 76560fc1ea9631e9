// SPDX-License-Identifier: GPL-2.0-only
#include "pmu.h"

#include <dirent.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "../lib/mem.h"
#include "hostinfo.h"
#include "topology.h"

#define DEVICES "/sys/bus/event_source/devices"

/* The entries of root/PATH, sorted; their number in n. */
static struct dirent **entries(const char *root, const char *path, int *n)
{
	char full[PATH_MAX];
	struct dirent **list = NULL;

	*n = -1;
	if (snprintf(full, sizeof(full), "%s%s", root, path) < (int)sizeof(full))
		*n = scandir(full, &list, NULL, alphasort);
	if (*n < 0)
		*n = 0;
	return list;
}

/* PMUs that the kernel has for what is not counted: probes, and units that write a trace. */
static bool counts(const char *name)
{
	static const char *const others[] = {"tracepoint", "breakpoint", "kprobe",  "uprobe",
					     "intel_pt",   "intel_bts",  "arm_spe", "cs_etm"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strncmp(name, others[i], strlen(others[i])))
			return false;
	return true;
}

/* A CPU's own: by the names of x86 and Arm, else by the file that only such have. */
static bool is_core(const char *root, const char *name)
{
	return !strcmp(name, "cpu") || !strncmp(name, "cpu_", 4) || !strncmp(name, "armv", 4) ||
	       hostinfo_exists(root, DEVICES "/%s/cpus", name);
}

static void add(struct pmus *p, const char *name)
{
	char type[32], cpus[4096];
	struct pmu *m;

	if (name[0] == '.' || !hostinfo_file(p->root, type, sizeof(type), DEVICES "/%s/type", name))
		return;
	p->items = mem_resize(p->items, p->n + 1, sizeof(*p->items));
	m = &p->items[p->n++];
	*m = (struct pmu){.name = mem_strdup(name), .type = (uint32_t)strtoul(type, NULL, 10)};
	m->core = is_core(p->root, name);
	hostinfo_file(p->root, cpus, sizeof(cpus), DEVICES "/%s/cpus", name);
	m->cpus = mem_strdup(m->core ? cpus : "");
	m->reach = !counts(name)                                                       ? PMU_NONE
		   : !m->core && hostinfo_exists(p->root, DEVICES "/%s/cpumask", name) ? PMU_SHARED
										       : PMU_THREADS;
}

struct pmus *pmus_read(const char *root)
{
	struct pmus *p = mem_zalloc(1, sizeof(*p));
	struct dirent **list;
	int n;

	p->root = mem_strdup(root);
	list = entries(root, DEVICES, &n);
	for (int i = 0; i < n; i++) {
		add(p, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return p;
}

void pmus_free(struct pmus *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		free(p->items[i].name);
		free(p->items[i].cpus);
	}
	free(p->items);
	free(p->root);
	free(p);
}

const struct pmu *pmus_find(const struct pmus *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->items[i].name, name))
			return &p->items[i];
	return NULL;
}

void pmus_core_names(const struct pmus *p, char *ret, size_t size)
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < p->n; i++) {
		const char *name = p->items[i].name;

		if (p->items[i].core && len + strlen(name) + 2 < size)
			len += (size_t)snprintf(ret + len, size - len, "%s%s", len ? " " : "", name);
	}
}

bool pmus_hybrid(const struct pmus *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->items[i].core;
	return n > 1;
}

static bool has_cpu(const char *list, uint32_t cpu)
{
	uint32_t bytes = cpu / 8 + 1;
	unsigned char *map = mem_zalloc(1, bytes);
	bool has = topology_map(list, map, bytes) && topology_has(map, bytes, cpu);

	free(map);
	return has;
}

uint32_t pmus_core_type(const struct pmus *p, uint32_t cpu)
{
	if (!pmus_hybrid(p))
		return 0;
	for (size_t i = 0; i < p->n; i++)
		if (!strncmp(p->items[i].name, "cpu_", 4) && has_cpu(p->items[i].cpus, cpu))
			return p->items[i].type;
	return 0;
}

void pmus_on_cpu(const struct pmus *p, const struct event_spec *e, uint32_t cpu, uint32_t *type,
		 uint64_t *config)
{
	*type = e->type;
	*config = e->config;
	if (e->group == EVENT_HARDWARE || e->group == EVENT_CACHE)
		*config |= (uint64_t)pmus_core_type(p, cpu) << PERF_PMU_TYPE_SHIFT;
	else if (e->group == EVENT_RAW && pmus_core_type(p, cpu))
		*type = pmus_core_type(p, cpu);
}

char **pmu_files(const char *root, const char *pmu, const char *kind)
{
	char path[512], **ret, *text;
	struct dirent **list;
	size_t size = 0, k = 0;
	int n;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", pmu, kind);
	list = entries(root, path, &n);
	for (int i = 0; i < n; i++)
		size += strlen(list[i]->d_name) + 1;
	ret = mem_zalloc(1, ((size_t)n + 1) * sizeof(*ret) + size);
	text = (char *)(ret + n + 1);
	for (int i = 0; i < n; i++) {
		/* name.scale, name.unit and so on tell about the event name */
		if (!strchr(list[i]->d_name, '.')) {
			ret[k++] = text;
			text = stpcpy(text, list[i]->d_name) + 1;
		}
		free(list[i]);
	}
	free(list);
	return ret;
}

bool pmu_event(const char *root, const char *pmu, const char *event, char *ret, size_t size)
{
	return hostinfo_file(root, ret, size, DEVICES "/%s/events/%s", pmu, event);
}

void pmu_counters_x86(const struct pmu_cpuid *c, struct pmu_counters *ret)
{
	uint32_t fixed, gone;

	*ret = (struct pmu_counters){.known = true};
	/* AMD: PerfMonV2; before it, PerfCtrExtCore means six and four are always there (APM vol. 3, E.4) */
	if (c->v2_eax & 1) {
		ret->general = c->v2_ebx & 0xf;
	} else if (c->ext_ecx & 1U << 23) {
		ret->general = 6;
	} else if (c->amd) {
		ret->general = 4;
	} else if (c->arch_eax & 0xff) {
		ret->general = c->arch_eax >> 8 & 0xff;
		/* fixed ones from version 2 on; what the CPU lacks has its bit set (SDM vol. 2, CPUID leaf
		 * 0AH) */
		fixed = (c->arch_eax & 0xff) < 2 ? 0 : c->arch_ecx | ((1U << (c->arch_edx & 0x1f)) - 1);
		gone = c->arch_ebx;
		ret->fixed_instructions = fixed & 1 && !(gone & 2);
		ret->fixed_cycles = fixed & 2 && !(gone & 1);
		ret->fixed_ref = fixed & 4 && !(gone & 4);
	}
	if (!ret->general) {
		/* a hypervisor may hide them; CPUs have had at least four for long */
		ret->known = false;
		ret->general = 4;
	}
}

static void read_cpuid(struct pmu_cpuid *c)
{
	*c = (struct pmu_cpuid){0};
#ifdef __x86_64__
	unsigned int a, b, d;

	if (__get_cpuid_count(0, 0, &a, &b, &c->ext_ecx, &d))
		c->amd = b == signature_AMD_ebx;
	if (!__get_cpuid_count(0x80000001, 0, &a, &b, &c->ext_ecx, &d))
		c->ext_ecx = 0;
	if (!c->amd)
		__get_cpuid_count(0xa, 0, &c->arch_eax, &c->arch_ebx, &c->arch_ecx, &c->arch_edx);
	__get_cpuid_count(0x80000022, 0, &c->v2_eax, &c->v2_ebx, &a, &d);
#endif
}

bool pmus_counters(const struct pmus *p, struct pmu_counters *ret)
{
	struct pmu_cpuid c = {0};
	char names[64], text[32];

	*ret = (struct pmu_counters){0};
	pmus_core_names(p, names, sizeof(names));
	if (!*names)
		return false;
	if (strncmp(names, "cpu", 3)) {
		/*
		 * Arm's PMUv3 tells nobody: most have six, and one that counts cycles only.  Its NMI
		 * watchdog takes none, but with interrupts that are off by default.
		 */
		ret->general = 6;
		ret->fixed_cycles = true;
		return true;
	}
	/* CPUs of several kinds may differ: this one speaks for all */
	if (!*p->root)
		read_cpuid(&c);
	pmu_counters_x86(&c, ret);
	ret->watchdog = hostinfo_file(p->root, text, sizeof(text), "/proc/sys/kernel/nmi_watchdog") &&
			strcmp(text, "0");
	return true;
}

bool pmu_mediated(const char *root)
{
	static const char *const modules[] = {"kvm_intel", "kvm_amd"};
	char text[8];

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		if (hostinfo_file(root, text, sizeof(text), "/sys/module/%s/parameters/enable_mediated_pmu",
				  modules[i]) &&
		    (!strcmp(text, "Y") || !strcmp(text, "1")))
			return true;
	return false;
}
