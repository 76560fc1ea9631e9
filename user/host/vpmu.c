// SPDX-License-Identifier: GPL-2.0-only
#include "vpmu.h"

#include <string.h>

#include "hostinfo.h"

bool vpmu_switch(const char *root, const char *vendor, bool *on)
{
	static const char *const names[] = {"enable_pmu", "pmu"};
	char text[32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (hostinfo_file(root, text, sizeof(text), "/sys/module/kvm/parameters/%s", names[i]) ||
		    (*vendor && hostinfo_file(root, text, sizeof(text), "/sys/module/%s/parameters/%s",
					      vendor, names[i]))) {
			*on = !strcmp(text, "Y") || !strcmp(text, "1");
			return true;
		}
	return false;
}

enum vpmu_host vpmu_host(const char *root)
{
	struct host_info h = {0};
	bool on;

	hostinfo_kvm(root, &h);
	if (!h.kvm_loaded)
		return VPMU_HOST_UNKNOWN;
#ifdef __aarch64__
	return VPMU_HOST_ARM64;
#endif
	/* KVM itself switches it off where the CPU has no PMU (arch/x86/kvm/pmu.h, kvm_init_pmu_capability())
	 */
	if (!vpmu_switch(root, h.kvm_vendor, &on))
		return VPMU_HOST_UNKNOWN;
	if (!on)
		return VPMU_HOST_OFF;
	if (!strcmp(h.kvm_vendor, "kvm_intel"))
		return VPMU_HOST_INTEL;
	return strcmp(h.kvm_vendor, "kvm_amd") ? VPMU_HOST_UNKNOWN : VPMU_HOST_AMD;
}

enum vpmu vpmu_of(enum argv_pmu asked, enum vpmu_host host)
{
	switch (host) {
	case VPMU_HOST_OFF:
		return VPMU_OFF;
	case VPMU_HOST_INTEL:
		if (asked == ARGV_PMU_OFF || asked == ARGV_PMU_MODEL)
			return VPMU_OFF;
		return asked == ARGV_PMU_ON || asked == ARGV_PMU_MAX ? VPMU_ON : VPMU_UNKNOWN;
	case VPMU_HOST_AMD:
		return asked == ARGV_PMU_ON || asked == ARGV_PMU_MAX ? VPMU_ON : VPMU_UNKNOWN;
	case VPMU_HOST_ARM64:
		/* QEMU refuses pmu=on where KVM has none; what is not said depends on host and machine */
		if (asked == ARGV_PMU_OFF)
			return VPMU_OFF;
		return asked == ARGV_PMU_ON ? VPMU_ON : VPMU_UNKNOWN;
	case VPMU_HOST_UNKNOWN:
		break;
	}
	return VPMU_UNKNOWN;
}
