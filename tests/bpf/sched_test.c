// SPDX-License-Identifier: GPL-2.0-only
/* Threads that leave the CPU and come back, under the kernel's own scheduler events. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rig.h"

#define MANY   6
#define ROUNDS 1000

static struct rig_options options = {
	.programs = {"kvm_exit_arg", "sched_switch", "sched_wakeup", "sched_process_exit"},
	.isa = VMP_ISA_SVM,
};

static struct made_bpf *open_attached(void)
{
	struct made_bpf *r = rig_open(&options);

	if (!r)
		return NULL;
	r->links.sched_switch = bpf_program__attach(r->progs.sched_switch);
	r->links.sched_wakeup = bpf_program__attach(r->progs.sched_wakeup);
	r->links.sched_process_exit = bpf_program__attach(r->progs.sched_process_exit);
	if (!r->links.sched_switch || !r->links.sched_wakeup || !r->links.sched_process_exit)
		wrong("cannot attach: %s", strerror(errno));
	return r;
}

/* The slot, once its thread is in this state. */
static struct vmp_slot slot_in(uint32_t i, uint32_t state)
{
	time_t limit = time(NULL) + 60; /* for a test that fails */
	struct vmp_slot s;

	do {
		s = rig_slot(i);
		if (time(NULL) > limit) {
			wrong("slot %u is in the state %u, not %u", i, VMP_MODE_STATE(s.mode), state);
			break;
		}
	} while (VMP_MODE_STATE(s.mode) != state || s.begin != s.since);
	return s;
}

/* What holds of any thread that is off the CPU. */
static void expect_sound(uint32_t i, const struct vmp_slot *s)
{
	expect("balance", charged(s), s->since - s->first_ns);
	expect("times by CPU", rig_cpu_ns(i),
	       state_ns(s, VMP_GUEST) + state_ns(s, VMP_KVM) + state_ns(s, VMP_VMM) + state_ns(s, VMP_POLL) +
		       state_ns(s, VMP_RUNNING) + s->halt_ns);
}

static void sleeps_in_an_exit(void)
{
	struct made_bpf *r = open_attached();
	struct worker *w = worker_new();
	struct vmp_slot before, s;

	if (!r)
		return;
	WORK(w, r, entry, 0, 0);
	WORK(w, r, kvm_exit_arg, 0x3b, 0);
	before = slot_in(0, VMP_BLOCKED);
	expect_sound(0, &before);
	expect("the open exit has the time so far", before.exit[1].ns[VMP_KVM], before.handled_ns);
	WORK(w, r, entry, 0, 0);
	s = slot_in(0, VMP_BLOCKED);
	expect_sound(0, &s);
	expect("exits", exits_of(&s, 0x3b), 1);
	expect("blocked in the exit", s.exit[1].ns[VMP_BLOCKED] > 0, 1);
	expect("nothing of it is handling", s.exit[1].max_ns, s.exit[1].ns[VMP_KVM]);
	expect("idle", state_ns(&s, VMP_IDLE), 0);
	/* it sleeps again, in the guest: outside any exit */
	expect("blocked outside", s.ns[VMP_BLOCKED] > 0, before.ns[VMP_BLOCKED] > 0);
	worker_end(w);
}

/* To a VMM that halts by itself. */
static void vmm_halts(void)
{
	struct made_bpf *r = open_attached();
	struct worker *w = worker_new();
	struct vmp_slot s;

	if (!r)
		return;
	WORK(w, r, entry, 0, 0);
	for (int i = 0; i < 3; i++) {
		WORK(w, r, kvm_exit_arg, 0x38, 0);
		WORK(w, r, userspace_exit, 5, 0);
		slot_in(0, VMP_IDLE);
		WORK(w, r, entry, 0, 0);
	}
	s = slot_in(0, VMP_BLOCKED);
	expect_sound(0, &s);
	expect("idle in the exit", s.exit[1].ns[VMP_IDLE] > 0, 1);
	for (int k = 1; k < VMP_HIST; k++) {
		s.halts.hist[0] += s.halts.hist[k];
		s.wakes.hist[0] += s.wakes.hist[k];
	}
	expect("halts", s.halts.hist[0], 3);
	expect("wakes", s.wakes.hist[0], 3);
	expect("idle is what the halts took", s.exit[1].ns[VMP_IDLE], s.halts.ns);
	worker_end(w);
}

static pthread_barrier_t together;

/* Exits without end in more threads than CPUs. */
static void *exit_and_enter(void *arg)
{
	struct made_bpf *r = arg;

	pthread_barrier_wait(&together);
	RUN(r, entry, 0, 0);
	for (int i = 0; i < ROUNDS && !wrong_yet(); i++) {
		RUN(r, kvm_exit_arg, 0x32 + i % 5, 0);
		if (i % 7 == 0)
			RUN(r, userspace_exit, 2, 0);
		RUN(r, entry, 0, 0);
		/* who has to share a CPU loses it here */
		if (i % 16 == 0)
			sched_yield();
	}
	return NULL;
}

static void crowded_cpus(void)
{
	struct made_bpf *r = open_attached();
	pthread_t thread[MANY];
	uint64_t wait = 0, moves = 0;
	cpu_set_t one, all;

	if (!r)
		return;
	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&one); cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	pthread_barrier_init(&together, NULL, MANY + 1);
	/* half of them on one CPU: they have to wait for each other */
	for (int i = 0; i < MANY; i++) {
		pthread_create(&thread[i], NULL, exit_and_enter, r);
		if (i % 2)
			pthread_setaffinity_np(thread[i], sizeof(one), &one);
	}
	pthread_barrier_wait(&together);
	for (int i = 0; i < MANY; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&together);
	for (uint32_t i = 0; i < MANY; i++) {
		time_t limit = time(NULL) + 60;
		struct vmp_slot s;

		/* a thread's end comes after its join */
		do {
			s = rig_slot(i);
		} while (s.life != VMP_GONE && time(NULL) < limit);
		expect("life", s.life, VMP_GONE);
		expect("balance", charged(&s), s.end_ns - s.first_ns);
		expect_sound(i, &s);
		expect("exits", exits_all(&s), ROUNDS);
		expect("unpaired", s.unpaired, 0);
		expect("moves to another node are moves", s.node_moves <= s.moves, 1);
		wait += state_ns(&s, VMP_WAIT);
		moves += s.moves;
	}
	expect("they waited", wait > 0, 1);
	tap_note("waited %llu us, moved %llu times", (unsigned long long)wait / 1000,
		 (unsigned long long)moves);
}

static void look_at_threads(struct made_bpf *r)
{
	struct bpf_link *link = bpf_program__attach_iter(r->progs.seed_threads, NULL);
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	char c;

	if (fd < 0)
		wrong("cannot look at all threads: %s", strerror(errno));
	expect("what looking gives", (uint64_t)read(fd, &c, 1), 0);
	close(fd);
	bpf_link__destroy(link);
}

static atomic_int spin;

static void *spinner(void *arg)
{
	*(uint32_t *)arg = (uint32_t)gettid();
	atomic_store(&spin, 1);
	while (atomic_load(&spin))
		;
	return NULL;
}

/* Until this thread of ours sleeps: the kernel announces it nowhere else. */
static void await_sleep(uint32_t tid)
{
	char path[64], state = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%u/stat", tid);
	while (state != 'S') {
		FILE *f = fopen(path, "r");

		if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			wrong("cannot read %s", path);
		if (!f || wrong_yet())
			return;
		fclose(f);
	}
}

/* Threads that were there before the first event. */
static void seeded(void)
{
	struct made_bpf *r = open_attached();
	struct worker *w = worker_new();
	uint32_t sleeper = worker_tid(w), runner = 0;
	struct vmp_slot s, t;
	pthread_t thread;
	int32_t id = 5;

	if (!r)
		return;
	await_sleep(sleeper);
	pthread_create(&thread, NULL, spinner, &runner);
	while (!atomic_load(&spin))
		sched_yield();
	bpf_map_update_elem(bpf_map__fd(r->maps.seeds), &sleeper, &id, BPF_ANY);
	id = 6;
	bpf_map_update_elem(bpf_map__fd(r->maps.seeds), &runner, &id, BPF_ANY);
	look_at_threads(r);
	/* twice gives them no second slot */
	look_at_threads(r);
	expect("a third slot", rig_slot(2).life, VMP_FREE);
	s = rig_slot(0);
	t = rig_slot(1);
	if (s.tid != sleeper) {
		struct vmp_slot other = s;

		s = t;
		t = other;
	}
	expect("tid of the one that sleeps", s.tid, sleeper);
	expect("its vCPU", (uint64_t)s.vcpu_id, 5);
	expect("its state", VMP_MODE_STATE(s.mode), VMP_BLOCKED);
	expect("its process", s.tgid, (uint64_t)getpid());
	expect("tid of the one that runs", t.tid, runner);
	expect("its vCPU", (uint64_t)t.vcpu_id, 6);
	expect("its state: running, or waiting for a CPU",
	       VMP_MODE_STATE(t.mode) == VMP_RUNNING || VMP_MODE_STATE(t.mode) == VMP_WAIT, 1);
	/* it wakes, and enters its guest */
	WORK(w, r, entry, 0, 0);
	for (uint32_t i = 0; i < 2; i++) {
		if (rig_slot(i).tid != sleeper)
			continue;
		s = slot_in(i, VMP_BLOCKED);
		expect_sound(i, &s);
		expect("slept before", s.ns[VMP_BLOCKED] > 0, 1);
		expect("ran before it entered", s.ns[VMP_RUNNING] > 0, 1);
		expect("in the guest", s.ns[VMP_GUEST] > 0, 1);
	}
	atomic_store(&spin, 0);
	pthread_join(thread, NULL);
	worker_end(w);
}

static void not_seeded(void)
{
	struct worker *w = worker_new();
	struct rig_options closed = options;
	uint32_t tid = worker_tid(w);
	struct made_bpf *r;
	int32_t id = 0;

	closed.closed = true;
	r = rig_open(&closed);
	if (!r)
		return;
	look_at_threads(r);
	bpf_map_update_elem(bpf_map__fd(r->maps.seeds), &tid, &id, BPF_ANY);
	look_at_threads(r);
	expect("life with the gate closed", rig_slot(0).life, VMP_FREE);
	r->bss->gate = 1;
	bpf_map_delete_elem(bpf_map__fd(r->maps.seeds), &tid);
	look_at_threads(r);
	expect("life of a thread that is no vCPU's", rig_slot(0).life, VMP_FREE);
	worker_end(w);
}

static void halts(void)
{
	struct made_bpf *r = open_attached();
	uint64_t count = 0;
	struct vmp_slot s;

	if (!r)
		return;
	RUN(r, entry, 0, 0);
	RUN(r, kvm_exit_arg, 0x38, 0);
	/* polled with success, for longer than this exit is open */
	RUN(r, wakeup, 1ULL << 40, 0);
	s = rig_slot(0);
	expect("poll takes no more than there is", state_ns(&s, VMP_POLL) > 0, 1);
	expect("polling is no handling", s.exit[1].ns[VMP_KVM], 0);
	RUN(r, entry, 0, 0);
	RUN(r, kvm_exit_arg, 0x38, 0);
	RUN(r, wakeup, 0, 1);
	RUN(r, entry, 0, 0);
	s = rig_slot(0);
	for (int k = 0; k < VMP_HIST; k++)
		count += s.halts.hist[k];
	expect("halts", count, 2);
	expect("the longest", s.halts.max_ns, 1ULL << 40);
	expect("all of the second is handling", s.exit[1].ns[VMP_KVM] > 0, 1);
	expect("exits", exits_of(&s, 0x38), 2);
	expect("balance", charged(&s), s.since - s.first_ns);
}

int main(int argc, char **argv)
{
	const char *root = geteuid() ? "needs root" : NULL;

	if (argc > 1)
		tap_only(argv[1]);
	tap_test("a thread sleeps in an exit", root, sleeps_in_an_exit);
	tap_test("a VMM halts by itself", root, vmm_halts);
	tap_test("more threads than CPUs", root, crowded_cpus);
	tap_test("threads that exist at the start", root, seeded);
	tap_test("threads that are no vCPU's, and a closed gate", root, not_seeded);
	tap_test("halts", root, halts);
	return tap_end();
}
