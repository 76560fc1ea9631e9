// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of threads, by page faults: a thread has exactly as many as it touches
 * pages that were not there before.  An event of the running thread can be read
 * by BPF programs that run in it, so one thread plays them all, on one CPU.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "faults.h"

#define A 0U /* threads by their numbers */
#define B 1U

static struct made_bpf *r;
static uint32_t cpu; /* that this thread stays on */

static void switched(uint32_t out, uint32_t in)
{
	RUN(r, event_switched, out, in);
}

static struct vmp_event_cpu event_cpu(void)
{
	struct vmp_event_cpu x = {0};

	if (bpf_map_lookup_elem(bpf_map__fd(r->maps.event_cpus), &cpu, &x))
		wrong("nothing of CPU %u: %s", cpu, strerror(errno));
	return x;
}

/* The same, each event counting this thread's faults; their descriptor in fd. */
static bool open_faults(uint32_t events, int *fd)
{
	r = faults_open(events);
	if (!r)
		return false;
	*fd = event_open(PERF_COUNT_SW_PAGE_FAULTS, 0, -1);
	for (uint32_t e = 0; e < events; e++)
		event_put(e, cpu, *fd);
	/* once, so that the code is there */
	switched(NONE, A);
	switched(A, NONE);
	return !wrong_yet();
}

static void each_its_own(void)
{
	struct vmp_counts a;
	int fd;

	if (!open_faults(1, &fd))
		return;
	switched(NONE, A);
	expect("owner", event_cpu().owner, A + 1);
	touch(7);
	switched(A, NONE);
	expect("owner", event_cpu().owner, 0);
	expect("it came, and left", count(A, 0), 7);
	touch(100);
	switched(NONE, B);
	touch(3);
	switched(B, A);
	touch(2);
	switched(A, NONE);
	expect("one before the other", count(B, 0), 3);
	expect("the other", count(A, 0), 9);
	a = counts_of(A);
	expect("it had its counter all the time", a.of[0].running, a.of[0].enabled);
	expect("some time", a.of[0].enabled > 0, 1);
	expect("updates", a.end, 3);
	lost(0);
	close(fd);
}

static void arrival_not_seen(void)
{
	int fd;

	if (!open_faults(1, &fd))
		return;
	touch(5);
	switched(A, NONE);
	expect("it was there before anything was read", count(A, 0), 0);
	switched(NONE, A);
	touch(5);
	switched(B, A);
	expect("another one had come", count(B, 0), 0);
	touch(2);
	switched(A, NONE);
	expect("what it has since then", count(A, 0), 2);
	switched(NONE, A);
	touch(5);
	switched(NONE, NONE);
	touch(5);
	switched(A, NONE);
	expect("no thread of a VM had it meanwhile", count(A, 0), 2);
	lost(0);
	close(fd);
}

/* A thread that does not leave its CPU is brought up to date there; one that has no number is nobody. */
static void flushed(void)
{
	uint32_t me;
	int fd;

	if (!open_faults(1, &fd))
		return;
	RUN(r, event_flush, 0, 0);
	expect("owner", event_cpu().owner, 0);
	rig_seed((uint32_t)gettid(), VMP_SEED_OTHER);
	me = number_of(gettid());
	expect("number", me, SLOTS);
	touch(5);
	RUN(r, event_flush, 0, 0);
	expect("owner", event_cpu().owner, me + 1);
	expect("before it was known here", count(me, 0), 0);
	for (unsigned int i = 1; i <= 3; i++) {
		touch(4);
		RUN(r, event_flush, 0, 0);
		expect("up to date", count(me, 0), 4 * i);
	}
	touch(1);
	switched(me, NONE);
	expect("left", count(me, 0), 13);
	lost(0);
	close(fd);
}

static void opened_anew(void)
{
	int fd, again;

	if (!open_faults(1, &fd))
		return;
	switched(NONE, A);
	touch(50);
	switched(A, A);
	again = event_open(PERF_COUNT_SW_PAGE_FAULTS, 0, -1);
	event_put(0, cpu, again);
	touch(5);
	switched(A, A);
	expect("a count that went back is nobody's", count(A, 0), 50);
	lost(1);
	touch(6);
	switched(A, NONE);
	expect("what came after it", count(A, 0), 56);
	lost(1);
	expect("nothing to be done about it", event_cpu().stale, 0);
	close(fd);
	close(again);
}

static void not_there(void)
{
	int fd;

	if (!open_faults(3, &fd))
		return;
	switched(NONE, A);
	event_put(1, cpu, -1);
	touch(4);
	switched(A, A);
	lost(1);
	expect("valid", event_cpu().valid, 5);
	expect("the one before it", count(A, 0), 4);
	expect("the one without an event", count(A, 1), 0);
	expect("the one after it", count(A, 2), 4);
	event_put(1, cpu, fd);
	touch(3);
	switched(A, A);
	lost(1);
	expect("back, it is known from then on", count(A, 1), 0);
	touch(2);
	switched(A, NONE);
	expect("and counts", count(A, 1), 2);
	expect("the others", count(A, 0) + count(A, 2), 18);
	lost(1);
	/* no thread of a VM leaves: nothing is lost of anybody */
	event_put(1, cpu, -1);
	switched(NONE, B);
	lost(1);
	close(fd);
}

/* What a CPU that goes does to its events: they stay off when it comes back. */
static void stands_still(void)
{
	struct vmp_event_cpu x;
	int fd, own;

	if (!open_faults(2, &fd))
		return;
	own = event_open(PERF_COUNT_SW_PAGE_FAULTS, 0, -1);
	event_put(1, cpu, own);
	switched(NONE, A);
	switched(A, A);
	expect("while it counts", event_cpu().stale, 0);
	ioctl(own, PERF_EVENT_IOC_DISABLE, 0);
	switched(A, A);
	lost(0); /* there was some time before */
	touch(3);
	switched(A, A);
	x = event_cpu();
	expect("it stands still", x.stale, 2);
	lost(1);
	expect("the other one counts", count(A, 0), 3);
	x.stale = 0;
	bpf_map_update_elem(bpf_map__fd(r->maps.event_cpus), &cpu, &x, BPF_ANY);
	ioctl(own, PERF_EVENT_IOC_ENABLE, 0);
	touch(3);
	switched(A, NONE);
	expect("it counts again", count(A, 1), 3);
	expect("and is no more said to stand still", event_cpu().stale, 0);
	lost(1);
	close(fd);
	close(own);
}

/* One that nobody wants is not read: it may be closed, and begins anew when it is wanted again. */
static void not_wanted(void)
{
	struct vmp_counts before;
	uint32_t key;
	int fd, anew;

	if (!open_faults(2, &fd))
		return;
	switched(NONE, A);
	touch(3);
	switched(A, A);
	expect("wanted", count(A, 1), 3);
	before = counts_of(A);
	r->data->events_on = 1;
	switched(A, A); /* as a reading does */
	key = (uint32_t)libbpf_num_possible_cpus() + cpu;
	bpf_map_delete_elem(bpf_map__fd(r->maps.event_fds), &key);
	touch(5);
	switched(A, A);
	expect("the other one", count(A, 0), 8);
	expect("not wanted", count(A, 1), 3);
	expect("nor its time", counts_of(A).of[1].enabled, before.of[1].enabled);
	anew = event_open(PERF_COUNT_SW_PAGE_FAULTS, 0, -1);
	event_put(1, cpu, anew);
	r->data->events_on = 3;
	switched(A, A);
	touch(2);
	switched(A, NONE);
	expect("the other one goes on", count(A, 0), 10);
	expect("wanted again", count(A, 1), 5);
	lost(0);
	close(fd);
	close(anew);
}

static void as_many_as_there_can_be(void)
{
	int fd;

	if (!open_faults(VMP_EVENTS, &fd))
		return;
	switched(NONE, A);
	touch(9);
	switched(A, NONE);
	for (uint32_t e = 0; e < VMP_EVENTS; e++)
		expect("each", count(A, e), 9);
	expect("valid", event_cpu().valid, (1ULL << VMP_EVENTS) - 1);
	lost(0);
	close(fd);
}

/* A thread that runs its first vCPU takes along what it has counted. */
static void becomes_a_vcpu(void)
{
	uint32_t me;
	int fd;

	if (!open_faults(2, &fd))
		return;
	rig_seed((uint32_t)gettid(), VMP_SEED_OTHER);
	me = number_of(gettid());
	RUN(r, event_flush, 0, 0);
	touch(5);
	RUN(r, event_flush, 0, 0);
	expect("as another thread", count(me, 1), 5);
	touch(2);
	RUN(r, entry, 0, 0);
	expect("it has a slot", rig_slot(0).tid, (uint64_t)gettid());
	expect("its counts are there, up to now", count(0, 1), 7);
	expect("and not here", count(me, 1), 0);
	expect("owner", event_cpu().owner, 1);
	touch(4);
	RUN(r, event_flush, 0, 0);
	expect("nothing was lost between", count(0, 1), 11);
	expect("of the other event", count(0, 0), 11);
	expect("its number is free", other(me).life, VMP_FREE);
	expect("numbers left", numbers_left(), OTHERS);
	/* it is none of the others any more */
	rig_seed((uint32_t)gettid(), VMP_SEED_OTHER);
	expect("numbers left", numbers_left(), OTHERS);
	lost(0);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *root = geteuid() ? "needs root" : NULL;

	if (argc > 1)
		tap_only(argv[1]);
	cpu = faults_stay();
	tap_test("each thread has its own events", root, each_its_own);
	tap_test("a thread whose arrival was not seen", root, arrival_not_seen);
	tap_test("a thread that does not leave its CPU", root, flushed);
	tap_test("an event is opened anew", root, opened_anew);
	tap_test("an event that is not there", root, not_there);
	tap_test("an event that stands still", root, stands_still);
	tap_test("an event that is not wanted", root, not_wanted);
	tap_test("as many events as there can be", root, as_many_as_there_can_be);
	tap_test("a thread with events becomes a vCPU", root, becomes_a_vcpu);
	return tap_end();
}
