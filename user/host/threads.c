// SPDX-License-Identifier: GPL-2.0-only
#include "threads.h"

#include <string.h>

#include "hostinfo.h"

/*
 * A name that begins with this text is of that class; '#' is a number, '*' any
 * text, '$' the end.  The first that fits counts.
 */
static const struct {
	const char *text;
	enum thread_class class;
} names[] = {
	/* the kernel: drivers/vhost, arch/x86/kvm, io_uring */
	{"vhost-#$", THREAD_VHOST},
	{"kvm-", THREAD_KVM},
	{"iou-wrk-", THREAD_WORKER},
	{"iou-sqp-", THREAD_WORKER},
	/* QEMU; a vCPU that has not run yet is known by its name only */
	{"CPU #/KVM$", THREAD_VCPU},
	{"IO mon_iothread$", THREAD_EMULATOR},
	{"IO ", THREAD_IOTHREAD},
	{"worker$", THREAD_WORKER},
	{"io-task-worker$", THREAD_WORKER},
	{"touch_pages$", THREAD_WORKER},
	{"call_rcu$", THREAD_EMULATOR},
	{"vnc_worker$", THREAD_EMULATOR},
	{"SPICE Worker$", THREAD_EMULATOR},
	{"dump_thread$", THREAD_EMULATOR},
	/* QEMU's migration: one name since 9.2, many before */
	{"mig/", THREAD_EMULATOR},
	{"live_migration$", THREAD_EMULATOR},
	{"bg_snapshot$", THREAD_EMULATOR},
	{"return path$", THREAD_EMULATOR},
	{"postcopy/", THREAD_EMULATOR},
	{"multifdsend_#$", THREAD_EMULATOR},
	{"multifdrecv_#$", THREAD_EMULATOR},
	{"COLO incoming$", THREAD_EMULATOR},
	/* Firecracker */
	{"fc_vcpu #$", THREAD_VCPU},
	{"fc_api$", THREAD_EMULATOR},
	{"fc_vmm$", THREAD_EMULATOR},
	/* Cloud Hypervisor: devices have names of their own or the user's, with their queue's number */
	{"vcpu#$", THREAD_VCPU},
	{"vmm$", THREAD_EMULATOR},
	{"vmm_signal_hand", THREAD_EMULATOR},
	{"http-server$", THREAD_EMULATOR},
	{"event-monitor$", THREAD_EMULATOR},
	{"_", THREAD_IOTHREAD},
	{"*_q#$", THREAD_IOTHREAD},
	{"*_qp#$", THREAD_IOTHREAD},
	/* crosvm */
	{"crosvm_vcpu#$", THREAD_VCPU},
	{"v_", THREAD_IOTHREAD},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool fits(const char *name, const char *text)
{
	for (; *text; text++) {
		if (*text == '$')
			return !*name;
		if (*text == '*') {
			while (*name && !fits(name, text + 1))
				name++;
			return *name;
		}
		if (*text != '#') {
			if (*name++ != *text)
				return false;
			continue;
		}
		if (!is_digit(*name))
			return false;
		while (is_digit(*name))
			name++;
	}
	return true;
}

enum thread_class threads_class(const char *name, bool first, bool kernel, bool vcpu)
{
	if (vcpu)
		return THREAD_VCPU;
	/* it has the process's name, which may be anything */
	if (first && !kernel)
		return THREAD_EMULATOR;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (fits(name, names[i].text))
			return names[i].class;
	return THREAD_OTHER;
}

uint32_t threads_owner(const char *name)
{
	static const char *const before[] = {"vhost-", "kvm-pit/", "kvm-nx-lpage-recovery-"};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		size_t len = strlen(before[i]);
		uint32_t n = 0;

		if (strncmp(name, before[i], len))
			continue;
		for (name += len; is_digit(*name) && n < UINT32_MAX / 10; name++)
			n = n * 10 + (uint32_t)(*name - '0');
		return *name ? 0 : n;
	}
	return 0;
}

bool threads_full_name(const char *root, uint32_t tid, char name[THREADS_NAME_SIZE])
{
	return hostinfo_file(root ? root : "/proc", name, THREADS_NAME_SIZE, "/%u/comm", tid);
}

int32_t threads_vcpu(const char *name)
{
	int32_t n = 0, used = 0;

	if (strncmp(name, "CPU ", 4) != 0)
		return -1;
	for (name += 4; *name >= '0' && *name <= '9' && used < 7; name++, used++)
		n = n * 10 + (*name - '0');
	return used && !strcmp(name, "/KVM") ? n : -1;
}

uint32_t threads_owner_of(const char *root, uint32_t tid, const char comm[16])
{
	char name[THREADS_NAME_SIZE];

	/* a comm that is full may be cut off */
	if (strnlen(comm, 16) < 15)
		return threads_owner(comm);
	return threads_full_name(root, tid, name) ? threads_owner(name) : 0;
}
