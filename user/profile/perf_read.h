/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads perf.data files: ours, and those of perf record and perf kvm record.
 * (tools/perf/Documentation/perf.data-file-format.txt, include/uapi/linux/perf_event.h)
 */
#ifndef VMPERF_PROFILE_PERF_READ_H
#define VMPERF_PROFILE_PERF_READ_H

#include "../model/profile.h"

struct perf_read_options {
	/* all processes; else only those that are VMs: with guest samples, with threads that are named as
	 * vCPUs, or told by our own section */
	bool all;
};

/* What was read, or NULL and one line why not (whysize bytes). A file that is cut off gives what it has, and
 * why says so ("" else). */
struct profile *perf_read(const char *path, const struct perf_read_options *o, char *why, size_t whysize);

#endif
