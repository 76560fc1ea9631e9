// SPDX-License-Identifier: GPL-2.0-only
/* Checks of the hardware counters. */
#include <dirent.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "checks.h"
#include "hostinfo.h"

/* A CPU's own PMU: cpu, the hybrids' cpu_core and cpu_atom, Arm's armv8_…. */
static bool is_cpu_pmu(const char *name)
{
	return !strcmp(name, "cpu") || !strncmp(name, "cpu_", 4) || !strncmp(name, "armv", 4);
}

/* The names of the CPUs' PMUs below root, sorted as the directory has them; "" none. */
static void pmu_names(const char *root, char *ret, size_t size)
{
	char path[PATH_MAX];
	struct dirent **list;
	size_t len = 0;
	int n = -1;

	ret[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/sys/bus/event_source/devices", root) < (int)sizeof(path))
		n = scandir(path, &list, NULL, alphasort);
	if (n < 0)
		return;
	for (int i = 0; i < n; i++) {
		if (is_cpu_pmu(list[i]->d_name) && len + strlen(list[i]->d_name) + 2 < size)
			len += (size_t)snprintf(ret + len, size - len, "%s%s", len ? " " : "",
						list[i]->d_name);
		free(list[i]);
	}
	free(list);
}

/* General counters of the CPU that this runs on, as CPUID tells them; 0: it does not. */
static unsigned int counters(void)
{
#ifdef __x86_64__
	unsigned int a, b, c, d;

	/* AMD: PerfMonV2; before it, PerfCtrExtCore means six and four are always there (APM vol. 3, E.4) */
	if (__get_cpuid(0x80000022, &a, &b, &c, &d) && a & 1)
		return b & 0xf;
	if (__get_cpuid(0, &a, &b, &c, &d) && b == signature_AMD_ebx)
		return __get_cpuid(0x80000001, &a, &b, &c, &d) && c & 1U << 23 ? 6 : 4;
	/* Intel: architectural performance monitoring (SDM vol. 2, CPUID leaf 0AH) */
	if (__get_cpuid(0xa, &a, &b, &c, &d) && a & 0xff)
		return a >> 8 & 0xff;
#endif
	return 0;
}

static void check_watchdog(const char *root, struct checks *c)
{
	char text[32];
	struct check *k;

	if (!hostinfo_file(root, text, sizeof(text), "/proc/sys/kernel/nmi_watchdog"))
		return;
	k = checks_add(c, CHECK_OK, "nmi-watchdog", "%s", strcmp(text, "0") ? "on" : "off");
	if (strcmp(text, "0")) {
		k->status = CHECK_DEGRADED;
		check_reason(k, "it takes one hardware counter of each CPU");
		check_remedy(k, "sysctl kernel.nmi_watchdog=0");
	}
}

static void check_paranoid(const char *root, uint64_t caps, struct checks *c)
{
	char text[32];
	struct check *k;

	if (!hostinfo_file(root, text, sizeof(text), "/proc/sys/kernel/perf_event_paranoid"))
		return;
	k = checks_add(c, CHECK_OK, "perf-event-paranoid", "%s", text);
	/* -1 and 0 let anybody count on whole CPUs (Documentation/admin-guide/sysctl/kernel.rst) */
	if (strtol(text, NULL, 10) <= 0 || caps >> CAP_PERFMON & 1 || caps >> CAP_SYS_ADMIN & 1)
		return;
	k->status = CHECK_DEGRADED;
	check_reason(k, "this user may not count hardware events on whole CPUs");
	check_remedy(k, "run vmperf as root (sudo), or with CAP_PERFMON");
}

void checks_pmu(const char *root, uint64_t caps, struct checks *ret)
{
	unsigned int n = *root ? 0 : counters();
	struct check *k;
	char names[64];

	pmu_names(root, names, sizeof(names));
	if (!*names) {
		k = checks_add(ret, CHECK_MISSING, "pmu", "none");
		check_reason(k, "no hardware events can be counted; exits and times do not need them");
		check_remedy(
			k, "in a VM, have its host give it a virtual PMU; else see the firmware's settings");
	} else {
		if (n)
			checks_add(ret, CHECK_OK, "pmu", "%s, %u counters", names, n);
		else
			checks_add(ret, CHECK_OK, "pmu", "%s", names);
		check_watchdog(root, ret);
	}
	check_paranoid(root, caps, ret);
}
