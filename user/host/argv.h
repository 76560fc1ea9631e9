/* SPDX-License-Identifier: GPL-2.0-only */
/* The arguments of VMMs: pure functions over the bytes of /proc/PID/cmdline. */
#ifndef VMPERF_HOST_ARGV_H
#define VMPERF_HOST_ARGV_H

#include <stddef.h>

struct argv_names {
	char *name;    /* NULL: none given */
	char uuid[37]; /* lower case; "" none given or not a UUID */
	char vmm[32];  /* from argv[0]; see argv_vmm() */
};

/*
 * cmdline: len bytes, arguments ended by NUL.  Exact arguments only
 * (-name/--name, -uuid/--uuid), the last one wins, as in QEMU.
 * -name takes "guest=NAME[,...]" or a bare "NAME[,...]"; ",," is a comma
 * (QEMU: util/qemu-option.c).
 */
void argv_parse(const char *cmdline, size_t len, struct argv_names *ret);
void argv_names_clear(struct argv_names *n);

/* The VMM's short name for an executable's path or name: qemu for qemu-system-*, qemu-kvm, kvm; … */
void argv_vmm(const char *exe, char *ret, size_t size);

#endif
