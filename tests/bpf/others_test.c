// SPDX-License-Identifier: GPL-2.0-only
/* Threads of VMs that run no vCPU: their numbers, and their events under the kernel's own switches. */
#include <errno.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

static struct made_bpf *r;

/* Threads that wait, and do what is asked of them. */
struct thread {
	pthread_t thread;
	pthread_barrier_t go, done;
	unsigned int pages; /* to be touched; 0: end */
	pid_t tid;
};

static void *thread_main(void *arg)
{
	struct thread *t = arg;

	t->tid = gettid();
	for (;;) {
		pthread_barrier_wait(&t->done);
		pthread_barrier_wait(&t->go);
		if (!t->pages)
			return NULL;
		/* others come between */
		for (; t->pages; t->pages--) {
			touch(1);
			sched_yield();
		}
	}
}

static void thread_ask(struct thread *t, unsigned int pages)
{
	t->pages = pages;
	pthread_barrier_wait(&t->go);
}

static void thread_start(struct thread *t)
{
	pthread_barrier_init(&t->go, NULL, 2);
	pthread_barrier_init(&t->done, NULL, 2);
	if (pthread_create(&t->thread, NULL, thread_main, t))
		wrong("no thread: %s", strerror(errno));
	pthread_barrier_wait(&t->done);
	/* once, so that all it needs is there */
	thread_ask(t, 1);
	pthread_barrier_wait(&t->done);
}

static void thread_end(struct thread *t)
{
	thread_ask(t, 0);
	pthread_join(t->thread, NULL);
	pthread_barrier_destroy(&t->go);
	pthread_barrier_destroy(&t->done);
}

static void attach(struct bpf_program *prog, struct bpf_link **link)
{
	*link = bpf_program__attach(prog);
	if (!*link)
		wrong("cannot attach %s: %s", bpf_program__name(prog), strerror(errno));
}

static void numbers(void)
{
	struct thread t[OTHERS + 1];
	uint32_t given;

	r = faults_open(1);
	if (!r)
		return;
	rig_attach_end();
	for (uint32_t i = 0; i <= OTHERS; i++)
		thread_start(&t[i]);
	for (uint32_t i = 0; i < OTHERS; i++) {
		rig_seed((uint32_t)t[i].tid, VMP_SEED_OTHER);
		given = number_of(t[i].tid);
		expect("number", given, SLOTS + i);
		expect("process", other(given).tgid, (uint64_t)getpid());
		expect("start", other(given).start_ns > 0, 1);
	}
	rig_seed((uint32_t)t[0].tid, VMP_SEED_OTHER);
	expect("asked twice", number_of(t[0].tid), SLOTS);
	lost(0);
	rig_seed((uint32_t)t[OTHERS].tid, VMP_SEED_OTHER);
	expect("no room", number_of(t[OTHERS].tid), NONE);
	lost(1);
	thread_end(&t[1]);
	expect("news of its end", (uint64_t)rig_news(), SLOTS + 1);
	expect("its number is kept until it was read", other(SLOTS + 1).life, VMP_GONE);
	expect("numbers left", numbers_left(), 0);
	given = 1;
	bpf_map_update_elem(bpf_map__fd(r->maps.others), &given, &(struct vmp_other){0}, BPF_ANY);
	bpf_map_update_elem(bpf_map__fd(r->maps.free_others), NULL, &given, BPF_ANY);
	rig_seed((uint32_t)t[OTHERS].tid, VMP_SEED_OTHER);
	expect("given again", number_of(t[OTHERS].tid), SLOTS + 1);
	for (uint32_t i = 0; i <= OTHERS; i++)
		if (i != 1)
			thread_end(&t[i]);
	for (uint32_t i = 0; i < OTHERS; i++)
		expect("news", (uint64_t)rig_news() - SLOTS < OTHERS, 1);
	lost(1);
}

/* Brings the threads that are on any CPU up to date. */
static void flush_all(void)
{
	int cpus = libbpf_num_possible_cpus();

	for (int i = 0; i < cpus; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, o, .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = (uint32_t)i);

		/* fails for a CPU that is not there */
		bpf_prog_test_run_opts(bpf_program__fd(r->progs.event_flush), &o);
	}
}

/* Opens both events on each CPU that there is. */
static void open_everywhere(void)
{
	static const uint64_t config[2] = {PERF_COUNT_SW_PAGE_FAULTS, PERF_COUNT_SW_CONTEXT_SWITCHES};
	int cpus = libbpf_num_possible_cpus();

	for (int cpu = 0; cpu < cpus; cpu++) {
		for (uint32_t e = 0; e < 2; e++) {
			int fd = event_open(config[e], -1, cpu);

			if (fd < 0)
				continue;
			event_put(e, (uint32_t)cpu, fd);
			/* the map keeps it open */
			close(fd);
		}
	}
}

/* Runs fn in a new process, and waits for it. */
static void in_child(void (*fn)(void))
{
	pid_t pid = fork();

	if (!pid) {
		fn();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void start_and_end(void)
{
	struct thread t;

	thread_start(&t);
	thread_end(&t);
}

static void children(void)
{
	struct thread t, late;

	r = faults_open(1);
	if (!r)
		return;
	thread_start(&t);
	attach(r->progs.task_newtask, &r->links.task_newtask);
	start_and_end();
	expect("a thread of a process that is not counted", numbers_left(), OTHERS);
	rig_seed((uint32_t)gettid(), VMP_SEED_OTHER);
	in_child(start_and_end);
	expect("another process, and its threads", numbers_left(), OTHERS - 1);
	thread_start(&late);
	expect("a new thread", number_of(late.tid), SLOTS + 1);
	expect("one that was there before", number_of(t.tid), NONE);
	thread_end(&late);
	thread_end(&t);
	lost(0);
}

/* From their birth to their end: what an event of their parent has that children inherit. */
static void from_birth_to_end(void)
{
	struct perf_event_attr a = {
		.size = sizeof(a),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.inherit = 1,
	};
	uint64_t want, got = 0;
	int fd;

	r = faults_open(2);
	if (!r)
		return;
	open_everywhere();
	attach(r->progs.sched_switch, &r->links.sched_switch);
	attach(r->progs.task_newtask, &r->links.task_newtask);
	rig_attach_end();
	rig_seed((uint32_t)gettid(), VMP_SEED_OTHER);
	start_and_end();
	rig_news();
	flush_all();
	for (uint32_t i = SLOTS; i < SLOTS + OTHERS; i++)
		got -= count(i, 0);
	fd = (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	want = event_value(fd);
	start_and_end();
	rig_news();
	flush_all();
	want = event_value(fd) - want;
	for (uint32_t i = SLOTS; i < SLOTS + OTHERS; i++)
		got += count(i, 0);
	expect("faults of two threads", got, want);
	expect("some", got > 0, 1);
	close(fd);
	lost(0);
}

/* What each has counted up to its end is what events of its own have. */
static void compare_ended(const int own[][2])
{
	for (uint32_t i = 0; i < OTHERS; i++) {
		struct vmp_counts c = counts_of(SLOTS + i);
		uint64_t less;

		expect("life", other(SLOTS + i).life, VMP_GONE);
		expect("faults up to its end", c.of[0].value, event_value(own[i][0]));
		/*
		 * The kernel counts a switch after the tracepoint, so here a thread's
		 * arrivals count, there its departures; it has slept, and has ended.  On
		 * 6.1 perf's count of one of them is one less.
		 */
		less = c.of[1].value - event_value(own[i][1]);
		expect("switches up to its end", less == 1 || less == 2, 1);
		expect("counted all the time", c.of[0].running, c.of[0].enabled);
		expect("some time", c.of[0].enabled > 0, 1);
		tap_note("switched %llu times", (unsigned long long)c.of[1].value);
	}
}

#define CPUS 64

static pthread_t idlers[CPUS];
static atomic_int idling;

static void *idler_main(void *cpu)
{
	struct sched_param p = {0};
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
	pthread_setschedparam(pthread_self(), SCHED_IDLE, &p);
	while (atomic_load(&idling))
		;
	return NULL;
}

/*
 * No CPU is idle until busy_end(), at no cost to others.  Some kernels (seen with a
 * 6.18) leave out the tracepoint at switches from idle: nobody sees such arrivals.
 */
static void busy_begin(void)
{
	atomic_store(&idling, 1);
	for (size_t cpu = 0; cpu < CPUS && cpu < (size_t)libbpf_num_possible_cpus(); cpu++)
		pthread_create(&idlers[cpu], NULL, idler_main, (void *)cpu);
}

static void busy_end(void)
{
	atomic_store(&idling, 0);
	for (size_t cpu = 0; cpu < CPUS && cpu < (size_t)libbpf_num_possible_cpus(); cpu++)
		pthread_join(idlers[cpu], NULL);
}

/* Some thread left its CPU more often than it is known to have come to one. */
static bool arrival_left_out(const int own[][2])
{
	for (uint32_t i = 0; i < OTHERS; i++)
		if (counts_of(SLOTS + i).of[1].value <= event_value(own[i][1]))
			return true;
	return false;
}

#define ROUNDS 5

/*
 * More threads than their CPU has room for, among others, with events of CPUs, not
 * of threads.  False: the kernel has left out the tracepoint at a switch.
 */
static bool switches_seen(bool last)
{
	uint64_t faults[ROUNDS][OTHERS];
	struct thread t[OTHERS], bystander;
	int own[OTHERS][2];
	cpu_set_t all;
	bool seen;

	r = faults_open(2);
	if (!r)
		return true;
	for (uint32_t i = 0; i < OTHERS; i++)
		thread_start(&t[i]);
	thread_start(&bystander);
	/* threads start on this one's CPU: one of them may leave it */
	memset(&all, 0xff, sizeof(all));
	pthread_setaffinity_np(t[0].thread, sizeof(all), &all);
	busy_begin();
	open_everywhere();
	attach(r->progs.sched_switch, &r->links.sched_switch);
	rig_attach_end();
	for (uint32_t i = 0; i < OTHERS; i++) {
		own[i][0] = event_open(PERF_COUNT_SW_PAGE_FAULTS, t[i].tid, -1);
		own[i][1] = event_open(PERF_COUNT_SW_CONTEXT_SWITCHES, t[i].tid, -1);
		rig_seed((uint32_t)t[i].tid, VMP_SEED_OTHER);
	}
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < OTHERS; i++)
			thread_ask(&t[i], 200 + i);
		thread_ask(&bystander, 300);
		for (uint32_t i = 0; i < OTHERS; i++)
			pthread_barrier_wait(&t[i].done);
		pthread_barrier_wait(&bystander.done);
		flush_all();
		for (uint32_t i = 0; i < OTHERS; i++)
			faults[round][i] = count(SLOTS + i, 0);
	}
	for (uint32_t i = 0; i < OTHERS; i++)
		thread_end(&t[i]);
	thread_end(&bystander);
	busy_end();
	for (uint32_t i = 0; i < OTHERS; i++)
		rig_news();
	seen = !arrival_left_out(own);
	if (seen || last) {
		for (uint64_t round = 0; round < ROUNDS; round++)
			for (uint32_t i = 0; i < OTHERS; i++)
				expect("faults", faults[round][i], (round + 1) * (200 + i));
		compare_ended(own);
	}
	for (uint32_t i = 0; i < OTHERS; i++) {
		close(own[i][0]);
		close(own[i][1]);
	}
	lost(0);
	return seen;
}

static void real_switches(void)
{
	for (int tries = 3; tries && !switches_seen(tries == 1); tries--) {
		if (tries > 1) {
			tap_note("again: the kernel has left out a switch");
			rig_close();
		}
	}
}

int main(int argc, char **argv)
{
	const char *root = geteuid() ? "needs root" : NULL;

	if (argc > 1)
		tap_only(argv[1]);
	faults_stay();
	tap_test("numbers of threads that run no vCPU", root, numbers);
	tap_test("new threads", root, children);
	tap_test("a new thread from its birth to its end", root, from_birth_to_end);
	tap_test("the kernel's own switches", root, real_switches);
	return tap_end();
}
