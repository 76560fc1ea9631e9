// SPDX-License-Identifier: GPL-2.0-only
/* Checks of KVM: is it there, whose is it, how is it set. */
#include <stdbool.h>
#include <string.h>

#include "checks.h"
#include "hostinfo.h"
#include "vpmu.h"

/* A parameter of KVM or of its vendor's module, wherever this kernel has it; false: nowhere. */
static bool parameter(const char *root, const char *vendor, const char *name, char *ret, size_t size)
{
	if (hostinfo_file(root, ret, size, "/sys/module/kvm/parameters/%s", name))
		return true;
	return *vendor && hostinfo_file(root, ret, size, "/sys/module/%s/parameters/%s", vendor, name);
}

static bool is_on(const char *value)
{
	return !strcmp(value, "Y") || !strcmp(value, "1");
}

static void check_not_loaded(const char *root, const struct host_info *host, struct checks *c)
{
	struct check *k = checks_add(c, CHECK_MISSING, "kvm", "not loaded");
	const char *module = NULL;

	if (hostinfo_cpuflag(root, "svm"))
		module = "kvm_amd";
	else if (hostinfo_cpuflag(root, "vmx"))
		module = "kvm_intel";
	if (module) {
		check_reason(k, "the CPU can run VMs, KVM's module %s is not loaded or found it switched off",
			     module);
		check_remedy(k, "sudo modprobe %s; if that fails, enable virtualization in the firmware",
			     module);
	} else if (!strcmp(host->arch, "x86_64")) {
		check_reason(k, "the CPU shows neither vmx nor svm: this host can run no VM under KVM");
		check_remedy(k,
			     "enable virtualization in the firmware; in a VM, have its host offer nesting");
	} else {
		check_reason(k, "/dev/kvm is not there: this host can run no VM under KVM");
		check_remedy(k, "boot the kernel in hypervisor mode (arm64: EL2) with KVM built in");
	}
}

static void check_vendor(const struct host_info *host, struct checks *c)
{
	const char *vendor = *host->kvm_vendor ? host->kvm_vendor : host->arch;
	struct check *k;

	if (hostinfo_vendor_traces(host)) {
		checks_add(c, CHECK_OK, "kvm", "%s", vendor);
		return;
	}
	k = checks_add(c, CHECK_DEGRADED, "kvm", "%s", vendor);
	check_reason(k,
		     "neither Intel's nor AMD's KVM: it may fire no kvm_entry and kvm_exit; then exits and "
		     "their times are not visible, exits to user space are");
}

static void check_module_btf(const char *root, const struct host_info *host, struct checks *c)
{
	const char *lacking = NULL;
	struct check *k;

	if (hostinfo_exists(root, "/sys/module/kvm/initstate") &&
	    !hostinfo_exists(root, "/sys/kernel/btf/kvm"))
		lacking = "kvm";
	else if (*host->kvm_vendor && hostinfo_exists(root, "/sys/module/%s/initstate", host->kvm_vendor) &&
		 !hostinfo_exists(root, "/sys/kernel/btf/%s", host->kvm_vendor))
		lacking = host->kvm_vendor;
	if (!lacking) {
		checks_add(c, CHECK_OK, "kvm-btf", "%s",
			   hostinfo_exists(root, "/sys/kernel/btf/kvm") ? "modules" : "built in");
		return;
	}
	k = checks_add(c, CHECK_MISSING, "kvm-btf", "none of %s", lacking);
	check_reason(k,
		     "without the module's type information its tracepoints and exit reasons cannot be read");
	check_remedy(k, "run a kernel built with CONFIG_DEBUG_INFO_BTF_MODULES=y");
}

static void check_vpmu(const char *root, const struct host_info *host, struct checks *c)
{
	struct check *k;
	bool on;

	if (!vpmu_switch(root, host->kvm_vendor, &on))
		return;
	k = checks_add(c, CHECK_OK, "vpmu", "%s", on ? "on" : "off");
	if (on)
		check_reason(k, "VMs that use a virtual PMU take hardware counters of the CPUs they run on");
}

static void check_mediated(const char *root, const struct host_info *host, struct checks *c)
{
	char text[32];
	struct check *k;

	if (!parameter(root, host->kvm_vendor, "enable_mediated_pmu", text, sizeof(text)))
		return;
	k = checks_add(c, CHECK_OK, "mediated-vpmu", "%s", is_on(text) ? "on" : "off");
	if (!is_on(text))
		return;
	k->status = CHECK_DEGRADED;
	check_reason(k, "a VM with a virtual PMU has the hardware counters to itself while it runs, and does "
			"not start "
			"while the host counts guest code");
	check_remedy(k, "count host code only (exclude_guest), or load %s with enable_mediated_pmu=N",
		     *host->kvm_vendor ? host->kvm_vendor : "kvm");
}

static void check_halt_poll(const char *root, struct checks *c)
{
	char text[32];

	if (!hostinfo_file(root, text, sizeof(text), "/sys/module/kvm/parameters/halt_poll_ns"))
		return;
	if (strcmp(text, "0"))
		check_reason(checks_add(c, CHECK_OK, "halt-polling", "up to %s ns", text),
			     "a halted vCPU keeps its CPU busy that long, in case it is woken");
	else
		checks_add(c, CHECK_OK, "halt-polling", "off");
}

static void check_ple(const char *root, const struct host_info *host, struct checks *c)
{
	char text[32];
	struct check *k;

	/* Intel has ple_gap, 0 is off; AMD pause_filter_count */
	if (!parameter(root, host->kvm_vendor, "ple_gap", text, sizeof(text)) &&
	    !parameter(root, host->kvm_vendor, "pause_filter_count", text, sizeof(text)))
		return;
	k = checks_add(c, CHECK_OK, "pause-loop-exits", "%s", strcmp(text, "0") ? "on" : "off");
	if (!strcmp(text, "0"))
		check_reason(k, "a vCPU that spins for a lock makes no exit");
}

void checks_kvm(const char *root, const struct host_info *host, struct checks *ret)
{
	char text[32];

	if (!host->kvm_loaded) {
		check_not_loaded(root, host, ret);
		return;
	}
	check_vendor(host, ret);
	check_module_btf(root, host, ret);
	check_vpmu(root, host, ret);
	check_mediated(root, host, ret);
	check_halt_poll(root, ret);
	check_ple(root, host, ret);
	if (parameter(root, host->kvm_vendor, "nested", text, sizeof(text)))
		checks_add(ret, CHECK_OK, "nested", "%s", is_on(text) ? "on" : "off");
}
