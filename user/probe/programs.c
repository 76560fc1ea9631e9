// SPDX-License-Identifier: GPL-2.0-only
#include "programs.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "exit.skel.h"
#include "features.h"

#define PROGRAM(hook, name) ((struct program){hook, x->progs.name, &x->links.name, ""})

/*
 * The program for kvm_exit that fits this host's KVM, with its reason from
 * where this kernel has it.  NULL, or why there is none.
 */
#ifdef __x86_64__
static const char *exit_program(struct exit_bpf *x, const char *vendor, struct program *ret)
{
	bool amd = !strcmp(vendor, "kvm_amd"), cast = features_function("bpf_rdonly_cast");
	unsigned int arity = 0;

	if (!amd && strcmp(vendor, "kvm_intel"))
		return "fires none that vmperf knows";
	features_tracepoint("kvm_exit", &arity);
	if (arity == 3)
		*ret = PROGRAM("kvm_exit", kvm_exit_arg);
	else if (amd && features_field("vcpu_svm", "vmcb"))
		*ret = cast ? PROGRAM("kvm_exit", kvm_exit_svm) : PROGRAM("kvm_exit", kvm_exit_svm_read);
	else if (!amd &&
		 (features_field("vcpu_vmx", "exit_reason") || features_field("vcpu_vt", "exit_reason")))
		*ret = cast ? PROGRAM("kvm_exit", kvm_exit_vmx) : PROGRAM("kvm_exit", kvm_exit_vmx_read);
	else
		return "has no exit reason in its BTF";
	return NULL;
}
#else
static const char *exit_program(struct exit_bpf *x, const char *vendor, struct program *ret)
{
	(void)vendor;
	*ret = PROGRAM("kvm_exit", kvm_exit);
	return NULL;
}
#endif

unsigned int programs_choose(struct exit_bpf *x, const char *vendor, struct program ret[PROGRAMS_MAX])
{
	/* see bpf/compat.bpf.h */
	bool np = x->rodata->np_kernel = features_function("bpf_preempt_disable");
	struct program all[] = {
		{.hook = "kvm_exit"},
		PROGRAM("kvm_entry", kvm_entry),
		np ? PROGRAM("kvm_userspace_exit", kvm_userspace_exit_np)
		   : PROGRAM("kvm_userspace_exit", kvm_userspace_exit),
		np ? PROGRAM("kvm_vcpu_wakeup", kvm_vcpu_wakeup_np)
		   : PROGRAM("kvm_vcpu_wakeup", kvm_vcpu_wakeup),
		PROGRAM("sched_wakeup", sched_wakeup),
		PROGRAM("sched_switch", sched_switch),
		np ? PROGRAM("sched_process_exit", sched_process_exit_np)
		   : PROGRAM("sched_process_exit", sched_process_exit),
		/* last: only where events are counted */
		np ? PROGRAM("task_newtask", task_newtask_np) : PROGRAM("task_newtask", task_newtask),
	};
	_Static_assert(sizeof(all) / sizeof(*all) <= PROGRAMS_MAX, "room for all");
	const unsigned int n = sizeof(all) / sizeof(*all) - !x->rodata->nevents;
	const char *why = exit_program(x, vendor, &all[0]);

	/* an entry means nothing without its exit */
	for (int i = 0; why && i < 2; i++) {
		all[i].prog = NULL;
		snprintf(all[i].why, sizeof(all[i].why), "KVM's vendor module %s %s",
			 vendor[0] ? vendor : "(unknown)", why);
	}
	for (unsigned int i = 0; i < n; i++) {
		if (all[i].prog && !features_tracepoint(all[i].hook, NULL)) {
			all[i].prog = NULL;
			snprintf(all[i].why, sizeof(all[i].why), "this kernel has no tracepoint %s",
				 all[i].hook);
		}
		if (all[i].prog)
			bpf_program__set_autoload(all[i].prog, true);
		ret[i] = all[i];
	}
	return n;
}
