// SPDX-License-Identifier: GPL-2.0-only
/* Two profiles: which row is which, shares before and after, their order. */
#include "model/profile_diff.h"

#include <math.h>
#include <stdio.h>

#include "profiles.h"
#include "unit.h"

#define VM     (1U << PROFILE_BY_VM)
#define SYMBOL (1U << PROFILE_BY_SYMBOL)

static struct profile *a, *b;
static struct profile_diff d;

static void compare(uint32_t keys, double limit)
{
	struct profile_filter f = {.event = PROFILE_NONE, .limit = limit};

	profile_diff_make(&d, a, b, keys, &f);
}

static void done(void)
{
	profile_diff_free(&d);
	profile_free(a);
	profile_free(b);
}

/* A VM with one hit; returns its profile. */
static struct profile *vm(struct profile *p, uint32_t pid, const char *name, const char *uuid, uint64_t n)
{
	p = p ? p : profile_of_host();
	hit(p, profile_thread(p, profile_vm(p, pid, 0, name, uuid), pid, 0, ""), PROFILE_SYS,
	    frame(p, PROFILE_KERNEL, PROFILE_NONE, "k", 1, "f", "[kernel]"), PROFILE_NONE, n);
	return p;
}

/* The pid in b of the VM with this pid in a; 0: it has none. */
static uint32_t partner(uint32_t pid)
{
	for (size_t i = 0; i < d.n; i++) {
		const struct profile_diff_row *row = &d.rows[i];

		if (!row->a || a->vms[a->threads[row->a->like.thread].vm].pid != pid)
			continue;
		return row->b ? b->vms[b->threads[row->b->like.thread].vm].pid : 0;
	}
	ck_abort_msg("no VM %u in a", pid);
	return 0;
}

START_TEST(which_vm)
{
	/* by UUID, also under another name */
	a = vm(vm(NULL, 1, "x", UUID_WEB, 1), 2, "y", UUID_DB, 1);
	b = vm(vm(NULL, 11, "y", UUID_WEB, 1), 12, "x", UUID_DB, 1);
	compare(VM, 0);
	ck_assert_uint_eq(d.n, 2);
	ck_assert_uint_eq(partner(1), 11);
	ck_assert_uint_eq(partner(2), 12);
	done();
	/* another UUID is another VM, whatever its name */
	a = vm(NULL, 1, "x", UUID_WEB, 1);
	b = vm(NULL, 11, "x", UUID_DB, 1);
	compare(VM, 0);
	ck_assert_uint_eq(d.n, 2);
	ck_assert_uint_eq(partner(1), 0);
	done();
	/* a file that knows no UUIDs: by name */
	a = vm(vm(NULL, 1, "x", UUID_WEB, 1), 2, "y", "", 1);
	b = vm(vm(NULL, 11, "y", "", 1), 12, "x", "", 1);
	compare(VM, 0);
	ck_assert_uint_eq(d.n, 2);
	ck_assert_uint_eq(partner(1), 12);
	ck_assert_uint_eq(partner(2), 11);
	done();
	/* twins are matched one by one, what is left over is alone */
	a = vm(vm(NULL, 1, "x", "", 1), 2, "x", "", 1);
	b = vm(vm(vm(NULL, 11, "x", "", 1), 12, "x", "", 1), 13, "x", "", 1);
	compare(VM, 0);
	ck_assert_uint_eq(d.n, 3);
	ck_assert_uint_eq(partner(1), 11);
	ck_assert_uint_eq(partner(2), 12);
	done();
}
END_TEST

START_TEST(shares)
{
	a = two_vms(400);
	b = two_vms(900);
	compare(VM | SYMBOL, 0);
	/* what grew most is first; shares are of each one's total */
	ck_assert_uint_eq(d.rows[0].a->sum.samples, 500);
	ck_assert_uint_eq(d.rows[0].b->sum.samples, 1000);
	ck_assert_double_eq_tol(d.rows[0].share_a, 0.5, 1e-12);
	ck_assert_double_eq_tol(d.rows[0].share_b, 1000. / 1500, 1e-12);
	for (size_t i = 1; i < d.n; i++)
		ck_assert_double_ge(fabs(d.rows[i - 1].share_b - d.rows[i - 1].share_a),
				    fabs(d.rows[i].share_b - d.rows[i].share_a));
	ck_assert_uint_eq(d.n, d.a.n);
	done();
	/* rows of one side only, and the limit: what is below it in both goes */
	a = two_vms(400);
	b = vm(NULL, 4711, "web", UUID_WEB, 10);
	compare(VM | SYMBOL, 5);
	ck_assert_ptr_null(d.rows[0].a);
	ck_assert_double_eq_tol(d.rows[0].share_b, 1, 1e-12);
	ck_assert_ptr_null(d.rows[1].b);
	ck_assert_double_eq_tol(d.rows[1].share_a, 0.5, 1e-12);
	ck_assert_double_eq_tol(d.rows[1].share_b, 0, 1e-12);
	ck_assert_uint_eq(d.n, 5);
	done();
	/* one that is below the limit on one side only has its share there, too */
	a = vm(vm(NULL, 1, "small", "", 2), 2, "large", "", 98);
	b = vm(vm(NULL, 1, "small", "", 40), 2, "large", "", 60);
	compare(VM, 5);
	ck_assert_uint_eq(d.n, 2);
	for (size_t i = 0; i < d.n; i++)
		ck_assert(d.rows[i].a && d.rows[i].b);
	done();
	/* of equal changes the larger comes first */
	a = vm(vm(vm(NULL, 1, "a", "", 10), 2, "b", "", 50), 3, "c", "", 40);
	b = vm(vm(vm(NULL, 1, "a", "", 10), 2, "b", "", 50), 3, "c", "", 40);
	compare(VM, 0);
	ck_assert_uint_eq(d.n, 3);
	ck_assert_uint_eq(d.rows[0].a->sum.samples, 50);
	ck_assert_uint_eq(d.rows[1].a->sum.samples, 40);
	ck_assert_uint_eq(d.rows[2].a->sum.samples, 10);
	done();
	/* addresses are none of two kernels */
	a = two_vms(400);
	b = two_vms(400);
	compare(SYMBOL | 1U << PROFILE_BY_ADDRESS, 0);
	ck_assert_uint_eq(d.a.keys, SYMBOL);
	for (size_t i = 0; i < d.n; i++)
		ck_assert(d.rows[i].a && d.rows[i].b);
	done();
}
END_TEST

/* Texts that look alike when they stand side by side are not the same. */
START_TEST(texts)
{
	static const char *const names[2][2] = {{"a;1:b", "c"}, {"a", "1:b;c"}};

	for (int i = 0; i < 2; i++) {
		struct profile *p = profile_of_host();

		hit(p, profile_thread(p, profile_vm(p, 1, 0, "vm", ""), 1, 0, names[i][0]), PROFILE_SYS,
		    frame(p, PROFILE_KERNEL, PROFILE_NONE, "k", 1, names[i][1], "m"), PROFILE_NONE, 1);
		*(i ? &b : &a) = p;
	}
	compare(1U << PROFILE_BY_COMM | SYMBOL, 0);
	ck_assert_uint_eq(d.n, 2);
	done();
}
END_TEST

/* One side has two events: rows are by event on both. */
START_TEST(events)
{
	a = two_events();
	b = vm(vm(NULL, 100, "twin", "", 1), 101, "twin", "", 1);
	compare(VM, 0);
	ck_assert_uint_eq(d.n, 4);
	for (size_t i = 0; i < d.n; i++)
		ck_assert_uint_eq(d.rows[i].b != NULL, d.rows[i].a->like.event == 0);
	done();
}
END_TEST

/* Rows of the same texts: two events of one name.  Each has one partner. */
START_TEST(alike)
{
	struct profile **sides[] = {&a, &b};

	for (int i = 0; i < 2; i++) {
		struct profile *p = vm(NULL, 1, "vm", "", 1);
		struct profile_hit h = p->hits[0];

		h.event = profile_event(p, p->events[0].name, 1);
		profile_hit(p, &h);
		*sides[i] = p;
	}
	compare(VM, 0);
	ck_assert_uint_eq(d.n, 2);
	for (size_t i = 0; i < d.n; i++)
		ck_assert(d.rows[i].a && d.rows[i].b);
	ck_assert_ptr_ne(d.rows[0].a, d.rows[1].a);
	done();
}
END_TEST

/* Nothing on either side, or on both. */
START_TEST(nothing)
{
	a = profile_new();
	b = profile_new();
	compare(VM, 0.5);
	ck_assert_uint_eq(d.n, 0);
	done();
	a = profile_new();
	b = two_vms(400);
	compare(VM, 0.5);
	ck_assert_uint_eq(d.n, 2);
	done();
}
END_TEST

int main(void)
{
	struct unit u = unit_new("profile_diff");

	UNIT_ADD(u, which_vm);
	UNIT_ADD(u, shares);
	UNIT_ADD(u, texts);
	UNIT_ADD(u, events);
	UNIT_ADD(u, alike);
	UNIT_ADD(u, nothing);
	return unit_run(u);
}
