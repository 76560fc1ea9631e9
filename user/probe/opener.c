// SPDX-License-Identifier: GPL-2.0-only
#include "opener.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../host/hostinfo.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "perf_event.h"
#include "privilege.h"

struct opener {
	pid_t pid;
	int fd;
};

/* What is asked of the process, and its answer. */
struct request {
	uint32_t cpu, on;
};

void opener_cpu(const struct pmus *pmus, const struct opener_event *events, uint32_t n, int map_fd,
		uint32_t ncpus, uint32_t cpu, uint32_t on)
{
	for (uint32_t e = 0; e < n; e++) {
		uint32_t key = e * ncpus + cpu;
		int fd;

		if (!(on & 1U << e)) {
			/* the map has kept it open */
			bpf_map_delete_elem(map_fd, &key);
			continue;
		}
		fd = perf_event_open_cpu(pmus, events[e].spec, events[e].mode, cpu);
		/* hosts with several kinds of CPU: not every one has every event */
		if (fd < 0) {
			log_info("%s cannot be counted on CPU %u: %s", events[e].spec->name, cpu,
				 strerror(-fd));
			continue;
		}
		/* the map keeps it open */
		if (bpf_map_update_elem(map_fd, &key, &fd, BPF_ANY))
			log_info("%s on CPU %u: %s", events[e].spec->name, cpu, strerror(errno));
		close(fd);
	}
}

static void serve(int fd, const struct pmus *pmus, const struct opener_event *events, uint32_t n, int map_fd,
		  uint32_t ncpus)
{
	struct request q;

	while (recv(fd, &q, sizeof(q), 0) == sizeof(q)) {
		if (q.cpu < ncpus)
			opener_cpu(pmus, events, n, map_fd, ncpus, q.cpu, q.on);
		if (send(fd, &q, sizeof(q), MSG_NOSIGNAL) < 0)
			break;
	}
}

/* All but these two and the standard ones: it must not keep a file that is written open, or locked. */
static void keep_only(int a, int b)
{
	unsigned int low = (unsigned int)(a < b ? a : b), high = (unsigned int)(a < b ? b : a);

	if (low > 3)
		close_range(3, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

int opener_start(const struct pmus *pmus, const struct opener_event *events, uint32_t n, int map_fd,
		 uint32_t ncpus, struct opener **ret)
{
	struct opener *o;
	int pair[2], err;
	pid_t pid, parent = getpid();
	int paranoid = 0;

	*ret = NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close(pair[0]);
		close(pair[1]);
		return err;
	}
	if (!pid) {
		keep_only(pair[1], map_fd);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "vmperf-opener");
		hostinfo_paranoid("", &paranoid);
		if (getppid() == parent && !privilege_keep_perf(paranoid))
			serve(pair[1], pmus, events, n, map_fd, ncpus);
		_exit(0);
	}
	close(pair[1]);
	o = mem_zalloc(1, sizeof(*o));
	o->pid = pid;
	o->fd = pair[0];
	*ret = o;
	return 0;
}

void opener_ask(struct opener *o, uint32_t cpu, uint32_t on)
{
	struct request q = {cpu, on};

	if (send(o->fd, &q, sizeof(q), MSG_NOSIGNAL) != sizeof(q) ||
	    recv(o->fd, &q, sizeof(q), 0) != sizeof(q))
		log_info("the events of CPU %u cannot be opened anew: their process is gone", cpu);
}

void opener_stop(struct opener *o)
{
	if (!o)
		return;
	/* it reads the end, and ends */
	close(o->fd);
	waitpid(o->pid, NULL, 0);
	free(o);
}
