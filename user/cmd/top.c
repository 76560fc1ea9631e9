// SPDX-License-Identifier: GPL-2.0-only
/* vmperf top: the terminal UI.  This thread shows and takes keys, the sampler's measures. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "../probe/privilege.h"
#include "../tui/draw.h"
#include "../tui/term.h"
#include "cmd.h"
#include "live.h"
#include "replay.h"
#include "sampler.h"
#include "terminal.h"
#include "top_settings.h"

struct top {
	const struct settings *s;
	struct live *live; /* NULL: of a record */
	struct record_reader *record;
	struct sampler *sampler;
	struct ui ui;
	struct screen screen;
	struct history history;
	struct pulse *shown; /* whose view the UI has; NULL: none yet */
	struct buf chosen;   /* the patterns of --vm */
	/* while it is paused no pulse is taken, but for one that answers this question; 0: none was asked */
	unsigned int awaited;
	struct terminal terminal;
	bool failed; /* there are no more samples */
};

static struct sampler_options options(const struct top *t)
{
	return (struct sampler_options){
		.interval_ns = t->ui.interval_ns,
		.speed = t->ui.speed,
		.totals = t->ui.totals,
		.paused = t->ui.paused,
		.needs = ui_needs(&t->ui),
	};
}

static bool same(const struct sampler_options *a, const struct sampler_options *b)
{
	return a->interval_ns == b->interval_ns && a->speed == b->speed && a->totals == b->totals &&
	       a->paused == b->paused && a->needs == b->needs;
}

static void draw(struct top *t)
{
	ui_draw(&t->ui, &t->screen);
	term_show(&t->screen, t->ui.theme);
}

static void resize(void *arg)
{
	struct top *t = arg;

	term_size(&t->screen);
	draw(t);
}

/* False: to end. */
static bool on_keys(struct top *t)
{
	struct input in;
	struct ui_todo todo;

	while (in = term_key(), in.key != K_NONE) {
		todo = ui_key(&t->ui, &in);
		switch (todo.what) {
		case TODO_QUIT:
			return false;
		case TODO_STEP:
			sampler_step(t->sampler, todo.steps, todo.seconds);
			break;
		case TODO_RECORD:
			t->awaited = sampler_record(t->sampler, t->ui.recording[0] ? NULL : t->ui.input);
			break;
		case TODO_SAVE:
			top_settings_save(&t->ui);
			break;
		case TODO_REPAINT:
			term_repaint();
			break;
		case TODO_INTERVAL:
			if (!t->record)
				top_settings_save(&t->ui);
			break;
		case TODO_NOTHING:
		case TODO_TOTALS:
		case TODO_PAUSE:
			break;
		}
	}
	return true;
}

/* Takes over what the sampler has to tell, and shows it. */
static void on_pulse(struct top *t)
{
	struct moment m = {.history = &t->history, .chosen = t->chosen.data, .replay = t->record != NULL};
	struct pulse *p = sampler_take(t->sampler), *gone = NULL;

	if (!p)
		return;
	/* it wraps around */
	if ((int)(p->answers - t->awaited) >= 0)
		t->awaited = 0;
	if (p->restart)
		history_clear(&t->history);
	for (unsigned int i = 0; i < p->ndigests; i++)
		history_add(&t->history, p->digests[i]);
	p->ndigests = 0;
	t->failed |= p->ended;
	snprintf(t->ui.recording, sizeof(t->ui.recording), "%.*s", (int)sizeof(t->ui.recording) - 1,
		 p->recording);
	t->ui.recorded_bytes = p->recorded_bytes;
	if (p->message[0])
		ui_say(&t->ui, "%s", p->message);
	m.index = p->index;
	m.count = p->count;
	m.first_ns = p->first_ns;
	m.last_ns = p->last_ns;
	m.source = t->s->replay;
	if (p->view) {
		gone = t->shown;
		t->shown = p;
	}
	m.view = t->shown ? t->shown->view : NULL;
	ui_moment(&t->ui, &m);
	pulse_free(p == t->shown ? gone : p);
}

/* Until it is to end.  The exit status. */
static int loop(struct top *t)
{
	struct sampler_options asked = options(t);

	for (;;) {
		/* what is shown stays while it is paused; a record's steps are shown all the same */
		bool frozen = t->ui.paused && !t->record && !t->awaited;
		struct pollfd p[] = {
			{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = t->terminal.signals, .events = POLLIN},
			{.fd = frozen ? -1 : sampler_fd(t->sampler), .events = POLLIN},
		};
		struct sampler_options now;

		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return STATUS_FAILED;
		if (p[1].revents && !terminal_on_signals(&t->terminal, resize, t))
			return STATUS_DONE;
		if (p[0].revents & POLLIN && !on_keys(t))
			return STATUS_DONE;
		/* the terminal is gone */
		if (p[0].revents & (POLLHUP | POLLERR | POLLNVAL))
			return STATUS_DONE;
		if (p[2].revents)
			on_pulse(t);
		if (t->failed)
			return STATUS_FAILED;
		now = options(t);
		if (!same(&now, &asked)) {
			unsigned int question = sampler_set(t->sampler, &now);

			if (now.totals != asked.totals)
				t->awaited = question;
			asked = now;
		}
		draw(t);
	}
}

static bool check_usage(const struct settings *s, double *speed)
{
	const char *wrong = NULL;

	if (s->replay)
		wrong = s->interval_ns ? "--interval (--speed sets the pace)" : replay_conflict(s);
	else
		wrong = s->at.n ? "--at" : s->speed ? "--speed" : NULL;
	if (wrong)
		log_err("top: %s makes no sense %s --replay", wrong, s->replay ? "with" : "without");
	else if (s->at.n > 1)
		log_err("top: --at can be given once only");
	else if (!replay_speed(s->speed, speed))
		log_err("top: " REPLAY_SPEED_USAGE, s->speed);
	else
		return true;
	return false;
}

/* An exit status. */
static int open_record(struct top *t, uint32_t *at)
{
	t->record = replay_open(t->s->replay);
	if (!t->record)
		return STATUS_FAILED;
	return t->s->at.n ? replay_find(t->record, t->s->replay, t->s->at.items[0], at) : STATUS_DONE;
}

/* Everything is open but the terminal. */
static int run(struct top *t, uint32_t at)
{
	const struct sampler_options o = options(t);
	const char *why = term_open(output_colored(t->s->color));
	int status;

	if (why) {
		log_err("%s", why);
		return STATUS_FAILED;
	}
	terminal_hold_errors(&t->terminal);
	t->screen.colour = output_colored(t->s->color);
	t->sampler = sampler_start(t->live, t->record, at, &t->s->vms, &o);
	if (t->sampler) {
		/* the sampler's thread keeps its own until KVM is there */
		if (privilege_drop())
			ui_say(&t->ui, "cannot drop privileges: %s", strerror(errno));
		resize(t);
		status = loop(t);
	} else {
		log_err("cannot start a thread: %s", strerror(errno));
		status = STATUS_FAILED;
	}
	term_close();
	terminal_release_errors(&t->terminal);
	sampler_stop(t->sampler);
	return status;
}

int cmd_top(const struct settings *s)
{
	struct top *t = mem_zalloc(1, sizeof(*t));
	int status = STATUS_FAILED;
	uint32_t at = 0;
	double speed;

	if (!check_usage(s, &speed)) {
		free(t);
		return STATUS_USAGE;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		log_err("the terminal UI needs a terminal, and standard %s is none: vmperf snapshot prints "
			"once, vmperf record keeps samples",
			isatty(STDIN_FILENO) ? "output" : "input");
		free(t);
		return STATUS_FAILED;
	}
	t->s = s;
	ui_init(&t->ui);
	top_settings_load(&t->ui);
	t->ui.speed = speed;
	for (uint32_t i = 0; i < s->vms.n; i++)
		buf_printf(&t->chosen, "%s%s", i ? ", " : "", s->vms.items[i]);
	if (s->interval_ns)
		t->ui.interval_ns = s->interval_ns;
	if (s->theme)
		t->ui.theme = (enum theme_name)(s->theme - 1);
	if (!terminal_signals(&t->terminal)) {
		log_err("cannot make descriptors: %s", strerror(errno));
	} else if (s->replay) {
		status = open_record(t, &at);
		if (!status)
			status = run(t, at);
	} else {
		const struct moment waiting = {.waiting = "Waiting for KVM to be loaded."};
		enum live_status live;

		t->live = live_new(s, true);
		live = live_open(t->live);
		if (live == LIVE_WAITING)
			ui_moment(&t->ui, &waiting);
		if (live != LIVE_FAILED)
			status = run(t, 0);
	}
	ui_free(&t->ui);
	pulse_free(t->shown);
	history_clear(&t->history);
	screen_free(&t->screen);
	buf_free(&t->chosen);
	record_reader_free(t->record);
	live_free(t->live);
	terminal_close(&t->terminal);
	free(t);
	return status;
}
