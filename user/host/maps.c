// SPDX-License-Identifier: GPL-2.0-only
#include "maps.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../lib/mem.h"
#include "kernel_symbols.h"

/* A place in a line. */
struct cursor {
	const char *p, *end;
};

static int digit(char c, unsigned int base)
{
	int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;

	return d < (int)base ? d : -1;
}

/* A number and the byte behind it. */
static bool number(struct cursor *c, unsigned int base, char behind, uint64_t *ret)
{
	const char *first = c->p;

	*ret = 0;
	while (c->p < c->end && digit(*c->p, base) >= 0) {
		if (*ret > (UINT64_MAX - 15) / base)
			return false;
		*ret = *ret * base + (uint64_t)digit(*c->p++, base);
	}
	if (c->p == first || c->p == c->end || *c->p != behind)
		return false;
	c->p++;
	return true;
}

static bool permissions(struct cursor *c, struct map *m)
{
	const char *p = c->p;

	if (c->end - p < 5 || p[4] != ' ')
		return false;
	m->prot = (p[0] == 'r' ? PROT_READ : 0U) | (p[1] == 'w' ? PROT_WRITE : 0U) |
		  (p[2] == 'x' ? PROT_EXEC : 0U);
	m->shared = p[3] == 's';
	c->p += 5;
	return true;
}

/* The kernel writes a newline in a name as \012, and nothing else in another form (seq_file_path(), "\n"). */
static char *unescape(const char *p, size_t len)
{
	char *ret = mem_zalloc(len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (len - i >= 4 && !memcmp(p + i, "\\012", 4)) {
			ret[n++] = '\n';
			i += 3;
		} else {
			ret[n++] = p[i];
		}
	}
	return ret;
}

/* "START-END PERM OFFSET MAJOR:MINOR INODE       PATH" */
static bool parse_line(const char *line, size_t len, struct map *m)
{
	static const char gone[] = " (deleted)";
	struct cursor c = {line, line + len};
	uint64_t major, minor;
	size_t left;

	memset(m, 0, sizeof(*m));
	if (!number(&c, 16, '-', &m->start) || !number(&c, 16, ' ', &m->end) || !permissions(&c, m) ||
	    !number(&c, 16, ' ', &m->offset) || !number(&c, 16, ':', &major) ||
	    !number(&c, 16, ' ', &minor) || m->end <= m->start || major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	m->major = (uint32_t)major;
	m->minor = (uint32_t)minor;
	/* the kernel writes a blank behind it even if no path follows; others (gcore's notes) need not */
	if (!number(&c, 10, ' ', &m->inode) && c.p < c.end)
		return false;
	while (c.p < c.end && *c.p == ' ')
		c.p++;
	left = (size_t)(c.end - c.p);
	if (m->inode && left >= sizeof(gone) - 1 &&
	    !memcmp(c.end - (sizeof(gone) - 1), gone, sizeof(gone) - 1)) {
		m->deleted = true;
		left -= sizeof(gone) - 1;
	}
	m->path = unescape(c.p, left);
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct map *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

void maps_parse(struct maps *ret, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	size_t cap = 0;

	memset(ret, 0, sizeof(*ret));
	while (p < end && ret->n < MAPS_MAX) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end;

		if (ret->n == cap) {
			cap = cap ? cap * 2 : 64;
			ret->items = mem_resize(ret->items, cap, sizeof(*ret->items));
		}
		if (parse_line(p, (size_t)(stop - p), &ret->items[ret->n]))
			ret->n++;
		p = nl ? nl + 1 : end;
	}
	/* they are sorted where the kernel wrote them at once */
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_start);
}

int maps_read(struct maps *ret, const char *root, uint32_t pid)
{
	struct buf text = {0};
	char path[64];
	int err;

	memset(ret, 0, sizeof(*ret));
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", pid);
	err = kernel_symbols_file(root, path, (size_t)64 << 20, &text);
	if (!err)
		maps_parse(ret, text.data ? text.data : "", text.len);
	buf_free(&text);
	return err;
}

const struct map *maps_find(const struct maps *m, uint64_t addr)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->items[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low && addr < m->items[low - 1].end ? &m->items[low - 1] : NULL;
}

void maps_free(struct maps *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->items[i].path);
	free(m->items);
	memset(m, 0, sizeof(*m));
}

/* btrfs and overlayfs tell maps another device than stat(): the inode must do there. */
static bool is_that(const char *path, const struct map *m)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && (!m->inode || st.st_ino == m->inode);
}

static bool is_on(const char *path, const struct map *m)
{
	struct stat st;

	return !stat(path, &st) && st.st_dev == makedev(m->major, m->minor);
}

bool maps_file(const struct map *m, const char *root, uint32_t pid, char *path, size_t size)
{
	int n;

	if (m->path[0] != '/' || !m->inode)
		return false;
	n = snprintf(path, size, "%s/proc/%" PRIu32 "/root%s", root, pid, m->path);
	if (!m->deleted && n > 0 && (size_t)n < size && is_that(path, m))
		return true;
	/* without the capabilities that looking into another one's root takes; another root has other devices
	 */
	n = snprintf(path, size, "%s%s", root, m->path);
	if (!m->deleted && n > 0 && (size_t)n < size && is_that(path, m) && is_on(path, m))
		return true;
	n = snprintf(path, size, "%s/proc/%" PRIu32 "/map_files/%" PRIx64 "-%" PRIx64, root, pid, m->start,
		     m->end);
	return n > 0 && (size_t)n < size && is_that(path, m);
}

bool maps_file_named(const char *root, uint32_t pid, const char *file, char *path, size_t size)
{
	bool found = false;
	struct maps m;

	if (maps_read(&m, root, pid))
		return false;
	for (size_t i = 0; i < m.n && !found; i++)
		found = (m.items[i].prot & PROT_EXEC) && !strcmp(m.items[i].path, file) &&
			maps_file(&m.items[i], root, pid, path, size);
	maps_free(&m);
	return found;
}
