// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostinfo.h"
#include "regular.h"

int kernel_symbols_file(const char *root, const char *path, size_t max, struct buf *ret)
{
	char name[PATH_MAX], chunk[65536];
	size_t before = ret->len;
	int fd, err = 0;

	if (snprintf(name, sizeof(name), "%s%s", root, path) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	/* a tree that is not /proc may hold anything */
	fd = regular_open(AT_FDCWD, name, 0);
	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = -errno;
		if (n <= 0)
			break;
		if ((size_t)n > max - (ret->len - before)) {
			err = -EFBIG;
			break;
		}
		buf_add(ret, chunk, (size_t)n);
	}
	close(fd);
	return err;
}

int kernel_symbols_kallsyms(const char *root, struct buf *ret)
{
	return kernel_symbols_file(root, "/proc/kallsyms", KERNEL_SYMBOLS_MAX, ret);
}

int kernel_symbols_modules(const char *root, struct buf *ret)
{
	return kernel_symbols_file(root, "/proc/modules", 16U << 20, ret);
}

int kernel_symbols_notes(const char *root, struct buf *ret)
{
	return kernel_symbols_file(root, "/sys/kernel/notes", 1U << 20, ret);
}

int kernel_symbols_module_notes(const char *root, const char *module, struct buf *ret)
{
	char path[PATH_MAX];
	int n;

	/* a name is no path: it may come from a file */
	if (!*module || strchr(module, '/') || !strcmp(module, ".."))
		return -EINVAL;
	n = snprintf(path, sizeof(path), "/sys/module/%s/notes/.note.gnu.build-id", module);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return kernel_symbols_file(root, path, 1U << 20, ret);
}

void kernel_symbols_identity(const char *root, struct kernel_identity *ret)
{
	struct buf stat = {0};
	const char *btime;

	memset(ret, 0, sizeof(*ret));
	hostinfo_file(root, ret->release, sizeof(ret->release), "/proc/sys/kernel/osrelease");
	hostinfo_file(root, ret->hostname, sizeof(ret->hostname), "/proc/sys/kernel/hostname");
	/* proc(5): "btime SECONDS" */
	if (!kernel_symbols_file(root, "/proc/stat", 16U << 20, &stat) && stat.len) {
		btime = strstr(stat.data, "\nbtime ");
		if (btime)
			ret->boot_ns = strtoull(btime + 7, NULL, 10) * 1000000000U;
	}
	buf_free(&stat);
}

bool kernel_symbols_boot_id(const char *root, char ret[37])
{
	char text[64];

	ret[0] = '\0';
	if (!hostinfo_file(root, text, sizeof(text), "/proc/sys/kernel/random/boot_id") || strlen(text) != 36)
		return false;
	memcpy(ret, text, 37);
	return true;
}
