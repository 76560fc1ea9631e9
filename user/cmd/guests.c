// SPDX-License-Identifier: GPL-2.0-only
#include "guests.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../host/agent_guest.h"
#include "../lib/clock.h"
#include "../lib/mem.h"
#include "../profile/store.h"
#include "guest.h"

#define STOP_WAIT_MS 100

struct guests *guests_new(const struct settings *s)
{
	struct guests *g = mem_zalloc(1, sizeof(*g));
	pthread_condattr_t cond;

	g->off = s->no_guest_agent;
	g->no_libvirt = s->no_libvirt;
	g->uri = s->connect ? mem_strdup(s->connect) : NULL;
	g->output = s->output ? mem_strdup(s->output) : NULL;
	g->cache = store_cache();
	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_init(&cond);
	pthread_condattr_setclock(&cond, CLOCK_MONOTONIC);
	pthread_cond_init(&g->wake, &cond);
	pthread_cond_init(&g->said, &cond);
	pthread_condattr_destroy(&cond);
	return g;
}

/* The one with this pid that is not dropped; NULL: none. */
static struct guest *find(const struct guests *g, uint32_t pid)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->guest[i]->pid == pid && !g->guest[i]->dropped)
			return g->guest[i];
	return NULL;
}

static void drop(struct guest *v)
{
	pthread_mutex_lock(&v->g->lock);
	v->dropped = true;
	pthread_cond_broadcast(&v->g->wake);
	pthread_mutex_unlock(&v->g->lock);
}

void guests_add(struct guests *g, uint32_t pid, uint64_t start_ns, const char *uuid)
{
	struct guest *v = find(g, pid);
	char *socket, ignored[STORE_WHY_SIZE];

	if (g->off || (v && v->start_ns == start_ns))
		return;
	if (v)
		drop(v);
	/* it may have been of another VM with this pid, or be of a boot before */
	if (g->cache && !g->output)
		store_link(g->cache, pid, "", ignored);
	socket = agent_socket_of(pid, start_ns);
	v = mem_zalloc(1, sizeof(*v));
	v->g = g;
	v->pid = pid;
	v->start_ns = start_ns;
	snprintf(v->uuid, sizeof(v->uuid), "%s", uuid);
	v->socket = socket;
	pthread_mutex_lock(&g->lock);
	g->guest = mem_resize(g->guest, g->n + 1, sizeof(struct guest *));
	g->guest[g->n++] = v;
	pthread_mutex_unlock(&g->lock);
}

void guests_drop(struct guests *g, uint32_t pid, uint64_t start_ns)
{
	struct guest *v = find(g, pid);

	if (v && v->start_ns == start_ns)
		drop(v);
}

/* Frees those that were dropped and have no thread any more. */
static void reap(struct guests *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->n; i++) {
		struct guest *v = g->guest[i];
		bool over;

		pthread_mutex_lock(&g->lock);
		over = v->dropped && (!v->started || v->over);
		pthread_mutex_unlock(&g->lock);
		if (!over) {
			g->guest[kept++] = v;
			continue;
		}
		if (v->started)
			pthread_join(v->thread, NULL);
		guest_free(v);
	}
	g->n = kept;
}

static bool start(struct guest *v)
{
	sigset_t all, old;
	int err;

	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&v->thread, NULL, guest_run, v);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	v->started = !err;
	if (err)
		snprintf(v->why, sizeof(v->why), "no thread to ask its agent: %s", strerror(err));
	return v->started;
}

/* Why its agent is not asked through libvirt. */
static const char *no_libvirt(const struct guest *v)
{
	if (!v->uuid[0])
		return "libvirt does not manage it";
	if (v->g->no_libvirt)
		return "libvirt is not asked (--no-libvirt)";
	return WITH_LIBVIRT ? "no libvirt runs" : "vmperf was built without libvirt";
}

/* By the lock: asks for check k, where there is a way and it is time. */
static void begin(struct guest *v, unsigned int k)
{
	if (v->dropped || clock_now(CLOCK_MONOTONIC) < v->due)
		return;
	if (!v->started && !v->socket && !guest_by_libvirt(v)) {
		snprintf(v->why, sizeof(v->why),
			 "it has no guest agent that can be asked: QEMU was given no socket for one, and %s",
			 no_libvirt(v));
		return;
	}
	if (v->started || start(v))
		v->asked = k;
}

/* By the lock. */
static bool is_busy(const struct guest *v)
{
	return !v->dropped && v->asked != v->done;
}

/* CLOCK_MONOTONIC, in so many milliseconds. */
static struct timespec in_ms(int ms)
{
	uint64_t ns = clock_now(CLOCK_MONOTONIC) + (uint64_t)(ms > 0 ? ms : 0) * 1000000U;

	return (struct timespec){(time_t)(ns / 1000000000U), (long)(ns % 1000000000U)};
}

/* By the lock: waits until no guest is as said; false: it took too long. */
static bool wait_while(struct guests *g, bool (*is)(const struct guest *v), int timeout_ms)
{
	struct timespec until = in_ms(timeout_ms);
	int err = 0;

	for (size_t i = 0; i < g->n; i++)
		while (is(g->guest[i])) {
			if (err)
				return false;
			err = pthread_cond_timedwait(&g->said, &g->lock, &until);
		}
	return true;
}

unsigned int guests_check(struct guests *g, int timeout_ms)
{
	unsigned int k;

	reap(g);
	pthread_mutex_lock(&g->lock);
	k = ++g->check;
	g->open = true;
	for (size_t i = 0; i < g->n; i++)
		begin(g->guest[i], k);
	pthread_cond_broadcast(&g->wake);
	wait_while(g, is_busy, timeout_ms);
	g->open = false;
	/* whoever has names for one that was not seen has taken them away */
	for (size_t i = 0; i < g->n; i++)
		if (g->guest[i]->seen != k)
			g->guest[i]->fresh = g->guest[i]->about.boot[0];
	pthread_mutex_unlock(&g->lock);
	return k;
}

static bool is_fetched(const struct guest *v)
{
	return !v->dropped && v->fetching;
}

bool guests_settle(struct guests *g, int timeout_ms)
{
	bool ok;

	pthread_mutex_lock(&g->lock);
	ok = wait_while(g, is_fetched, timeout_ms);
	pthread_mutex_unlock(&g->lock);
	return ok;
}

/* By the lock. */
static bool is_seen(const struct guests *g, const struct guest *v)
{
	return v && g->check && v->seen == g->check;
}

bool guests_boot(struct guests *g, uint32_t pid, char ret[37], unsigned int *since)
{
	const struct guest *v;
	bool seen;

	ret[0] = '\0';
	*since = 0;
	pthread_mutex_lock(&g->lock);
	v = find(g, pid);
	seen = is_seen(g, v);
	if (seen) {
		memcpy(ret, v->boot, sizeof(v->boot));
		*since = v->since;
	}
	pthread_mutex_unlock(&g->lock);
	return seen;
}

bool guests_same(struct guests *g, uint32_t pid, unsigned int check)
{
	unsigned int since;
	char boot[37];

	return guests_boot(g, pid, boot, &since) && check >= since;
}

bool guests_symbols(struct guests *g, uint32_t pid, struct buf *kallsyms, struct buf *modules)
{
	struct agent_guest files;
	struct guest *v;
	char boot[37];
	bool ok;

	pthread_mutex_lock(&g->lock);
	v = find(g, pid);
	ok = is_seen(g, v) && v->fresh && !strcmp(v->about.boot, v->boot) && g->cache && !g->output;
	if (ok) {
		v->fresh = false;
		memcpy(boot, v->boot, sizeof(boot));
	}
	pthread_mutex_unlock(&g->lock);
	if (!ok || !store_get(g->cache, boot, &files))
		return false;
	buf_add(kallsyms, files.kallsyms.data ? files.kallsyms.data : "", files.kallsyms.len);
	buf_add(modules, files.modules.data ? files.modules.data : "", files.modules.len);
	agent_guest_free(&files);
	return true;
}

struct guests_about guests_about(struct guests *g, uint32_t pid)
{
	struct guests_about ret = {0};
	const struct guest *v;

	pthread_mutex_lock(&g->lock);
	v = find(g, pid);
	if (v)
		ret = v->about;
	pthread_mutex_unlock(&g->lock);
	return ret;
}

void guests_why(struct guests *g, uint32_t pid, char ret[GUESTS_WHY_SIZE])
{
	const struct guest *v;

	pthread_mutex_lock(&g->lock);
	v = find(g, pid);
	if (g->off)
		snprintf(ret, GUESTS_WHY_SIZE, "guest agents are not asked (--no-guest-agent)");
	else if (v && is_seen(g, v) && !strcmp(v->about.boot, v->boot))
		ret[0] = '\0';
	else
		snprintf(ret, GUESTS_WHY_SIZE, "%s",
			 v && v->why[0] ? v->why : "its guest's agent has not answered yet");
	pthread_mutex_unlock(&g->lock);
}

static bool is_running(const struct guest *v)
{
	return v->started && !v->over;
}

void guests_free(struct guests *g)
{
	unsigned int left = 0;

	if (!g)
		return;
	pthread_mutex_lock(&g->lock);
	g->quit = true;
	pthread_cond_broadcast(&g->wake);
	wait_while(g, is_running, STOP_WAIT_MS);
	for (size_t i = 0; i < g->n; i++) {
		struct guest *v = g->guest[i];

		if (is_running(v)) {
			pthread_detach(v->thread);
			left++;
			continue;
		}
		/* what libraries keep for the thread is gone after that */
		if (v->started)
			pthread_join(v->thread, NULL);
		guest_free(v);
	}
	g->left = left;
	pthread_mutex_unlock(&g->lock);
	if (!left)
		guests_destroy(g);
}
