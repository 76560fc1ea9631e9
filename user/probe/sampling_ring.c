// SPDX-License-Identifier: GPL-2.0-only
/* Perf's ring buffers, one on each CPU (perf_event_open(2), "MMAP layout"). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/mem.h"
#include "sampling_parts.h"

#define RING_SIZE (512U << 10)
/* Fewer would hold hardly any stacks. */
#define RING_MIN  (16U << 10)

/* Smaller if the memory that this user may lock does not take it. */
static int map_one(struct ring *r, int fd, size_t page)
{
	void *m = MAP_FAILED;
	int err = -EINVAL;

	for (size_t size = RING_SIZE; size >= RING_MIN && size >= page; size /= 2) {
		m = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (m != MAP_FAILED) {
			r->page = m;
			r->size = size;
			return 0;
		}
		err = -errno;
		if (err != -EPERM && err != -ENOMEM)
			break;
	}
	return err;
}

int ring_map(struct sampling *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	s->rings = mem_zalloc(s->ncpus, sizeof(*s->rings));
	s->record = mem_zalloc(1, UINT16_MAX + 1);
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd < 0)
		return -errno;
	for (uint32_t cpu = 0; cpu < s->ncpus; cpu++) {
		struct epoll_event e = {.events = EPOLLIN, .data.u32 = cpu};
		int err;

		if (s->fds[cpu] < 0)
			continue;
		err = map_one(&s->rings[cpu], s->fds[cpu], page);
		if (err)
			return err;
		if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->fds[cpu], &e))
			return -errno;
		s->rings[cpu].polled = true;
	}
	return 0;
}

struct reader {
	sampling_record_fn record;
	sampling_hit_fn hit;
	void *arg;
};

static bool hit_mode(uint16_t misc, uint32_t *ret)
{
	switch (misc & PERF_RECORD_MISC_CPUMODE_MASK) {
	case PERF_RECORD_MISC_KERNEL:
		*ret = VMP_HIT_SYS;
		return true;
	case PERF_RECORD_MISC_USER:
		*ret = VMP_HIT_USER;
		return true;
	case PERF_RECORD_MISC_GUEST_KERNEL:
		*ret = VMP_HIT_GUEST_SYS;
		return true;
	case PERF_RECORD_MISC_GUEST_USER:
		*ret = VMP_HIT_GUEST_USER;
		return true;
	default:
		return false;
	}
}

/* The callers in the sample's own mode: the part of the chain that begins with this context. */
static void find_callers(struct sampling_hit *h, const uint64_t *chain, uint64_t n)
{
	const uint64_t context = h->at.mode == VMP_HIT_SYS ? PERF_CONTEXT_KERNEL : PERF_CONTEXT_USER;
	uint64_t i = 0;

	while (i < n && chain[i] != context)
		i++;
	/* the first is the place itself */
	i += 2;
	if (i < n)
		h->stack = chain + i;
	for (; i < n && chain[i] < PERF_CONTEXT_MAX; i++)
		h->nstack++;
}

static bool sample_hit(struct sampling *s, const struct perf_event_header *r, const struct reader *to)
{
	/* as sampling.c asks for them: IDENTIFIER IP TID TIME CPU PERIOD */
	struct {
		struct perf_event_header header;
		uint64_t id, ip;
		uint32_t pid, tid;
		uint64_t time;
		uint32_t cpu, unused;
		uint64_t period, nchain;
	} f;
	const size_t fixed = offsetof(__typeof__(f), nchain);
	struct sampling_hit h = {0};

	if (r->size < fixed)
		return false;
	memcpy(&f, r, fixed);
	if (!hit_mode(r->misc, &h.at.mode))
		return false;
	/* its VM may be gone from the list: the kernel side let the sample through before */
	h.at.tgid = look_vm(s, f.pid);
	if (!h.at.tgid)
		h.at.tgid = f.pid;
	h.at.tid = f.tid;
	h.at.stack = -1;
	h.at.ip = f.ip;
	h.sum = (struct vmp_hits){1, f.period};
	if (s->stacks && h.at.mode <= VMP_HIT_USER && r->size >= sizeof(f)) {
		const char *chain = (const char *)r + fixed;

		memcpy(&f.nchain, chain, sizeof(f.nchain));
		/* records and what they hold are aligned to 8 bytes */
		if (f.nchain <= (r->size - sizeof(f)) / sizeof(uint64_t))
			find_callers(&h, (const uint64_t *)(const void *)(chain + 8), f.nchain);
	}
	to->hit(&h, to->arg);
	return true;
}

static void on_record(struct sampling *s, uint32_t cpu, const struct perf_event_header *r,
		      const struct reader *to)
{
	uint64_t lost[2];

	if (r->type == PERF_RECORD_LOST && r->size >= sizeof(*r) + sizeof(lost)) {
		memcpy(lost, r + 1, sizeof(lost));
		s->dropped += lost[1];
	} else if (r->type == PERF_RECORD_LOST_SAMPLES && r->size >= sizeof(*r) + sizeof(lost[0])) {
		memcpy(lost, r + 1, sizeof(lost[0]));
		s->dropped += lost[0];
	}
	if (to->record)
		to->record(cpu, r, r->size, to->arg);
	else if (r->type == PERF_RECORD_SAMPLE && !sample_hit(s, r, to))
		s->dropped++;
}

static void read_one(struct sampling *s, uint32_t cpu, const struct reader *to)
{
	struct ring *ring = &s->rings[cpu];
	const char *data = (const char *)ring->page + sysconf(_SC_PAGESIZE);
	uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = ring->page->data_tail;

	while (tail < head) {
		size_t at = tail & (ring->size - 1), first = ring->size - at;
		struct perf_event_header h;
		const void *r = data + at;

		/* records begin at multiples of 8 bytes, so the header is whole */
		memcpy(&h, r, sizeof(h));
		/* the kernel writes no such thing; going on would never end */
		if (h.size < sizeof(h) || h.size > head - tail)
			break;
		if (h.size > first) {
			memcpy(s->record, r, first);
			memcpy(s->record + first, data, h.size - first);
			r = s->record;
		}
		on_record(s, cpu, r, to);
		tail += h.size;
	}
	__atomic_store_n(&ring->page->data_tail, head, __ATOMIC_RELEASE);
}

/* A ring that can get no more would be ready for ever. */
static void forget_ended(struct sampling *s)
{
	struct epoll_event e[64];
	int n = epoll_wait(s->epoll_fd, e, 64, 0);

	for (int i = 0; i < n; i++) {
		uint32_t cpu = e[i].data.u32;

		if (!(e[i].events & (EPOLLHUP | EPOLLERR)) || !s->rings[cpu].polled)
			continue;
		epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, s->fds[cpu], NULL);
		s->rings[cpu].polled = false;
	}
}

void ring_read(struct sampling *s, sampling_record_fn record, sampling_hit_fn hit, void *arg)
{
	const struct reader to = {record, hit, arg};

	forget_ended(s);
	for (uint32_t cpu = 0; cpu < s->ncpus; cpu++)
		if (s->rings[cpu].page)
			read_one(s, cpu, &to);
}

void ring_close(struct sampling *s)
{
	for (uint32_t cpu = 0; s->rings && cpu < s->ncpus; cpu++)
		if (s->rings[cpu].page)
			munmap(s->rings[cpu].page, (size_t)sysconf(_SC_PAGESIZE) + s->rings[cpu].size);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	free(s->rings);
	free(s->record);
}
