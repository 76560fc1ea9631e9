// SPDX-License-Identifier: GPL-2.0-only
/* The programs of bpf/exit_arm64.bpf.h, behind hooks that a test can run on any machine. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "exit_arm64.bpf.h"

/* (ret, esr_ec) */
SEC("raw_tp")
int arm64_exit(u64 *ctx)
{
	return ____kvm_exit(ctx, ctx[0], ctx[1]);
}

SEC("raw_tp")
int arm64_entry(u64 *ctx)
{
	return ____kvm_entry(ctx);
}

char LICENSE[] SEC("license") = "GPL";
