// SPDX-License-Identifier: GPL-2.0-only
#include "checks.h"

#include <dlfcn.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/mem.h"
#include "hostinfo.h"
#include "resctrl.h"

/* The inode of the first pid namespace (include/linux/proc_ns.h: PROC_PID_INIT_INO). */
#define PID_INIT_INO 0xEFFFFFFCU

struct check *checks_add(struct checks *c, enum check_status status, const char *name, const char *value, ...)
{
	struct check *k;
	va_list ap;

	c->items = mem_resize(c->items, c->n + 1, sizeof(*c->items));
	k = &c->items[c->n++];
	*k = (struct check){.name = name, .status = status};
	va_start(ap, value);
	vsnprintf(k->value, sizeof(k->value), value, ap);
	va_end(ap);
	return k;
}

void check_reason(struct check *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->reason, sizeof(k->reason), fmt, ap);
	va_end(ap);
}

void check_remedy(struct check *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->remedy, sizeof(k->remedy), fmt, ap);
	va_end(ap);
}

void checks_free(struct checks *c)
{
	free(c->items);
	*c = (struct checks){0};
}

static void check_kernel(const struct host_info *host, struct checks *c)
{
	struct check *k = checks_add(c, CHECK_OK, "kernel", "%s %s", host->kernel, host->arch);
	unsigned int major = 0, minor = 0;

	if (sscanf(host->kernel, "%u.%u", &major, &minor) == 2 && (major < 5 || (major == 5 && minor < 15))) {
		k->status = CHECK_DEGRADED;
		check_reason(k, "vmperf is made for kernels from 5.15 on; what this one lacks stands below");
		check_remedy(k, "run a newer kernel");
	}
}

static void check_btf(const char *root, struct checks *c)
{
	struct check *k;

	if (hostinfo_exists(root, "/sys/kernel/btf/vmlinux")) {
		checks_add(c, CHECK_OK, "btf", "vmlinux");
		return;
	}
	k = checks_add(c, CHECK_MISSING, "btf", "none");
	check_reason(
		k, "without its kernel's type information (/sys/kernel/btf/vmlinux) no probe can be loaded");
	check_remedy(k, "run a kernel built with CONFIG_DEBUG_INFO_BTF=y (the distributions' are)");
}

static void check_lockdown(const char *root, struct checks *c)
{
	char text[128], *from, *to;
	struct check *k;

	if (!hostinfo_file(root, text, sizeof(text), "/sys/kernel/security/lockdown")) {
		k = checks_add(c, CHECK_OK, "lockdown", "none");
		check_reason(k, "no file tells: the kernel has no lockdown, or securityfs is not mounted");
		return;
	}
	/* "none [integrity] confidentiality": the one in force is in brackets */
	from = strchr(text, '[');
	to = from ? strchr(from, ']') : NULL;
	if (to)
		*to = '\0';
	k = checks_add(c, CHECK_OK, "lockdown", "%s", to ? from + 1 : text);
	if (strcmp(k->value, "confidentiality"))
		return;
	k->status = CHECK_MISSING;
	check_reason(k, "the kernel lets no program read its memory: BPF programs that tell exit reasons are "
			"refused");
	check_remedy(k, "boot with lockdown=integrity, or without lockdown=");
}

static uint64_t effective_caps(const char *root)
{
	char text[4096];
	const char *p;

	hostinfo_file(root, text, sizeof(text), "/proc/self/status");
	p = strstr(text, "\nCapEff:");
	return p ? strtoull(p + 8, NULL, 16) : 0;
}

static bool has(uint64_t caps, int cap)
{
	return caps >> cap & 1;
}

static void check_caps(const char *root, uint64_t caps, struct checks *c)
{
	static const struct {
		int cap;
		const char *name;
	} names[] = {{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"}, {CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}};
	bool module = hostinfo_exists(root, "/sys/module/kvm/initstate");
	struct check *k = checks_add(c, CHECK_OK, "capabilities", "%s", "");
	size_t len = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (has(caps, names[i].cap))
			len += (size_t)snprintf(k->value + len, sizeof(k->value) - len, "%s%s",
						len ? " " : "", names[i].name);
	if (!len)
		strcpy(k->value, "none of those needed");
	if (has(caps, CAP_SYS_ADMIN) || (!module && has(caps, CAP_BPF) && has(caps, CAP_PERFMON)))
		return;
	k->status = CHECK_MISSING;
	if (module)
		check_reason(k, "KVM is a module: its type information is given to CAP_SYS_ADMIN only");
	else
		check_reason(k, "loading probes takes CAP_BPF and CAP_PERFMON");
	check_remedy(k, "run vmperf as root (sudo); it drops all capabilities before it measures");
}

static void check_unprivileged_bpf(const char *root, struct checks *c)
{
	char text[32];
	struct check *k;

	if (!hostinfo_file(root, text, sizeof(text), "/proc/sys/kernel/unprivileged_bpf_disabled"))
		return;
	k = checks_add(c, CHECK_OK, "unprivileged-bpf", "%s", strcmp(text, "0") ? "off" : "on");
	if (!strcmp(text, "0")) {
		check_reason(k, "vmperf does not need it; off is safer");
		check_remedy(k, "sysctl kernel.unprivileged_bpf_disabled=2");
	}
}

static void check_jit(const char *root, struct checks *c)
{
	char text[32];
	struct check *k;

	if (!hostinfo_file(root, text, sizeof(text), "/proc/sys/net/core/bpf_jit_enable"))
		return;
	k = checks_add(c, CHECK_OK, "bpf-jit", "%s", strcmp(text, "0") ? "on" : "off");
	if (!strcmp(text, "0")) {
		k->status = CHECK_DEGRADED;
		check_reason(k, "probes are interpreted and cost several times as much; some may be refused");
		check_remedy(k, "sysctl net.core.bpf_jit_enable=1");
	}
}

static void check_memlock(const char *root, struct checks *c)
{
	char text[4096], soft[32] = "";
	const char *p;

	hostinfo_file(root, text, sizeof(text), "/proc/self/limits");
	p = strstr(text, "Max locked memory");
	if (!p || sscanf(p + strlen("Max locked memory"), "%31s", soft) != 1)
		return;
	/* BPF memory is the memory cgroup's since 5.11 ("bpf: Eliminate rlimit-based memory accounting") */
	check_reason(checks_add(c, CHECK_OK, "memlock", "%s", soft),
		     "kernels from 5.11 on do not hold BPF maps against it");
}

static bool hides_processes(const char *value)
{
	/* numbers and, since 5.8, names (fs/proc/root.c) */
	static const char *const hiding[] = {"1", "2", "4", "noaccess", "invisible", "ptraceable"};
	size_t n = strcspn(value, ", \n");

	for (size_t i = 0; i < sizeof(hiding) / sizeof(hiding[0]); i++)
		if (strlen(hiding[i]) == n && !strncmp(hiding[i], value, n))
			return true;
	return false;
}

/* The options of the last mount on this point: the one on top; false: nothing is mounted there. */
static bool mount_options(const char *mounts, const char *point, char *ret, size_t size)
{
	bool found = false;

	for (const char *line = mounts; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		char at[256], options[512];

		if (sscanf(line, "%*s %255s %*s %511s", at, options) == 2 && !strcmp(at, point)) {
			snprintf(ret, size, "%s", options);
			found = true;
		}
	}
	return found;
}

static void check_hidepid(const char *mounts, struct checks *c)
{
	char options[512];
	struct check *k;
	const char *p;

	if (!mount_options(mounts, "/proc", options, sizeof(options)))
		return;
	p = strstr(options, "hidepid=");
	k = p ? checks_add(c, CHECK_OK, "proc", "%.*s", (int)strcspn(p, ","), p)
	      : checks_add(c, CHECK_OK, "proc", "all processes visible");
	if (!p || !hides_processes(p + strlen("hidepid=")))
		return;
	k->status = CHECK_DEGRADED;
	check_reason(
		k,
		"once its capabilities are dropped vmperf sees no other user's processes: VMs are named by "
		"process name and pid, unless libvirt names them");
	check_remedy(k, "mount -o remount,hidepid=0 /proc");
}

static void check_pidns(const char *root, struct checks *c)
{
	char path[PATH_MAX], text[64];
	unsigned int inode = 0;
	struct check *k;
	ssize_t n = -1;

	if (snprintf(path, sizeof(path), "%s/proc/self/ns/pid", root) < (int)sizeof(path))
		n = readlink(path, text, sizeof(text) - 1);
	if (n > 0) {
		text[n] = '\0';
		if (sscanf(text, "pid:[%u]", &inode) != 1)
			inode = 0;
	}
	if (inode == PID_INIT_INO) {
		checks_add(c, CHECK_OK, "pid-namespace", "the host's");
		return;
	}
	k = checks_add(c, CHECK_MISSING, "pid-namespace", "%s", inode ? "a container's" : "unknown");
	check_reason(k, "the kernel counts by the host's pids, which cannot be looked up here");
	check_remedy(k,
		     "run vmperf on the host, or its container with the host's pid namespace (--pid=host)");
}

static void check_tracefs(const char *mounts, struct checks *c)
{
	char options[512];
	struct check *k;

	if (mount_options(mounts, "/sys/kernel/tracing", options, sizeof(options))) {
		checks_add(c, CHECK_OK, "tracefs", "/sys/kernel/tracing");
		return;
	}
	k = checks_add(c, CHECK_OK, "tracefs", "not mounted");
	check_reason(k, "vmperf does not need it; perf and trace-cmd do");
}

static void check_resctrl(const char *root, struct checks *c)
{
	static const char *const names[RESCTRL_EVENTS] = {"cmt", "mbmt", "mbml"}; /* libvirt's */
	struct resctrl_host h;
	struct check *k;
	size_t len;

	resctrl_look(root, &h);
	switch (h.status) {
	case RESCTRL_NONE:
		k = checks_add(c, CHECK_MISSING, "resctrl", "none");
		check_reason(k, "the CPU has no cache and memory bandwidth monitoring, or the kernel does "
				"not offer it");
		break;
	case RESCTRL_UNMOUNTED:
		k = checks_add(c, CHECK_DEGRADED, "resctrl", "not mounted");
		check_reason(
			k,
			"cache occupancy and memory bandwidth of VMs can be told only while it is mounted");
		check_remedy(k, "mount -t resctrl resctrl /sys/fs/resctrl");
		break;
	case RESCTRL_NO_MONITOR:
		k = checks_add(c, CHECK_MISSING, "resctrl", "no monitoring");
		check_reason(k, "the CPU can partition its cache, not tell who uses it");
		break;
	case RESCTRL_READY:
		k = checks_add(c, CHECK_OK, "resctrl", "%u monitoring IDs:", h.rmids);
		len = strlen(k->value);
		for (size_t i = 0; i < RESCTRL_EVENTS; i++)
			if (h.has[i])
				len += (size_t)snprintf(k->value + len, sizeof(k->value) - len, " %s",
							names[i]);
		check_reason(k, "each VM takes one, and each group of others");
		break;
	}
}

static bool libvirt_loads(void)
{
	void *lib = dlopen("libvirt.so.0", RTLD_LAZY | RTLD_LOCAL);

	if (lib)
		dlclose(lib);
	return lib != NULL;
}

static void check_libvirt(const char *root, struct checks *c)
{
	static const char *const sockets[] = {"libvirt-sock-ro", "virtqemud-sock-ro", "libvirt-sock",
					      "virtqemud-sock"};
	const char *found = NULL;
	struct check *k;

	for (size_t i = 0; !found && i < sizeof(sockets) / sizeof(sockets[0]); i++)
		if (hostinfo_exists(root, "/run/libvirt/%s", sockets[i]))
			found = sockets[i];
	if (!found) {
		k = checks_add(c, CHECK_MISSING, "libvirt", "no daemon");
		check_reason(k, "VMs are named by their command line, else by process name and pid");
		check_remedy(k, "nothing if no VM is libvirt's; else start libvirtd or virtqemud.socket");
	} else if (!*root && !libvirt_loads()) {
		k = checks_add(c, CHECK_DEGRADED, "libvirt", "daemon, but no library");
		check_reason(k,
			     "libvirt.so.0 cannot be loaded: VMs are named by state files and command lines");
		check_remedy(k, "install the library (Debian: libvirt0, Fedora: libvirt-libs)");
	} else {
		checks_add(c, CHECK_OK, "libvirt", "/run/libvirt/%s", found);
	}
}

void checks_host(const char *root, const struct host_info *host, struct checks *ret)
{
	uint64_t caps = effective_caps(root);
	static char mounts[65536];

	hostinfo_file(root, mounts, sizeof(mounts), "/proc/self/mounts");
	check_kernel(host, ret);
	check_btf(root, ret);
	checks_kvm(root, host, ret);
	check_lockdown(root, ret);
	check_caps(root, caps, ret);
	check_unprivileged_bpf(root, ret);
	check_jit(root, ret);
	check_memlock(root, ret);
	check_hidepid(mounts, ret);
	check_pidns(root, ret);
	check_tracefs(mounts, ret);
	checks_pmu(root, caps, ret);
	check_resctrl(root, ret);
	check_libvirt(root, ret);
}
