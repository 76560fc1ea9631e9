/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A made-up resctrl (tests/fixture/resctrlfs), mounted below a root of the
 * test's own, and processes with threads that stand for VMs.
 */
#ifndef VMPERF_TESTS_MADE_UP_RESCTRL_H
#define VMPERF_TESTS_MADE_UP_RESCTRL_H

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/resctrl.h"

#define GROUP_MAX 512 /* bytes of a path below the mount point */

static char root[] = "/tmp/vmperf-resctrl-XXXXXX";
static char resctrlfs[256]; /* the program */
static pid_t server;

/* A path below root, printf-like; good until four more were asked for. */
__attribute__((format(printf, 1, 2))) static inline const char *below(const char *fmt, ...)
{
	static char ring[4][512];
	static unsigned int next;
	char *ret = ring[next++ % 4];
	int n = snprintf(ret, 512, "%s/", root);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ret + n, 512 - (size_t)n, fmt, ap);
	va_end(ap);
	return ret;
}

__attribute__((format(printf, 1, 2))) static inline const char *group(const char *fmt, ...)
{
	char path[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return below("sys/fs/resctrl/%s", path);
}

static inline void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_msg(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "%s: %s", path,
		      strerror(errno));
	close(fd);
}

/* What the groups show from now on: lines of PATTERN CACHE OCCUPANCY TOTAL LOCAL. */
static inline void show(const char *lines)
{
	write_file(below("values"), lines);
}

static inline void make_group(const char *path)
{
	ck_assert_msg(!mkdir(group("%s", path), 0755), "%s: %s", path, strerror(errno));
}

static inline void move_to(const char *path, uint32_t tid)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, tid);
	write_file(group("%stasks", path), text);
}

static inline bool is_in(const char *path, uint32_t tid)
{
	FILE *f = fopen(group("%s/tasks", path), "re");
	bool found = false;
	uint32_t is;

	ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
	while (!found && fscanf(f, "%" SCNu32, &is) == 1)
		found = is == tid;
	fclose(f);
	return found;
}

/* How many groups are in a directory of them; name, if given: that of the last one. */
static inline int groups_in(const char *path, char name[GROUP_MAX])
{
	DIR *d = opendir(group("%s", path));
	struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		if (*e->d_name != '.') {
			n++;
			if (name)
				snprintf(name, GROUP_MAX, "%s/%s", path, e->d_name);
		}
	closedir(d);
	return n;
}

/* Mounts it; features are those of mon_features, NULL for all. */
static inline void serve(const char *rmids, const char *feature)
{
	const char *dir = below("sys/fs/resctrl"), *values = below("values");
	int ends[2];
	char c;

	ck_assert_int_eq(pipe(ends), 0);
	server = fork();
	if (!server) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl(resctrlfs, resctrlfs, dir, values, rmids, feature, NULL);
		_exit(127);
	}
	close(ends[1]);
	ck_assert_msg(read(ends[0], &c, 1) == 1, "%s did not start", resctrlfs);
	close(ends[0]);
}

static inline void setup(void)
{
	strcpy(root + sizeof(root) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	/* for the test as another user than root */
	ck_assert_int_eq(chmod(root, 0755), 0);
	ck_assert_int_eq(mkdir(below("sys"), 0755), 0);
	ck_assert_int_eq(mkdir(below("sys/fs"), 0755), 0);
	ck_assert_int_eq(mkdir(below("sys/fs/resctrl"), 0755), 0);
	ck_assert_int_eq(symlink("/proc", below("proc")), 0);
	server = 0;
}

static inline int drop(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st;
	(void)kind;
	(void)f;
	return remove(path);
}

static inline void teardown(void)
{
	if (server) {
		ck_assert_int_eq(umount(below("sys/fs/resctrl")), 0);
		ck_assert_int_eq(waitpid(server, NULL, 0), server);
	}
	nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* A process that stands for a VM. */
struct machine {
	pid_t pid;
	int ask, told;
	uint32_t tids[8];
	size_t n;
};

static inline void *wait_for_end(void *told)
{
	pid_t tid = gettid();

	if (write(*(int *)told, &tid, sizeof(tid)) == sizeof(tid))
		pause();
	return NULL;
}

/* Another thread of it. */
static inline void machine_thread(struct machine *m)
{
	pid_t tid;

	ck_assert_int_eq(write(m->ask, "t", 1), 1);
	ck_assert_int_eq(read(m->told, &tid, sizeof(tid)), (ssize_t)sizeof(tid));
	m->tids[m->n++] = (uint32_t)tid;
}

static inline struct machine machine_new(int threads)
{
	struct machine m = {0};
	int ask[2], told[2];

	ck_assert_int_eq(pipe(ask), 0);
	ck_assert_int_eq(pipe(told), 0);
	m.pid = fork();
	if (!m.pid) {
		pthread_t t;
		char c;

		close(ask[1]);
		close(told[0]);
		/* ends with the test, whose end of the pipe is closed then */
		while (read(ask[0], &c, 1) == 1)
			pthread_create(&t, NULL, wait_for_end, &told[1]);
		_exit(0);
	}
	close(ask[0]);
	close(told[1]);
	m.ask = ask[1];
	m.told = told[0];
	m.tids[m.n++] = (uint32_t)m.pid;
	while ((int)m.n < threads)
		machine_thread(&m);
	return m;
}

static inline void machine_end(struct machine *m)
{
	close(m->ask);
	close(m->told);
	kill(m->pid, SIGKILL);
	ck_assert_int_eq(waitpid(m->pid, NULL, 0), m->pid);
}

#define NO_VALUE UINT64_MAX

static inline struct resctrl *start(void)
{
	char why[200] = "";
	struct resctrl *r = resctrl_open(root, why, sizeof(why));

	ck_assert_msg(r != NULL, "%s", why);
	return r;
}

/* One reading; NO_VALUE where there is none. */
static inline void read_all(struct resctrl *r, const struct machine *m, uint64_t ret[3])
{
	struct vmp_count c[RESCTRL_EVENTS];

	resctrl_begin(r);
	resctrl_vm(r, (uint32_t)m->pid, 1, m->tids, m->n, c);
	for (int i = 0; i < RESCTRL_EVENTS; i++) {
		ck_assert_uint_eq(c[i].enabled, c[i].running);
		ck_assert_uint_le(c[i].running, 1);
		ret[i] = c[i].running ? c[i].value : NO_VALUE;
	}
}

static inline void expect(struct resctrl *r, const struct machine *m, uint64_t occupancy, uint64_t total,
			  uint64_t local)
{
	uint64_t now[3];

	read_all(r, m, now);
	ck_assert_uint_eq(now[RESCTRL_EVENT(EVENT_LLC_OCCUPANCY)], occupancy);
	ck_assert_uint_eq(now[RESCTRL_EVENT(EVENT_BANDWIDTH)], total);
	ck_assert_uint_eq(now[RESCTRL_EVENT(EVENT_BANDWIDTH_LOCAL)], local);
}

/* The only group there, which has all threads. */
static inline void expect_group(const char *where, const struct machine *m, char name[GROUP_MAX])
{
	ck_assert_int_eq(groups_in(where, name), 1);
	for (size_t i = 0; i < m->n; i++)
		ck_assert_msg(is_in(name, m->tids[i]), "thread %zu is not in %s", i, name);
}

/* Why it cannot be had here; NULL: it can.  program: this test's. */
static inline const char *made_up_resctrl(const char *program)
{
	snprintf(resctrlfs, sizeof(resctrlfs), "%.*s/../fixture/resctrlfs",
		 (int)(strrchr(program, '/') - program), program);
	if (geteuid())
		return "needs root";
	if (access("/dev/fuse", R_OK | W_OK))
		return "needs /dev/fuse";
	/* what is mounted here is gone with the last process of the test, whatever happens */
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return "may not mount";
	return NULL;
}

/* Runs a suite on it; the exit status of the program. */
static inline int made_up_run(const char *program, struct unit u)
{
	const char *skip = made_up_resctrl(program);

	if (skip) {
		printf("1..1\nok 1 - made-up resctrl # SKIP %s\n", skip);
		return EXIT_SUCCESS;
	}
	tcase_add_checked_fixture(u.tcase, setup, teardown);
	return unit_run(u);
}

#endif
