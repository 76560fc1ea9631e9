// SPDX-License-Identifier: GPL-2.0-only
#include "self.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "hostinfo.h"

uint64_t self_resident(void)
{
	unsigned long long pages;
	char text[128];

	if (!hostinfo_file("", text, sizeof(text), "/proc/self/statm") ||
	    sscanf(text, "%*u %llu", &pages) != 1)
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t self_open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (!d)
		return 0;
	while (readdir(d))
		n++;
	closedir(d);
	/* . and .., and the directory's own */
	return n > 3 ? n - 3 : 0;
}
