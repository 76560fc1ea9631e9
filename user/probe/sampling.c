// SPDX-License-Identifier: GPL-2.0-only
#include "sampling.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../host/hostinfo.h"
#include "../host/topology.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "features.h"
#include "perf_event.h"
#include "privilege.h"
#include "sampling_parts.h"

/* What stands in the ring at most before its reader is woken. */
#define WATERMARK (256U << 10)

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	log_vat(level == LIBBPF_DEBUG ? 3 : 2, fmt, ap);
	return 0;
}

/* A name of the table of events. */
static struct event_spec named(const char *name)
{
	const struct event_name *row = event_find(name);
	struct event_spec e = {0};

	e.name = (char *)row->name;
	e.group = row->group;
	e.kind = row->kind;
	e.type = row->type;
	e.config = row->config;
	e.core = row->group == EVENT_HARDWARE;
	return e;
}

static void fill_attr(struct sampling *s, const struct event_spec *e, uint32_t cpu)
{
	struct perf_event_attr *a = &s->attr;
	uint64_t config;

	*a = (struct perf_event_attr){
		.size = sizeof(*a),
		.config1 = e->config1,
		.config2 = e->config2,
		.freq = 1,
		.sample_freq = s->info.freq,
		.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
			       PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD,
		.read_format = PERF_FORMAT_ID,
		.sample_id_all = 1,
		.disabled = 1,
		.watermark = 1,
		.wakeup_watermark = WATERMARK,
		.exclude_user = e->exclude_user,
		.exclude_kernel = e->exclude_kernel,
		.exclude_hv = e->exclude_hv,
		/* asked for the guest's part alone, or for the host's */
		.exclude_host = e->guest && !e->host,
		.exclude_guest = e->host && !e->guest,
	};
	/* summed, the program takes the stacks itself, and those of VMs only */
	if (s->stacks && s->info.way == SAMPLING_RING)
		a->sample_type |= PERF_SAMPLE_CALLCHAIN;
	pmus_on_cpu(s->pmus, e, cpu, &a->type, &config);
	a->config = config;
}

static void close_events(struct sampling *s)
{
	for (uint32_t cpu = 0; s->fds && cpu < s->ncpus; cpu++)
		if (s->fds[cpu] >= 0)
			close(s->fds[cpu]);
}

/* On each CPU that is there; 0, or the error of the last that failed if none took it. */
static int open_events(struct sampling *s, const struct event_spec *e)
{
	const uint32_t bytes = (s->ncpus + 7) / 8;
	unsigned char *online = mem_zalloc(bytes, 1);
	struct perf_event_attr first;
	int err = -ENODEV;
	bool any = false;

	if (!topology_online("", online, bytes))
		memset(online, 0xff, bytes);
	for (uint32_t cpu = 0; cpu < s->ncpus; cpu++) {
		long fd;

		s->fds[cpu] = -1;
		s->ids[cpu] = 0;
		if (!topology_has(online, bytes, cpu))
			continue;
		fill_attr(s, e, cpu);
		fd = syscall(SYS_perf_event_open, &s->attr, -1, (int)cpu, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd < 0) {
			err = -errno;
			/* of one kind of CPU in a host of several, the others may have it; or it went */
			if (err != -ENOENT && err != -ENODEV)
				break;
			continue;
		}
		s->fds[cpu] = (int)fd;
		if (ioctl((int)fd, PERF_EVENT_IOC_ID, &s->ids[cpu])) {
			err = -errno;
			break;
		}
		if (!any)
			first = s->attr;
		any = true;
		err = 0;
	}
	free(online);
	if (any)
		s->attr = first;
	if (any && (!err || err == -ENOENT || err == -ENODEV))
		return 0;
	close_events(s);
	for (uint32_t cpu = 0; cpu < s->ncpus; cpu++)
		s->fds[cpu] = -1;
	return err;
}

static void add_why(struct sampling *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add_why(struct sampling *s, const char *fmt, ...)
{
	size_t n = strlen(s->info.why);
	va_list ap;

	if (n && n + 2 < sizeof(s->info.why)) {
		strcpy(s->info.why + n, "; ");
		n += 2;
	}
	va_start(ap, fmt);
	vsnprintf(s->info.why + n, sizeof(s->info.why) - n, fmt, ap);
	va_end(ap);
}

static enum probe_error fail(char *why, int size, enum probe_error e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static enum probe_error fail(char *why, int size, enum probe_error e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, (size_t)size, fmt, ap);
	va_end(ap);
	return e;
}

static enum probe_error event_failed(const struct event_spec *e, int err, char *why, int size)
{
	char text[PERF_EVENT_WHY_SIZE];

	perf_event_why(e, err, text);
	return fail(why, size, err == -EPERM || err == -EACCES ? PROBE_NO_PRIVILEGE : PROBE_ERROR,
		    "%s cannot be sampled: %s", e->name, text);
}

static const char lent[] = "KVM lends the PMU to VMs (enable_mediated_pmu)";

/* The event that was asked for, else cycles, else cpu-clock. */
static enum probe_error choose_event(struct sampling *s, const struct event_spec *asked, char *why, int size)
{
	const struct event_spec cycles = named("cycles"), clock = named("cpu-clock");
	const struct event_spec *e = asked ? asked : &cycles;
	bool mediated = e->core && pmu_mediated("") && !(e->host && !e->guest);
	int err = mediated ? -EBUSY : open_events(s, e);

	if (err && asked && mediated)
		return fail(why, size, PROBE_ERROR,
			    "%s cannot be sampled: %s, and none with a PMU could start: take cpu-clock",
			    e->name, lent);
	if (err && asked)
		return event_failed(e, err, why, size);
	if (err) {
		char text[PERF_EVENT_WHY_SIZE];

		if (err == -EPERM || err == -EACCES)
			return event_failed(e, err, why, size);
		perf_event_why(e, err, text);
		add_why(s, "%s instead of cycles: %s", clock.name, mediated ? lent : text);
		e = &clock;
		err = open_events(s, e);
	}
	if (err)
		return event_failed(e, err, why, size);
	snprintf(s->event, sizeof(s->event), "%s", e->name);
	return PROBE_OK;
}

/* The way, and the program that it takes. */
static enum probe_error load(struct sampling *s, const struct sampling_options *o, char *why, int size)
{
	char text[160] = "";
	int err;

	if (o->way != SAMPLING_RING) {
		s->info.way = SAMPLING_SUMMED;
		err = summed_load(s, o->room, text, sizeof(text));
		if (!err)
			return PROBE_OK;
		if (o->way == SAMPLING_SUMMED)
			return fail(why, size, PROBE_ERROR, "%s: take perf's ring buffers", text);
		add_why(s, "not summed in the kernel: %s", text);
		profile_bpf__destroy(s->bpf);
	}
	s->info.way = SAMPLING_RING;
	s->bpf = profile_bpf__open();
	if (!s->bpf)
		return fail(why, size, PROBE_ERROR, "cannot open the BPF object: %s", strerror(errno));
	bpf_program__set_autoload(s->bpf->progs.profile_ring, true);
	bpf_map__set_autocreate(s->bpf->maps.hits0, false);
	bpf_map__set_autocreate(s->bpf->maps.hits1, false);
	bpf_map__set_autocreate(s->bpf->maps.stacks0, false);
	bpf_map__set_autocreate(s->bpf->maps.stacks1, false);
	bpf_map__set_autocreate(s->bpf->maps.barrier, false);
	if (profile_bpf__load(s->bpf)) {
		err = errno;
		return fail(why, size, err == EPERM ? PROBE_NO_PRIVILEGE : PROBE_ERROR,
			    "the kernel refused the BPF programs: %s (vmperf -vv shows its words; vmperf "
			    "doctor what this host lacks)",
			    strerror(err));
	}
	return PROBE_OK;
}

static int attach(struct sampling *s)
{
	struct bpf_program *p =
		s->info.way == SAMPLING_RING ? s->bpf->progs.profile_ring : s->bpf->progs.profile_summed;

	for (uint32_t cpu = 0; cpu < s->ncpus; cpu++)
		if (s->fds[cpu] >= 0 && ioctl(s->fds[cpu], PERF_EVENT_IOC_SET_BPF, bpf_program__fd(p)))
			return -errno;
	return 0;
}

static enum probe_error check(const struct sampling_options *o, char *why, int size)
{
	struct host_info host;
	const char *missing;
	uint32_t most = UINT32_MAX;

	if (!o->freq || (hostinfo_sample_rate("", &most) && o->freq > most))
		return fail(why, size, PROBE_ERROR,
			    "%u samples a second are not possible here, but 1 to %u "
			    "(kernel.perf_event_max_sample_rate): ask for fewer by --freq",
			    o->freq, most);
	hostinfo_read(&host);
	if (!host.kvm_loaded)
		return fail(why, size, PROBE_NO_KVM,
			    "KVM is not loaded: load kvm_intel or kvm_amd (modprobe)");
	if (!features_btf())
		return fail(why, size, PROBE_NO_BTF,
			    "this kernel (%s) has no BTF: /sys/kernel/btf/vmlinux is missing; a kernel built "
			    "with CONFIG_DEBUG_INFO_BTF is needed",
			    host.kernel);
	missing = privilege_missing(!features_kvm_builtin());
	if (missing)
		return fail(why, size, PROBE_NO_PRIVILEGE,
			    "cannot load BPF programs: this user lacks %s; run it as root (sudo)", missing);
	return PROBE_OK;
}

static enum probe_error open_all(struct sampling *s, const struct sampling_options *o, char *why, int size)
{
	enum probe_error e = check(o, why, size);
	int cpus, err;

	if (e)
		return e;
	cpus = libbpf_num_possible_cpus();
	s->ncpus = cpus > 0 ? (uint32_t)cpus : 1;
	s->info.freq = o->freq;
	s->fds = mem_zalloc(s->ncpus, sizeof(*s->fds));
	s->ids = mem_zalloc(s->ncpus, sizeof(*s->ids));
	memset(s->fds, 0xff, s->ncpus * sizeof(*s->fds));
	err = iter_open(&s->iter);
	if (err)
		return fail(
			why, size, err == -EPERM ? PROBE_NO_PRIVILEGE : PROBE_ERROR,
			"this kernel does not tell which processes are VMs: %s (vmperf doctor tells more)",
			strerror(-err));
	e = load(s, o, why, size);
	if (!e)
		e = choose_event(s, o->event, why, size);
	if (e)
		return e;
	if (s->info.way == SAMPLING_RING) {
		err = ring_map(s);
		if (err)
			return fail(why, size, PROBE_ERROR,
				    "cannot map perf's ring buffers: %s (kernel.perf_event_mlock_kb or "
				    "ulimit -l allow more)",
				    strerror(-err));
	}
	err = attach(s);
	if (err)
		return fail(why, size, PROBE_ERROR, "cannot attach a BPF program to %s: %s", s->event,
			    strerror(-err));
	s->info.event = s->event;
	s->info.ncpus = s->ncpus;
	s->info.attr = &s->attr;
	s->info.attr_size = sizeof(s->attr);
	return PROBE_OK;
}

enum probe_error sampling_open(const struct sampling_options *o, struct sampling **ret, char *why,
			       int whysize)
{
	struct sampling *s = mem_zalloc(1, sizeof(*s));
	enum probe_error e;

	libbpf_set_print(print_libbpf);
	*ret = NULL;
	s->epoll_fd = -1;
	s->pmus = o->pmus;
	s->stacks = o->stacks;
	e = open_all(s, o, why, whysize);
	features_close();
	if (e)
		sampling_close(s);
	else
		*ret = s;
	return e;
}

static int switch_events(struct sampling *s, unsigned long how)
{
	int err = 0;

	for (uint32_t cpu = 0; cpu < s->ncpus; cpu++)
		if (s->fds[cpu] >= 0 && ioctl(s->fds[cpu], how, 0))
			err = -errno;
	return err;
}

int sampling_start(struct sampling *s)
{
	return switch_events(s, PERF_EVENT_IOC_ENABLE);
}

void sampling_stop(struct sampling *s)
{
	switch_events(s, PERF_EVENT_IOC_DISABLE);
}

const struct sampling_info *sampling_info(const struct sampling *s)
{
	return &s->info;
}

int sampling_read(struct sampling *s, sampling_hit_fn fn, void *arg)
{
	if (s->info.way == SAMPLING_SUMMED)
		return summed_read(s, fn, arg);
	ring_read(s, NULL, fn, arg);
	return 0;
}

int sampling_records(struct sampling *s, sampling_record_fn fn, void *arg)
{
	if (s->info.way != SAMPLING_RING)
		return -EINVAL;
	ring_read(s, fn, NULL, arg);
	return 0;
}

int sampling_fd(const struct sampling *s)
{
	return s->epoll_fd;
}

const uint64_t *sampling_ids(const struct sampling *s)
{
	return s->ids;
}

uint64_t sampling_lost(const struct sampling *s)
{
	return s->dropped + __atomic_load_n(&s->bpf->bss->lost, __ATOMIC_RELAXED);
}

void sampling_close(struct sampling *s)
{
	if (!s)
		return;
	if (s->rings || s->epoll_fd >= 0)
		ring_close(s);
	close_events(s);
	summed_close(s);
	profile_bpf__destroy(s->bpf);
	iter_close(s->iter);
	free(s->sampled);
	free(s->fds);
	free(s->ids);
	free(s);
}
