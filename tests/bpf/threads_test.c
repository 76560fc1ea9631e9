// SPDX-License-Identifier: GPL-2.0-only
/*
 * The iterator over the threads of VMs, on processes that stand still: what it
 * tells is what the kernel's own files tell.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/threads.h"
#include "probe/iter.h"
#include "rig.h"

#define VHOST_SET_OWNER _IO(0xAF, 0x01) /* linux/vhost.h */

/* The child: threads with these names, and some that end at once. */
struct plan {
	const char *names[4];
	unsigned int more, ended;
	const char *vhost; /* a device to own */
};

static struct {
	pid_t pid;
	struct rusage usage;
	uint64_t cpu_ns;
} child;

static struct vmp_thread *records;
static size_t nrecords;

static void use_cpu(void)
{
	volatile unsigned int n = 0;

	while (n < 100000)
		n++;
	sched_yield();
}

static void *named(void *name)
{
	if (name)
		prctl(PR_SET_NAME, name);
	use_cpu();
	pause();
	return NULL;
}

static void *ends(void *arg)
{
	use_cpu();
	return arg;
}

static void new_thread(void *(*fn)(void *), const void *arg)
{
	pthread_attr_t a;
	pthread_t t;

	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 65536);
	if (pthread_create(&t, &a, fn, (void *)arg))
		_exit(1);
	if (fn == ends)
		pthread_join(t, NULL);
}

static void be_child(const struct plan *plan)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "made-up VMM");
	for (int i = 0; i < 4 && plan->names[i]; i++)
		new_thread(named, plan->names[i]);
	for (unsigned int i = 0; i < plan->more; i++)
		new_thread(named, NULL);
	for (unsigned int i = 0; i < plan->ended; i++)
		new_thread(ends, NULL);
	if (ioctl(open("/dev/kvm", O_RDWR), KVM_CREATE_VM, 0) < 0)
		_exit(3);
	if (plan->vhost && ioctl(open(plan->vhost, O_RDWR), VHOST_SET_OWNER))
		_exit(2);
	raise(SIGSTOP);
	_exit(0);
}

/* The text of /proc/PID/task/TID/NAME. */
static void task_text(uint32_t tid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%u/%s", child.pid, tid, name);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

/* Field n of its stat, as proc(5) numbers them, from 3 on. */
static const char *stat_field(const char *stat, int n)
{
	const char *p = strrchr(stat, ')');

	for (p = p ? p + 2 : stat; n > 3; n--)
		p = strchr(p, ' ') ? strchr(p, ' ') + 1 : p;
	return p;
}

/* Calls fn with each thread of the child; how many there are. */
static unsigned int each_thread(void (*fn)(uint32_t tid))
{
	unsigned int n = 0;
	char path[64];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", child.pid);
	d = opendir(path);
	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.') {
			n++;
			if (fn)
				fn((uint32_t)atoi(e->d_name));
		}
	if (d)
		closedir(d);
	return n;
}

/* Stopped, and off its CPU: nothing of it changes any more. */
static void wait_still(uint32_t tid)
{
	char text[1024], before[256] = "", after[256];
	struct timespec pause_time = {.tv_nsec = 1000000};

	for (int i = 0; i < 10000; i++, nanosleep(&pause_time, NULL)) {
		task_text(tid, "stat", text, sizeof(text));
		task_text(tid, "schedstat", after, sizeof(after));
		/* a vhost worker is not stopped: it sleeps */
		if (strchr("TS", *stat_field(text, 3)) && !strcmp(before, after))
			return;
		strcpy(before, after);
	}
	wrong("thread %u does not stop", tid);
}

static bool start(const struct plan *plan)
{
	struct timespec t;
	siginfo_t info;
	clockid_t clock;

	child.pid = fork();
	if (!child.pid)
		be_child(plan);
	if (waitid(P_PID, (id_t)child.pid, &info, WSTOPPED | WEXITED | WNOWAIT) ||
	    info.si_code != CLD_STOPPED) {
		wrong("the process did not come to its stop: %d", info.si_status);
		return false;
	}
	each_thread(wait_still);
	/* all of its threads, those that ended included */
	syscall(SYS_waitid, P_PID, child.pid, &info, WSTOPPED | WNOWAIT, &child.usage);
	clock_getcpuclockid(child.pid, &clock);
	clock_gettime(clock, &t);
	child.cpu_ns = (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
	return true;
}

static void on_record(const struct vmp_thread *t, void *arg)
{
	(void)arg;
	records = realloc(records, (nrecords + 1) * sizeof(*records));
	if (!records)
		abort();
	records[nrecords++] = *t;
}

static void on_file(const struct vmp_file *f, void *arg)
{
	if (f->kind == VMP_FILE_VM && f->tgid == (uint32_t)child.pid)
		*(uint64_t *)arg = f->start_ns;
}

/* Reads the child's threads into records; NULL: it failed.  late: how much later it has started. */
static struct iter *read_child(uint64_t late)
{
	struct probe_process process = {.pid = (uint32_t)child.pid};
	struct iter *it;
	int err;

	nrecords = 0;
	rig_listen();
	err = iter_open(&it);
	if (!err)
		err = iter_files(it, on_file, &process.start_ns);
	if (!err && !process.start_ns)
		err = -ESRCH;
	process.start_ns += late;
	if (!err)
		err = iter_threads(it, &process, 1, on_record, NULL);
	if (!err)
		return it;
	wrong("the threads cannot be read: %s", strerror(-err));
	rig_heard();
	iter_close(it);
	return NULL;
}

static void end_child(void)
{
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
}

static const struct vmp_thread *record_of(uint32_t tid)
{
	for (size_t i = 0; i < nrecords; i++)
		if (records[i].tid == tid)
			return &records[i];
	return NULL;
}

/* The process's own, the sum of its ended threads aside. */
static size_t own(void)
{
	size_t n = 0;

	for (size_t i = 0; i < nrecords; i++)
		n += records[i].tid && records[i].tgid == (uint32_t)child.pid;
	return n;
}

static uint64_t status_number(const char *status, const char *name)
{
	const char *p = strstr(status, name);

	return p ? strtoull(p + strlen(name), NULL, 10) : UINT64_MAX;
}

static void compare(uint32_t tid)
{
	const struct vmp_thread *t = record_of(tid);
	char text[4096], *end;

	if (!t) {
		wrong("thread %u is not there", tid);
		return;
	}
	expect("tgid", t->tgid, (uint64_t)child.pid);
	expect("kernel", t->kernel, 0);
	task_text(tid, "schedstat", text, sizeof(text));
	expect("cpu_ns", t->cpu_ns, strtoull(text, &end, 10));
	expect("wait_ns", t->wait_ns, strtoull(end, NULL, 10));
	task_text(tid, "status", text, sizeof(text));
	expect("switches", t->switches,
	       status_number(text, "\nvoluntary_ctxt_switches:\t") +
		       status_number(text, "\nnonvoluntary_ctxt_switches:\t"));
	task_text(tid, "sched", text, sizeof(text));
	end = strstr(text, "\nse.nr_migrations");
	if (end) /* CONFIG_SCHED_DEBUG */
		expect("migrations", t->migrations, strtoull(strchr(end, ':') + 1, NULL, 10));
	task_text(tid, "stat", text, sizeof(text));
	expect("start in ticks", t->start_ns / 10000000, strtoull(stat_field(text, 22), NULL, 10));
	expect("cpu", t->cpu, strtoull(stat_field(text, 39), NULL, 10));
	task_text(tid, "comm", text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	if (strcmp(text, t->comm) != 0)
		wrong("thread %u is called '%s', not '%s'", tid, t->comm, text);
}

/* What its ended threads ran is what the process ran less what its threads did; told once. */
static void compare_ended(void)
{
	uint64_t cpu_ns = child.cpu_ns;
	uint64_t switches = (uint64_t)(child.usage.ru_nvcsw + child.usage.ru_nivcsw);
	const struct vmp_thread *sum = NULL;
	size_t sums = 0;

	for (size_t i = 0; i < nrecords; i++) {
		const struct vmp_thread *t = &records[i];

		if (!t->tid) {
			sum = t;
			sums++;
		} else if (t->tgid == (uint32_t)child.pid) {
			cpu_ns -= t->cpu_ns;
			switches -= t->switches;
		}
	}
	expect("sums of ended threads", sums, 1);
	if (!sum)
		return;
	expect("its process", sum->tgid, (uint64_t)child.pid);
	expect("cpu_ns of ended threads", sum->cpu_ns, cpu_ns);
	expect("switches of ended threads", sum->switches, switches);
	expect("what the kernel has no sums of", sum->wait_ns + sum->migrations, 0);
}

static void check_child(const struct plan *plan)
{
	struct iter *it;

	if (!start(plan))
		return;
	it = read_child(0);
	if (it) {
		expect("threads", own(), each_thread(NULL));
		each_thread(compare);
		compare_ended();
	}
	iter_close(it);
	end_child();
}

static void named_threads(void)
{
	static const struct plan plan = {
		.names = {"worker", "IO iothread1", "CPU 0/KVM", "fifteen letters!"}};

	check_child(&plan);
}

static void ended_threads(void)
{
	static const struct plan plan = {.names = {"worker"}, .ended = 20};

	check_child(&plan);
}

/* Many times what one read gives. */
static void many_threads(void)
{
	static const struct plan plan = {.more = 1500, .ended = 3};

	check_child(&plan);
}

static void another_process_with_the_pid(void)
{
	static const struct plan plan = {.names = {"worker"}};
	struct iter *it;

	if (!start(&plan))
		return;
	it = read_child(1);
	if (it)
		expect("threads", own(), 0);
	iter_close(it);
	end_child();
}

/* Asked again and again, with others before, between and after. */
static void asked_anew(void)
{
	static const struct plan plan = {.names = {"worker"}};
	struct probe_process p[5] = {{0}};
	struct iter *it;
	size_t want;

	if (!start(&plan))
		return;
	it = read_child(0);
	want = each_thread(NULL);
	iter_files(it, on_file, &p[2].start_ns);
	for (unsigned int i = 0; it && i < 32; i++) {
		struct probe_process ask[5];
		size_t n = 0;

		for (unsigned int k = 0; k < 5; k++) {
			p[k].pid = (uint32_t)child.pid + k - 2;
			if (i >> k & 1)
				ask[n++] = p[k];
		}
		nrecords = 0;
		expect("status", (uint64_t)-iter_threads(it, ask, n, on_record, NULL), 0);
		expect("threads", own(), i & 4 ? want : 0);
	}
	iter_close(it);
	end_child();
}

static const char *vhost_device(void)
{
	static const char *const paths[] = {"/dev/vhost-vsock", "/dev/vhost-net"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!access(paths[i], R_OK | W_OK))
			return paths[i];
	return NULL;
}

/* A kernel thread up to 6.3, and where so configured; the process's own since. */
static void vhost_worker(void)
{
	struct plan plan = {.names = {"worker"}, .vhost = vhost_device()};
	const struct vmp_thread *worker = NULL;
	struct iter *it;

	if (!start(&plan))
		return;
	it = read_child(0);
	for (size_t i = 0; it && i < nrecords; i++)
		if (threads_owner(records[i].comm) == (uint32_t)child.pid &&
		    threads_class(records[i].comm, false, records[i].kernel, false) == THREAD_VHOST)
			worker = &records[i];
	if (!worker)
		wrong("%s has no worker", plan.vhost);
	else if (worker->kernel)
		expect("a kernel thread of its own", worker->tgid, worker->tid);
	else
		compare(worker->tid);
	if (worker)
		tap_note("%s: '%s' is %s", plan.vhost, worker->comm,
			 worker->kernel ? "a kernel thread" : "a thread of the process");
	iter_close(it);
	end_child();
}

int main(int argc, char **argv)
{
	const char *skip = geteuid() ? "needs root" : access("/dev/kvm", R_OK | W_OK) ? "no KVM here" : NULL;

	if (argc > 1)
		tap_only(argv[1]);
	tap_test("threads of a process that is stopped", skip, named_threads);
	tap_test("threads that have ended", skip, ended_threads);
	tap_test("1500 threads", skip, many_threads);
	tap_test("another process has the pid now", skip, another_process_with_the_pid);
	tap_test("other processes are asked for, and this one no more", skip, asked_anew);
	tap_test("vhost's worker", skip || vhost_device() ? skip : "no vhost here", vhost_worker);
	free(records);
	return tap_end();
}
