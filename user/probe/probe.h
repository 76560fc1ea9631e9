/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wall around libbpf: open → load → attach → gate → drop privileges →
 * read → destroy.  No other directory sees libbpf or a skeleton.
 */
#ifndef VMPERF_PROBE_PROBE_H
#define VMPERF_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../host/events.h"
#include "../model/sample.h"

struct probe;

#define PROBE_MAX_VCPUS 65536U

struct probe_options {
	uint32_t max_vcpus; /* slots, at most PROBE_MAX_VCPUS; 0: chosen from the vCPUs and the CPUs that
			       exist */
	/* what is to be counted (NULL: nothing), and this host's PMUs; both are used until probe_close() */
	const struct events *events;
	const struct pmus *pmus;
};

/* Why probe_open() gave nothing. */
enum probe_error {
	PROBE_OK = 0,
	PROBE_NO_KVM,        /* not loaded (yet): may be tried again */
	PROBE_NO_PRIVILEGE,  /* a capability is missing */
	PROBE_NO_BTF,        /* the kernel has no BTF */
	PROBE_NO_TRACEPOINT, /* KVM without any tracepoint that we know */
	PROBE_ERROR,         /* another failure */
};

/*
 * Loads and attaches everything, gate closed.  On failure *ret is NULL, the
 * error is returned and why holds one line: what failed, why, what to do.
 */
enum probe_error probe_open(const struct probe_options *o, struct probe **ret, char *why, int whysize);

/*
 * Opens the gate: from here on events are counted; and gives the vCPU threads
 * that exist their slots.  Each of them is observed from a time between *begin_ns
 * and *end_ns on (CLOCK_MONOTONIC).
 */
void probe_start(struct probe *p, uint64_t *begin_ns, uint64_t *end_ns);

/* One KVM file, as the kernel's iterator gives it. */
typedef void (*probe_file_fn)(const struct vmp_file *f, void *arg);

/* Walks all KVM files of the host; needs no capability after probe_open().  0 or -errno. */
int probe_files(struct probe *p, probe_file_fn fn, void *arg);

/* A process whose threads are asked for. */
struct probe_process {
	uint32_t pid;
	uint64_t start_ns;
};

typedef void (*probe_thread_fn)(const struct vmp_thread *t, void *arg);

/*
 * Walks the threads of these processes, and the kernel threads that are for
 * VMs: all of the host's, whoever they are for.  processes is changed.  Needs no
 * capability.  0 or -errno.
 */
int probe_threads(struct probe *p, struct probe_process *processes, size_t n, probe_thread_fn fn, void *arg);

/*
 * A descriptor that becomes readable when a vCPU thread has come or gone, or
 * another thread with a number has gone; and those threads' numbers.  News may
 * be lost when very many come at once: look through all of them now and then.
 */
int probe_news_fd(const struct probe *p);
typedef void (*probe_news_fn)(uint32_t number, void *arg);
void probe_news(struct probe *p, probe_news_fn fn, void *arg);

/*
 * Copies slot i (consistent; retried while its thread writes), and the time that
 * its thread was on each CPU, up to its last switch (probe_cpus() numbers; NULL:
 * not wanted).  False when it is free.  0 <= i < probe_slots().
 */
bool probe_slot(const struct probe *p, uint32_t i, struct vmp_slot *ret, uint64_t *cpu_ns);
uint32_t probe_slots(const struct probe *p);
uint32_t probe_cpus(const struct probe *p);

/*
 * The events that were asked for, counted or not; resctrl's are marked whole and
 * not counted.  Valid until probe_close().
 */
struct sample_event *probe_events(struct probe *p, uint32_t *n);

/*
 * Threads are known by their numbers: those of slots, then those of the threads
 * of VMs that run no vCPU, which have some only while events are counted.
 */
uint32_t probe_numbers(const struct probe *p);

/* Which thread number i is; probe_slots() <= i < probe_numbers().  False when it is free. */
bool probe_other(const struct probe *p, uint32_t i, struct vmp_other *ret);

/* What the events have counted for number i, in the order of probe_events(): up to its last switch, or to
 * probe_flush(). */
void probe_counts(const struct probe *p, uint32_t i, struct vmp_count *ret);

/* Brings the counts of threads that are on a CPU up to date, on those CPUs. */
void probe_flush(struct probe *p);

/*
 * From now on counts events of these kinds (bits by enum event_kind) only; the
 * others are closed and read nowhere.  Whether there is any of these.
 */
bool probe_want(struct probe *p, uint32_t kinds);

/* Opens the events of CPUs that came, or came back.  To be called each second or so. */
void probe_reopen(struct probe *p);

/* Gives these threads numbers, which have none.  They are counted from now on. */
void probe_adopt(struct probe *p, const uint32_t *tids, size_t n);

/* By CPU its NUMA node, for the kernel side; the caller keeps it up to date. */
uint32_t *probe_cpu_node(struct probe *p);

/* Gives the number of a thread that is gone back to the kernel side; its totals must have been folded. */
void probe_recycle(struct probe *p, uint32_t i);

void probe_loss(const struct probe *p, uint64_t loss[VMP_LOSSES]);
unsigned int probe_status(const struct probe *p, struct probe_info *ret, unsigned int max);

void probe_close(struct probe *p);

#endif
