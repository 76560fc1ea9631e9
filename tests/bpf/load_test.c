// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every program that vmperf may choose loads on this kernel: each alone, and
 * each of those for kvm_exit with all that it is loaded with, without events and
 * with as many as there may be.  Notes how many instructions the verifier walked.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exit.skel.h"
#include "probe/features.h"
#include "rig.h"
#include "vms.skel.h"

static const char *const others[] = {
	"kvm_entry",    "kvm_userspace_exit", "kvm_vcpu_wakeup", "sched_wakeup",
	"sched_switch", "sched_process_exit", "seed_threads",    NULL,
};

/* Of those the ones that deal with events, and more. */
static const char *const counting[] = {
	"sched_switch",       "sched_process_exit",
	"seed_threads",       "task_newtask",
	"event_flush",        "sched_process_exit_np",
	"task_newtask_np",    "kvm_userspace_exit_np",
	"kvm_vcpu_wakeup_np", NULL,
};

/* Why a program of the table above cannot be loaded here, NULL: it can. */
static const char *no_program(const char *name, const char *root, const char *kvm)
{
	const char *skip = strncmp(name, "kvm_", 4) ? root : kvm;

	if (!skip && strstr(name, "_np") && !features_function("bpf_preempt_disable"))
		return "this kernel has no bpf_preempt_disable (6.10)";
	return skip;
}

/* Of the running test: a program, and whether the others are loaded with it. */
static const char *program;
static bool with_others;
static uint32_t events;

static void tell_size(const struct bpf_program *prog)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		wrong("cannot ask about %s: %s", bpf_program__name(prog), strerror(errno));
	else
		tap_note("%s: %u instructions, %u walked by the verifier", bpf_program__name(prog),
			 info.xlated_prog_len / 8, info.verified_insns);
}

static void loads(void)
{
	struct exit_bpf *x = exit_bpf__open();
	struct bpf_program *prog;

	rig_listen();
	prog = x ? bpf_object__find_program_by_name(x->obj, program) : NULL;
	if (!prog) {
		wrong("the object has no program %s", program);
		exit_bpf__destroy(x);
		return;
	}
	bpf_program__set_autoload(prog, true);
	for (int i = 0; with_others && others[i]; i++)
		bpf_program__set_autoload(bpf_object__find_program_by_name(x->obj, others[i]), true);
	bpf_map__set_max_entries(x->maps.slots, 4);
	bpf_map__set_max_entries(x->maps.free_slots, 4);
	x->rodata->nevents = events;
	x->rodata->np_kernel = features_function("bpf_preempt_disable");
	if (exit_bpf__load(x)) {
		wrong("%s was refused: %s", program, strerror(errno));
		rig_heard();
	} else {
		tell_size(prog);
	}
	exit_bpf__destroy(x);
}

static void vm_files_loads(void)
{
	struct vms_bpf *v;

	rig_listen();
	v = vms_bpf__open_and_load();
	if (v) {
		tell_size(v->progs.vm_files);
	} else {
		wrong("vm_files was refused: %s", strerror(errno));
		rig_heard();
	}
	vms_bpf__destroy(v);
}

static void test(const char *name, bool all, const char *skip)
{
	char title[128];

	program = name;
	with_others = all;
	snprintf(title, sizeof(title), "%s%s%s", name, all ? " with all others" : "",
		 events ? " and events" : "");
	tap_test(title, skip, loads);
}

/* load_test [WORD]: all tests, or those with WORD in their names */
int main(int argc, char **argv)
{
	const char *root = geteuid() ? "needs root" : NULL, *kvm = root;
	if (argc > 1)
		tap_only(argv[1]);
	if (!root && !features_tracepoint("kvm_entry", NULL))
		kvm = "no KVM here";
#ifdef __x86_64__
	struct {
		const char *name, *skip;
	} exits[] = {
		{"kvm_exit_svm", kvm},      {"kvm_exit_svm_read", kvm}, {"kvm_exit_vmx", kvm},
		{"kvm_exit_vmx_read", kvm}, {"kvm_exit_arg", kvm},
	};

	if (!kvm && !features_field("vcpu_vmx", "exit_reason") && !features_field("vcpu_vt", "exit_reason"))
		exits[2].skip = exits[3].skip = "no kvm_intel here";
	if (!kvm && !features_field("vcpu_svm", "vmcb"))
		exits[0].skip = exits[1].skip = "no kvm_amd here";
	if (!kvm && !features_function("bpf_rdonly_cast"))
		exits[0].skip = exits[2].skip = "this kernel has no bpf_rdonly_cast (6.2)";
#else
	struct {
		const char *name, *skip;
	} exits[] = {{"kvm_exit", kvm}};
#endif
	features_close();
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		test(exits[i].name, false, exits[i].skip);
		test(exits[i].name, true, exits[i].skip);
	}
	for (int i = 0; others[i]; i++)
		test(others[i], false, strncmp(others[i], "kvm_", 4) ? root : kvm);
	events = VMP_EVENTS;
	for (int i = 0; counting[i]; i++)
		test(counting[i], false, no_program(counting[i], root, kvm));
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		test(exits[i].name, true, exits[i].skip);
	tap_test("vm_files", root, vm_files_loads);
	return tap_end();
}
