/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads of a process, and what they are called; needs no capability. */
#ifndef VMPERF_HOST_TASKS_H
#define VMPERF_HOST_TASKS_H

#include <stdbool.h>
#include <stdint.h>

/* With its NUL: as /proc/PID/task/TID/comm has it, which of kernel threads tells more than 15 bytes. */
#define TASKS_COMM 64

typedef void (*tasks_fn)(uint32_t tid, const char *comm, void *arg);

/* Calls fn for each thread; root: "", tests give a tree of their own.  0 or -errno. */
int tasks_each(const char *root, uint32_t pid, tasks_fn fn, void *arg);

/* False: it has ended. */
bool tasks_comm(const char *root, uint32_t tid, char ret[TASKS_COMM]);

#endif
