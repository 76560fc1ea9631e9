/* SPDX-License-Identifier: GPL-2.0-only */
/* The arguments of VMMs: pure functions over the bytes of /proc/PID/cmdline. */
#ifndef VMPERF_HOST_ARGV_H
#define VMPERF_HOST_ARGV_H

#include <stdbool.h>
#include <stddef.h>

/* A longer name is cut there; libvirt and QEMU end far below it. */
#define ARGV_NAME_MAX 4095U

/* What a QEMU was told of a virtual PMU. */
enum argv_pmu {
	ARGV_PMU_UNKNOWN, /* no QEMU, or it was told in a way that is not followed here */
	ARGV_PMU_ON,
	ARGV_PMU_OFF,
	ARGV_PMU_MAX,   /* nothing, and -cpu is host or max: on x86 with it */
	ARGV_PMU_MODEL, /* nothing, and -cpu is another model or not there: on x86 without it */
};

struct argv_names {
	char *name;       /* never "", raw bytes; NULL: none given */
	char uuid[37];    /* lower case; "" none given, not a UUID, or all zeros */
	char vmm[32];     /* from argv[0]; see argv_vmm() */
	char machine[64]; /* as it was asked for, "pc" or "pc-q35-7.2"; "" not known */
	enum argv_pmu pmu;
	bool kubevirt; /* the SMBIOS tables say that KubeVirt has made it */
};

/*
 * cmdline: len bytes, arguments ended by NUL (the last one may lack it).  Exact
 * arguments only, the last one wins, as in QEMU:
 *  -name, --name  "guest=NAME[,...]" or a bare "NAME[,...]"; ",," is a comma
 *                 (QEMU: util/qemu-option.c).  "a=b", which QEMU refuses, is
 *                 the name of some other VMM's guest: kept whole.
 *  -uuid, --uuid
 *  --id, --name   of VMMs that are known not to be QEMU: as it stands, "--id=X" too
 *  --platform     of cloud-hypervisor: its uuid=
 * Of QEMU's (system/vl.c, target/i386/cpu.c), where no -readconfig may say more:
 *  -machine, -M   "[type=]TYPE[,...]", ",," is a comma; each given type replaces the one before
 *  -cpu           "MODEL[,pmu=on|off][,+pmu][,-pmu]", the last one; -pmu beats +pmu.  QEMU does not
 *                 promise which of these and of pmu= is taken: unknown
 *  -global        one that names pmu makes it unknown
 *  -smbios        type=1: KubeVirt writes itself as manufacturer and family
 * Values of QEMU's options with free text (-append and the like) are never
 * taken for options.  ret needs no initialisation and takes an
 * argv_names_clear() afterwards.
 */
void argv_parse(const char *cmdline, size_t len, struct argv_names *ret);
void argv_names_clear(struct argv_names *n);

/*
 * The VMM's short name for an executable's path or name: qemu for
 * qemu-system-*, qemu-kvm and kvm; firecracker, cloud-hypervisor, also for
 * files named with version and architecture; else the name itself, cut to size.
 * "" when exe is empty.
 */
void argv_vmm(const char *exe, char *ret, size_t size);

/* Where the last component of a path begins; "" for an empty path and one that ends in '/'. */
const char *argv_basename(const char *path);

/* Writes the UUID text (8-4-4-4-12 hexadecimal digits) in lower case; false and "" when it is none. */
bool argv_uuid(const char *text, char ret[37]);

#endif
