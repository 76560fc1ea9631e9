// SPDX-License-Identifier: GPL-2.0-only
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/mem.h"

/* Up to size bytes of dir/name; the length, or -1. */
static ssize_t slurp(int dir, const char *name, char *ret, size_t size)
{
	/* NONBLOCK: a tree that is not /proc may hold a FIFO */
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (len < size) {
		n = read(fd, ret + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	close(fd);
	return n < 0 ? -1 : (ssize_t)len;
}

int proc_open(const char *root, uint32_t pid)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%" PRIu32, root, pid);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -1;
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool proc_parse_stat(const char *text, struct proc_stat *ret)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')'), *p;
	char *end;
	size_t len;
	int field;

	/* comm may hold anything, brackets and line ends too: it goes to the last bracket (proc(5)) */
	if (!open || !close || close < open || close[1] != ' ' || !close[2])
		return false;
	len = (size_t)(close - open - 1);
	if (len >= sizeof(ret->comm))
		len = sizeof(ret->comm) - 1;
	memcpy(ret->comm, open + 1, len);
	ret->comm[len] = '\0';
	ret->state = close[2];
	/* starttime is field 22, state is field 3 */
	p = close + 2;
	for (field = 3; field < 22; field++) {
		p = strchr(p, ' ');
		if (!p)
			return false;
		p++;
	}
	if (*p < '0' || *p > '9')
		return false;
	errno = 0;
	ret->start_ticks = strtoull(p, &end, 10);
	return !errno && (*end == ' ' || *end == '\n' || !*end);
}

bool proc_stat_of(int dir, struct proc_stat *ret)
{
	char text[2048];
	ssize_t n = slurp(dir, "stat", text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return proc_parse_stat(text, ret);
}

bool proc_is(int dir, uint64_t start_ns, struct proc_stat *st)
{
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct proc_stat own;

	if (!st)
		st = &own;
	if (!proc_stat_of(dir, st) || st->state == 'Z' || st->state == 'X')
		return false;
	/* as the kernel rounds (nsec_to_clock_t()) */
	return st->start_ticks == start_ns / (1000000000U / hz);
}

char *proc_cmdline(int dir, size_t *len)
{
	char *text = mem_zalloc(PROC_CMDLINE_MAX + 1, 1);
	ssize_t n = slurp(dir, "cmdline", text, PROC_CMDLINE_MAX);

	/* cut off inside an argument: that one is not known */
	if (n == (ssize_t)PROC_CMDLINE_MAX)
		while (n && text[n - 1])
			n--;
	if (n <= 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*len = (size_t)n;
	return text;
}

bool proc_uid(int dir, uid_t *ret)
{
	char text[4096];
	ssize_t n = slurp(dir, "status", text, sizeof(text) - 1);
	const char *p;
	char *end;

	if (n <= 0)
		return false;
	text[n] = '\0';
	/* a Name: with a line end in it is escaped by the kernel: this is the field itself */
	p = strstr(text, "\nUid:\t");
	if (!p)
		return false;
	errno = 0;
	*ret = (uid_t)strtoul(p + 6, &end, 10);
	return !errno && end != p + 6 && *end == '\t';
}
