/* SPDX-License-Identifier: GPL-2.0-only */
/* Which BPF program is attached to which hook on this host. */
#ifndef VMPERF_PROBE_PROGRAMS_H
#define VMPERF_PROBE_PROGRAMS_H

#include <bpf/libbpf.h>

struct exit_bpf;

struct program {
	const char *hook;         /* its tracepoint */
	struct bpf_program *prog; /* NULL: there is none for this host */
	struct bpf_link **link;
	char why[160]; /* there is none */
};

#define PROGRAMS_MAX 9

/*
 * Fills ret with all hooks, in the order in which they are to be attached, and
 * marks what is to be loaded.  x: its sizes are set.  vendor: KVM's vendor module ("" unknown).
 * Returns their number.
 */
unsigned int programs_choose(struct exit_bpf *x, const char *vendor, struct program ret[PROGRAMS_MAX]);

#endif
