// SPDX-License-Identifier: GPL-2.0-only
/* Profiles: each thing once, sums, merging, very many of each. */
#include "model/profile.h"

#include <stdio.h>

#include "model/index.h"
#include "model/profile_rows.h"
#include "profiles.h"
#include "unit.h"

START_TEST(once)
{
	struct profile *p = profile_new();
	struct profile_object o = {.kind = PROFILE_FILE, .vm = PROFILE_NONE, .path = (char *)"/bin/x"};
	struct profile_frame f[] = {{0, PROFILE_NONE, 1}, {0, PROFILE_NONE, 2}};
	uint32_t vm;

	ck_assert_uint_eq(profile_event(p, "cycles", 997), 0);
	ck_assert_uint_eq(profile_event(p, "cycles", 0), 1);
	ck_assert_uint_eq(profile_event(p, "cycles", 997), 0);
	vm = profile_vm(p, 1, 2, "name", "");
	ck_assert_uint_eq(profile_vm(p, 1, 2, "", UUID_WEB), vm);
	ck_assert_uint_ne(profile_vm(p, 1, 3, "", ""), vm);
	ck_assert_uint_ne(profile_vm(p, 2, 2, "", ""), vm);
	ck_assert_str_eq(p->vms[vm].name, "name");
	ck_assert_str_eq(p->vms[vm].uuid, UUID_WEB);
	ck_assert_str_eq(p->vms[1].name, "");
	/* a name of itself, as callers may have it at hand */
	profile_vm(p, 1, 2, p->vms[vm].name, p->vms[vm].uuid);
	ck_assert_str_eq(p->vms[vm].name, "name");
	profile_vm(p, 1, 2, "other", "");
	ck_assert_str_eq(p->vms[vm].name, "other");

	ck_assert_uint_eq(profile_thread(p, 0, 5, -1, "a"), 0);
	ck_assert_uint_eq(profile_thread(p, 1, 5, 3, "a"), 1);
	ck_assert_uint_eq(profile_thread(p, 0, 5, 2, "b"), 0);
	ck_assert_uint_eq(profile_thread(p, 0, 5, -1, ""), 0);
	ck_assert_int_eq(p->threads[0].vcpu, 2);
	ck_assert_str_eq(p->threads[0].comm, "b");

	ck_assert_uint_eq(profile_object(p, &o), 0);
	o.build_id_size = 20;
	ck_assert_uint_eq(profile_object(p, &o), 1);
	o.build_id[19] = 1;
	ck_assert_uint_eq(profile_object(p, &o), 2);
	o.kind = PROFILE_GUEST_KERNEL;
	ck_assert_uint_eq(profile_object(p, &o), 3);
	o.vm = 0;
	ck_assert_uint_eq(profile_object(p, &o), 4);
	strcpy(o.boot_id, UUID_DB);
	ck_assert_uint_eq(profile_object(p, &o), 5);
	/* what is learnt later */
	ck_assert(!p->objects[5].unsure);
	o.unsure = true;
	strcpy(o.ref_name, "_text");
	o.ref_addr = 7;
	ck_assert_uint_eq(profile_object(p, &o), 5);
	o.unsure = false;
	o.ref_addr = 8;
	ck_assert_uint_eq(profile_object(p, &o), 5);
	ck_assert(p->objects[5].unsure);
	ck_assert_uint_eq(p->objects[5].ref_addr, 7);

	ck_assert_uint_eq(profile_symbol(p, NULL, "kvm"), 0);
	ck_assert_uint_eq(profile_symbol(p, "", "kvm"), 1);
	ck_assert_uint_eq(profile_symbol(p, "kvm", ""), 2);
	ck_assert_uint_eq(profile_symbol(p, NULL, "kvm"), 0);
	ck_assert_uint_eq(profile_stack(p, NULL, 0), PROFILE_NONE);
	ck_assert_uint_eq(profile_stack(p, f, 2), 0);
	ck_assert_uint_eq(profile_stack(p, f, 1), 1);
	ck_assert_uint_eq(profile_stack(p, f + 1, 1), 2);
	ck_assert_uint_eq(profile_stack(p, f, 2), 0);
	profile_free(p);
	profile_free(NULL);
}
END_TEST

/* Sums of hits, by mode of the VM, by event; they stay at the largest number. */
START_TEST(sums)
{
	struct profile *p = two_vms(400);
	struct profile_hit h = p->hits[0];
	size_t n = p->nhits;

	ck_assert_uint_eq(p->events[0].total.samples, 1000);
	ck_assert_uint_eq(p->events[0].total.period, 1000 * MS);
	ck_assert_uint_eq(p->vms[0].modes[PROFILE_GUEST_SYS].samples, 550);
	ck_assert_uint_eq(p->vms[0].modes[PROFILE_SYS].samples, 40);
	ck_assert_uint_eq(p->vms[1].modes[PROFILE_USER].samples, 46);
	h.sum = (struct profile_weight){UINT64_MAX, UINT64_MAX - 1};
	profile_hit(p, &h);
	ck_assert_uint_eq(p->nhits, n);
	ck_assert_uint_eq(p->hits[0].sum.samples, UINT64_MAX);
	ck_assert_uint_eq(p->events[0].total.period, UINT64_MAX);
	/* where one thing differs it is another hit */
	h.at.addr++;
	profile_hit(p, &h);
	h.stack = 0;
	profile_hit(p, &h);
	h.mode = PROFILE_OTHER;
	profile_hit(p, &h);
	h.thread++;
	profile_hit(p, &h);
	ck_assert_uint_eq(p->nhits, n + 4);
	profile_free(p);
}
END_TEST

/* Names are given later: hits that come afterwards are others, and keep their own. */
START_TEST(names_later)
{
	struct profile *p = profile_of_host(), *all = profile_new();
	uint32_t vm = profile_vm(p, 1, 0, "vm", ""), thread = profile_thread(p, vm, 1, 0, "");
	struct profile_frame at = frame(p, PROFILE_GUEST_KERNEL, vm, "g", 1, NULL, NULL);

	hit(p, thread, PROFILE_GUEST_SYS, at, PROFILE_NONE, 1);
	hit(p, thread, PROFILE_GUEST_SYS, at, PROFILE_NONE, 1);
	ck_assert_uint_eq(p->nhits, 1);
	p->hits[0].at.symbol = profile_symbol(p, "before", "[guest kernel]");
	profile_merge(all, p);
	/* the guest has another kernel now */
	p->hits[0].at.symbol = profile_symbol(p, "after", "[guest kernel]");
	profile_merge(all, p);
	profile_merge(all, p);
	ck_assert_uint_eq(all->nhits, 2);
	ck_assert_uint_eq(all->hits[0].sum.samples, 2);
	ck_assert_str_eq(all->symbols[all->hits[0].at.symbol].name, "before");
	ck_assert_uint_eq(all->hits[1].sum.samples, 4);
	ck_assert_str_eq(all->symbols[all->hits[1].at.symbol].name, "after");
	/* one that is not named yet is neither */
	hit(p, thread, PROFILE_GUEST_SYS, at, PROFILE_NONE, 1);
	ck_assert_uint_eq(p->nhits, 2);
	profile_free(p);
	profile_free(all);
}
END_TEST

/* Merged into an empty one it is the same; into itself, twice as much. */
START_TEST(merge)
{
	struct profile *a = two_vms(400), *b = two_events(), *all = profile_new();
	struct profile_frame at = b->hits[0].at;

	/* places are others than they were */
	profile_stack(b, &at, 1);
	b->begin_ns += 5;
	b->lost = 2;
	a->lost = 3;
	a->foreign = 1;
	profile_merge(all, b);
	profile_merge(all, a);
	profile_merge(all, a);
	ck_assert_str_eq(all->hostname, "node1");
	ck_assert_uint_eq(all->duration_ns, 30000 * MS);
	ck_assert_uint_eq(all->begin_ns, a->begin_ns);
	ck_assert_uint_eq(all->nvms, 4);
	ck_assert_uint_eq(all->nhits, a->nhits + b->nhits);
	ck_assert_uint_eq(all->lost, 2 + 2 * 3);
	ck_assert_uint_eq(all->foreign, 2);
	ck_assert_uint_eq(all->nstacks, 2);
	ck_assert_uint_eq(all->stacks[1].n, 2);
	ck_assert_str_eq(all->symbols[all->stacks[1].frames[1].symbol].name, "__x64_sys_ioctl");
	ck_assert_uint_eq(all->events[0].total.samples, 2000 + 7);
	ck_assert_uint_eq(all->vms[2].modes[PROFILE_GUEST_SYS].samples, 2 * 550);
	for (size_t i = 0; i < a->nhits; i++) {
		const struct profile_hit *x = &a->hits[i], *y = &all->hits[b->nhits + i];

		ck_assert_uint_eq(y->sum.samples, 2 * x->sum.samples);
		ck_assert_uint_eq(y->sum.period, 2 * x->sum.period);
		ck_assert_uint_eq(all->threads[y->thread].tid, a->threads[x->thread].tid);
		ck_assert_str_eq(profile_frame_symbol(all, &y->at), profile_frame_symbol(a, &x->at));
		ck_assert_str_eq(profile_frame_module(all, &y->at), profile_frame_module(a, &x->at));
		ck_assert_str_eq(all->objects[y->at.object].path, a->objects[x->at.object].path);
		ck_assert_uint_eq(y->stack, x->stack == PROFILE_NONE ? PROFILE_NONE : 1);
		if (a->objects[x->at.object].vm != PROFILE_NONE)
			ck_assert_uint_eq(all->vms[all->objects[y->at.object].vm].pid,
					  a->vms[a->objects[x->at.object].vm].pid);
	}
	profile_free(a);
	profile_free(b);
	profile_free(all);
}
END_TEST

/* A million hits, each twice: each is found again. */
START_TEST(very_many)
{
	enum { MANY_HITS = 1000000 };
	struct profile *p = profile_of_host();
	uint32_t thread = profile_thread(p, profile_vm(p, 1, 0, "vm", ""), 1, 0, "");

	for (int again = 0; again < 2; again++) {
		for (uint64_t i = 0; i < MANY_HITS; i++) {
			/* a page apart: the low bits are the same */
			struct profile_hit h = {.thread = thread,
						.at = {PROFILE_NONE, PROFILE_NONE, i << 12},
						.stack = PROFILE_NONE,
						.sum = {1, i}};

			profile_hit(p, &h);
		}
	}
	ck_assert_uint_eq(p->nhits, MANY_HITS);
	for (uint64_t i = 0; i < MANY_HITS; i++)
		MANY(p->hits[i].at.addr == i << 12 && p->hits[i].sum.samples == 2 &&
		     p->hits[i].sum.period == 2 * i);
	ck_assert_uint_eq(p->events[0].total.samples, 2 * MANY_HITS);
	profile_free(p);
}
END_TEST

START_TEST(texts)
{
	struct index_texts t = {.seed = 1};
	static char many[5000][8];

	for (uint32_t again = 0; again < 2; again++) {
		for (uint32_t i = 0; i < 5000; i++) {
			snprintf(many[i], sizeof(many[i]), "%u", i);
			MANY(index_text(&t, many[i]) == i);
		}
	}
	ck_assert_uint_eq(t.n, 5000);
	ck_assert_uint_eq(index_text(&t, ""), 5000);
	index_texts_free(&t);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("profile");

	UNIT_ADD(u, once);
	UNIT_ADD(u, sums);
	UNIT_ADD(u, names_later);
	UNIT_ADD(u, merge);
	UNIT_ADD(u, very_many);
	UNIT_ADD(u, texts);
	return unit_run(u);
}
