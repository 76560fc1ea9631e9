/* SPDX-License-Identifier: GPL-2.0-only */
/* What all programs share: the sizes of this run, and the losses. */
#ifndef VMPERF_COMMON_BPF_H
#define VMPERF_COMMON_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "vmperf.h"

/* Set by user space before loading. */
const volatile __u32 ncpus = 1;   /* possible CPUs */
const volatile __u32 nslots = 1;  /* numbers below it are slots', others are threads' that run no vCPU */
const volatile __u32 nevents = 0; /* events that are counted: at most VMP_EVENTS */

const volatile bool np_kernel = false; /* it has bpf_preempt_disable(), see compat.bpf.h */

#define NO_SLOT (~0U)

__u64 loss[VMP_LOSSES];

static __always_inline void lose(enum vmp_loss cause)
{
	__sync_fetch_and_add(&loss[cause], 1);
}

#endif
