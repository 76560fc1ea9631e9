// SPDX-License-Identifier: GPL-2.0-only
/* vmperf snapshot: measure once and print. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "../model/select.h"
#include "../model/view.h"
#include "../out/out.h"
#include "../out/prom.h"
#include "child.h"
#include "cmd.h"
#include "live.h"
#include "replay.h"
#include "selection.h"

struct snapshot {
	const struct settings *s;
	struct live *live;
	bool waiting; /* for KVM */
	struct child child;
	int signals, timer;
};

/* Waits for the interval's or the command's end.  False: cannot go on. */
static bool measure(struct snapshot *n, int *status)
{
	struct itimerspec t = {.it_value = {.tv_sec = (time_t)(n->s->interval_ns / 1000000000U),
					    .tv_nsec = (long)(n->s->interval_ns % 1000000000U)}};

	log_info("measuring%s", n->waiting ? ": waiting for KVM to be loaded" : "");
	if (n->s->argv)
		child_go(&n->child);
	else
		timerfd_settime(n->timer, 0, &t, NULL);
	for (;;) {
		struct pollfd p[] = {
			{.fd = n->signals, .events = POLLIN},
			{.fd = n->timer, .events = POLLIN},
			{.fd = live_fd(n->live), .events = POLLIN},
		};

		if (poll(p, 3, live_timeout(n->live)) < 0 && errno != EINTR) {
			log_err("cannot wait for the end of the interval: %s", strerror(errno));
			return false;
		}
		if (live_turn(n->live) == LIVE_FAILED)
			return false;
		if (p[0].revents &&
		    !child_on_signals(&n->child, n->signals, n->s->argv ? n->s->argv[0] : "", status))
			return true;
		if (p[1].revents)
			return true;
	}
}

/* VMs that have ended, too: the interval's are what is asked for. */
static void print_prom(struct buf *b, const struct view *v)
{
	const struct tally_options all = {.exits = TALLY_ALL, .ended = true};
	const struct prom_options o = {.tally = &all};
	struct tally *t = tally_new(&all);

	tally_add(t, v);
	out_prom(b, tally_view(t), &o);
	tally_free(t);
}

static bool print(const struct settings *s, const struct view *v)
{
	struct out_options o = {.by = (enum out_by)s->by,
				.top = s->top,
				.colour = output_colored(s->color),
				.utf8 = output_utf8(),
				.width = output_width()};
	struct buf b = {0}, title = {0};
	bool ok;

	if (s->replay) {
		buf_puts(&title, "record ");
		replay_title(&title, s->replay, v);
		o.source = title.data;
	}
	switch (s->format) {
	case FORMAT_TABLE:
		out_table(&b, v, &o);
		break;
	case FORMAT_JSON:
		out_json(&b, v, &o);
		break;
	case FORMAT_CSV:
		out_csv(&b, v, &o);
		break;
	case FORMAT_PROM:
		print_prom(&b, v);
		break;
	}
	ok = output_write(b.data, b.len);
	buf_free(&title);
	buf_free(&b);
	return ok;
}

/* What happened between two samples, of the VMs that were asked for. */
static int show(const struct settings *s, const struct sample *from, struct sample *to)
{
	bool *met = mem_zalloc(s->vms.n, sizeof(*met)), ok;
	struct view *v;

	selection_meet(&s->vms, to, met);
	ok = selection_check(&s->vms, met, to->nvms);
	free(met);
	select_keep(to, s->vms.items, s->vms.n);
	v = view_build(from, to);
	ok &= print(s, v);
	view_free(v);
	return ok ? STATUS_DONE : STATUS_FAILED;
}

static int finish(struct snapshot *n)
{
	struct sample last;
	int status;

	if (!live_sample(n->live, &last))
		return STATUS_FAILED;
	status = show(n->s, live_first(n->live), &last);
	sample_free(&last);
	return status;
}

/* Of a record instead of this host. */
static int replay(const struct settings *s)
{
	const char *wrong = replay_conflict(s);
	struct record_reader *r;
	struct sample from, to;
	int status;

	if (wrong || s->at.n > 1) {
		log_err("snapshot: %s%s", wrong ? wrong : "--at can be given once only",
			wrong ? " makes no sense with --replay" : "");
		return STATUS_USAGE;
	}
	r = replay_open(s->replay);
	if (!r)
		return STATUS_FAILED;
	status = replay_pick(r, s->replay, s->at.n ? s->at.items[0] : NULL, s->interval_ns, &from, &to);
	record_reader_free(r);
	if (status)
		return status;
	status = show(s, &from, &to);
	sample_free(&from);
	sample_free(&to);
	return status;
}

static int measure_here(const struct settings *s)
{
	struct snapshot n = {.s = s, .signals = child_signals(), .timer = -1};
	int status = STATUS_DONE, err, rc = STATUS_FAILED;
	enum live_status opened;

	n.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (n.signals < 0 || n.timer < 0) {
		log_err("cannot make descriptors: %s", strerror(errno));
		return STATUS_FAILED;
	}
	if (s->argv && (err = child_fork(&n.child, s->argv))) {
		log_err("cannot start %s: %s", s->argv[0], strerror(-err));
		return STATUS_FAILED;
	}
	n.live = live_new(s, s->format == FORMAT_TABLE);
	opened = live_open(n.live);
	n.waiting = opened == LIVE_WAITING;
	if (opened != LIVE_FAILED && measure(&n, &status))
		rc = finish(&n);
	child_leave(&n.child, n.signals, s->argv ? s->argv[0] : "", &status);
	live_free(n.live);
	return rc ? rc : status;
}

int cmd_snapshot(const struct settings *s)
{
	if (s->replay)
		return replay(s);
	if (s->at.n) {
		log_err("snapshot: --at is a time in a record (name it with --replay)");
		return STATUS_USAGE;
	}
	return measure_here(s);
}
