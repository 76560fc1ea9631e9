// SPDX-License-Identifier: GPL-2.0-only
#include "profile_live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/hostinfo.h"
#include "../host/tasks.h"
#include "../host/threads.h"
#include "../host/vms.h"
#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../model/profile_rows.h"
#include "../probe/privilege.h"
#include "../probe/sampling.h"
#include "guests.h"
#include "sampled_event.h"
#include "profile_options.h"
#include "vcpus.h"
#include "vmm_maps.h"

#define LOOK_NS  1000000000ULL
#define AGENT_MS 300

/* A VM that runs, or did when VMs were looked for last. */
struct live_vm {
	uint32_t pid;
	uint64_t start_ns;
	char comm[16];
	bool wanted, here;
	struct vmm_maps maps;
	char boot[37];  /* of the symbols that names have of its guest; "" none were told */
	uint32_t place; /* in the profile; PROFILE_NONE: not there yet */
};

struct profile_live {
	const struct settings *s;
	struct sampled_event asked;
	struct sampling *sampling;
	struct names *names;
	struct vms *vms;
	struct guests *guests;
	struct maps_reader *reader;
	struct host_info host;
	struct live_vm *list;
	size_t n;
	struct vcpus vcpus;
	bool *met;               /* by pattern of --vm */
	struct profile *profile; /* of this interval */
	uint32_t event;          /* its place there */
	uint64_t began, looked;  /* CLOCK_MONOTONIC: the interval; at VMs, last */
	uint64_t lost;           /* up to there */
	unsigned int check;      /* of guests: the last that ended before this interval's first sample */
	unsigned int last_check;
	struct buf missing;
};

struct profile_live *profile_live_new(const struct settings *s)
{
	struct profile_live *l = mem_zalloc(1, sizeof(*l));

	l->s = s;
	l->met = mem_zalloc(s->vms.n, sizeof(*l->met));
	return l;
}

static void start_interval(struct profile_live *l, uint64_t now)
{
	struct profile *p = profile_new();

	snprintf(p->hostname, sizeof(p->hostname), "%s", l->host.hostname);
	snprintf(p->kernel, sizeof(p->kernel), "%s", l->host.kernel);
	snprintf(p->arch, sizeof(p->arch), "%s", l->host.arch);
	p->begin_ns = clock_now(CLOCK_REALTIME);
	l->event = profile_event(p, sampling_info(l->sampling)->event, sampling_info(l->sampling)->freq);
	l->profile = p;
	l->began = now;
	for (size_t i = 0; i < l->n; i++)
		l->list[i].place = PROFILE_NONE;
}

static struct live_vm *find_vm(struct profile_live *l, uint32_t pid)
{
	for (size_t i = l->n; i-- > 0;)
		if (l->list[i].pid == pid)
			return &l->list[i];
	return NULL;
}

static const struct vm_names *vm_names(struct profile_live *l, const struct live_vm *v)
{
	return vms_lookup(l->vms, (struct vm_id){.pid = v->pid, .start_ns = v->start_ns}, v->comm);
}

/* Its place in this interval's profile; its name may have become known only now. */
static uint32_t vm_place(struct profile_live *l, struct live_vm *v)
{
	if (v->place == PROFILE_NONE) {
		const struct vm_names *names = vm_names(l, v);

		v->place = profile_vm(l->profile, v->pid, v->start_ns, names->name, names->uuid);
	}
	return v->place;
}

/* Whether its threads are to be sampled: --vm. */
static bool take(uint32_t pid, uint64_t start_ns, const char *comm, void *arg)
{
	struct profile_live *l = arg;
	struct live_vm *v = find_vm(l, pid);
	const struct vm_names *names;
	struct profile_vm like = {.pid = pid, .start_ns = start_ns};

	if (!v || v->start_ns != start_ns) {
		l->list = mem_resize(l->list, l->n + 1, sizeof(*l->list));
		v = &l->list[l->n++];
		*v = (struct live_vm){.pid = pid, .start_ns = start_ns, .place = PROFILE_NONE};
		snprintf(v->comm, sizeof(v->comm), "%s", comm);
	}
	v->here = true;
	names = vm_names(l, v);
	like.name = names->name;
	snprintf(like.uuid, sizeof(like.uuid), "%s", names->uuid);
	v->wanted = !l->s->vms.n;
	for (uint32_t i = 0; i < l->s->vms.n; i++) {
		if (!profile_vm_is(&like, l->s->vms.items[i]))
			continue;
		v->wanted = l->met[i] = true;
	}
	if (v->wanted) {
		guests_add(l->guests, pid, start_ns, names->uuid);
		names_look(l->names, pid);
	}
	return v->wanted;
}

static void on_file(const struct vmp_file *f, void *arg)
{
	struct profile_live *l = arg;

	vcpus_add(&l->vcpus, f);
}

/* Which VMs there are now. */
static void look(struct profile_live *l, uint64_t now)
{
	int err;

	l->vcpus.n = 0;
	for (size_t i = 0; i < l->n; i++)
		l->list[i].here = false;
	err = sampling_look(l->sampling, take, on_file, l);
	if (err)
		log_info("cannot look for VMs: %s", strerror(-err));
	/* what cannot be told stays as it was */
	for (size_t i = 0; err && i < l->n; i++)
		l->list[i].here = true;
	vcpus_sort(&l->vcpus);
	l->looked = now;
}

/* Those that have ended are in the interval's profile; the next has them no more. */
static void forget(struct profile_live *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct live_vm *v = &l->list[i];

		if (v->here) {
			l->list[n++] = *v;
			continue;
		}
		guests_drop(l->guests, v->pid, v->start_ns);
		if (v->boot[0])
			names_guest(l->names, v->pid, NULL, 0, NULL, 0);
		vms_forget(l->vms, (struct vm_id){.pid = v->pid, .start_ns = v->start_ns});
		vmm_maps_free(&v->maps);
	}
	l->n = n;
}

static int32_t vcpu_number(const struct profile_live *l, uint32_t tid, const char *comm)
{
	const struct vcpu *found = vcpus_find(&l->vcpus, tid);

	return found ? found->id : threads_vcpu(comm);
}

/* Each thread is asked for its name once an interval, as long as it is there. */
static uint32_t thread_place(struct profile_live *l, uint32_t vm, uint32_t tid)
{
	uint32_t before = l->profile->nthreads, ret = profile_thread(l->profile, vm, tid, -1, "");
	char comm[TASKS_COMM];

	if (l->profile->nthreads == before)
		return ret;
	if (!tasks_comm("", tid, comm))
		comm[0] = '\0';
	return profile_thread(l->profile, vm, tid, vcpu_number(l, tid, comm), comm);
}

static struct profile_frame user_frame(struct profile_live *l, struct live_vm *v, uint64_t addr)
{
	struct profile_frame f = {.object = PROFILE_NONE, .symbol = PROFILE_NONE, .addr = addr};
	struct profile_object o = {.kind = PROFILE_ANON, .vm = PROFILE_NONE};
	const struct map *m;

	vmm_maps_read(&v->maps, l->reader, v->pid);
	m = vmm_maps_find(&v->maps, addr);
	if (!m)
		return f;
	o.path = m->path[0] ? m->path : (char *)"//anon";
	if (vmm_maps_is_here(m)) {
		o.kind = PROFILE_FILE;
		f.addr = addr - m->start + m->offset;
	}
	f.object = profile_object(l->profile, &o);
	return f;
}

static struct profile_frame frame(struct profile_live *l, struct live_vm *v, uint32_t mode, uint64_t addr)
{
	struct profile_frame f = {.symbol = PROFILE_NONE, .addr = addr};
	struct profile_object o = {.vm = PROFILE_NONE};
	char path[64];

	switch (mode) {
	case VMP_HIT_USER:
		return user_frame(l, v, addr);
	case VMP_HIT_SYS:
		o.kind = PROFILE_KERNEL;
		snprintf(path, sizeof(path), "[kernel.kallsyms]");
		break;
	case VMP_HIT_GUEST_SYS:
		o.kind = PROFILE_GUEST_KERNEL;
		o.vm = vm_place(l, v);
		snprintf(path, sizeof(path), "[guest.kernel.kallsyms.%u]", v->pid);
		break;
	default:
		o.kind = PROFILE_GUEST_FILE;
		o.vm = vm_place(l, v);
		snprintf(path, sizeof(path), "[guest user]");
		break;
	}
	o.path = path;
	f.object = profile_object(l->profile, &o);
	return f;
}

static void on_hit(const struct sampling_hit *h, void *arg)
{
	static const enum profile_mode modes[VMP_HIT_MODES] = {
		[VMP_HIT_SYS] = PROFILE_SYS,
		[VMP_HIT_USER] = PROFILE_USER,
		[VMP_HIT_GUEST_SYS] = PROFILE_GUEST_SYS,
		[VMP_HIT_GUEST_USER] = PROFILE_GUEST_USER,
	};
	struct profile_live *l = arg;
	struct live_vm *v = find_vm(l, h->at.tgid);
	struct profile_hit hit = {.event = l->event, .stack = PROFILE_NONE};

	if (!v || h->at.mode >= VMP_HIT_MODES)
		return;
	hit.thread = thread_place(l, vm_place(l, v), h->at.tid);
	hit.mode = modes[h->at.mode];
	hit.at = frame(l, v, h->at.mode, h->at.ip);
	hit.sum = (struct profile_weight){.samples = h->sum.samples, .period = h->sum.period};
	profile_hit(l->profile, &hit);
}

static void take_over(struct profile_live *l)
{
	int err;

	for (size_t i = 0; i < l->n; i++)
		l->list[i].maps.fresh = false;
	err = sampling_read(l->sampling, on_hit, l);
	if (err)
		log_info("cannot read samples: %s", strerror(-err));
}

/* Which kernel each guest has now, and since when; gives names its symbols once they are there. */
static void check_guests(struct profile_live *l)
{
	unsigned int check = guests_check(l->guests, AGENT_MS), since;
	struct profile *p = l->profile;

	for (size_t i = 0; i < l->n; i++) {
		struct buf kallsyms = {0}, modules = {0};
		struct live_vm *v = &l->list[i];
		char boot[37];

		if (guests_boot(l->guests, v->pid, boot, &since) && v->boot[0] &&
		    strcmp(boot, v->boot) != 0) {
			names_guest(l->names, v->pid, NULL, 0, NULL, 0);
			memcpy(v->boot, boot, sizeof(v->boot));
		}
		if (guests_symbols(l->guests, v->pid, &kallsyms, &modules)) {
			names_guest(l->names, v->pid, kallsyms.data, kallsyms.len, modules.data, modules.len);
			memcpy(v->boot, boot, sizeof(v->boot));
		}
		buf_free(&kallsyms);
		buf_free(&modules);
	}
	/* symbols that an agent has told are those of one boot; those of the options whoever gave them
	 * answers for */
	for (uint32_t i = 0; i < p->nobjects; i++) {
		const struct live_vm *v;

		if (p->objects[i].kind != PROFILE_GUEST_KERNEL)
			continue;
		v = find_vm(l, p->vms[p->objects[i].vm].pid);
		p->objects[i].unsure = v && v->boot[0] && !guests_same(l->guests, v->pid, l->check);
	}
	/*
	 * The next interval has begun before this check: only the one before lies
	 * before all of its samples.
	 */
	l->check = l->last_check;
	l->last_check = check;
}

struct profile *profile_live_interval(struct profile_live *l)
{
	struct profile *p = l->profile;
	uint64_t now;

	look(l, clock_now(CLOCK_MONOTONIC));
	take_over(l);
	now = clock_now(CLOCK_MONOTONIC);
	p->duration_ns = now - l->began;
	p->lost = sampling_lost(l->sampling) - l->lost;
	l->lost += p->lost;
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].wanted && l->list[i].here)
			vm_place(l, &l->list[i]);
	check_guests(l);
	names_resolve(l->names, p);
	l->missing.len = 0;
	names_missing(l->names, p, &l->missing);
	forget(l);
	start_interval(l, now);
	return p;
}

void profile_live_turn(struct profile_live *l)
{
	uint64_t now = clock_now(CLOCK_MONOTONIC);

	/* rings are half full */
	if (sampling_fd(l->sampling) >= 0)
		take_over(l);
	if (now - l->looked >= LOOK_NS)
		look(l, now);
}

int profile_live_fd(const struct profile_live *l)
{
	return l->sampling ? sampling_fd(l->sampling) : -1;
}

int profile_live_timeout(const struct profile_live *l)
{
	return l->sampling ? clock_poll_ms(l->looked + LOOK_NS, clock_now(CLOCK_MONOTONIC)) : 1000;
}

const struct sampling_info *profile_live_info(const struct profile_live *l)
{
	return l->sampling ? sampling_info(l->sampling) : NULL;
}

void profile_live_missing(struct profile_live *l, struct buf *b)
{
	if (l->missing.len)
		buf_add(b, l->missing.data, l->missing.len);
}

bool profile_live_check(struct profile_live *l, bool at_end)
{
	bool all = true;

	for (uint32_t i = 0; i < l->s->vms.n; i++) {
		if (l->met[i])
			continue;
		all = false;
		if (at_end)
			log_err("no VM was called %s (--vm takes a name, glob, UUID or pid)",
				l->s->vms.items[i]);
		else
			log_note("no VM is called %s yet (--vm takes a name, glob, UUID or pid)",
				 l->s->vms.items[i]);
	}
	return all;
}

/*
 * The host's symbols are read now: without CAP_SYSLOG /proc/kallsyms shows zeros
 * (kernel/kallsyms.c: kallsyms_show_value).  A sample of no place is enough for that.
 */
static void read_host_symbols(struct profile_live *l)
{
	struct profile_object o = {
		.kind = PROFILE_KERNEL, .vm = PROFILE_NONE, .path = (char *)"[kernel.kallsyms]"};
	struct profile_hit hit = {.mode = PROFILE_SYS, .stack = PROFILE_NONE};
	struct profile *p = profile_new();

	snprintf(p->kernel, sizeof(p->kernel), "%s", l->host.kernel);
	hit.event = profile_event(p, "none", 0);
	hit.thread = profile_thread(p, profile_vm(p, 1, 0, "none", ""), 1, -1, "none");
	hit.at = (struct profile_frame){.object = profile_object(p, &o), .symbol = PROFILE_NONE};
	hit.sum.samples = 1;
	profile_hit(p, &hit);
	names_resolve(l->names, p);
	profile_free(p);
}

static enum live_status begin(struct profile_live *l)
{
	struct vms_options o = {
		.proc = "/proc", .run = "/run", .libvirt = !l->s->no_libvirt, .uri = l->s->connect};
	const struct sampling_info *info = sampling_info(l->sampling);
	struct names_options files = profile_names_options(l->s);
	char why[256];
	int err;

	hostinfo_read(&l->host);
	l->names = names_new(&files, why, sizeof(why));
	if (!l->names) {
		log_err("%s", why);
		return LIVE_FAILED;
	}
	read_host_symbols(l);
	err = maps_reader_start(&l->reader);
	if (err)
		log_info("no process for what VMMs have mapped: %s", strerror(-err));
	if (privilege_drop()) {
		log_err("cannot drop privileges: %s", strerror(errno));
		return LIVE_FAILED;
	}
	/* their threads have what this one has now: nothing */
	l->vms = vms_new(&o);
	l->guests = guests_new(l->s);
	look(l, clock_now(CLOCK_MONOTONIC));
	l->check = l->last_check = guests_check(l->guests, AGENT_MS);
	start_interval(l, clock_now(CLOCK_MONOTONIC));
	err = sampling_start(l->sampling);
	if (err) {
		log_err("%s cannot be sampled: %s", info->event, strerror(-err));
		return LIVE_FAILED;
	}
	log_info("sampling %s, %u a second and CPU, %s%s%s", info->event, info->freq,
		 info->way == SAMPLING_SUMMED ? "summed in the kernel" : "through perf's ring buffers",
		 info->why[0] ? ": " : "", info->why);
	return LIVE_READY;
}

enum live_status profile_live_open(struct profile_live *l)
{
	struct sampling_options o = {.freq = l->s->freq, .way = SAMPLING_BEST};
	enum probe_error e;
	char why[256];

	if (!sampled_event_choose(&l->asked, l->s->sample_event, &o))
		return LIVE_FAILED;
	e = sampling_open(&o, &l->sampling, why, sizeof(why));
	if (e == PROBE_OK)
		return begin(l);
	if (e == PROBE_NO_KVM)
		return LIVE_WAITING;
	log_err("%s", why);
	return LIVE_FAILED;
}

void profile_live_free(struct profile_live *l)
{
	if (!l)
		return;
	sampling_close(l->sampling);
	guests_free(l->guests);
	for (size_t i = 0; i < l->n; i++)
		vmm_maps_free(&l->list[i].maps);
	free(l->list);
	vcpus_free(&l->vcpus);
	vms_free(l->vms);
	maps_reader_stop(l->reader);
	names_free(l->names);
	profile_free(l->profile);
	sampled_event_free(&l->asked);
	buf_free(&l->missing);
	free(l->met);
	free(l);
}
