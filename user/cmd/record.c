// SPDX-License-Identifier: GPL-2.0-only
/* vmperf record: samples into a file. */
#include "../record/record.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../lib/units.h"
#include "../model/select.h"
#include "child.h"
#include "cmd.h"
#include "live.h"
#include "progress.h"
#include "selection.h"

#define SECOND 1000000000ULL

struct recorder {
	const struct settings *s;
	const char *path;
	struct record_writer *writer;
	struct live *live;
	struct child child;
	int signals, timer;
	bool begun;            /* the first sample is written; before, it waits for KVM */
	uint64_t begin_ns;     /* that sample's (CLOCK_MONOTONIC); intervals count from there */
	uint64_t last_ns;      /* the last sample's */
	uint32_t vms, vms_now; /* at most at once; in the last sample */
	uint32_t vms_there;    /* at most at once, those that were not asked for, too */
	bool *met;             /* by pattern of --vm: a VM of that name was there */
	struct progress progress;
};

/* Adds "12 samples of 3 VMs, 34.5kB, 12.0s". */
static void add_progress(struct buf *b, const struct recorder *r, uint32_t vms)
{
	struct record_progress p = record_progress(r->writer);
	char size[UNITS_SIZE], time[UNITS_SIZE];

	buf_printf(b, "%llu sample%s of %u VM%s, %sB, %s", (unsigned long long)p.samples,
		   p.samples == 1 ? "" : "s", vms, vms == 1 ? "" : "s", units_count((double)p.bytes, size),
		   units_ns((double)(r->last_ns - r->begin_ns), time));
	if (p.rotated)
		buf_printf(b, ", %u times a new file", p.rotated);
}

static void tell(struct recorder *r)
{
	struct buf text = {0};

	if (!progress_is_due(&r->progress))
		return;
	if (r->begun)
		add_progress(&text, r, r->vms_now);
	else
		buf_puts(&text, "waiting for KVM to be loaded");
	progress_tell(&r->progress, r->path, text.data);
	buf_free(&text);
}

/* Writes a sample, of which only the VMs that were asked for stay. */
static bool add(struct recorder *r, const struct sample *s)
{
	char error[RECORD_ERROR];

	if (!record_add(r->writer, s, error)) {
		progress_clear(&r->progress);
		log_err("%s", error);
		return false;
	}
	r->last_ns = s->mono_ns;
	r->vms_now = s->nvms;
	if (s->nvms > r->vms)
		r->vms = s->nvms;
	return true;
}

static bool take_sample(struct recorder *r)
{
	struct sample s;
	bool ok;

	if (!live_sample(r->live, &s))
		return false;
	selection_meet(&r->s->vms, &s, r->met);
	if (s.nvms > r->vms_there)
		r->vms_there = s.nvms;
	select_keep(&s, r->s->vms.items, r->s->vms.n);
	ok = add(r, &s);
	sample_free(&s);
	return ok;
}

/* Everything is counted from the first sample on. */
static bool begin(struct recorder *r)
{
	const struct options_list *p = &r->s->vms;
	const struct sample *first = live_first(r->live);
	struct sample s = *first;
	bool ok;

	/* it belongs to the other: VMs that stay are in both */
	s.vms = mem_zalloc(first->nvms, sizeof(*s.vms));
	s.nvms = 0;
	for (uint32_t i = 0; i < first->nvms; i++)
		if (select_any(p->items, p->n, &first->vms[i]))
			s.vms[s.nvms++] = first->vms[i];
	r->begin_ns = s.mono_ns;
	ok = add(r, &s);
	free(s.vms);
	r->begun = ok;
	return ok;
}

/* To the next interval's end, or to that of the duration: absolute times, so nothing adds up. */
static void set_timer(struct recorder *r)
{
	uint64_t interval = r->s->interval_ns, now = clock_now(CLOCK_MONOTONIC), next;
	struct itimerspec t = {0};

	next = r->begin_ns + ((now - r->begin_ns) / interval + 1) * interval;
	if (r->s->duration_ns && next > r->begin_ns + r->s->duration_ns)
		next = r->begin_ns + r->s->duration_ns;
	t.it_value.tv_sec = (time_t)(next / SECOND);
	t.it_value.tv_nsec = (long)(next % SECOND);
	timerfd_settime(r->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static bool is_over(const struct recorder *r)
{
	return r->s->duration_ns && clock_now(CLOCK_MONOTONIC) - r->begin_ns >= r->s->duration_ns;
}

/* Takes samples until it is told to end, and a last one then.  False: what and why was said. */
static bool go_on(struct recorder *r, int *status)
{
	log_info("recording");
	if (r->s->argv)
		child_go(&r->child);
	for (;;) {
		struct pollfd p[] = {
			{.fd = r->signals, .events = POLLIN},
			{.fd = r->timer, .events = POLLIN},
			{.fd = live_fd(r->live), .events = POLLIN},
		};
		enum live_status is;

		if (poll(p, 3, live_timeout(r->live)) < 0 && errno != EINTR) {
			log_err("cannot wait for the end of the interval: %s", strerror(errno));
			return false;
		}
		is = live_turn(r->live);
		if (is == LIVE_FAILED)
			return false;
		if (is == LIVE_READY && !r->begun) {
			if (!begin(r))
				return false;
			set_timer(r);
		}
		if (p[0].revents &&
		    !child_on_signals(&r->child, r->signals, r->s->argv ? r->s->argv[0] : "", status))
			return !r->begun || take_sample(r);
		if (p[1].revents) {
			if (!take_sample(r))
				return false;
			if (is_over(r))
				return true;
			set_timer(r);
		}
		tell(r);
	}
}

/* The closing line; an exit status. */
static int finish(struct recorder *r)
{
	char error[RECORD_ERROR];
	struct buf text = {0};
	bool ok = true;

	add_progress(&text, r, r->vms);
	if (!record_close(r->writer, error)) {
		log_err("%s", error);
		ok = false;
	}
	r->writer = NULL;
	if (!r->begun) {
		log_err("%s: nothing was recorded: KVM was not loaded (modprobe kvm_amd or kvm_intel)",
			r->path);
		ok = false;
	} else {
		log_note("%s: %s", r->path, text.data);
		ok &= selection_check(&r->s->vms, r->met, r->vms_there);
	}
	buf_free(&text);
	return ok ? STATUS_DONE : STATUS_FAILED;
}

static bool open_record(struct recorder *r)
{
	const struct record_options o = {.max_bytes = r->s->max_size, .max_files = r->s->max_files};
	char error[RECORD_ERROR];
	uint64_t cut;

	r->writer = record_create(r->path, &o, &cut, error);
	if (!r->writer) {
		log_err("%s", error);
		return false;
	}
	if (cut)
		log_warn("%s: %llu bytes at its end, which were no whole sample, are cut off", r->path,
			 (unsigned long long)cut);
	r->progress = progress_open();
	return true;
}

/* Opened before privileges are dropped: the file, the command, the probes. */
static int run(struct recorder *r)
{
	int status = STATUS_DONE, err, rc = STATUS_FAILED;
	enum live_status opened;
	char error[RECORD_ERROR];

	r->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (r->signals < 0 || r->timer < 0) {
		log_err("cannot make descriptors: %s", strerror(errno));
		return STATUS_FAILED;
	}
	if (!open_record(r))
		return STATUS_FAILED;
	if (r->s->argv && (err = child_fork(&r->child, r->s->argv))) {
		log_err("cannot start %s: %s", r->s->argv[0], strerror(-err));
		record_close(r->writer, error);
		return STATUS_FAILED;
	}
	r->live = live_new(r->s, false);
	opened = live_open(r->live);
	if (opened == LIVE_READY && begin(r))
		set_timer(r);
	if (opened == LIVE_WAITING)
		log_info("waiting for KVM to be loaded");
	if ((opened == LIVE_WAITING || r->begun) && go_on(r, &status)) {
		progress_clear(&r->progress);
		rc = finish(r);
	}
	if (r->writer)
		record_close(r->writer, error);
	child_leave(&r->child, r->signals, r->s->argv ? r->s->argv[0] : "", &status);
	live_free(r->live);
	return rc ? rc : status;
}

int cmd_record(const struct settings *s)
{
	struct recorder r = {.s = s, .signals = -1, .timer = -1};
	int status;

	if (s->words.n != 1) {
		log_err("record: %s", s->words.n ? "one FILE only can be written"
						 : "FILE is missing, which the samples are written to");
		return STATUS_USAGE;
	}
	r.path = s->words.items[0];
	r.met = mem_zalloc(s->vms.n, sizeof(*r.met));
	r.signals = child_signals();
	status = run(&r);
	free(r.met);
	return status;
}
