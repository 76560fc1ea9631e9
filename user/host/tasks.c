// SPDX-License-Identifier: GPL-2.0-only
#include "tasks.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "hostinfo.h"

int tasks_each(const char *root, uint32_t pid, tasks_fn fn, void *arg)
{
	char path[PATH_MAX], comm[TASKS_COMM], *end;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/proc/%u/task", root, pid);
	d = opendir(path);
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		unsigned long tid = strtoul(e->d_name, &end, 10);

		if (*end || end == e->d_name || tid > INT32_MAX)
			continue;
		if (hostinfo_file(root, comm, sizeof(comm), "/proc/%u/task/%lu/comm", pid, tid))
			fn((uint32_t)tid, comm, arg);
	}
	closedir(d);
	return 0;
}

bool tasks_comm(const char *root, uint32_t tid, char ret[TASKS_COMM])
{
	return hostinfo_file(root, ret, TASKS_COMM, "/proc/%u/comm", tid);
}
