/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples of the threads of VMs: one perf event on each CPU, and a BPF program
 * on it that lets no other thread's sample through.
 *
 * Two ways.  Summed: the program sums samples in maps by struct vmp_hit; needs
 * a kernel that hands it the guest's instruction pointer (6.3 and later) and a
 * KVM whose guest's privilege level can be read from memory (not Intel's: that
 * is in the VMCS).  Ring: samples go to perf's ring buffers, as perf record has
 * them; works everywhere, and is what a perf.data file is made of.
 */
#ifndef VMPERF_PROBE_SAMPLING_H
#define VMPERF_PROBE_SAMPLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../host/pmu.h"
#include "../model/event.h"
#include "probe.h"

struct sampling;

enum sampling_way {
	SAMPLING_BEST,   /* summed where it can be, else the ring */
	SAMPLING_SUMMED, /* an error where it cannot be */
	SAMPLING_RING,
};

struct sampling_options {
	const struct event_spec *event; /* NULL: cycles, else cpu-clock */
	const struct pmus *pmus;
	uint32_t freq; /* samples a second and CPU, 1 to the kernel's limit (perf_event_max_sample_rate) */
	bool stacks;   /* the host's callers, too */
	enum sampling_way way;
	uint32_t room; /* summed: places between two reads; 0: chosen by CPUs and freq */
};

/* What is being sampled. */
struct sampling_info {
	const char *event;     /* its name: "cycles", "cpu-clock" */
	enum sampling_way way; /* SUMMED or RING */
	char why[200];         /* why not cycles, or why not summed; "" none */
	uint32_t freq;
	uint32_t ncpus; /* ring buffers: one a CPU */
	/* struct perf_event_attr, as it was opened; with several kinds of CPU the first one's */
	const void *attr;
	size_t attr_size;
};

/*
 * Opens, loads and attaches; nothing is sampled yet.  On failure *ret is NULL
 * and why holds one line: what failed, why, what to do.
 */
enum probe_error sampling_open(const struct sampling_options *o, struct sampling **ret, char *why,
			       int whysize);

/* Samples are taken from here on.  Needs no capability, as all below. */
int sampling_start(struct sampling *s);
void sampling_stop(struct sampling *s);

const struct sampling_info *sampling_info(const struct sampling *s);

/*
 * Looks for VMs: all processes that own KVM files, and the kernel threads that
 * work for them; calls fn for each file (as probe_files()).  From then on
 * their threads are sampled if take (NULL: all) says so.  To be called before
 * sampling_start() and each second or so.  0 or -errno.
 */
typedef bool (*sampling_take_fn)(uint32_t pid, uint64_t start_ns, const char *comm, void *arg);
int sampling_look(struct sampling *s, sampling_take_fn take, probe_file_fn fn, void *arg);

/* A sample, or the sum of several of one place. */
struct sampling_hit {
	struct vmp_hit at; /* tgid: of the VM's process, for its kernel threads, too */
	struct vmp_hits sum;
	const uint64_t *stack; /* the callers, the nearest first; at.ip not among them */
	uint32_t nstack;
};
typedef void (*sampling_hit_fn)(const struct sampling_hit *h, void *arg);

/* Hands out what was sampled since the last call, each once, in either way.  0 or -errno. */
int sampling_read(struct sampling *s, sampling_hit_fn fn, void *arg);

/*
 * The ring's records as they are (struct perf_event_header and what follows), in
 * the order of each CPU: what sampling_read() would take.  way RING only.
 */
typedef void (*sampling_record_fn)(uint32_t cpu, const void *record, size_t size, void *arg);
int sampling_records(struct sampling *s, sampling_record_fn fn, void *arg);

/* Becomes readable when a ring buffer is half full; -1: the way is not the ring's. */
int sampling_fd(const struct sampling *s);

/* The ids of the event by CPU (PERF_EVENT_IOC_ID); ncpus of them, 0: not open there. */
const uint64_t *sampling_ids(const struct sampling *s);

/* Samples that were taken and could not be kept (full map, full ring), since the start. */
uint64_t sampling_lost(const struct sampling *s);

/* NULL is fine. */
void sampling_close(struct sampling *s);

#endif
