/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's iterators: walks over open files and threads, opened with
 * privileges, read without.  Returned errors are -errno.
 */
#ifndef VMPERF_PROBE_ITER_H
#define VMPERF_PROBE_ITER_H

#include "probe.h"

struct bpf_link;
struct iter;

/* Runs a program that writes no records on everything that it iterates over. */
int iter_run(struct bpf_link *link);

/* On failure *ret may still be there, with some of the iterators; the others' functions then fail. */
int iter_open(struct iter **ret);

int iter_files(struct iter *it, probe_file_fn fn, void *arg);

/* See probe_threads(). */
int iter_threads(struct iter *it, struct probe_process *processes, size_t n, probe_thread_fn fn, void *arg);

/* NULL is fine. */
void iter_close(struct iter *it);

#endif
