/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One process in /proc.  It is opened once, as a directory: what is read from
 * it afterwards is of that process, or nothing; never of another one that was
 * given its pid.  Only files that need no capability are read.
 */
#ifndef VMPERF_HOST_PROC_H
#define VMPERF_HOST_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* No more of a command line is read. */
#define PROC_CMDLINE_MAX (128U << 10)

struct proc_stat {
	char comm[64];        /* the kernel's own threads have more than 15 bytes here */
	char state;           /* R S D Z T t X I … (proc(5)) */
	uint64_t start_ticks; /* since boot (CLOCK_BOOTTIME), in clock ticks */
};

/* A descriptor of root/PID, or -1: it has ended, or root cannot be read. */
int proc_open(const char *root, uint32_t pid);

/*
 * Is that the process that started at start_ns (CLOCK_BOOTTIME), and does it
 * live (a zombie does not)?  What stat says is kept in st, which may be NULL.
 */
bool proc_is(int dir, uint64_t start_ns, struct proc_stat *st);

/* What stat says; false: it has ended. */
bool proc_stat_of(int dir, struct proc_stat *ret);

/* The text of a stat file, NUL-terminated; false when it is none.  Pure. */
bool proc_parse_stat(const char *text, struct proc_stat *ret);

/*
 * The arguments, each ended by NUL, at most PROC_CMDLINE_MAX bytes, whole
 * arguments only; a NUL follows after them.  NULL when there are none or they
 * cannot be read; free() it.
 */
char *proc_cmdline(int dir, size_t *len);

/* Real user id; false when it cannot be told. */
bool proc_uid(int dir, uid_t *ret);

#endif
