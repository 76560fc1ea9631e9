/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads files of a guest through its QEMU guest agent, where the guest has one
 * that allows it (guest-file-open, -read, -close; qemu's qga/qapi-schema.json).
 * By libvirt's API (virDomainQemuAgentCommand, a connection that may write), or
 * straight over the socket that QEMU was given for it.
 */
#ifndef VMPERF_HOST_AGENT_H
#define VMPERF_HOST_AGENT_H

#include <stddef.h>
#include <stdint.h>

#include "../lib/buf.h"

struct agent;

#define AGENT_WHY_SIZE 200

/* Each of these blocks, for timeout_ms at most for each command; NULL, and one line why. */
struct agent *agent_libvirt(const char *uri, const char *uuid, int timeout_ms, char why[AGENT_WHY_SIZE]);
struct agent *agent_socket(const char *path, int timeout_ms, char why[AGENT_WHY_SIZE]);

/* The whole file, of at most max bytes (more is an error).  0, or -errno and one line why. */
int agent_read(struct agent *a, const char *path, size_t max, struct buf *ret, char why[AGENT_WHY_SIZE]);

void agent_free(struct agent *a);

#endif
