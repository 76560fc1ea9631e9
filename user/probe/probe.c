// SPDX-License-Identifier: GPL-2.0-only
#include "probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../host/hostinfo.h"
#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "counting.h"
#include "counts.h"
#include "exit.skel.h"
#include "features.h"
#include "iter.h"
#include "map.h"
#include "privilege.h"
#include "programs.h"

#define MIN_SLOTS     256U
#define SLOTS_PER_CPU 8U

struct probe {
	struct exit_bpf *exit;
	struct iter *iter;
	struct bpf_link *threads_link;
	struct ring_buffer *news;
	probe_news_fn news_fn;
	void *news_arg;
	struct vmp_slot *slots;
	uint64_t *cpu_ns; /* by slot, then CPU */
	uint32_t *cpu_node;
	size_t slots_size, cpu_ns_size, cpu_node_size;
	struct counting *counting;
	struct counts counts;
	bool *stale; /* by CPU: events count there no more */
	uint32_t on; /* bits of the events that are wanted */
	uint32_t nslots, ncpus;
	unsigned int nprograms;
	struct program programs[PROGRAMS_MAX];
	unsigned int ninfo;
	struct probe_info info[SAMPLE_PROBES];
};

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	/* libbpf's own words say little to an operator; ours stand in why */
	log_vat(level == LIBBPF_DEBUG ? 3 : 2, fmt, ap);
	return 0;
}

static void set_why(char *why, int size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void set_why(char *why, int size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, (size_t)size, fmt, ap);
	va_end(ap);
}

static void add_info(struct probe *p, const char *name, enum probe_status status, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void add_info(struct probe *p, const char *name, enum probe_status status, const char *fmt, ...)
{
	struct probe_info *i = &p->info[p->ninfo];
	va_list ap;

	if (p->ninfo + 1 < SAMPLE_PROBES)
		p->ninfo++;
	snprintf(i->name, sizeof(i->name), "%s", name);
	i->status = status;
	va_start(ap, fmt);
	vsnprintf(i->reason, sizeof(i->reason), fmt, ap);
	va_end(ap);
}

struct vcpu_count {
	uint32_t vcpus;
};

static void count_vcpu(const struct vmp_file *f, void *arg)
{
	struct vcpu_count *c = arg;

	c->vcpus += f->kind == VMP_FILE_VCPU;
}

/*
 * Room for twice the vCPUs that there are; one that is started with its host sees
 * none yet, so also for those that such a host may get.
 */
static uint32_t choose_slots(struct probe *p, const struct probe_options *o, uint32_t cpus)
{
	uint32_t least = cpus > MIN_SLOTS / SLOTS_PER_CPU ? cpus * SLOTS_PER_CPU : MIN_SLOTS;
	struct vcpu_count c = {0};

	if (o->max_vcpus)
		return o->max_vcpus < PROBE_MAX_VCPUS ? o->max_vcpus : PROBE_MAX_VCPUS;
	probe_files(p, count_vcpu, &c);
	if (c.vcpus > PROBE_MAX_VCPUS / 2 || least > PROBE_MAX_VCPUS)
		return PROBE_MAX_VCPUS;
	return 2 * c.vcpus > least ? 2 * c.vcpus : least;
}

static int map_slots(struct probe *p)
{
	p->slots = map_array(p->exit->maps.slots, (size_t)p->nslots * sizeof(*p->slots), &p->slots_size);
	if (!p->slots)
		return -errno;
	p->cpu_ns = map_array(p->exit->maps.cpu_ns, (size_t)p->nslots * p->ncpus * sizeof(*p->cpu_ns),
			      &p->cpu_ns_size);
	if (!p->cpu_ns)
		return -errno;
	p->cpu_node = map_array(p->exit->maps.cpu_node, p->ncpus * sizeof(*p->cpu_node), &p->cpu_node_size);
	if (!p->cpu_node)
		return -errno;
	for (uint32_t i = 0; i < p->nslots; i++)
		if (bpf_map_update_elem(bpf_map__fd(p->exit->maps.free_slots), NULL, &i, BPF_ANY))
			return -errno;
	return counts_map(&p->counts);
}

static int on_news(void *ctx, void *data, size_t size)
{
	struct probe *p = ctx;
	uint32_t slot;

	if (size >= sizeof(slot) && p->news_fn) {
		memcpy(&slot, data, sizeof(slot));
		p->news_fn(slot, p->news_arg);
	}
	return 0;
}

/* Attaches each program by itself: one that fails does not take the others along. */
static int attach(struct probe *p)
{
	int n = 0;

	for (unsigned int i = 0; i < p->nprograms; i++) {
		struct program *g = &p->programs[i];

		if (!g->prog) {
			add_info(p, g->hook, PROBE_UNAVAILABLE, "%s", g->why);
			continue;
		}
		*g->link = bpf_program__attach(g->prog);
		if (*g->link) {
			n += !strncmp(g->hook, "kvm_", 4);
			add_info(p, g->hook, PROBE_ACTIVE, "%s", "");
		} else {
			add_info(p, g->hook, PROBE_FAILED, "attaching failed: %s", strerror(errno));
		}
	}
	/* without it threads that sleep are observed from their first event on */
	p->threads_link = bpf_program__attach_iter(p->exit->progs.seed_threads, NULL);
	if (!p->threads_link)
		log_info("vCPU threads are seen from their first event on: %s", strerror(errno));
	return n;
}

static uint32_t isa_of(const char *vendor)
{
	if (!strcmp(vendor, "kvm_amd"))
		return VMP_ISA_SVM;
	return strcmp(vendor, "kvm_intel") ? VMP_ISA_NONE : VMP_ISA_VMX;
}

static void size_maps(struct probe *p, const struct probe_options *o, const struct host_info *host)
{
	struct exit_bpf *x = p->exit;
	int cpus = libbpf_num_possible_cpus();

	p->nslots = choose_slots(p, o, host->cpus);
	p->ncpus = cpus > 0 ? (uint32_t)cpus : 1;
	bpf_map__set_max_entries(x->maps.slots, p->nslots);
	bpf_map__set_max_entries(x->maps.free_slots, p->nslots);
	bpf_map__set_max_entries(x->maps.cpu_ns, p->nslots);
	bpf_map__set_value_size(x->maps.cpu_node, p->ncpus * (uint32_t)sizeof(uint32_t));
	bpf_map__set_value_size(x->maps.cpu_ns, p->ncpus * (uint32_t)sizeof(uint64_t));
	x->rodata->ncpus = p->ncpus;
	p->counting = counting_new(o->events, o->pmus, p->ncpus);
	p->stale = mem_zalloc(p->ncpus, sizeof(*p->stale));
	counts_size(&p->counts, x, p->counting, p->nslots, p->ncpus);
	bpf_map__set_max_entries(x->maps.seeds, probe_numbers(p));
	/* the cast takes types of vmlinux only */
	x->rodata->rdonly_cast = features_function("bpf_rdonly_cast") && features_vmlinux("kvm_vcpu");
}

static enum probe_error load(struct probe *p, const struct probe_options *o, const struct host_info *host,
			     char *why, int whysize)
{
	struct exit_bpf *x = p->exit = exit_bpf__open();
	bool kvm = false;
	int err;

	if (!x) {
		set_why(why, whysize, "cannot open the BPF object: %s", strerror(errno));
		return PROBE_ERROR;
	}
	size_maps(p, o, host);
	p->nprograms = programs_choose(x, host->kvm_vendor, p->programs);
	for (unsigned int i = 0; i < p->nprograms; i++)
		kvm |= p->programs[i].prog && !strncmp(p->programs[i].hook, "kvm_", 4);
	if (!kvm) {
		set_why(why, whysize,
			"KVM of kernel %s has none of the tracepoints kvm_entry, kvm_exit, "
			"kvm_userspace_exit: a kernel built with CONFIG_TRACEPOINTS is needed",
			host->kernel);
		return PROBE_NO_TRACEPOINT;
	}
#ifdef __x86_64__
	x->rodata->vendor_isa = isa_of(host->kvm_vendor);
#else
	(void)isa_of;
#endif
	err = exit_bpf__load(x);
	features_close();
	if (err) {
		err = errno;
		set_why(why, whysize,
			"the kernel refused the BPF programs: %s (vmperf -vv shows its words; "
			"vmperf doctor what this host lacks)",
			strerror(err));
		return err == EPERM ? PROBE_NO_PRIVILEGE : PROBE_ERROR;
	}
	return PROBE_OK;
}

static enum probe_error open_all(struct probe *p, const struct probe_options *o, char *why, int whysize)
{
	struct host_info host;
	enum probe_error e;
	const char *missing;
	int err;

	hostinfo_read(&host);
	if (!host.kvm_loaded) {
		set_why(why, whysize, "KVM is not loaded: load kvm_intel or kvm_amd (modprobe)");
		return PROBE_NO_KVM;
	}
	if (!features_btf()) {
		set_why(why, whysize,
			"this kernel (%s) has no BTF: /sys/kernel/btf/vmlinux is missing; a kernel built "
			"with CONFIG_DEBUG_INFO_BTF is needed",
			host.kernel);
		return PROBE_NO_BTF;
	}
	missing = privilege_missing(!features_kvm_builtin());
	if (missing) {
		set_why(why, whysize, "cannot load BPF programs: this user lacks %s; run it as root (sudo)",
			missing);
		return PROBE_NO_PRIVILEGE;
	}
	err = iter_open(&p->iter);
	if (err) {
		/* without it VMs are still found by their events */
		add_info(p, "vm_files", PROBE_FAILED, "VMs that have not run yet stay unseen: %s",
			 strerror(-err));
	} else {
		add_info(p, "vm_files", PROBE_ACTIVE, "%s", "");
	}
	e = load(p, o, &host, why, whysize);
	if (e)
		return e;
	err = map_slots(p);
	if (err) {
		set_why(why, whysize,
			"cannot map the tables of %u vCPUs on %u CPUs: %s (--max-vcpus makes them smaller)",
			p->nslots, p->ncpus, strerror(-err));
		return PROBE_ERROR;
	}
	p->news = ring_buffer__new(bpf_map__fd(p->exit->maps.news), on_news, p, NULL);
	if (!p->news) {
		set_why(why, whysize, "cannot map a ring buffer: %s", strerror(errno));
		return PROBE_ERROR;
	}
	if (!attach(p)) {
		set_why(why, whysize, "no probe could be attached: %s", p->info[p->ninfo - 1].reason);
		return PROBE_ERROR;
	}
	err = counting_start(p->counting, bpf_map__fd(p->exit->maps.event_fds));
	if (err)
		log_info("events of CPUs that come later are not counted: %s", strerror(-err));
	p->on = counting_bits(p->counting, UINT32_MAX);
	return PROBE_OK;
}

enum probe_error probe_open(const struct probe_options *o, struct probe **ret, char *why, int whysize)
{
	struct probe *p = mem_zalloc(1, sizeof(*p));
	enum probe_error e;

	libbpf_set_print(print_libbpf);
	*ret = NULL;
	e = open_all(p, o, why, whysize);
	if (e)
		probe_close(p);
	else
		*ret = p;
	return e;
}

static void seed(const struct vmp_file *f, void *arg)
{
	const struct probe *p = arg;

	if (f->kind == VMP_FILE_VCPU && f->tid)
		bpf_map_update_elem(bpf_map__fd(p->exit->maps.seeds), &f->tid, &f->vcpu_id, BPF_ANY);
}

void probe_start(struct probe *p, uint64_t *begin_ns, uint64_t *end_ns)
{
	*begin_ns = clock_now(CLOCK_MONOTONIC);
	__atomic_store_n(&p->exit->bss->gate, 1, __ATOMIC_RELEASE);
	if (p->threads_link) {
		probe_files(p, seed, p);
		iter_run(p->threads_link);
	}
	counts_flush_all(&p->counts);
	*end_ns = clock_now(CLOCK_MONOTONIC);
}

void probe_adopt(struct probe *p, const uint32_t *tids, size_t n)
{
	int fd = bpf_map__fd(p->exit->maps.seeds);
	const int32_t other = VMP_SEED_OTHER;

	if (!n || !p->threads_link)
		return;
	for (size_t i = 0; i < n; i++)
		bpf_map_update_elem(fd, &tids[i], &other, BPF_ANY);
	iter_run(p->threads_link);
	for (size_t i = 0; i < n; i++)
		bpf_map_delete_elem(fd, &tids[i]);
	/* those that are on a CPU count from now on, not from their next switch */
	counts_flush_all(&p->counts);
}

int probe_files(struct probe *p, probe_file_fn fn, void *arg)
{
	return iter_files(p->iter, fn, arg);
}

int probe_threads(struct probe *p, struct probe_process *processes, size_t n, probe_thread_fn fn, void *arg)
{
	return iter_threads(p->iter, processes, n, fn, arg);
}

int probe_news_fd(const struct probe *p)
{
	return ring_buffer__epoll_fd(p->news);
}

void probe_news(struct probe *p, probe_news_fn fn, void *arg)
{
	p->news_fn = fn;
	p->news_arg = arg;
	ring_buffer__consume(p->news);
	p->news_fn = NULL;
}

uint32_t probe_slots(const struct probe *p)
{
	return p->nslots;
}

bool probe_slot(const struct probe *p, uint32_t i, struct vmp_slot *ret, uint64_t *cpu_ns)
{
	const struct vmp_slot *s = &p->slots[i];
	size_t used;

	/*
	 * The thread writes begin first and since last.  The limit: one that
	 * does nothing but exit still leaves most copies undisturbed; after so
	 * many tries the last copy, torn by one event at most, is better than
	 * none.
	 */
	for (int tries = 0; tries < 1000; tries++) {
		uint64_t since = __atomic_load_n(&s->since, __ATOMIC_ACQUIRE);

		if (__atomic_load_n(&s->life, __ATOMIC_ACQUIRE) == VMP_FREE)
			return false;
		used = s->used < VMP_EXITS ? s->used : VMP_EXITS;
		memcpy(ret, s, offsetof(struct vmp_slot, exit) + used * sizeof(s->exit[0]));
		if (cpu_ns)
			memcpy(cpu_ns, p->cpu_ns + (size_t)i * p->ncpus, p->ncpus * sizeof(*cpu_ns));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (ret->since == since && ret->begin == since &&
		    __atomic_load_n(&s->begin, __ATOMIC_ACQUIRE) == since)
			break;
	}
	if (ret->used > VMP_EXITS)
		ret->used = VMP_EXITS;
	return true;
}

struct sample_event *probe_events(struct probe *p, uint32_t *n)
{
	return counting_list(p->counting, n);
}

uint32_t probe_numbers(const struct probe *p)
{
	return p->nslots + p->counts.nothers;
}

bool probe_other(const struct probe *p, uint32_t i, struct vmp_other *ret)
{
	return counts_other(&p->counts, i, ret);
}

void probe_counts(const struct probe *p, uint32_t i, struct vmp_count *ret)
{
	counts_read(&p->counts, i, ret);
}

void probe_flush(struct probe *p)
{
	counts_flush(&p->counts);
}

bool probe_want(struct probe *p, uint32_t kinds)
{
	uint32_t on = counting_bits(p->counting, kinds);

	if (on == p->on)
		return on;
	/* what goes is not read any more before it is closed, what comes is open before it is read */
	counts_want(&p->counts, p->on & on);
	counting_want(p->counting, on);
	counts_want(&p->counts, on);
	p->on = on;
	return on;
}

void probe_reopen(struct probe *p)
{
	counts_stale(&p->counts, p->stale);
	counting_update(p->counting, p->stale);
}

uint32_t *probe_cpu_node(struct probe *p)
{
	return p->cpu_node;
}

uint32_t probe_cpus(const struct probe *p)
{
	return p->ncpus;
}

void probe_recycle(struct probe *p, uint32_t i)
{
	counts_recycle(&p->counts, i);
	if (i >= p->nslots)
		return;
	memset(&p->slots[i], 0, sizeof(p->slots[i]));
	memset(p->cpu_ns + (size_t)i * p->ncpus, 0, p->ncpus * sizeof(*p->cpu_ns));
	/* cannot be full: it has room for every slot */
	bpf_map_update_elem(bpf_map__fd(p->exit->maps.free_slots), NULL, &i, BPF_ANY);
}

/* Runs that the kernel skipped because the same program was running on that CPU. */
static uint64_t missed_runs(const struct probe *p)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < p->nprograms; i++) {
		struct bpf_prog_info info = {0};
		__u32 len = sizeof(info);

		if (p->programs[i].prog && *p->programs[i].link &&
		    !bpf_obj_get_info_by_fd(bpf_program__fd(p->programs[i].prog), &info, &len))
			n += info.recursion_misses;
	}
	return n;
}

void probe_loss(const struct probe *p, uint64_t loss[VMP_LOSSES])
{
	memcpy(loss, p->exit->bss->loss, sizeof(p->exit->bss->loss));
	loss[VMP_LOSS_MISSED] = missed_runs(p);
}

unsigned int probe_status(const struct probe *p, struct probe_info *ret, unsigned int max)
{
	unsigned int n = p->ninfo < max ? p->ninfo : max;

	memcpy(ret, p->info, n * sizeof(*ret));
	return n;
}

void probe_close(struct probe *p)
{
	if (!p)
		return;
	ring_buffer__free(p->news);
	if (p->slots)
		munmap(p->slots, p->slots_size);
	if (p->cpu_ns)
		munmap(p->cpu_ns, p->cpu_ns_size);
	if (p->cpu_node)
		munmap(p->cpu_node, p->cpu_node_size);
	counts_unmap(&p->counts);
	counting_free(p->counting);
	free(p->stale);
	bpf_link__destroy(p->threads_link);
	exit_bpf__destroy(p->exit);
	iter_close(p->iter);
	free(p);
}
