// SPDX-License-Identifier: GPL-2.0-only
#include "hostinfo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static bool path_make(char *ret, size_t size, const char *root, const char *path, va_list ap)
	__attribute__((format(printf, 4, 0)));
static bool path_make(char *ret, size_t size, const char *root, const char *path, va_list ap)
{
	int n = snprintf(ret, size, "%s", root), m;

	if (n < 0 || (size_t)n >= size)
		return false;
	m = vsnprintf(ret + n, size - (size_t)n, path, ap);
	return m >= 0 && (size_t)m < size - (size_t)n;
}

bool hostinfo_file(const char *root, char *buf, size_t size, const char *path, ...)
{
	char name[PATH_MAX];
	size_t len = 0;
	va_list ap;
	bool ok;
	int fd;

	buf[0] = '\0';
	va_start(ap, path);
	ok = path_make(name, sizeof(name), root, path, ap);
	va_end(ap);
	fd = ok ? open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (fd < 0)
		return false;
	while (len < size - 1) {
		ssize_t n = read(fd, buf + len, size - 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ok = n == 0;
			break;
		}
		len += (size_t)n;
	}
	close(fd);
	if (!ok)
		len = 0;
	if (len && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return ok;
}

bool hostinfo_exists(const char *root, const char *path, ...)
{
	char name[PATH_MAX];
	va_list ap;
	bool ok;

	va_start(ap, path);
	ok = path_make(name, sizeof(name), root, path, ap);
	va_end(ap);
	return ok && access(name, F_OK) == 0;
}

bool hostinfo_cpuflag(const char *root, const char *flag)
{
	char text[16384], *line, *end;
	size_t n = strlen(flag);

	hostinfo_file(root, text, sizeof(text), "/proc/cpuinfo");
	line = strstr(text, "\nflags");
	if (!line)
		return false;
	end = strchr(line + 1, '\n');
	if (end)
		*end = '\0';
	for (char *p = line + 1; (p = strstr(p, flag)) != NULL; p += n)
		if (p[-1] == ' ' && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

void hostinfo_cpu(const char *root, char *ret, size_t size)
{
	char text[16384], *line;

	hostinfo_file(root, text, sizeof(text), "/proc/cpuinfo");
	line = strstr(text, "\nmodel name");
	line = line ? strstr(line, ": ") : NULL;
	snprintf(ret, size, "%.*s", line ? (int)strcspn(line + 2, "\n") : 0, line ? line + 2 : "");
}

/* A module kvm_* that is neither Intel's nor AMD's. */
static void other_vendor(const char *root, char *ret, size_t size)
{
	char name[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if (snprintf(name, sizeof(name), "%s/sys/module", root) >= (int)sizeof(name))
		return;
	d = opendir(name);
	if (!d)
		return;
	while ((e = readdir(d)) != NULL)
		if (!strncmp(e->d_name, "kvm_", 4) && strlen(e->d_name) < size) {
			snprintf(ret, size, "%.*s", (int)size - 1, e->d_name);
			break;
		}
	closedir(d);
}

void hostinfo_kvm(const char *root, struct host_info *ret)
{
	bool intel = hostinfo_exists(root, "/sys/module/kvm_intel");
	bool amd = hostinfo_exists(root, "/sys/module/kvm_amd");

	/* /dev/kvm's device is there when KVM has found hardware to run on (virt/kvm/kvm_main.c) */
	ret->kvm_loaded = hostinfo_exists(root, "/sys/class/misc/kvm");
	ret->kvm_vendor[0] = '\0';
	if (!ret->kvm_loaded)
		return;
	/* both built in: only the one that fits the CPU works */
	if (intel && amd)
		intel = hostinfo_cpuflag(root, "vmx");
	if (intel)
		strcpy(ret->kvm_vendor, "kvm_intel");
	else if (amd)
		strcpy(ret->kvm_vendor, "kvm_amd");
	else
		other_vendor(root, ret->kvm_vendor, sizeof(ret->kvm_vendor));
}

bool hostinfo_vendor_traces(const struct host_info *h)
{
	if (!strcmp(h->arch, "x86_64"))
		return !strcmp(h->kvm_vendor, "kvm_intel") || !strcmp(h->kvm_vendor, "kvm_amd");
	return h->kvm_loaded;
}

void hostinfo_read(struct host_info *ret)
{
	struct utsname u;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*ret = (struct host_info){.cpus = cpus > 0 ? (unsigned int)cpus : 0};
	if (uname(&u) == 0) {
		snprintf(ret->hostname, sizeof(ret->hostname), "%s", u.nodename);
		snprintf(ret->kernel, sizeof(ret->kernel), "%s", u.release);
		snprintf(ret->arch, sizeof(ret->arch), "%s", u.machine);
	}
	hostinfo_kvm("", ret);
}

bool hostinfo_paranoid(const char *root, int *ret)
{
	char text[32];

	if (!hostinfo_file(root, text, sizeof(text), "/proc/sys/kernel/perf_event_paranoid"))
		return false;
	*ret = (int)strtol(text, NULL, 10);
	return true;
}

bool hostinfo_sample_rate(const char *root, uint32_t *ret)
{
	char text[32];

	if (!hostinfo_file(root, text, sizeof(text), "/proc/sys/kernel/perf_event_max_sample_rate"))
		return false;
	*ret = (uint32_t)strtoul(text, NULL, 10);
	return true;
}

bool hostinfo_load(const char *root, uint64_t ret[3])
{
	unsigned int whole[3], part[3];
	char text[80];

	if (!hostinfo_file(root, text, sizeof(text), "/proc/loadavg") ||
	    sscanf(text, "%9u.%2u %9u.%2u %9u.%2u", &whole[0], &part[0], &whole[1], &part[1], &whole[2],
		   &part[2]) != 6)
		return false;
	for (int i = 0; i < 3; i++)
		ret[i] = 100ULL * whole[i] + part[i];
	return true;
}
