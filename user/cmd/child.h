/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * COMMAND of `vmperf snapshot -- COMMAND`, or record: started before privileges are dropped, held until told
 * to go; and the signals that end it, or a measurement without it.
 */
#ifndef VMPERF_CMD_CHILD_H
#define VMPERF_CMD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid; /* 0: none */
	int go;    /* written to: run; closed: give up */
	int err;   /* errno of a failed exec comes from here */
	int interrupts;
};

/* Forks; the child keeps the caller's privileges and waits.  0 or -errno. */
int child_fork(struct child *c, char *const argv[]);

/* Lets the command run. */
void child_go(struct child *c);

/*
 * The exit status of vmperf once the command has ended: its own, 128 + N after
 * signal N, 127 (not found) or 126 (cannot run) with a line that says so.
 * False while it still runs.
 */
bool child_ended(struct child *c, const char *name, int *ret_status);

/*
 * A descriptor of SIGINT, SIGTERM, SIGHUP and SIGCHLD, which are blocked from now
 * on, but for those that are ignored; SIGXFSZ is blocked, too.  To be called
 * before child_fork().  -1: see errno.
 */
int child_signals(void);

/*
 * Handles what that descriptor has.  False: the measurement is over; *status is
 * then as child_ended() has it, if the command has ended.
 */
bool child_on_signals(struct child *c, int fd, const char *name, int *status);

/*
 * Ends a command that was not started yet.  One that still runs is waited for,
 * with *status as child_ended() has it, unless it was interrupted twice.
 */
void child_leave(struct child *c, int fd, const char *name, int *status);

#endif
