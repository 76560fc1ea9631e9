// SPDX-License-Identifier: GPL-2.0-only
/* From two samples to a view: differences, matching, sums, order. */
#include "pair.h"

START_TEST(differences)
{
	struct sample_vcpu *x, *y;
	const struct view_exit *e;
	struct view *v;

	fresh(KVM_STATES);
	x = sample_vcpu(sample_vm(&a, "vm", "", 1), VMP_ISA_VMX);
	y = sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_VMX);
	sample_exits(x, 30, 5, US, US);
	sample_exits(y, 30, 15, US, US);
	sample_exits(x, 48, 7, US, 0);
	sample_exits(y, 48, 7, US, 0);
	sample_exits(y, 10, 1, 500, 0);
	sample_uexits(x, 2, 5, 5 * US);
	sample_uexits(y, 2, 15, 15 * US);
	sample_uexits(y, VMP_UEXIT_RESTART, 1, 0);
	x->flags[VMP_FLAG_ENCLAVE] = 4;
	y->flags[VMP_FLAG_ENCLAVE] = 6;
	x->unpaired = 1;
	y->unpaired = 3;
	y->backwards = 2;
	sample_rest(x, SECOND);
	sample_rest(y, 2 * SECOND);
	a.loss[VMP_LOSS_MISSED] = 3;
	b.loss[VMP_LOSS_MISSED] = 5;
	v = build();
	ck_assert_uint_eq(v->interval_ns, SECOND);
	ck_assert_uint_eq(v->real_ns, b.real_ns);
	ck_assert_uint_eq(v->loss[VMP_LOSS_MISSED], 2);
	ck_assert_uint_eq(v->nvms, 1);
	ck_assert_uint_eq(v->nvcpus, 1);
	ck_assert_uint_eq(v->total.observed_ns, SECOND);
	balanced(&v->total);
	balanced(&v->vms[0].set);
	balanced(&v->vms[0].vcpus[0].set);
	ck_assert_uint_eq(v->total.exit_count, 11);
	ck_assert_uint_eq(v->total.uexit_count, 11);
	ck_assert_uint_eq(v->total.unpaired, 2);
	ck_assert_uint_eq(v->total.backwards, 2);
	ck_assert_uint_eq(v->total.flags[VMP_FLAG_ENCLAVE], 2);
	/* what did not happen is not there; the most time first */
	ck_assert_uint_eq(v->total.nexits, 2);
	e = &v->total.exits[0];
	ck_assert_uint_eq(e->code, 30);
	ck_assert_str_eq(e->reason, "IO_INSTRUCTION");
	ck_assert_uint_eq(e->count, 10);
	ck_assert_uint_eq(e->ns[VMP_KVM], 10 * US);
	ck_assert_uint_eq(e->ns[VMP_VMM], 10 * US);
	ck_assert_uint_eq(e->hist[sample_bucket(2 * US)], 10);
	ck_assert_uint_eq(e->max_ns, 2 * US);
	ck_assert(!e->max_exact);
	ck_assert(v->total.exits[1].max_exact);
	ck_assert_uint_eq(v->total.nuexits, 2);
	ck_assert_int_eq(v->total.uexits[0].code, 2);
	ck_assert_uint_eq(v->total.uexits[0].ns, 10 * US);
	ck_assert_int_eq(v->total.uexits[1].code, -4);
	done(v);
}
END_TEST

START_TEST(from_nothing)
{
	struct sample_vcpu *y;
	struct view *v;

	fresh(KVM_STATES);
	y = sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	sample_exits(y, 0x7b, 4, US, 0);
	sample_rest(y, SECOND);
	v = view_build(NULL, &b);
	ck_assert_uint_eq(v->interval_ns, b.mono_ns);
	ck_assert_uint_eq(v->total.exit_count, 4);
	done(v);
}
END_TEST

/* A pid that now belongs to another process, a tid that now belongs to another thread: other counters. */
START_TEST(identity)
{
	struct sample_vm *vm;
	struct view *v;

	fresh(KVM_STATES);
	sample_exits(sample_vcpu(sample_vm(&a, "first", "", 1), VMP_ISA_SVM), 0x7b, 100, US, 0);
	vm = sample_vm(&b, "second", "", 1);
	vm->start_ns++;
	sample_exits(sample_vcpu(vm, VMP_ISA_SVM), 0x7b, 120, US, 0);

	sample_exits(sample_vcpu(sample_vm(&a, "threads", "", 2), VMP_ISA_SVM), 0x7b, 1000, US, 0);
	vm = sample_vm(&b, "threads", "", 2);
	sample_exits(sample_vcpu(vm, VMP_ISA_SVM), 0x7b, 30, US, 0);
	vm->vcpus[0].first_ns = 99 * SECOND;
	sample_exits(&vm->gone, 0x7b, 1001, US, 0);
	vm->gone.isa = VMP_ISA_SVM;
	v = build();
	ck_assert_uint_eq(v->nvms, 2);
	ck_assert_str_eq(v->vms[0].name, "second");
	ck_assert_uint_eq(v->vms[0].set.exit_count, 120);
	ck_assert_uint_eq(v->vms[1].vcpus[0].set.exit_count, 30);
	ck_assert_uint_eq(v->vms[1].set.exit_count, 31);
	done(v);
}
END_TEST

/* A thread ends between the samples: its counts move to the gone ones and are counted once. */
START_TEST(thread_ends)
{
	struct sample_vm *x, *y;
	struct sample_vcpu *c, end = {.isa = VMP_ISA_SVM};
	struct view *v;

	fresh(KVM_STATES);
	x = sample_vm(&a, "vm", "", 1);
	sample_exits(&x->gone, 0x7b, 3, US, 0);
	x->gone.isa = VMP_ISA_SVM;
	sample_rest(&x->gone, 10 * MS);
	for (int i = 0; i < 2; i++) {
		c = sample_vcpu(x, VMP_ISA_SVM);
		sample_exits(c, 0x7b, 100, US, 0);
		sample_exits(c, 0x400, 10, 9 * US, 0);
		sample_uexits(c, 2, 50, 0);
		sample_rest(c, SECOND);
	}
	y = sample_vm(&b, "vm", "", 1);
	c = sample_vcpu(y, VMP_ISA_SVM);
	sample_exits(c, 0x7b, 110, US, 0);
	sample_exits(c, 0x400, 10, 9 * US, 0);
	sample_uexits(c, 2, 55, 0);
	sample_rest(c, 2 * SECOND);
	/* the second one did 5 more, and one of a new kind, before it ended */
	sample_fold(&y->gone, &x->gone);
	sample_exits(&end, 0x7b, 105, US, 0);
	sample_exits(&end, 0x400, 10, 9 * US, 0);
	sample_exits(&end, 0x78, 1, US, 0);
	sample_uexits(&end, 2, 52, 0);
	sample_rest(&end, SECOND + 500 * MS);
	sample_fold(&y->gone, &end);
	free(end.exits);
	v = build();
	ck_assert_uint_eq(v->total.exit_count, 10 + 5 + 1);
	ck_assert_uint_eq(find(&v->total, 0x7b)->count, 15);
	ck_assert_uint_eq(find(&v->total, 0x78)->count, 1);
	ck_assert_ptr_null(find(&v->total, 0x400));
	ck_assert_uint_eq(v->total.uexit_count, 5 + 2);
	ck_assert_uint_eq(v->total.observed_ns, SECOND + 500 * MS);
	balanced(&v->total);
	ck_assert_uint_eq(v->nvcpus, 1);
	ck_assert_uint_eq(v->vms[0].vcpus[0].set.exit_count, 10);
	done(v);
}
END_TEST

/* Counters that go back are another's: 0, never huge. */
START_TEST(lower_is_zero)
{
	struct sample_vcpu *x, *y;
	struct view *v;

	fresh(KVM_STATES);
	x = sample_vcpu(sample_vm(&a, "vm", "", 1), VMP_ISA_SVM);
	y = sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	sample_exits(x, 0x7b, 100, US, 0);
	sample_exits(y, 0x7b, 10, US, 0);
	sample_uexits(x, 2, 9, 9);
	sample_uexits(y, 2, 1, 1);
	sample_rest(x, SECOND);
	sample_rest(y, MS);
	a.loss[0] = 9;
	b.mono_ns = a.mono_ns - 1;
	v = build();
	ck_assert_uint_eq(v->interval_ns, 0);
	ck_assert_uint_eq(v->loss[0], 0);
	ck_assert_uint_eq(v->total.exit_count, 0);
	ck_assert_uint_eq(v->total.nexits, 0);
	ck_assert_uint_eq(v->total.nuexits, 0);
	ck_assert_uint_eq(v->total.observed_ns, 0);
	done(v);
}
END_TEST

/* Maxima of several vCPUs: the largest, and exact only if that one is. */
START_TEST(maxima)
{
	struct sample_vm *x, *y;
	struct sample_vcpu *c;
	struct view *v;

	fresh(KVM_STATES);
	x = sample_vm(&a, "vm", "", 1);
	y = sample_vm(&b, "vm", "", 1);
	sample_exits(sample_vcpu(x, VMP_ISA_SVM), 0x400, 1, 5 * US, 0);
	sample_vcpu(x, VMP_ISA_SVM);
	c = sample_vcpu(y, VMP_ISA_SVM);
	sample_exits(c, 0x400, 1, 5 * US, 0);
	sample_exits(c, 0x400, 1, 2 * US, 0); /* at most 2047 is known */
	sample_exits(sample_vcpu(y, VMP_ISA_SVM), 0x400, 1, 3 * US, 0);
	v = build();
	ck_assert_uint_eq(v->vms[0].vcpus[0].set.exits[0].max_ns, 2047);
	ck_assert(!v->vms[0].vcpus[0].set.exits[0].max_exact);
	ck_assert_uint_eq(v->total.exits[0].max_ns, 3 * US);
	ck_assert(v->total.exits[0].max_exact);
	view_free(v);
	/* the bound of the first is also the second's maximum: then it was reached */
	b.vms[0].vcpus[1].exits[1].max_ns = 2047;
	v = build();
	ck_assert_uint_eq(v->total.exits[0].max_ns, 2047);
	ck_assert(v->total.exits[0].max_exact);
	done(v);
}
END_TEST

/* What exit cost is made of: halts' handling is a cost like any other, their sleep is not busy. */
START_TEST(busy)
{
	struct sample_vcpu *c;
	struct view *v;

	fresh(ALL_STATES);
	c = sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	sample_exits(c, 0x78, 9, 100 * MS, 0);
	sample_exits(c, 0x400, 1000, 10 * US, 0);
	sample_halted(c, 0x78, VMP_IDLE, 2 * SECOND);
	sample_rest(c, 3 * SECOND);
	v = build();
	ck_assert_uint_eq(v->total.busy_ns, SECOND);
	ck_assert_uint_eq(v->total.handling_ns, 910 * MS);
	done(v);
}
END_TEST

/* What was lost most comes first; what is paused has lost nothing. */
START_TEST(order)
{
	static const char *const want[] = {"waits", "costly", "many", "user", "a", "b", "paused"};
	struct sample_vcpu *c;
	struct view *v;

	fresh(ALL_STATES);
	sample_vm(&b, "b", "", 1);
	sample_state(sample_vcpu(sample_vm(&b, "paused", "", 7), VMP_ISA_SVM), VMP_BLOCKED, SECOND);
	sample_state(sample_vcpu(sample_vm(&b, "waits", "", 6), VMP_ISA_SVM), VMP_WAIT, MS);
	sample_uexits(sample_vcpu(sample_vm(&b, "user", "", 2), VMP_ISA_SVM), 2, 1, 0);
	sample_vm(&b, "a", "", 3);
	c = sample_vcpu(sample_vm(&b, "many", "", 4), VMP_ISA_SVM);
	sample_exits(c, 0x78, 1, 100 * US, 0);
	sample_exits(c, 0x7b, 5, 0, 0);
	sample_exits(c, 0x60, 5, 0, 0);
	sample_exits(c, 0x61, 6, 0, 0);
	sample_exits(sample_vcpu(sample_vm(&b, "costly", "", 5), VMP_ISA_SVM), 0x400, 1, 101 * US, 0);
	v = build();
	for (int i = 0; i < 7; i++)
		ck_assert_str_eq(v->vms[i].name, want[i]);
	/* reasons: time, then count, then code */
	ck_assert_uint_eq(v->vms[2].set.exits[0].code, 0x78);
	ck_assert_uint_eq(v->vms[2].set.exits[1].code, 0x61);
	ck_assert_uint_eq(v->vms[2].set.exits[2].code, 0x60);
	ck_assert_uint_eq(v->vms[2].set.exits[3].code, 0x7b);
	done(v);
}
END_TEST

START_TEST(user_space_probe_off)
{
	struct view *v;

	fresh(KVM_STATES);
	v = build();
	ck_assert(v->uexits_visible);
	view_free(v);
	b.probes[1].status = PROBE_FAILED;
	v = build();
	ck_assert(!v->uexits_visible);
	done(v);
}
END_TEST

/* The vCPU was there before, but had not run. */
START_TEST(first_run_between)
{
	struct sample_vcpu *c;
	struct view *v;

	fresh(KVM_STATES);
	c = sample_vcpu(sample_vm(&a, "vm", "", 1), VMP_ISA_SVM);
	c->first_ns = 0;
	sample_uexits(c, 10, 2, 0);
	c = sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_SVM);
	sample_uexits(c, 10, 5, 0);
	sample_rest(c, MS);
	v = build();
	ck_assert_uint_eq(v->total.uexit_count, 3);
	ck_assert_uint_eq(v->total.observed_ns, MS);
	done(v);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("view");

	UNIT_ADD(u, differences);
	UNIT_ADD(u, from_nothing);
	UNIT_ADD(u, identity);
	UNIT_ADD(u, thread_ends);
	UNIT_ADD(u, lower_is_zero);
	UNIT_ADD(u, maxima);
	UNIT_ADD(u, busy);
	UNIT_ADD(u, order);
	UNIT_ADD(u, user_space_probe_off);
	UNIT_ADD(u, first_run_between);
	return unit_run(u);
}
