// SPDX-License-Identifier: GPL-2.0-only
/* Totals: exact sums, names that stay, chosen reasons, a limit that holds. */
#include <string.h>

#include "model/tally.h"
#include "out/prom.h"
#include "pair.h"
#include "world.h"

static const struct tally_options all = {.exits = TALLY_ALL};

/* What the next sample holds is added; b becomes a. */
static void add(struct tally *t)
{
	struct view *v = view_build(&a, &b);

	tally_add(t, v);
	view_free(v);
	sample_free(&a);
	a = copy_sample(&b);
	b.mono_ns += SECOND;
}

static void end(struct tally *t)
{
	tally_free(t);
	sample_free(&a);
	sample_free(&b);
}

static const struct view_vm *named(const struct tally *t, const char *name)
{
	const struct view *v = tally_view(t);

	for (uint32_t i = 0; i < v->nvms; i++)
		if (!strcmp(v->vms[i].name, name))
			return &v->vms[i];
	return NULL;
}

/* Exits of a reason; -1: it is not shown. */
static int64_t exits(const struct view_set *s, const char *reason)
{
	for (uint32_t i = 0; i < s->nexits; i++)
		if (!strcmp(s->exits[i].reason, reason))
			return (int64_t)s->exits[i].count;
	return -1;
}

static int64_t uexits(const struct view_set *s, const char *reason)
{
	for (uint32_t i = 0; i < s->nuexits; i++)
		if (!strcmp(s->uexits[i].reason, reason))
			return (int64_t)s->uexits[i].count;
	return -1;
}

/* All names and uuids, in order. */
static void names_are(const struct tally *t, const char *want)
{
	const struct view *v = tally_view(t);
	struct buf got = {0};

	buf_puts(&got, "");
	for (uint32_t i = 0; i < v->nvms; i++)
		buf_printf(&got, "%s%s/%s", i ? ", " : "", v->vms[i].name, v->vms[i].uuid);
	ck_assert_str_eq(got.data, want);
	buf_free(&got);
}

START_TEST(sums)
{
	struct tally *t = tally_new(&all);
	struct sample_vcpu *v;
	const struct view_vm *vm;

	fresh(ALL_STATES);
	sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	for (uint64_t i = 1; i <= 3; i++) {
		v = b.vms[0].vcpus;
		sample_exits(v, 0x7b, 10 * i, US, 2 * US);
		sample_exits(v, 0x72, 1, US, 0);
		sample_uexits(v, 2, 5, 20 * US);
		sample_times(&v->halts, 2, MS);
		sample_cpu(v, 4, 1, MS);
		v->moves += i;
		v->unpaired++;
		sample_rest(v, i * SECOND);
		b.loss[VMP_LOSS_MISSED] += i;
		add(t);
	}
	vm = named(t, "vm");
	ck_assert_uint_eq(tally_view(t)->nvms, 1);
	ck_assert_uint_eq(tally_view(t)->interval_ns, 3 * SECOND);
	ck_assert_uint_eq(tally_view(t)->loss[VMP_LOSS_MISSED], 6);
	ck_assert_int_eq(exits(&vm->set, "io"), 60);
	ck_assert_int_eq(exits(&vm->set, "cpuid"), 3);
	ck_assert_int_eq(exits(&vm->set, "other"), 0);
	ck_assert_uint_eq(vm->set.exit_count, 63);
	ck_assert_uint_eq(find(&vm->set, 0x7b)->ns[VMP_KVM], 60 * US);
	ck_assert_uint_eq(find(&vm->set, 0x7b)->ns[VMP_VMM], 120 * US);
	ck_assert_uint_eq(find(&vm->set, 0x7b)->hist[sample_bucket(3 * US)], 60);
	ck_assert_int_eq(uexits(&vm->set, "IO"), 15);
	ck_assert_uint_eq(vm->set.halts.count, 6);
	ck_assert_uint_eq(vm->set.halts.ns, 6 * MS);
	ck_assert_uint_eq(vm->set.moves, 6);
	ck_assert_uint_eq(vm->set.unpaired, 3);
	ck_assert_uint_eq(vm->set.observed_ns, 3 * SECOND);
	balanced(&vm->set);
	end(t);
}
END_TEST

START_TEST(names)
{
	struct tally *t = tally_new(&all);

	fresh(ALL_STATES);
	sample_vm(&b, "a", "", 1);
	sample_vm(&b, "a", "", 2);
	sample_vm(&b, "a", "123e4567-e89b-12d3-a456-426614174000", 3);
	sample_vm(&b, "a (2)", "", 4);
	sample_vm(&b, "other", "", 5);
	sample_vm(&b, "x\ny", "", 6);
	sample_vm(&b, "x\\x0ay", "", 7);
	sample_vm(&b, "\xff", "", 8);
	sample_vm(&b, "\xff", "", 10);
	sample_vm(&b, "\xff", "", 11);
	add(t);
	/* by name and pid: what is called "a (2)" has to give way to the second "a" */
	names_are(t, "a/, a (2)/, a/123e4567-e89b-12d3-a456-426614174000, a (2) (2)/, other (2)/, "
		     "x\\x0ay/, x\\x0ay (2)/, \\xff/, \\xff (2)/, \\xff (3)/");
	/* the first one ends: nobody is renamed by that */
	ck_assert_uint_eq(b.vms[0].pid, 1);
	world_end_vm(&(struct world){.now = b}, 0);
	b.nvms--;
	add(t);
	names_are(t, "a (2)/, a/123e4567-e89b-12d3-a456-426614174000, a (2) (2)/, other (2)/, "
		     "x\\x0ay/, x\\x0ay (2)/, \\xff/, \\xff (2)/, \\xff (3)/");
	/* a new one gets what is free; two change their names with each other */
	sample_vm(&b, "a", "", 9);
	free(b.vms[4].name);
	free(b.vms[6].name);
	b.vms[4].name = mem_strdup("\xff");
	b.vms[6].name = mem_strdup("z");
	free(b.vms[0].name);
	b.vms[0].name = mem_strdup("x\ny");
	add(t);
	names_are(t, "x\\x0ay/, a/123e4567-e89b-12d3-a456-426614174000, a (2) (2)/, other (2)/, "
		     "\\xff/, x\\x0ay (2)/, z/, \\xff (2)/, \\xff (3)/, a/");
	end(t);
}
END_TEST

/* Reason n gets so many exits of 1 us: codes without names. */
static void happen(uint64_t n, uint64_t count)
{
	sample_exits(b.vms[0].vcpus, 0x5000 + n, count, US, 0);
	sample_uexits(b.vms[0].vcpus, (unsigned int)n, count, count);
	sample_rest(b.vms[0].vcpus, b.vms[0].vcpus->observed_ns);
}

START_TEST(top)
{
	static const struct tally_options two = {.exits = 2};
	struct tally *t = tally_new(&two);
	const struct view_set *s;

	fresh(ALL_STATES);
	sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	happen(1, 100);
	happen(2, 50);
	happen(3, 40);
	happen(4, 1);
	add(t);
	s = &named(t, "vm")->set;
	ck_assert_uint_eq(s->nexits, 3);
	ck_assert_int_eq(exits(s, "svm:0x5001"), 100);
	ck_assert_int_eq(exits(s, "svm:0x5002"), 50);
	ck_assert_int_eq(exits(s, "other"), 41);
	ck_assert_uint_eq(s->nuexits, 3);
	ck_assert_int_eq(uexits(s, "EXCEPTION"), 100);
	ck_assert_int_eq(uexits(s, "other"), 41);
	/* 3 is ahead of 2 now, but not by far: nothing changes */
	happen(3, 50);
	add(t);
	s = &named(t, "vm")->set;
	ck_assert_int_eq(exits(s, "svm:0x5002"), 50);
	ck_assert_int_eq(exits(s, "other"), 91);
	/* by far: it takes the place, begins with what it did then; 2 goes */
	happen(3, 200);
	happen(2, 1);
	add(t);
	s = &named(t, "vm")->set;
	ck_assert_int_eq(exits(s, "svm:0x5003"), 200);
	ck_assert_int_eq(exits(s, "svm:0x5002"), -1);
	ck_assert_int_eq(exits(s, "svm:0x5001"), 100);
	ck_assert_int_eq(exits(s, "other"), 92);
	ck_assert_uint_eq(s->exit_count, 100 + 50 + 40 + 1 + 50 + 200 + 1);
	/* it comes again, from where it was; "other" keeps what it has */
	happen(2, 1000);
	add(t);
	s = &named(t, "vm")->set;
	ck_assert_int_eq(exits(s, "svm:0x5002"), 1050);
	ck_assert_int_eq(exits(s, "svm:0x5001"), -1);
	ck_assert_int_eq(exits(s, "other"), 92);
	ck_assert_int_eq(uexits(s, "IO"), 1050);
	/* what was long ago counts less */
	for (int i = 0; i < 4; i++) {
		b.mono_ns += 300 * SECOND;
		happen(4, 60);
		add(t);
	}
	s = &named(t, "vm")->set;
	ck_assert_int_eq(exits(s, "svm:0x5003"), -1);
	ck_assert_int_gt(exits(s, "svm:0x5004"), 0);
	ck_assert_int_eq(exits(s, "svm:0x5002"), 1050);
	end(t);
}
END_TEST

/* The kernel's own "other", none by name, none at all. */
START_TEST(few)
{
	static const struct tally_options none = {.exits = 0}, hidden = {.exits = 5, .hide_exits = true};
	struct tally *t = tally_new(&none), *h = tally_new(&hidden);
	struct view *v;

	fresh(ALL_STATES);
	sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	happen(1, 7);
	sample_exits(b.vms[0].vcpus, VMP_CODE_OTHER, 3, US, 0);
	sample_uexits(b.vms[0].vcpus, VMP_UEXIT_UNKNOWN, 2, 0);
	v = view_build(&a, &b);
	tally_add(h, v);
	view_free(v);
	ck_assert_uint_eq(named(h, "vm")->set.nexits, 0);
	ck_assert_uint_eq(named(h, "vm")->set.nuexits, 0);
	tally_free(h);
	add(t);
	ck_assert_uint_eq(named(t, "vm")->set.nexits, 1);
	ck_assert_int_eq(exits(&named(t, "vm")->set, "other"), 10);
	ck_assert_int_eq(uexits(&named(t, "vm")->set, "other"), 9);
	end(t);
}
END_TEST

static const struct view_vcpu *vcpu(const struct view_vm *vm, int32_t id)
{
	for (uint32_t i = 0; i < vm->nvcpus; i++)
		if (vm->vcpus[i].id == id)
			return &vm->vcpus[i];
	return NULL;
}

START_TEST(vcpus)
{
	static const struct tally_options each = {.exits = TALLY_ALL, .per_vcpu = true};
	struct tally *t = tally_new(&each);
	const struct view_vm *vm;
	struct sample_vm *x;

	fresh(ALL_STATES);
	x = sample_vm(&b, "vm", "", 1);
	for (int i = 0; i < 3; i++)
		sample_exits(sample_vcpu(x, VMP_ISA_SVM), 0x7b, 10 + (uint64_t)i, US, 0);
	x->vcpus[2].id = -1;
	add(t);
	vm = named(t, "vm");
	ck_assert_uint_eq(vm->nvcpus, 3);
	ck_assert_int_eq(vm->vcpus[0].id, -1);
	ck_assert_int_eq(exits(&vcpu(vm, -1)->set, "io"), 12);
	ck_assert_int_eq(exits(&vcpu(vm, 0)->set, "io"), 10);
	ck_assert_int_eq(exits(&vcpu(vm, 1)->set, "io"), 11);
	ck_assert_int_eq(exits(&vm->gone, "io"), 0);
	/* vCPU 1 ends after 5 more; only those are new */
	x = &b.vms[0];
	sample_exits(&x->vcpus[1], 0x7b, 5, US, 0);
	sample_exits(&x->vcpus[0], 0x72, 2, US, 0);
	world_end_vcpu(x, 1);
	add(t);
	vm = named(t, "vm");
	ck_assert_uint_eq(vm->nvcpus, 2);
	ck_assert_ptr_null(vcpu(vm, 1));
	ck_assert_int_eq(exits(&vm->gone, "io"), 5);
	ck_assert_uint_eq(vm->gone.observed_ns, 5 * US);
	ck_assert_int_eq(exits(&vcpu(vm, 0)->set, "cpuid"), 2);
	ck_assert_int_eq(exits(&vm->set, "io"), 38);
	/* another thread runs vCPU 1: from 0; one takes over vCPU 0: it goes on */
	x = &b.vms[0];
	sample_exits(sample_vcpu(x, VMP_ISA_SVM), 0x7b, 1, US, 0);
	x->vcpus[2].id = 1;
	x->vcpus[2].tid = 4710;
	world_end_vcpu(x, 0);
	sample_exits(sample_vcpu(x, VMP_ISA_SVM), 0x7b, 100, US, 0);
	x->vcpus[2].id = 0;
	x->vcpus[2].tid = 4711;
	add(t);
	vm = named(t, "vm");
	ck_assert_int_eq(exits(&vcpu(vm, 1)->set, "io"), 1);
	ck_assert_int_eq(exits(&vcpu(vm, 0)->set, "io"), 110);
	ck_assert_int_eq(exits(&vm->gone, "io"), 5);
	ck_assert_int_eq(exits(&vm->set, "io"), 139);
	end(t);
}
END_TEST

START_TEST(events)
{
	struct tally *t = tally_new(&all);
	struct sample_thread *th;
	struct sample_vm *x;
	const struct view_event *e;

	fresh(ALL_STATES);
	a.threads_visible = b.threads_visible = true;
	sample_event(&b, "cycles", EVENT_GUEST, EVENT_CYCLES);
	sample_event(&b, "cmt", EVENT_BOTH, EVENT_LLC_OCCUPANCY)->gauge = true;
	sample_event(&b, "faults", EVENT_BOTH, EVENT_OTHER);
	b.events[1].whole = true;
	x = sample_vm(&b, "vm", "", 1);
	th = sample_thread(x, THREAD_EMULATOR, 1, 0, 0);
	sample_count(&x->events, &x->nevents, 1, 5000, 1, 1);
	sample_count(&th->events, &th->nevents, 0, 100, 10, 5);
	/* it never had a counter */
	sample_count(&th->events, &th->nevents, 2, 0, 10, 0);
	add(t);
	e = named(t, "vm")->events;
	ck_assert_uint_eq(e[0].value, 200);
	ck_assert_uint_eq(e[1].value, 5000);
	ck_assert(e[0].known && e[1].known && !e[2].known);
	/* scaling the totals would give 130 / 15 * 30 = 260, less than 200 + 120 */
	th = &b.vms[0].threads[0];
	sample_count(&th->events, &th->nevents, 0, 60, 20, 10);
	sample_count(&th->events, &th->nevents, 2, 3, 10, 10);
	b.vms[0].events[1].value = 4000;
	add(t);
	e = named(t, "vm")->events;
	ck_assert_uint_eq(e[0].value, 320);
	ck_assert_uint_eq(e[0].enabled, 20);
	ck_assert_uint_eq(e[0].running, 10);
	ck_assert_uint_eq(e[1].value, 4000);
	ck_assert(e[2].known);
	ck_assert_uint_eq(e[2].value, 3);
	/* no counter, and no time: what was known stays, and how well */
	th = &b.vms[0].threads[0];
	sample_count(&th->events, &th->nevents, 0, 0, 20, 0);
	add(t);
	e = named(t, "vm")->events;
	ck_assert(e[0].known);
	ck_assert_uint_eq(e[0].value, 320);
	ck_assert_uint_eq(e[0].running, 0);
	ck_assert_uint_eq(e[2].running, 10);
	/* others: from 0 */
	free(b.events[0].name);
	b.events[0].name = mem_strdup("instructions");
	b.vms[0].threads[0].events[0] = (struct vmp_count){7, 20, 20};
	b.vms[0].threads[0].events[2] = (struct vmp_count){1, 20, 20};
	add(t);
	e = named(t, "vm")->events;
	ck_assert_uint_eq(e[0].value, 7);
	ck_assert_uint_eq(e[2].value, 1);
	end(t);
}
END_TEST

START_TEST(others)
{
	const struct tally_options o = {.exits = TALLY_ALL, .max_series = 150};
	struct tally *t = tally_new(&o);
	const struct view_vm *vm;
	uint64_t before;

	fresh(ALL_STATES);
	for (uint32_t i = 0; i < 10; i++) {
		char name[8];

		snprintf(name, sizeof(name), "vm-%u", i);
		sample_exits(sample_vcpu(sample_vm(&b, name, "", 1 + i), VMP_ISA_SVM), 0x7b, 10 + i, US, 0);
	}
	add(t);
	ck_assert_uint_gt(tally_others(t), 0);
	ck_assert_uint_lt(tally_others(t), 10);
	ck_assert_uint_eq(tally_view(t)->nvms, 10 - tally_others(t) + 1);
	/* those that came first are shown, the sum last */
	ck_assert_str_eq(tally_view(t)->vms[0].name, "vm-0");
	vm = &tally_view(t)->vms[tally_view(t)->nvms - 1];
	ck_assert(tally_is_other(vm));
	ck_assert_uint_eq(vm->nvcpus, tally_others(t));
	before = vm->set.exit_count;
	ck_assert_ptr_null(named(t, "vm-9"));
	/* all but the last one end: it has a place now, what it did before stays in "other" */
	for (int i = 0; i < 9; i++) {
		world_end_vm(&(struct world){.now = b}, 0);
		b.nvms--;
	}
	sample_exits(b.vms[0].vcpus, 0x7b, 3, US, 0);
	add(t);
	ck_assert_uint_eq(tally_others(t), 0);
	ck_assert_uint_eq(tally_view(t)->nvms, 1);
	ck_assert_uint_eq(named(t, "vm-9")->set.exit_count, 3);
	ck_assert_uint_gt(before, 19);
	end(t);
}
END_TEST

/* Series of a page. */
static uint32_t written(const struct tally_options *o, const struct tally *t)
{
	const struct prom_self self = {.scrapes = 1, .resident_bytes = 1, .open_fds = 1};
	const struct prom_options p = {.tally = o, .self = &self};
	struct buf page = {0};
	uint32_t series = 0;

	out_prom(&page, tally_view(t), &p);
	for (const char *s = page.data; *s; s = strchr(s, '\n') + 1)
		series += *s != '#';
	buf_free(&page);
	return series;
}

/* A VM that has all that can have series. */
static void rich(struct sample *s, uint32_t pid, uint32_t codes)
{
	char name[16];
	struct sample_thread *th;
	struct sample_vcpu *v;
	struct sample_vm *vm;

	snprintf(name, sizeof(name), "vm-%u", pid);
	vm = sample_vm(s, name, "", pid);
	v = sample_vcpu(vm, VMP_ISA_VMX);
	for (uint64_t i = 0; i < codes; i++) {
		sample_exits(v, i, 1 + pid + i, US, US);
		for (int k = VMP_POLL; k <= VMP_WAIT; k++)
			sample_halted(v, i, (enum vmp_state)k, US);
		sample_uexits(v, (unsigned int)i, 1 + i, US);
	}
	sample_uexits(v, VMP_UEXIT_UNKNOWN, 1, US);
	sample_cpu(v, 4, 0, US);
	for (uint32_t i = 0; i < THREAD_CLASSES; i++) {
		th = sample_thread(vm, (enum thread_class)i, pid * 100 + i, MS, 0);
		sample_count(&th->events, &th->nevents, 0, 1, 10, 5);
	}
	sample_count(&vm->events, &vm->nevents, 1, 5000, 1, 1);
}

START_TEST(limits)
{
	struct tally_options o = {.exits = TALLY_ALL, .histograms = (const char *const[]){"EX*", "other"}};
	uint32_t least = UINT32_MAX;

	for (o.max_series = 250; o.max_series < 1500; o.max_series += 3) {
		struct tally *t = tally_new(&o);
		uint32_t n;

		o.nhistograms = o.max_series % 3;
		fresh(ALL_STATES);
		b.threads_visible = a.threads_visible = true;
		sample_event(&b, "faults", EVENT_BOTH, EVENT_OTHER);
		sample_event(&b, "cmt", EVENT_BOTH, EVENT_LLC_OCCUPANCY)->gauge = true;
		b.events[1].whole = true;
		for (uint32_t i = 1; i <= 12; i++)
			rich(&b, i, 3);
		add(t);
		n = written(&o, t);
		ck_assert_msg(n <= o.max_series, "%u series, at most %u", n, o.max_series);
		/* what could be shown is */
		if (tally_others(t) && o.max_series - n < least)
			least = o.max_series - n;
		end(t);
	}
	ck_assert_uint_lt(least, 12);
}
END_TEST

/* Who needs more than there is goes to "other", but who came first stays; first its reasons go. */
START_TEST(growing)
{
	const struct tally_options o = {.exits = TALLY_ALL, .per_vcpu = true, .max_series = 400};
	struct tally *t = tally_new(&o);
	uint32_t id = 1;

	fresh(ALL_STATES);
	for (uint32_t i = 1; i <= 2; i++)
		rich(&b, i, 1);
	add(t);
	ck_assert_uint_eq(tally_others(t), 0);
	ck_assert_uint_eq(named(t, "vm-2")->set.nexits, 2);
	while (!tally_others(t)) {
		ck_assert_uint_le(written(&o, t), o.max_series);
		sample_exits(sample_vcpu(&b.vms[0], VMP_ISA_VMX), 0, 1, US, 0);
		b.vms[0].vcpus[id].tid = 5000 + id;
		id++;
		add(t);
	}
	ck_assert_uint_eq(tally_others(t), 1);
	ck_assert_ptr_nonnull(named(t, "vm-1"));
	ck_assert_ptr_null(named(t, "vm-2"));
	ck_assert_uint_eq(named(t, "vm-1")->set.nexits, 1);
	ck_assert_uint_le(written(&o, t), o.max_series);
	/* even of one VM there may be too much */
	for (; id < 40; id++) {
		sample_vcpu(&b.vms[0], VMP_ISA_VMX);
		b.vms[0].vcpus[id].tid = 5000 + id;
	}
	add(t);
	ck_assert_ptr_null(named(t, "vm-1"));
	ck_assert_uint_le(written(&o, t), o.max_series);
	end(t);
}
END_TEST

/* A record may have one VM twice: each goes on by itself. */
START_TEST(twice)
{
	struct tally *t = tally_new(&all);

	fresh(ALL_STATES);
	for (uint64_t i = 0; i < 2; i++)
		sample_exits(sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM), 0x7b, 10, US, 0);
	for (int i = 0; i < 3; i++) {
		add(t);
		names_are(t, "vm/, vm (2)/");
	}
	ck_assert_int_eq(exits(&named(t, "vm")->set, "io"), 10);
	ck_assert_int_eq(exits(&named(t, "vm (2)")->set, "io"), 10);
	end(t);
}
END_TEST

START_TEST(ended)
{
	static const struct tally_options o = {.exits = TALLY_ALL, .ended = true};
	struct tally *t = tally_new(&all), *with = tally_new(&o);
	struct view *v;

	fresh(ALL_STATES);
	sample_vm(&b, "vm", "", 1)->ended = true;
	v = view_build(&a, &b);
	tally_add(with, v);
	view_free(v);
	ck_assert_uint_eq(tally_view(with)->nvms, 1);
	tally_free(with);
	add(t);
	ck_assert_uint_eq(tally_view(t)->nvms, 0);
	end(t);
}
END_TEST

/* Random histories: what fails tells how to do it again. */

static unsigned long long seed;

#define HOLDS(cond) ck_assert_msg(cond, "seed %llu: %s", seed, #cond)

/* A figure as it was seen last. */
struct seen {
	uint32_t pid;
	uint64_t start_ns;
	int32_t vcpu;
	char what[EXIT_NAME_SIZE + 24];
	uint64_t value;
};

struct seens {
	struct seen *s;
	uint32_t n;
};

enum { OF_VM = -3, OF_GONE = -2 };

static struct seen *seen_of(struct seens *all_seen, const struct view_vm *vm, int32_t id, const char *what)
{
	struct seen *s;

	for (uint32_t i = 0; i < all_seen->n; i++) {
		s = &all_seen->s[i];
		if (s->pid == vm->pid && s->start_ns == vm->start_ns && s->vcpu == id &&
		    !strcmp(s->what, what))
			return s;
	}
	all_seen->s = mem_resize(all_seen->s, all_seen->n + 1, sizeof(*s));
	s = &all_seen->s[all_seen->n++];
	memset(s, 0, sizeof(*s));
	s->pid = vm->pid;
	s->start_ns = vm->start_ns;
	s->vcpu = id;
	snprintf(s->what, sizeof(s->what), "%s", what);
	return s;
}

/* How much of what a set shows is new; it never goes back. */
static uint64_t grown(struct seens *all_seen, const struct view_vm *vm, int32_t id, const char *what,
		      const char *reason, uint64_t value)
{
	char key[EXIT_NAME_SIZE + 24];
	struct seen *s;
	uint64_t was;

	snprintf(key, sizeof(key), "%s %s", what, reason);
	s = seen_of(all_seen, vm, id, key);
	was = s->value;
	ck_assert_msg(value >= was, "seed %llu: %s of %s goes back", seed, key, vm->name);
	s->value = value;
	return value - was;
}

/* Figures whose sums must be exact, of one set: of exits, of all reasons together. */
#define FIGURES (VMP_STATES + 12)

static void figures_of(uint64_t f[FIGURES], const struct view_set *s)
{
	int n = 0;

	memset(f, 0, FIGURES * sizeof(*f));
	for (int i = 0; i < VMP_STATES; i++)
		f[n++] = s->ledger[i];
	f[n++] = s->halts.count;
	f[n++] = s->halts.ns;
	f[n++] = s->wakes.ns;
	f[n++] = s->moves;
	f[n++] = s->unpaired;
	f[n++] = s->flags[VMP_FLAG_BUS_LOCK];
	f[n++] = s->exit_count;
	f[n++] = s->uexit_count;
	for (uint32_t i = 0; i < s->nexits; i++) {
		f[n] += s->exits[i].count;
		f[n + 1] += s->exits[i].ns[VMP_KVM] + s->exits[i].ns[VMP_WAIT];
	}
	for (uint32_t i = 0; i < s->nuexits; i++) {
		f[n + 2] += s->uexits[i].count;
		f[n + 3] += s->uexits[i].ns;
	}
}

/* The same of what one set of the tally shows, as far as it is new. */
static void growth_of(uint64_t f[FIGURES], struct seens *all_seen, const struct view_vm *vm, int32_t id,
		      const struct view_set *s)
{
	uint64_t now[FIGURES];
	int n = FIGURES - 4;

	figures_of(now, s);
	for (int i = 0; i < n; i++) {
		char what[16];

		snprintf(what, sizeof(what), "%d", i);
		f[i] += grown(all_seen, vm, id, what, "", now[i]);
	}
	for (uint32_t i = 0; i < s->nexits; i++) {
		const struct view_exit *e = &s->exits[i];

		f[n] += grown(all_seen, vm, id, "count", e->reason, e->count);
		f[n + 1] += grown(all_seen, vm, id, "ns", e->reason, e->ns[VMP_KVM] + e->ns[VMP_WAIT]);
	}
	for (uint32_t i = 0; i < s->nuexits; i++) {
		const struct view_uexit *u = &s->uexits[i];

		f[n + 2] += grown(all_seen, vm, id, "user", u->reason, u->count);
		f[n + 3] += grown(all_seen, vm, id, "user ns", u->reason, u->ns);
	}
}

static bool has_vcpu(const struct sample_vm *vm, int32_t id)
{
	for (uint32_t i = 0; vm && i < vm->nvcpus; i++)
		if (vm->vcpus[i].id == id)
			return true;
	return false;
}

static const struct sample_vm *vm_of(const struct sample *s, uint32_t pid, uint64_t start_ns)
{
	for (uint32_t i = 0; i < s->nvms; i++)
		if (s->vms[i].pid == pid && s->vms[i].start_ns == start_ns)
			return &s->vms[i];
	return NULL;
}

/* A vCPU that was not there before begins at 0. */
static void forget(struct seens *all_seen, const struct sample *before)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < all_seen->n; i++) {
		const struct seen *s = &all_seen->s[i];

		if (s->vcpu < -1 || has_vcpu(vm_of(before, s->pid, s->start_ns), s->vcpu))
			all_seen->s[kept++] = *s;
	}
	all_seen->n = kept;
}

static const struct view_vm *same(const struct view *v, const struct view_vm *vm)
{
	for (uint32_t i = 0; i < v->nvms; i++)
		if (!tally_is_other(&v->vms[i]) && v->vms[i].pid == vm->pid &&
		    v->vms[i].start_ns == vm->start_ns)
			return &v->vms[i];
	return NULL;
}

static void check_figures(const struct tally_options *o, const struct tally *t, const struct view *v,
			  struct seens *all_seen)
{
	const struct view *sum = tally_view(t);
	uint64_t rest[FIGURES] = {0}, got[FIGURES];
	uint32_t nothers = 0;
	const struct view_vm *other = NULL;

	for (uint32_t i = 0; i < sum->nvms; i++)
		if (tally_is_other(&sum->vms[i]))
			other = &sum->vms[i];
	for (uint32_t i = 0; i < v->nvms; i++) {
		const struct view_vm *vm = same(sum, &v->vms[i]);
		uint64_t want[FIGURES];

		figures_of(want, &v->vms[i].set);
		if (!vm) {
			nothers++;
			for (int k = 0; k < FIGURES; k++)
				rest[k] += want[k];
			continue;
		}
		memset(got, 0, sizeof(got));
		growth_of(got, all_seen, vm, OF_VM, &vm->set);
		HOLDS(!memcmp(got, want, sizeof(got)));
		if (!o->per_vcpu)
			continue;
		memset(got, 0, sizeof(got));
		growth_of(got, all_seen, vm, OF_GONE, &vm->gone);
		for (uint32_t k = 0; k < vm->nvcpus; k++)
			growth_of(got, all_seen, vm, vm->vcpus[k].id, &vm->vcpus[k].set);
		HOLDS(!memcmp(got, want, sizeof(got)));
	}
	HOLDS(nothers == tally_others(t));
	HOLDS(!nothers == !other);
	if (!other)
		return;
	memset(got, 0, sizeof(got));
	growth_of(got, all_seen, other, OF_VM, &other->set);
	HOLDS(!memcmp(got, rest, sizeof(got)));
}

/* Sums of classes and events of a VM with figures of its own all the time, from the views themselves. */
static void check_rest(const struct tally *t, const struct view *v, struct seens *all_seen)
{
	const struct view *sum = tally_view(t);

	for (uint32_t i = 0; i < v->nvms; i++) {
		const struct view_vm *one = &v->vms[i], *vm = same(sum, one);

		for (uint32_t k = 0; vm && k < one->nclasses; k++) {
			const struct view_class *c = vm->classes;
			char what[16];

			while (c->class != one->classes[k].class)
				c++;
			HOLDS(c->count == one->classes[k].count);
			snprintf(what, sizeof(what), "%u", c->class);
			HOLDS(grown(all_seen, vm, OF_VM, "class", what, c->cpu_ns) == one->classes[k].cpu_ns);
			HOLDS(grown(all_seen, vm, OF_VM, "moves", what, c->migrations) ==
			      one->classes[k].migrations);
		}
		for (uint32_t k = 0; vm && k < v->nevents; k++) {
			char what[16];

			snprintf(what, sizeof(what), "%u", k);
			if (v->events[k].gauge)
				HOLDS(vm->events[k].value == one->events[k].value);
			else
				ck_assert_uint_eq(
					grown(all_seen, vm, OF_VM, "event", what, vm->events[k].value),
					one->events[k].value);
		}
	}
}

static void check_names(const struct view *sum)
{
	for (uint32_t i = 0; i < sum->nvms; i++)
		for (uint32_t k = 0; k < i; k++)
			HOLDS(strcmp(sum->vms[i].name, sum->vms[k].name) != 0 ||
			      strcmp(sum->vms[i].uuid, sum->vms[k].uuid) != 0);
}

static void check_limit(const struct tally_options *o, const struct tally *t)
{
	uint32_t series = written(o, t);

	HOLDS(!o->max_series || series <= o->max_series);
}

START_TEST(histories)
{
	static const char *const some[] = {"*r[0-9]*", "io"};
	struct dice d = {((uint64_t)_i + 1) * 7919};
	struct tally_options o;
	struct seens all_seen = {0}, rest = {0};
	struct tally *t;
	struct world w;

	seed = (unsigned long long)_i + 1;
	for (int i = 0; i < 8; i++)
		roll(&d);
	o = (struct tally_options){.exits = roll_to(&d, 2) ? TALLY_ALL : roll_to(&d, 6),
				   .per_vcpu = roll_to(&d, 2),
				   .max_series = roll_to(&d, 2) ? 250 + roll_to(&d, 600) : 0,
				   .histograms = some,
				   .nhistograms = roll_to(&d, 3)};
	t = tally_new(&o);
	world_begin(&w, seed);
	for (int i = 0; i < 60; i++) {
		struct view *v;

		world_step(&w);
		v = view_build(&w.before, &w.now);
		tally_add(t, v);
		forget(&all_seen, &w.before);
		check_figures(&o, t, v, &all_seen);
		if (!o.max_series)
			check_rest(t, v, &rest);
		check_names(tally_view(t));
		check_limit(&o, t);
		view_free(v);
	}
	free(all_seen.s);
	free(rest.s);
	tally_free(t);
	world_end(&w);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("tally");

	UNIT_ADD(u, sums);
	UNIT_ADD(u, names);
	UNIT_ADD(u, top);
	UNIT_ADD(u, few);
	UNIT_ADD(u, vcpus);
	UNIT_ADD(u, events);
	UNIT_ADD(u, others);
	UNIT_ADD(u, limits);
	UNIT_ADD(u, growing);
	UNIT_ADD(u, twice);
	UNIT_ADD(u, ended);
	tcase_add_loop_test(u.tcase, histories, 0, 48);
	return unit_run(u);
}
