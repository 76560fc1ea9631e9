// SPDX-License-Identifier: GPL-2.0-only
/* From two samples to a view: the ledger balances; halts, placement and threads. */
#include "pair.h"

/* Time in a state that is not visible is not lost: it is in running, which always is. */
START_TEST(hidden_states)
{
	struct sample_vcpu *c;
	struct view *v;

	fresh(ALL_STATES & ~STATE(VMP_WAIT) & ~STATE(VMP_RUNNING));
	c = sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	sample_state(c, VMP_WAIT, 7 * MS);
	sample_state(c, VMP_RUNNING, 2 * MS);
	sample_state(c, VMP_IDLE, 3 * MS);
	sample_rest(c, SECOND);
	v = build();
	ck_assert_uint_eq(v->visible, ALL_STATES & ~STATE(VMP_WAIT));
	ck_assert_uint_eq(v->total.ledger[VMP_RUNNING], 9 * MS);
	ck_assert_uint_eq(v->total.ledger[VMP_WAIT], 0);
	ck_assert_uint_eq(v->total.ledger[VMP_IDLE], 3 * MS);
	ck_assert_uint_eq(v->vms[0].vcpus[0].set.ledger[VMP_RUNNING], 9 * MS);
	balanced(&v->total);
	balanced(&v->vms[0].vcpus[0].set);
	done(v);
}
END_TEST

/* An open halt's poll time was a guess: some of it turns out to be kvm, or something else where kvm has none.
 */
START_TEST(provisional_times)
{
	struct sample_vcpu *x, *y;
	const struct view_exit *e;
	struct view *v;

	fresh(ALL_STATES);
	x = sample_vcpu(sample_vm(&a, "vm", "", 1), VMP_ISA_SVM);
	y = sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	/* kvm has enough to give */
	sample_halted(x, 0x78, VMP_POLL, 100);
	sample_halted(y, 0x78, VMP_POLL, 40);
	sample_halted(y, 0x78, VMP_KVM, 90);
	sample_halted(y, 0x78, VMP_IDLE, 1000);
	/* kvm has too little, idle is the largest of the others */
	sample_halted(x, 0x8b, VMP_POLL, 100);
	sample_halted(x, 0x8b, VMP_VMM, 10);
	sample_halted(y, 0x8b, VMP_KVM, 20);
	sample_halted(y, 0x8b, VMP_WAIT, 30);
	sample_halted(y, 0x8b, VMP_IDLE, 500);
	/* this one's time went back as a whole: there is nobody in it to give */
	sample_halted(x, 0x8c, VMP_BLOCKED, 8);
	/* and of the time outside exits */
	sample_state(x, VMP_WAIT, 50);
	sample_state(y, VMP_RUNNING, 10);
	sample_state(y, VMP_GUEST, 3000);
	sample_code(y, 0x8c);
	v = build();
	e = find(&v->total, 0x78);
	ck_assert_uint_eq(e->ns[VMP_POLL], 0);
	ck_assert_uint_eq(e->ns[VMP_KVM], 30);
	ck_assert_uint_eq(e->ns[VMP_IDLE], 1000);
	e = find(&v->total, 0x8b);
	ck_assert_uint_eq(e->ns[VMP_POLL], 0);
	ck_assert_uint_eq(e->ns[VMP_VMM], 0);
	ck_assert_uint_eq(e->ns[VMP_KVM], 0);
	ck_assert_uint_eq(e->ns[VMP_IDLE], 410);
	ck_assert_uint_eq(e->ns[VMP_WAIT], 30);
	ck_assert_ptr_null(find(&v->total, 0x8c));
	ck_assert_uint_eq(v->total.ledger[VMP_GUEST], 3000 - 50 - 8);
	ck_assert_uint_eq(v->total.ledger[VMP_RUNNING], 10);
	ck_assert_uint_eq(v->total.ledger[VMP_WAIT], 30);
	ck_assert_uint_eq(v->total.ledger[VMP_IDLE], 1410);
	ck_assert_uint_eq(v->total.ledger[VMP_KVM], 30);
	ck_assert_uint_eq(v->total.observed_ns, y->observed_ns - x->observed_ns);
	balanced(&v->total);
	balanced(&v->vms[0].vcpus[0].set);
	done(v);
}
END_TEST

/* Nobody outside of the exits can give: the exits do, in the ledger. */
START_TEST(provisional_beyond_one_exit)
{
	struct sample_vcpu *x, *y;
	struct view *v;

	fresh(ALL_STATES);
	x = sample_vcpu(sample_vm(&a, "vm", "", 1), VMP_ISA_SVM);
	y = sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	sample_state(x, VMP_WAIT, 50);
	sample_halted(y, 0x78, VMP_KVM, 20);
	sample_halted(y, 0x78, VMP_IDLE, 100);
	v = build();
	ck_assert_uint_eq(v->total.observed_ns, 70);
	ck_assert_uint_eq(v->total.ledger[VMP_KVM], 0);
	ck_assert_uint_eq(v->total.ledger[VMP_IDLE], 70);
	balanced(&v->total);
	done(v);
}
END_TEST

START_TEST(halts_and_wakes)
{
	struct sample_vm *x, *y;
	struct sample_vcpu *c;
	struct view *v;

	fresh(ALL_STATES);
	x = sample_vm(&a, "vm", "", 1);
	y = sample_vm(&b, "vm", "", 1);
	c = sample_vcpu(x, VMP_ISA_SVM);
	sample_times(&c->halts, 3, 900 * US);
	c = sample_vcpu(y, VMP_ISA_SVM);
	sample_times(&c->halts, 3, 900 * US);
	sample_times(&c->halts, 2, 10 * US); /* at most 16383 is known */
	sample_times(&c->wakes, 1, 7 * US);
	sample_vcpu(x, VMP_ISA_SVM);
	sample_times(&sample_vcpu(y, VMP_ISA_SVM)->halts, 1, 12 * US);
	/* one that has ended */
	sample_times(&y->gone.wakes, 4, 20 * US);
	v = build();
	ck_assert_uint_eq(v->vms[0].vcpus[0].set.halts.count, 2);
	ck_assert_uint_eq(v->vms[0].vcpus[0].set.halts.ns, 20 * US);
	ck_assert_uint_eq(v->vms[0].vcpus[0].set.halts.max_ns, 16383);
	ck_assert(!v->vms[0].vcpus[0].set.halts.max_exact);
	ck_assert_uint_eq(v->vms[0].vcpus[1].set.halts.max_ns, 12 * US);
	ck_assert(v->vms[0].vcpus[1].set.halts.max_exact);
	ck_assert_uint_eq(v->total.halts.count, 3);
	ck_assert_uint_eq(v->total.halts.ns, 32 * US);
	ck_assert_uint_eq(v->total.halts.max_ns, 16383);
	ck_assert(!v->total.halts.max_exact);
	ck_assert_uint_eq(v->total.halts.hist[sample_bucket(10 * US)], 3);
	ck_assert_uint_eq(v->total.wakes.count, 5);
	ck_assert_uint_eq(v->total.wakes.max_ns, 20 * US);
	ck_assert(v->total.wakes.max_exact);
	done(v);
}
END_TEST

/* By CPU and in moves: a VM's are those of its threads, ended ones included. */
START_TEST(placement)
{
	struct sample_vm *x, *y;
	struct sample_vcpu *c, end = {.isa = VMP_ISA_SVM};
	struct view *v;

	fresh(ALL_STATES);
	x = sample_vm(&a, "vm", "", 1);
	y = sample_vm(&b, "vm", "", 1);
	c = sample_vcpu(x, VMP_ISA_SVM);
	sample_cpu(c, 4, 0, 100);
	sample_cpu(c, 4, 1, 10);
	c->moves = 5;
	c->node_moves = 2;
	c = sample_vcpu(y, VMP_ISA_SVM);
	sample_cpu(c, 4, 0, 100);
	sample_cpu(c, 4, 1, 40);
	sample_cpu(c, 4, 3, 7);
	c->moves = 9;
	c->node_moves = 3;
	c = sample_vcpu(x, VMP_ISA_SVM);
	c->tid = 99;
	sample_cpu(c, 4, 2, 1000);
	c->moves = 100;
	sample_cpu(&end, 4, 2, 1050);
	sample_cpu(&end, 4, 3, 1);
	end.moves = 101;
	end.node_moves = 1;
	sample_fold(&y->gone, &end);
	free(end.cpu_ns);
	/* nothing is known of this one */
	sample_vcpu(sample_vm(&b, "other", "", 2), VMP_ISA_SVM);
	v = build();
	ck_assert_str_eq(v->vms[1].name, "vm");
	ck_assert_ptr_null(v->vms[0].set.cpu_ns);
	ck_assert_uint_eq(v->vms[1].vcpus[0].set.ncpus, 4);
	ck_assert_uint_eq(v->vms[1].vcpus[0].set.cpu_ns[0], 0);
	ck_assert_uint_eq(v->vms[1].vcpus[0].set.cpu_ns[1], 30);
	ck_assert_uint_eq(v->vms[1].vcpus[0].set.cpu_ns[3], 7);
	ck_assert_uint_eq(v->vms[1].vcpus[0].set.moves, 4);
	ck_assert_uint_eq(v->vms[1].set.cpu_ns[1], 30);
	ck_assert_uint_eq(v->vms[1].set.cpu_ns[2], 50);
	ck_assert_uint_eq(v->vms[1].set.cpu_ns[3], 8);
	ck_assert_uint_eq(v->total.cpu_ns[2], 50);
	ck_assert_uint_eq(v->total.ncpus, 4);
	ck_assert_uint_eq(v->total.moves, 5);
	ck_assert_uint_eq(v->total.node_moves, 2);
	done(v);
}
END_TEST

static const struct view_class *class_of(const struct view *v, enum thread_class class)
{
	for (uint32_t i = 0; i < v->vms[0].nclasses; i++)
		if (v->vms[0].classes[i].class == class)
			return &v->vms[0].classes[i];
	return NULL;
}

START_TEST(classes)
{
	const struct view_class *c;
	struct sample_vm *x, *y;
	struct view *v;

	fresh(ALL_STATES);
	a.threads_visible = b.threads_visible = true;
	b.ncpus = 6;
	x = sample_vm(&a, "vm", "", 1);
	y = sample_vm(&b, "vm", "", 1);
	sample_thread(x, THREAD_VCPU, 11, SECOND, 5 * MS);
	sample_thread(y, THREAD_VCPU, 11, 3 * SECOND, 9 * MS);
	/* new */
	sample_thread(y, THREAD_VCPU, 12, 500 * MS, 0);
	/* the same number, another thread: the first has ended, after it ran for another 30 ms */
	sample_thread(x, THREAD_WORKER, 13, 700 * MS, 8 * MS);
	sample_thread(y, THREAD_WORKER, 13, 100 * MS, MS)->start_ns++;
	x->gone_threads[THREAD_WORKER].cpu_ns = 40 * MS;
	y->gone_threads[THREAD_WORKER] = (struct sample_class){770 * MS, 8 * MS, 720, 7};
	/* found to be another class later on */
	sample_thread(x, THREAD_OTHER, 14, 10 * MS, 0);
	/* on a CPU that is none of those known */
	sample_thread(y, THREAD_IOTHREAD, 14, 15 * MS, 0);
	/* what went back is not negative */
	sample_thread(x, THREAD_EMULATOR, 1, 10 * MS, MS);
	sample_thread(y, THREAD_EMULATOR, 1, 9 * MS, 0);
	v = build();
	ck_assert(v->threads_visible);
	ck_assert_uint_eq(v->vms[0].nclasses, 4);
	c = class_of(v, THREAD_VCPU);
	ck_assert_uint_eq(c->count, 2);
	ck_assert_uint_eq(c->cpu_ns, 2 * SECOND + 500 * MS);
	ck_assert_uint_eq(c->wait_ns, 4 * MS);
	ck_assert_uint_eq(c->switches, 2500);
	ck_assert_uint_eq(c->migrations, 25);
	ck_assert_uint_eq(c->total.cpu_ns, 3 * SECOND + 500 * MS);
	ck_assert_uint_eq(c->total.migrations, 35);
	/* thread 11 on CPU 3 at both ends, 12 on 4 */
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(c->on[i], i == 3 || i == 4);
	c = class_of(v, THREAD_WORKER);
	ck_assert_uint_eq(c->count, 1);
	ck_assert_uint_eq(c->cpu_ns, 130 * MS);
	ck_assert_uint_eq(c->wait_ns, MS);
	ck_assert_uint_eq(c->switches, 120);
	ck_assert_uint_eq(c->total.cpu_ns, 870 * MS);
	ck_assert_uint_eq(c->total.wait_ns, 9 * MS);
	/* the one that ended, too */
	ck_assert(c->on[5]);
	c = class_of(v, THREAD_IOTHREAD);
	ck_assert_uint_eq(c->cpu_ns, 5 * MS);
	ck_assert_uint_eq(c->total.cpu_ns, 15 * MS);
	ck_assert_ptr_null(class_of(v, THREAD_OTHER));
	c = class_of(v, THREAD_EMULATOR);
	ck_assert_uint_eq(c->cpu_ns, 0);
	ck_assert_uint_eq(c->wait_ns, 0);
	ck_assert_uint_eq(c->total.cpu_ns, 9 * MS);
	view_free(v);
	/* an interval without a beginning is not known */
	a.threads_visible = false;
	v = build();
	ck_assert(!v->threads_visible);
	done(v);
}
END_TEST

START_TEST(pins_and_host)
{
	static const uint32_t nodes[] = {0, 0, 1, 1};
	struct view *v;

	fresh(ALL_STATES);
	a.begin_ns = a.mono_ns - 3 * US;
	b.begin_ns = b.mono_ns - 4 * US;
	b.ncpus = 4;
	b.cpu_node = mem_dup(nodes, 4, sizeof(*nodes));
	sample_pin(sample_vm(&b, "vm", "", 1), PIN_VCPU, 3, "0-3,8");
	v = build();
	ck_assert_uint_eq(v->skew_ns, 7 * US);
	ck_assert_uint_eq(v->ncpus, 4);
	ck_assert_uint_eq(v->cpu_node[3], 1);
	ck_assert(v->vms[0].pins_known);
	ck_assert_uint_eq(v->vms[0].npins, 1);
	ck_assert_str_eq(v->vms[0].pins[0].cpus, "0-3,8");
	done(v);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("view_ledger");

	UNIT_ADD(u, hidden_states);
	UNIT_ADD(u, provisional_times);
	UNIT_ADD(u, provisional_beyond_one_exit);
	UNIT_ADD(u, halts_and_wakes);
	UNIT_ADD(u, placement);
	UNIT_ADD(u, classes);
	UNIT_ADD(u, pins_and_host);
	return unit_run(u);
}
