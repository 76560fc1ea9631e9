// SPDX-License-Identifier: GPL-2.0-only
/* Checks of the hardware counters. */
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "hostinfo.h"
#include "pmu.h"

/* takes: it has one of the counters */
static void check_watchdog(const char *root, bool takes, struct checks *c)
{
	char text[32];
	struct check *k;

	if (!hostinfo_file(root, text, sizeof(text), "/proc/sys/kernel/nmi_watchdog"))
		return;
	k = checks_add(c, CHECK_OK, "nmi-watchdog", "%s", strcmp(text, "0") ? "on" : "off");
	if (takes) {
		k->status = CHECK_DEGRADED;
		check_reason(k, "it takes one hardware counter of each CPU");
		check_remedy(k, "sysctl kernel.nmi_watchdog=0");
	}
}

static void check_paranoid(const char *root, uint64_t caps, struct checks *c)
{
	struct check *k;
	int level;

	if (!hostinfo_paranoid(root, &level))
		return;
	k = checks_add(c, CHECK_OK, "perf-event-paranoid", "%d", level);
	/* -1 and 0 let anybody count on whole CPUs; see privilege_keep_perf() for more than 2 */
	if (level <= 0 || (caps >> CAP_PERFMON & 1 && level <= 2) || caps >> CAP_SYS_ADMIN & 1)
		return;
	k->status = CHECK_DEGRADED;
	check_reason(k, "this user may not count hardware events on whole CPUs");
	check_remedy(k, "run vmperf as root (sudo)");
}

void checks_pmu(const char *root, uint64_t caps, struct checks *ret)
{
	struct pmus *p = pmus_read(root);
	struct pmu_counters n;
	struct check *k;
	char names[64];

	pmus_core_names(p, names, sizeof(names));
	if (!pmus_counters(p, &n)) {
		k = checks_add(ret, CHECK_MISSING, "pmu", "none");
		check_reason(k, "no hardware events can be counted; exits and times do not need them");
		check_remedy(
			k, "in a VM, have its host give it a virtual PMU; else see the firmware's settings");
	} else {
		if (n.known)
			checks_add(ret, CHECK_OK, "pmu", "%s, %u counters", names, n.general);
		else
			checks_add(ret, CHECK_OK, "pmu", "%s", names);
		check_watchdog(root, n.watchdog, ret);
	}
	check_paranoid(root, caps, ret);
	pmus_free(p);
}
