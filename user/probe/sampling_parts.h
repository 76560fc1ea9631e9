/* SPDX-License-Identifier: GPL-2.0-only */
/* Sampling's own: what its files share. */
#ifndef VMPERF_PROBE_SAMPLING_PARTS_H
#define VMPERF_PROBE_SAMPLING_PARTS_H

#include <linux/perf_event.h>

#include "iter.h"
#include "profile.skel.h"
#include "sampling.h"

/* What the map sampled holds. */
struct sampled {
	uint32_t tgid;
	struct vmp_sampled of;
};

struct ring {
	struct perf_event_mmap_page *page; /* NULL: this CPU has none */
	size_t size;                       /* of the data behind the page, a power of two */
	bool polled;
};

struct sampling {
	struct sampling_info info;
	struct perf_event_attr attr;
	const struct pmus *pmus;
	char event[80];
	bool stacks;
	struct profile_bpf *bpf;
	struct iter *iter;
	uint32_t ncpus;
	int *fds; /* by CPU; -1: none */
	uint64_t *ids;
	struct sampled *sampled; /* by tgid */
	size_t nsampled;
	/* the ring's */
	struct ring *rings;
	int epoll_fd;     /* -1: none */
	char *record;     /* one that lies on both ends of a ring */
	uint64_t dropped; /* as the kernel says in the rings */
	/* summed */
	struct vmp_hit *keys; /* a batch */
	struct vmp_hits *sums;
	uint32_t nbatch;
	uint32_t *stack_ids; /* to be given back */
	size_t nstack_ids;
};

/* sampling_summed.c: how this KVM tells a guest's privilege level; NONE: why says why it cannot. */
enum vmp_level summed_level(char *why, size_t size);

/* Opens and loads the program that sums, and tests what it needs.  0, or -errno and why. */
int summed_load(struct sampling *s, uint32_t room, char *why, size_t size);
int summed_read(struct sampling *s, sampling_hit_fn fn, void *arg);
void summed_close(struct sampling *s);

/* sampling_ring.c.  Maps the rings of all events that are open.  0 or -errno. */
int ring_map(struct sampling *s);
/* All that the rings hold, by CPU; either one. */
void ring_read(struct sampling *s, sampling_record_fn record, sampling_hit_fn hit, void *arg);
void ring_close(struct sampling *s);

/* sampling_look.c: the VM's process of a thread with this tgid; 0: none. */
uint32_t look_vm(const struct sampling *s, uint32_t tgid);

#endif
