// SPDX-License-Identifier: GPL-2.0-only
#include "textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/buf.h"
#include "../lib/log.h"
#include "../lib/output.h"

void textfile_check(const struct textfile *t)
{
	const char *ending = strrchr(t->path, '.');

	if (!ending || strcmp(ending, ".prom") != 0)
		log_warn("%s: node_exporter reads files only whose names end in .prom", t->path);
}

static bool write_to(int fd, const char *data, size_t len)
{
	/* node_exporter is another user; mkostemp() gives 0600 */
	bool ok = !fchmod(fd, 0644) && output_all(fd, data, len);
	int err = errno;

	/* where writing is late, as on NFS, close() tells */
	if (close(fd) && ok)
		return false;
	errno = err;
	return ok;
}

/* In the same directory, so that renaming it is one step. */
static bool replace(const char *path, const char *data, size_t len)
{
	struct buf name = {0};
	bool ok = false;
	int fd, err;

	buf_printf(&name, "%s.tmp-XXXXXX", path);
	fd = mkostemp(name.data, O_CLOEXEC);
	if (fd >= 0) {
		ok = write_to(fd, data, len) && !rename(name.data, path);
		err = errno;
		if (!ok)
			unlink(name.data);
		errno = err;
	}
	err = errno;
	buf_free(&name);
	errno = err;
	return ok;
}

/* A device, or a link as /dev/stdout is, would be gone for everybody. */
static bool may_be_replaced(const char *path)
{
	struct stat st;

	return lstat(path, &st) || S_ISREG(st.st_mode);
}

/* What to do about it. */
static const char *hint(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return " (without capabilities, as vmperf runs, its user must be allowed to write in that "
		       "directory)";
	case EROFS:
		return " (systemd's service writes only below its ReadWritePaths=, see vmperf-export(1))";
	default:
		return "";
	}
}

bool textfile_write(struct textfile *t, const char *data, size_t len)
{
	bool may = may_be_replaced(t->path), ok = may && replace(t->path, data, len);
	int err = errno;

	if (!ok && !t->failed)
		log_err("cannot write %s: %s%s", t->path,
			may ? strerror(err) : "it is there already, and no plain file", may ? hint(err) : "");
	if (ok && t->failed)
		log_note("%s is written again", t->path);
	t->failed = !ok;
	t->written |= ok;
	return ok;
}

void textfile_remove(struct textfile *t)
{
	if (t->path && t->written && unlink(t->path) && errno != ENOENT)
		log_err("cannot remove %s, whose figures are old from now on: %s", t->path, strerror(errno));
	t->written = false;
}
