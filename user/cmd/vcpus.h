/* SPDX-License-Identifier: GPL-2.0-only */
/* Which threads run vCPUs, as KVM's files tell. */
#ifndef VMPERF_CMD_VCPUS_H
#define VMPERF_CMD_VCPUS_H

#include <stddef.h>
#include <stdint.h>

#include "../../bpf/vmperf.h"

struct vcpu {
	uint32_t pid, tid;
	int32_t id;
};

/* All zeroes: empty; n = 0 empties it again. */
struct vcpus {
	size_t n, room;
	struct vcpu *items;
};

/* Those of other files, of vCPUs that no thread has run yet, and without a number are left out. */
void vcpus_add(struct vcpus *v, const struct vmp_file *f);

/* By thread, for vcpus_find(); NULL: none. */
void vcpus_sort(struct vcpus *v);
const struct vcpu *vcpus_find(const struct vcpus *v, uint32_t tid);

void vcpus_free(struct vcpus *v);

#endif
