// SPDX-License-Identifier: GPL-2.0-only
#include "perf_read_tasks.h"

#include <stdio.h>
#include <stdlib.h>

#include "../host/threads.h"
#include "../lib/mem.h"
#include "perf_format.h"
#include "perf_read_bytes.h"

#define COMM_MAX 64 /* longer ones than the kernel has; perf's own records may have a little more than 16 */

static const char host_kernel[] = "[kernel.kallsyms]";
static const char guest_kernel[] = "[guest.kernel.kallsyms";

void perf_tasks_init(struct perf_tasks *t, struct perf_events *events)
{
	*t = (struct perf_tasks){.events = events, .profile = profile_new()};
	t->random = (uintptr_t)t->profile;
}

void perf_tasks_free(struct perf_tasks *t)
{
	for (uint32_t i = 0; i < t->pids.n; i++) {
		perf_maps_free(t->processes[i].maps);
		free(t->processes[i].guest);
	}
	for (uint32_t i = 0; i < t->tids.n; i++)
		free(t->threads[i].comm);
	free(t->processes);
	free(t->threads);
	free(t->frames);
	perf_table_free(&t->pids);
	perf_table_free(&t->tids);
	profile_free(t->profile);
	*t = (struct perf_tasks){0};
}

static uint32_t process_of(struct perf_tasks *t, uint32_t pid)
{
	uint32_t n = t->pids.n, at = perf_table_place(&t->pids, pid);

	if (at == n) {
		t->processes = index_room(t->processes, n, sizeof(*t->processes));
		t->processes[at] = (struct perf_process){0};
		profile_vm(t->profile, pid, 0, "", "");
	}
	return at;
}

/* Valid until the next process is added. */
static struct perf_process *process_at(struct perf_tasks *t, uint32_t pid)
{
	uint32_t at = process_of(t, pid);

	return &t->processes[at];
}

static struct perf_thread *thread_of(struct perf_tasks *t, uint32_t pid, uint32_t tid)
{
	uint32_t n = t->tids.n, at = perf_table_place(&t->tids, tid);
	struct perf_thread *th;

	if (at == n) {
		t->threads = index_room(t->threads, n, sizeof(*t->threads));
		t->threads[at] = (struct perf_thread){pid, -1, PROFILE_NONE, mem_strdup("")};
	}
	th = &t->threads[at];
	/* another process's thread has the number now, and its begin was lost */
	if (th->pid != pid) {
		free(th->comm);
		*th = (struct perf_thread){pid, -1, PROFILE_NONE, mem_strdup("")};
	}
	return th;
}

const char *perf_tasks_comm(const struct perf_tasks *t, uint32_t pid)
{
	uint32_t at = perf_table_find(&t->tids, pid);

	return at != INDEX_NONE && t->threads[at].pid == pid ? t->threads[at].comm : "";
}

static void name_thread(struct perf_tasks *t, struct perf_thread *th, const char *comm, size_t len)
{
	int32_t vcpu;

	free(th->comm);
	th->comm = mem_strndup(comm, len);
	vcpu = threads_vcpu(th->comm);
	if (vcpu >= 0) {
		th->vcpu = vcpu;
		process_at(t, th->pid)->has_vcpu = true;
	}
	if (th->place != PROFILE_NONE)
		profile_thread(t->profile, t->profile->threads[th->place].vm,
			       t->profile->threads[th->place].tid, vcpu, th->comm);
}

static void apply_comm(struct perf_tasks *t, const uint8_t *r, size_t size)
{
	bool swap = t->events->swap;
	uint32_t pid, tid;
	struct perf_process *p;

	if (size < 16) {
		t->damaged++;
		return;
	}
	pid = perf_u32(r + 8, swap);
	tid = perf_u32(r + 12, swap);
	p = process_at(t, pid);
	/* nothing of the program before is mapped any more; what is mapped now is told after this */
	if (perf_u16(r + 4, swap) & PERF_RECORD_MISC_COMM_EXEC) {
		perf_maps_free(p->maps);
		p->maps = NULL;
	}
	name_thread(t, thread_of(t, pid, tid), (const char *)r + 16,
		    strnlen((const char *)r + 16, size - 16 < COMM_MAX ? size - 16 : COMM_MAX));
}

static void apply_fork(struct perf_tasks *t, const uint8_t *r, size_t size)
{
	bool swap = t->events->swap;
	uint32_t pid, ppid, tid, ptid, parent_at;
	struct perf_thread *th;
	struct perf_process *p, *parent;
	char *comm;

	if (size < 24) {
		t->damaged++;
		return;
	}
	pid = perf_u32(r + 8, swap);
	ppid = perf_u32(r + 12, swap);
	tid = perf_u32(r + 16, swap);
	ptid = perf_u32(r + 20, swap);
	/* the name goes on, but not as that of a vCPU: its thread may start others */
	if (tid != ptid) {
		comm = mem_strdup(thread_of(t, ppid, ptid)->comm);
		th = thread_of(t, pid, tid);
		free(th->comm);
		*th = (struct perf_thread){pid, -1, PROFILE_NONE, comm};
	}
	if (pid == ppid)
		return;
	parent_at = process_of(t, ppid);
	p = process_at(t, pid);
	parent = &t->processes[parent_at];
	perf_maps_free(p->maps);
	/* perf's own record about a process that was there before: its mappings follow */
	p->maps = perf_u16(r + 4, swap) & PERF_RECORD_MISC_FORK_EXEC ? NULL : perf_maps_copy(parent->maps);
}

struct mapping {
	uint32_t pid;
	uint64_t start, size, offset;
	uint8_t build_id[PROFILE_BUILD_ID];
	uint8_t build_id_size;
	const char *name;
	size_t namelen;
};

static bool parse_mapping(const uint8_t *r, size_t size, bool swap, struct mapping *ret)
{
	bool second = perf_u32(r, swap) == PERF_RECORD_MMAP2;
	size_t head = second ? 72 : 40;

	if (size <= head)
		return false;
	*ret = (struct mapping){
		.pid = perf_u32(r + 8, swap),
		.start = perf_u64(r + 16, swap),
		.size = perf_u64(r + 24, swap),
		.offset = perf_u64(r + 32, swap),
		.name = (const char *)r + head,
		.namelen = strnlen((const char *)r + head, size - head),
	};
	if (second && perf_u16(r + 4, swap) & PERF_RECORD_MISC_MMAP_BUILD_ID && r[40] <= PROFILE_BUILD_ID) {
		ret->build_id_size = r[40];
		memcpy(ret->build_id, r + 44, ret->build_id_size);
	}
	return true;
}

static bool begins(const struct mapping *m, const char *s)
{
	return m->namelen >= strlen(s) && !memcmp(m->name, s, strlen(s));
}

/* "[kernel.kallsyms]_stext": the address of that symbol stands as the offset. */
static void learn_kernel(struct perf_kernel *k, const struct mapping *m)
{
	const char *tail = memchr(m->name, ']', m->namelen);
	char ref[sizeof(k->ref_name)] = "";

	if (tail && m->offset)
		snprintf(ref, sizeof(ref), "%.*s", (int)(m->namelen - (size_t)(tail + 1 - m->name)),
			 tail + 1);
	if (k->known && (strcmp(ref, k->ref_name) != 0 || (*ref && m->offset != k->ref_addr)))
		k->unsure = true;
	k->known = true;
	memcpy(k->ref_name, ref, sizeof(ref));
	k->ref_addr = *ref ? m->offset : 0;
	if (m->build_id_size) {
		k->build_id_size = m->build_id_size;
		memcpy(k->build_id, m->build_id, sizeof(k->build_id));
	}
}

/* Modules are named by their kernel's symbols: their mappings say nothing more. */
static void apply_kernel_mapping(struct perf_tasks *t, const struct mapping *m, bool guest)
{
	struct perf_process *p;

	if (!guest) {
		if (begins(m, host_kernel))
			learn_kernel(&t->host, m);
		return;
	}
	if (!begins(m, guest_kernel))
		return;
	if (begins(m, "[guest.kernel.kallsyms]")) {
		learn_kernel(&t->guest, m);
		return;
	}
	p = process_at(t, m->pid);
	if (!p->guest)
		p->guest = mem_zalloc(1, sizeof(*p->guest));
	learn_kernel(p->guest, m);
}

/* Names of memory that no file is behind. */
static bool is_anon(const struct mapping *m)
{
	return !m->namelen || m->name[0] != '/' || begins(m, "//") || begins(m, "/dev/zero") ||
	       begins(m, "/anon_hugepage") || begins(m, "/SYSV");
}

static void apply_mapping(struct perf_tasks *t, const uint8_t *r, size_t size)
{
	bool swap = t->events->swap;
	uint16_t cpumode = perf_u16(r + 4, swap) & PERF_RECORD_MISC_CPUMODE_MASK;
	struct profile_object o = {.vm = PROFILE_NONE};
	struct perf_mapping map;
	struct mapping m;

	if (!parse_mapping(r, size, swap, &m)) {
		t->damaged++;
		return;
	}
	if (cpumode == PERF_RECORD_MISC_KERNEL || cpumode == PERF_RECORD_MISC_GUEST_KERNEL) {
		apply_kernel_mapping(t, &m, cpumode == PERF_RECORD_MISC_GUEST_KERNEL);
		return;
	}
	/* of a guest's process: its samples tell the VM's process only */
	if (cpumode == PERF_RECORD_MISC_GUEST_USER)
		return;
	o.kind = is_anon(&m) ? PROFILE_ANON : PROFILE_FILE;
	o.path = mem_strndup(m.name, m.namelen);
	o.build_id_size = m.build_id_size;
	memcpy(o.build_id, m.build_id, sizeof(o.build_id));
	map = (struct perf_mapping){
		.start = m.start,
		.end = m.size > UINT64_MAX - m.start ? UINT64_MAX : m.start + m.size,
		.offset = o.kind == PROFILE_ANON ? m.start : m.offset,
		.object = profile_object(t->profile, &o),
	};
	free(o.path);
	t->random = index_hash(t->random, 0);
	perf_maps_add(&process_at(t, m.pid)->maps, &map, (uint32_t)t->random);
}

/* As perf_mode(), of the marks between the addresses of a call chain. */
static enum profile_mode mode_of_mark(uint64_t mark)
{
	switch (mark) {
	case PERF_CONTEXT_KERNEL:
		return PROFILE_SYS;
	case PERF_CONTEXT_USER:
		return PROFILE_USER;
	case PERF_CONTEXT_GUEST_KERNEL:
		return PROFILE_GUEST_SYS;
	case PERF_CONTEXT_GUEST_USER:
		return PROFILE_GUEST_USER;
	default:
		return PROFILE_OTHER;
	}
}

static struct profile_frame frame_of(struct perf_tasks *t, uint32_t process, enum profile_mode mode,
				     uint64_t addr)
{
	struct profile_frame f = {PROFILE_NONE, PROFILE_NONE, addr};
	const struct perf_mapping *m;
	struct profile_object o = {.vm = process};

	switch (mode) {
	case PROFILE_SYS:
		o.kind = PROFILE_KERNEL;
		o.vm = PROFILE_NONE;
		o.path = (char *)host_kernel;
		f.object = profile_object(t->profile, &o);
		break;
	case PROFILE_USER:
		m = perf_maps_find(t->processes[process].maps, addr);
		if (m) {
			f.object = m->object;
			f.addr = addr - m->start + m->offset;
		}
		break;
	case PROFILE_GUEST_SYS:
	case PROFILE_GUEST_USER:
		o.kind = mode == PROFILE_GUEST_SYS ? PROFILE_GUEST_KERNEL : PROFILE_GUEST_FILE;
		o.path = (char *)"";
		f.object = profile_object(t->profile, &o);
		break;
	default:
		break;
	}
	return f;
}

/* The callers: what a chain has after the sample's own address. */
static uint32_t stack_of(struct perf_tasks *t, uint32_t process, enum profile_mode mode,
			 const struct perf_sample *s)
{
	enum profile_mode here = mode;
	bool first = true;
	uint32_t n = 0;

	if (s->nchain > t->max_frames) {
		t->max_frames = s->nchain;
		t->frames = mem_resize(t->frames, t->max_frames, sizeof(*t->frames));
	}
	for (uint64_t i = 0; i < s->nchain; i++) {
		uint64_t addr = perf_u64(s->chain + 8 * i, t->events->swap);
		bool own = first && here == mode && addr == s->ip;

		if (addr >= (uint64_t)PERF_CONTEXT_MAX) {
			here = mode_of_mark(addr);
			continue;
		}
		first = false;
		if (!own)
			t->frames[n++] = frame_of(t, process, here, addr);
	}
	return n ? profile_stack(t->profile, t->frames, n) : PROFILE_NONE;
}

static void hit(struct perf_tasks *t, struct profile_hit *h, uint32_t event, uint64_t period)
{
	char name[16];

	while (t->profile->nevents <= event) {
		snprintf(name, sizeof(name), "%u", t->profile->nevents);
		profile_event(t->profile, name, 0);
	}
	h->event = event;
	h->sum = (struct profile_weight){1, period};
	profile_hit(t->profile, h);
}

static void apply_sample(struct perf_tasks *t, uint32_t event, const uint8_t *r, size_t size)
{
	enum profile_mode mode = perf_mode(perf_u16(r + 4, t->events->swap));
	struct profile_hit h = {.mode = mode, .stack = PROFILE_NONE};
	struct perf_thread *th;
	struct perf_sample s;
	uint64_t period;
	uint32_t process;

	if (!perf_events_sample(t->events, event, r, size, &s)) {
		t->damaged++;
		return;
	}
	if (s.time != PERF_NO_TIME) {
		if (t->begin == PERF_NO_TIME || s.time < t->begin)
			t->begin = s.time;
		if (s.time > t->end)
			t->end = s.time;
	}
	process = process_of(t, s.pid);
	if (mode == PROFILE_GUEST_SYS || mode == PROFILE_GUEST_USER)
		t->processes[process].has_guest_samples = true;
	th = thread_of(t, s.pid, s.tid);
	if (th->place == PROFILE_NONE)
		th->place = profile_thread(t->profile, process, s.tid, th->vcpu, th->comm);
	h.thread = th->place;
	h.at = frame_of(t, process, mode, s.ip);
	h.stack = stack_of(t, process, mode, &s);
	if (!s.read) {
		hit(t, &h, event, s.period);
		return;
	}
	for (uint64_t i = 0; i < s.nread; i++)
		if (perf_events_value(t->events, &s, i, &event, &period))
			hit(t, &h, event, period);
}

static void apply_lost(struct perf_tasks *t, const uint8_t *r, size_t size, size_t at)
{
	uint64_t n;

	if (size < at + 8) {
		t->damaged++;
		return;
	}
	n = perf_u64(r + at, t->events->swap);
	t->profile->lost = t->profile->lost + n < n ? UINT64_MAX : t->profile->lost + n;
}

void perf_tasks_record(struct perf_tasks *t, const uint8_t *record, size_t size)
{
	bool swap = t->events->swap;
	uint32_t event;

	switch (perf_u32(record, swap)) {
	case PERF_RECORD_MMAP:
	case PERF_RECORD_MMAP2:
		apply_mapping(t, record, size);
		break;
	case PERF_RECORD_COMM:
		apply_comm(t, record, size);
		break;
	case PERF_RECORD_FORK:
		apply_fork(t, record, size);
		break;
	case PERF_RECORD_LOST:
		apply_lost(t, record, size, 16);
		break;
	case PERF_RECORD_LOST_SAMPLES:
		/* those that perf record --filter left out are none */
		if (!(perf_u16(record + 4, swap) & 1U << 15))
			apply_lost(t, record, size, 8);
		break;
	case PERF_RECORD_SAMPLE:
		event = perf_events_of(t->events, record, size);
		if (event == INDEX_NONE)
			t->nobodys++;
		else
			apply_sample(t, event, record, size);
		break;
	default:
		break;
	}
}
