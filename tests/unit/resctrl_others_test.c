// SPDX-License-Identifier: GPL-2.0-only
/*
 * host/resctrl where others use resctrl, too: libvirt, pqos, another vmperf, an
 * administrator.  Against a made-up one, a file system of the test's own.
 */
#include "made_up_resctrl.h"

START_TEST(monitoring_groups_of_somebody_else_are_read_and_left_alone)
{
	struct machine m = machine_new(2);
	struct resctrl *r;

	serve("8", NULL);
	/* the later thread's group is found first */
	make_group("mon_groups/libvirt-2");
	make_group("mon_groups/libvirt-1");
	move_to("mon_groups/libvirt-2/", m.tids[1]);
	move_to("mon_groups/libvirt-1/", m.tids[0]);
	r = start();
	show("mon_groups/libvirt-1 0 10 1000 900\nmon_groups/libvirt-2 0 5 1 1\n");
	/* what they had counted before is not this VM's reading */
	expect(r, &m, 15, 0, 0);
	show("mon_groups/libvirt-1 0 11 1500 900\nmon_groups/libvirt-2 0 5 3 1\n");
	expect(r, &m, 16, 502, 0);
	ck_assert_int_eq(groups_in("mon_groups", NULL), 2);
	resctrl_close(r);
	ck_assert(is_in("mon_groups/libvirt-1", m.tids[0]));
	ck_assert(is_in("mon_groups/libvirt-2", m.tids[1]));
	machine_end(&m);
}
END_TEST

START_TEST(a_vm_in_several_groups_is_their_sum)
{
	struct machine m = machine_new(4);
	char name[GROUP_MAX];
	struct resctrl *r;

	serve("8", NULL);
	make_group("vcpus");
	make_group("vcpus/mon_groups/one");
	move_to("vcpus/", m.tids[1]);
	move_to("vcpus/", m.tids[2]);
	move_to("vcpus/", m.tids[3]);
	move_to("vcpus/mon_groups/one/", m.tids[3]);
	r = start();
	show("vcpus 0 7777 7777 7777\nvcpus/mon_groups/one 0 1 10 0\nvcpus/mon_groups/vmperf-* 1 20 100 0\n"
	     "mon_groups/vmperf-* 0 300 1000 0\n");
	expect(r, &m, 321, 0, 0);
	show("vcpus 0 9999 9999 9999\nvcpus/mon_groups/one 0 1 11 0\nvcpus/mon_groups/vmperf-* 1 20 120 0\n"
	     "mon_groups/vmperf-* 0 300 1300 1\n");
	expect(r, &m, 321, 321, 1);
	ck_assert_int_eq(groups_in("mon_groups", name), 1);
	ck_assert(is_in(name, m.tids[0]));
	ck_assert_int_eq(groups_in("vcpus/mon_groups", NULL), 2);
	ck_assert(is_in("vcpus/mon_groups/one", m.tids[3]));
	resctrl_close(r);
	ck_assert_int_eq(groups_in("mon_groups", NULL), 0);
	ck_assert_int_eq(groups_in("vcpus/mon_groups", NULL), 1);
	machine_end(&m);
}
END_TEST

START_TEST(a_vm_is_followed_into_a_control_group_and_out_of_it)
{
	struct machine m = machine_new(2);
	char name[GROUP_MAX];
	struct resctrl *r;

	serve("8", NULL);
	r = start();
	show("mon_groups/vmperf-* 0 1 100 0\nweb/mon_groups/vmperf-* 0 2 5 0\n");
	expect(r, &m, 1, 0, 0);
	show("mon_groups/vmperf-* 0 1 150 0\nweb/mon_groups/vmperf-* 0 2 5 0\n");
	expect(r, &m, 1, 50, 0);
	make_group("web");
	for (size_t i = 0; i < m.n; i++)
		move_to("web/", m.tids[i]);
	expect(r, &m, 2, 50, 0);
	expect_group("web/mon_groups", &m, name);
	ck_assert_int_eq(groups_in("mon_groups", NULL), 0);
	show("web/mon_groups/vmperf-* 0 2 9 0\nmon_groups/vmperf-* 0 1 2 0\n");
	expect(r, &m, 2, 54, 0);
	/* takes the group below it along */
	ck_assert_int_eq(rmdir(group("web")), 0);
	expect(r, &m, 1, 54, 0);
	expect_group("mon_groups", &m, name);
	resctrl_close(r);
	machine_end(&m);
}
END_TEST

START_TEST(a_vm_that_somebody_else_takes_and_gives_back)
{
	struct machine m = machine_new(2);
	char name[GROUP_MAX];
	struct resctrl *r;

	serve("8", NULL);
	r = start();
	show("mon_groups/vmperf-* 0 1 100 0\nmon_groups/pqos 0 2 1000 0\n");
	expect(r, &m, 1, 0, 0);
	make_group("mon_groups/pqos");
	for (size_t i = 0; i < m.n; i++)
		move_to("mon_groups/pqos/", m.tids[i]);
	expect(r, &m, 2, 0, 0);
	ck_assert_int_eq(groups_in("mon_groups", NULL), 1);
	show("mon_groups/vmperf-* 0 1 0 0\nmon_groups/pqos 0 2 1003 0\n");
	expect(r, &m, 2, 3, 0);
	ck_assert_int_eq(rmdir(group("mon_groups/pqos")), 0);
	expect(r, &m, 1, 3, 0);
	expect_group("mon_groups", &m, name);
	resctrl_close(r);
	machine_end(&m);
}
END_TEST

START_TEST(a_group_that_somebody_removed_is_made_anew)
{
	struct machine m = machine_new(3);
	char name[GROUP_MAX];
	struct resctrl *r;

	serve("8", NULL);
	r = start();
	show("mon_groups/* 0 1 100 0\n");
	expect(r, &m, 1, 0, 0);
	show("mon_groups/* 0 1 170 0\n");
	expect(r, &m, 1, 70, 0);
	expect_group("mon_groups", &m, name);
	ck_assert_int_eq(rmdir(group("%s", name)), 0);
	show("mon_groups/* 0 0 200 0\n");
	expect(r, &m, 0, 70, 0);
	expect_group("mon_groups", &m, name);
	show("mon_groups/* 0 0 203 0\n");
	expect(r, &m, 0, 73, 0);
	resctrl_close(r);
	machine_end(&m);
}
END_TEST

/* Another vmperf: has read the VM once, and ends, in order, when to_end is closed. */
static pid_t another(const struct machine *m, int *to_end)
{
	int ready[2], end[2];
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(end), 0);
	pid = fork();
	if (!pid) {
		struct vmp_count count[RESCTRL_EVENTS];
		char why[200];
		struct resctrl *r = resctrl_open(root, why, sizeof(why));

		close(end[1]);
		if (!r)
			_exit(1);
		resctrl_begin(r);
		resctrl_vm(r, (uint32_t)m->pid, 1, m->tids, m->n, count);
		if (write(ready[1], "r", 1) == 1 && read(end[0], &c, 1) == 0)
			resctrl_close(r);
		_exit(0);
	}
	close(ready[1]);
	close(end[0]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	*to_end = end[1];
	return pid;
}

START_TEST(what_a_killed_vmperf_left_behind_is_removed)
{
	struct machine m = machine_new(2);
	char name[GROUP_MAX], other[GROUP_MAX];
	struct resctrl *r;
	int to_end;
	pid_t pid;

	serve("8", NULL);
	make_group("web");
	make_group("mon_groups/vmperf-like");
	pid = another(&m, &to_end);
	make_group("web/mon_groups/vmperf-1-1-1");
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(groups_in("mon_groups", NULL), 2);
	r = start();
	/* process 1 is alive, but has not started one tick after boot; the other is no vmperf's */
	ck_assert_int_eq(groups_in("web/mon_groups", NULL), 0);
	ck_assert_int_eq(groups_in("mon_groups", other), 1);
	ck_assert_str_eq(other, "mon_groups/vmperf-like");
	ck_assert_int_eq(rmdir(group("%s", other)), 0);
	show("mon_groups/* 0 1 100 0\n");
	expect(r, &m, 1, 0, 0);
	expect_group("mon_groups", &m, name);
	resctrl_close(r);
	close(to_end);
	machine_end(&m);
}
END_TEST

START_TEST(two_vmperfs_at_once_share_the_group_of_the_first)
{
	struct machine m = machine_new(2);
	char first[GROUP_MAX], name[GROUP_MAX];
	struct resctrl *r;
	int to_end;
	pid_t pid;

	serve("8", NULL);
	pid = another(&m, &to_end);
	expect_group("mon_groups", &m, first);
	r = start();
	show("mon_groups/* 0 1 100 0\n");
	expect(r, &m, 1, 0, 0);
	expect_group("mon_groups", &m, name);
	ck_assert_str_eq(name, first);
	show("mon_groups/* 0 1 107 0\n");
	expect(r, &m, 1, 7, 0);
	/* the first one ends */
	close(to_end);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(groups_in("mon_groups", NULL), 0);
	expect(r, &m, 1, 7, 0);
	expect_group("mon_groups", &m, name);
	ck_assert_str_ne(name, first);
	resctrl_close(r);
	machine_end(&m);
}
END_TEST

START_TEST(it_is_unmounted_and_mounted_again_meanwhile)
{
	struct machine m = machine_new(2);
	char name[GROUP_MAX];
	struct resctrl *r;

	serve("8", NULL);
	r = start();
	show("mon_groups/* 0 1 100 0\n");
	expect(r, &m, 1, 0, 0);
	ck_assert_int_eq(umount(group("%s", "")), 0);
	ck_assert_int_eq(waitpid(server, NULL, 0), server);
	expect(r, &m, NO_VALUE, NO_VALUE, NO_VALUE);
	serve("8", NULL);
	expect(r, &m, 1, 0, 0);
	expect_group("mon_groups", &m, name);
	resctrl_close(r);
	machine_end(&m);
}
END_TEST

int main(int argc, char **argv)
{
	struct unit u = unit_new("made-up resctrl, and others");

	(void)argc;
	UNIT_ADD(u, monitoring_groups_of_somebody_else_are_read_and_left_alone);
	UNIT_ADD(u, a_vm_in_several_groups_is_their_sum);
	UNIT_ADD(u, a_vm_is_followed_into_a_control_group_and_out_of_it);
	UNIT_ADD(u, a_vm_that_somebody_else_takes_and_gives_back);
	UNIT_ADD(u, a_group_that_somebody_removed_is_made_anew);
	UNIT_ADD(u, what_a_killed_vmperf_left_behind_is_removed);
	UNIT_ADD(u, two_vmperfs_at_once_share_the_group_of_the_first);
	UNIT_ADD(u, it_is_unmounted_and_mounted_again_meanwhile);
	return made_up_run(argv[0], u);
}
