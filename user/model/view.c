// SPDX-License-Identifier: GPL-2.0-only
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "quantile.h"

/* What a counter grew by; one that went back was another's: 0. */
static uint64_t grown(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}

/* The same code's exits in a; tables only grow at their end, so it mostly stands at the same place. */
static const struct vmp_exit *same_code(const struct sample_vcpu *a, uint64_t code, uint32_t hint)
{
	if (!a)
		return NULL;
	if (hint < a->nexits && a->exits[hint].code == code)
		return &a->exits[hint];
	for (uint32_t i = 0; i < a->nexits; i++)
		if (a->exits[i].code == code)
			return &a->exits[i];
	return NULL;
}

static struct view_exit *set_exit(struct view_set *set, uint32_t isa, uint64_t code)
{
	struct view_exit *e;

	for (uint32_t i = 0; i < set->nexits; i++)
		if (set->exits[i].code == code && set->exits[i].isa == isa)
			return &set->exits[i];
	set->exits = mem_resize(set->exits, (size_t)set->nexits + 1, sizeof(*set->exits));
	e = &set->exits[set->nexits++];
	memset(e, 0, sizeof(*e));
	e->isa = isa;
	e->code = code;
	e->max_exact = true;
	exit_name(isa, code, e->reason, sizeof(e->reason));
	return e;
}

static struct view_uexit *set_uexit(struct view_set *set, int32_t code)
{
	struct view_uexit *u;

	for (uint32_t i = 0; i < set->nuexits; i++)
		if (set->uexits[i].code == code)
			return &set->uexits[i];
	set->uexits = mem_resize(set->uexits, (size_t)set->nuexits + 1, sizeof(*set->uexits));
	u = &set->uexits[set->nuexits++];
	memset(u, 0, sizeof(*u));
	u->code = code;
	uexit_name(code, u->reason, sizeof(u->reason));
	return u;
}

static void add_exit(struct view_set *set, const struct view_exit *from)
{
	struct view_exit *to;
	uint64_t any = from->count;

	for (int i = 0; i < VMP_STATES; i++)
		any |= from->ns[i];
	for (int i = 0; i < VMP_HIST; i++)
		any |= from->hist[i];
	if (!any)
		return;
	to = set_exit(set, from->isa, from->code);
	set->exit_count += from->count;
	to->count += from->count;
	for (int i = 0; i < VMP_STATES; i++)
		to->ns[i] += from->ns[i];
	for (int i = 0; i < VMP_HIST; i++)
		to->hist[i] += from->hist[i];
	/* of two equal ones, one that is exact makes it exact */
	if (from->max_ns > to->max_ns || (from->max_ns == to->max_ns && from->max_exact)) {
		to->max_ns = from->max_ns;
		to->max_exact = from->max_exact;
	}
}

static void add_uexit(struct view_set *set, int32_t code, uint64_t count, uint64_t ns)
{
	struct view_uexit *u;

	if (!count && !ns)
		return;
	u = set_uexit(set, code);
	set->uexit_count += count;
	u->count += count;
	u->ns += ns;
}

/* What one thread (or the sum of gone ones) did from a to b; a may be NULL. */
static void set_between(struct view_set *set, const struct sample_vcpu *a, const struct sample_vcpu *b)
{
	static const struct sample_vcpu zero;
	static const struct vmp_exit none;

	if (!a)
		a = &zero;
	set->isa = b->isa;
	set->observed_ns = grown(a->observed_ns, b->observed_ns);
	for (int i = 0; i < VMP_STATES; i++)
		set->ledger[i] = grown(a->ledger[i], b->ledger[i]);
	set->unpaired = grown(a->unpaired, b->unpaired);
	set->backwards = grown(a->backwards, b->backwards);
	for (int i = 0; i < VMP_FLAGS; i++)
		set->flags[i] = grown(a->flags[i], b->flags[i]);
	for (unsigned int i = 0; i < VMP_UEXITS; i++)
		add_uexit(set, uexit_code(i), grown(a->uexits[i].count, b->uexits[i].count),
			  grown(a->uexits[i].ns, b->uexits[i].ns));
	for (uint32_t i = 0; i < b->nexits; i++) {
		const struct vmp_exit *to = &b->exits[i], *from = same_code(a, to->code, i);
		struct view_exit e = {.isa = b->isa, .code = to->code};

		if (!from)
			from = &none;
		e.count = grown(from->count, to->count);
		for (int j = 0; j < VMP_STATES; j++)
			e.ns[j] = grown(from->ns[j], to->ns[j]);
		for (int j = 0; j < VMP_HIST; j++)
			e.hist[j] = grown(from->hist[j], to->hist[j]);
		e.max_ns = view_max(from->max_ns, to->max_ns, e.hist, &e.max_exact);
		add_exit(set, &e);
	}
}

static void set_add(struct view_set *set, const struct view_set *one)
{
	if (!set->isa)
		set->isa = one->isa;
	set->observed_ns += one->observed_ns;
	for (int i = 0; i < VMP_STATES; i++)
		set->ledger[i] += one->ledger[i];
	set->unpaired += one->unpaired;
	set->backwards += one->backwards;
	for (int i = 0; i < VMP_FLAGS; i++)
		set->flags[i] += one->flags[i];
	for (uint32_t i = 0; i < one->nexits; i++)
		add_exit(set, &one->exits[i]);
	for (uint32_t i = 0; i < one->nuexits; i++)
		add_uexit(set, one->uexits[i].code, one->uexits[i].count, one->uexits[i].ns);
}

/* qsort comparisons: larger numbers first. */
static int larger(uint64_t x, uint64_t y)
{
	return (x < y) - (x > y);
}

static int by_time(const void *a, const void *b)
{
	const struct view_exit *x = a, *y = b;
	int d = larger(x->ns[VMP_KVM] + x->ns[VMP_VMM], y->ns[VMP_KVM] + y->ns[VMP_VMM]);

	if (!d)
		d = larger(x->count, y->count);
	if (!d)
		d = -larger(x->code, y->code);
	return d ? d : -larger(x->isa, y->isa);
}

static int uexits_by_time(const void *a, const void *b)
{
	const struct view_uexit *x = a, *y = b;
	int d = larger(x->ns, y->ns);

	if (!d)
		d = larger(x->count, y->count);
	return d ? d : (x->code > y->code) - (x->code < y->code);
}

/* Sorts the set, and sums up what exit cost is made of. */
static void set_finish(struct view_set *set, uint32_t visible)
{
	uint64_t halted = 0;

	set->handling_ns = set->ledger[VMP_KVM] + set->ledger[VMP_VMM];
	if (visible & 1U << VMP_IDLE) {
		halted = set->ledger[VMP_IDLE];
	} else {
		for (uint32_t i = 0; i < set->nexits; i++)
			if (exit_is_halt(set->exits[i].isa, set->exits[i].code))
				halted += set->exits[i].ns[VMP_KVM] + set->exits[i].ns[VMP_VMM];
		set->handling_ns = grown(halted, set->handling_ns);
	}
	set->busy_ns = grown(halted, set->observed_ns);
	if (set->nexits)
		qsort(set->exits, set->nexits, sizeof(*set->exits), by_time);
	if (set->nuexits)
		qsort(set->uexits, set->nuexits, sizeof(*set->uexits), uexits_by_time);
}

static const struct sample_vm *same_vm(const struct sample *a, const struct sample_vm *vm, uint32_t hint)
{
	if (!a)
		return NULL;
	for (uint32_t i = 0; i < a->nvms; i++) {
		const struct sample_vm *x = &a->vms[(i + hint) % a->nvms];

		if (x->pid == vm->pid && x->start_ns == vm->start_ns)
			return x;
	}
	return NULL;
}

static const struct sample_vcpu *same_vcpu(const struct sample_vm *vm, const struct sample_vcpu *vcpu)
{
	for (uint32_t i = 0; vm && i < vm->nvcpus; i++) {
		const struct sample_vcpu *x = &vm->vcpus[i];

		/* first_ns tells apart two threads that had the same tid; 0: it had not run yet */
		if (x->tid == vcpu->tid && (x->first_ns == vcpu->first_ns || !x->first_ns))
			return x;
	}
	return NULL;
}

/* Threads of a that b no longer has are in b's sum of gone ones: so they are in the sum it is compared with.
 */
static void gone_between(struct view_set *set, const struct sample_vm *a, const struct sample_vm *b)
{
	struct sample_vcpu before = {0};
	bool *there;

	if (!a) {
		set_between(set, NULL, &b->gone);
		return;
	}
	there = mem_zalloc(a->nvcpus, sizeof(*there));
	for (uint32_t i = 0; i < b->nvcpus; i++) {
		const struct sample_vcpu *x = same_vcpu(a, &b->vcpus[i]);

		if (x)
			there[x - a->vcpus] = true;
	}
	sample_fold(&before, &a->gone);
	for (uint32_t i = 0; i < a->nvcpus; i++)
		if (!there[i])
			sample_fold(&before, &a->vcpus[i]);
	free(there);
	set_between(set, &before, &b->gone);
	free(before.exits);
}

static void set_free(struct view_set *set)
{
	free(set->exits);
	free(set->uexits);
}

static void build_vm(struct view_vm *ret, const struct sample_vm *a, const struct sample_vm *b,
		     uint32_t visible)
{
	struct view_set gone = {0};

	ret->name = b->name ? b->name : "";
	ret->uuid = b->uuid;
	ret->vmm = b->vmm;
	ret->pid = b->pid;
	ret->ended = b->ended;
	ret->nvcpus = b->nvcpus;
	ret->vcpus = mem_zalloc(b->nvcpus, sizeof(*ret->vcpus));
	for (uint32_t i = 0; i < b->nvcpus; i++) {
		struct view_vcpu *v = &ret->vcpus[i];

		v->id = b->vcpus[i].id;
		v->tid = b->vcpus[i].tid;
		set_between(&v->set, same_vcpu(a, &b->vcpus[i]), &b->vcpus[i]);
		set_finish(&v->set, visible);
		set_add(&ret->set, &v->set);
	}
	gone_between(&gone, a, b);
	set_add(&ret->set, &gone);
	set_free(&gone);
	set_finish(&ret->set, visible);
}

static int vms_by_cost(const void *a, const void *b)
{
	const struct view_vm *x = a, *y = b;
	int d = larger(x->set.handling_ns, y->set.handling_ns);

	if (!d)
		d = larger(x->set.exit_count, y->set.exit_count);
	if (!d)
		d = larger(x->set.uexit_count, y->set.uexit_count);
	if (!d)
		d = strcmp(x->name, y->name);
	return d ? d : (x->pid > y->pid) - (x->pid < y->pid);
}

/* The counts of user-space exits come from one probe. */
static bool uexits_visible(const struct sample *s)
{
	for (unsigned int i = 0; i < s->nprobes && i < SAMPLE_PROBES; i++)
		if (!strcmp(s->probes[i].name, "kvm_userspace_exit"))
			return s->probes[i].status == PROBE_ACTIVE;
	return true;
}

struct view *view_build(const struct sample *a, const struct sample *b)
{
	struct view *v = mem_zalloc(1, sizeof(*v));

	v->interval_ns = grown(a ? a->mono_ns : 0, b->mono_ns);
	v->real_ns = b->real_ns;
	v->host = b->host;
	v->visible = b->visible;
	v->exits_visible = b->exits_visible;
	v->uexits_visible = uexits_visible(b);
	v->invisible_why = b->invisible_why;
	v->nprobes = b->nprobes < SAMPLE_PROBES ? b->nprobes : SAMPLE_PROBES;
	v->probes = b->probes;
	for (int i = 0; i < VMP_LOSSES; i++)
		v->loss[i] = grown(a ? a->loss[i] : 0, b->loss[i]);
	v->nvms = b->nvms;
	v->vms = mem_zalloc(b->nvms, sizeof(*v->vms));
	for (uint32_t i = 0; i < b->nvms; i++) {
		struct view_vm *vm = &v->vms[i];

		build_vm(vm, same_vm(a, &b->vms[i], i), &b->vms[i], v->visible);
		v->nvcpus += vm->nvcpus;
		set_add(&v->total, &vm->set);
	}
	set_finish(&v->total, v->visible);
	if (v->nvms)
		qsort(v->vms, v->nvms, sizeof(*v->vms), vms_by_cost);
	return v;
}

void view_free(struct view *v)
{
	if (!v)
		return;
	for (uint32_t i = 0; i < v->nvms; i++) {
		for (uint32_t j = 0; j < v->vms[i].nvcpus; j++)
			set_free(&v->vms[i].vcpus[j].set);
		free(v->vms[i].vcpus);
		set_free(&v->vms[i].set);
	}
	free(v->vms);
	set_free(&v->total);
	free(v);
}
