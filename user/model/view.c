// SPDX-License-Identifier: GPL-2.0-only
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "counts.h"
#include "set.h"
#include "verdict.h"

/* hint: where it is looked for first; then the place after it, as both samples have one order. */
static const struct sample_vm *same_vm(const struct sample *a, const struct sample_vm *vm, uint32_t *hint)
{
	if (!a)
		return NULL;
	for (uint32_t i = 0; i < a->nvms; i++) {
		uint32_t at = (i + *hint) % a->nvms;
		const struct sample_vm *x = &a->vms[at];

		if (x->pid == vm->pid && x->start_ns == vm->start_ns) {
			*hint = at + 1;
			return x;
		}
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
static void gone_between(struct view_set *set, const struct counts *counts, const struct sample_vm *a,
			 const struct sample_vm *b)
{
	struct sample_vcpu before = {0};
	bool *there;

	if (!a) {
		set_between(set, counts, NULL, &b->gone);
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
	set_between(set, counts, &before, &b->gone);
	free(before.exits);
	free(before.cpu_ns);
	free(before.events);
}

static struct sample_class thread_counters(const struct sample_thread *t)
{
	return (struct sample_class){t->cpu_ns, t->wait_ns, t->switches, t->migrations};
}

static void class_add(struct sample_class *sum, struct sample_class one)
{
	sum->cpu_ns += one.cpu_ns;
	sum->wait_ns += one.wait_ns;
	sum->switches += one.switches;
	sum->migrations += one.migrations;
}

/* Adds what was counted from a to b, and b to the total. */
static void class_between(struct view_class *c, struct sample_class a, struct sample_class b)
{
	c->cpu_ns += set_grown(a.cpu_ns, b.cpu_ns);
	c->wait_ns += set_grown(a.wait_ns, b.wait_ns);
	c->switches += set_grown(a.switches, b.switches);
	c->migrations += set_grown(a.migrations, b.migrations);
	class_add(&c->total, b);
}

/* The same thread's place in vm, which mostly is the same place; nthreads: none. */
static uint32_t same_thread(const struct sample_vm *vm, const struct sample_thread *t, uint32_t hint)
{
	for (uint32_t i = 0; i < vm->nthreads; i++) {
		uint32_t at = (i + hint) % vm->nthreads;

		if (vm->threads[at].tid == t->tid && vm->threads[at].start_ns == t->start_ns)
			return at;
	}
	return vm->nthreads;
}

static void class_on(struct view_class *c, const struct sample_thread *t, uint32_t ncpus)
{
	if (t->cpu < ncpus)
		c->on[t->cpu] = true;
}

/* What was counted for threads of a class that have ended; NULL: nothing was. */
static const struct vmp_count *gone_counts(const struct sample_vm *vm, uint32_t class)
{
	return vm->gone_events ? vm->gone_events + (size_t) class * vm->nevents : NULL;
}

/* Adds what one thread, or ended ones of a class, counted from a to b. */
static void class_events(struct view_class *c, const struct counts *counts, const struct vmp_count *a,
			 uint32_t na, const struct vmp_count *b, uint32_t nb)
{
	struct view_event *events = counts_between(counts, a, na, b, nb);

	counts_add(c->events, events, counts->n);
	free(events);
}

/* The threads that b has; there: which ones of a are among them. */
static void live_between(struct view_class c[THREAD_CLASSES], const struct counts *counts,
			 const struct sample_vm *a, const struct sample_vm *b, uint32_t ncpus, bool *there)
{
	static const struct sample_thread nothing;

	for (uint32_t i = 0; i < b->nthreads; i++) {
		const struct sample_thread *t = &b->threads[i], *before = &nothing;
		uint32_t at = same_thread(a, t, i);
		/* what it is found to be now */
		struct view_class *its = &c[t->class];

		if (at < a->nthreads) {
			there[at] = true;
			before = &a->threads[at];
			class_on(its, before, ncpus);
		}
		class_on(its, t, ncpus);
		class_between(its, thread_counters(before), thread_counters(t));
		if (t->events)
			class_events(its, counts, before->events, before->nevents, t->events, t->nevents);
		else
			counts_missed(its->events, counts, set_grown(before->cpu_ns, t->cpu_ns));
		its->count++;
	}
}

/* Threads of a that b no longer has are in b's sums of ended ones, so they are in those they are compared
 * with. */
static void ended_between(struct view_class c[THREAD_CLASSES], const struct counts *counts,
			  const struct sample_vm *a, const struct sample_vm *b, uint32_t ncpus,
			  const bool *there)
{
	for (uint32_t class = 0; class < THREAD_CLASSES; class ++) {
		struct sample_class gone = a->gone_threads[class];
		struct vmp_count *events = NULL;
		uint32_t n = 0;

		counts_fold(&events, &n, gone_counts(a, class), a->nevents);
		for (uint32_t i = 0; i < a->nthreads; i++) {
			const struct sample_thread *t = &a->threads[i];

			if (there[i] || t->class != class)
				continue;
			class_add(&gone, thread_counters(t));
			class_on(&c[class], t, ncpus);
			counts_fold(&events, &n, t->events, t->nevents);
		}
		class_between(&c[class], gone, b->gone_threads[class]);
		class_events(&c[class], counts, events, n, gone_counts(b, class), b->nevents);
		free(events);
	}
}

static void class_free(struct view_class *c)
{
	free(c->on);
	free(c->events);
}

/* It has, or had, threads: seen as such, or by their events only, when they lived between two samples. */
static bool class_there(const struct view_class *c, uint32_t nevents)
{
	bool there = c->count || c->total.cpu_ns || c->total.switches;

	for (uint32_t i = 0; i < nevents; i++)
		there |= c->events[i].enabled != 0;
	return there;
}

/* All threads by class, and what they counted together. */
static void classes_between(struct view_vm *ret, const struct counts *counts, const struct sample_vm *a,
			    const struct sample_vm *b, uint32_t ncpus)
{
	static const struct sample_vm nothing;
	struct view_class c[THREAD_CLASSES] = {0};
	bool *there;

	if (!a)
		a = &nothing;
	there = mem_zalloc(a->nthreads, sizeof(*there));
	for (uint32_t i = 0; i < THREAD_CLASSES; i++) {
		c[i].class = i;
		c[i].on = mem_zalloc(ncpus, sizeof(*c[i].on));
		c[i].events = mem_zalloc(counts->n, sizeof(*c[i].events));
	}
	live_between(c, counts, a, b, ncpus, there);
	ended_between(c, counts, a, b, ncpus, there);
	free(there);
	ret->classes = mem_zalloc(THREAD_CLASSES, sizeof(*ret->classes));
	for (uint32_t i = 0; i < THREAD_CLASSES; i++) {
		counts_add(ret->events, c[i].events, counts->n);
		if (class_there(&c[i], counts->n))
			ret->classes[ret->nclasses++] = c[i];
		else
			class_free(&c[i]);
	}
}

static uint64_t lost(const struct view_set *set, uint32_t visible)
{
	if (verdict_of(set, visible).state == VERDICT_PAUSED)
		return 0;
	return set->handling_ns + set->ledger[VMP_POLL] + set->ledger[VMP_BLOCKED] + set->ledger[VMP_WAIT];
}

static void build_vm(struct view_vm *ret, const struct counts *counts, const struct sample_vm *a,
		     const struct sample_vm *b, uint32_t visible, uint32_t ncpus)
{
	ret->name = b->name ? b->name : "";
	ret->uuid = b->uuid;
	ret->vmm = b->vmm;
	ret->machine = b->machine;
	ret->vpmu = (enum vpmu)b->vpmu;
	for (int i = 0; i < META_KINDS; i++)
		ret->meta[i] = b->meta[i];
	ret->pid = b->pid;
	ret->start_ns = b->start_ns;
	ret->ended = b->ended;
	ret->nvcpus = b->nvcpus;
	ret->vcpus = mem_zalloc(b->nvcpus, sizeof(*ret->vcpus));
	for (uint32_t i = 0; i < b->nvcpus; i++) {
		struct view_vcpu *v = &ret->vcpus[i];

		v->id = b->vcpus[i].id;
		v->tid = b->vcpus[i].tid;
		set_between(&v->set, counts, same_vcpu(a, &b->vcpus[i]), &b->vcpus[i]);
		set_finish(&v->set, visible);
		set_add(&ret->set, &v->set);
	}
	gone_between(&ret->gone, counts, a, b);
	set_finish(&ret->gone, visible);
	set_add(&ret->set, &ret->gone);
	ret->events = mem_zalloc(counts->n, sizeof(*ret->events));
	classes_between(ret, counts, a, b, ncpus);
	counts_whole(ret->set.events, counts, a, b);
	counts_whole(ret->events, counts, a, b);
	set_finish(&ret->set, visible);
	ret->lost_ns = lost(&ret->set, visible);
	ret->pins_known = b->pins_known;
	ret->npins = b->npins;
	ret->pins = b->pins;
}

static int vms_by_loss(const void *a, const void *b)
{
	const struct view_vm *x = a, *y = b;
	int d = set_larger(x->lost_ns, y->lost_ns);

	if (!d)
		d = set_larger(x->set.exit_count, y->set.exit_count);
	if (!d)
		d = set_larger(x->set.uexit_count, y->set.uexit_count);
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
	const struct counts counts = {b->nevents, b->events,
				      a && counts_same(a->events, a->nevents, b->events, b->nevents)};
	struct view *v = mem_zalloc(1, sizeof(*v));
	uint32_t hint = 0;

	v->interval_ns = set_grown(a ? a->mono_ns : 0, b->mono_ns);
	v->skew_ns = (a ? set_grown(a->begin_ns, a->mono_ns) : 0) + set_grown(b->begin_ns, b->mono_ns);
	v->real_ns = b->real_ns;
	v->host = b->host;
	v->load_known = b->load_known;
	v->load = b->load;
	v->visible = b->visible | 1U << VMP_RUNNING;
	v->exits_visible = b->exits_visible;
	v->uexits_visible = uexits_visible(b);
	v->invisible_why = b->invisible_why;
	v->nprobes = b->nprobes < SAMPLE_PROBES ? b->nprobes : SAMPLE_PROBES;
	v->probes = b->probes;
	for (int i = 0; i < VMP_LOSSES; i++)
		v->loss[i] = set_grown(a ? a->loss[i] : 0, b->loss[i]);
	v->nevents = b->nevents;
	v->events = b->events;
	v->threads_visible = b->threads_visible && (!a || a->threads_visible);
	v->ncpus = b->ncpus;
	v->cpu_node = b->cpu_node;
	v->nvms = b->nvms;
	v->vms = mem_zalloc(b->nvms, sizeof(*v->vms));
	for (uint32_t i = 0; i < b->nvms; i++) {
		struct view_vm *vm = &v->vms[i];

		build_vm(vm, &counts, same_vm(a, &b->vms[i], &hint), &b->vms[i], v->visible, v->ncpus);
		v->nvcpus += vm->nvcpus;
		set_add(&v->total, &vm->set);
	}
	set_finish(&v->total, v->visible);
	if (v->nvms)
		qsort(v->vms, v->nvms, sizeof(*v->vms), vms_by_loss);
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
		for (uint32_t j = 0; j < v->vms[i].nclasses; j++)
			class_free(&v->vms[i].classes[j]);
		free(v->vms[i].classes);
		free(v->vms[i].events);
		set_free(&v->vms[i].set);
		set_free(&v->vms[i].gone);
	}
	free(v->vms);
	set_free(&v->total);
	free(v);
}
