/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads files of a guest through its QEMU guest agent, where the guest has one
 * that allows it (guest-file-open, -read, -close; qemu's qga/qapi-schema.json).
 * By libvirt's API (virDomainQemuAgentCommand, a connection that may write), or
 * straight over the socket that QEMU was given for it.  What the agent says is
 * the guest's: bounded in size and time, and checked.
 */
#ifndef VMPERF_HOST_AGENT_H
#define VMPERF_HOST_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/buf.h"

struct agent;

#define AGENT_WHY_SIZE 240

/* An agent takes no longer for a file than so often the time of a command. */
#define AGENT_READ_COMMANDS 36

/* Is there a daemon that may answer at that address?  run: "/run".  Quick: nothing is loaded. */
bool agent_libvirt_there(const char *uri, const char *run);

/*
 * Each of these blocks, for timeout_ms at most for each command; NULL, and one
 * line why.  A libvirt daemon that hangs is waited for without an end, though.
 * pid: the VM's process, which the domain, or the one who listens, must be; 0: anyone.
 * A path is as that process sees it.
 */
struct agent *agent_libvirt(const char *uri, const char *uuid, uint32_t pid, int timeout_ms,
			    char why[AGENT_WHY_SIZE]);
struct agent *agent_socket(const char *path, uint32_t pid, int timeout_ms, char why[AGENT_WHY_SIZE]);

/* The socket that this process, a QEMU, was given for its guest's agent; NULL: none, or it has ended.  free()
 * it. */
char *agent_socket_of(uint32_t pid, uint64_t start_ns);

/*
 * The whole file, of at most max bytes (more is an error).  0, or -errno and
 * one line why: -ENOENT no such file, -EACCES the agent may not, -EOPNOTSUPP its
 * commands are disabled, -ETIMEDOUT, -ENOTCONN no agent runs, -ENODEV the VM
 * has no channel for one, -EFBIG, -EPROTO nonsense, -EIO anything else.
 */
int agent_read(struct agent *a, const char *path, size_t max, struct buf *ret, char why[AGENT_WHY_SIZE]);

/* The id of the guest's system as its os-release has it, "mswindows" for Windows; "" not told. */
void agent_os(struct agent *a, char ret[64]);

/* NULL is fine. */
void agent_free(struct agent *a);

#endif
