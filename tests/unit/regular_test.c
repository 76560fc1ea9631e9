// SPDX-License-Identifier: GPL-2.0-only
/* Files that are opened, and everything else, which is not. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/regular.h"

static char dir[] = "/tmp/vmperf-regular-XXXXXX";
static int at;

static void setup(void)
{
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(at, 0);
}

static void teardown(void)
{
	static const char *const names[] = {"file", "fifo", "link", "loop"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(at, names[i], 0);
	close(at);
	rmdir(dir);
}

START_TEST(files)
{
	char byte = 0;
	int fd = openat(at, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_eq(write(fd, "x", 1), 1);
	close(fd);
	fd = regular_open(at, "file", O_NOFOLLOW);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(read(fd, &byte, 1), 1);
	ck_assert_int_eq(byte, 'x');
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	ck_assert_int_eq(symlinkat("file", at, "link"), 0);
	fd = regular_open(at, "link", 0);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(regular_open(at, "link", O_NOFOLLOW), -EINVAL);
	ck_assert_int_eq(regular_open(at, "none", 0), -ENOENT);
	ck_assert_int_eq(regular_open(at, "file/x", 0), -ENOTDIR);
	ck_assert_int_eq(symlinkat("loop", at, "loop"), 0);
	ck_assert_int_eq(regular_open(at, "loop", 0), -ELOOP);
}
END_TEST

/* Neither waited for nor opened, for opening alone can do something. */
START_TEST(others)
{
	char path[64], event[4096];
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), fd;

	snprintf(path, sizeof(path), "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_ge(inotify_add_watch(watch, path, IN_OPEN), 0);
	ck_assert_int_eq(regular_open(at, "fifo", 0), -EINVAL);
	ck_assert_int_eq(regular_open(AT_FDCWD, dir, 0), -EISDIR);
	ck_assert_int_eq(regular_open(AT_FDCWD, "/dev/null", 0), -EINVAL);
	ck_assert_int_lt(read(watch, event, sizeof(event)), 0);
	/* the watch sees who opens it */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_gt(read(watch, event, sizeof(event)), 0);
	close(fd);
	close(watch);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("regular");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, files);
	UNIT_ADD(u, others);
	return unit_run(u);
}
