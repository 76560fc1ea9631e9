/* SPDX-License-Identifier: GPL-2.0-only */
/* From the kernel side's slot to the model's vCPU.  Pure. */
#ifndef VMPERF_PROBE_SLOT_H
#define VMPERF_PROBE_SLOT_H

#include "../model/sample.h"

/*
 * Fills ret with what s holds at the time now (CLOCK_MONOTONIC): the open state
 * is closed then, as the thread's next event would close it.  The time of a halt
 * that is not over yet is split into kvm and poll by what KVM may have polled.
 * cpu_ns: as probe_slot() gives it, ncpus numbers, not kept.  ret->exits and
 * ret->cpu_ns are the caller's to free.
 */
void slot_read(const struct vmp_slot *s, uint64_t now, const uint64_t *cpu_ns, uint32_t ncpus,
	       struct sample_vcpu *ret);

#endif
