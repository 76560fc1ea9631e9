// SPDX-License-Identifier: GPL-2.0-only
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/mem.h"
#include "scan.h"

static const char *kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFLNK:
		return "a symbolic link";
	default:
		return "a device";
	}
}

bool file_is(const char *path, int fd)
{
	struct stat there, here;

	return !lstat(path, &there) && !fstat(fd, &here) && there.st_ino == here.st_ino &&
	       there.st_dev == here.st_dev;
}

int file_open(const char *path, bool fresh, char error[RECORD_ERROR])
{
	/* a FIFO or a device must not make us wait; a link may lead anywhere */
	int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
	struct stat st;
	int fd;

	if (!lstat(path, &st) && !S_ISREG(st.st_mode)) {
		format_fail(error, path, "is %s; a record is a plain file", kind(st.st_mode));
		return -1;
	}
	fd = open(path, flags | (fresh ? O_EXCL : 0), 0600);
	if (fd < 0) {
		format_fail(error, path, "cannot be opened for writing: %s", strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		format_fail(error, path, "is no plain file");
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			format_fail(error, path, "another vmperf is writing to it");
		else
			format_fail(error, path, "cannot be locked: %s", strerror(errno));
	} else if (!file_is(path, fd)) {
		/* the one that it was before has just become FILE.1 */
		format_fail(error, path, "another vmperf is writing to it");
	} else {
		return fd;
	}
	close(fd);
	return -1;
}

/* "FILE.n", "FILE" if it is 0; to be freed. */
static char *numbered(const char *path, uint32_t n)
{
	size_t size = strlen(path) + 12;
	char *ret = mem_zalloc(size, 1);

	snprintf(ret, size, n ? "%s.%u" : "%s", path, n);
	return ret;
}

static bool is_record(const char *path)
{
	unsigned char head[RECORD_FILE_SIZE];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	bool is = fd >= 0 && read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
		  format_parse_file(head) >= 0;

	if (fd >= 0)
		close(fd);
	return is;
}

bool file_shift(const char *path, uint32_t max, char error[RECORD_ERROR])
{
	uint32_t free_one = 1;
	bool ok = true;
	struct stat st;

	/* up to the first gap, or to the oldest one, which goes */
	for (; free_one < max; free_one++) {
		char *name = numbered(path, free_one);
		bool there = !lstat(name, &st);

		free(name);
		if (!there)
			break;
	}
	if (free_one >= max) {
		char *oldest = numbered(path, max > 1 ? max - 1 : 0);

		/* never what somebody else put there */
		if (!is_record(oldest))
			ok = format_fail(error, oldest, "would have to go, but is no record of vmperf");
		else if (unlink(oldest) < 0)
			ok = format_fail(error, oldest, "cannot be removed: %s", strerror(errno));
		free(oldest);
		free_one = max > 1 ? max - 1 : 0;
	}
	for (uint32_t i = free_one; ok && i; i--) {
		char *from = numbered(path, i - 1), *to = numbered(path, i);

		if (rename(from, to) < 0)
			ok = format_fail(error, from, "cannot be renamed: %s", strerror(errno));
		free(from);
		free(to);
	}
	return ok;
}
