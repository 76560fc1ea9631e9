// SPDX-License-Identifier: GPL-2.0-only
#include "privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <sys/prctl.h>

const char *privilege_missing(bool kvm_is_module)
{
	if (capng_get_caps_process())
		return "CAP_SYS_ADMIN";
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN))
		return NULL;
	if (kvm_is_module)
		return "CAP_SYS_ADMIN";
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_BPF))
		return capng_have_capability(CAPNG_EFFECTIVE, CAP_PERFMON) ? "CAP_BPF"
									   : "CAP_BPF and CAP_PERFMON";
	return capng_have_capability(CAPNG_EFFECTIVE, CAP_PERFMON) ? NULL : "CAP_PERFMON";
}

/* Keeps one capability, -1: none. */
static int drop_but(int kept)
{
	capng_clear(CAPNG_SELECT_ALL);
	if (kept >= 0)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, (unsigned int)kept);
	/* the bounding set first: shrinking it takes CAP_SETPCAP, which a caller may lack */
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}

int privilege_drop(void)
{
	return drop_but(-1);
}

int privilege_keep_perf(int paranoid)
{
	const int cap = paranoid > 2 ? CAP_SYS_ADMIN : CAP_PERFMON;

	capng_get_caps_process();
	return drop_but(capng_have_capability(CAPNG_EFFECTIVE, (unsigned int)cap) ? cap : -1);
}

int privilege_keep_ptrace(void)
{
	capng_get_caps_process();
	return drop_but(capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_PTRACE) ? CAP_SYS_PTRACE : -1);
}
