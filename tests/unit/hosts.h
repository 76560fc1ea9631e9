/* SPDX-License-Identifier: GPL-2.0-only */
/* Made-up hosts, whose every output is known byte by byte. */
#ifndef VMPERF_TESTS_HOSTS_H
#define VMPERF_TESTS_HOSTS_H

#include "samples.h"

/* Two samples that are 2 s apart. */
struct pair {
	struct sample a, b;
};

static inline void both(struct pair *p, const char *vendor, const char *arch, uint32_t visible)
{
	sample_host(&p->a, vendor, arch, visible);
	sample_host(&p->b, vendor, arch, visible);
	p->b.mono_ns += 2 * SECOND;
	p->b.begin_ns = p->b.mono_ns - 20 * US;
	p->b.real_ns += 2 * SECOND;
}

/* Three VMs; one of them ran before, so that differences matter. */
static inline void svm(struct pair *p)
{
	struct sample_vm *vm;
	struct sample_vcpu *v;

	both(p, "kvm_amd", "x86_64", ALL_STATES);
	vm = sample_vm(&p->a, "web-1", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", 2000);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_exits(v, 0x400, 5000, 2 * US, 0);
	sample_exits(v, 0x400, 1, 3 * MS, 0);
	sample_halts(v, 0x78, 10, 3 * US, 10 * MS, 5 * US);
	sample_uexits(v, 10, 7, 0);
	sample_rest(v, SECOND);

	vm = sample_vm(&p->b, "idle", "", 3000);
	snprintf(vm->vmm, sizeof(vm->vmm), "firecracker");
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_halts(v, 0x78, 8, 4 * US, 249 * MS, 30 * US);
	sample_exits(v, 0x60, 8, 2500, 0);
	sample_rest(v, 2 * SECOND);

	vm = sample_vm(&p->b, "web-1", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", 2000);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_exits(v, 0x400, 5000 + 12000, 2 * US, 0);
	sample_exits(v, 0x400, 400, 15 * US, 0);
	sample_exits(v, 0x400, 1, 3 * MS, 0);
	sample_halts(v, 0x78, 10 + 50, 3 * US, 10 * MS, 5 * US);
	sample_exits(v, 0x7b, 3000, 3 * US, 12 * US);
	sample_exits(v, 0x60, 500, 1 * US, 0);
	sample_exits(v, 0x7c, 20000, 800, 0);
	sample_exits(v, 0x72, 10, 600, 0);
	sample_exits(v, 0x402, 700, 900, 0);
	sample_exits(v, VMP_CODE_OTHER, 3, 400, 0);
	sample_uexits(v, 2, 3000, 3000 * 12 * US);
	sample_uexits(v, 10, 7, 0);
	sample_rest(v, 3 * SECOND);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_exits(v, 0x400, 100, 2 * US, 0);
	sample_exits(v, 0x4711, 1, 700, 0);
	v->unpaired = 1;
	sample_rest(v, 2 * SECOND);

	vm = sample_vm(&p->b, "build", "123e4567-e89b-12d3-a456-426614174000", 1000);
	for (int i = 0; i < 4; i++) {
		v = sample_vcpu(vm, VMP_ISA_SVM);
		sample_exits(v, 0x7b, 20000 + 1000 * (uint64_t)i, 2 * US, 20 * US);
		sample_exits(v, 0x64, 100000, 700, 0);
		sample_uexits(v, 2, 20000 + 1000 * (uint64_t)i, (20000 + 1000 * (uint64_t)i) * 20 * US);
		sample_rest(v, 2 * SECOND);
	}
	p->b.loss[VMP_LOSS_UNPAIRED] = 1;
}

static inline void vmx(struct pair *p)
{
	struct sample_vcpu *v;

	both(p, "kvm_intel", "x86_64", ALL_STATES);
	v = sample_vcpu(sample_vm(&p->b, "db", "00000000-0000-4000-8000-000000000001", 500), VMP_ISA_VMX);
	sample_exits(v, 48, 4000, 1500, 0);
	sample_exits(v, 52, 2000, 600, 0);
	sample_halts(v, 36, 1, 2 * US, 100 * MS, 4 * US);
	sample_exits(v, 99, 2, 600, 0);
	sample_exits(v, 32, 9000, 700, 0);
	sample_rest(v, 2 * SECOND);
	v->flags[VMP_FLAG_BUS_LOCK] = 3;
	v->flags[VMP_FLAG_FAILED_ENTRY] = 1;
}

static inline void arm64(struct pair *p)
{
	struct sample_vcpu *v;

	both(p, "kvm", "aarch64", ALL_STATES);
	v = sample_vcpu(sample_vm(&p->b, "edge", "", 500), VMP_ISA_ARM64);
	sample_exits(v, 0x24, 1001, 2 * US, 5 * US);
	sample_exits(v, 0x16, 300, 500, 0);
	sample_halts(v, 0x01, 20, 6 * US, 50 * MS, 9 * US);
	sample_exits(v, VMP_ARM64_RET, 40, 900, 0);
	sample_exits(v, 0x18, 64, 700, 0);
	sample_uexits(v, 6, 1001, 1001 * 5 * US);
	sample_rest(v, 2 * SECOND);
	v->id = -1;
}

/* A KVM that fires no kvm_exit. */
static inline void user(struct pair *p)
{
	struct sample_vm *vm;
	struct sample_vcpu *v;

	both(p, "kvm_pvm", "x86_64", OFF_STATES);
	vm = sample_vm(&p->b, "pvm-1", "123e4567-e89b-12d3-a456-426614174000", 700);
	v = sample_vcpu(vm, VMP_ISA_NONE);
	sample_uexits(v, 2, 2468, 0);
	sample_uexits(v, 6, 10, 0);
	sample_state(v, VMP_RUNNING, 1500 * MS);
	sample_state(v, VMP_WAIT, 500 * MS);
	v = sample_vcpu(vm, VMP_ISA_NONE);
	sample_state(v, VMP_RUNNING, 20 * MS);
	sample_state(v, VMP_IDLE, 1900 * MS);
	sample_state(v, VMP_POLL, 80 * MS);
	sample_times(&v->halts, 100, 19800 * US);
	sample_uexits(v, 5, 4, 0);
	sample_uexits(v, VMP_UEXIT_RESTART, 3, 0);
	sample_uexits(v, VMP_UEXIT_ERROR, 1, 0);
	sample_uexits(v, 44, 1, 0);
	vm = sample_vm(&p->b, "pvm-2", "", 800);
	v = sample_vcpu(vm, VMP_ISA_NONE);
	sample_uexits(v, 10, 1000000, 0);
	sample_state(v, VMP_RUNNING, 2 * SECOND);
	v = sample_vcpu(sample_vm(&p->b, "pvm-3", "", 900), VMP_ISA_NONE);
	sample_state(v, VMP_BLOCKED, 2 * SECOND);
}

/* Without sched_switch there are exits, but no time is known for what it was. */
static inline void no_sched(struct pair *p)
{
	struct sample_vcpu *v;

	both(p, "kvm_amd", "x86_64", ALL_STATES);
	p->b.visible = 0;
	snprintf(p->b.invisible_why, sizeof(p->b.invisible_why), "sched_switch: not in this kernel");
	v = sample_vcpu(sample_vm(&p->b, "web-1", "", 2000), VMP_ISA_SVM);
	sample_exits(v, 0x400, 5000, 2 * US, 0);
	sample_exits(v, 0x78, 10, 100 * MS, 0);
	sample_uexits(v, 2, 7, 0);
	sample_rest(v, 2 * SECOND);
	/* its first one's, whatever it ran on since */
	sample_cpu(v, 8, 3, 2 * SECOND);
}

static inline void none(struct pair *p)
{
	both(p, "", "x86_64", ALL_STATES);
}

static inline void no_kvm(struct pair *p)
{
	both(p, "", "x86_64", 0);
	p->b.host.kvm_loaded = false;
	p->b.probes[1].status = PROBE_UNAVAILABLE;
	snprintf(p->b.invisible_why, sizeof(p->b.invisible_why),
		 "KVM is not loaded; load kvm_amd or kvm_intel, vmperf then goes on by itself");
}

static inline void names(struct pair *p)
{
	static const char *const odd[] = {
		"\033[31mred\033[0m\a",
		"naïve café",
		"測試虛擬機器-的名字很長很長很長很長",
		"say \"hi\", you",
		"two\nlines\r",
		"bad \xff\xc0\xaf utf8 \\ here",
		"e\xcc\x81"
		"combining",
		"\xe2\x80\xae"
		"desrever",
		"",
	};
	char longest[256];

	both(p, "kvm_amd", "x86_64", ALL_STATES);
	memset(longest, 'n', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (unsigned int i = 0; i <= sizeof(odd) / sizeof(*odd); i++) {
		const char *name = i < sizeof(odd) / sizeof(*odd) ? odd[i] : longest;
		struct sample_vcpu *v = sample_vcpu(sample_vm(&p->b, name, "", 100 + i), VMP_ISA_SVM);

		sample_exits(v, 0x72, 100 - i, 10 * US, 0);
		sample_rest(v, 2 * SECOND);
	}
	/* a title, too, is whatever somebody likes */
	for (unsigned int i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		if (odd[i][0])
			p->b.vms[i].meta[META_TITLE] = mem_strdup(odd[i]);
}

/* Every state can be seen; one VM has ended, one thread is gone. */
static inline void full(struct pair *p)
{
	struct sample_vm *vm;
	struct sample_vcpu *v;

	both(p, "kvm_amd", "x86_64", ALL_STATES);
	vm = sample_vm(&p->b, "app", "", 100);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_exits(v, 0x78, 100, 4 * US, 0);
	sample_halted(v, 0x78, VMP_POLL, 20 * MS);
	sample_halted(v, 0x78, VMP_IDLE, 900 * MS);
	sample_halted(v, 0x78, VMP_WAIT, 3 * MS);
	sample_exits(v, 0x400, 10000, 10 * US, 0);
	sample_halted(v, 0x400, VMP_BLOCKED, 45 * MS);
	sample_rest(v, 2 * SECOND);

	vm = sample_vm(&p->b, "short-lived", "", 200);
	vm->ended = true;
	v = &vm->gone;
	v->isa = VMP_ISA_SVM;
	sample_exits(v, 0x7b, 500, 3 * US, 40 * US);
	sample_exits(v, 0x7f, 1, 3 * US, 2 * MS);
	sample_rest(v, 300 * MS);
	for (unsigned int i = 0; i < VMP_LOSSES; i++)
		p->b.loss[i] = 1000000ULL * (i + 1);
}

/* The classes of a VM's threads; busy: ms of its vCPU. */
static inline void threads(struct sample_vm *vm, unsigned int vcpus, uint64_t busy, uint64_t wait,
			   uint64_t io)
{
	for (unsigned int i = 0; i < vcpus; i++)
		sample_thread(vm, THREAD_VCPU, vm->pid + 10 + i, busy * MS, wait * MS);
	sample_thread(vm, THREAD_EMULATOR, vm->pid, 4 * MS, 0);
	if (io)
		sample_thread(vm, THREAD_IOTHREAD, vm->pid + 1, io * MS, MS);
	sample_thread(vm, THREAD_VHOST, vm->pid + 2, 3 * MS, 0);
}

/* Each VM has its own trouble; the host has two NUMA nodes of four CPUs. */
static inline void mixed_vms(struct sample *s, uint64_t scale)
{
	static const char *const batch[META_KINDS] = {
		[META_NAMESPACE] = "jobs", [META_VMI] = "batch.night-1"};
	static const char *const crowded[META_KINDS] = {[META_TITLE] = "Web shop (test)",
							[META_INSTANCE] = "crowded",
							[META_FLAVOR] = "m1.large",
							[META_PROJECT] = "shop"};
	struct sample_vm *vm;
	struct sample_vcpu *v;

	s->threads_visible = true;
	s->ncpus = 8;
	s->cpu_node = mem_zalloc(8, sizeof(*s->cpu_node));
	for (int i = 4; i < 8; i++)
		s->cpu_node[i] = 1;

	vm = sample_vm(s, "batch", "", 1000);
	for (uint32_t i = 0; i < 2; i++) {
		v = sample_vcpu(vm, VMP_ISA_SVM);
		sample_exits(v, 0x60, 2000 * scale, 1500, 0);
		sample_halted(v, 0x60, VMP_WAIT, 2 * MS * scale);
		sample_rest(v, 2 * SECOND * scale);
		sample_cpu(v, 8, 2 + i, 1998 * MS * scale);
	}
	threads(vm, 2, 1998 * scale, 2 * scale, 0);
	vm->pins_known = true;
	sample_about(vm, "pc-i440fx-7.2", VPMU_OFF, batch);

	vm = sample_vm(s, "crowded", "123e4567-e89b-12d3-a456-426614174000", 2000);
	sample_about(vm, "q35", VPMU_ON, crowded);
	for (uint32_t i = 0; i < 4; i++) {
		v = sample_vcpu(vm, VMP_ISA_SVM);
		sample_exits(v, 0x60, 1000 * scale, 2 * US, 0);
		sample_halted(v, 0x60, VMP_WAIT, 900 * MS * scale);
		sample_state(v, VMP_WAIT, 140 * MS * scale);
		sample_rest(v, 2 * SECOND * scale);
		sample_cpu(v, 8, 0, 480 * MS * scale);
		sample_cpu(v, 8, 5, 480 * MS * scale);
		v->moves = 150 * scale;
		v->node_moves = 140 * scale;
	}
	threads(vm, 4, 960 * scale, 1040 * scale, 0);
	sample_pin(vm, PIN_VCPU, 0, "0,5");
	sample_pin(vm, PIN_VCPU, 1, "0,5");
	sample_pin(vm, PIN_EMULATOR, 0, "1");
	sample_pin(vm, PIN_IOTHREAD, 1, "1,4-5");

	vm = sample_vm(s, "idle-polls", "", 3000);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_halts(v, 0x78, 4000 * scale, 4 * US, 400 * US, 6 * US);
	sample_halted(v, 0x78, VMP_POLL, 300 * MS * scale);
	sample_rest(v, 2 * SECOND * scale);
	sample_cpu(v, 8, 6, 400 * MS * scale);
	threads(vm, 1, 400 * scale, 0, 0);

	vm = sample_vm(s, "quiet", "", 4000);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_halts(v, 0x78, 20 * scale, 4 * US, 99 * MS, 40 * US);
	sample_rest(v, 2 * SECOND * scale);
	sample_cpu(v, 8, 7, 20 * MS * scale);
	threads(vm, 1, 20 * scale, 0, 0);

	vm = sample_vm(s, "slow-disk", "", 5000);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_exits(v, 0x7b, 500 * scale, 4 * US, 2400 * US);
	sample_uexits(v, 2, 500 * scale, 500 * scale * 2400 * US);
	sample_halts(v, 0x78, 100 * scale, 4 * US, 3 * MS, 20 * US);
	sample_rest(v, 2 * SECOND * scale);
	sample_cpu(v, 8, 4, 1700 * MS * scale);
	threads(vm, 1, 1700 * scale, 5 * scale, 900 * scale);

	vm = sample_vm(s, "swapping", "", 6000);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_exits(v, 0x400, 3000 * scale, 20 * US, 0);
	sample_halted(v, 0x400, VMP_BLOCKED, 800 * MS * scale);
	sample_rest(v, 2 * SECOND * scale);
	sample_cpu(v, 8, 1, 1200 * MS * scale);
	threads(vm, 1, 1200 * scale, 0, 0);

	vm = sample_vm(s, "suspended", "", 7000);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_halted(v, 0x60, VMP_BLOCKED, 2 * SECOND * scale);
	sample_cpu(v, 8, 1, 0);
	threads(vm, 1, 0, 0, 0);

	vm = sample_vm(s, "trapping", "", 8000);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_exits(v, 0x7c, 200000 * scale, 2400, 0);
	sample_exits(v, 0x400, 1000 * scale, 5 * US, 0);
	sample_rest(v, 2 * SECOND * scale);
	sample_cpu(v, 8, 3, 2 * SECOND * scale);
	threads(vm, 1, 2000 * scale, 0, 0);
}

/* The first sample holds as much as the interval adds. */
static inline void mixed(struct pair *p)
{
	both(p, "kvm_amd", "x86_64", ALL_STATES);
	mixed_vms(&p->a, 1);
	mixed_vms(&p->b, 2);
	/* a worker that has ended */
	sample_thread(&p->a.vms[4], THREAD_WORKER, 5003, 100 * MS, 0);
	p->b.vms[4].gone_threads[THREAD_WORKER] =
		(struct sample_class){.cpu_ns = 150 * MS, .wait_ns = 2 * MS, .switches = 9, .migrations = 1};
}

#endif
