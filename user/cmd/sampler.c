// SPDX-License-Identifier: GPL-2.0-only
#include "sampler.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../model/metric.h"
#include "../model/select.h"
#include "../tui/restore.h"
#include "player.h"
#include "totals.h"

#define NS_PER_MS 1000000U
/* The first figures are there sooner than those of a whole interval. */
#define FIRST_NS  (250ULL * NS_PER_MS)

struct sampler {
	struct live *live;
	struct player player; /* where this host is not measured */
	const struct options_list *vms;
	pthread_t thread;
	struct pulse_box box;
	int asked; /* eventfd: something is asked of the thread */
	pthread_mutex_t lock;
	/* by the lock */
	struct sampler_options want;
	bool quit, record_end;
	char *record_path;
	int steps, seconds;
	unsigned int questions; /* that were asked so far */
	/* the thread's own */
	struct sampler_options now;
	unsigned int taken_up;            /* of the questions */
	struct sample_ref *last, *before; /* what the view is of; NULL: none yet */
	uint64_t due;                     /* CLOCK_MONOTONIC: the next one */
	uint32_t needs;                   /* that were asked for */
	struct totals totals;
	bool look_back; /* digests of what was before are missing */
	struct record_writer *writer;
	char recording[RECORD_ERROR];
	char message[RECORD_ERROR];
};

static void tell(struct sampler *s, struct pulse *p)
{
	snprintf(p->recording, sizeof(p->recording), "%s", s->recording);
	if (s->writer)
		p->recorded_bytes = record_progress(s->writer).size;
	snprintf(p->message, sizeof(p->message), "%s", s->message);
	s->message[0] = '\0';
	p->answers = s->taken_up;
	if (!s->live)
		player_tell(&s->player, p);
	pulse_put(&s->box, p);
}

/* What totals are since; NULL: from 0. */
static const struct sample *beginning(struct sampler *s)
{
	return s->live ? totals_since(&s->totals, s->now.needs, live_first(s->live))
		       : player_beginning(&s->player);
}

static struct view *interval_view(const struct sampler *s)
{
	/* the first sample of a session tells of nothing but what was there */
	const struct sample *from = s->before ? &s->before->s : s->live ? live_first(s->live) : &s->last->s;

	return view_build(from, &s->last->s);
}

/* Takes both over; before: NULL, there is none in this session. */
static void keep(struct sampler *s, struct sample_ref *before, struct sample_ref *last)
{
	sample_ref_drop(s->before);
	s->before = before;
	sample_ref_drop(s->last);
	s->last = last;
}

static void give_view(struct sampler *s, struct pulse *p, struct view *v)
{
	p->view = v;
	p->ref = sample_ref_take(s->last);
}

/* Tells of what was between the last two samples; shown: to be looked at, not for trends alone. */
static void show(struct sampler *s, bool restart, bool shown)
{
	struct pulse *p = mem_zalloc(1, sizeof(*p));
	struct view *v = interval_view(s);

	p->digests[p->ndigests++] = digest_make(v);
	p->restart = restart;
	if (!shown || s->now.totals) {
		view_free(v);
		v = shown ? view_build(beginning(s), &s->last->s) : NULL;
	}
	if (v)
		give_view(s, p, v);
	tell(s, p);
}

/* False: the message is why what was recorded may be lost. */
static bool stop_recording(struct sampler *s)
{
	char error[RECORD_ERROR];
	bool any, ok;

	if (!s->writer)
		return true;
	any = record_progress(s->writer).samples;
	ok = record_close(s->writer, error);
	if (ok)
		snprintf(s->message, sizeof(s->message), "%.400s %s", s->recording,
			 any ? "is closed" : "is not kept: nothing was recorded");
	else
		snprintf(s->message, sizeof(s->message), "%s", error);
	s->writer = NULL;
	s->recording[0] = '\0';
	return ok;
}

static void record(struct sampler *s, const struct sample *sample)
{
	char error[RECORD_ERROR];

	if (!s->writer || record_add(s->writer, sample, error))
		return;
	stop_recording(s);
	snprintf(s->message, sizeof(s->message), "%s", error);
}

/* False: no more samples can be had. */
static bool sample_host(struct sampler *s, bool shown)
{
	struct sample_ref *to = sample_ref_new();

	if (!live_sample(s->live, &to->s)) {
		sample_ref_drop(to);
		return false;
	}
	select_keep(&to->s, s->vms->items, s->vms->n);
	record(s, &to->s);
	keep(s, s->last ? sample_ref_take(s->last) : NULL, to);
	show(s, false, shown);
	return true;
}

static bool is_asked(void *arg)
{
	const struct sampler *s = arg;
	struct pollfd p = {.fd = s->asked, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/* The digests of the samples before the one that is shown, unless something else is asked meanwhile. */
static void look_back(struct sampler *s)
{
	struct pulse *p = mem_zalloc(1, sizeof(*p));

	p->restart = player_look_back(&s->player, p, is_asked, s, s->message);
	/* what cannot be read is not tried again */
	s->look_back = !p->restart && !s->message[0];
	if (p->restart)
		tell(s, p);
	else
		pulse_free(p);
}

/* When the sample after the one that is shown is to come. */
static void set_due(struct sampler *s)
{
	s->due = clock_now(CLOCK_MONOTONIC) + (uint64_t)((double)player_pause_ns(&s->player) / s->now.speed);
}

/* Shows sample i of the record, and what was before it. */
static void play(struct sampler *s, uint32_t i)
{
	bool jumped = !s->last || i != s->player.at + 1;
	struct sample_ref *from, *to;

	if (!player_go(&s->player, i, s->last, &from, &to, s->message)) {
		/* the rest cannot be read: what is shown stays */
		tell(s, mem_zalloc(1, sizeof(struct pulse)));
		return;
	}
	keep(s, from, to);
	show(s, jumped, true);
	set_due(s);
	if (jumped)
		look_back(s);
}

static void begin_recording(struct sampler *s, const char *path)
{
	const struct record_options o = {.max_files = 1};
	uint64_t cut;

	stop_recording(s);
	s->writer = record_create(path, &o, &cut, s->message);
	if (s->writer)
		snprintf(s->recording, sizeof(s->recording), "%s", path);
}

/* The same interval once more, as it is to be seen now. */
static void again(struct sampler *s)
{
	struct pulse *p = mem_zalloc(1, sizeof(*p));
	const struct sample *from = s->now.totals && s->last ? beginning(s) : NULL;

	/* what has only begun has no totals yet */
	if (s->last && from != &s->last->s)
		give_view(s, p, s->now.totals ? view_build(from, &s->last->s) : interval_view(s));
	tell(s, p);
}

/* False: no more samples can be had. */
static bool apply_needs(struct sampler *s)
{
	uint32_t needs = s->writer ? METRIC_NEEDS_ALL : s->now.needs, more = needs & ~s->needs;

	if (!s->live || needs == s->needs)
		return true;
	live_needs(s->live, needs);
	s->needs = needs;
	if (!s->last || !more)
		return true;
	/* what was not collected so far has a beginning only now; its first figures are there soon */
	if (s->due > clock_now(CLOCK_MONOTONIC) + FIRST_NS)
		s->due = clock_now(CLOCK_MONOTONIC) + FIRST_NS;
	if (!sample_host(s, false))
		return false;
	totals_begin(&s->totals, more, s->last);
	return true;
}

/* Takes up what was asked for.  False: to end. */
static bool take_up(struct sampler *s)
{
	struct sampler_options was = s->now;
	unsigned int questions;
	int steps, seconds;
	bool quit, end;
	char *path;

	pulse_calm(s->asked);
	pthread_mutex_lock(&s->lock);
	s->now = s->want;
	questions = s->questions;
	steps = s->steps;
	seconds = s->seconds;
	path = s->record_path;
	quit = s->quit;
	end = s->record_end;
	s->steps = s->seconds = 0;
	s->record_path = NULL;
	s->record_end = false;
	pthread_mutex_unlock(&s->lock);
	if (quit) {
		free(path);
		return false;
	}
	if (end)
		stop_recording(s);
	if (path)
		begin_recording(s, path);
	free(path);
	if (!apply_needs(s))
		return false;
	s->taken_up = questions;
	if (!s->live && (steps || seconds))
		play(s, player_target(&s->player, steps, seconds));
	else if (s->now.totals != was.totals || end || path)
		again(s);
	if (s->live && s->now.interval_ns != was.interval_ns && s->last)
		s->due = clock_now(CLOCK_MONOTONIC) + s->now.interval_ns;
	if (!s->live && s->last && (s->now.speed != was.speed || s->now.paused != was.paused))
		set_due(s);
	return true;
}

static int wait_ms(const struct sampler *s, bool ready)
{
	int ms, at_most = s->live ? live_timeout(s->live) : -1;

	if (!ready || (!s->live && (s->player.at_end || s->now.paused)))
		return at_most;
	ms = clock_poll_ms(s->due, clock_now(CLOCK_MONOTONIC));
	return at_most >= 0 && ms > at_most ? at_most : ms;
}

/* Nobody is told any more; the last pulse says that this is the end. */
static void end(struct sampler *s)
{
	struct pulse *p = mem_zalloc(1, sizeof(*p));

	p->ended = true;
	tell(s, p);
}

static void host_turn(struct sampler *s, enum live_status *status)
{
	bool was_ready = *status == LIVE_READY;

	*status = live_turn(s->live);
	if (*status != LIVE_READY)
		return;
	if (!was_ready) {
		s->needs = METRIC_NEEDS_ALL;
		if (!apply_needs(s)) {
			*status = LIVE_FAILED;
			return;
		}
		s->due = clock_now(CLOCK_MONOTONIC) +
			 (s->now.interval_ns < FIRST_NS ? s->now.interval_ns : FIRST_NS);
	}
	if (clock_now(CLOCK_MONOTONIC) < s->due)
		return;
	if (!sample_host(s, true)) {
		*status = LIVE_FAILED;
		return;
	}
	/* late by more than an interval (stopped, a slow host): those are left out */
	s->due += s->now.interval_ns;
	if (s->due < clock_now(CLOCK_MONOTONIC))
		s->due = clock_now(CLOCK_MONOTONIC) + s->now.interval_ns;
}

static void *run(void *arg)
{
	struct sampler *s = arg;
	enum live_status status = LIVE_WAITING;
	void *stack = restore_thread();

	if (!s->live)
		play(s, s->player.at);
	while (take_up(s)) {
		struct pollfd p[] = {
			{.fd = s->asked, .events = POLLIN},
			{.fd = s->live ? live_fd(s->live) : -1, .events = POLLIN},
		};

		if (s->live) {
			host_turn(s, &status);
			if (status == LIVE_FAILED)
				break;
		} else if (!s->now.paused && !s->player.at_end && clock_now(CLOCK_MONOTONIC) >= s->due) {
			play(s, s->player.at + 1);
		} else if (s->look_back) {
			look_back(s);
		}
		if (poll(p, 2, wait_ms(s, !s->live || status == LIVE_READY)) < 0 && errno != EINTR)
			break;
	}
	end(s);
	restore_thread_end(stack);
	return NULL;
}

struct sampler *sampler_start(struct live *live, struct record_reader *r, uint32_t first,
			      const struct options_list *vms, const struct sampler_options *o)
{
	struct sampler *s = mem_zalloc(1, sizeof(*s));

	s->live = live;
	s->player = (struct player){.r = r, .vms = vms, .at = first};
	s->vms = vms;
	s->want = s->now = *o;
	pthread_mutex_init(&s->lock, NULL);
	s->asked = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pulse_box_open(&s->box) && s->asked >= 0 && !pthread_create(&s->thread, NULL, run, s))
		return s;
	if (s->asked >= 0)
		close(s->asked);
	pulse_box_close(&s->box);
	pthread_mutex_destroy(&s->lock);
	free(s);
	return NULL;
}

unsigned int sampler_set(struct sampler *s, const struct sampler_options *o)
{
	unsigned int ret;

	pthread_mutex_lock(&s->lock);
	s->want = *o;
	ret = ++s->questions;
	pthread_mutex_unlock(&s->lock);
	pulse_wake(s->asked);
	return ret;
}

void sampler_step(struct sampler *s, int steps, int seconds)
{
	pthread_mutex_lock(&s->lock);
	s->steps += steps;
	s->seconds += seconds;
	pthread_mutex_unlock(&s->lock);
	pulse_wake(s->asked);
}

unsigned int sampler_record(struct sampler *s, const char *path)
{
	unsigned int ret;

	pthread_mutex_lock(&s->lock);
	free(s->record_path);
	s->record_path = path ? mem_strdup(path) : NULL;
	s->record_end = !path;
	ret = ++s->questions;
	pthread_mutex_unlock(&s->lock);
	pulse_wake(s->asked);
	return ret;
}

int sampler_fd(const struct sampler *s)
{
	return s->box.fd;
}

struct pulse *sampler_take(struct sampler *s)
{
	return pulse_take(&s->box);
}

void sampler_stop(struct sampler *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->quit = true;
	pthread_mutex_unlock(&s->lock);
	pulse_wake(s->asked);
	pthread_join(s->thread, NULL);
	if (!stop_recording(s))
		log_err("%s", s->message);
	keep(s, NULL, NULL);
	player_free(&s->player);
	totals_free(&s->totals);
	pulse_box_close(&s->box);
	close(s->asked);
	pthread_mutex_destroy(&s->lock);
	free(s->record_path);
	free(s);
}
