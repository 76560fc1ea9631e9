// SPDX-License-Identifier: GPL-2.0-only
#include "profile_worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../lib/clock.h"
#include "../lib/mem.h"
#include "../tui/restore.h"
#include "pulse.h"

/* The first figures are there sooner than those of a whole interval. */
#define FIRST_NS 500000000ULL
/* Pulses that nobody takes, while the terminal's program is stopped: the oldest is added to the next. */
#define PULSES   32

struct profile_worker {
	struct profile_live *live;
	pthread_t thread;
	int ready, asked; /* eventfd: there is a pulse; something is asked of the thread */
	pthread_mutex_t lock;
	/* by the lock */
	uint64_t interval_ns;
	bool quit;
	struct profile_pulse *first;
	/* the thread's own */
	bool waiting;
	uint64_t due; /* CLOCK_MONOTONIC */
};

void profile_pulse_free(struct profile_pulse *p)
{
	if (!p)
		return;
	profile_free(p->profile);
	free(p->missing);
	free(p);
}

/*
 * The same by function: what the UI shows.  Sums of long times grow with what is
 * told apart.
 */
static struct profile *folded(struct profile *p)
{
	struct profile *ret = profile_new();

	for (size_t i = 0; i < p->nhits; i++)
		p->hits[i].at.addr = 0;
	profile_merge(ret, p);
	profile_free(p);
	return ret;
}

static void put(struct profile_worker *w, struct profile_pulse *p)
{
	struct profile_pulse **end;
	unsigned int n = 0;

	p->info = profile_live_info(w->live);
	p->real_ns = clock_now(CLOCK_REALTIME);
	pthread_mutex_lock(&w->lock);
	for (end = &w->first; *end; end = &(*end)->next)
		n++;
	if (n >= PULSES && w->first->profile && w->first->next->profile) {
		struct profile_pulse *old = w->first;

		profile_merge(old->next->profile, old->profile);
		w->first = old->next;
		profile_pulse_free(old);
	}
	*end = p;
	pthread_mutex_unlock(&w->lock);
	pulse_wake(w->ready);
}

static void interval(struct profile_worker *w)
{
	struct profile_pulse *p = mem_zalloc(1, sizeof(*p));
	struct buf missing = {0};

	p->profile = folded(profile_live_interval(w->live));
	profile_live_missing(w->live, &missing);
	p->missing = missing.data ? missing.data : mem_strdup("");
	put(w, p);
}

static void tell(struct profile_worker *w, bool ended)
{
	struct profile_pulse *p = mem_zalloc(1, sizeof(*p));

	p->ended = ended;
	put(w, p);
}

/* What is asked for; false: to end. */
static bool take_up(struct profile_worker *w, uint64_t *interval_ns)
{
	uint64_t now = clock_now(CLOCK_MONOTONIC);
	bool quit;

	pulse_calm(w->asked);
	pthread_mutex_lock(&w->lock);
	quit = w->quit;
	if (*interval_ns != w->interval_ns && w->due > now + w->interval_ns)
		w->due = now + w->interval_ns;
	*interval_ns = w->interval_ns;
	pthread_mutex_unlock(&w->lock);
	return !quit;
}

/* False: it cannot go on. */
static bool turn(struct profile_worker *w, uint64_t interval_ns)
{
	uint64_t now;

	if (w->waiting) {
		enum live_status is = profile_live_open(w->live);

		w->waiting = is == LIVE_WAITING;
		if (is == LIVE_READY)
			w->due = clock_now(CLOCK_MONOTONIC) +
				 (interval_ns < FIRST_NS ? interval_ns : FIRST_NS);
		return is != LIVE_FAILED;
	}
	now = clock_now(CLOCK_MONOTONIC);
	if (now < w->due) {
		profile_live_turn(w->live);
		return true;
	}
	interval(w);
	/* late by more than an interval (stopped, a slow host): those are left out */
	w->due += interval_ns;
	now = clock_now(CLOCK_MONOTONIC);
	if (w->due < now)
		w->due = now + interval_ns;
	return true;
}

static int wait_ms(const struct profile_worker *w)
{
	int ms = profile_live_timeout(w->live), due;

	if (w->waiting)
		return ms;
	due = clock_poll_ms(w->due, clock_now(CLOCK_MONOTONIC));
	return due < ms ? due : ms;
}

static void *run(void *arg)
{
	struct profile_worker *w = arg;
	void *stack = restore_thread();
	uint64_t interval_ns = w->interval_ns;

	if (!w->waiting)
		w->due = clock_now(CLOCK_MONOTONIC) + (interval_ns < FIRST_NS ? interval_ns : FIRST_NS);
	while (take_up(w, &interval_ns)) {
		struct pollfd p[] = {
			{.fd = w->asked, .events = POLLIN},
			{.fd = profile_live_fd(w->live), .events = POLLIN},
		};

		if (poll(p, 2, wait_ms(w)) < 0 && errno != EINTR)
			break;
		if (p[0].revents)
			continue;
		if (!turn(w, interval_ns))
			break;
	}
	tell(w, true);
	restore_thread_end(stack);
	return NULL;
}

static void end(struct profile_worker *w)
{
	struct profile_pulse *p;

	while ((p = profile_worker_take(w)))
		profile_pulse_free(p);
	if (w->ready >= 0)
		close(w->ready);
	if (w->asked >= 0)
		close(w->asked);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct profile_worker *profile_worker_start(struct profile_live *live, bool waiting, uint64_t interval_ns)
{
	struct profile_worker *w = mem_zalloc(1, sizeof(*w));
	int err;

	w->live = live;
	w->waiting = waiting;
	w->interval_ns = interval_ns;
	pthread_mutex_init(&w->lock, NULL);
	w->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->asked = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = w->ready < 0 || w->asked < 0 ? errno : pthread_create(&w->thread, NULL, run, w);
	if (!err)
		return w;
	end(w);
	errno = err;
	return NULL;
}

void profile_worker_interval(struct profile_worker *w, uint64_t interval_ns)
{
	pthread_mutex_lock(&w->lock);
	w->interval_ns = interval_ns;
	pthread_mutex_unlock(&w->lock);
	pulse_wake(w->asked);
}

int profile_worker_fd(const struct profile_worker *w)
{
	return w->ready;
}

struct profile_pulse *profile_worker_take(struct profile_worker *w)
{
	struct profile_pulse *ret;

	pthread_mutex_lock(&w->lock);
	ret = w->first;
	if (ret)
		w->first = ret->next;
	else
		pulse_calm(w->ready);
	pthread_mutex_unlock(&w->lock);
	return ret;
}

void profile_worker_stop(struct profile_worker *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->quit = true;
	pthread_mutex_unlock(&w->lock);
	pulse_wake(w->asked);
	pthread_join(w->thread, NULL);
	end(w);
}
