// SPDX-License-Identifier: GPL-2.0-only
#include "diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"

/* The states in which a VM loses time. */
#define LOST (1U << VMP_KVM | 1U << VMP_VMM | 1U << VMP_POLL | 1U << VMP_BLOCKED | 1U << VMP_WAIT)

static const struct view_exit no_exit;
static const struct view_uexit no_uexit;

/* For qsort: larger numbers first. */
static int larger(double x, double y)
{
	return (x < y) - (x > y);
}

static double distance(const double side[DIFF_SIDES])
{
	return fabs(side[DIFF_B] - side[DIFF_A]);
}

static double share_of(uint64_t ns, const struct view_set *s)
{
	return s->observed_ns ? (double)ns / (double)s->observed_ns : 0;
}

static double rate_of(const struct view *v, uint64_t count)
{
	return v->interval_ns ? (double)count * 1e9 / (double)v->interval_ns : 0;
}

/* 0: not the same VM; else the more, the surer. */
static int sameness(const struct view_vm *a, const struct view_vm *b)
{
	bool uuid = a->uuid[0] && !strcmp(a->uuid, b->uuid);
	bool name = a->name[0] && !strcmp(a->name, b->name);
	bool nameless = !a->uuid[0] && !b->uuid[0] && !a->name[0] && !b->name[0];

	if (!uuid && !name && !(nameless && a->pid == b->pid))
		return 0;
	return 4 * uuid + 2 * name + (a->pid == b->pid);
}

/* Sets matches[i] to the VM of b that a's VM i is; taken: those of b that are one of a's. */
static void match(const struct view *a, const struct view *b, const struct view_vm **matches, bool *taken)
{
	for (int want = 7; want > 0; want--) {
		for (uint32_t i = 0; i < a->nvms; i++) {
			for (uint32_t j = 0; j < b->nvms && !matches[i]; j++) {
				if (taken[j] || sameness(&a->vms[i], &b->vms[j]) != want)
					continue;
				matches[i] = &b->vms[j];
				taken[j] = true;
			}
		}
	}
}

/* NULL: the set has none of it. */
static const struct view_exit *find_exit(const struct view_set *s, uint32_t isa, uint64_t code)
{
	for (uint32_t i = 0; i < s->nexits; i++)
		if (s->exits[i].isa == isa && s->exits[i].code == code)
			return &s->exits[i];
	return NULL;
}

static const struct view_uexit *find_uexit(const struct view_set *s, int32_t code)
{
	for (uint32_t i = 0; i < s->nuexits; i++)
		if (s->uexits[i].code == code)
			return &s->uexits[i];
	return NULL;
}

/* The set whose exits of a kind can be seen on a side; NULL: none. */
static const struct view_set *visible_set(const struct diff *d, const struct diff_vm *vm, int side, bool user)
{
	bool visible = user ? d->view[side]->uexits_visible : d->view[side]->exits_visible;

	return vm->vm[side] && visible ? &vm->vm[side]->set : NULL;
}

static struct diff_reason exit_reason(const struct diff *d, const struct diff_vm *vm,
				      const struct view_exit *e)
{
	static const uint32_t handling = 1U << VMP_KVM | 1U << VMP_VMM;
	struct diff_reason r = {.reason = e->reason, .isa = e->isa, .code = e->code, .share = {-1, -1}};

	for (int i = 0; i < DIFF_SIDES; i++) {
		const struct view_set *s = visible_set(d, vm, i, false);

		if (!s)
			continue;
		r.exit[i] = find_exit(s, e->isa, e->code);
		if (!r.exit[i])
			r.exit[i] = &no_exit;
		r.rate[i] = rate_of(d->view[i], r.exit[i]->count);
		if ((d->view[i]->visible & handling) == handling)
			r.share[i] = share_of(r.exit[i]->ns[VMP_KVM] + r.exit[i]->ns[VMP_VMM], s);
	}
	return r;
}

static struct diff_reason uexit_reason(const struct diff *d, const struct diff_vm *vm,
				       const struct view_uexit *u)
{
	struct diff_reason r = {.reason = u->reason, .code = (uint64_t)u->code, .share = {-1, -1}};

	for (int i = 0; i < DIFF_SIDES; i++) {
		const struct view_set *s = visible_set(d, vm, i, true);

		if (!s)
			continue;
		r.uexit[i] = find_uexit(s, u->code);
		if (!r.uexit[i])
			r.uexit[i] = &no_uexit;
		r.rate[i] = rate_of(d->view[i], r.uexit[i]->count);
		if (d->view[i]->visible & 1U << VMP_VMM)
			r.share[i] = share_of(r.uexit[i]->ns, s);
	}
	return r;
}

static double share_change(const struct diff_reason *r)
{
	return r->share[DIFF_A] < 0 || r->share[DIFF_B] < 0 ? 0 : distance(r->share);
}

static int reasons_by_change(const void *a, const void *b)
{
	const struct diff_reason *x = a, *y = b;
	int order = larger(share_change(x), share_change(y));

	if (!order)
		order = larger(distance(x->rate), distance(y->rate));
	if (!order)
		order = (x->isa > y->isa) - (x->isa < y->isa);
	return order ? order : (x->code > y->code) - (x->code < y->code);
}

static void add_exits(const struct diff *d, struct diff_vm *vm)
{
	const struct view_set *s[] = {visible_set(d, vm, DIFF_A, false), visible_set(d, vm, DIFF_B, false)};

	vm->exits = mem_zalloc((s[DIFF_A] ? s[DIFF_A]->nexits : 0) + (s[DIFF_B] ? s[DIFF_B]->nexits : 0),
			       sizeof(*vm->exits));
	for (uint32_t i = 0; s[DIFF_A] && i < s[DIFF_A]->nexits; i++)
		vm->exits[vm->nexits++] = exit_reason(d, vm, &s[DIFF_A]->exits[i]);
	for (uint32_t i = 0; s[DIFF_B] && i < s[DIFF_B]->nexits; i++) {
		const struct view_exit *e = &s[DIFF_B]->exits[i];

		if (!s[DIFF_A] || !find_exit(s[DIFF_A], e->isa, e->code))
			vm->exits[vm->nexits++] = exit_reason(d, vm, e);
	}
	qsort(vm->exits, vm->nexits, sizeof(*vm->exits), reasons_by_change);
}

static void add_uexits(const struct diff *d, struct diff_vm *vm)
{
	const struct view_set *s[] = {visible_set(d, vm, DIFF_A, true), visible_set(d, vm, DIFF_B, true)};

	vm->uexits = mem_zalloc((s[DIFF_A] ? s[DIFF_A]->nuexits : 0) + (s[DIFF_B] ? s[DIFF_B]->nuexits : 0),
				sizeof(*vm->uexits));
	for (uint32_t i = 0; s[DIFF_A] && i < s[DIFF_A]->nuexits; i++)
		vm->uexits[vm->nuexits++] = uexit_reason(d, vm, &s[DIFF_A]->uexits[i]);
	for (uint32_t i = 0; s[DIFF_B] && i < s[DIFF_B]->nuexits; i++) {
		const struct view_uexit *u = &s[DIFF_B]->uexits[i];

		if (!s[DIFF_A] || !find_uexit(s[DIFF_A], u->code))
			vm->uexits[vm->nuexits++] = uexit_reason(d, vm, u);
	}
	qsort(vm->uexits, vm->nuexits, sizeof(*vm->uexits), reasons_by_change);
}

/* A VM of a, of b, or the same one of both. */
static void add_vm(struct diff *d, const struct view_vm *a, const struct view_vm *b)
{
	struct diff_vm *vm = &d->vms[d->nvms++];

	uint32_t visible[DIFF_SIDES];

	vm->vm[DIFF_A] = a;
	vm->vm[DIFF_B] = b;
	for (int i = 0; i < DIFF_SIDES; i++) {
		visible[i] = d->view[i]->visible & LOST;
		vm->lost_known[i] = vm->vm[i] && visible[i];
	}
	vm->lost_alike =
		vm->lost_known[DIFF_A] && vm->lost_known[DIFF_B] && visible[DIFF_A] == visible[DIFF_B];
	for (int i = 0; i < DIFF_SIDES; i++) {
		if (!vm->vm[i])
			continue;
		vm->lost[i] = share_of(vm->vm[i]->lost_ns, &vm->vm[i]->set);
		vm->exits_per_second[i] = rate_of(d->view[i], vm->vm[i]->set.exit_count);
		vm->uexits_per_second[i] = rate_of(d->view[i], vm->vm[i]->set.uexit_count);
	}
	add_exits(d, vm);
	add_uexits(d, vm);
}

const struct view_vm *diff_any(const struct diff_vm *vm)
{
	return vm->vm[DIFF_B] ? vm->vm[DIFF_B] : vm->vm[DIFF_A];
}

/* One that the other side does not have has lost all of it, or none. */
static double lost_change(const struct diff_vm *vm)
{
	bool both = vm->vm[DIFF_A] && vm->vm[DIFF_B];

	return both && !vm->lost_alike ? 0 : distance(vm->lost);
}

static int vms_by_change(const void *a, const void *b)
{
	const struct diff_vm *x = a, *y = b;
	int order = larger(lost_change(x), lost_change(y));

	if (!order)
		order = larger(distance(x->exits_per_second), distance(y->exits_per_second));
	if (!order)
		order = larger(distance(x->uexits_per_second), distance(y->uexits_per_second));
	if (!order)
		order = strcmp(diff_any(x)->name, diff_any(y)->name);
	return order ? order : (diff_any(x)->pid > diff_any(y)->pid) - (diff_any(x)->pid < diff_any(y)->pid);
}

struct diff *diff_build(const struct view *a, const struct view *b)
{
	const struct view_vm **matches = mem_zalloc(a->nvms, sizeof(const struct view_vm *));
	bool *taken = mem_zalloc(b->nvms, sizeof(*taken));
	struct diff *d = mem_zalloc(1, sizeof(*d));

	d->view[DIFF_A] = a;
	d->view[DIFF_B] = b;
	d->vms = mem_zalloc((size_t)a->nvms + b->nvms, sizeof(*d->vms));
	match(a, b, matches, taken);
	for (uint32_t i = 0; i < a->nvms; i++)
		add_vm(d, &a->vms[i], matches[i]);
	for (uint32_t i = 0; i < b->nvms; i++)
		if (!taken[i])
			add_vm(d, NULL, &b->vms[i]);
	qsort(d->vms, d->nvms, sizeof(*d->vms), vms_by_change);
	free(matches);
	free(taken);
	return d;
}

void diff_free(struct diff *d)
{
	if (!d)
		return;
	for (uint32_t i = 0; i < d->nvms; i++) {
		free(d->vms[i].exits);
		free(d->vms[i].uexits);
	}
	free(d->vms);
	free(d);
}
