// SPDX-License-Identifier: GPL-2.0-only
/* The index from tasks to slots: threads that have the same place in it. */
#include <string.h>
#include <unistd.h>

#include "rig.h"

static const struct rig_options options = {
	.programs = {"kvm_exit_arg", "sched_process_exit"},
	.isa = VMP_ISA_SVM,
};

/* Threads of the running test; one and two of them have the same place in the index. */
static struct worker *all[VMP_INDEX + 1], *one, *two;
static uint32_t n;

static void end_worker(const struct worker *w)
{
	for (uint32_t i = 0; i < n; i++) {
		if (all[i] != w)
			continue;
		worker_end(all[i]);
		all[i] = NULL;
	}
}

static void end_workers(void)
{
	for (uint32_t i = 0; i < n; i++)
		if (all[i])
			worker_end(all[i]);
}

/* Loads the object and starts the threads; NULL: that failed. */
static struct made_bpf *open_crowded(const struct rig_options *o)
{
	static struct worker *at[VMP_INDEX];
	struct made_bpf *r = rig_open(o);

	if (!r)
		return NULL;
	rig_attach_end();
	memset(at, 0, sizeof(at));
	n = 0;
	two = NULL;
	/* of VMP_INDEX + 1 threads two must meet; mostly some 80 are enough */
	while (n <= VMP_INDEX && !two) {
		struct worker *w = all[n++] = worker_new();
		int64_t place = WORK(w, r, index_place, 0, 0);

		if (place < 0 || place >= VMP_INDEX)
			break;
		if (at[place]) {
			one = at[place];
			two = w;
		}
		at[place] = w;
	}
	if (!two)
		wrong("no two of %u threads share a place", n);
	return two ? r : NULL;
}

/* Two threads whose tasks have the same place in the index. */
static void crowded_place(void)
{
	struct made_bpf *r = open_crowded(&options);
	int64_t place;

	if (!r)
		return;
	for (int i = 0; i < 4; i++) {
		WORK(one, r, entry, 0, 0);
		WORK(two, r, entry, 0, 0);
		WORK(one, r, kvm_exit_arg, 0x3b, 0);
		WORK(two, r, kvm_exit_arg, 0x32, 0);
	}
	expect("the first is found without a call", (uint64_t)WORK(one, r, indexed, 0, 0), 1);
	expect("the second is not", (uint64_t)WORK(two, r, indexed, 0, 0), 0);
	for (uint32_t i = 0; i < 2; i++) {
		struct vmp_slot s = rig_slot(i);

		expect("news", (uint64_t)rig_news(), i);
		expect("tid", s.tid, worker_tid(i ? two : one));
		expect("exits", exits_of(&s, i ? 0x32 : 0x3b), 4);
		expect("all exits", exits_all(&s), 4);
		expect("unpaired", s.unpaired, 0);
	}
	place = WORK(one, r, index_place, 0, 0);
	expect("threads without room", (uint64_t)RUN(r, index_crowded, place, 0), 1);
	/* the end of the one that is not in the index is seen too, and leaves the other's entry */
	end_worker(two);
	expect("news of its end", (uint64_t)rig_news(), 1);
	expect("life", rig_slot(1).life, VMP_GONE);
	expect("the first is still found", (uint64_t)WORK(one, r, indexed, 0, 0), 1);
	expect("threads without room", (uint64_t)RUN(r, index_crowded, place, 0), 0);
	end_workers();
	expect("news of the first one's end", (uint64_t)rig_news(), 0);
	expect("life of the first", rig_slot(0).life, VMP_GONE);
}

/* The one that had the place ends: the other takes it. */
static void place_taken_over(void)
{
	struct made_bpf *r = open_crowded(&options);
	int64_t place;

	if (!r)
		return;
	WORK(one, r, entry, 0, 0);
	WORK(two, r, entry, 0, 0);
	expect("news", (uint64_t)rig_news(), 0);
	expect("news", (uint64_t)rig_news(), 1);
	end_worker(one);
	expect("news of its end", (uint64_t)rig_news(), 0);
	place = WORK(two, r, index_place, 0, 0);
	expect("threads without room", (uint64_t)RUN(r, index_crowded, place, 0), 1);
	WORK(two, r, kvm_exit_arg, 0x3b, 0);
	expect("found without a call", (uint64_t)WORK(two, r, indexed, 0, 0), 1);
	expect("threads without room", (uint64_t)RUN(r, index_crowded, place, 0), 0);
	end_worker(two);
	expect("news of the other's end", (uint64_t)rig_news(), 1);
	expect("the place is free", (uint64_t)RUN(r, index_taken, place, 0), 0);
	expect("threads without room", (uint64_t)RUN(r, index_crowded, place, 0), 0);
	end_workers();
}

/* They run no vCPU: both have numbers all the same. */
static void crowded_others(void)
{
	static const struct rig_options with_events = {
		.programs = {"event_flush", "sched_process_exit"}, .slots = 4, .events = 1, .others = 2};
	struct made_bpf *r = open_crowded(&with_events);
	struct worker *w[2] = {one, two};
	struct vmp_other o;
	int64_t place;

	if (!r)
		return;
	place = WORK(one, r, index_place, 0, 0);
	for (uint32_t i = 0; i < 2; i++) {
		rig_seed(worker_tid(w[i]), VMP_SEED_OTHER);
		bpf_map_lookup_elem(bpf_map__fd(r->maps.others), &i, &o);
		expect("tid", o.tid, worker_tid(w[i]));
		expect("its number", (uint64_t)WORK(w[i], r, number, 0, 0), 4 + i);
	}
	expect("threads without room", (uint64_t)RUN(r, index_crowded, place, 0), 1);
	end_worker(two);
	expect("news of the second one's end", (uint64_t)rig_news(), 5);
	expect("threads without room", (uint64_t)RUN(r, index_crowded, place, 0), 0);
	expect("the first one's number", (uint64_t)WORK(one, r, number, 0, 0), 4);
	end_workers();
	expect("news of the first one's end", (uint64_t)rig_news(), 4);
	expect("the place is free", (uint64_t)RUN(r, index_taken, place, 0), 0);
}

int main(int argc, char **argv)
{
	const char *root = geteuid() ? "needs root" : NULL;

	if (argc > 1)
		tap_only(argv[1]);
	tap_test("two threads in one place of the index", root, crowded_place);
	tap_test("a place of the index goes to the other of two threads", root, place_taken_over);
	tap_test("two threads that run no vCPU in one place of the index", root, crowded_others);
	return tap_end();
}
