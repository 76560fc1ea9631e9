// SPDX-License-Identifier: GPL-2.0-only
#include "threads.h"

#include <stdlib.h>
#include <string.h>

#include "../host/threads.h"
#include "../lib/mem.h"

void thread_reading_add(const struct vmp_thread *t, void *arg)
{
	struct thread_reading *r = arg;

	if (!(r->n & (r->n - 1)))
		r->records = mem_resize(r->records, r->n ? 2 * r->n : 1, sizeof(*r->records));
	r->records[r->n++] = *t;
}

static int by_tid(const void *a, const void *b)
{
	const struct vmp_thread *x = a, *y = b;

	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static int by_known_tid(const void *a, const void *b)
{
	const struct known_thread *x = a, *y = b;

	if (x->t.tid != y->t.tid)
		return x->t.tid < y->t.tid ? -1 : 1;
	return x->t.start_ns < y->t.start_ns ? -1 : x->t.start_ns > y->t.start_ns;
}

static int by_pid(const void *a, const void *b)
{
	const struct thread_vm *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

/* The youngest with this pid: an older one has ended. */
static struct thread_vm *find_vm(struct thread_vm *vms, size_t n, uint32_t pid)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (vms[mid].pid <= pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && vms[lo - 1].pid == pid ? &vms[lo - 1] : NULL;
}

/* The process of the thread that made this helper, 0: none that was asked for. */
static uint32_t process_of(const struct thread_reading *r, const struct helper *h)
{
	struct vmp_thread key = {.tid = h->owner}, *t;

	if (!key.tid)
		return 0;
	t = bsearch(&key, r->records, r->n, sizeof(*r->records), by_tid);
	/* a younger one has only got its number */
	return t && !t->kernel && t->start_ns <= h->start_ns ? t->tgid : 0;
}

static struct helper *find_helper(struct thread_reading *r, const struct vmp_thread *t)
{
	struct helper *h;

	for (size_t i = 0; i < r->nhelpers; i++)
		if (r->helpers[i].tid == t->tid && r->helpers[i].start_ns == t->start_ns)
			return &r->helpers[i];
	r->helpers = mem_resize(r->helpers, r->nhelpers + 1, sizeof(*r->helpers));
	h = &r->helpers[r->nhelpers++];
	*h = (struct helper){.tid = t->tid, .start_ns = t->start_ns};
	h->owner = threads_owner_of(r->proc, t->tid, t->comm);
	return h;
}

static struct thread_vm *vm_of_helper(struct thread_reading *r, const struct vmp_thread *t,
				      struct thread_vm *vms, size_t n)
{
	struct helper *h = find_helper(r, t);
	struct thread_vm *vm;

	h->here = true;
	if (!h->pid)
		h->pid = process_of(r, h);
	vm = find_vm(vms, n, h->pid);
	/* made for an older process, which had the same pid */
	return vm && vm->start_ns <= t->start_ns ? vm : NULL;
}

static void forget_helpers(struct thread_reading *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nhelpers; i++) {
		if (!r->helpers[i].here)
			continue;
		r->helpers[n] = r->helpers[i];
		r->helpers[n++].here = false;
	}
	r->nhelpers = n;
}

static bool runs_vcpu(const struct sample_vm *vm, uint32_t tid)
{
	for (uint32_t i = 0; i < vm->nvcpus; i++)
		if (vm->vcpus[i].tid == tid && !vm->vcpus[i].end_ns)
			return true;
	return false;
}

static void add(struct sample_class *sum, const struct sample_thread *t)
{
	sum->cpu_ns += t->cpu_ns;
	sum->wait_ns += t->wait_ns;
	sum->switches += t->switches;
	sum->migrations += t->migrations;
}

/* Counters that only grow, whatever was read. */
static void raise(uint64_t *to, uint64_t n)
{
	if (n > *to)
		*to = n;
}

/* old: how many of the list were there before this reading, sorted. */
static void see(struct thread_vm *vm, size_t old, const struct vmp_thread *t)
{
	struct vm_threads *threads = vm->threads;
	struct known_thread key = {.t = {.tid = t->tid, .start_ns = t->start_ns}}, *k;

	k = old ? bsearch(&key, threads->list, old, sizeof(key), by_known_tid) : NULL;
	if (!k) {
		threads->list = mem_resize(threads->list, threads->n + 1, sizeof(key));
		k = &threads->list[threads->n++];
		*k = key;
	}
	k->here = true;
	k->kernel = t->kernel;
	/* anew each time: threads get their names, and run vCPUs, some time after their start */
	k->vcpu |= runs_vcpu(vm->vm, t->tid);
	k->t.class = threads_class(t->comm, t->tid == t->tgid, t->kernel, k->vcpu);
	k->t.cpu = t->cpu;
	raise(&k->t.cpu_ns, t->cpu_ns);
	raise(&k->t.wait_ns, t->wait_ns);
	raise(&k->t.switches, t->switches);
	raise(&k->t.migrations, t->migrations);
}

/* Threads that are not here any more have ended; sum: the kernel's, of the process's ended threads. */
static void settle(struct vm_threads *t, const struct vmp_thread *sum)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct known_thread *k = &t->list[i];

		if (k->here) {
			k->here = false;
			t->list[n++] = *k;
			continue;
		}
		add(&t->gone[k->t.class], &k->t);
		if (!k->kernel)
			add(&t->ended, &k->t);
	}
	t->n = n;
	if (n)
		qsort(t->list, n, sizeof(*t->list), by_known_tid);
	/* a thread that ended after the sum was read is in the next one */
	if (sum && sum->cpu_ns > t->ended.cpu_ns)
		raise(&t->unseen.cpu_ns, sum->cpu_ns - t->ended.cpu_ns);
	if (sum && sum->switches > t->ended.switches)
		raise(&t->unseen.switches, sum->switches - t->ended.switches);
}

void thread_reading_end(struct thread_reading *r, struct thread_vm *vms, size_t n)
{
	struct {
		size_t old;                   /* threads known before, sorted */
		const struct vmp_thread *sum; /* of the ended ones */
	} *of = mem_zalloc(n + 1, sizeof(*of));

	if (n)
		qsort(vms, n, sizeof(*vms), by_pid);
	if (r->n)
		qsort(r->records, r->n, sizeof(*r->records), by_tid);
	for (size_t i = 0; i < n; i++)
		of[i].old = vms[i].threads->n;
	for (size_t i = 0; i < r->n; i++) {
		const struct vmp_thread *t = &r->records[i];
		struct thread_vm *vm = t->kernel ? vm_of_helper(r, t, vms, n) : find_vm(vms, n, t->tgid);

		if (!vm)
			continue;
		if (t->tid)
			see(vm, of[vm - vms].old, t);
		else
			of[vm - vms].sum = t;
	}
	for (size_t i = 0; i < n; i++)
		settle(vms[i].threads, of[i].sum);
	forget_helpers(r);
	free(of);
	thread_reading_drop(r);
}

void thread_reading_drop(struct thread_reading *r)
{
	free(r->records);
	r->records = NULL;
	r->n = 0;
}

void thread_reading_free(struct thread_reading *r)
{
	thread_reading_drop(r);
	free(r->helpers);
	r->helpers = NULL;
	r->nhelpers = 0;
}

static int by_class(const void *a, const void *b)
{
	const struct sample_thread *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

void vm_threads_sample(const struct vm_threads *t, struct sample_vm *vm)
{
	struct sample_class *other = &vm->gone_threads[THREAD_OTHER];

	vm->nthreads = (uint32_t)t->n;
	vm->threads = t->n ? mem_zalloc(t->n, sizeof(*vm->threads)) : NULL;
	for (size_t i = 0; i < t->n; i++)
		vm->threads[i] = t->list[i].t;
	if (t->n)
		qsort(vm->threads, t->n, sizeof(*vm->threads), by_class);
	memcpy(vm->gone_threads, t->gone, sizeof(vm->gone_threads));
	other->cpu_ns += t->unseen.cpu_ns;
	other->switches += t->unseen.switches;
}

void vm_threads_free(struct vm_threads *t)
{
	free(t->list);
	*t = (struct vm_threads){0};
}
