/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels in a recording: where they lie, and the build-ids of what was hit. */
#ifndef VMPERF_CMD_PROFILE_KERNELS_H
#define VMPERF_CMD_PROFILE_KERNELS_H

#include "../host/agent_guest.h"
#include "../profile/perf_write.h"

struct profile_kernel;

/* The host's, and its modules.  Addresses are hidden without CAP_SYSLOG. */
struct profile_kernel *profile_kernel_new(const char *root);
void profile_kernel_free(struct profile_kernel *k);

/* Says where it lies: before all else.  0 or -errno. */
int profile_kernel_write(const struct profile_kernel *k, struct perf_write *w);

/* A sample was there. */
void profile_kernel_hit(struct profile_kernel *k, uint64_t ip);

/* The build-ids of what was hit. */
void profile_kernel_build_ids(const struct profile_kernel *k, struct perf_write *w);

/*
 * The kernel of the guest of the VM pid: perf names guests' functions only with a
 * build-id of that pid, which makes it know the guest, and a mapping of its kernel,
 * in front of all samples.  g: what is known of it; NULL: nothing, whoever reads the
 * file may have its symbols.
 */
void profile_guest_write(struct perf_write *w, uint32_t pid, const struct agent_guest *g);

#endif
