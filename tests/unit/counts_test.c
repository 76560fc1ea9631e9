// SPDX-License-Identifier: GPL-2.0-only
/* What events counted between two samples: scaled, matched by thread, summed up. */
#include "model/counts.h"
#include "pair.h"

static void is(const struct view_event *e, uint64_t value, uint64_t enabled, uint64_t running)
{
	ck_assert_msg(e->known, "not known");
	ck_assert_uint_eq(e->value, value);
	ck_assert_uint_eq(e->enabled, enabled);
	ck_assert_uint_eq(e->running, running);
}

static void unknown(const struct view_event *e, uint64_t enabled)
{
	ck_assert_msg(!e->known, "%llu should not be known", (unsigned long long)e->value);
	ck_assert_uint_eq(e->value, 0);
	ck_assert_uint_eq(e->enabled, enabled);
	ck_assert_uint_eq(e->running, 0);
}

#define TOP UINT64_MAX

static const struct {
	struct vmp_count a, b;
	bool known;
	struct view_event want;
} parts[] = {
	/* all of the time */
	{{100, 1000, 1000}, {250, 3000, 3000}, true, {.value = 150, .enabled = 2000, .running = 2000}},
	/* a third of it; to the nearest */
	{{0, 0, 0}, {10, 300, 100}, true, {.value = 30, .enabled = 300, .running = 100}},
	{{0, 0, 0}, {10, 10, 3}, true, {.value = 33, .enabled = 10, .running = 3}},
	{{0, 0, 0}, {5, 10, 3}, true, {.value = 17, .enabled = 10, .running = 3}},
	/* of the interval alone: what was counted before does not matter */
	{{TOP / 2, TOP / 2, 1},
	 {TOP / 2 + 7, TOP / 2 + 20, 11},
	 true,
	 {.value = 14, .enabled = 20, .running = 10}},
	/* it ran, but the event never had a counter: no value */
	{{5, 1000, 500}, {5, 2000, 500}, false, {.enabled = 1000}},
	/* it did not run */
	{{5, 1000, 500}, {5, 1000, 500}, true, {.value = 0}},
	{{0, 0, 0}, {0, 0, 0}, true, {.value = 0}},
	/* counters that went back */
	{{50, 1000, 1000}, {40, 1100, 1100}, true, {.value = 0, .enabled = 100, .running = 100}},
	{{50, 1000, 1000}, {60, 900, 900}, true, {.value = 0}},
	{{50, 1000, 1000}, {60, 1500, 900}, false, {.enabled = 500}},
	/* more than all of the time is all of it */
	{{0, 0, 0}, {7, 100, 101}, true, {.value = 7, .enabled = 100, .running = 100}},
	/* large numbers */
	{{0, 0, 0}, {TOP, TOP, TOP}, true, {.value = TOP, .enabled = TOP, .running = TOP}},
	{{0, 0, 0},
	 {TOP / 3, 3 * SECOND, SECOND},
	 true,
	 {.value = TOP, .enabled = 3 * SECOND, .running = SECOND}},
	{{0, 0, 0}, {TOP, TOP, 1}, true, {.value = TOP, .enabled = TOP, .running = 1}},
	{{0, 0, 0},
	 {1ULL << 62, 1ULL << 62, 1ULL << 61},
	 true,
	 {.value = 1ULL << 63, .enabled = 1ULL << 62, .running = 1ULL << 61}},
};

START_TEST(scaled)
{
	struct sample_event event = {.name = "cycles", .counted = true};
	struct counts c = {.n = 1, .events = &event, .before = true};
	struct view_event *e = counts_between(&c, &parts[_i].a, 1, &parts[_i].b, 1);

	if (parts[_i].known)
		is(e, parts[_i].want.value, parts[_i].want.enabled, parts[_i].want.running);
	else
		unknown(e, parts[_i].want.enabled);
	free(e);
}
END_TEST

/* What is not counted has no value, whatever its numbers are; nor has what a thread had no room for. */
START_TEST(not_counted)
{
	struct sample_event events[3] = {
		{.name = "a"}, {.name = "b", .counted = true, .whole = true}, {.name = "c", .counted = true}};
	struct vmp_count now[3] = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
	struct counts c = {.n = 3, .events = events, .before = true};
	struct view_event *e = counts_between(&c, NULL, 0, now, 3);

	unknown(&e[0], 0);
	unknown(&e[1], 0);
	is(&e[2], 1, 1, 1);
	free(e);
	e = counts_between(&c, now, 3, NULL, 0);
	unknown(&e[2], 0);
	free(e);
	e = counts_between(&c, now, 3, now, 2);
	unknown(&e[2], 0);
	free(e);
	e = counts_between(&c, now, 2, now, 3);
	is(&e[2], 1, 1, 1);
	free(e);
	c.before = false;
	e = counts_between(&c, now, 3, now, 3);
	is(&e[2], 1, 1, 1);
	free(e);
	c.n = 0;
	ck_assert_ptr_null(counts_between(&c, now, 3, now, 3));
}
END_TEST

static const struct view_event kinds[] = {
	{0},                                                       /* nothing there */
	{.known = true},                                           /* did not run */
	{.enabled = 50},                                           /* ran, without a value */
	{.known = true, .value = 7, .enabled = 10, .running = 10}, /* counted */
	{.known = true, .value = 9, .enabled = 30, .running = 3},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* Parts of a sum: what ran decides; when nothing did, one that is known to have done nothing does. */
START_TEST(sums)
{
	struct view_event top = {.known = true, .value = TOP - 1, .enabled = TOP, .running = TOP};

	counts_add(&top, &kinds[3], 1);
	is(&top, TOP, TOP, TOP);
	for (size_t x = 0; x < KINDS; x++) {
		for (size_t y = 0; y < KINDS; y++) {
			bool ran = kinds[x].enabled || kinds[y].enabled,
			     counted = kinds[x].running || kinds[y].running,
			     known = ran ? counted : kinds[x].known || kinds[y].known;
			struct view_event sum = kinds[x];

			counts_add(&sum, &kinds[y], 1);
			ck_assert_msg(sum.known == known, "%zu and %zu", x, y);
			ck_assert_uint_eq(sum.value, kinds[x].value + kinds[y].value);
			ck_assert_uint_eq(sum.enabled, kinds[x].enabled + kinds[y].enabled);
			ck_assert_uint_eq(sum.running, kinds[x].running + kinds[y].running);
		}
	}
}
END_TEST

/* The order in which three are added does not matter. */
START_TEST(sums_in_any_order)
{
	for (size_t n = 0; n < KINDS * KINDS * KINDS; n++) {
		const struct view_event *p[3] = {&kinds[n % KINDS], &kinds[n / KINDS % KINDS],
						 &kinds[n / KINDS / KINDS]};
		struct view_event left = *p[0], right = *p[2], pair = *p[1];

		counts_add(&left, p[1], 1);
		counts_add(&left, p[2], 1);
		counts_add(&right, p[1], 1);
		counts_add(&right, p[0], 1);
		counts_add(&pair, p[2], 1);
		counts_add(&pair, p[0], 1);
		ck_assert(left.known == right.known && left.known == pair.known);
		ck_assert_uint_eq(left.value, right.value);
		ck_assert_uint_eq(left.enabled, pair.enabled);
		ck_assert_uint_eq(left.running, pair.running);
	}
}
END_TEST

/* The event of both samples. */
static void event(const char *name, enum event_mode mode)
{
	sample_event(&a, name, mode, EVENT_OTHER);
	sample_event(&b, name, mode, EVENT_OTHER);
}

static struct sample_thread *thread(struct sample_vm *vm, enum thread_class class, uint32_t tid,
				    uint32_t place, uint64_t value)
{
	struct sample_thread *t = sample_thread(vm, class, tid, SECOND, 0);

	sample_count(&t->events, &t->nevents, place, value, value * 10, value * 10);
	return t;
}

/* What threads of a class that have ended counted. */
static void gone(struct sample_vm *vm, uint32_t nevents, enum thread_class class, uint32_t place,
		 uint64_t value)
{
	struct vmp_count *c;

	if (!vm->gone_events)
		vm->gone_events = mem_zalloc((size_t)THREAD_CLASSES * nevents, sizeof(*vm->gone_events));
	vm->nevents = nevents;
	c = &vm->gone_events[class * nevents + place];
	c->value += value;
	c->enabled += value * 10;
	c->running += value * 10;
	vm->gone_threads[class].cpu_ns += value;
}

static const struct view_class *class_of(const struct view_vm *vm, enum thread_class class)
{
	for (uint32_t i = 0; i < vm->nclasses; i++)
		if (vm->classes[i].class == class)
			return &vm->classes[i];
	ck_abort_msg("the VM has no threads of class %d", class);
	return NULL;
}

/* By thread; one that is new, or has another's tid, counts from 0. */
START_TEST(threads_by_class)
{
	struct sample_vm *x, *y;
	struct sample_thread *t;
	const struct view_vm *vm;
	struct view *v;

	fresh(KVM_STATES);
	event("cycles", EVENT_GUEST);
	event("cycles", EVENT_HOST);
	x = sample_vm(&a, "vm", "", 1);
	y = sample_vm(&b, "vm", "", 1);
	thread(x, THREAD_VCPU, 11, 1, 100);
	thread(x, THREAD_EMULATOR, 12, 1, 1000);
	thread(x, THREAD_OTHER, 13, 1, 70);
	thread(y, THREAD_VCPU, 11, 1, 150);
	t = thread(y, THREAD_EMULATOR, 12, 1, 2);
	t->start_ns++;
	thread(y, THREAD_IOTHREAD, 13, 1, 90); /* what it is for is known by now */
	thread(y, THREAD_IOTHREAD, 14, 1, 5);
	/* no room for its counts: the VM's are known to lack them */
	sample_thread(y, THREAD_KVM, 15, SECOND, 0);
	v = build();
	vm = &v->vms[0];
	ck_assert_uint_eq(v->nevents, 2);
	is(&class_of(vm, THREAD_VCPU)->events[1], 50, 500, 500);
	is(&class_of(vm, THREAD_EMULATOR)->events[1], 2, 20, 20);
	is(&class_of(vm, THREAD_IOTHREAD)->events[1], 25, 250, 250);
	unknown(&class_of(vm, THREAD_KVM)->events[1], SECOND);
	is(&vm->events[1], 77, 770 + SECOND, 770);
	is(&class_of(vm, THREAD_VCPU)->events[0], 0, 0, 0);
	done(v);
}
END_TEST

/* Threads that end take what they counted along, once: vCPUs' and others'. */
START_TEST(threads_end)
{
	struct sample_vm *x, *y;
	struct sample_vcpu *c;
	struct view *v;

	fresh(KVM_STATES);
	event("cycles", EVENT_BOTH);
	x = sample_vm(&a, "vm", "", 1);
	y = sample_vm(&b, "vm", "", 1);
	for (uint32_t i = 0; i < 2; i++) {
		c = sample_vcpu(x, VMP_ISA_SVM);
		sample_count(&c->events, &c->nevents, 0, 100, 1000, 1000);
		thread(x, THREAD_VCPU, c->tid, 0, 100);
	}
	sample_count(&x->gone.events, &x->gone.nevents, 0, 30, 300, 300);
	gone(x, 1, THREAD_VCPU, 0, 30);
	gone(x, 1, THREAD_WORKER, 0, 500);
	thread(x, THREAD_WORKER, 50, 0, 4);

	c = sample_vcpu(y, VMP_ISA_SVM);
	sample_count(&c->events, &c->nevents, 0, 107, 1070, 1070);
	thread(y, THREAD_VCPU, c->tid, 0, 107);
	/* the second counted 11 more before it ended, the worker 2, and one came and went */
	sample_count(&y->gone.events, &y->gone.nevents, 0, 30 + 111, 1410, 1410);
	gone(y, 1, THREAD_VCPU, 0, 30 + 111);
	gone(y, 1, THREAD_WORKER, 0, 500 + 6 + 40);
	v = build();
	is(&v->vms[0].vcpus[0].set.events[0], 7, 70, 70);
	is(&v->vms[0].set.events[0], 18, 180, 180);
	is(&v->total.events[0], 18, 180, 180);
	is(&class_of(&v->vms[0], THREAD_VCPU)->events[0], 18, 180, 180);
	is(&class_of(&v->vms[0], THREAD_WORKER)->events[0], 42, 420, 420);
	is(&v->vms[0].events[0], 60, 600, 600);
	done(v);
}
END_TEST

/* Each vCPU is scaled by its own part, and the sum's ratio tells what is missing of all. */
START_TEST(vcpus_apart)
{
	struct sample_vm *vm;
	struct sample_vcpu *c;
	struct view *v;

	fresh(KVM_STATES);
	event("cycles", EVENT_GUEST);
	vm = sample_vm(&b, "vm", "", 1);
	c = sample_vcpu(vm, VMP_ISA_SVM);
	sample_count(&c->events, &c->nevents, 0, 10, 400, 100);
	c = sample_vcpu(vm, VMP_ISA_SVM);
	sample_count(&c->events, &c->nevents, 0, 1000, 400, 400);
	c = sample_vcpu(vm, VMP_ISA_SVM);
	sample_count(&c->events, &c->nevents, 0, 0, 400, 0);
	sample_vcpu(vm, VMP_ISA_SVM);
	v = build();
	is(&v->vms[0].vcpus[0].set.events[0], 40, 400, 100);
	is(&v->vms[0].vcpus[1].set.events[0], 1000, 400, 400);
	unknown(&v->vms[0].vcpus[2].set.events[0], 400);
	unknown(&v->vms[0].vcpus[3].set.events[0], 0);
	is(&v->vms[0].set.events[0], 1040, 1200, 500);
	done(v);
}
END_TEST

enum { SUM, LEVEL };

static struct sample_vm *with_resctrl(struct sample *s, uint32_t pid, uint64_t sum, uint64_t level,
				      uint64_t ns)
{
	struct sample_vm *vm = sample_vm(s, "vm", "", pid);

	sample_count(&vm->events, &vm->nevents, SUM, sum, ns, ns);
	sample_count(&vm->events, &vm->nevents, LEVEL, level, ns, ns);
	return vm;
}

/* resctrl tells of whole VMs; levels are what they are now. */
START_TEST(whole_vms)
{
	struct sample_vcpu *c;
	struct view *v;

	fresh(KVM_STATES);
	for (int i = 0; i < 2; i++) {
		struct sample *s = i ? &b : &a;

		sample_event(s, "mbmt", EVENT_BOTH, EVENT_BANDWIDTH)->whole = true;
		sample_event(s, "cmt", EVENT_BOTH, EVENT_LLC_OCCUPANCY)->whole = true;
		s->events[LEVEL].gauge = true;
	}
	with_resctrl(&a, 1, 1000, 500, 10);
	with_resctrl(&a, 2, 1000, 900, 10);
	with_resctrl(&a, 3, 0, 0, 0);
	with_resctrl(&a, 4, 7, 7, 10);
	with_resctrl(&b, 1, 1800, 400, 30);
	with_resctrl(&b, 2, 10, 0, 30);
	with_resctrl(&b, 3, 5000, 50, 30);  /* when it began is not known */
	with_resctrl(&b, 4, 9999, 9999, 0); /* could not be read */
	with_resctrl(&b, 5, 60, 6, 30);     /* new */
	sample_vm(&b, "vm", "", 6);
	c = sample_vcpu(&b.vms[0], VMP_ISA_VMX);
	sample_count(&c->events, &c->nevents, LEVEL, 5, 5, 5);
	v = build();
	is(&v->vms[0].events[SUM], 800, 20, 20);
	is(&v->vms[0].events[LEVEL], 400, 20, 20);
	is(&v->vms[1].events[SUM], 0, 20, 20);
	is(&v->vms[1].events[LEVEL], 0, 20, 20);
	ck_assert(!v->vms[2].events[SUM].known && !v->vms[2].events[SUM].value);
	is(&v->vms[2].events[LEVEL], 50, 30, 30);
	unknown(&v->vms[3].events[SUM], 0);
	unknown(&v->vms[3].events[LEVEL], 0);
	is(&v->vms[4].events[SUM], 60, 30, 30);
	is(&v->vms[4].events[LEVEL], 6, 30, 30);
	unknown(&v->vms[5].events[SUM], 0);
	/* in the figures of a VM and of the host, in no vCPU's */
	is(&v->vms[0].set.events[LEVEL], 400, 20, 20);
	unknown(&v->vms[0].vcpus[0].set.events[LEVEL], 0);
	ck_assert(v->total.events[LEVEL].known);
	ck_assert_uint_eq(v->total.events[LEVEL].value, 400 + 50 + 6);
	ck_assert_uint_eq(v->total.events[SUM].value, 800 + 60);
	view_free(v);
	b.events[LEVEL].counted = false;
	v = build();
	unknown(&v->vms[0].events[LEVEL], 0);
	done(v);
}
END_TEST

/* The earlier sample has others: its numbers mean nothing. */
START_TEST(other_events)
{
	struct sample_vcpu *c;
	struct view *v;

	fresh(KVM_STATES);
	event("cycles", EVENT_GUEST);
	c = sample_vcpu(sample_vm(&a, "vm", "", 1), VMP_ISA_SVM);
	sample_count(&c->events, &c->nevents, 0, 40, 400, 400);
	c = sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	sample_count(&c->events, &c->nevents, 0, 100, 1000, 1000);
	v = build();
	is(&v->total.events[0], 60, 600, 600);
	view_free(v);
	a.events[0].mode = EVENT_HOST;
	v = build();
	is(&v->total.events[0], 100, 1000, 1000);
	view_free(v);
	a.events[0].mode = EVENT_GUEST;
	a.events[0].name[0] = 'k';
	v = build();
	is(&v->total.events[0], 100, 1000, 1000);
	view_free(v);
	a.events[0].name[0] = 'c';
	sample_event(&a, "more", EVENT_BOTH, EVENT_OTHER);
	v = build();
	is(&v->total.events[0], 100, 1000, 1000);
	done(v);
}
END_TEST

START_TEST(no_events)
{
	struct view *v;

	fresh(KVM_STATES);
	sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	v = build();
	ck_assert_uint_eq(v->nevents, 0);
	ck_assert_uint_eq(v->total.nevents, 0);
	ck_assert_ptr_null(v->vms[0].set.events);
	done(v);
}
END_TEST

/* A small generator of its own: the same numbers everywhere. */
static uint32_t state;

static uint32_t any(uint32_t below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

#define LIVES 12

/* Threads come, count and end at random: what they did between the samples is what the view has. */
START_TEST(random_lives)
{
	uint64_t before[LIVES][2], did[THREAD_CLASSES][2] = {0}, all[2] = {0};
	struct sample_vm *x, *y;
	struct view *v;

	state = (uint32_t)_i;
	fresh(KVM_STATES);
	event("cycles", EVENT_GUEST);
	event("cycles", EVENT_HOST);
	x = sample_vm(&a, "vm", "", 1);
	y = sample_vm(&b, "vm", "", 1);
	gone(x, 2, THREAD_WORKER, 0, any(1000));
	gone(y, 2, THREAD_WORKER, 0, x->gone_events[THREAD_WORKER * 2].value);
	for (uint32_t i = 0; i < LIVES; i++) {
		bool was = any(3), is_there = any(3);
		enum thread_class class = (enum thread_class)any(THREAD_CLASSES);

		for (uint32_t k = 0; k < 2; k++) {
			uint64_t more = any(1000);

			before[i][k] = was ? any(100000) : 0;
			did[class][k] += more;
			all[k] += more;
			if (was && !k)
				sample_thread(x, class, 100 + i, MS, 0);
			if (was)
				sample_count(&x->threads[x->nthreads - 1].events,
					     &x->threads[x->nthreads - 1].nevents, k, before[i][k],
					     before[i][k] * 10, before[i][k] * 10);
			if (is_there && !k)
				sample_thread(y, class, 100 + i, 2 * MS, 0);
			if (is_there)
				sample_count(&y->threads[y->nthreads - 1].events,
					     &y->threads[y->nthreads - 1].nevents, k, before[i][k] + more,
					     (before[i][k] + more) * 10, (before[i][k] + more) * 10);
			else
				gone(y, 2, class, k, before[i][k] + more);
		}
	}
	v = build();
	for (uint32_t k = 0; k < 2; k++) {
		for (uint32_t i = 0; i < v->vms[0].nclasses; i++) {
			const struct view_class *c = &v->vms[0].classes[i];

			is(&c->events[k], did[c->class][k], did[c->class][k] * 10, did[c->class][k] * 10);
		}
		is(&v->vms[0].events[k], all[k], all[k] * 10, all[k] * 10);
	}
	done(v);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("counts");

	tcase_add_loop_test(u.tcase, scaled, 0, sizeof(parts) / sizeof(*parts));
	UNIT_ADD(u, not_counted);
	UNIT_ADD(u, sums);
	UNIT_ADD(u, sums_in_any_order);
	UNIT_ADD(u, threads_by_class);
	UNIT_ADD(u, threads_end);
	UNIT_ADD(u, vcpus_apart);
	UNIT_ADD(u, whole_vms);
	UNIT_ADD(u, other_events);
	UNIT_ADD(u, no_events);
	tcase_add_loop_test(u.tcase, random_lives, 0, 200);
	return unit_run(u);
}
