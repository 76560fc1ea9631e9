// SPDX-License-Identifier: GPL-2.0-only
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../host/argv.h"
#include "../host/regular.h"
#include "../lib/mem.h"
#include "../lib/output.h"

#define BOOTS "boots"

/* More is not read back of one file; what is written has less. */
#define FILE_MAX (64U << 20)

/* What is written begins with that until it is whole. */
#define PART ".part-"

/* Deeper than any file that is written. */
#define DEPTH_MAX 16

static const struct {
	const char *path; /* below the root of the guest */
	size_t offset;
} files[] = {
	{"proc/kallsyms", offsetof(struct agent_guest, kallsyms)},
	{"proc/modules", offsetof(struct agent_guest, modules)},
	{"proc/version", offsetof(struct agent_guest, version)},
	{"sys/kernel/notes", offsetof(struct agent_guest, notes)},
};

#define NFILES (sizeof(files) / sizeof(files[0]))

static struct buf *buf_of(struct agent_guest *g, size_t i)
{
	return (struct buf *)(void *)((char *)g + files[i].offset);
}

static bool failed(const char *path, char why[STORE_WHY_SIZE])
{
	snprintf(why, STORE_WHY_SIZE, "cannot write %.120s: %s", path, strerror(errno));
	return false;
}

/* Boot ids come from guests: nothing else than a UUID in lower case gets into a path. */
static bool is_boot(const char *boot)
{
	char same[37];

	return argv_uuid(boot, same) && !strcmp(boot, same);
}

char *store_cache(void)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	struct buf b = {0};

	if (base && base[0] == '/')
		buf_printf(&b, "%s/vmperf/guests", base);
	else if (home && home[0])
		buf_printf(&b, "%s/.cache/vmperf/guests", home);
	return b.data;
}

__attribute__((format(printf, 1, 2))) static char *join(const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	return b.data;
}

/* The directories of path that are not there. */
static bool make_dirs(const char *path)
{
	char *copy = mem_strdup(path), *p = copy;
	bool ok = true;

	while (ok && *p) {
		char *slash = strchr(p + 1, '/');

		if (slash)
			*slash = '\0';
		ok = !mkdir(copy, 0700) || errno == EEXIST;
		if (slash)
			*slash = '/';
		p = slash ? slash : p + strlen(p);
	}
	free(copy);
	return ok;
}

/* By descriptors, and on one file system: whoever may write beside it leads this nowhere else. */
static void remove_at(int dir, const char *name, unsigned int depth)
{
	int fd = unlinkat(dir, name, 0) && depth < DEPTH_MAX
			 ? openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
			 : -1;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	struct stat st, up;

	if (d && !fstat(fd, &st) && !fstatat(dir, "", &up, AT_EMPTY_PATH) && st.st_dev == up.st_dev)
		while ((e = readdir(d)))
			if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
				remove_at(fd, e->d_name, depth + 1);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	if (fd >= 0)
		unlinkat(dir, name, AT_REMOVEDIR);
}

static void remove_tree(const char *path)
{
	int before = errno, dir;
	char *up = mem_strdup(path), *slash = strrchr(up, '/');

	*slash = '\0';
	dir = open(slash == up ? "/" : up, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		remove_at(dir, slash + 1, 0);
		close(dir);
	}
	free(up);
	errno = before;
}

/* A file below root, and the directories that it is in: all are new, and nobody else can write there. */
static bool write_file(int root, const char *path, const char *data, size_t len, char why[STORE_WHY_SIZE])
{
	char *part = mem_strdup(path);
	bool ok = true;
	int fd = -1;

	for (char *slash = part; ok && (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		ok = !mkdirat(root, part, 0700) || errno == EEXIST;
	}
	if (ok)
		fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	ok = fd >= 0 && output_all(fd, data ? data : "", len);
	if (fd >= 0 && close(fd))
		ok = false;
	if (!ok)
		failed(path, why);
	free(part);
	return ok;
}

/* Was that written by put(), or is nothing there?  It may also be the real root of a guest that somebody
 * mounted. */
static bool is_ours(const char *dir, const char *path, char why[STORE_WHY_SIZE])
{
	const struct dirent *e;
	struct stat st, up;
	bool ours = true;
	DIR *d;

	if (lstat(path, &st))
		return errno == ENOENT || failed(path, why);
	if (S_ISLNK(st.st_mode))
		return true;
	d = S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !stat(dir, &up) && st.st_dev == up.st_dev
		    ? opendir(path)
		    : NULL;
	while (d && ours && (e = readdir(d)))
		ours = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || !strcmp(e->d_name, "proc") ||
		       !strcmp(e->d_name, "sys");
	if (d)
		closedir(d);
	if (d && ours)
		return true;
	snprintf(why, STORE_WHY_SIZE, "%.120s is there, and vmperf did not write it", path);
	return false;
}

/* Lets new be at path; what was there goes.  False: see errno. */
static bool replace(const char *new, const char *path)
{
	char *old;
	bool ok;

	if (!renameat2(AT_FDCWD, new, AT_FDCWD, path, RENAME_EXCHANGE)) {
		remove_tree(new);
		return true;
	}
	if (!rename(new, path))
		return true;
	/* a file system that cannot exchange: for a moment there is nothing */
	old = join("%s-old", new);
	ok = !rename(path, old) && !rename(new, path);
	remove_tree(old);
	free(old);
	return ok;
}

/* A new directory for path's last component, XXXXXX, which is filled in; -1: see errno. */
static int make_part(char *path)
{
	int root = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	struct stat st;

	/* in a directory of others it may be another one by now */
	if (root >= 0 && (fstat(root, &st) || st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))) {
		close(root);
		root = -1;
		errno = EPERM;
	}
	return root;
}

/* dir/name becomes the root of the guest, at once: never half of one. */
static bool put(const char *dir, const char *name, const struct agent_guest *g, char why[STORE_WHY_SIZE])
{
	char *part = join("%s/" PART "XXXXXX", dir), *full = join("%s/%s", dir, name);
	int root = make_dirs(dir) ? make_part(part) : -1;
	char id[40];
	bool ok;

	if (root < 0) {
		ok = failed(dir, why);
		free(part);
		free(full);
		return ok;
	}
	snprintf(id, sizeof(id), "%s\n", g->boot);
	ok = write_file(root, "proc/sys/kernel/random/boot_id", id, strlen(id), why);
	for (size_t i = 0; ok && i < NFILES; i++) {
		const struct buf *b = buf_of((struct agent_guest *)(uintptr_t)g, i);

		ok = write_file(root, files[i].path, b->data, b->len, why);
	}
	close(root);
	if (ok && is_ours(dir, full, why))
		ok = replace(part, full) || failed(full, why);
	else
		ok = false;
	remove_tree(part);
	free(part);
	free(full);
	return ok;
}

struct boot {
	char name[37];
	struct timespec written;
};

static int newest_first(const void *a, const void *b)
{
	const struct boot *x = a, *y = b;

	if (x->written.tv_sec != y->written.tv_sec)
		return x->written.tv_sec > y->written.tv_sec ? -1 : 1;
	if (x->written.tv_nsec != y->written.tv_nsec)
		return x->written.tv_nsec > y->written.tv_nsec ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Half a boot that was left by somebody who was killed: it takes no hour to write one. */
static bool is_left(const char *name, const struct stat *st)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return !strncmp(name, PART, strlen(PART)) && st->st_mtim.tv_sec < now.tv_sec - 3600;
}

/* Removes the boots beyond STORE_BOOTS, the oldest first. */
static void expire(const char *boots)
{
	struct boot *list = NULL;
	size_t n = 0, room = 0;
	const struct dirent *e;
	DIR *d = opendir(boots);

	while (d && (e = readdir(d))) {
		struct stat st;

		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (is_left(e->d_name, &st)) {
			char *path = join("%s/%s", boots, e->d_name);

			remove_tree(path);
			free(path);
		}
		if (!is_boot(e->d_name))
			continue;
		if (n == room) {
			room = room ? room * 2 : STORE_BOOTS * 2;
			list = mem_resize(list, room, sizeof(*list));
		}
		memcpy(list[n].name, e->d_name, sizeof(list[n].name));
		list[n++].written = st.st_mtim;
	}
	if (d)
		closedir(d);
	if (n)
		qsort(list, n, sizeof(*list), newest_first);
	for (size_t i = STORE_BOOTS; i < n; i++) {
		char *path = join("%s/%s", boots, list[i].name);

		remove_tree(path);
		free(path);
	}
	free(list);
}

bool store_put(const char *dir, const struct agent_guest *g, char why[STORE_WHY_SIZE])
{
	char *boots;
	bool ok;

	if (!is_boot(g->boot)) {
		snprintf(why, STORE_WHY_SIZE, "a boot id that is no UUID");
		return false;
	}
	boots = join("%s/" BOOTS, dir);
	ok = put(boots, g->boot, g, why);
	if (ok)
		expire(boots);
	free(boots);
	return ok;
}

bool store_link(const char *dir, uint32_t pid, const char *boot, char why[STORE_WHY_SIZE])
{
	char *full = join("%s/%" PRIu32, dir, pid), *part, *to;
	struct stat st;
	bool ok = true;

	/* a directory of that name is not ours to remove */
	if (!boot[0] || !is_boot(boot)) {
		if (!lstat(full, &st) && S_ISLNK(st.st_mode) && unlink(full))
			ok = failed(full, why);
		free(full);
		return ok;
	}
	part = join("%s/" PART "%" PRIu32 "-%ld", dir, pid, (long)getpid());
	to = join(BOOTS "/%s", boot);
	unlink(part);
	if (symlink(to, part) || rename(part, full)) {
		ok = failed(full, why);
		unlink(part);
	}
	free(part);
	free(to);
	free(full);
	return ok;
}

bool store_put_pid(const char *dir, uint32_t pid, const struct agent_guest *g, char why[STORE_WHY_SIZE])
{
	char name[16];

	snprintf(name, sizeof(name), "%" PRIu32, pid);
	return put(dir, name, g, why);
}

void store_drop_pid(const char *dir, uint32_t pid)
{
	char *full = join("%s/%" PRIu32, dir, pid), ignored[STORE_WHY_SIZE];
	struct stat st;

	if (!lstat(full, &st) && is_ours(dir, full, ignored))
		remove_tree(full);
	free(full);
}

char *store_path(const char *dir, const char *boot)
{
	char *path = is_boot(boot) ? join("%s/" BOOTS "/%s", dir, boot) : NULL;

	if (path && access(path, R_OK | X_OK)) {
		free(path);
		path = NULL;
	}
	return path;
}

/* False: it cannot be read whole. */
static bool read_file(int root, const char *path, struct buf *ret)
{
	int fd = regular_open(root, path, O_NOFOLLOW);
	struct stat st;
	ssize_t n = 0;
	bool ok = fd >= 0 && !fstat(fd, &st) && st.st_size <= FILE_MAX;
	char *part = ok ? mem_zalloc(1, 1U << 20) : NULL;

	while (ok && (n = read(fd, part, 1U << 20)) > 0) {
		buf_add(ret, part, (size_t)n);
		ok = ret->len <= FILE_MAX;
	}
	free(part);
	if (fd >= 0)
		close(fd);
	return ok && !n;
}

bool store_get(const char *dir, const char *boot, struct agent_guest *ret)
{
	char *path = store_path(dir, boot);
	/* by this descriptor all is of one time, also while it is exchanged */
	int root = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool ok = root >= 0;

	free(path);
	*ret = (struct agent_guest){0};
	for (size_t i = 0; ok && i < NFILES; i++)
		ok = read_file(root, files[i].path, buf_of(ret, i));
	if (root >= 0)
		close(root);
	if (ok)
		memcpy(ret->boot, boot, sizeof(ret->boot));
	else
		agent_guest_free(ret);
	return ok;
}
