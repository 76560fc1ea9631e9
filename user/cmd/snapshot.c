// SPDX-License-Identifier: GPL-2.0-only
/* vmperf snapshot: measure once and print. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../lib/log.h"
#include "../model/select.h"
#include "../model/view.h"
#include "../out/out.h"
#include "child.h"
#include "cmd.h"
#include "live.h"

struct snapshot {
	const struct settings *s;
	struct live *live;
	bool waiting; /* for KVM */
	struct child child;
	int signals, timer;
};

static int make_descriptors(struct snapshot *n)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	n->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	n->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	return n->signals < 0 || n->timer < 0 ? -errno : 0;
}

/* False: the measurement is over. */
static bool on_signal(struct snapshot *n, int *interrupts, int *status)
{
	struct signalfd_siginfo i;

	while (read(n->signals, &i, sizeof(i)) == sizeof(i)) {
		if (i.ssi_signo == SIGCHLD) {
			if (n->child.pid && n->s->argv && child_ended(&n->child, n->s->argv[0], status))
				return false;
			continue;
		}
		if (!n->child.pid)
			return false;
		/* the terminal tells the command by itself; a second time ends the wait */
		if (i.ssi_signo == SIGTERM)
			kill(n->child.pid, SIGTERM);
		if (++*interrupts > 1)
			return false;
	}
	return true;
}

/* Waits for the interval's or the command's end.  False: cannot go on. */
static bool measure(struct snapshot *n, int *status)
{
	struct itimerspec t = {.it_value = {.tv_sec = (time_t)(n->s->interval_ns / 1000000000U),
					    .tv_nsec = (long)(n->s->interval_ns % 1000000000U)}};
	int interrupts = 0;

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
		if ((p[0].revents && !on_signal(n, &interrupts, status)) || p[1].revents)
			return true;
	}
}

/* Says so of patterns that mean no VM; returns how many those are. */
static int complain(const struct sample *b, const struct options_list *patterns)
{
	int unmatched = 0;

	for (uint32_t i = 0; i < patterns->n; i++) {
		bool any = false;

		for (uint32_t j = 0; j < b->nvms; j++)
			any |= select_vm(patterns->items[i], &b->vms[j]);
		if (!any) {
			log_err("no VM is called %s (--vm takes a name, glob, UUID or pid); VMs here: %u",
				patterns->items[i], b->nvms);
			unmatched++;
		}
	}
	return unmatched;
}

static bool print(const struct settings *s, const struct view *v)
{
	const struct out_options o = {.by = (enum out_by)s->by,
				      .top = s->top,
				      .colour = output_colored(s->color),
				      .utf8 = output_utf8(),
				      .width = output_width()};
	struct buf b = {0};
	bool ok;

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
	}
	ok = output_write(b.data, b.len);
	buf_free(&b);
	return ok;
}

static int finish(struct snapshot *n)
{
	struct sample last;
	struct view *v;
	int unmatched;
	bool ok;

	if (!live_sample(n->live, &last))
		return STATUS_FAILED;
	unmatched = complain(&last, &n->s->vms);
	select_keep(&last, n->s->vms.items, n->s->vms.n);
	v = view_build(live_first(n->live), &last);
	ok = print(n->s, v);
	view_free(v);
	sample_free(&last);
	return ok && !unmatched ? STATUS_DONE : STATUS_FAILED;
}

int cmd_snapshot(const struct settings *s)
{
	struct snapshot n = {.s = s, .signals = -1, .timer = -1};
	int status = STATUS_DONE, err = make_descriptors(&n), rc = STATUS_FAILED;
	enum live_status opened;

	if (err) {
		log_err("cannot make descriptors: %s", strerror(-err));
		return STATUS_FAILED;
	}
	if (s->argv && (err = child_fork(&n.child, s->argv))) {
		log_err("cannot start %s: %s", s->argv[0], strerror(-err));
		return STATUS_FAILED;
	}
	n.live = live_new(s);
	opened = live_open(n.live);
	n.waiting = opened == LIVE_WAITING;
	if (opened != LIVE_FAILED && measure(&n, &status))
		rc = finish(&n);
	child_abandon(&n.child);
	live_free(n.live);
	return rc ? rc : status;
}
