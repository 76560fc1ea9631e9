// SPDX-License-Identifier: GPL-2.0-only
#include "faults.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOM 20000 /* pages */

static struct made_bpf *r;

struct made_bpf *faults_open(uint32_t events)
{
	const struct rig_options options = {
		.programs = {"event_switched", "event_flush", "sched_switch", "sched_process_exit",
			     "task_newtask"},
		.slots = SLOTS,
		.events = events,
		.others = OTHERS,
	};

	r = rig_open(&options);
	if (!r)
		return NULL;
	/*
	 * A host with several nodes takes pages away from time to time, to see who uses them; not
	 * from those who have chosen where their memory is.  A kernel that has no nodes refuses.
	 */
	(void)syscall(SYS_set_mempolicy, MPOL_LOCAL, NULL, 0);
	/* what is run and touched below is there from now on: it makes no faults any more */
	touch(1);
	counts_of(0);
	rig_slot(0);
	return r;
}

uint32_t faults_stay(void)
{
	uint32_t cpu = (uint32_t)sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		wrong("cannot stay on CPU %u: %s", cpu, strerror(errno));
	return cpu;
}

/* not instrumented: what a sanitizer notes of a page is on pages of its own */
__attribute__((no_sanitize("address", "undefined"))) void touch(unsigned int n)
{
	static size_t next;
	static char *room;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), at;

	if (!room) {
		room = mmap(NULL, ROOM * page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (room == MAP_FAILED || madvise(room, ROOM * page, MADV_NOHUGEPAGE))
			wrong("no memory: %s", strerror(errno));
	}
	at = __atomic_fetch_add(&next, n, __ATOMIC_RELAXED);
	if (at + n > ROOM) {
		wrong("no pages left");
		return;
	}
	for (; n; n--, at++)
		*(volatile char *)(room + at * page) = 1;
}

int event_open(uint64_t config, pid_t tid, int on)
{
	struct perf_event_attr a = {
		.size = sizeof(a),
		.type = PERF_TYPE_SOFTWARE,
		.config = config,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};
	int fd = (int)syscall(SYS_perf_event_open, &a, tid, on, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && (on < 0 || errno != ENODEV))
		wrong("cannot open an event: %s", strerror(errno));
	return fd;
}

uint64_t event_value(int fd)
{
	uint64_t v[3] = {0};

	if (read(fd, v, sizeof(v)) != sizeof(v))
		wrong("cannot read an event: %s", strerror(errno));
	return v[0];
}

void event_put(uint32_t e, uint32_t on, int fd)
{
	uint32_t key = e * (uint32_t)libbpf_num_possible_cpus() + on;
	int map = bpf_map__fd(r->maps.event_fds);

	if (fd < 0 ? bpf_map_delete_elem(map, &key) : bpf_map_update_elem(map, &key, &fd, BPF_ANY))
		wrong("event %u of CPU %u: %s", e, on, strerror(errno));
}

struct vmp_counts counts_of(uint32_t number)
{
	struct vmp_counts c = {0};

	if (bpf_map_lookup_elem(bpf_map__fd(r->maps.event_counts), &number, &c))
		wrong("no counts of %u: %s", number, strerror(errno));
	expect("an update has its end", c.end, c.begin);
	return c;
}

uint64_t count(uint32_t number, uint32_t e)
{
	return counts_of(number).of[e].value;
}

void lost(uint64_t want)
{
	expect("lost", r->bss->loss[VMP_LOSS_EVENTS], want);
}

struct vmp_other other(uint32_t number)
{
	uint32_t i = number - SLOTS;
	struct vmp_other o = {0};

	if (bpf_map_lookup_elem(bpf_map__fd(r->maps.others), &i, &o))
		wrong("nothing of number %u: %s", number, strerror(errno));
	return o;
}

uint32_t number_of(pid_t tid)
{
	for (uint32_t i = SLOTS; i < SLOTS + OTHERS; i++) {
		struct vmp_other o = other(i);

		if (o.life == VMP_LIVE && o.tid == (uint32_t)tid)
			return i;
	}
	return NONE;
}

uint32_t numbers_left(void)
{
	uint32_t n = 0, i, taken[OTHERS];
	int fd = bpf_map__fd(r->maps.free_others);

	while (n < OTHERS && !bpf_map_lookup_and_delete_elem(fd, NULL, &taken[n]))
		n++;
	for (i = 0; i < n; i++)
		bpf_map_update_elem(fd, NULL, &taken[i], BPF_ANY);
	return n;
}
