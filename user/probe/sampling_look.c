// SPDX-License-Identifier: GPL-2.0-only
/* Which VMs there are, and what the kernel runs for them: keeps the map of those that are sampled. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../host/threads.h"
#include "../lib/mem.h"
#include "sampling_parts.h"

struct thread {
	uint32_t tid, tgid;
	uint64_t start_ns;
};

struct process {
	uint32_t pid;
	uint64_t start_ns;
	char comm[16];
};

struct look {
	const struct sampling *s;
	probe_file_fn fn;
	void *arg;
	struct process *processes;
	size_t nprocesses;
	struct thread *threads; /* of processes */
	size_t nthreads;
	struct sampled *helpers; /* kernel threads; pid: as yet the thread that they are for */
	size_t nhelpers;
};

static int by_process(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

static int by_tid(const void *a, const void *b)
{
	const struct thread *x = a, *y = b;

	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static int by_tgid(const void *a, const void *b)
{
	const struct sampled *x = a, *y = b;

	return x->tgid < y->tgid ? -1 : x->tgid > y->tgid;
}

static const struct sampled *find(const struct sampling *s, uint32_t tgid)
{
	const struct sampled key = {.tgid = tgid};

	return s->nsampled ? bsearch(&key, s->sampled, s->nsampled, sizeof(key), by_tgid) : NULL;
}

uint32_t look_vm(const struct sampling *s, uint32_t tgid)
{
	const struct sampled *found = find(s, tgid);

	return found ? found->of.pid : 0;
}

static void on_file(const struct vmp_file *f, void *arg)
{
	struct look *l = arg;
	struct process *p;

	if (l->fn)
		l->fn(f, l->arg);
	/* one process's files come in a row */
	p = l->nprocesses ? &l->processes[l->nprocesses - 1] : NULL;
	if (p && p->pid == f->tgid && p->start_ns == f->start_ns)
		return;
	l->processes = mem_resize(l->processes, l->nprocesses + 1, sizeof(*l->processes));
	p = &l->processes[l->nprocesses++];
	p->pid = f->tgid;
	p->start_ns = f->start_ns;
	memcpy(p->comm, f->comm, sizeof(p->comm));
}

/* Sorts the processes, of one pid the youngest alone, and leaves those that are wanted. */
static void choose(struct look *l, sampling_take_fn take, void *arg)
{
	size_t n = 0;

	if (l->nprocesses)
		qsort(l->processes, l->nprocesses, sizeof(*l->processes), by_process);
	for (size_t i = 0; i < l->nprocesses; i++) {
		const struct process *p = &l->processes[i];

		if (i + 1 < l->nprocesses && p[1].pid == p->pid)
			continue;
		if (!take || take(p->pid, p->start_ns, p->comm, arg))
			l->processes[n++] = *p;
	}
	l->nprocesses = n;
}

static void on_thread(const struct vmp_thread *t, void *arg)
{
	struct look *l = arg;
	struct sampled *h;

	if (!t->tid)
		return;
	if (!t->kernel) {
		l->threads = mem_resize(l->threads, l->nthreads + 1, sizeof(*l->threads));
		l->threads[l->nthreads++] = (struct thread){t->tid, t->tgid, t->start_ns};
		return;
	}
	l->helpers = mem_resize(l->helpers, l->nhelpers + 1, sizeof(*l->helpers));
	h = &l->helpers[l->nhelpers++];
	*h = (struct sampled){t->tid, {.start_ns = t->start_ns}};
	h->of.pid = threads_owner_of(NULL, t->tid, t->comm);
}

/* Which process each helper is for, those of others fall out. */
static void find_owners(struct look *l)
{
	size_t n = 0;

	if (!l->nhelpers || !l->nthreads) {
		l->nhelpers = 0;
		return;
	}
	qsort(l->threads, l->nthreads, sizeof(*l->threads), by_tid);
	for (size_t i = 0; i < l->nhelpers; i++) {
		struct sampled h = l->helpers[i];
		const struct thread key = {.tid = h.of.pid}, *t;

		t = bsearch(&key, l->threads, l->nthreads, sizeof(key), by_tid);
		/* a younger one has only got its number */
		if (!t || t->start_ns > h.of.start_ns)
			continue;
		h.of.pid = t->tgid;
		l->helpers[n++] = h;
	}
	l->nhelpers = n;
}

/* The map holds this list from now on, sorted by tgid. */
static int update(struct sampling *s, struct sampled *list, size_t n)
{
	int fd = bpf_map__fd(s->bpf->maps.sampled), err = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sampled *was = find(s, list[i].tgid);

		if (was && was->of.start_ns == list[i].of.start_ns && was->of.pid == list[i].of.pid)
			continue;
		if (bpf_map_update_elem(fd, &list[i].tgid, &list[i].of, BPF_ANY)) {
			err = -errno;
			list[i].of.start_ns = 0; /* tried again the next time */
		}
	}
	for (size_t i = 0; i < s->nsampled; i++)
		if (!n || !bsearch(&s->sampled[i], list, n, sizeof(*list), by_tgid))
			bpf_map_delete_elem(fd, &s->sampled[i].tgid);
	free(s->sampled);
	s->sampled = list;
	s->nsampled = n;
	return err;
}

static int keep(struct sampling *s, struct look *l)
{
	struct sampled *list = mem_zalloc(l->nprocesses + l->nhelpers + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < l->nprocesses; i++, n++) {
		list[n].tgid = list[n].of.pid = l->processes[i].pid;
		list[n].of.start_ns = l->processes[i].start_ns;
	}
	for (size_t i = 0; i < l->nhelpers; i++)
		list[n++] = l->helpers[i];
	qsort(list, n, sizeof(*list), by_tgid);
	return update(s, list, n);
}

int sampling_look(struct sampling *s, sampling_take_fn take, probe_file_fn fn, void *arg)
{
	struct look l = {.s = s, .fn = fn, .arg = arg};
	struct probe_process *asked;
	int err;

	err = iter_files(s->iter, on_file, &l);
	if (!err) {
		choose(&l, take, arg);
		asked = mem_zalloc(l.nprocesses + 1, sizeof(*asked));
		for (size_t i = 0; i < l.nprocesses; i++)
			asked[i] = (struct probe_process){l.processes[i].pid, l.processes[i].start_ns};
		/* without it the VMs' own threads are sampled still */
		if (!iter_threads(s->iter, asked, l.nprocesses, on_thread, &l))
			find_owners(&l);
		else
			l.nhelpers = 0;
		free(asked);
		err = keep(s, &l);
	}
	free(l.processes);
	free(l.threads);
	free(l.helpers);
	return err;
}
