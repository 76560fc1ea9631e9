// SPDX-License-Identifier: GPL-2.0-only
#include "guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/agent_guest.h"
#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../profile/store.h"

#define MS 1000000ULL

/* For one command of an agent; libvirt itself waits as long. */
#define COMMAND_MS 5000

/* An agent that failed is asked again after that, then twice that and so on. */
#define BACKOFF_MIN_MS 1000
#define BACKOFF_MAX_MS 60000

/* So many guests' symbols are fetched at once: each takes some 20 MB meanwhile. */
#define FETCHES 4

/* One that takes longer than that is not fetched again before so many times that time. */
#define FETCH_LONG_MS 200
#define FETCH_SHARE   10

static uint64_t now_ns(void)
{
	return clock_now(CLOCK_MONOTONIC);
}

void guest_free(struct guest *v)
{
	agent_free(v->agent);
	guest_modules_free(&v->modules);
	guest_modules_free(&v->have_modules);
	free(v->socket);
	free(v);
}

void guests_destroy(struct guests *g)
{
	free(g->guest);
	free(g->uri);
	free(g->output);
	free(g->cache);
	pthread_cond_destroy(&g->wake);
	pthread_cond_destroy(&g->said);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

bool guest_by_libvirt(const struct guest *v)
{
	return !v->g->no_libvirt && v->uuid[0] && agent_libvirt_there(v->g->uri, "/run");
}

static void backoff(struct guest *v, bool final)
{
	uint64_t ms = final || v->failures > 6 ? BACKOFF_MAX_MS : (uint64_t)BACKOFF_MIN_MS << v->failures;

	v->failures++;
	v->due = now_ns() + (ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS) * MS;
}

/* The way that works is kept, but a socket is for others, too. */
static bool connect_agent(struct guest *v, char why[AGENT_WHY_SIZE])
{
	if (!v->agent && guest_by_libvirt(v))
		v->agent = agent_libvirt(v->g->uri, v->uuid, v->pid, COMMAND_MS, why);
	if (!v->agent && v->socket)
		v->agent = agent_socket(v->socket, v->pid, COMMAND_MS, why);
	return v->agent != NULL;
}

static void disconnect(struct guest *v)
{
	agent_free(v->agent);
	v->agent = NULL;
}

/* Modules first: if the boot is known already, they are that boot's.  0 or -errno. */
static int ask(struct guest *v, char boot[37], struct guest_modules *modules, char why[AGENT_WHY_SIZE])
{
	struct buf b = {0};
	int err = agent_guest_modules(v->agent, &b, why);

	if (!err || err == -EIO)
		err = agent_guest_boot(v->agent, boot, why);
	guest_modules_parse(modules, b.data ? b.data : "", b.len);
	buf_free(&b);
	return err;
}

/* What the guest told for check k.  By the lock; modules are taken over. */
static void take(struct guest *v, unsigned int k, const char *boot, struct guest_modules *modules)
{
	bool in_time = v->g->open && v->g->check == k;
	bool same = !strcmp(v->boot, boot) && !guest_modules_gone(&v->modules, modules);

	if (!same) {
		memcpy(v->boot, boot, sizeof(v->boot));
		/* a late answer tells of a time that no check stands for */
		v->since = in_time ? k : v->g->check + 1;
		v->fresh = v->about.boot[0];
	}
	guest_modules_free(&v->modules);
	v->modules = *modules;
	if (in_time)
		v->seen = k;
	v->failures = 0;
	v->fetching = now_ns() >= v->fetch_due && (strcmp(v->about.boot, boot) != 0 ||
						   guest_modules_gone(&v->have_modules, &v->modules) ||
						   guest_modules_gone(&v->modules, &v->have_modules));
}

/* The symbols of this boot with these modules are in the cache. */
static bool cached(const struct guest *v, struct agent_guest *ret, struct guest_modules *modules)
{
	const struct guests *g = v->g;

	if (g->output || !g->cache || !store_get(g->cache, v->boot, ret))
		return false;
	guest_modules_parse(modules, ret->modules.data ? ret->modules.data : "", ret->modules.len);
	if (!guest_modules_gone(modules, &v->modules) && !guest_modules_gone(&v->modules, modules))
		return true;
	guest_modules_free(modules);
	agent_guest_free(ret);
	return false;
}

static bool keep(const struct guest *v, const struct agent_guest *files, bool is_cached,
		 char why[AGENT_WHY_SIZE])
{
	const struct guests *g = v->g;

	if (g->output)
		return store_put_pid(g->output, v->pid, files, why);
	if (!g->cache) {
		snprintf(why, AGENT_WHY_SIZE, "no place for symbols: neither HOME nor XDG_CACHE_HOME is set");
		return false;
	}
	return (is_cached || store_put(g->cache, files, why)) &&
	       store_link(g->cache, v->pid, files->boot, why);
}

static size_t count_lines(const struct buf *b)
{
	size_t n = 0;

	for (const char *p = b->data; p && (p = memchr(p, '\n', (size_t)(b->data + b->len - p))); p++)
		n++;
	return n;
}

static struct guests_about about_of(const struct agent_guest *files, const struct guest_modules *modules)
{
	struct guests_about a = {.symbols = count_lines(&files->kallsyms), .modules = modules->n};
	size_t n = strcspn(files->version.data ? files->version.data : "", "\n");

	memcpy(a.boot, files->boot, sizeof(a.boot));
	if (n)
		snprintf(a.version, sizeof(a.version), "%.*s", (int)n, files->version.data);
	return a;
}

/* The symbols, from the cache or the guest. */
static void fetch(struct guest *v)
{
	uint64_t begun = now_ns(), took;
	char why[AGENT_WHY_SIZE] = "";
	struct guest_modules modules = {0};
	struct guests_about about = {0};
	struct agent_guest files = {0};
	bool is_cached = cached(v, &files, &modules);
	bool ok = is_cached || !agent_guest_read(v->agent, &files, why);

	if (ok && !is_cached)
		guest_modules_parse(&modules, files.modules.data ? files.modules.data : "",
				    files.modules.len);
	ok = ok && keep(v, &files, is_cached, why);
	if (ok)
		about = about_of(&files, &modules);
	agent_guest_free(&files);
	took = now_ns() - begun;
	log_info("symbols of the guest of process %u: %s", v->pid, ok ? about.version : why);

	pthread_mutex_lock(&v->g->lock);
	if (ok) {
		guest_modules_free(&v->have_modules);
		v->have_modules = modules;
		v->about = about;
		v->fresh = true;
		v->why[0] = '\0';
		/* a guest can tell of another boot, or of other modules, each time that it is asked */
		if (took > FETCH_LONG_MS * MS)
			v->fetch_due = now_ns() + took * FETCH_SHARE;
	} else {
		guest_modules_free(&modules);
		snprintf(v->why, sizeof(v->why), "%s", why);
		v->fetch_due = now_ns() + BACKOFF_MAX_MS * MS;
	}
	pthread_mutex_unlock(&v->g->lock);
}

/* One of FETCHES; false: to end. */
static bool begin_fetch(struct guest *v)
{
	struct guests *g = v->g;
	bool ok;

	pthread_mutex_lock(&g->lock);
	while (g->fetches >= FETCHES && !g->quit && !v->dropped)
		pthread_cond_wait(&g->wake, &g->lock);
	ok = !g->quit && !v->dropped;
	g->fetches += ok;
	pthread_mutex_unlock(&g->lock);
	return ok;
}

static void end_fetch(struct guest *v, bool begun)
{
	struct guests *g = v->g;

	pthread_mutex_lock(&g->lock);
	g->fetches -= begun;
	v->fetching = false;
	pthread_cond_broadcast(&g->wake);
	pthread_cond_broadcast(&g->said);
	pthread_mutex_unlock(&g->lock);
}

/* Check k. */
static void turn(struct guest *v, unsigned int k)
{
	char why[AGENT_WHY_SIZE] = "", boot[37] = "";
	struct guest_modules modules = {0};
	struct guests *g = v->g;
	int err = connect_agent(v, why) ? ask(v, boot, &modules, why) : -ENOTCONN;
	bool fetching;

	pthread_mutex_lock(&g->lock);
	if (err) {
		guest_modules_free(&modules);
		backoff(v, err == -ENODEV || err == -ENOSYS || err == -EOPNOTSUPP || err == -EACCES);
		snprintf(v->why, sizeof(v->why), "%s", why);
	} else {
		take(v, k, boot, &modules);
	}
	fetching = v->fetching;
	v->done = k;
	pthread_cond_broadcast(&g->said);
	pthread_mutex_unlock(&g->lock);
	if (fetching) {
		bool begun = begin_fetch(v);

		if (begun)
			fetch(v);
		end_fetch(v, begun);
	}
	/* whoever did not answer is connected to anew */
	if (v->agent && (err || v->socket))
		disconnect(v);
}

void *guest_run(void *arg)
{
	struct guest *v = arg;
	struct guests *g = v->g;
	bool left, last;

	pthread_mutex_lock(&g->lock);
	while (!g->quit && !v->dropped) {
		unsigned int k = v->asked;

		if (k == v->done) {
			pthread_cond_wait(&g->wake, &g->lock);
			continue;
		}
		pthread_mutex_unlock(&g->lock);
		turn(v, k);
		pthread_mutex_lock(&g->lock);
	}
	pthread_mutex_unlock(&g->lock);
	disconnect(v);
	pthread_mutex_lock(&g->lock);
	v->over = true;
	pthread_cond_broadcast(&g->said);
	left = g->left != 0;
	last = left && !--g->left;
	pthread_mutex_unlock(&g->lock);
	if (left)
		guest_free(v);
	if (last)
		guests_destroy(g);
	return NULL;
}
