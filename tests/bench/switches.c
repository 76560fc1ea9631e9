// SPDX-License-Identifier: GPL-2.0-only
/*
 * switches KIND N...: two threads on one CPU that give way to each other N times;
 * for each N a line like kvmguest's, "timing KIND n=N ns=… ns_per_op=…".
 *   tasks  two of one process hand a token back and forth: an operation is a
 *          wake-up and a switch
 *   vcpu   the same with the thread of a vCPU, in its VMM, which is a process of
 *          its own: an operation is its switch away and back, two of each
 *   other  the same with another thread of the VMM
 *   halt   one runs a guest that halts in KVM, another one of its VMM interrupts
 *          it: an operation is a halt, with a wake-up and two switches
 * Both are real-time threads of one priority: being woken they wait until the
 * other one gives way, and nothing else comes between.
 * Before the first N it prints "ready PID", that of the VMM, and waits for a line
 * of its input, or its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "../fixture/guest.h"

enum kind { TASKS, VCPU, OTHER, HALT, KINDS };

static const char *const kind_name[KINDS] = {"tasks", "vcpu", "other", "halt"};
static enum kind kind;
static int vm, vcpu, there, back;
static struct kvm_run *run;

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "switches: cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static void give(int fd)
{
	need(!eventfd_write(fd, 1), "give the token");
}

static void take(int fd)
{
	eventfd_t n;

	need(!eventfd_read(fd, &n), "take the token");
}

static void add_page(unsigned int slot, unsigned long gpa, uint8_t *page)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot, .guest_phys_addr = gpa, .memory_size = PAGE, .userspace_addr = (uintptr_t)page};

	need(!ioctl(vm, KVM_SET_USER_MEMORY_REGION, &r), "give the guest memory");
}

/* A vCPU whose guest halts whenever it was interrupted; KVM does not poll for the interrupt. */
static void create(void)
{
	static const uint8_t code[] = {0xfb, 0xf4, 0xfa, 0xeb, 0xfb}; /* again: sti; hlt; cli; jmp again */
	struct kvm_enable_cap poll = {.cap = KVM_CAP_HALT_POLL};
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), size;
	uint8_t *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(kvm >= 0, "open /dev/kvm");
	need(pages != MAP_FAILED, "have memory");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	need(vm >= 0 && !guest_init_vm(vm, 1) && !ioctl(vm, KVM_ENABLE_CAP, &poll), "create a VM");
	guest_tables(pages);
	memcpy(pages + PAGE, code, sizeof(code));
	add_page(0, GPA_TABLES, pages);
	add_page(1, GPA_CODE, pages + PAGE);
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	need(vcpu >= 0 && !guest_init_vcpu(vm, vcpu, GPA_CODE, 1), "create a vCPU");
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	need(run != MAP_FAILED, "map the vCPU");
}

/* Once into KVM makes the thread the vCPU's. */
static void enter(void)
{
	run->immediate_exit = 1;
	need(ioctl(vcpu, KVM_RUN, 0) && errno == EINTR, "run the vCPU");
}

static void *sleeper(void *arg)
{
	enter();
	give(there);
	pause();
	return arg;
}

static void *partner(void *arg)
{
	if (kind == VCPU)
		enter();
	give(back);
	if (kind == HALT) {
		(void)ioctl(vcpu, KVM_RUN, 0);
		need(0, "stay in the guest");
	}
	for (;;) {
		take(there);
		give(back);
	}
	return arg;
}

/* The thread that the main one gives way to; the process that it is of. */
static pid_t start_partner(void)
{
	pid_t pid = getpid();
	pthread_t thread;

	if (kind == VCPU || kind == OTHER) {
		pid = fork();
		need(pid >= 0, "fork");
		if (pid) {
			take(back);
			return pid;
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
	if (kind != TASKS)
		create();
	if (kind == OTHER) {
		need(!pthread_create(&thread, NULL, sleeper, NULL), "start a thread");
		take(there);
	}
	if (kind == VCPU || kind == OTHER)
		partner(NULL);
	need(!pthread_create(&thread, NULL, partner, NULL), "start a thread");
	take(back);
	return pid;
}

/* Away and back. */
static void turn(void)
{
	if (kind == HALT) {
		need(!guest_wake(vm, 0), "interrupt the vCPU");
		sched_yield();
	} else {
		give(there);
		take(back);
	}
}

int main(int argc, char **argv)
{
	struct sched_param fifo = {.sched_priority = 1};
	struct timespec a, b;
	cpu_set_t first;
	char line[8];
	pid_t vmm;

	while (argc > 1 && kind < KINDS && strcmp(argv[1], kind_name[kind]))
		kind++;
	if (argc < 3 || kind == KINDS) {
		fprintf(stderr, "usage: switches tasks|vcpu|other|halt N...\n");
		return 2;
	}
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	need(!sched_setaffinity(0, sizeof(first), &first) && !sched_setscheduler(0, SCHED_FIFO, &fifo),
	     "be a real-time thread of the first CPU");
	there = eventfd(0, 0);
	back = eventfd(0, 0);
	vmm = start_partner();
	/* a yield lets it come to its first halt */
	sched_yield();
	printf("ready %d\n", (int)vmm);
	need(!fflush(stdout) && read(0, line, sizeof(line)) >= 0, "wait for a line");
	for (int i = 2; i < argc; i++) {
		long n = strtol(argv[i], NULL, 10), ns;

		clock_gettime(CLOCK_MONOTONIC, &a);
		for (long j = 0; j < (kind == TASKS ? n / 2 : n); j++)
			turn();
		clock_gettime(CLOCK_MONOTONIC, &b);
		ns = (b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec;
		printf("timing %s n=%ld ns=%ld ns_per_op=%.1f\n", kind_name[kind], n, ns,
		       (double)ns / (double)n);
	}
	return fflush(stdout) ? 1 : 0;
}
