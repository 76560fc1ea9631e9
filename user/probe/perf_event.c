// SPDX-License-Identifier: GPL-2.0-only
#include "perf_event.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int perf_event_open_cpu(const struct pmus *p, const struct event_spec *s, enum event_mode mode, uint32_t cpu)
{
	struct perf_event_attr a = {
		.size = sizeof(a),
		.config1 = s->config1,
		.config2 = s->config2,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.exclude_user = s->exclude_user,
		.exclude_kernel = s->exclude_kernel,
		.exclude_hv = s->exclude_hv,
		.exclude_host = mode == EVENT_GUEST,
		.exclude_guest = mode == EVENT_HOST,
	};
	uint64_t config;
	long fd;

	pmus_on_cpu(p, s, cpu, &a.type, &config);
	a.config = config;
	/* never pinned: counters are shared with guests' virtual PMUs and with others */
	fd = syscall(SYS_perf_event_open, &a, -1, (int)cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

void perf_event_why(const struct event_spec *s, int err, char why[PERF_EVENT_WHY_SIZE])
{
	const char *text;

	switch (-err) {
	case EACCES:
	case EPERM:
		text = "the kernel allows it only to root or CAP_PERFMON here (kernel.perf_event_paranoid): "
		       "run vmperf as root";
		break;
	case EBUSY:
		text = "another user has the PMU for itself: end it (perf, a profiler, the NMI watchdog)";
		break;
	case EOPNOTSUPP:
		text = s->core ? "this CPU's PMU cannot count it" : "its PMU cannot count it in this way";
		break;
	case ENOENT:
	case ENODEV:
		text = s->core ? "no PMU of this host's CPUs counts it" : "this kernel does not have it";
		break;
	case ESRCH:
		text = "the kernel knows nothing of what it is to count (ESRCH)";
		break;
	case EINVAL:
		text = "the kernel does not take these settings of it";
		break;
	case ENOSYS:
		text = "this kernel has no perf events: one built with CONFIG_PERF_EVENTS is needed";
		break;
	default:
		snprintf(why, PERF_EVENT_WHY_SIZE, "perf_event_open failed: %s", strerror(-err));
		return;
	}
	snprintf(why, PERF_EVENT_WHY_SIZE, "%s", text);
}
