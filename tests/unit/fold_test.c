// SPDX-License-Identifier: GPL-2.0-only
/* The sum of threads that are gone. */
#include "samples.h"
#include "unit.h"

static const struct vmp_exit *find(const struct sample_vcpu *v, uint64_t code)
{
	for (uint32_t i = 0; i < v->nexits; i++)
		if (v->exits[i].code == code)
			return &v->exits[i];
	ck_abort_msg("no such code");
	return NULL;
}

START_TEST(sums_and_maxima)
{
	struct sample_vcpu sum = {.id = -1}, one = {.id = 3, .tid = 7, .isa = VMP_ISA_SVM},
			   two = {.id = 4, .tid = 8, .isa = VMP_ISA_SVM};
	uint64_t total = 0;

	one.first_ns = 10;
	one.end_ns = 500;
	one.unpaired = 1;
	one.backwards = 2;
	one.flags[VMP_FLAG_OTHER] = 3;
	sample_exits(&one, 0x400, 10, 1 * US, 0);
	sample_exits(&one, 0x7b, 1, 1 * US, 5 * US);
	sample_uexits(&one, 2, 1, 5 * US);
	sample_times(&one.halts, 3, 40 * US);
	sample_times(&one.wakes, 3, 4 * US);
	sample_cpu(&one, 2, 1, 300 * US);
	one.moves = 4;
	one.node_moves = 1;
	sample_count(&one.events, &one.nevents, 0, 7, 70, 60);
	sample_rest(&one, MS);
	two.first_ns = 5;
	two.end_ns = 400;
	two.unpaired = 10;
	two.backwards = 20;
	two.flags[VMP_FLAG_OTHER] = 30;
	/* the same codes at other places */
	sample_exits(&two, 0x7b, 2, 1 * US, 9 * US);
	sample_exits(&two, 0x78, 1, 3 * US, 0);
	sample_exits(&two, 0x400, 5, 500, 0);
	sample_exits(&two, VMP_CODE_OTHER, 4, 100, 0);
	sample_uexits(&two, 2, 2, 18 * US);
	sample_times(&two.halts, 1, 50 * US);
	sample_times(&two.wakes, 2, 3 * US);
	sample_cpu(&two, 3, 1, 100 * US);
	sample_cpu(&two, 3, 2, 200 * US);
	two.moves = 40;
	two.node_moves = 10;
	sample_count(&two.events, &two.nevents, 0, 1, 2, 1);
	sample_count(&two.events, &two.nevents, 1, 5, 50, 40);
	sample_rest(&two, 2 * MS);

	sample_fold(&sum, &one);
	sample_fold(&sum, &two);
	ck_assert_int_eq(sum.id, -1);
	ck_assert_uint_eq(sum.tid, 0);
	ck_assert_uint_eq(sum.isa, VMP_ISA_SVM);
	ck_assert_uint_eq(sum.first_ns, 5);
	ck_assert_uint_eq(sum.end_ns, 500);
	ck_assert_uint_eq(sum.observed_ns, 3 * MS);
	for (int i = 0; i < VMP_STATES; i++)
		total += sum.ledger[i];
	ck_assert_uint_eq(total, sum.observed_ns);
	ck_assert_uint_eq(sum.unpaired, 11);
	ck_assert_uint_eq(sum.backwards, 22);
	ck_assert_uint_eq(sum.flags[VMP_FLAG_OTHER], 33);
	ck_assert_uint_eq(sum.uexits[2].count, 3);
	ck_assert_uint_eq(sum.uexits[2].ns, 23 * US);
	ck_assert_uint_eq(sum.nexits, 4);
	ck_assert(sum.exits[0].code == VMP_CODE_OTHER);
	ck_assert_uint_eq(sum.exits[0].count, 4);
	ck_assert_uint_eq(find(&sum, 0x400)->count, 15);
	ck_assert_uint_eq(find(&sum, 0x400)->max_ns, 1 * US);
	ck_assert_uint_eq(find(&sum, 0x400)->ns[VMP_KVM], 10 * US + 2500);
	ck_assert_uint_eq(find(&sum, 0x400)->hist[sample_bucket(1 * US)], 10);
	ck_assert_uint_eq(find(&sum, 0x400)->hist[sample_bucket(500)], 5);
	ck_assert_uint_eq(find(&sum, 0x7b)->count, 3);
	ck_assert_uint_eq(find(&sum, 0x7b)->max_ns, 10 * US);
	ck_assert_uint_eq(find(&sum, 0x7b)->ns[VMP_VMM], 23 * US);
	ck_assert_uint_eq(find(&sum, 0x78)->count, 1);
	ck_assert_uint_eq(sum.halts.ns, 170 * US);
	ck_assert_uint_eq(sum.halts.max_ns, 50 * US);
	ck_assert_uint_eq(sum.halts.hist[sample_bucket(40 * US)], 4);
	ck_assert_uint_eq(sum.wakes.ns, 18 * US);
	ck_assert_uint_eq(sum.wakes.max_ns, 4 * US);
	ck_assert_uint_eq(sum.ncpus, 3);
	ck_assert_uint_eq(sum.cpu_ns[0], 0);
	ck_assert_uint_eq(sum.cpu_ns[1], 400 * US);
	ck_assert_uint_eq(sum.cpu_ns[2], 200 * US);
	ck_assert_uint_eq(sum.moves, 44);
	ck_assert_uint_eq(sum.node_moves, 11);
	ck_assert_uint_eq(sum.nevents, 2);
	ck_assert_uint_eq(sum.events[0].value, 8);
	ck_assert_uint_eq(sum.events[0].enabled, 72);
	ck_assert_uint_eq(sum.events[0].running, 61);
	ck_assert_uint_eq(sum.events[1].value, 5);
	free(one.exits);
	free(one.cpu_ns);
	free(one.events);
	free(two.exits);
	free(two.cpu_ns);
	free(two.events);
	free(sum.exits);
	free(sum.cpu_ns);
	free(sum.events);
}
END_TEST

/* More codes than one thread can have. */
START_TEST(grows)
{
	enum { THREADS = 5 };
	struct sample_vcpu sum = {0};

	for (unsigned int t = 0; t < THREADS; t++) {
		struct sample_vcpu one = {.isa = VMP_ISA_SVM};

		for (unsigned int i = 1; i < VMP_EXITS; i++)
			sample_exits(&one, t * 1000 + i, i, 1, 0);
		sample_fold(&sum, &one);
		free(one.exits);
	}
	ck_assert_uint_eq(sum.nexits, 1 + THREADS * (VMP_EXITS - 1));
	for (unsigned int t = 0; t < THREADS; t++)
		for (unsigned int i = 1; i < VMP_EXITS; i++)
			ck_assert_uint_eq(find(&sum, t * 1000 + i)->count, i);
	free(sum.exits);
}
END_TEST

/* A copy of a sum has no room to spare. */
START_TEST(grows_a_copy)
{
	struct sample_vcpu sum = {0}, one = {.isa = VMP_ISA_VMX}, two = {.isa = VMP_ISA_VMX};
	struct vmp_exit *copy;

	sample_exits(&one, 30, 1, 1, 0);
	sample_exits(&two, 31, 1, 1, 0);
	sample_fold(&sum, &one);
	copy = mem_dup(sum.exits, sum.nexits, sizeof(*sum.exits));
	free(sum.exits);
	sum.exits = copy;
	sample_fold(&sum, &two);
	ck_assert_uint_eq(sum.nexits, 3);
	ck_assert_uint_eq(find(&sum, 31)->count, 1);
	free(one.exits);
	free(two.exits);
	free(sum.exits);
}
END_TEST

START_TEST(another_isa_is_other)
{
	struct sample_vcpu sum = {0}, one = {.isa = VMP_ISA_VMX}, two = {.isa = VMP_ISA_SVM};

	sample_exits(&one, 30, 1, 1, 0);
	sample_exits(&two, 30, 5, 1, 0);
	sample_fold(&sum, &one);
	sample_fold(&sum, &two);
	ck_assert_uint_eq(sum.isa, VMP_ISA_VMX);
	ck_assert_uint_eq(find(&sum, 30)->count, 1);
	ck_assert_uint_eq(sum.exits[0].count, 5);
	free(one.exits);
	free(two.exits);
	free(sum.exits);
}
END_TEST

START_TEST(nothing_to_free)
{
	struct sample s = {0};

	sample_free(NULL);
	sample_free(&s);
	sample_host(&s, "kvm_amd", "x86_64", KVM_STATES);
	sample_exits(sample_vcpu(sample_vm(&s, "a", "", 1), VMP_ISA_SVM), 1, 1, 1, 1);
	sample_exits(&s.vms[0].gone, 1, 1, 1, 1);
	sample_cpu(&s.vms[0].gone, 2, 1, 1);
	sample_cpu(&s.vms[0].vcpus[0], 2, 1, 1);
	sample_thread(&s.vms[0], THREAD_KVM, 1, 1, 1);
	sample_pin(&s.vms[0], PIN_EMULATOR, 0, "0");
	s.cpu_node = mem_zalloc(2, sizeof(*s.cpu_node));
	sample_free(&s);
	ck_assert_uint_eq(s.nvms, 0);
	ck_assert_ptr_null(s.cpu_node);
	sample_free(&s);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("fold");

	UNIT_ADD(u, sums_and_maxima);
	UNIT_ADD(u, grows);
	UNIT_ADD(u, grows_a_copy);
	UNIT_ADD(u, another_isa_is_other);
	UNIT_ADD(u, nothing_to_free);
	return unit_run(u);
}
