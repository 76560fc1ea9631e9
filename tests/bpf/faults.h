/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of events share: page faults that are counted, and the maps that hold the counts. */
#ifndef VMPERF_TESTS_BPF_FAULTS_H
#define VMPERF_TESTS_BPF_FAULTS_H

#include <sys/types.h>

#include "rig.h"

#define NONE   (~0U) /* no thread of a VM */
#define SLOTS  4U
#define OTHERS 3U

/* The object with so many events: rig_open()'s; NULL: that failed. */
struct made_bpf *faults_open(uint32_t events);

/* The CPU that the thread which calls it stays on: what the programs know of a CPU is what they know of it.
 */
uint32_t faults_stay(void);

/* Touches pages for the first time: as many faults. */
void touch(unsigned int n);

/* A software event of a thread (0: the running one) or, with tid -1, of a CPU; -1: there is no such CPU. */
int event_open(uint64_t config, pid_t tid, int on);
uint64_t event_value(int fd);

/* What the programs find as event e on a CPU from now on; -1: nothing. */
void event_put(uint32_t e, uint32_t on, int fd);

/* By thread's number. */
struct vmp_counts counts_of(uint32_t number);
uint64_t count(uint32_t number, uint32_t e);

/* So many readings were lost. */
void lost(uint64_t want);

struct vmp_other other(uint32_t number);
/* The number of a living thread that runs no vCPU; NONE: it has none. */
uint32_t number_of(pid_t tid);
/* Numbers that are there to be given. */
uint32_t numbers_left(void);

#endif
