/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a VM has a virtual PMU: what its QEMU was told, and what the host's KVM offers. */
#ifndef VMPERF_HOST_VPMU_H
#define VMPERF_HOST_VPMU_H

#include <stdbool.h>
#include <stddef.h>

#include "../model/sample.h"
#include "argv.h"

enum vpmu_host {
	VPMU_HOST_UNKNOWN,
	VPMU_HOST_OFF,   /* KVM gives none to any VM */
	VPMU_HOST_INTEL, /* KVM gives one to whom the VMM lets have one */
	VPMU_HOST_AMD,   /* the same, but old counters are there whatever the VMM says */
	VPMU_HOST_ARM64,
};

/* Reads it below root ("": this host). */
enum vpmu_host vpmu_host(const char *root);

/*
 * KVM's switch for it: enable_pmu is kvm's since Linux 5.18, pmu was the vendors'
 * before.  False: this kernel has none.
 */
bool vpmu_switch(const char *root, const char *vendor, bool *on);

/*
 * Pure; VPMU_UNKNOWN where it is not sure.  Intel's KVM takes what it offers a
 * guest from CPUID leaf 0xA, which QEMU fills or not as pmu says.  On AMD's,
 * four counters of the K7 have no CPUID bit: a guest finds them with pmu=off,
 * too, unless QEMU takes KVM_CAP_PMU_CAPABILITY, which depends on its version.
 */
enum vpmu vpmu_of(enum argv_pmu asked, enum vpmu_host host);

#endif
