// SPDX-License-Identifier: GPL-2.0-only
#include "counts.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "counting.h"
#include "exit.skel.h"
#include "map.h"

/* Other threads of VMs that there is room for, per vCPU: iothreads, workers, vhost. */
#define OTHERS     8U
#define MAX_OTHERS (1U << 18)

void counts_size(struct counts *c, struct exit_bpf *x, const struct counting *counting, uint32_t nslots,
		 uint32_t ncpus)
{
	uint32_t n = counting_events(counting);

	*c = (struct counts){.x = x, .counting = counting, .nslots = nslots, .ncpus = ncpus};
	x->rodata->nslots = nslots;
	x->rodata->nevents = n;
	if (!n)
		return;
	c->nothers = nslots < MAX_OTHERS / OTHERS ? nslots * OTHERS : MAX_OTHERS;
	c->each = offsetof(struct vmp_counts, of) + n * sizeof(struct vmp_count);
	bpf_map__set_max_entries(x->maps.event_fds, n * ncpus);
	bpf_map__set_max_entries(x->maps.event_cpus, ncpus);
	bpf_map__set_max_entries(x->maps.event_counts, nslots + c->nothers);
	bpf_map__set_value_size(x->maps.event_counts, (uint32_t)c->each);
	bpf_map__set_max_entries(x->maps.others, c->nothers);
	bpf_map__set_max_entries(x->maps.free_others, c->nothers);
	bpf_program__set_autoload(x->progs.event_flush, true);
}

int counts_map(struct counts *c)
{
	struct exit_bpf *x = c->x;

	if (!c->nothers)
		return 0;
	c->others = map_array(x->maps.others, c->nothers * sizeof(*c->others), &c->others_size);
	c->counts = map_array(x->maps.event_counts, (c->nslots + c->nothers) * c->each, &c->counts_size);
	c->cpus = map_array(x->maps.event_cpus, c->ncpus * sizeof(*c->cpus), &c->cpus_size);
	if (!c->others || !c->counts || !c->cpus)
		return -errno;
	for (uint32_t i = 0; i < c->nothers; i++)
		if (bpf_map_update_elem(bpf_map__fd(x->maps.free_others), NULL, &i, BPF_ANY))
			return -errno;
	return 0;
}

/* Runs the kernel side's reading on this CPU, for the thread that is there now. */
static void flush_cpu(const struct counts *c, uint32_t cpu)
{
	struct bpf_test_run_opts o = {.sz = sizeof(o), .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = cpu};

	/* fails for a CPU that is not there */
	bpf_prog_test_run_opts(bpf_program__fd(c->x->progs.event_flush), &o);
}

void counts_flush_all(struct counts *c)
{
	for (uint32_t cpu = 0; c->cpus && cpu < c->ncpus; cpu++)
		flush_cpu(c, cpu);
}

void counts_flush(struct counts *c)
{
	if (!c->x->data->events_on)
		return;
	for (uint32_t cpu = 0; c->cpus && cpu < c->ncpus; cpu++)
		if (__atomic_load_n(&c->cpus[cpu].owner, __ATOMIC_RELAXED))
			flush_cpu(c, cpu);
}

void counts_want(struct counts *c, uint32_t on)
{
	__atomic_store_n(&c->x->data->events_on, on, __ATOMIC_RELAXED);
	counts_flush_all(c);
}

void counts_stale(struct counts *c, bool *stale)
{
	for (uint32_t cpu = 0; c->cpus && cpu < c->ncpus; cpu++) {
		stale[cpu] = __atomic_load_n(&c->cpus[cpu].stale, __ATOMIC_RELAXED) != 0;
		if (stale[cpu])
			__atomic_store_n(&c->cpus[cpu].stale, 0, __ATOMIC_RELAXED);
	}
}

void counts_read(const struct counts *c, uint32_t i, struct vmp_count *ret)
{
	const struct vmp_counts *from = (const void *)(c->counts + i * c->each);
	struct vmp_count copy[VMP_EVENTS];
	uint32_t n;

	/* written at switches only: a copy is hardly ever disturbed twice */
	for (int tries = 0; tries < 1000; tries++) {
		uint64_t end = __atomic_load_n(&from->end, __ATOMIC_ACQUIRE);

		memcpy(copy, from->of, c->each - offsetof(struct vmp_counts, of));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(&from->begin, __ATOMIC_RELAXED) == end)
			break;
	}
	counting_list(c->counting, &n);
	for (uint32_t e = 0; e < n; e++) {
		int at = counting_index(c->counting, e);

		ret[e] = (struct vmp_count){0};
		if (at >= 0)
			ret[e] = copy[at];
	}
}

bool counts_other(const struct counts *c, uint32_t i, struct vmp_other *ret)
{
	const struct vmp_other *o = &c->others[i - c->nslots];

	if (__atomic_load_n(&o->life, __ATOMIC_ACQUIRE) == VMP_FREE)
		return false;
	*ret = *o;
	return true;
}

void counts_recycle(struct counts *c, uint32_t i)
{
	if (c->counts)
		memset(c->counts + i * c->each, 0, c->each);
	if (i < c->nslots)
		return;
	i -= c->nslots;
	c->others[i].life = VMP_FREE;
	/* cannot be full: it has room for all */
	bpf_map_update_elem(bpf_map__fd(c->x->maps.free_others), NULL, &i, BPF_ANY);
}

void counts_unmap(struct counts *c)
{
	if (c->others)
		munmap(c->others, c->others_size);
	if (c->counts)
		munmap(c->counts, c->counts_size);
	if (c->cpus)
		munmap(c->cpus, c->cpus_size);
}
