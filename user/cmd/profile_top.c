// SPDX-License-Identifier: GPL-2.0-only
/* The profile's view: this thread shows and takes keys, the worker's samples and names. */
#include "profile_top.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../lib/output.h"
#include "../probe/privilege.h"
#include "../probe/sampling.h"
#include "../tui/profile_draw.h"
#include "../tui/term.h"
#include "profile_worker.h"
#include "terminal.h"
#include "top_settings.h"

struct profile_top {
	const struct settings *s;
	struct profile_live *live;
	struct profile_worker *worker;
	struct profile_ui ui;
	struct screen screen;
	struct terminal terminal;
	/* intervals, the newest at (n - 1) % PROFILE_WINDOW */
	struct profile *window[PROFILE_WINDOW];
	unsigned int n;
	struct profile *all;   /* their sum since the start, or z; NULL: none yet */
	struct profile *shown; /* that the UI has */
	struct profile_moment now;
	struct buf chosen, note;
	struct buf shown_note; /* that the UI has */
	uint64_t due;          /* CLOCK_MONOTONIC: --duration ends; 0: never */
	bool waiting, failed;
};

/* What is shown is a sum of its own: intervals go while the screen is stopped. */
static struct profile *sum(const struct profile_top *t)
{
	unsigned int first = t->n > PROFILE_WINDOW ? t->n - PROFILE_WINDOW : 0;
	struct profile *ret;

	if (!t->n)
		return NULL;
	ret = profile_new();
	if (t->ui.sum == PROFILE_SUM_ALL)
		profile_merge(ret, t->all);
	if (t->ui.sum == PROFILE_SUM_LAST)
		first = t->n - 1;
	for (unsigned int i = first; i < t->n && t->ui.sum != PROFILE_SUM_ALL; i++)
		profile_merge(ret, t->window[i % PROFILE_WINDOW]);
	return ret;
}

static void show(struct profile_top *t)
{
	struct profile *gone = t->shown;

	t->shown = sum(t);
	t->now.profile = t->shown;
	/* a copy: the next interval's comes while the screen is stopped, too */
	t->shown_note.len = 0;
	buf_puts(&t->shown_note, t->note.data ? t->note.data : "");
	t->now.note = t->shown_note.data;
	t->now.waiting = t->waiting ? "Waiting for KVM to be loaded." : NULL;
	profile_ui_moment(&t->ui, &t->now);
	profile_free(gone);
}

static void zero(struct profile_top *t)
{
	for (unsigned int i = 0; i < PROFILE_WINDOW; i++) {
		profile_free(t->window[i]);
		t->window[i] = NULL;
	}
	profile_free(t->all);
	t->all = NULL;
	t->n = 0;
}

static void keep(struct profile_top *t, struct profile *p)
{
	struct profile **at = &t->window[t->n % PROFILE_WINDOW];

	t->now.lost += p->lost;
	if (!t->all)
		t->all = profile_new();
	profile_merge(t->all, p);
	profile_free(*at);
	*at = p;
	t->n++;
}

static void take_note(struct profile_top *t, const struct profile_pulse *p)
{
	t->note.len = 0;
	if (p->info && p->info->why[0])
		buf_printf(&t->note, "%s\n", p->info->why);
	buf_puts(&t->note, p->missing ? p->missing : "");
}

static void on_pulses(struct profile_top *t)
{
	struct profile_pulse *p;
	bool any = false;

	while ((p = profile_worker_take(t->worker))) {
		t->failed |= p->ended;
		if (p->info) {
			t->now.event = p->info->event;
			t->now.freq = p->info->freq;
		}
		if (p->profile) {
			t->waiting = false;
			t->now.real_ns = p->real_ns;
			take_note(t, p);
			keep(t, p->profile);
			p->profile = NULL;
			any = true;
		}
		profile_pulse_free(p);
	}
	if (any && !t->ui.paused)
		show(t);
}

static void draw(struct profile_top *t)
{
	profile_ui_draw(&t->ui, &t->screen);
	term_show(&t->screen, t->ui.theme);
}

static void resize(void *arg)
{
	struct profile_top *t = arg;

	term_size(&t->screen);
	draw(t);
}

/* False: to end. */
static bool on_keys(struct profile_top *t)
{
	struct input in;

	while (in = term_key(), in.key != K_NONE) {
		switch (profile_ui_key(&t->ui, &in)) {
		case PROFILE_TODO_QUIT:
			return false;
		case PROFILE_TODO_ZERO:
			zero(t);
			show(t);
			break;
		case PROFILE_TODO_SUM:
			show(t);
			break;
		case PROFILE_TODO_PAUSE:
			if (!t->ui.paused)
				show(t);
			break;
		case PROFILE_TODO_INTERVAL:
			profile_worker_interval(t->worker, t->ui.interval_ns);
			break;
		case PROFILE_TODO_REPAINT:
			term_repaint();
			break;
		case PROFILE_TODO_NOTHING:
			break;
		}
	}
	return true;
}

/* Until it is to end.  The exit status. */
static int loop(struct profile_top *t)
{
	for (;;) {
		struct pollfd p[] = {
			{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = t->terminal.signals, .events = POLLIN},
			{.fd = profile_worker_fd(t->worker), .events = POLLIN},
		};
		uint64_t now = clock_now(CLOCK_MONOTONIC);

		if (t->due && now >= t->due)
			return STATUS_DONE;
		if (poll(p, 3, t->due ? clock_poll_ms(t->due, now) : -1) < 0 && errno != EINTR)
			return STATUS_FAILED;
		if (p[1].revents && !terminal_on_signals(&t->terminal, resize, t))
			return STATUS_DONE;
		if (p[0].revents & POLLIN && !on_keys(t))
			return STATUS_DONE;
		/* the terminal is gone */
		if (p[0].revents & (POLLHUP | POLLERR | POLLNVAL))
			return STATUS_DONE;
		if (p[2].revents)
			on_pulses(t);
		if (t->failed)
			return STATUS_FAILED;
		draw(t);
	}
}

/* Everything is open but the terminal. */
static int run(struct profile_top *t)
{
	bool colour = output_colored(t->s->color);
	const char *why = term_open(colour);
	int status = STATUS_FAILED;

	if (why) {
		log_err("%s", why);
		return status;
	}
	terminal_hold_errors(&t->terminal);
	t->screen.colour = colour;
	t->worker = profile_worker_start(t->live, t->waiting, t->ui.interval_ns);
	if (t->worker) {
		/* the worker keeps its own until KVM is there */
		if (privilege_drop())
			profile_ui_say(&t->ui, "cannot drop privileges: %s", strerror(errno));
		resize(t);
		status = loop(t);
	} else {
		log_err("cannot start a thread: %s", strerror(errno));
	}
	term_close();
	terminal_release_errors(&t->terminal);
	profile_worker_stop(t->worker);
	return status;
}

static void set_up(struct profile_top *t, const struct profile_choice *c)
{
	struct ui *saved = mem_zalloc(1, sizeof(*saved));

	/* the theme is that of vmperf top */
	ui_init(saved);
	top_settings_load(saved);
	profile_ui_init(&t->ui);
	t->ui.theme = saved->theme;
	t->ui.interval_ns = t->s->interval_ns;
	t->ui.modes = c->filter.modes;
	t->ui.limit = c->filter.limit;
	/* of --sort what there is here */
	if (c->keys & 1U << PROFILE_BY_VCPU || c->keys & 1U << PROFILE_BY_TID)
		t->ui.group = PROFILE_GROUP_VCPU;
	else if (!(c->keys & 1U << PROFILE_BY_SYMBOL))
		t->ui.group = PROFILE_GROUP_MODULE;
	for (uint32_t i = 0; i < t->s->vms.n; i++)
		buf_printf(&t->chosen, "%s%s", i ? ", " : "", t->s->vms.items[i]);
	t->now.chosen = t->chosen.data;
	ui_free(saved);
	free(saved);
}

int profile_top(const struct settings *s, const struct profile_choice *c)
{
	struct profile_top *t = mem_zalloc(1, sizeof(*t));
	enum live_status live = LIVE_FAILED;
	int status = STATUS_FAILED;

	t->s = s;
	set_up(t, c);
	if (!terminal_signals(&t->terminal)) {
		log_err("cannot make descriptors: %s", strerror(errno));
	} else {
		t->live = profile_live_new(s);
		live = profile_live_open(t->live);
	}
	if (live != LIVE_FAILED) {
		t->waiting = live == LIVE_WAITING;
		t->due = s->duration_ns ? clock_now(CLOCK_MONOTONIC) + s->duration_ns : 0;
		show(t);
		status = run(t);
	}
	terminal_close(&t->terminal);
	profile_ui_free(&t->ui);
	zero(t);
	profile_free(t->shown);
	screen_free(&t->screen);
	buf_free(&t->chosen);
	buf_free(&t->note);
	buf_free(&t->shown_note);
	profile_live_free(t->live);
	free(t);
	return status;
}
