/* SPDX-License-Identifier: GPL-2.0-only */
/* Made-up profiles. */
#ifndef VMPERF_TESTS_PROFILES_H
#define VMPERF_TESTS_PROFILES_H

#include <stdio.h>
#include <string.h>

#include "model/profile.h"

#define MS            1000000ULL
#define UUID_WEB      "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define UUID_DB       "123e4567-e89b-12d3-a456-426614174000"
#define HOSTILE_NAME  "a;b <script>alert('1')</script>\033[31m\"&\xff\xe2\x80\xae,\\"
#define HOSTILE_FRAME "</script><img src=x onerror=alert(1)>;\n`7 "

/* An address of a kernel, file or guest, and its name (NULL: not known). */
static inline struct profile_frame frame(struct profile *p, enum profile_object_kind kind, uint32_t vm,
					 const char *path, uint64_t addr, const char *name,
					 const char *module)
{
	struct profile_object o = {.kind = kind, .vm = vm, .path = (char *)path};

	return (struct profile_frame){.object = profile_object(p, &o),
				      .symbol = module ? profile_symbol(p, name, module) : PROFILE_NONE,
				      .addr = addr};
}

/* n samples of a millisecond. */
static inline void hit(struct profile *p, uint32_t thread, enum profile_mode mode, struct profile_frame at,
		       uint32_t stack, uint64_t n)
{
	struct profile_hit h = {
		.event = 0, .thread = thread, .mode = mode, .at = at, .stack = stack, .sum = {n, n * MS}};

	profile_hit(p, &h);
}

static inline struct profile *profile_of_host(void)
{
	struct profile *p = profile_new();

	strcpy(p->hostname, "node1");
	strcpy(p->kernel, "6.12.0");
	strcpy(p->arch, "x86_64");
	p->begin_ns = 1769871600000000000;
	p->duration_ns = 10000 * MS;
	profile_event(p, "cpu-clock", 997);
	return p;
}

/* Two VMs: web is busy in its kernel, db in its user space and the host's disk path, with callers. */
static inline struct profile *two_vms(uint64_t web_samples)
{
	struct profile *p = profile_of_host();
	uint32_t web = profile_vm(p, 4711, 1, "web", UUID_WEB), db = profile_vm(p, 815, 2, "db", UUID_DB);
	uint32_t web0 = profile_thread(p, web, 4712, 0, "CPU 0/KVM");
	uint32_t web1 = profile_thread(p, web, 4713, 1, "CPU 1/KVM");
	uint32_t db0 = profile_thread(p, db, 816, 0, "CPU 0/KVM"),
		 io = profile_thread(p, db, 817, -1, "IO io1");
	const char *qemu = "/usr/bin/qemu-system-x86_64", *guest = "[guest.kernel.kallsyms]";
	struct profile_frame ioctl = frame(p, PROFILE_KERNEL, PROFILE_NONE, "[kernel.kallsyms]",
					   0xffffffff81200000, "__x64_sys_ioctl", "[kernel]");
	struct profile_frame run = frame(p, PROFILE_KERNEL, PROFILE_NONE, "[kernel.kallsyms]",
					 0xffffffffc0800000, "kvm_vcpu_ioctl", "kvm");
	struct profile_frame callers[] = {run, ioctl};
	uint32_t stack = profile_stack(p, callers, 2);

	hit(p, web0, PROFILE_GUEST_SYS,
	    frame(p, PROFILE_GUEST_KERNEL, web, guest, 0xffffffff81001000, "copy_page", "[guest kernel]"),
	    PROFILE_NONE, web_samples);
	hit(p, web1, PROFILE_GUEST_SYS,
	    frame(p, PROFILE_GUEST_KERNEL, web, guest, 0xffffffff81001010, "copy_page", "[guest kernel]"),
	    PROFILE_NONE, 100);
	hit(p, web1, PROFILE_GUEST_SYS,
	    frame(p, PROFILE_GUEST_KERNEL, web, guest, 0xffffffffc0001010, "start_xmit", "virtio_net"),
	    PROFILE_NONE, 50);
	hit(p, web0, PROFILE_SYS,
	    frame(p, PROFILE_KERNEL, PROFILE_NONE, "[kernel.kallsyms]", 0xffffffffc0900000, "vmx_vcpu_run",
		  "kvm_intel"),
	    stack, 40);
	hit(p, db0, PROFILE_GUEST_USER,
	    frame(p, PROFILE_GUEST_FILE, db, "[guest]", 0x401000, NULL, "[unknown]"), PROFILE_NONE, 300);
	hit(p, db0, PROFILE_SYS,
	    frame(p, PROFILE_KERNEL, PROFILE_NONE, "[kernel.kallsyms]", 0xffffffffc0900000, "vmx_vcpu_run",
		  "kvm_intel"),
	    stack, 60);
	hit(p, db0, PROFILE_SYS, run, PROFILE_NONE, 4);
	hit(p, io, PROFILE_USER,
	    frame(p, PROFILE_FILE, PROFILE_NONE, qemu, 0x1234, "bdrv_co_preadv", "qemu-system-x86_64"),
	    PROFILE_NONE, 45);
	hit(p, io, PROFILE_USER, frame(p, PROFILE_FILE, PROFILE_NONE, qemu, 0x99, NULL, NULL), PROFILE_NONE,
	    1);
	return p;
}

/* Names that would break each format. */
static inline struct profile *hostile(void)
{
	struct profile *p = profile_new();
	uint32_t vm, thread;

	profile_event(p, HOSTILE_NAME, 0);
	vm = profile_vm(p, 1, 0, HOSTILE_NAME, "");
	thread = profile_thread(p, vm, 2, -1, HOSTILE_NAME);
	p->lost = 3;
	p->foreign = UINT64_MAX;
	hit(p, thread, PROFILE_GUEST_SYS,
	    frame(p, PROFILE_GUEST_KERNEL, vm, "x", 1, HOSTILE_FRAME, HOSTILE_NAME), PROFILE_NONE, 1);
	hit(p, thread, PROFILE_OTHER, frame(p, PROFILE_ANON, PROFILE_NONE, "//anon", UINT64_MAX, NULL, NULL),
	    PROFILE_NONE, 1);
	return p;
}

/* Two events, and two VMs of one name. */
static inline struct profile *two_events(void)
{
	struct profile *p = profile_of_host();
	uint32_t misses = profile_event(p, "cache-misses", 0), idle = profile_event(p, "none", 1);

	(void)idle;
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t thread =
			profile_thread(p, profile_vm(p, 100 + i, 0, "twin", ""), 200 + i, 0, "vcpu");
		struct profile_hit h = {
			.thread = thread,
			.mode = PROFILE_SYS,
			.stack = PROFILE_NONE,
			.at = frame(p, PROFILE_KERNEL, PROFILE_NONE, "k", 0xffffffff81000000, "f",
				    "[kernel]"),
			.sum = {3 + i, 3 + i},
		};

		profile_hit(p, &h);
		h.event = misses;
		h.sum = (struct profile_weight){10 * (2 - i), 1000000 * (2 - i)};
		profile_hit(p, &h);
	}
	return p;
}

#endif
