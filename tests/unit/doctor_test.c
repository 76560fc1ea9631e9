// SPDX-License-Identifier: GPL-2.0-only
/* vmperf doctor on made-up hosts: trees of files below a directory of the test's own. */
#include "unit.h"

#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/doctor.h"
#include "host/hostinfo.h"

static char root[PATH_MAX];
static struct checks c;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/doctor.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static void teardown(void)
{
	checks_free(&c);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Makes the directories above path. */
static void make_parents(char *path)
{
	for (char *p = strchr(path + strlen(root) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		ck_assert(mkdir(path, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static void put(const char *name, const char *text)
{
	char path[PATH_MAX + 64];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", root, name);
	make_parents(path);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void put_link(const char *name, const char *to)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s%s", root, name);
	make_parents(path);
	ck_assert_int_eq(symlink(to, path), 0);
}

/* What every healthy host has. */
static void put_common(void)
{
	put("/sys/kernel/btf/vmlinux", "x");
	put("/proc/self/status", "Name:\tx\nCapPrm:\t0\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n");
	put("/proc/self/limits",
	    "Limit  Soft Limit  Hard Limit  Units\nMax locked memory   8388608   8388608   bytes\n");
	put("/proc/self/mounts",
	    "proc /proc proc rw,nosuid 0 0\ntracefs /sys/kernel/tracing tracefs rw 0 0\n");
	put_link("/proc/self/ns/pid", "pid:[4026531836]");
	put("/proc/filesystems", "nodev\tsysfs\nnodev\tresctrl\n\text4\n");
	put("/proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
	put("/proc/sys/kernel/perf_event_paranoid", "2\n");
	put("/proc/sys/net/core/bpf_jit_enable", "1\n");
	put("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
}

static void put_kvm(const char *vendor)
{
	char name[128];

	put("/sys/class/misc/kvm/dev", "10:232\n");
	put("/sys/module/kvm/initstate", "live\n");
	put("/sys/module/kvm/parameters/halt_poll_ns", "200000\n");
	put("/sys/module/kvm/parameters/enable_pmu", "Y\n");
	put("/sys/kernel/btf/kvm", "x");
	snprintf(name, sizeof(name), "/sys/module/%s/initstate", vendor);
	put(name, "live\n");
	snprintf(name, sizeof(name), "/sys/module/%s/parameters/nested", vendor);
	put(name, "Y\n");
	snprintf(name, sizeof(name), "/sys/kernel/btf/%s", vendor);
	put(name, "x");
}

static void run(void)
{
	struct host_info h = {.kernel = "6.12.9", .arch = "x86_64"};

	hostinfo_kvm(root, &h);
	checks_host(root, &h, &c);
}

static const struct check *find(const char *name)
{
	for (size_t i = 0; i < c.n; i++)
		if (!strcmp(c.items[i].name, name))
			return &c.items[i];
	return NULL;
}

static const struct check *expect(const char *name, enum check_status status, const char *value)
{
	const struct check *k = find(name);

	ck_assert_msg(k != NULL, "no line %s", name);
	ck_assert_msg(k->status == status, "%s: status %d, value %s", name, k->status, k->value);
	ck_assert_msg(!strcmp(k->value, value), "%s: '%s', not '%s'", name, k->value, value);
	/* what is not well has its reason */
	if (status != CHECK_OK)
		ck_assert_msg(*k->reason, "%s", name);
	return k;
}

START_TEST(intel_with_watchdog)
{
	const struct check *k;

	put_common();
	put_kvm("kvm_intel");
	put("/sys/module/kvm_intel/parameters/ple_gap", "0\n");
	put("/sys/bus/event_source/devices/cpu_core/type", "4\n");
	put("/sys/bus/event_source/devices/cpu_atom/type", "10\n");
	put("/sys/bus/event_source/devices/msr/type", "9\n");
	put("/proc/sys/kernel/nmi_watchdog", "1\n");
	put("/run/libvirt/virtqemud-sock-ro", "");
	run();
	expect("kernel", CHECK_OK, "6.12.9 x86_64");
	expect("btf", CHECK_OK, "vmlinux");
	expect("kvm", CHECK_OK, "kvm_intel");
	expect("kvm-btf", CHECK_OK, "modules");
	expect("pmu", CHECK_OK, "cpu_atom cpu_core");
	k = expect("nmi-watchdog", CHECK_DEGRADED, "on");
	ck_assert_str_eq(k->remedy, "sysctl kernel.nmi_watchdog=0");
	expect("vpmu", CHECK_OK, "on");
	ck_assert_ptr_null(find("mediated-vpmu"));
	expect("nested", CHECK_OK, "on");
	expect("pause-loop-exits", CHECK_OK, "off");
	expect("halt-polling", CHECK_OK, "up to 200000 ns");
	expect("lockdown", CHECK_OK, "none");
	expect("capabilities", CHECK_OK, "CAP_SYS_ADMIN CAP_BPF CAP_PERFMON");
	expect("perf-event-paranoid", CHECK_OK, "2");
	expect("unprivileged-bpf", CHECK_OK, "off");
	expect("bpf-jit", CHECK_OK, "on");
	expect("memlock", CHECK_OK, "8388608");
	expect("proc", CHECK_OK, "all processes visible");
	expect("pid-namespace", CHECK_OK, "the host's");
	expect("tracefs", CHECK_OK, "/sys/kernel/tracing");
	expect("resctrl", CHECK_DEGRADED, "not mounted");
	expect("libvirt", CHECK_OK, "/run/libvirt/virtqemud-sock-ro");
}
END_TEST

START_TEST(amd_with_mediated_pmu)
{
	put_common();
	put_kvm("kvm_amd");
	put("/sys/module/kvm_amd/parameters/enable_mediated_pmu", "Y\n");
	put("/sys/module/kvm_amd/parameters/pause_filter_count", "3000\n");
	put("/sys/bus/event_source/devices/cpu/type", "4\n");
	put("/proc/sys/kernel/nmi_watchdog", "0\n");
	put("/proc/self/mounts", "proc /proc proc rw 0 0\n");
	put("/sys/fs/resctrl/info/L3_MON/num_rmids", "176\n");
	put("/sys/fs/resctrl/info/L3_MON/mon_features",
	    "llc_occupancy\nmbm_total_bytes\nmbm_total_bytes_config\nmbm_local_bytes\n");
	run();
	expect("kvm", CHECK_OK, "kvm_amd");
	expect("mediated-vpmu", CHECK_DEGRADED, "on");
	expect("pause-loop-exits", CHECK_OK, "on");
	expect("pmu", CHECK_OK, "cpu");
	expect("nmi-watchdog", CHECK_OK, "off");
	expect("resctrl", CHECK_OK, "176 monitoring IDs: cmt mbmt mbml");
	expect("tracefs", CHECK_OK, "not mounted");
	expect("libvirt", CHECK_MISSING, "no daemon");
}
END_TEST

START_TEST(cache_that_can_be_partitioned_only)
{
	put_common();
	put("/sys/fs/resctrl/info/L3/cbm_mask", "fffff\n");
	run();
	expect("resctrl", CHECK_MISSING, "no monitoring");
}
END_TEST

START_TEST(mediated_pmu_off)
{
	put_common();
	put_kvm("kvm_intel");
	put("/sys/module/kvm_intel/parameters/enable_mediated_pmu", "N\n");
	run();
	expect("mediated-vpmu", CHECK_OK, "off");
}
END_TEST

/* Before 5.18 the switch was the vendor module's. */
START_TEST(old_vpmu)
{
	put_common();
	put("/sys/class/misc/kvm/dev", "10:232\n");
	put("/sys/module/kvm_amd/parameters/pmu", "N\n");
	run();
	expect("kvm", CHECK_OK, "kvm_amd");
	expect("kvm-btf", CHECK_OK, "built in");
	expect("vpmu", CHECK_OK, "off");
}
END_TEST

START_TEST(no_kvm)
{
	const struct check *k;

	put_common();
	put("/proc/cpuinfo",
	    "processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu svm_lock svm sse\nbugs\t\t: x\n");
	/* a vendor's module that found no hardware is no KVM */
	put("/sys/module/kvm_intel/parameters/nested", "Y\n");
	run();
	k = expect("kvm", CHECK_MISSING, "not loaded");
	ck_assert_ptr_nonnull(strstr(k->remedy, "modprobe kvm_amd"));
	ck_assert_ptr_null(find("kvm-btf"));
	ck_assert_ptr_null(find("nested"));
	expect("pmu", CHECK_MISSING, "none");
	ck_assert_ptr_null(find("nmi-watchdog"));
}
END_TEST

START_TEST(no_virtualization)
{
	const struct check *k;

	put_common();
	put("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu svmx vmxx sse\nvmx flags\t: vnmi\n");
	run();
	k = expect("kvm", CHECK_MISSING, "not loaded");
	ck_assert_ptr_nonnull(strstr(k->reason, "neither vmx nor svm"));
}
END_TEST

START_TEST(other_vendor)
{
	put_common();
	put_kvm("kvm_pvm");
	run();
	expect("kvm", CHECK_DEGRADED, "kvm_pvm");
}
END_TEST

/* Both built in: the CPU decides. */
START_TEST(both_vendors)
{
	put_common();
	put_kvm("kvm_amd");
	put("/sys/module/kvm_intel/parameters/nested", "Y\n");
	put("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu svm\n");
	run();
	expect("kvm", CHECK_OK, "kvm_amd");
	checks_free(&c);
	put("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vmx\n");
	run();
	expect("kvm", CHECK_OK, "kvm_intel");
}
END_TEST

START_TEST(no_module_btf)
{
	char path[PATH_MAX + 64];

	put_common();
	put_kvm("kvm_amd");
	snprintf(path, sizeof(path), "%s/sys/kernel/btf/kvm_amd", root);
	ck_assert_int_eq(unlink(path), 0);
	run();
	expect("kvm-btf", CHECK_MISSING, "none of kvm_amd");
}
END_TEST

START_TEST(lockdown)
{
	put_common();
	put_kvm("kvm_amd");
	put("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	run();
	expect("lockdown", CHECK_MISSING, "confidentiality");
	checks_free(&c);
	put("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	run();
	expect("lockdown", CHECK_OK, "integrity");
}
END_TEST

START_TEST(unprivileged)
{
	put_common();
	put_kvm("kvm_amd");
	put("/proc/self/status", "Name:\tx\nCapEff:\t0000000000000000\n");
	run();
	expect("capabilities", CHECK_MISSING, "none of those needed");
	expect("perf-event-paranoid", CHECK_DEGRADED, "2");
	checks_free(&c);
	/* CAP_PERFMON (38) and CAP_BPF (39): not enough where KVM is a module */
	put("/proc/self/status", "Name:\tx\nCapEff:\t000000c000000000\n");
	run();
	expect("capabilities", CHECK_MISSING, "CAP_BPF CAP_PERFMON");
	expect("perf-event-paranoid", CHECK_OK, "2");
}
END_TEST

START_TEST(two_capabilities_suffice_for_a_builtin_kvm)
{
	put_common();
	put("/sys/class/misc/kvm/dev", "10:232\n");
	put("/sys/module/kvm_amd/parameters/nested", "1\n");
	put("/proc/self/status", "Name:\tx\nCapEff:\t000000c000000000\n");
	run();
	expect("capabilities", CHECK_OK, "CAP_BPF CAP_PERFMON");
}
END_TEST

START_TEST(hidepid)
{
	static const struct {
		const char *options;
		enum check_status status;
		const char *value;
	} cases[] = {
		{"rw,hidepid=2,gid=5", CHECK_DEGRADED, "hidepid=2"},
		{"rw,hidepid=invisible", CHECK_DEGRADED, "hidepid=invisible"},
		{"rw,hidepid=0", CHECK_OK, "hidepid=0"},
		{"rw,hidepid=off", CHECK_OK, "hidepid=off"},
	};

	put_common();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "proc /proc proc rw 0 0\nproc /proc proc %s 0 0\n",
			 cases[i].options);
		put("/proc/self/mounts", text);
		run();
		expect("proc", cases[i].status, cases[i].value);
		checks_free(&c);
	}
}
END_TEST

START_TEST(container)
{
	char path[PATH_MAX + 64];

	put_common();
	snprintf(path, sizeof(path), "%s/proc/self/ns/pid", root);
	ck_assert_int_eq(unlink(path), 0);
	run();
	expect("pid-namespace", CHECK_MISSING, "unknown");
	checks_free(&c);
	put_link("/proc/self/ns/pid", "pid:[4026532200]");
	run();
	expect("pid-namespace", CHECK_MISSING, "a container's");
}
END_TEST

START_TEST(slow_and_open)
{
	put_common();
	put("/proc/sys/net/core/bpf_jit_enable", "0\n");
	put("/proc/sys/kernel/unprivileged_bpf_disabled", "0\n");
	run();
	expect("bpf-jit", CHECK_DEGRADED, "off");
	expect("unprivileged-bpf", CHECK_OK, "on");
}
END_TEST

START_TEST(old_kernel)
{
	struct host_info h = {.kernel = "5.10.0-28-amd64", .arch = "x86_64"};

	checks_host(root, &h, &c);
	expect("kernel", CHECK_DEGRADED, "5.10.0-28-amd64 x86_64");
	/* the empty tree: nothing is there, nothing breaks */
	expect("btf", CHECK_MISSING, "none");
	expect("kvm", CHECK_MISSING, "not loaded");
	expect("capabilities", CHECK_MISSING, "none of those needed");
	expect("resctrl", CHECK_MISSING, "none");
}
END_TEST

static const struct features all = {
	.btf = true,
	.entry = true,
	.exit = true,
	.userspace_exit = true,
	.exit_arity = 2,
	.sched = true,
	.halt_end = true,
	.run_delay = true,
	.reason_svm = true,
	.task_storage = true,
	.iterators = true,
	.task_fields = true,
};

START_TEST(features)
{
	struct host_info h = {.kvm_loaded = true, .kvm_vendor = "kvm_amd"};
	struct features f = all;

	doctor_features(&f, &h, &c);
	expect("tracepoints", CHECK_OK, "kvm_entry kvm_exit(2) kvm_userspace_exit");
	expect("scheduler", CHECK_OK, "sched_switch sched_wakeup kvm_vcpu_wakeup");
	expect("exit-reasons", CHECK_OK, "vcpu_svm");
	expect("task-storage", CHECK_OK, "yes");
	expect("bpf-iterators", CHECK_OK, "task_file");
	checks_free(&c);

	f.exit = f.iterators = f.task_fields = f.reason_svm = f.halt_end = false;
	doctor_features(&f, &h, &c);
	expect("tracepoints", CHECK_DEGRADED, "lacks kvm_exit");
	expect("scheduler", CHECK_DEGRADED, "lacks kvm_vcpu_wakeup");
	expect("exit-reasons", CHECK_DEGRADED, "no vcpu_svm");
	expect("task-storage", CHECK_MISSING, "no");
	expect("bpf-iterators", CHECK_DEGRADED, "no task_file");
	checks_free(&c);

	f.entry = f.userspace_exit = f.sched = f.run_delay = false;
	strcpy(h.kvm_vendor, "kvm_intel");
	f.reason_svm = true;
	doctor_features(&f, &h, &c);
	expect("tracepoints", CHECK_MISSING, "lacks kvm_entry kvm_exit kvm_userspace_exit");
	expect("scheduler", CHECK_MISSING, "lacks sched_switch kvm_vcpu_wakeup sched_info");
	expect("exit-reasons", CHECK_DEGRADED, "no vcpu_vmx");
	checks_free(&c);

	/* without KVM its tracepoints are not asked for, without BTF nothing is */
	h.kvm_loaded = false;
	doctor_features(&f, &h, &c);
	ck_assert_ptr_null(find("tracepoints"));
	ck_assert_ptr_null(find("scheduler"));
	checks_free(&c);
	f.btf = false;
	doctor_features(&f, &h, &c);
	ck_assert_uint_eq(c.n, 0);
}
END_TEST

static void make_some(void)
{
	struct check *k;

	checks_add(&c, CHECK_OK, "first", "\033[31mred\xff");
	k = checks_add(&c, CHECK_DEGRADED, "second", "%s", "on");
	check_reason(k,
		     "one reason that is long enough to be wrapped, as its words do not fit into one line");
	check_remedy(k, "do \"this\"");
	checks_add(&c, CHECK_MISSING, "third", "none");
}

START_TEST(table)
{
	struct buf b = {0};

	make_some();
	doctor_table(&c, false, &b);
	ck_assert_str_eq(b.data,
			 "ok        first                \\x1b[31mred\\xff\n"
			 "degraded  second               on\n"
			 "                               one reason that is long enough to be wrapped, as\n"
			 "                               its words do not fit into one line\n"
			 "                               fix: do \"this\"\n"
			 "missing   third                none\n"
			 "1 ok, 1 degraded, 1 missing\n");
	buf_free(&b);
	doctor_table(&c, true, &b);
	ck_assert_int_eq(strncmp(b.data, "\033[32mok      \033[0m  first", 22), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "\033[33mdegraded\033[0m  second"));
	ck_assert_ptr_nonnull(strstr(b.data, "\033[31mmissing \033[0m  third"));
	buf_free(&b);
}
END_TEST

START_TEST(json)
{
	struct buf b = {0};
	json_t *root_, *one;

	make_some();
	doctor_json(&c, &b);
	root_ = json_loads(b.data, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(root_);
	ck_assert_int_eq(json_integer_value(json_object_get(root_, "schema")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(root_, "checks")), 3);
	one = json_array_get(json_object_get(root_, "checks"), 0);
	ck_assert_uint_eq(json_object_size(one), 5);
	ck_assert_str_eq(json_string_value(json_object_get(one, "value")), "\\x1b[31mred\\xff");
	ck_assert_str_eq(json_string_value(json_object_get(one, "reason")), "");
	one = json_array_get(json_object_get(root_, "checks"), 1);
	ck_assert_str_eq(json_string_value(json_object_get(one, "name")), "second");
	ck_assert_str_eq(json_string_value(json_object_get(one, "status")), "degraded");
	ck_assert_str_eq(json_string_value(json_object_get(one, "remedy")), "do \"this\"");
	json_decref(root_);
	buf_free(&b);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("doctor");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, intel_with_watchdog);
	UNIT_ADD(u, amd_with_mediated_pmu);
	UNIT_ADD(u, cache_that_can_be_partitioned_only);
	UNIT_ADD(u, mediated_pmu_off);
	UNIT_ADD(u, old_vpmu);
	UNIT_ADD(u, no_kvm);
	UNIT_ADD(u, no_virtualization);
	UNIT_ADD(u, other_vendor);
	UNIT_ADD(u, both_vendors);
	UNIT_ADD(u, no_module_btf);
	UNIT_ADD(u, lockdown);
	UNIT_ADD(u, unprivileged);
	UNIT_ADD(u, two_capabilities_suffice_for_a_builtin_kvm);
	UNIT_ADD(u, hidepid);
	UNIT_ADD(u, container);
	UNIT_ADD(u, slow_and_open);
	UNIT_ADD(u, old_kernel);
	UNIT_ADD(u, features);
	UNIT_ADD(u, table);
	UNIT_ADD(u, json);
	return unit_run(u);
}
