// SPDX-License-Identifier: GPL-2.0-only
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "set.h"
#include "verdict.h"

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
	free(before.cpu_ns);
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

/* All threads by class; those of a that have ended are among b's gone ones. */
static void classes_between(struct view_vm *ret, const struct sample_vm *a, const struct sample_vm *b,
			    uint32_t ncpus)
{
	static const struct sample_vm nothing;
	struct view_class c[THREAD_CLASSES] = {0};
	struct sample_class gone[THREAD_CLASSES];
	bool *there;

	if (!a)
		a = &nothing;
	there = mem_zalloc(a->nthreads, sizeof(*there));
	for (uint32_t i = 0; i < THREAD_CLASSES; i++)
		c[i].on = mem_zalloc(ncpus, sizeof(*c[i].on));
	memcpy(gone, a->gone_threads, sizeof(gone));
	for (uint32_t i = 0; i < b->nthreads; i++) {
		const struct sample_thread *t = &b->threads[i];
		uint32_t at = same_thread(a, t, i);
		struct sample_class before = {0};

		if (at < a->nthreads) {
			there[at] = true;
			before = thread_counters(&a->threads[at]);
			class_on(&c[t->class], &a->threads[at], ncpus);
		}
		class_on(&c[t->class], t, ncpus);
		/* its class is what it is found to be now */
		class_between(&c[t->class], before, thread_counters(t));
		c[t->class].count++;
	}
	for (uint32_t i = 0; i < a->nthreads; i++)
		if (!there[i]) {
			class_add(&gone[a->threads[i].class], thread_counters(&a->threads[i]));
			class_on(&c[a->threads[i].class], &a->threads[i], ncpus);
		}
	free(there);
	ret->classes = mem_zalloc(THREAD_CLASSES, sizeof(*ret->classes));
	for (uint32_t i = 0; i < THREAD_CLASSES; i++) {
		class_between(&c[i], gone[i], b->gone_threads[i]);
		c[i].class = i;
		if (c[i].count || c[i].total.cpu_ns || c[i].total.switches)
			ret->classes[ret->nclasses++] = c[i];
		else
			free(c[i].on);
	}
}

static uint64_t lost(const struct view_set *set, uint32_t visible)
{
	if (verdict_of(set, visible).state == VERDICT_PAUSED)
		return 0;
	return set->handling_ns + set->ledger[VMP_POLL] + set->ledger[VMP_BLOCKED] + set->ledger[VMP_WAIT];
}

static void build_vm(struct view_vm *ret, const struct sample_vm *a, const struct sample_vm *b,
		     uint32_t visible, uint32_t ncpus)
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
	ret->lost_ns = lost(&ret->set, visible);
	classes_between(ret, a, b, ncpus);
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
	struct view *v = mem_zalloc(1, sizeof(*v));

	v->interval_ns = set_grown(a ? a->mono_ns : 0, b->mono_ns);
	v->skew_ns = (a ? set_grown(a->begin_ns, a->mono_ns) : 0) + set_grown(b->begin_ns, b->mono_ns);
	v->real_ns = b->real_ns;
	v->host = b->host;
	v->visible = b->visible | 1U << VMP_RUNNING;
	v->exits_visible = b->exits_visible;
	v->uexits_visible = uexits_visible(b);
	v->invisible_why = b->invisible_why;
	v->nprobes = b->nprobes < SAMPLE_PROBES ? b->nprobes : SAMPLE_PROBES;
	v->probes = b->probes;
	for (int i = 0; i < VMP_LOSSES; i++)
		v->loss[i] = set_grown(a ? a->loss[i] : 0, b->loss[i]);
	v->threads_visible = b->threads_visible && (!a || a->threads_visible);
	v->ncpus = b->ncpus;
	v->cpu_node = b->cpu_node;
	v->nvms = b->nvms;
	v->vms = mem_zalloc(b->nvms, sizeof(*v->vms));
	for (uint32_t i = 0; i < b->nvms; i++) {
		struct view_vm *vm = &v->vms[i];

		build_vm(vm, same_vm(a, &b->vms[i], i), &b->vms[i], v->visible, v->ncpus);
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
			free(v->vms[i].classes[j].on);
		free(v->vms[i].classes);
		set_free(&v->vms[i].set);
	}
	free(v->vms);
	set_free(&v->total);
	free(v);
}
