// SPDX-License-Identifier: GPL-2.0-only
/* What vmperf is measured against: programs on the same hooks that do nothing, or only read the clock. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 last; /* keeps the reading from being optimized away */

SEC("?tp_btf/kvm_exit")
int BPF_PROG(empty_exit)
{
	return 0;
}

SEC("?tp_btf/kvm_entry")
int BPF_PROG(empty_entry)
{
	return 0;
}

SEC("?tp_btf/kvm_exit")
int BPF_PROG(clock_exit)
{
	last = bpf_ktime_get_ns();
	return 0;
}

SEC("?tp_btf/kvm_entry")
int BPF_PROG(clock_entry)
{
	last = bpf_ktime_get_ns();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
