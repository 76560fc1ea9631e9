// SPDX-License-Identifier: GPL-2.0-only
/* What is kept of an interval for trends and heat maps. */
#include <math.h>

#include "hosts.h"
#include "tui/history.h"
#include "unit.h"

static struct digest *digest_of(void (*make)(struct pair *p))
{
	struct pair p;
	struct digest *d;
	struct view *v;

	make(&p);
	v = view_build(&p.a, &p.b);
	d = digest_make(v);
	view_free(v);
	sample_free(&p.a);
	sample_free(&p.b);
	return d;
}

static void (*const hosts[])(struct pair *p) = {svm,  vmx,    arm64, user, no_sched,
						none, no_kvm, names, full, mixed};

/* Every histogram of the view is in the digest as it was. */
START_TEST(all_of_the_view)
{
	struct pair p;
	struct digest *d;
	struct view *v;

	hosts[_i](&p);
	v = view_build(&p.a, &p.b);
	d = digest_make(v);
	ck_assert_uint_eq(d->real_ns, v->real_ns);
	ck_assert_uint_eq(d->interval_ns, v->interval_ns);
	ck_assert_uint_eq(d->nvms, v->nvms);
	for (uint32_t i = 0; i < v->nvms; i++) {
		const struct view_set *s = &v->vms[i].set;
		const struct digest_vm *vm = digest_vm(d, v->vms[i].pid);

		ck_assert_ptr_nonnull(vm);
		ck_assert_uint_eq(vm->pid, v->vms[i].pid);
		for (uint32_t j = 0; j < s->nexits; j++) {
			const struct digest_exit *e =
				digest_exit(d, vm, s->exits[j].isa, s->exits[j].code, false);

			ck_assert_ptr_nonnull(e);
			ck_assert_uint_eq(e->count, s->exits[j].count);
			for (unsigned int k = 0; k < VMP_HIST; k++) {
				bool in = k >= e->first && k < e->first + (unsigned int)e->n;

				ck_assert_uint_eq(in ? d->buckets[e->at + k - e->first] : 0,
						  s->exits[j].hist[k]);
			}
		}
		for (uint32_t j = 0; j < s->nuexits; j++) {
			const struct digest_exit *e =
				digest_exit(d, vm, 0, (uint64_t)s->uexits[j].code, true);

			ck_assert_ptr_nonnull(e);
			ck_assert_uint_eq(e->count, s->uexits[j].count);
		}
	}
	digest_free(d);
	view_free(v);
	sample_free(&p.a);
	sample_free(&p.b);
}
END_TEST

START_TEST(shares)
{
	struct digest *d = digest_of(mixed);

	/* 2 s of each of 12 vCPUs but what two of them were idle */
	ck_assert_double_eq_tol(digest_vm(d, 4000)->busy, 1 - 20 * 0.099 / 2, 1e-6);
	ck_assert_double_eq_tol(digest_vm(d, 1000)->busy, 1, 1e-6);
	/* 1.04 s of waiting and 2 ms of handling, of 2 s */
	ck_assert_double_eq_tol(digest_vm(d, 2000)->lost, 1.042 / 2, 1e-6);
	/* paused: neither */
	ck_assert_double_eq_tol(digest_vm(d, 7000)->busy, 0, 1e-6);
	ck_assert_double_eq_tol(digest_vm(d, 7000)->lost, 0, 1e-6);
	digest_free(d);
}
END_TEST

START_TEST(what_is_not_there)
{
	struct digest *d = digest_of(no_sched);
	const struct digest_vm *vm = digest_vm(d, 2000);

	ck_assert(digest_vm(d, 2000)->busy < 0 && digest_vm(d, 2000)->lost < 0);
	ck_assert_ptr_null(digest_vm(d, 1999));
	ck_assert_ptr_null(digest_exit(d, vm, VMP_ISA_SVM, 0x401, false));
	ck_assert_ptr_null(digest_exit(d, vm, VMP_ISA_VMX, 0x400, false));
	ck_assert_ptr_null(digest_exit(d, vm, VMP_ISA_SVM, 0x400, true));
	digest_free(d);
	d = digest_of(none);
	ck_assert(d->busy < 0);
	ck_assert_ptr_null(digest_vm(d, 0));
	digest_free(d);
}
END_TEST

/* A user-space exit's code may be negative. */
START_TEST(negative_codes)
{
	struct digest *d = digest_of(user);
	const struct digest_vm *vm = digest_vm(d, 700);

	ck_assert_uint_eq(digest_exit(d, vm, 0, (uint64_t)-4, true)->count, 3);
	ck_assert_uint_eq(digest_exit(d, vm, 0, (uint32_t)-4, true)->count, 3);
	digest_free(d);
}
END_TEST

/* Counts that 32 bits do not hold stay as large as they can. */
START_TEST(large_counts)
{
	struct pair p;
	struct sample_vcpu *c;
	struct digest *d;
	struct view *v;

	both(&p, "kvm_amd", "x86_64", ALL_STATES);
	c = sample_vcpu(sample_vm(&p.b, "old", "", 1), VMP_ISA_SVM);
	sample_exits(c, 0x60, 1ULL << 33, 1, 0);
	v = view_build(NULL, &p.b);
	d = digest_make(v);
	ck_assert_uint_eq(d->exits[0].count, UINT32_MAX);
	ck_assert_uint_eq(d->buckets[d->exits[0].at], UINT32_MAX);
	digest_free(d);
	view_free(v);
	sample_free(&p.a);
	sample_free(&p.b);
}
END_TEST

START_TEST(ring)
{
	struct history h = {0};

	ck_assert_ptr_null(history_at(&h, 0));
	for (uint64_t i = 0; i < HISTORY + 10; i++) {
		struct digest *d = mem_zalloc(1, sizeof(*d));

		d->real_ns = i;
		history_add(&h, d);
		ck_assert_uint_eq(history_at(&h, 0)->real_ns, i);
		ck_assert_uint_eq(history_at(&h, h.n - 1)->real_ns, i < HISTORY ? 0 : i + 1 - HISTORY);
		ck_assert_ptr_null(history_at(&h, h.n));
	}
	ck_assert_uint_eq(h.n, HISTORY);
	history_clear(&h);
	ck_assert_ptr_null(history_at(&h, 0));
}
END_TEST

int main(void)
{
	struct unit u = unit_new("history");

	tcase_add_loop_test(u.tcase, all_of_the_view, 0, sizeof(hosts) / sizeof(*hosts));
	UNIT_ADD(u, shares);
	UNIT_ADD(u, what_is_not_there);
	UNIT_ADD(u, negative_codes);
	UNIT_ADD(u, large_counts);
	UNIT_ADD(u, ring);
	return unit_run(u);
}
