// SPDX-License-Identifier: GPL-2.0-only
/* Which process is which VM: a made-up /proc, and this process itself. */
#include "vms_tree.h"

#include <sys/wait.h>

#include "host/proc.h"
#include "host/vpmu.h"

START_TEST(by_arguments)
{
	struct vms *v = made_up();

	PUT_VM(10, born, "/usr/bin/qemu-system-x86_64\0-name\0guest=a,,b\0-uuid\0" UUID);
	PUT_VM(11, born,
	       "/usr/bin/kvm\0-id\0"
	       "100\0-name\0bare");
	PUT_VM(12, born, "/opt/my vmm\0--disk\0x");
	PUT_VM(13, born, "");
	expect(v, 10, born, "a,b", UUID, "qemu");
	expect(v, 11, born, "bare", "", "qemu");
	expect(v, 12, born, "my vmm-12", "", "my vmm");
	/* no argv[0]: what stat has */
	expect(v, 13, born, "made-up-13", "", "made-up");
	vms_free(v);
}
END_TEST

START_TEST(not_there)
{
	struct vms *v = made_up();
	const struct vm_names *n;

	expect(v, 20, born, "kernel-comm-20", "", "kernel-comm");
	n = vms_lookup(v, (struct vm_id){21, born}, "qemu-system-x86");
	ck_assert_str_eq(n->name, "qemu-system-x86-21");
	ck_assert_str_eq(n->vmm, "qemu");
	n = vms_lookup(v, (struct vm_id){22, born}, NULL);
	ck_assert_str_eq(n->name, "vm-22");
	ck_assert_str_eq(n->vmm, "vm");
	n = vms_lookup(v, (struct vm_id){UINT32_MAX, UINT64_MAX}, "");
	ck_assert_str_eq(n->name, "vm-4294967295");
	vms_free(v);
}
END_TEST

START_TEST(reused_pid)
{
	struct vms *v = made_up();
	uint64_t later = born + 20 * SEC;

	PUT_VM(30, born, "kvm\0-name\0first");
	expect(v, 30, born, "first", "", "qemu");
	ck_assert(vms_alive(v, (struct vm_id){30, born}));
	PUT_VM(30, later, "kvm\0-name\0second");
	expect(v, 30, later, "second", "", "qemu");
	expect(v, 30, born, "first", "", "qemu");
	ck_assert(!vms_alive(v, (struct vm_id){30, born}));
	ck_assert(vms_alive(v, (struct vm_id){30, later}));
	/* never seen while it lived: nothing of its successor's */
	vms_forget(v, (struct vm_id){30, born});
	expect(v, 30, born, "kernel-comm-30", "", "kernel-comm");
	expect(v, 30, later, "second", "", "qemu");
	vms_free(v);
}
END_TEST

START_TEST(start_time_to_the_tick)
{
	struct vms *v = made_up();
	uint64_t tick = born / 10000000 * 10000000;

	PUT_VM(31, born, "kvm\0-name\0x");
	ck_assert(vms_alive(v, (struct vm_id){31, tick}));
	ck_assert(vms_alive(v, (struct vm_id){31, tick + 9999999}));
	ck_assert(!vms_alive(v, (struct vm_id){31, tick - 1}));
	ck_assert(!vms_alive(v, (struct vm_id){31, tick + 10000000}));
	vms_free(v);
}
END_TEST

START_TEST(zombies_have_ended)
{
	struct vms *v = made_up();

	PUT_VM(40, born, "kvm\0-name\0x");
	ck_assert(vms_alive(v, (struct vm_id){40, born}));
	put_stat(40, "kvm", 'Z', born);
	ck_assert(!vms_alive(v, (struct vm_id){40, born}));
	put_stat(40, "kvm", 'X', born);
	ck_assert(!vms_alive(v, (struct vm_id){40, born}));
	put_stat(40, "kvm", 'T', born);
	ck_assert(vms_alive(v, (struct vm_id){40, born}));
	vms_free(v);
}
END_TEST

START_TEST(arguments_come_late)
{
	struct vms *v = made_up();

	/* a process that is just being made has none yet */
	put_vm(45, born, "", 0);
	expect(v, 45, born, "made-up-45", "", "made-up");
	PUT_VM(45, born, "kvm\0-name\0late\0-uuid\0" UUID);
	expect(v, 45, born, "late", UUID, "qemu");
	vms_free(v);
}
END_TEST

START_TEST(unreadable)
{
	char path[128];
	struct vms *v = made_up();

	/* no status, cmdline no file */
	put_stat(90, "kvm", 'S', born);
	snprintf(path, sizeof(path), "%s/90/cmdline", proc_dir);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	expect(v, 90, born, "kvm-90", "", "qemu");
	/* stat that is none */
	put("garbage", 7, "proc/91/stat");
	put("", 0, "proc/92/stat");
	put("93", 2, "proc/93");
	expect(v, 91, born, "kernel-comm-91", "", "kernel-comm");
	expect(v, 92, born, "kernel-comm-92", "", "kernel-comm");
	expect(v, 93, born, "kernel-comm-93", "", "kernel-comm");
	vms_free(v);
}
END_TEST

START_TEST(huge_arguments)
{
	static const char head[] = "kvm\0-name\0near\0-device";
	static const char tail[] = "-name\0far";
	size_t len = PROC_CMDLINE_MAX + 4096;
	char *args = calloc(1, len);
	struct vms *v = made_up();

	ck_assert_ptr_nonnull(args);
	memset(args, 'x', len);
	memcpy(args, head, sizeof(head));
	memcpy(args + len - sizeof(tail), tail, sizeof(tail));
	put_vm(100, born, args, len);
	expect(v, 100, born, "near", "", "qemu");
	/* cut inside the name: that is no name */
	memcpy(args + PROC_CMDLINE_MAX - 10, "\0-name\0abcdef", 13);
	put_vm(101, born, args, len);
	expect(v, 101, born, "near", "", "qemu");
	/* and one that just fits is */
	memcpy(args + PROC_CMDLINE_MAX - 11, "\0-name\0fit", 11);
	put_vm(102, born, args, len);
	expect(v, 102, born, "fit", "", "qemu");
	free(args);
	vms_free(v);
}
END_TEST

START_TEST(many)
{
	enum { N = 10000 };
	struct vms *v = made_up();
	const struct vm_names *n;
	char want[32];
	uint32_t i, k;

	/* in an order that is neither up nor down */
	for (i = 0; i < N; i++) {
		k = i * 7919 % N;
		n = vms_lookup(v, (struct vm_id){k, born + k}, "many");
		snprintf(want, sizeof(want), "many-%" PRIu32, k);
		ck_assert_str_eq(n->name, want);
	}
	for (i = 0; i < N; i += 2)
		vms_forget(v, (struct vm_id){i, born + i});
	vms_forget(v, (struct vm_id){1, born});
	for (i = 0; i < N; i++) {
		n = vms_lookup(v, (struct vm_id){i, born + i}, "again");
		snprintf(want, sizeof(want), "%s-%" PRIu32, i % 2 ? "many" : "again", i);
		ck_assert_str_eq(n->name, want);
	}
	vms_free(v);
	vms_free(NULL);
}
END_TEST

START_TEST(stat_lines)
{
	static const char rest[] = " 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 4711 11 12\n";
	static const char *const comms[] = {"a",  "",     "a) R 1 (",         ")", "(",
					    "((", "a\nb", "a) Z 1 1 1 1 1 1", " ", "a)"};
	struct proc_stat st;
	size_t i;

	for (i = 0; i < sizeof(comms) / sizeof(comms[0]); i++) {
		struct buf b = {0};

		buf_printf(&b, "77 (%s) S%s", comms[i], rest);
		ck_assert(proc_parse_stat(b.data, &st));
		ck_assert_str_eq(st.comm, comms[i]);
		ck_assert_int_eq(st.state, 'S');
		ck_assert_uint_eq(st.start_ticks, 4711);
		buf_free(&b);
	}
	ck_assert(!proc_parse_stat("", &st));
	ck_assert(!proc_parse_stat("1 (a", &st));
	ck_assert(!proc_parse_stat("1 )a(", &st));
	ck_assert(!proc_parse_stat("1 (a)", &st));
	ck_assert(!proc_parse_stat("1 (a) ", &st));
	ck_assert(!proc_parse_stat("1 (a) S", &st));
	ck_assert(!proc_parse_stat("1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18", &st));
	ck_assert(!proc_parse_stat("1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x 1", &st));
	ck_assert(!proc_parse_stat("1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 -1 1", &st));
	ck_assert(!proc_parse_stat(
		"1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 99999999999999999999 1", &st));
	ck_assert(proc_parse_stat("1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", &st));
	ck_assert_uint_eq(st.start_ticks, 19);
}
END_TEST

/* The start of a process as this kernel has it, in whole ticks. */
static uint64_t real_start(pid_t pid)
{
	char path[32], text[1024];
	struct proc_stat st;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	ck_assert(proc_parse_stat(text, &st));
	return st.start_ticks * (SEC / (uint64_t)sysconf(_SC_CLK_TCK));
}

START_TEST(real_processes)
{
	struct vms_options o = {.proc = "/proc", .run = run_dir};
	struct vms *v = vms_new(&o);
	struct vm_id self = {(uint32_t)getpid(), real_start(getpid())}, child;
	int ready[2], hold[2];
	siginfo_t info;
	pid_t pid;
	char c;

	ck_assert(vms_alive(v, self));
	ck_assert_str_eq(vms_lookup(v, self, NULL)->vmm, program_invocation_short_name);
	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(hold), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		dup2(hold[0], 0);
		dup2(ready[1], 1);
		execl("/bin/sh", "qemu-system-x86_64", "-c", "echo; read x", "-name",
		      "guest=real,,one,debug-threads=on", "-uuid", UUID, NULL);
		_exit(1);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	child = (struct vm_id){(uint32_t)pid, real_start(pid)};
	expect(v, child.pid, child.start_ns, "real,one", UUID, "qemu");
	ck_assert(vms_alive(v, child));
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert(!vms_alive(v, child)); /* a zombie */
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(!vms_alive(v, child));
	expect(v, child.pid, child.start_ns, "real,one", UUID, "qemu");
	close(ready[0]);
	close(ready[1]);
	close(hold[0]);
	close(hold[1]);
	vms_free(v);
}
END_TEST

/* Beyond names: of the arguments, and of the host's KVM. */
START_TEST(machine_and_pmu)
{
	struct vms_options o = {.proc = proc_dir, .run = run_dir, .root = root};
	const struct vm_names *n;
	struct vms *v;

	PUT_VM(20, born, "kvm\0-machine\0q35,usb=off\0-cpu\0qemu64");
	PUT_VM(21, born, "qemu-kvm\0-name\0guest=ns_vmi\0-cpu\0host\0-smbios\0type=1,family=KubeVirt");
	PUT_VM(22, born, "firecracker\0--id\0ns_vmi");
	put("", 0, "sys/class/misc/kvm/dev");
	put("Y\n", 2, "sys/module/kvm/parameters/enable_pmu");
	put("", 0, "sys/module/kvm_intel/initstate");
	v = vms_new(&o);
	n = vms_lookup(v, (struct vm_id){20, born}, NULL);
	ck_assert_str_eq(n->machine, "q35");
	ck_assert_int_eq(n->vpmu, VPMU_OFF);
	ck_assert_ptr_null(n->meta[META_VMI]);
	n = vms_lookup(v, (struct vm_id){21, born}, NULL);
	ck_assert_str_eq(n->machine, "");
	ck_assert_int_eq(n->vpmu, VPMU_ON);
	ck_assert_str_eq(n->meta[META_NAMESPACE], "ns");
	ck_assert_str_eq(n->meta[META_VMI], "vmi");
	n = vms_lookup(v, (struct vm_id){22, born}, NULL);
	ck_assert_int_eq(n->vpmu, VPMU_UNKNOWN);
	ck_assert_ptr_null(n->meta[META_VMI]);
	vms_free(v);
	/* switched off, it is off for all */
	put("N\n", 2, "sys/module/kvm/parameters/enable_pmu");
	v = vms_new(&o);
	ck_assert_int_eq(vms_lookup(v, (struct vm_id){21, born}, NULL)->vpmu, VPMU_OFF);
	ck_assert_int_eq(vms_lookup(v, (struct vm_id){22, born}, NULL)->vpmu, VPMU_OFF);
	vms_free(v);
}
END_TEST

#if defined(__x86_64__)
START_TEST(pmu_of_the_host)
{
	/* no KVM; KVM without a switch; the vendor's of old; none known; AMD's; Intel's; switched off */
	ck_assert_int_eq(vpmu_host(root), VPMU_HOST_UNKNOWN);
	put("Y\n", 2, "sys/module/kvm_intel/parameters/pmu");
	ck_assert_int_eq(vpmu_host(root), VPMU_HOST_UNKNOWN);
	put("", 0, "sys/class/misc/kvm/dev");
	ck_assert_int_eq(vpmu_host(root), VPMU_HOST_INTEL);
	put("0\n", 2, "sys/module/kvm_intel/parameters/pmu");
	ck_assert_int_eq(vpmu_host(root), VPMU_HOST_OFF);
	put("Y\n", 2, "sys/module/kvm/parameters/enable_pmu");
	ck_assert_int_eq(vpmu_host(root), VPMU_HOST_INTEL);
	/* both are there, and no CPU says which one works: not Intel's */
	put("", 0, "sys/module/kvm_amd/initstate");
	ck_assert_int_eq(vpmu_host(root), VPMU_HOST_AMD);
}
END_TEST

START_TEST(pmu_of_other_hosts)
{
	put("", 0, "sys/class/misc/kvm/dev");
	put("Y\n", 2, "sys/module/kvm/parameters/enable_pmu");
	ck_assert_int_eq(vpmu_host(root), VPMU_HOST_UNKNOWN);
	put("", 0, "sys/module/kvm_pvm/initstate");
	ck_assert_int_eq(vpmu_host(root), VPMU_HOST_UNKNOWN);
	put("N\n", 2, "sys/module/kvm/parameters/enable_pmu");
	ck_assert_int_eq(vpmu_host(root), VPMU_HOST_OFF);
}
END_TEST
#endif

int main(void)
{
	struct unit u = unit_new("vms");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, by_arguments);
	UNIT_ADD(u, not_there);
	UNIT_ADD(u, reused_pid);
	UNIT_ADD(u, start_time_to_the_tick);
	UNIT_ADD(u, zombies_have_ended);
	UNIT_ADD(u, arguments_come_late);
	UNIT_ADD(u, unreadable);
	UNIT_ADD(u, huge_arguments);
	UNIT_ADD(u, many);
	UNIT_ADD(u, stat_lines);
	UNIT_ADD(u, machine_and_pmu);
#if defined(__x86_64__)
	UNIT_ADD(u, pmu_of_the_host);
	UNIT_ADD(u, pmu_of_other_hosts);
#endif
	UNIT_ADD(u, real_processes);
	return unit_run(u);
}
