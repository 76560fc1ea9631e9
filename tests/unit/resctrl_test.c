// SPDX-License-Identifier: GPL-2.0-only
/*
 * host/resctrl against a made-up resctrl: a file system of the test's own.
 * What the kernel's would show for real traffic is not tested here.
 */
#include "made_up_resctrl.h"

#include <cap-ng.h>

START_TEST(values_are_sums_over_caches)
{
	struct machine m = machine_new(3);
	struct resctrl *r;

	serve("8", NULL);
	r = start();
	show("mon_groups/vmperf-* 0 100 5000 4000\nmon_groups/vmperf-* 1 23 600 50\n");
	/* bandwidth counts from the first reading on */
	expect(r, &m, 123, 0, 0);
	show("mon_groups/vmperf-* 0 90 5100 4000\nmon_groups/vmperf-* 1 0 9007199254740993 57\n");
	expect(r, &m, 90, 9007199254740993 + 5100 - 5600, 7);
	resctrl_close(r);
	machine_end(&m);
}
END_TEST

START_TEST(each_vm_has_its_own_group)
{
	struct machine a = machine_new(2), b = machine_new(2);
	char name[GROUP_MAX], lines[400];
	struct resctrl *r;

	serve("8", NULL);
	r = start();
	snprintf(lines, sizeof(lines), "mon_groups/vmperf-*-%d 0 1 0 0\nmon_groups/vmperf-*-%d 0 2 0 0\n",
		 a.pid, b.pid);
	show(lines);
	expect(r, &a, 1, 0, 0);
	expect_group("mon_groups", &a, name);
	expect(r, &b, 2, 0, 0);
	ck_assert_int_eq(groups_in("mon_groups", NULL), 2);
	for (size_t i = 0; i < 2; i++)
		ck_assert(!is_in(name, b.tids[i]));
	resctrl_forget(r, (uint32_t)a.pid, 1);
	expect_group("mon_groups", &b, name);
	/* one that is not known */
	resctrl_forget(r, (uint32_t)a.pid, 1);
	resctrl_close(r);
	ck_assert_int_eq(groups_in("mon_groups", NULL), 0);
	machine_end(&a);
	machine_end(&b);
}
END_TEST

START_TEST(threads_that_come_later_are_moved_and_ended_ones_no_error)
{
	struct machine m = machine_new(1), kernel = machine_new(1), gone = machine_new(1);
	char name[GROUP_MAX];
	struct resctrl *r;

	serve("8", NULL);
	r = start();
	show("mon_groups/vmperf-* 0 5 7 6\n");
	expect(r, &m, 5, 0, 0);
	machine_thread(&m);
	/* as a thread of the kernel: no thread of the VM made it, so it is in no group yet */
	m.tids[m.n++] = kernel.tids[0];
	machine_end(&gone);
	m.tids[m.n++] = gone.tids[0];
	expect(r, &m, 5, 0, 0);
	m.n--;
	expect_group("mon_groups", &m, name);
	expect(r, &m, 5, 0, 0);
	resctrl_close(r);
	machine_end(&m);
	machine_end(&kernel);
}
END_TEST

START_TEST(without_a_monitoring_id_there_is_no_value)
{
	struct machine a = machine_new(2), b = machine_new(2);
	char name[GROUP_MAX], text[300] = "";
	struct resctrl *r;
	FILE *f;

	/* one is the root's */
	serve("2", NULL);
	r = start();
	show("mon_groups/* 0 4 0 0\n");
	expect(r, &a, 4, 0, 0);
	ck_assert_ptr_nonnull(freopen(below("stderr"), "w", stderr));
	expect(r, &b, NO_VALUE, NO_VALUE, NO_VALUE);
	expect(r, &b, NO_VALUE, NO_VALUE, NO_VALUE);
	/* said once */
	f = fopen(below("stderr"), "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), f));
	ck_assert_msg(strstr(text, "all 2 monitoring IDs are in use") != NULL, "%s", text);
	ck_assert_ptr_null(fgets(text, sizeof(text), f));
	fclose(f);
	expect(r, &a, 4, 0, 0);
	/* there is one again */
	resctrl_forget(r, (uint32_t)a.pid, 1);
	expect(r, &b, 4, 0, 0);
	expect_group("mon_groups", &b, name);
	resctrl_close(r);
	machine_end(&a);
	machine_end(&b);
}
END_TEST

START_TEST(what_the_hardware_cannot_tell_has_no_value)
{
	struct machine m = machine_new(1);
	struct resctrl *r;

	serve("8", NULL);
	r = start();
	show("mon_groups/* 0 4 10 Unavailable\nmon_groups/* 1 Error 10 10\n");
	expect(r, &m, NO_VALUE, 0, NO_VALUE);
	show("mon_groups/* 0 4 Unavailable 10\nmon_groups/* 1 1 30 10\n");
	expect(r, &m, 5, NO_VALUE, 0);
	show("mon_groups/* 0 4bytes 17 Unassigned\nmon_groups/* 1 1 30 10\n");
	expect(r, &m, NO_VALUE, 27, NO_VALUE);
	/* nothing is lost meanwhile */
	show("mon_groups/* 0 4 17 11\nmon_groups/* 1 1 30 13\n");
	expect(r, &m, 5, 27, 4);
	/* and bandwidth never falls: a cache whose CPUs were taken offline shows no more */
	show("mon_groups/* 0 4 17 11\n");
	expect(r, &m, 4, 27, 4);
	show("mon_groups/* 0 4 18 13\n");
	expect(r, &m, 4, 28, 6);
	resctrl_close(r);
	machine_end(&m);
}
END_TEST

START_TEST(only_what_the_hardware_has_is_read)
{
	struct machine m = machine_new(1);
	struct resctrl *r;

	serve("8", "mbm_total_bytes");
	r = start();
	ck_assert(!resctrl_host(r)->has[RESCTRL_EVENT(EVENT_LLC_OCCUPANCY)]);
	ck_assert(resctrl_host(r)->has[RESCTRL_EVENT(EVENT_BANDWIDTH)]);
	ck_assert(!resctrl_host(r)->has[RESCTRL_EVENT(EVENT_BANDWIDTH_LOCAL)]);
	ck_assert_uint_eq(resctrl_host(r)->rmids, 8);
	show("mon_groups/* 0 1 2 3\n");
	expect(r, &m, NO_VALUE, 0, NO_VALUE);
	resctrl_close(r);
	machine_end(&m);
}
END_TEST

/* Of this process, those that it keeps: what the kernel asks for. */
static void set_effective(capng_act_t act)
{
	ck_assert_int_eq(capng_get_caps_process(), 0);
	for (unsigned int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (capng_have_capability(CAPNG_PERMITTED, cap))
			capng_update(act, CAPNG_EFFECTIVE, cap);
	ck_assert_int_eq(capng_apply(CAPNG_SELECT_CAPS), 0);
}

START_TEST(root_needs_no_capabilities)
{
	struct machine m = machine_new(2);
	char name[GROUP_MAX];
	struct resctrl *r;

	serve("8", NULL);
	set_effective(CAPNG_DROP);
	ck_assert_int_eq(capng_get_caps_process(), 0);
	ck_assert(!capng_have_capability(CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE));
	r = start();
	show("mon_groups/* 0 1 100 0\n");
	expect(r, &m, 1, 0, 0);
	expect_group("mon_groups", &m, name);
	resctrl_close(r);
	ck_assert_int_eq(groups_in("mon_groups", NULL), 0);
	set_effective(CAPNG_ADD);
	machine_end(&m);
}
END_TEST

static void expect_none(const char *reason)
{
	char why[200];

	ck_assert_ptr_null(resctrl_open(root, why, sizeof(why)));
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
	ck_assert_ptr_null(strchr(why, '\n'));
}

START_TEST(others_than_root_are_told)
{
	serve("8", NULL);
	ck_assert_int_eq(seteuid(65534), 0);
	expect_none("run vmperf as root");
	ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* Without a file system; the kernel's list of them is made up. */
START_TEST(where_there_is_none_the_reason_is_told)
{
	unlink(below("proc"));
	ck_assert_int_eq(mkdir(below("proc"), 0755), 0);
	expect_none("has no resctrl");
	write_file(below("proc/filesystems"), "nodev\tsysfs\nnodev\tresctrl2\n\text4\n");
	expect_none("has no resctrl");
	write_file(below("proc/filesystems"), "nodev\tsysfs\nnodev\tresctrl\n\text4\n");
	expect_none("mount -t resctrl resctrl /sys/fs/resctrl");
	ck_assert_int_eq(mkdir(group("info"), 0755), 0);
	expect_none("not be monitored");
}
END_TEST

int main(int argc, char **argv)
{
	struct unit u = unit_new("made-up resctrl");

	(void)argc;
	UNIT_ADD(u, values_are_sums_over_caches);
	UNIT_ADD(u, each_vm_has_its_own_group);
	UNIT_ADD(u, threads_that_come_later_are_moved_and_ended_ones_no_error);
	UNIT_ADD(u, without_a_monitoring_id_there_is_no_value);
	UNIT_ADD(u, what_the_hardware_cannot_tell_has_no_value);
	UNIT_ADD(u, only_what_the_hardware_has_is_read);
	UNIT_ADD(u, root_needs_no_capabilities);
	UNIT_ADD(u, others_than_root_are_told);
	UNIT_ADD(u, where_there_is_none_the_reason_is_told);
	return made_up_run(argv[0], u);
}
