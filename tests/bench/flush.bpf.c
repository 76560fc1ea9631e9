// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two ways to bring up to date what is counted of a thread that stays on its CPU:
 * a slow sample of the clock on each CPU, and a run on that CPU when somebody asks.
 * Both do what vmperf does there, by its own function.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "thread.bpf.h"
#include "flush.h"

__u64 when[FLUSH_TIMES];
__u32 flushes; /* numbers in when[] */
__u32 vain;    /* runs on CPUs without a thread of a VM */

static __always_inline int flush(void)
{
	u32 cpu = bpf_get_smp_processor_id(), i;
	struct vmp_event_cpu *x = bpf_map_lookup_elem(&event_cpus, &cpu);

	if (!x)
		return 0;
	if (!x->owner) {
		__sync_fetch_and_add(&vain, 1);
		return 0;
	}
	i = __sync_fetch_and_add(&flushes, 1);
	when[i & (FLUSH_TIMES - 1)] = bpf_ktime_get_ns();
	event_switch(x->owner - 1, x->owner - 1);
	return 0;
}

SEC("perf_event")
int flush_timer(void *ctx)
{
	return flush();
}

SEC("raw_tp")
int flush_asked(void *ctx)
{
	return flush();
}

char LICENSE[] SEC("license") = "GPL";
