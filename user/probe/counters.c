// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* No PMU has more: Arm's has 31 at most. */
#define MOST  32
/* Events take turns at each tick: one that comes in between may give ours a counter that another lacks. */
#define TRIES 3

/* One more event of a group.  None begins disabled: the kernel would not look whether that one fits. */
static int open_one(const struct pmus *p, uint64_t event, uint32_t cpu, int leader)
{
	const struct event_spec e = {.group = EVENT_HARDWARE, .type = PERF_TYPE_HARDWARE, .config = event};
	struct perf_event_attr a = {
		.size = sizeof(a),
		/* it must not keep a VM with a PMU of its own from starting */
		.exclude_guest = 1,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};
	uint64_t config;
	long fd;

	pmus_on_cpu(p, &e, cpu, &a.type, &config);
	a.config = config;
	fd = syscall(SYS_perf_event_open, &a, -1, (int)cpu, leader, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

struct times {
	uint64_t value, enabled, running;
};

/* A group has counters for all of its events or runs not at all. */
static bool runs(int leader)
{
	struct times before, now;
	int tries = 1000;

	if (ioctl(leader, PERF_EVENT_IOC_DISABLE, 0) ||
	    read(leader, &before, sizeof(before)) != sizeof(before) ||
	    ioctl(leader, PERF_EVENT_IOC_ENABLE, 0))
		return false;
	/* its time goes on by itself, unless the CPU has just gone */
	do {
		if (read(leader, &now, sizeof(now)) != sizeof(now))
			return false;
	} while (now.enabled == before.enabled && --tries);
	return now.running > before.running;
}

static int measure_cpu(const struct pmus *p, uint64_t event, uint32_t cpu, struct counters *ret)
{
	int fd[MOST];
	unsigned int n = 0;
	int err = 0;

	for (; n < MOST; n++) {
		fd[n] = open_one(p, event, cpu, n ? fd[0] : -1);
		if (fd[n] < 0) {
			err = fd[n];
			break;
		}
	}
	/* the first that is too many is no error */
	if (n)
		err = 0;
	ret->most = n;
	/* without its last event the group needs one counter less */
	while (n && !runs(fd[0]))
		close(fd[--n]);
	ret->free = n;
	while (n)
		close(fd[--n]);
	return err;
}

/* By an event that no counter is set aside for: branches, and where these are not counted, as on some of
 * Arm's, instructions. */
static int measure_any(const struct pmus *p, uint32_t cpu, struct counters *ret)
{
	int err = measure_cpu(p, PERF_COUNT_HW_BRANCH_INSTRUCTIONS, cpu, ret);

	if (err == -ENOENT || err == -EOPNOTSUPP)
		err = measure_cpu(p, PERF_COUNT_HW_INSTRUCTIONS, cpu, ret);
	return err;
}

int counters_measure(const struct pmus *p, uint32_t ncpus, struct counters *ret)
{
	int err = -ENODEV;
	bool any = false;

	*ret = (struct counters){0};
	for (uint32_t i = 0; i < ncpus * TRIES; i++) {
		struct counters c;
		int e = measure_any(p, i / TRIES, &c);

		if (e) {
			/* an offline CPU is no reason */
			if (e != -ENODEV || err == -ENODEV)
				err = e;
			continue;
		}
		if (!any || c.free < ret->free)
			*ret = c;
		any = true;
	}
	return any ? 0 : err;
}
