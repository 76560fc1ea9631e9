// SPDX-License-Identifier: GPL-2.0-only
/* What a thread is for, whose it is, and what remains of one that has ended. */
#include "unit.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/threads.h"
#include "probe/threads.h"

enum { FIRST = 1, KERNEL = 2, VCPU = 4 };

static const struct {
	const char *name;
	int facts;
	enum thread_class want;
} classes[] = {
	/* QEMU with names for its threads */
	{"qemu-system-x86", FIRST, THREAD_EMULATOR},
	{"CPU 0/KVM", VCPU, THREAD_VCPU},
	{"CPU 0/KVM", 0, THREAD_VCPU}, /* it has not run yet */
	{"CPU 255/KVM", 0, THREAD_VCPU},
	{"CPU 0/TCG", 0, THREAD_OTHER},
	{"CPU /KVM", 0, THREAD_OTHER},
	{"CPU 0/KVM2", 0, THREAD_OTHER},
	{"IO iothread1", 0, THREAD_IOTHREAD},
	{"IO 7", 0, THREAD_IOTHREAD},
	{"IO mon_iothread", 0, THREAD_EMULATOR},
	{"worker", 0, THREAD_WORKER},
	{"workers", 0, THREAD_OTHER},
	{"io-task-worker", 0, THREAD_WORKER},
	{"touch_pages", 0, THREAD_WORKER},
	{"call_rcu", 0, THREAD_EMULATOR},
	{"vnc_worker", 0, THREAD_EMULATOR},
	{"SPICE Worker", 0, THREAD_EMULATOR},
	{"mig/src/main", 0, THREAD_EMULATOR},
	{"mig/dst/recv_12", 0, THREAD_EMULATOR},
	{"live_migration", 0, THREAD_EMULATOR},
	{"multifdsend_0", 0, THREAD_EMULATOR},
	{"multifdsend_", 0, THREAD_OTHER},
	{"return path", 0, THREAD_EMULATOR},
	{"msgr-worker-0", 0, THREAD_OTHER},
	/* QEMU without: all have the process's name */
	{"qemu-system-x86", 0, THREAD_OTHER},
	{"qemu-system-x86", VCPU, THREAD_VCPU},
	/* what the kernel runs in the process */
	{"iou-wrk-1234", 0, THREAD_WORKER},
	{"iou-sqp-1234", 0, THREAD_WORKER},
	{"vhost-1234", 0, THREAD_VHOST},
	{"kvm-nx-lpage-re", 0, THREAD_KVM},
	/* and beside it */
	{"vhost-1234", KERNEL, THREAD_VHOST},
	{"kvm-nx-lpage-re", KERNEL, THREAD_KVM},
	{"kvm-pit/1234", KERNEL, THREAD_KVM},
	{"vhost-x", KERNEL, THREAD_OTHER},
	{"vhost-", KERNEL, THREAD_OTHER},
	/* other VMMs */
	{"firecracker", FIRST, THREAD_EMULATOR},
	{"fc_vcpu 0", 0, THREAD_VCPU},
	{"fc_api", 0, THREAD_EMULATOR},
	{"cloud-hyperviso", FIRST, THREAD_EMULATOR},
	{"vmm", 0, THREAD_EMULATOR},
	{"vcpu31", 0, THREAD_VCPU},
	{"vcpu", 0, THREAD_OTHER},
	{"_disk0_q0", 0, THREAD_IOTHREAD},
	{"_net0_qp0", 0, THREAD_IOTHREAD},
	{"_net0_ctrl", 0, THREAD_IOTHREAD},
	{"__rng", 0, THREAD_IOTHREAD},
	{"my_disk_q11", 0, THREAD_IOTHREAD},
	{"my_q_qp3", 0, THREAD_IOTHREAD},
	{"my_disk_q", 0, THREAD_OTHER},
	{"http-server", 0, THREAD_EMULATOR},
	{"crosvm", FIRST, THREAD_EMULATOR},
	{"crosvm_vcpu3", 0, THREAD_VCPU},
	{"v_net:0", 0, THREAD_IOTHREAD},
	/* a process may be called anything; its first thread may run the vCPU */
	{"worker", FIRST, THREAD_EMULATOR},
	{"vhost-1", FIRST, THREAD_EMULATOR},
	{"kvmguest", FIRST | VCPU, THREAD_VCPU},
	{"", 0, THREAD_OTHER},
	{"", FIRST, THREAD_EMULATOR},
	{"\xff\n", 0, THREAD_OTHER},
};

START_TEST(class_by_name)
{
	int i;

	for (i = 0; i < (int)(sizeof(classes) / sizeof(classes[0])); i++) {
		int f = classes[i].facts;
		enum thread_class got = threads_class(classes[i].name, f & FIRST, f & KERNEL, f & VCPU);

		ck_assert_msg(got == classes[i].want, "'%s' %d is of class %d, not %d", classes[i].name, f,
			      got, classes[i].want);
	}
}
END_TEST

START_TEST(owner_by_name)
{
	static const struct {
		const char *name;
		uint32_t want;
	} names[] = {
		{"vhost-1", 1},
		{"vhost-4194304", 4194304},
		{"kvm-pit/77", 77},
		{"kvm-nx-lpage-recovery-1234567", 1234567},
		{"vhost-", 0},
		{"vhost-12x", 0},
		{"vhost-x12", 0},
		{"vhost- 12", 0},
		{"vhost-99999999999999", 0},
		{"kvm-nx-lpage-re", 0},
		{"kvm-12", 0},
		{"xvhost-12", 0},
		{"", 0},
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(threads_owner(names[i].name) == names[i].want, "'%s': %u", names[i].name,
			      threads_owner(names[i].name));
}
END_TEST

/* Readings of one VM: process 100, started at 1000. */

static struct thread_reading reading;
static struct vm_threads threads;
static struct sample_vm vm;
static char proc[] = "/tmp/vmperf-threads-XXXXXX";

/* A thread that has run cpu ns; its other counters differ from that, each in its way. */
static struct vmp_thread thread_of(uint32_t tid, uint32_t tgid, const char *name, uint64_t cpu)
{
	struct vmp_thread t = {
		.tid = tid,
		.tgid = tgid,
		.start_ns = 1000 + tid,
		.cpu_ns = cpu,
		.wait_ns = 2 * cpu,
		.switches = 3 * cpu,
		.migrations = 4 * cpu,
		.cpu = 5,
		.kernel = tid == tgid && tid != 100,
	};

	strcpy(t.comm, name);
	return t;
}

static void add(uint32_t tid, uint32_t tgid, const char *name, uint64_t cpu)
{
	struct vmp_thread t = thread_of(tid, tgid, name, cpu);

	thread_reading_add(&t, &reading);
}

/* The kernel's sum of what the process's ended threads did. */
static void add_ended(uint64_t cpu, uint64_t switches)
{
	struct vmp_thread t = {.tgid = 100, .cpu_ns = cpu, .switches = switches};

	thread_reading_add(&t, &reading);
}

static void end_reading(void)
{
	struct thread_vm vms[] = {{.pid = 100, .start_ns = 1000, .threads = &threads, .vm = &vm}};

	thread_reading_end(&reading, vms, 1);
	free(vm.threads);
	vm_threads_sample(&threads, &vm);
}

static void expect_thread(uint32_t i, uint32_t tid, enum thread_class class, uint64_t cpu)
{
	const struct sample_thread *t = &vm.threads[i];

	ck_assert_uint_lt(i, vm.nthreads);
	ck_assert_uint_eq(t->tid, tid);
	ck_assert_uint_eq(t->class, class);
	ck_assert_uint_eq(t->start_ns, 1000 + tid);
	ck_assert_uint_eq(t->cpu_ns, cpu);
	ck_assert_uint_eq(t->wait_ns, 2 * cpu);
	ck_assert_uint_eq(t->switches, 3 * cpu);
	ck_assert_uint_eq(t->migrations, 4 * cpu);
	ck_assert_uint_eq(t->cpu, 5);
}

static void expect_gone(enum thread_class class, uint64_t cpu, uint64_t wait, uint64_t switches,
			uint64_t migrations)
{
	const struct sample_class *g = &vm.gone_threads[class];

	ck_assert_uint_eq(g->cpu_ns, cpu);
	ck_assert_uint_eq(g->wait_ns, wait);
	ck_assert_uint_eq(g->switches, switches);
	ck_assert_uint_eq(g->migrations, migrations);
}

static void put_name(uint32_t tid, const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%u", proc, tid);
	ck_assert(!mkdir(path, 0755) || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/%u/comm", proc, tid);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "%s\n", name);
	fclose(f);
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st;
	(void)kind;
	(void)f;
	return remove(path);
}

static void setup(void)
{
	strcpy(proc + sizeof(proc) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(proc));
	reading.proc = proc;
}

static void teardown(void)
{
	thread_reading_free(&reading);
	vm_threads_free(&threads);
	free(vm.threads);
	nftw(proc, drop, 16, FTW_DEPTH | FTW_PHYS);
}

START_TEST(sorted_by_class)
{
	struct sample_vcpu vcpus[] = {{.tid = 104, .id = 0}, {.tid = 105, .id = 1, .end_ns = 9}};

	vm.vcpus = vcpus;
	vm.nvcpus = 2;
	add_ended(0, 0);
	add(105, 100, "qemu", 7); /* the vCPU's thread that had this tid has ended */
	add(104, 100, "qemu", 6);
	add(103, 100, "worker", 5);
	add(102, 100, "IO b", 4);
	add(101, 100, "IO a", 3);
	add(100, 100, "qemu", 2);
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 6);
	expect_thread(0, 104, THREAD_VCPU, 6);
	expect_thread(1, 100, THREAD_EMULATOR, 2);
	expect_thread(2, 101, THREAD_IOTHREAD, 3);
	expect_thread(3, 102, THREAD_IOTHREAD, 4);
	expect_thread(4, 103, THREAD_WORKER, 5);
	expect_thread(5, 105, THREAD_OTHER, 7);
	vm.nvcpus = 0;
}
END_TEST

START_TEST(a_vcpu_stays_one)
{
	struct sample_vcpu vcpu = {.tid = 101};

	vm.vcpus = &vcpu;
	vm.nvcpus = 1;
	add(100, 100, "qemu", 1);
	add(101, 100, "qemu", 2);
	end_reading();
	/* it is ending, but still there */
	vcpu.end_ns = 1;
	add(100, 100, "qemu", 1);
	add(101, 100, "qemu", 3);
	end_reading();
	expect_thread(0, 101, THREAD_VCPU, 3);
	add(100, 100, "qemu", 1);
	end_reading();
	expect_gone(THREAD_VCPU, 3, 6, 9, 12);
	vm.nvcpus = 0;
}
END_TEST

START_TEST(class_comes_late)
{
	add(100, 100, "qemu", 1);
	add(101, 100, "qemu", 1);
	end_reading();
	expect_thread(1, 101, THREAD_OTHER, 1);
	add(100, 100, "qemu", 1);
	add(101, 100, "worker", 4);
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 2);
	expect_thread(1, 101, THREAD_WORKER, 4);
	expect_gone(THREAD_OTHER, 0, 0, 0, 0);
}
END_TEST

START_TEST(ended_threads)
{
	add_ended(0, 0);
	add(100, 100, "qemu", 1);
	add(101, 100, "worker", 10);
	add(102, 100, "worker", 20);
	end_reading();
	expect_gone(THREAD_WORKER, 0, 0, 0, 0);
	/* 101 did 5 more, and switched twice more, before it ended; 102 ended when the sum had been read */
	add_ended(15, 32);
	add(100, 100, "qemu", 1);
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 1);
	expect_gone(THREAD_WORKER, 30, 60, 90, 120);
	expect_gone(THREAD_OTHER, 0, 0, 0, 0);
	/* now it is in the sum, which then has all; and one that nobody ever saw did 100 */
	add_ended(15 + 20 + 100, 32 + 60 + 7);
	add(100, 100, "qemu", 1);
	end_reading();
	expect_gone(THREAD_WORKER, 30, 60, 90, 120);
	expect_gone(THREAD_OTHER, 105, 0, 9, 0);
	/* the process ends: what is left is its first thread's */
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 0);
	expect_gone(THREAD_EMULATOR, 1, 2, 3, 4);
	expect_gone(THREAD_WORKER, 30, 60, 90, 120);
	expect_gone(THREAD_OTHER, 105, 0, 9, 0);
}
END_TEST

START_TEST(tid_used_again)
{
	struct vmp_thread t = thread_of(101, 100, "worker", 3);

	add(100, 100, "qemu", 1);
	add(101, 100, "IO x", 10);
	end_reading();
	add(100, 100, "qemu", 1);
	t.start_ns = 5000;
	thread_reading_add(&t, &reading);
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 2);
	ck_assert_uint_eq(vm.threads[1].class, THREAD_WORKER);
	ck_assert_uint_eq(vm.threads[1].cpu_ns, 3);
	expect_gone(THREAD_IOTHREAD, 10, 20, 30, 40);
}
END_TEST

START_TEST(nothing_falls)
{
	add(100, 100, "qemu", 10);
	end_reading();
	add(100, 100, "qemu", 9);
	end_reading();
	expect_thread(0, 100, THREAD_EMULATOR, 10);
}
END_TEST

START_TEST(a_failed_reading)
{
	add(100, 100, "qemu", 10);
	end_reading();
	add(100, 100, "qemu", 20);
	thread_reading_drop(&reading);
	add(100, 100, "qemu", 30);
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 1);
	expect_thread(0, 100, THREAD_EMULATOR, 30);
}
END_TEST

START_TEST(kernel_threads)
{
	put_name(202, "kvm-nx-lpage-recovery-101");
	put_name(203, "kvm-nx-lpage-recovery-1010");
	/* a helper's comm is not looked up where it is whole */
	put_name(200, "vhost-999");
	add(100, 100, "qemu", 1);
	add(101, 100, "qemu", 2);
	add(200, 200, "vhost-100", 3);
	add(201, 201, "kvm-pit/100", 4);
	add(202, 202, "kvm-nx-lpage-re", 5);
	add(203, 203, "kvm-nx-lpage-re", 6);
	add(204, 204, "kvm-nx-lpage-re", 7); /* ended meanwhile */
	add(205, 205, "vhost-10", 8);
	add(206, 206, "vhost-200", 9); /* a kernel thread is no VM */
	add(207, 207, "kvm-irqfd-clean", 10);
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 5);
	expect_thread(0, 100, THREAD_EMULATOR, 1);
	expect_thread(1, 200, THREAD_VHOST, 3);
	expect_thread(2, 201, THREAD_KVM, 4);
	expect_thread(3, 202, THREAD_KVM, 5);
	expect_thread(4, 101, THREAD_OTHER, 2);
	/* the name is read once, and the thread that made it may end */
	put_name(202, "kvm-nx-lpage-recovery-1");
	add(100, 100, "qemu", 1);
	add(202, 202, "kvm-nx-lpage-re", 6);
	add_ended(50, 60);
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 2);
	expect_thread(1, 202, THREAD_KVM, 6);
	/* kernel threads are none of the process's own: its sum does not have them */
	expect_gone(THREAD_VHOST, 3, 6, 9, 12);
	expect_gone(THREAD_KVM, 4, 8, 12, 16);
	expect_gone(THREAD_OTHER, 50, 4, 60, 8);
}
END_TEST

START_TEST(helper_of_an_older_process)
{
	struct vmp_thread t = thread_of(90, 90, "vhost-100", 3);

	t.start_ns = 999;
	thread_reading_add(&t, &reading);
	add(100, 100, "qemu", 1);
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 1);
	/* or of an older thread */
	t = thread_of(91, 91, "vhost-101", 3);
	thread_reading_add(&t, &reading);
	add(100, 100, "qemu", 1);
	add(101, 100, "qemu", 1);
	end_reading();
	ck_assert_uint_eq(vm.nthreads, 2);
}
END_TEST

START_TEST(vms_apart)
{
	struct sample_vm sample[3] = {0};
	struct vm_threads of[3] = {0};
	/* two with one pid: the older one has ended */
	struct thread_vm vms[] = {
		{.pid = 300, .start_ns = 1300, .threads = &of[2], .vm = &sample[2]},
		{.pid = 100, .start_ns = 1000, .threads = &of[1], .vm = &sample[1]},
		{.pid = 100, .start_ns = 500, .threads = &of[0], .vm = &sample[0]},
	};
	int i;

	add(100, 100, "qemu", 1);
	add(301, 300, "IO x", 2);
	add(401, 400, "IO x", 2); /* nobody's */
	thread_reading_end(&reading, vms, 3);
	for (i = 0; i < 3; i++)
		vm_threads_sample(&of[i], &sample[i]);
	ck_assert_uint_eq(sample[0].nthreads, 0);
	ck_assert_uint_eq(sample[1].nthreads, 1);
	ck_assert_uint_eq(sample[1].threads[0].tid, 100);
	ck_assert_uint_eq(sample[2].nthreads, 1);
	ck_assert_uint_eq(sample[2].threads[0].tid, 301);
	for (i = 0; i < 3; i++) {
		free(sample[i].threads);
		vm_threads_free(&of[i]);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("threads");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, class_by_name);
	UNIT_ADD(u, owner_by_name);
	UNIT_ADD(u, sorted_by_class);
	UNIT_ADD(u, a_vcpu_stays_one);
	UNIT_ADD(u, class_comes_late);
	UNIT_ADD(u, ended_threads);
	UNIT_ADD(u, tid_used_again);
	UNIT_ADD(u, nothing_falls);
	UNIT_ADD(u, a_failed_reading);
	UNIT_ADD(u, kernel_threads);
	UNIT_ADD(u, helper_of_an_older_process);
	UNIT_ADD(u, vms_apart);
	return unit_run(u);
}
