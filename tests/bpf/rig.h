/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of BPF programs share: TAP, one loaded object, threads of their own. */
#ifndef VMPERF_TESTS_BPF_RIG_H
#define VMPERF_TESTS_BPF_RIG_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../bpf/vmperf.h"
#include "made.skel.h"

/* A test notes what is wrong by wrong(); tap_test() prints its line. */
void wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void expect(const char *what, uint64_t got, uint64_t want);
bool wrong_yet(void);
/* Only tests with WORD in their names are run: for machines that are slow. */
void tap_only(const char *word);
/* skip: why the test cannot run here, NULL: it can */
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void tap_test(const char *name, const char *skip, void (*test)(void));
int tap_end(void);

/* Keeps libbpf's words from here on; shows them as part of what is wrong. */
void rig_listen(void);
void rig_heard(void);

/* Which of the object's programs a test needs besides those that are always loaded, and its constants. */
struct rig_options {
	const char *programs[6];
	uint32_t slots; /* 0: 8 */
	uint32_t isa;
	uint32_t events, others; /* with events: room for threads that run no vCPU */
	bool kernel_layout, vt, closed;
};

/* Loads the object and opens the gate; what fails is wrong().  One at a time. */
struct made_bpf *rig_open(const struct rig_options *o);
void rig_close(void);
/* The program for a thread's end, which no test can run by hand. */
void rig_attach_end(void);
/* Has the kernel side look at all threads, this one being asked for; what: as in the map seeds. */
void rig_seed(uint32_t tid, int32_t what);

/* The same for another object with the maps of bpf/thread.bpf.h: fds of slots, free_slots, news. */
void rig_maps(int slots, int free_slots, int news, uint32_t n);

/* Runs a raw_tp program in this thread; its result, -1 on failure. */
int64_t run_program(struct bpf_program *prog, uint64_t a, uint64_t b);
#define RUN(rig, prog, a, b) run_program((rig)->progs.prog, (uint64_t)(a), (uint64_t)(b))

/* A copy of slot i; life is VMP_FREE when it has none. */
struct vmp_slot rig_slot(uint32_t i);
/* The time that its thread was on a CPU, up to its last switch. */
uint64_t rig_cpu_ns(uint32_t i);
/* What it has charged to one state, and to all, a halt that is not over included. */
uint64_t state_ns(const struct vmp_slot *s, uint32_t state);
uint64_t charged(const struct vmp_slot *s);
/* Gives it back, as probe_recycle() does. */
void rig_recycle(uint32_t i);
/* The number of the slot that the next news is about; waits for it, -1 when none comes. */
int64_t rig_news(void);
/* Exits with this code as a reader counts them, and all of the slot. */
uint64_t exits_of(const struct vmp_slot *s, uint64_t code);
uint64_t exits_all(const struct vmp_slot *s);

/* Threads that run programs when they are told to. */
struct worker;
struct worker *worker_new(void);
int64_t worker_run(struct worker *w, struct bpf_program *prog, uint64_t a, uint64_t b);
#define WORK(w, rig, prog, a, b) worker_run(w, (rig)->progs.prog, (uint64_t)(a), (uint64_t)(b))
uint32_t worker_tid(const struct worker *w);
void worker_end(struct worker *w);

#endif
