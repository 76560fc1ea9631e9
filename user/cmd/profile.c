// SPDX-License-Identifier: GPL-2.0-only
/* vmperf profile: what VMs do, live: the terminal UI, or a table each interval. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../out/profile.h"
#include "child.h"
#include "profile_live.h"
#include "profile_top.h"

struct text {
	const struct settings *s;
	const struct profile_choice *choice;
	struct profile_live *live;
	int signals;
	uint64_t due, end; /* CLOCK_MONOTONIC; end 0: when it is told to */
	unsigned int tables;
	struct buf hints; /* that were told */
};

/* Each once, after the table that they are about. */
static void tell_missing(struct text *t)
{
	struct buf b = {0};
	char *next;

	profile_live_missing(t->live, &b);
	for (char *line = b.data; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (t->hints.data && strstr(t->hints.data, line))
			continue;
		log_note("%s", line);
		buf_printf(&t->hints, "%s\n", line);
	}
	buf_free(&b);
}

/* The interval that has passed.  False: it cannot be written. */
static bool print(struct text *t)
{
	const struct out_options o = {
		.colour = output_colored(t->s->color), .utf8 = output_utf8(), .width = output_width()};
	struct profile *p = profile_live_interval(t->live);
	struct profile_rows rows;
	struct buf b = {0};
	bool ok;

	if (t->tables++)
		buf_puts(&b, "\n");
	profile_rows_make(&rows, p, t->choice->keys, &t->choice->filter);
	out_profile_table(&b, &rows, &o);
	ok = output_write(b.data, b.len);
	profile_rows_free(&rows);
	profile_free(p);
	buf_free(&b);
	tell_missing(t);
	return ok;
}

static void set_due(struct text *t)
{
	uint64_t now = clock_now(CLOCK_MONOTONIC);

	t->due += t->s->interval_ns;
	/* late by more than an interval (stopped, a slow host): those are left out */
	if (t->due < now)
		t->due = now + t->s->interval_ns;
	if (t->end && t->due > t->end)
		t->due = t->end;
}

static void begin(struct text *t)
{
	t->due = clock_now(CLOCK_MONOTONIC);
	t->end = t->s->duration_ns ? t->due + t->s->duration_ns : 0;
	set_due(t);
	profile_live_check(t->live, false);
}

/* Until it is told to end.  False: what and why was said. */
static bool go_on(struct text *t, enum live_status status)
{
	struct child none = {0};
	int ignored;

	for (;;) {
		struct pollfd p[] = {
			{.fd = t->signals, .events = POLLIN},
			{.fd = profile_live_fd(t->live), .events = POLLIN},
			/* nobody reads what comes: seen before it is written */
			{.fd = STDOUT_FILENO},
		};
		int ms = profile_live_timeout(t->live), due;

		if (status == LIVE_READY) {
			due = clock_poll_ms(t->due, clock_now(CLOCK_MONOTONIC));
			ms = due < ms ? due : ms;
		}
		if (poll(p, 3, ms) < 0 && errno != EINTR) {
			log_err("cannot wait for the end of the interval: %s", strerror(errno));
			return false;
		}
		if (p[2].revents & (POLLERR | POLLHUP))
			return true;
		if (p[0].revents && !child_on_signals(&none, t->signals, "", &ignored))
			/* who does not wait for the first table gets what there is of it */
			return status != LIVE_READY || t->tables || print(t);
		if (status == LIVE_WAITING) {
			status = profile_live_open(t->live);
			if (status == LIVE_FAILED)
				return false;
			if (status == LIVE_READY)
				begin(t);
			continue;
		}
		profile_live_turn(t->live);
		if (clock_now(CLOCK_MONOTONIC) < t->due)
			continue;
		if (!print(t))
			return false;
		if (t->end && clock_now(CLOCK_MONOTONIC) >= t->end)
			return true;
		set_due(t);
	}
}

static int text(const struct settings *s, const struct profile_choice *c)
{
	struct text t = {.s = s, .choice = c, .signals = child_signals()};
	int status = STATUS_FAILED;
	enum live_status live;

	if (t.signals < 0) {
		log_err("cannot make descriptors: %s", strerror(errno));
		return STATUS_FAILED;
	}
	t.live = profile_live_new(s);
	live = profile_live_open(t.live);
	if (live == LIVE_READY)
		begin(&t);
	else if (live == LIVE_WAITING)
		log_note("waiting for KVM to be loaded");
	if (live != LIVE_FAILED && go_on(&t, live))
		status = profile_live_check(t.live, true) ? STATUS_DONE : STATUS_FAILED;
	profile_live_free(t.live);
	buf_free(&t.hints);
	close(t.signals);
	return status;
}

int cmd_profile(const struct settings *s)
{
	struct profile_choice choice;

	if (!profile_options(s, "profile", &choice))
		return STATUS_USAGE;
	if (!s->text && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return profile_top(s, &choice);
	return text(s, &choice);
}
