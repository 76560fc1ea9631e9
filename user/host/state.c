// SPDX-License-Identifier: GPL-2.0-only
#include "state.h"

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

#include "../lib/buf.h"
#include "../lib/clock.h"
#include "../lib/mem.h"

#define NSEC 1000000000LL

/* A directory is somebody else's: no more of it is read. */
#define ENTRIES_MAX 65536U

struct entry {
	uint32_t pid;
	int64_t written_ns; /* CLOCK_REALTIME */
	char *name;
};

struct dir {
	char *path;
	struct timespec mtime; /* of the directory when it was read */
	size_t n, room;
	struct entry *entries;
};

struct state {
	char *run;
	struct dir system;
	int64_t looked_ns; /* CLOCK_MONOTONIC */
	unsigned long generation;
};

static void dir_clear(struct dir *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		free(d->entries[i].name);
	free(d->entries);
	d->entries = NULL;
	d->n = d->room = 0;
}

/* The pid in a pid file, 0 when it holds anything else. */
static uint32_t read_pid(int dir, const char *file, int64_t *written_ns)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	char text[32], *end;
	unsigned long long pid = 0;
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return 0;
	n = fstat(fd, &st) || !S_ISREG(st.st_mode) ? -1 : read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0 || text[0] < '1' || text[0] > '9')
		return 0;
	text[n] = '\0';
	errno = 0;
	pid = strtoull(text, &end, 10);
	if (*end == '\n')
		end++;
	if (errno || end != text + n || pid > INT32_MAX)
		return 0;
	*written_ns = st.st_mtim.tv_sec * NSEC + st.st_mtim.tv_nsec;
	return (uint32_t)pid;
}

/* libvirt writes the names of pid files as in XML (virPidFileBuildPath()); a "&" of any other kind stays. */
static char *unescape(const char *s, size_t len)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&apos;", '\''}, {"&quot;", '"'}};
	char *name = mem_strndup(s, len), *out = name;
	const char *p = name;
	size_t i, n;

	while (*p) {
		char c = *p;

		for (i = 0, n = 1; i < sizeof(entities) / sizeof(entities[0]); i++) {
			size_t elen = strlen(entities[i].entity);

			if (!strncmp(p, entities[i].entity, elen)) {
				c = entities[i].c;
				n = elen;
			}
		}
		*out++ = c;
		p += n;
	}
	*out = '\0';
	return name;
}

static void dir_read(struct dir *d)
{
	int fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dp = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	struct stat st;

	dir_clear(d);
	d->mtime = (struct timespec){0};
	if (!dp) {
		if (fd >= 0)
			close(fd);
		return;
	}
	if (!fstat(fd, &st))
		d->mtime = st.st_mtim;
	while (d->n < ENTRIES_MAX && (e = readdir(dp))) {
		size_t len = strlen(e->d_name);
		struct entry *one;
		int64_t written;
		uint32_t pid;

		if (len <= 4 || strcmp(e->d_name + len - 4, ".pid"))
			continue;
		pid = read_pid(fd, e->d_name, &written);
		if (!pid)
			continue;
		if (d->n == d->room) {
			d->room = d->room ? d->room * 2 : 64;
			d->entries = mem_resize(d->entries, d->room, sizeof(*d->entries));
		}
		one = &d->entries[d->n++];
		one->pid = pid;
		one->written_ns = written;
		one->name = unescape(e->d_name, len - 4);
	}
	closedir(dp);
}

static const struct entry *dir_find(const struct dir *d, uint32_t pid, uint64_t start_ns)
{
	/* the file's time is the wall clock's; a second for that clock's own corrections */
	int64_t boot = (int64_t)clock_now(CLOCK_REALTIME) - (int64_t)clock_now(CLOCK_BOOTTIME);
	const struct entry *found = NULL;
	size_t i;

	for (i = 0; i < d->n; i++) {
		const struct entry *e = &d->entries[i];

		if (e->pid != pid || e->written_ns < boot + (int64_t)start_ns - NSEC)
			continue;
		if (!found || e->written_ns > found->written_ns)
			found = e;
	}
	return found;
}

struct state *state_new(const char *run)
{
	struct state *s = mem_zalloc(1, sizeof(*s));
	struct buf path = {0};

	s->run = mem_strdup(run);
	buf_printf(&path, "%s/libvirt/qemu", run);
	s->system.path = path.data;
	state_refresh(s, true);
	return s;
}

unsigned long state_refresh(struct state *s, bool now)
{
	int64_t t = (int64_t)clock_now(CLOCK_MONOTONIC);
	bool changed, lately;
	struct stat st;

	if (!now && t - s->looked_ns < NSEC)
		return s->generation;
	if (stat(s->system.path, &st))
		st.st_mtim = (struct timespec){0};
	changed =
		st.st_mtim.tv_sec != s->system.mtime.tv_sec || st.st_mtim.tv_nsec != s->system.mtime.tv_nsec;
	/*
	 * A pid file is made first and written to later, which leaves the
	 * directory's time alone: one that has changed lately is read again.
	 */
	lately = (int64_t)clock_now(CLOCK_REALTIME) - (st.st_mtim.tv_sec * NSEC + st.st_mtim.tv_nsec) <
		 5 * NSEC;
	if (!changed && !(lately && t - s->looked_ns >= NSEC))
		return s->generation;
	s->looked_ns = t;
	dir_read(&s->system);
	return ++s->generation;
}

char *state_name(struct state *s, uint32_t pid, uint64_t start_ns, uid_t uid)
{
	const struct entry *e = dir_find(&s->system, pid, start_ns);
	struct dir session = {0};
	struct buf path = {0};
	char *name = NULL;

	if (e)
		return mem_strdup(e->name);
	if (uid == (uid_t)-1)
		return NULL;
	buf_printf(&path, "%s/user/%u/libvirt/qemu/run", s->run, (unsigned int)uid);
	session.path = path.data;
	dir_read(&session);
	e = dir_find(&session, pid, start_ns);
	if (e)
		name = mem_strdup(e->name);
	dir_clear(&session);
	buf_free(&path);
	return name;
}

uint32_t state_pid(struct state *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->system.n; i++)
		if (!strcmp(s->system.entries[i].name, name))
			return s->system.entries[i].pid;
	return 0;
}

void state_free(struct state *s)
{
	if (!s)
		return;
	dir_clear(&s->system);
	free(s->system.path);
	free(s->run);
	free(s);
}
