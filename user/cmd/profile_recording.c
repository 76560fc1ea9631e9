// SPDX-License-Identifier: GPL-2.0-only
#include "profile_recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../host/tasks.h"
#include "../host/threads.h"
#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../model/select.h"
#include "../profile/elf.h"
#include "../profile/perf_format.h"
#include "../profile/perf_section.h"
#include "../profile/store.h"
#include "profile_kernels.h"
#include "vcpus.h"

/* How long guests' symbols, which are being fetched, are waited for at the end. */
#define SETTLE_MS 5000
#define GUESTS_MS 1000

struct vm {
	struct profile_recording_vm told;
	uint64_t start_ns;
	char *name;
	char uuid[37];
	bool announced;
	struct maps maps;   /* those that can be executed */
	bool *hit;          /* by mapping: its build-id is in the table */
	bool stale;         /* a sample was in none of them: to be read anew with the next look */
	unsigned int check; /* of its guest, the first; 0: none yet */
	bool has_agent;     /* it told its boot then */
};

struct task {
	uint32_t tid, pid;
	uint32_t vm; /* PROFILE_NONE: of none that is known */
};

struct profile_recording {
	struct profile_recording_sources from;
	uint32_t nvms;
	struct vm *vms;
	uint32_t nothers;
	size_t ntasks;
	struct task *tasks; /* by tid */
	struct vcpus vcpus; /* that the last look found */
	struct perf_section_vms section;
	bool *met;
	uint64_t samples;
	int err;
};

struct profile_recording *profile_recording_new(const struct profile_recording_sources *from)
{
	struct profile_recording *f = mem_zalloc(1, sizeof(*f));

	f->from = *from;
	f->met = mem_zalloc(from->s->vms.n, sizeof(*f->met));
	f->section.begin_ns = clock_now(CLOCK_REALTIME);
	return f;
}

void profile_recording_free(struct profile_recording *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->nvms; i++) {
		maps_free(&f->vms[i].maps);
		free(f->vms[i].hit);
		free(f->vms[i].name);
	}
	free(f->vms);
	free(f->tasks);
	vcpus_free(&f->vcpus);
	free(f->met);
	perf_section_clear(&f->section);
	free(f);
}

/* The youngest with this pid; PROFILE_NONE: none. */
static uint32_t find_vm(const struct profile_recording *f, uint32_t pid)
{
	for (uint32_t i = f->nvms; i--;)
		if (f->vms[i].told.pid == pid)
			return i;
	return PROFILE_NONE;
}

/* The place of that tid, or where it belongs. */
static size_t task_place(const struct profile_recording *f, uint32_t tid)
{
	size_t lo = 0, hi = f->ntasks;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (f->tasks[mid].tid < tid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void keep_task(struct profile_recording *f, const struct task *t)
{
	size_t i = task_place(f, t->tid);

	if (i == f->ntasks || f->tasks[i].tid != t->tid) {
		f->tasks = mem_resize(f->tasks, f->ntasks + 1, sizeof(*t));
		memmove(f->tasks + i + 1, f->tasks + i, (f->ntasks - i) * sizeof(*t));
		f->ntasks++;
	}
	f->tasks[i] = *t;
}

/* A thread that was not met before. */
static struct task meet(struct profile_recording *f, uint32_t pid, uint32_t tid, uint64_t time)
{
	struct task t = {tid, pid, find_vm(f, pid)};
	char comm[TASKS_COMM] = "";

	if (tasks_comm("", tid, comm))
		perf_write_comm(f->from.w, time, pid, tid, comm);
	if (t.vm == PROFILE_NONE) {
		/* what the kernel runs for a VM: named after a thread of it */
		uint32_t owner = threads_owner(comm);
		size_t i = task_place(f, owner);

		if (owner && i < f->ntasks && f->tasks[i].tid == owner)
			t.vm = f->tasks[i].vm;
		if (t.vm != PROFILE_NONE) {
			const struct vm *vm = &f->vms[t.vm];

			perf_section_thread(perf_section_vm(&f->section, vm->told.pid, vm->start_ns), tid,
					    -1);
		}
	}
	keep_task(f, &t);
	return t;
}

struct announcing {
	struct profile_recording *f;
	uint32_t vm;
	uint64_t time;
};

static void on_task(uint32_t tid, const char *comm, void *arg)
{
	const struct announcing *a = arg;
	const struct task t = {tid, a->f->vms[a->vm].told.pid, a->vm};

	perf_write_comm(a->f->from.w, a->time, t.pid, tid, comm);
	keep_task(a->f, &t);
}

static void write_map(struct profile_recording *f, uint32_t pid, uint64_t time, const struct map *m)
{
	struct perf_write_map x = {
		.time = time,
		.pid = pid,
		.tid = pid,
		.start = m->start,
		.size = m->end - m->start,
		.offset = m->offset,
		.prot = m->prot,
		.flags = m->shared ? MAP_SHARED : MAP_PRIVATE,
		.path = *m->path ? m->path : "//anon",
		.major = m->major,
		.minor = m->minor,
		.inode = m->inode,
	};
	struct buf gone = {0};

	if (m->deleted) {
		/* as the kernel's own records have it */
		buf_printf(&gone, "%s (deleted)", m->path);
		x.path = gone.data;
	}
	perf_write_mmap(f->from.w, &x);
	buf_free(&gone);
}

static bool has_map(const struct maps *maps, const struct map *m)
{
	const struct map *was = maps_find(maps, m->start);

	return was && was->start == m->start && was->end == m->end && was->offset == m->offset &&
	       was->inode == m->inode && !strcmp(was->path, m->path);
}

/* Tells of mappings that were not there the last time. */
static void read_maps(struct profile_recording *f, struct vm *vm, uint64_t time)
{
	struct maps all, now = {0};
	int err = f->from.maps ? maps_reader_read(f->from.maps, vm->told.pid, &all)
			       : maps_read(&all, "", vm->told.pid);

	vm->stale = false;
	if (err) {
		log_info("what process %u has mapped is not known: %s", vm->told.pid, strerror(-err));
		return;
	}
	now.items = mem_zalloc(all.n, sizeof(*now.items));
	for (size_t i = 0; i < all.n; i++) {
		struct map *m = &all.items[i];

		if (!(m->prot & PROT_EXEC))
			continue;
		if (!has_map(&vm->maps, m))
			write_map(f, vm->told.pid, time, m);
		now.items[now.n++] = *m;
		m->path = NULL;
	}
	maps_free(&all);
	maps_free(&vm->maps);
	free(vm->hit);
	vm->maps = now;
	vm->hit = mem_zalloc(now.n, sizeof(*vm->hit));
}

static void hit_map(struct profile_recording *f, struct vm *vm, uint64_t ip)
{
	const struct map *m = maps_find(&vm->maps, ip);
	uint8_t id[ELF_BUILD_ID];
	char path[4096];
	size_t size;

	if (!m) {
		vm->stale = true;
		return;
	}
	if (vm->hit[m - vm->maps.items])
		return;
	vm->hit[m - vm->maps.items] = true;
	if (*m->path != '/' || !maps_file(m, "", vm->told.pid, path, sizeof(path)))
		return;
	size = elf_file_build_id(path, id);
	if (size)
		perf_write_build_id(f->from.w, PERF_RECORD_MISC_USER, -1, id, (uint32_t)size, m->path);
}

static void on_sample(struct profile_recording *f, const struct perf_write_sample *x)
{
	enum profile_mode mode = perf_mode(x->misc);
	size_t i = task_place(f, x->tid);
	struct task t;

	if (i < f->ntasks && f->tasks[i].tid == x->tid && f->tasks[i].pid == x->pid)
		t = f->tasks[i];
	else
		t = meet(f, x->pid, x->tid, x->time);
	f->samples++;
	if (mode == PROFILE_SYS)
		profile_kernel_hit(f->from.kernel, x->ip);
	if (t.vm == PROFILE_NONE)
		return;
	f->vms[t.vm].told.samples[mode]++;
	if (mode == PROFILE_USER)
		hit_map(f, &f->vms[t.vm], x->ip);
}

static void on_record(uint32_t cpu, const void *record, size_t size, void *arg)
{
	struct profile_recording *f = arg;
	struct perf_write_sample x;
	int err;

	(void)cpu;
	if (perf_write_sample(f->from.w, record, size, &x))
		on_sample(f, &x);
	err = perf_write_record(f->from.w, record, size);
	if (err && !f->err)
		f->err = err;
}

int profile_recording_take(struct profile_recording *f, struct sampling *s)
{
	int err = sampling_records(s, on_record, f), round = perf_write_round(f->from.w);

	return f->err ? f->err : err ? err : round;
}

/* Whether it was asked for; then it is in the list. */
static bool on_vm(uint32_t pid, uint64_t start_ns, const char *comm, void *arg)
{
	struct profile_recording *f = arg;
	const struct options_list *asked = &f->from.s->vms;
	const struct vm_names *names = vms_lookup(f->from.vms, (struct vm_id){pid, start_ns}, comm);
	struct sample_vm like = {.pid = pid, .start_ns = start_ns, .name = names->name};
	uint32_t i = find_vm(f, pid);
	struct vm *vm;

	memcpy(like.uuid, names->uuid, sizeof(like.uuid));
	for (uint32_t k = 0; k < asked->n; k++)
		if (select_vm(asked->items[k], &like))
			f->met[k] = true;
	if (!select_any(asked->items, asked->n, &like)) {
		f->nothers++;
		return false;
	}
	if (i == PROFILE_NONE || f->vms[i].start_ns != start_ns) {
		i = f->nvms++;
		f->vms = mem_resize(f->vms, f->nvms, sizeof(*f->vms));
		f->vms[i] = (struct vm){.told.pid = pid, .start_ns = start_ns};
	}
	/* libvirt may tell the name later than the process's arguments */
	vm = &f->vms[i];
	free(vm->name);
	vm->name = mem_strdup(names->name);
	vm->told.name = vm->name;
	memcpy(vm->uuid, names->uuid, sizeof(vm->uuid));
	/* not before the file knows its mappings, and its guest was asked which boot it is in */
	return vm->announced;
}

static void on_file(const struct vmp_file *v, void *arg)
{
	struct profile_recording *f = arg;

	vcpus_add(&f->vcpus, v);
}

/* Brings the section up to date: names, vCPUs. */
static void fill_section(struct profile_recording *f)
{
	for (uint32_t i = 0; i < f->nvms; i++) {
		const struct vm *vm = &f->vms[i];
		struct perf_section_vm *s = perf_section_vm(&f->section, vm->told.pid, vm->start_ns);

		free(s->name);
		s->name = mem_strdup(vm->name);
		memcpy(s->uuid, vm->uuid, sizeof(s->uuid));
	}
	for (size_t i = 0; i < f->vcpus.n; i++) {
		const struct vcpu *v = &f->vcpus.items[i];
		uint32_t at = find_vm(f, v->pid);

		if (at == PROFILE_NONE)
			continue;
		perf_section_thread(perf_section_vm(&f->section, v->pid, f->vms[at].start_ns), v->tid, v->id);
	}
}

static void check_guests(struct profile_recording *f, int timeout_ms)
{
	unsigned int check;

	for (uint32_t i = 0; i < f->nvms; i++)
		if (!f->vms[i].check)
			guests_add(f->from.guests, f->vms[i].told.pid, f->vms[i].start_ns, f->vms[i].uuid);
	check = guests_check(f->from.guests, timeout_ms);
	for (uint32_t i = 0; i < f->nvms; i++) {
		struct vm *vm = &f->vms[i];
		unsigned int since;
		char boot[37];

		if (vm->check)
			continue;
		vm->check = check;
		vm->has_agent = guests_boot(f->from.guests, vm->told.pid, boot, &since);
	}
}

/* Tells of those that have come, and what they have mapped meanwhile.  True: some have come. */
static bool announce(struct profile_recording *f)
{
	struct announcing a = {.f = f, .time = perf_write_latest(f->from.w)};
	bool fresh = false;

	for (a.vm = 0; a.vm < f->nvms; a.vm++) {
		struct vm *vm = &f->vms[a.vm];

		if (!vm->announced)
			tasks_each("", vm->told.pid, on_task, &a);
		if (!vm->announced || vm->stale)
			read_maps(f, vm, a.time);
		fresh |= !vm->announced;
		vm->announced = true;
	}
	return fresh;
}

static int look(struct profile_recording *f, struct sampling *s)
{
	f->vcpus.n = 0;
	f->nothers = 0;
	return sampling_look(s, on_vm, on_file, f);
}

int profile_recording_look(struct profile_recording *f, struct sampling *s, int timeout_ms)
{
	int err = look(f, s);

	if (!err && announce(f)) {
		check_guests(f, timeout_ms);
		err = look(f, s);
	}
	if (!err)
		fill_section(f);
	return err;
}

uint64_t profile_recording_samples(const struct profile_recording *f)
{
	return f->samples;
}

const struct profile_recording_vm *profile_recording_vm(const struct profile_recording *f, uint32_t i)
{
	return &f->vms[i].told;
}

uint32_t profile_recording_nvms(const struct profile_recording *f)
{
	return f->nvms;
}

uint32_t profile_recording_nothers(const struct profile_recording *f)
{
	return f->nothers;
}

const bool *profile_recording_met(const struct profile_recording *f)
{
	return f->met;
}

/* Its symbols, where one kernel ran in it all the time; another one's would be wrong. */
static void close_guest(struct profile_recording *f, const struct vm *vm, const char *cache)
{
	struct perf_section_vm *s = perf_section_vm(&f->section, vm->told.pid, vm->start_ns);
	struct agent_guest g = {0};
	unsigned int since;
	char boot[37];

	if (!vm->told.samples[PROFILE_GUEST_SYS] && !vm->told.samples[PROFILE_GUEST_USER])
		return;
	if (!guests_boot(f->from.guests, vm->told.pid, boot, &since)) {
		/* one that told at first, and does not now, may run another kernel */
		if (!vm->has_agent)
			profile_guest_write(f->from.w, vm->told.pid, NULL);
		return;
	}
	if (!guests_same(f->from.guests, vm->told.pid, vm->check)) {
		log_info("the guest of process %u booted meanwhile: its functions have no names",
			 vm->told.pid);
		return;
	}
	memcpy(s->boot_id, boot, sizeof(s->boot_id));
	if (cache && store_get(cache, boot, &g))
		profile_guest_write(f->from.w, vm->told.pid, &g);
	else
		profile_guest_write(f->from.w, vm->told.pid, NULL);
	agent_guest_free(&g);
}

void profile_recording_close(struct profile_recording *f, struct buf *ret)
{
	char *cache = store_cache();

	if (f->nvms) {
		guests_check(f->from.guests, GUESTS_MS);
		if (!guests_settle(f->from.guests, SETTLE_MS))
			log_info("not all guests have told their symbols");
	}
	for (uint32_t i = 0; i < f->nvms; i++)
		close_guest(f, &f->vms[i], cache);
	profile_kernel_build_ids(f->from.kernel, f->from.w);
	perf_section_print(&f->section, ret);
	free(cache);
}
