/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up /proc and /run for the tests of names, new for each test. */
#ifndef VMPERF_TESTS_VMS_TREE_H
#define VMPERF_TESTS_VMS_TREE_H

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/vms.h"
#include "lib/buf.h"

#define SEC  1000000000ULL
#define UUID "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

static char root[] = "/tmp/vmperf-vms-XXXXXX";
static char proc_dir[64], run_dir[64];

static inline uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * SEC + (uint64_t)t.tv_nsec;
}

/* Writes root/PATH, and the directories above it. */
__attribute__((format(printf, 3, 4))) static inline void put(const void *data, size_t len, const char *fmt,
							     ...)
{
	char path[512], *slash;
	va_list ap;
	int fd, n;

	n = snprintf(path, sizeof(path), "%s/", root);
	va_start(ap, fmt);
	vsnprintf(path + n, sizeof(path) - (size_t)n, fmt, ap);
	va_end(ap);
	for (slash = path + n; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		ck_assert(!mkdir(path, 0755) || errno == EEXIST);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
	close(fd);
}

static inline void put_stat(uint32_t pid, const char *comm, char state, uint64_t start_ns)
{
	struct buf b = {0};

	buf_printf(&b,
		   "%" PRIu32 " (%s) %c 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 %" PRIu64 " 11 12 13\n",
		   pid, comm, state, start_ns / 10000000);
	put(b.data, b.len, "proc/%" PRIu32 "/stat", pid);
	buf_free(&b);
}

static inline void put_vm(uint32_t pid, uint64_t start_ns, const char *args, size_t len)
{
	char status[64];

	put_stat(pid, "made-up", 'S', start_ns);
	put(args, len, "proc/%" PRIu32 "/cmdline", pid);
	snprintf(status, sizeof(status), "Name:\tmade-up\nUid:\t%u\t2\t3\t4\n", 1000 + pid);
	put(status, strlen(status), "proc/%" PRIu32 "/status", pid);
}

#define PUT_VM(pid, start, args) put_vm(pid, start, args, sizeof(args))

static inline void put_pid_file(const char *path, uint32_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, pid);
	put(text, strlen(text), "run/%s.pid", path);
}

/* The same, and the directory's time is another than before: the kernel's clock for that ticks slowly. */
static inline void put_pid_file_anew(const char *path, uint32_t pid)
{
	char full[512];
	struct stat before, after;

	snprintf(full, sizeof(full), "%s/run/%s", root, path);
	*strrchr(full, '/') = '\0';
	ck_assert_int_eq(stat(full, &before), 0);
	do {
		snprintf(full, sizeof(full), "%s/run/%s.pid", root, path);
		unlink(full);
		put_pid_file(path, pid);
		*strrchr(full, '/') = '\0';
		ck_assert_int_eq(stat(full, &after), 0);
	} while (!memcmp(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim)));
}

/* The time of a file, as if it had been written so long after the host's boot. */
static inline void set_written(const char *path, uint64_t boot_ns)
{
	uint64_t ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME) + boot_ns;
	struct timespec t[2] = {{(time_t)(ns / SEC), (long)(ns % SEC)},
				{(time_t)(ns / SEC), (long)(ns % SEC)}};
	char full[512];

	snprintf(full, sizeof(full), "%s/run/%s.pid", root, path);
	ck_assert_int_eq(utimensat(AT_FDCWD, full, t, 0), 0);
}

static inline struct vms *made_up(void)
{
	struct vms_options o = {.proc = proc_dir, .run = run_dir};

	return vms_new(&o);
}

static inline void expect(struct vms *v, uint32_t pid, uint64_t start, const char *name, const char *uuid,
			  const char *vmm)
{
	const struct vm_names *n = vms_lookup(v, (struct vm_id){pid, start}, "kernel-comm");

	ck_assert_str_eq(n->name, name);
	ck_assert_str_eq(n->uuid, uuid);
	ck_assert_str_eq(n->vmm, vmm);
}

static uint64_t born; /* a VM that started a minute ago, in no whole tick */

static inline void setup(void)
{
	strcpy(root + sizeof(root) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(proc_dir, sizeof(proc_dir), "%s/proc", root);
	snprintf(run_dir, sizeof(run_dir), "%s/run", root);
	ck_assert_int_eq(mkdir(proc_dir, 0755), 0);
	ck_assert_int_eq(mkdir(run_dir, 0755), 0);
	born = (clock_ns(CLOCK_BOOTTIME) - 60 * SEC) / 10000000 * 10000000 + 1234567;
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
	nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
