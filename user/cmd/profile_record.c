// SPDX-License-Identifier: GPL-2.0-only
/* vmperf profile record: samples of VMs into a perf.data file. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../host/hostinfo.h"
#include "../host/proc.h"
#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../lib/units.h"
#include "../probe/privilege.h"
#include "child.h"
#include "cmd.h"
#include "profile_kernels.h"
#include "profile_recording.h"
#include "progress.h"
#include "sampled_event.h"

#define SECOND 1000000000ULL

/* How long guests are waited for that came together. */
#define GUESTS_MS 1000

/* So many VMs are told one by one at the end. */
#define VMS_TOLD 20

struct recorder {
	const struct settings *s;
	const char *path;
	struct sampled_event asked;
	struct sampling *sampling;
	struct perf_write *writer;
	struct profile_kernel *kernel;
	struct maps_reader *maps;
	struct vms *vms;
	struct guests *guests;
	struct profile_recording *file;
	struct child child;
	int signals, timer;
	uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC */
	struct progress progress;
};

/* Adds "12 samples of 3 VMs, 34.5kB, 12.0s, 0 lost". */
static void add_progress(struct buf *b, const struct recorder *r)
{
	uint64_t samples = profile_recording_samples(r->file), lost = sampling_lost(r->sampling);
	uint32_t vms = profile_recording_nvms(r->file);
	char size[UNITS_SIZE], time[UNITS_SIZE];

	buf_printf(b, "%llu sample%s of %u VM%s, %sB, %s", (unsigned long long)samples,
		   samples == 1 ? "" : "s", vms, vms == 1 ? "" : "s",
		   units_count((double)perf_write_size(r->writer), size),
		   units_ns((double)(r->end_ns - r->begin_ns), time));
	if (lost)
		buf_printf(b, ", %llu samples lost", (unsigned long long)lost);
}

static void tell(struct recorder *r)
{
	struct buf text = {0};

	if (!progress_is_due(&r->progress))
		return;
	add_progress(&text, r);
	progress_tell(&r->progress, r->path, text.data);
	buf_free(&text);
}

static bool fail_write(struct recorder *r, int err)
{
	progress_clear(&r->progress);
	if (err == -EINVAL)
		log_err("%s: a perf.data file is a plain file, that is something else", r->path);
	else
		log_err("%s: cannot be written: %s%s", r->path, strerror(-err),
			err == -ENOSPC || err == -EFBIG || err == -EDQUOT
				? " (make room; what was written before can be read)"
				: "");
	return false;
}

/* "web: 1000 samples: 10.0% sys, 5.00% user, 80.0% guest sys, 5.00% guest user" */
static void tell_vm(const struct profile_recording_vm *vm)
{
	uint64_t sum = 0;
	struct buf b = {0};
	const char *separator = ": ";

	buf_puts(&b, vm->name); /* log_note() makes it safe */
	for (int m = 0; m < PROFILE_MODES; m++)
		sum += vm->samples[m];
	buf_printf(&b, " (%u): %llu sample%s", vm->pid, (unsigned long long)sum, sum == 1 ? "" : "s");
	for (int m = 0; m < PROFILE_MODES; m++) {
		char share[UNITS_SIZE];

		if (!vm->samples[m])
			continue;
		buf_printf(&b, "%s%s %s", separator, units_ratio((double)vm->samples[m] / (double)sum, share),
			   profile_mode_name(m));
		separator = ", ";
	}
	log_note("%s", b.data);
	buf_free(&b);
}

static void tell_vms(const struct recorder *r)
{
	uint32_t n = profile_recording_nvms(r->file);

	for (uint32_t i = 0; i < n && i < VMS_TOLD; i++)
		tell_vm(profile_recording_vm(r->file, i));
	if (n > VMS_TOLD)
		log_note("… and %u VMs more", n - VMS_TOLD);
}

static bool check_asked(const struct recorder *r)
{
	const struct options_list *p = &r->s->vms;
	bool all = true;

	for (uint32_t i = 0; i < p->n; i++) {
		if (profile_recording_met(r->file)[i])
			continue;
		log_err("no VM was called %s (--vm takes a name, glob, UUID or pid); VMs here: %u",
			p->items[i], profile_recording_nvms(r->file) + profile_recording_nothers(r->file));
		all = false;
	}
	return all;
}

/* To the next second, or to the end of the duration: absolute times, so nothing adds up. */
static void set_timer(struct recorder *r)
{
	uint64_t now = clock_now(CLOCK_MONOTONIC), next;
	struct itimerspec t = {0};

	next = r->begin_ns + ((now - r->begin_ns) / SECOND + 1) * SECOND;
	if (r->s->duration_ns && next > r->begin_ns + r->s->duration_ns)
		next = r->begin_ns + r->s->duration_ns;
	t.it_value.tv_sec = (time_t)(next / SECOND);
	t.it_value.tv_nsec = (long)(next % SECOND);
	timerfd_settime(r->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static bool take(struct recorder *r)
{
	int err = profile_recording_take(r->file, r->sampling);

	return !err || fail_write(r, err);
}

/* False: it cannot go on, what and why was said. */
static bool look(struct recorder *r)
{
	int err = profile_recording_look(r->file, r->sampling, GUESTS_MS);

	if (err) {
		progress_clear(&r->progress);
		log_err("cannot look for VMs: %s", strerror(-err));
	}
	return !err;
}

static bool is_over(const struct recorder *r)
{
	return r->s->duration_ns && clock_now(CLOCK_MONOTONIC) - r->begin_ns >= r->s->duration_ns;
}

/* Samples until it is told to end.  False: it could not go on. */
static bool go_on(struct recorder *r, int *status)
{
	if (r->s->argv)
		child_go(&r->child);
	set_timer(r);
	for (;;) {
		struct pollfd p[] = {
			{.fd = r->signals, .events = POLLIN},
			{.fd = r->timer, .events = POLLIN},
			{.fd = sampling_fd(r->sampling), .events = POLLIN},
		};

		if (poll(p, 3, -1) < 0 && errno != EINTR) {
			log_err("cannot wait for samples: %s", strerror(errno));
			return false;
		}
		if (p[0].revents &&
		    !child_on_signals(&r->child, r->signals, r->s->argv ? r->s->argv[0] : "", status))
			return true;
		r->end_ns = clock_now(CLOCK_MONOTONIC);
		if ((p[1].revents || p[2].revents) && !take(r))
			return false;
		if (p[1].revents) {
			if (is_over(r))
				return true;
			if (!look(r))
				return false;
			set_timer(r);
		}
		tell(r);
	}
}

/* What the rings still hold, and all that is known at the end only.  ok: nothing has failed so far. */
static bool finish(struct recorder *r, bool ok)
{
	struct buf vms = {0}, text = {0};
	int err;

	sampling_stop(r->sampling);
	r->end_ns = clock_now(CLOCK_MONOTONIC);
	ok = ok && take(r);
	profile_recording_close(r->file, &vms);
	add_progress(&text, r);
	err = perf_write_end(r->writer, vms.data, vms.len);
	r->writer = NULL;
	progress_clear(&r->progress);
	if (err && ok)
		ok = fail_write(r, err);
	/* of a file that has not all of them, that would not be true */
	if (!err) {
		log_note("%s: %s", r->path, text.data);
		tell_vms(r);
	}
	ok &= check_asked(r);
	if (!profile_recording_nvms(r->file) && !r->s->vms.n)
		log_note("no VM was running: nothing was sampled");
	buf_free(&vms);
	buf_free(&text);
	return ok;
}

/* This process's own arguments; *text holds them. */
static int own_arguments(char **text, char ***ret)
{
	int dir = proc_open("/proc", (uint32_t)getpid()), n = 0;
	size_t len = 0;

	*ret = NULL;
	*text = dir < 0 ? NULL : proc_cmdline(dir, &len);
	if (dir >= 0)
		close(dir);
	if (!*text)
		return 0;
	for (size_t at = 0; at < len; at += strlen(*text + at) + 1) {
		*ret = mem_resize(*ret, (size_t)n + 1, sizeof(**ret));
		(*ret)[n++] = *text + at;
	}
	return n;
}

static bool open_file(struct recorder *r)
{
	const struct sampling_info *info = sampling_info(r->sampling);
	struct perf_write_info w = {
		.attr = info->attr,
		.attr_size = info->attr_size,
		.event = info->event,
		.ids = sampling_ids(r->sampling),
		.nids = info->ncpus,
		.version = "vmperf " VMPERF_VERSION,
		.cpus_possible = info->ncpus,
	};
	char cpu[128], *text, **argv;
	struct host_info host;
	int err;

	hostinfo_read(&host);
	hostinfo_cpu("", cpu, sizeof(cpu));
	w.hostname = host.hostname;
	w.kernel = host.kernel;
	w.arch = host.arch;
	w.cpudesc = cpu;
	w.cpus_online = host.cpus;
	w.argc = own_arguments(&text, &argv);
	w.argv = argv;
	err = perf_write_new(r->path, &w, &r->writer);
	free(argv);
	free(text);
	return !err || fail_write(r, err);
}

/* Whatever takes privileges, then their end, then what needs none. */
static bool begin(struct recorder *r)
{
	const struct sampling_info *info = sampling_info(r->sampling);
	const struct vms_options o = {
		.proc = "/proc", .run = "/run", .libvirt = !r->s->no_libvirt, .uri = r->s->connect};
	struct profile_recording_sources from = {.s = r->s, .w = r->writer};
	int err;

	r->kernel = profile_kernel_new("");
	err = maps_reader_start(&r->maps);
	if (err)
		log_info("no process for what VMMs have mapped: %s", strerror(-err));
	if (privilege_drop()) {
		log_err("cannot drop privileges: %s", strerror(errno));
		return false;
	}
	/* their threads have what this one has now: nothing */
	r->vms = vms_new(&o);
	r->guests = guests_new(r->s);
	from.kernel = r->kernel;
	from.maps = r->maps;
	from.vms = r->vms;
	from.guests = r->guests;
	r->file = profile_recording_new(&from);
	err = profile_kernel_write(r->kernel, r->writer);
	if (err)
		return fail_write(r, err);
	if (!look(r))
		return false;
	err = sampling_start(r->sampling);
	if (err) {
		log_err("%s cannot be sampled: %s", info->event, strerror(-err));
		return false;
	}
	r->begin_ns = r->end_ns = clock_now(CLOCK_MONOTONIC);
	log_info("sampling %s, %u a second and CPU%s%s", info->event, info->freq, info->why[0] ? ": " : "",
		 info->why);
	return true;
}

static int record(struct recorder *r, int *status)
{
	struct sampling_options o = {.freq = r->s->freq, .stacks = r->s->stacks, .way = SAMPLING_RING};
	char why[256];
	bool ok;

	if (!sampled_event_choose(&r->asked, r->s->sample_event, &o))
		return STATUS_FAILED;
	if (sampling_open(&o, &r->sampling, why, sizeof(why))) {
		log_err("%s", why);
		return STATUS_FAILED;
	}
	if (!open_file(r))
		return STATUS_FAILED;
	r->progress = progress_open();
	if (!begin(r)) {
		perf_write_end(r->writer, "", 0);
		return STATUS_FAILED;
	}
	ok = go_on(r, status);
	return finish(r, ok) ? STATUS_DONE : STATUS_FAILED;
}

static void clean_up(struct recorder *r)
{
	profile_recording_free(r->file);
	guests_free(r->guests);
	vms_free(r->vms);
	maps_reader_stop(r->maps);
	profile_kernel_free(r->kernel);
	sampling_close(r->sampling);
	sampled_event_free(&r->asked);
}

int cmd_profile_record(const struct settings *s)
{
	struct recorder r = {.s = s, .path = "perf.data.kvm", .signals = child_signals()};
	const char *name = s->argv ? s->argv[0] : "";
	int status = STATUS_DONE, rc = STATUS_FAILED, err = 0;

	if (s->words.n > 1) {
		log_err("profile record: one FILE only can be written");
		return STATUS_USAGE;
	}
	if (s->words.n)
		r.path = s->words.items[0];
	r.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (r.signals < 0 || r.timer < 0) {
		log_err("cannot make descriptors: %s", strerror(errno));
		return STATUS_FAILED;
	}
	if (s->argv)
		err = child_fork(&r.child, s->argv);
	if (err)
		log_err("cannot start %s: %s", name, strerror(-err));
	else
		rc = record(&r, &status);
	child_leave(&r.child, r.signals, name, &status);
	clean_up(&r);
	return rc ? rc : status;
}
