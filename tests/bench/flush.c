// SPDX-License-Identifier: GPL-2.0-only
/*
 * flush: what it costs to bring up to date what six events count of a thread that
 * stays on the last CPU, as a table: by a sample of the clock on each CPU, and by
 * a run there when somebody asks (flush.bpf.c).  All ways take turns, ROUNDS times.
 * What the thread loses is seen by itself: it reads the clock all the time, and
 * what lies between two readings around a flush is the flush's.  Another one
 * spins in a guest: exits are counted by KVM.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../../bpf/vmperf.h"
#include "../fixture/guest.h"
#include "../fixture/kvmguest.h"
#include "flush.h"
#include "flush.skel.h"

#define ROUNDS   5
#define SLICE_NS 1500000000ULL
#define EVENTS   6
#define GAPS     65536
#define GAP_NS   300 /* between two readings of the clock: less is the loop's own */
#define SAMPLES  1024
#define SECONDS  ((double)SLICE_NS * ROUNDS / 1e9)

static const struct way {
	const char *text;
	int timer_hz, asked_hz;
} ways[] = {
	{"nothing", 0, 0},    {"sample of the clock, 1 Hz", 1, 0}, {"  10 Hz", 10, 0},
	{"  100 Hz", 100, 0}, {"run when asked, 1/s", 0, 1},       {"  10/s", 0, 10},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* What was seen of each way, in all rounds. */
static struct seen {
	uint64_t lost[SAMPLES], asked[SAMPLES], local[ROUNDS], exits[ROUNDS], flushes, vain;
	size_t nlost, nasked;
} seen[WAYS];

static struct gap {
	uint64_t from, to;
} gaps[GAPS];
static size_t ngaps;
static int stop, ncpus, vm, vcpu;
static struct kvm_run *run;

void die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("flush: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(status);
}

static void need(int ok, const char *what)
{
	if (!ok)
		die(1, "cannot %s: %s", what, strerror(errno));
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	need(!sched_setaffinity(0, sizeof(set), &set), "pin a thread");
}

static void *spin(void *arg)
{
	uint64_t last, t;

	pin(ncpus - 1);
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -20);
	for (last = now(); !__atomic_load_n(&stop, __ATOMIC_RELAXED); last = t) {
		t = now();
		if (t - last > GAP_NS && ngaps < GAPS)
			gaps[ngaps++] = (struct gap){last, t};
	}
	return arg;
}

static void *spin_guest(void *arg)
{
	pin(ncpus - 1);
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -20);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		if (ioctl(vcpu, KVM_RUN, 0) && errno != EINTR)
			die(1, "the guest does not spin");
	return arg;
}

static void on_signal(int sig)
{
	run->immediate_exit = 1;
	(void)sig;
}

/* A VM whose guest jumps to itself. */
static void create(void)
{
	static const uint8_t code[] = {0xeb, 0xfe};
	struct kvm_userspace_memory_region r = {.memory_size = 2 * PAGE};
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	uint8_t *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(kvm >= 0, "open /dev/kvm");
	need(pages != MAP_FAILED, "have memory");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	need(vm >= 0 && !guest_init_vm(vm, 0), "create a VM");
	guest_tables(pages);
	memcpy(pages + PAGE, code, sizeof(code));
	for (uint32_t i = 0; i < 2; i++) {
		r.slot = i;
		r.memory_size = PAGE;
		r.guest_phys_addr = i ? GPA_CODE : GPA_TABLES;
		r.userspace_addr = (uintptr_t)(pages + i * PAGE);
		need(!ioctl(vm, KVM_SET_USER_MEMORY_REGION, &r), "give the guest memory");
	}
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	need(vcpu >= 0 && !guest_init_vcpu(vm, vcpu, GPA_CODE, 0), "create a vCPU");
	run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED,
		   vcpu, 0);
	need(run != MAP_FAILED, "map the vCPU");
	signal(SIGUSR1, on_signal);
}

static int open_event(uint32_t type, uint64_t config, uint64_t period, int cpu)
{
	struct perf_event_attr a = {
		.size = sizeof(a),
		.type = type,
		.config = config,
		.sample_period = period,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};
	int fd = (int)syscall(SYS_perf_event_open, &a, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	need(fd >= 0, "open an event");
	return fd;
}

/* The same six as in payload/events, where there is a clock of msr's. */
static void open_events(int map)
{
	static const uint64_t software[EVENTS] = {
		PERF_COUNT_SW_CPU_CLOCK,   PERF_COUNT_SW_CONTEXT_SWITCHES, PERF_COUNT_SW_TASK_CLOCK,
		PERF_COUNT_SW_PAGE_FAULTS, PERF_COUNT_SW_CPU_MIGRATIONS,   PERF_COUNT_SW_PAGE_FAULTS_MIN};
	FILE *f = fopen("/sys/bus/event_source/devices/msr/type", "r");
	uint32_t msr = 0;

	if (f) {
		if (fscanf(f, "%u", &msr) != 1)
			msr = 0;
		fclose(f);
	}
	for (int e = 0; e < EVENTS; e++) {
		for (int cpu = 0; cpu < ncpus; cpu++) {
			int key = e * ncpus + cpu;
			int fd = !e && msr ? open_event(msr, 0, 0, cpu)
					   : open_event(PERF_TYPE_SOFTWARE, software[e], 0, cpu);

			need(!bpf_map_update_elem(map, &key, &fd, BPF_ANY), "hand over an event");
			close(fd);
		}
	}
}

static struct flush_bpf *load(void)
{
	struct flush_bpf *f = flush_bpf__open();
	struct vmp_event_cpu here = {.owner = 1};
	int last = ncpus - 1;

	need(f != NULL, "open the programs");
	f->rodata->ncpus = (uint32_t)ncpus;
	f->rodata->nevents = EVENTS;
	bpf_map__set_max_entries(f->maps.event_fds, EVENTS * (uint32_t)ncpus);
	bpf_map__set_max_entries(f->maps.event_cpus, (uint32_t)ncpus);
	need(!flush_bpf__load(f), "load the programs");
	open_events(bpf_map__fd(f->maps.event_fds));
	need(!bpf_map_update_elem(bpf_map__fd(f->maps.event_cpus), &last, &here, BPF_ANY), "name the thread");
	return f;
}

/* Interrupts of the local timer on the first CPU. */
static uint64_t local_timer(void)
{
	FILE *f = fopen("/proc/interrupts", "r");
	unsigned long n = 0;
	char line[4096];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " LOC: %lu", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

static void ask(struct flush_bpf *f, struct seen *s)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = (uint32_t)ncpus - 1);
	uint64_t t = now();

	need(!bpf_prog_test_run_opts(bpf_program__fd(f->progs.flush_asked), &o), "run the program");
	if (s->nasked < SAMPLES)
		s->asked[s->nasked++] = now() - t;
}

/* One slice of this way, while some thread spins. */
static void slice(struct flush_bpf *f, const struct way *w, struct seen *s)
{
	struct bpf_link *link[MAX_CPUS] = {0};
	uint64_t until = now() + SLICE_NS;

	f->bss->flushes = f->bss->vain = 0;
	for (int cpu = 0; w->timer_hz && cpu < ncpus; cpu++) {
		int fd = open_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK,
				    1000000000ULL / (uint64_t)w->timer_hz, cpu);

		link[cpu] = bpf_program__attach_perf_event(f->progs.flush_timer, fd);
		need(link[cpu] != NULL, "attach to an event");
	}
	while (now() < until) {
		usleep(1000000U / (unsigned int)(w->asked_hz ? w->asked_hz : 10));
		if (w->asked_hz)
			ask(f, s);
	}
	for (int cpu = 0; cpu < ncpus; cpu++)
		bpf_link__destroy(link[cpu]);
}

/* The gaps in which flushes were. */
static void find_lost(const struct flush_bpf *f, struct seen *s)
{
	size_t g = 0;

	for (uint32_t i = 0; i < f->bss->flushes && i < FLUSH_TIMES; i++) {
		uint64_t t = f->bss->when[i];

		while (g < ngaps && gaps[g].to < t)
			g++;
		if (g < ngaps && gaps[g].from <= t && s->nlost < SAMPLES)
			s->lost[s->nlost++] = gaps[g].to - gaps[g].from;
	}
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint64_t median(uint64_t *v, size_t n)
{
	if (!n)
		return 0;
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

static double per_second(uint64_t n)
{
	return (double)n * 1e9 / (double)SLICE_NS;
}

static void round_of(struct flush_bpf *f, size_t w, int round)
{
	struct seen *s = &seen[w];
	struct stats *stats;
	pthread_t thread;
	uint64_t local, exits;

	stop = 0;
	ngaps = 0;
	need(!pthread_create(&thread, NULL, spin, NULL), "start a thread");
	local = local_timer();
	slice(f, &ways[w], s);
	s->local[round] = local_timer() - local;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	find_lost(f, s);
	s->flushes += f->bss->flushes;
	s->vain += f->bss->vain;

	stop = 0;
	run->immediate_exit = 0;
	stats = stats_open(vcpu);
	exits = stats_get(stats, "exits");
	need(!pthread_create(&thread, NULL, spin_guest, NULL), "start a thread");
	slice(f, &ways[w], s);
	s->exits[round] = stats_get(stats, "exits") - exits;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
}

int main(void)
{
	struct flush_bpf *f;

	ncpus = libbpf_num_possible_cpus();
	need(ncpus > 1 && ncpus <= MAX_CPUS, "find two CPUs");
	create();
	f = load();
	pin(0);
	for (int round = 0; round < ROUNDS; round++)
		for (size_t w = 0; w < WAYS; w++)
			round_of(f, w, round);
	printf("| %-26s | %9s | %12s | %12s | %12s | %14s | %12s | %14s |\n", "six events brought up to date",
	       "flushes/s", "lost ns each", "lost us/s", "asking ns", "runs in vain/s", "timer irqs/s",
	       "guest exits/s");
	puts("|----------------------------|----------:|-------------:|-------------:|-------------:|--------"
	     "----"
	     "---:|-------------:|---------------:|");
	for (size_t w = 0; w < WAYS; w++) {
		struct seen *s = &seen[w];
		uint64_t lost = median(s->lost, s->nlost);
		double rate = (double)s->flushes / SECONDS;

		printf("| %-26s | %9.1f | %12llu | %12.1f | %12llu | %14.1f | %12.1f | %14.1f |\n",
		       ways[w].text, rate, (unsigned long long)lost, rate * (double)lost / 1000,
		       (unsigned long long)median(s->asked, s->nasked), (double)s->vain / SECONDS,
		       per_second(median(s->local, ROUNDS)), per_second(median(s->exits, ROUNDS)));
	}
	flush_bpf__destroy(f);
	return fflush(stdout) ? 1 : 0;
}
