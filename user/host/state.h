/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libvirt's state files: NAME.pid, which QEMU's process has as its pid file,
 * under RUN/libvirt/qemu and, for a user's own libvirtd, under
 * RUN/user/UID/libvirt/qemu/run.  They tell names while libvirtd is down.
 */
#ifndef VMPERF_HOST_STATE_H
#define VMPERF_HOST_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct state;

/* run: "/run". */
struct state *state_new(const char *run);

/*
 * Reads the system's directory again if it has changed and a second has gone
 * by, or now is set.  The result changes whenever anything was read again.
 */
unsigned long state_refresh(struct state *s, bool now);

/*
 * The name of the domain that has this process.  A file older than the process
 * (start_ns, CLOCK_BOOTTIME) was left behind by another one and is no answer.
 * uid: the process's user, whose own libvirtd is asked when the system's has
 * no file of it; (uid_t)-1: nobody's.  NULL: none; free() it.
 */
char *state_name(struct state *s, uint32_t pid, uint64_t start_ns, uid_t uid);

/* The pid that the system's libvirtd noted for a domain, 0: none. */
uint32_t state_pid(struct state *s, const char *name);

void state_free(struct state *s);

#endif
