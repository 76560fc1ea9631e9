/* SPDX-License-Identifier: GPL-2.0-only */
/* What is the same for the whole run: the host's names and its KVM. */
#ifndef VMPERF_HOST_HOSTINFO_H
#define VMPERF_HOST_HOSTINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "../model/sample.h"

/* Fills ret; what cannot be found out stays empty.  KVM is looked up anew each time. */
void hostinfo_read(struct host_info *ret);

/* The same for KVM alone, below root ("": this host; tests give a tree of their own). */
void hostinfo_kvm(const char *root, struct host_info *ret);

/*
 * Whether the KVM of this host is one known to fire kvm_entry and kvm_exit:
 * Intel's and AMD's on x86, the only one there is elsewhere.  Others may fire
 * neither.
 */
bool hostinfo_vendor_traces(const struct host_info *h);

/* kernel.perf_event_paranoid (Documentation/admin-guide/sysctl/kernel.rst); false: this kernel has none. */
bool hostinfo_paranoid(const char *root, int *ret);

/* kernel.perf_event_max_sample_rate, which the kernel itself lowers when samples take it too long; false:
 * none. */
bool hostinfo_sample_rate(const char *root, uint32_t *ret);

/* The load averages of 1, 5 and 15 minutes, in hundredths (proc(5), /proc/loadavg); false: not known. */
bool hostinfo_load(const char *root, uint64_t ret[3]);

/*
 * Reads root/path (printf-like) into buf as a string, without the last
 * newline.  False, and an empty string, when there is no such file or it
 * cannot be read.  What does not fit is cut off.
 */
bool hostinfo_file(const char *root, char *buf, size_t size, const char *path, ...)
	__attribute__((format(printf, 4, 5)));

/* true when root/path exists. */
bool hostinfo_exists(const char *root, const char *path, ...) __attribute__((format(printf, 2, 3)));

/* true when root/proc/cpuinfo has this word among a CPU's flags (x86). */
bool hostinfo_cpuflag(const char *root, const char *flag);

/* What the CPUs are called (x86's "model name" in root/proc/cpuinfo); "": not known. */
void hostinfo_cpu(const char *root, char *ret, size_t size);

#endif
