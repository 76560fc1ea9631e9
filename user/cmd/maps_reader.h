/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads what VMMs have mapped after this process has given up its privileges.
 * /proc/PID/maps of a process with other user ids, or with capabilities that the
 * reader lacks, takes CAP_SYS_PTRACE (kernel/ptrace.c: __ptrace_may_access): a
 * process of its own keeps that, and does nothing but this.
 */
#ifndef VMPERF_CMD_MAPS_READER_H
#define VMPERF_CMD_MAPS_READER_H

#include "../host/maps.h"

struct maps_reader;

/* Starts that process; to be called before privileges are dropped, and without other threads.  0 or -errno.
 */
int maps_reader_start(struct maps_reader **ret);

/* The mappings of a process that can be executed, or have been files.  0, or -errno as maps_read(); -EPIPE,
 * -EAGAIN: the reader is gone, or took too long and is asked no more. */
int maps_reader_read(struct maps_reader *r, uint32_t pid, struct maps *ret);

/* NULL is fine. */
void maps_reader_stop(struct maps_reader *r);

#endif
