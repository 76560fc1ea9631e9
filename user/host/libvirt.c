// SPDX-License-Identifier: GPL-2.0-only
#include "libvirt.h"

#include <stddef.h>

#if WITH_LIBVIRT

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "domains.h"
#include "libvirt_api.h"
#include "libvirt_domain.h"
#include "meta.h"

/* Seconds: the daemon is asked whether it lives, and given up after so many unanswered ones. */
#define KEEPALIVE_INTERVAL 5
#define KEEPALIVE_COUNT    3

#define BACKOFF_MIN_MS 500
#define BACKOFF_MAX_MS 10000

#define STOP_WAIT_MS 100

struct libvirt {
	pthread_t id;
	pthread_mutex_t lock; /* of all but the atomics */
	pthread_cond_t ended_cond;
	bool ended;     /* the thread has; it touches nothing any more */
	bool abandoned; /* the owner has gone: the thread frees all */
	struct domains domains;
	atomic_ulong generation;
	atomic_bool stop;
	int wake; /* eventfd */
	char *uri;
	char *run;
};

/* libvirt's event loop is one for the process, and so is the thread that runs it. */
static atomic_bool taken;

/* The connection's thread only. */
static void note(struct libvirt *l, virDomainPtr dom, bool runs)
{
	char uuid[VIR_UUID_STRING_BUFLEN];
	const char *name = vir.virDomainGetName(dom);

	_Static_assert(sizeof(uuid) == sizeof(((struct domain *)NULL)->uuid), "uuid");
	if (name && !vir.virDomainGetUUIDString(dom, uuid))
		domains_set(&l->domains, uuid, runs ? name : NULL);
}

static int lifecycle(virConnectPtr c, virDomainPtr dom, int event, int detail, void *arg)
{
	struct libvirt *l = arg;

	(void)c;
	(void)detail;
	if (event != VIR_DOMAIN_EVENT_STARTED && event != VIR_DOMAIN_EVENT_STOPPED)
		return 0;
	pthread_mutex_lock(&l->lock);
	note(l, dom, event == VIR_DOMAIN_EVENT_STARTED);
	pthread_mutex_unlock(&l->lock);
	atomic_fetch_add(&l->generation, 1);
	return 0;
}

/* What was read of a domain is to be read again. */
static void outdate(struct libvirt *l, virDomainPtr dom)
{
	char uuid[VIR_UUID_STRING_BUFLEN];
	struct domain *d;

	if (vir.virDomainGetUUIDString(dom, uuid))
		return;
	pthread_mutex_lock(&l->lock);
	d = domains_find(&l->domains, uuid);
	if (d)
		d->stale = true;
	pthread_mutex_unlock(&l->lock);
}

/* The owner of a domain has changed its pinning, or something else of its running. */
static void tuned(virConnectPtr c, virDomainPtr dom, virTypedParameterPtr params, int n, void *arg)
{
	(void)c;
	(void)params;
	(void)n;
	outdate(arg, dom);
}

/* Its title, its description or its metadata. */
static void described(virConnectPtr c, virDomainPtr dom, int type, const char *uri, void *arg)
{
	(void)c;
	(void)type;
	(void)uri;
	outdate(arg, dom);
}

/* The UUID of a domain that is to be read; false: there is none. */
static bool take_stale(struct libvirt *l, char uuid[VIR_UUID_STRING_BUFLEN])
{
	size_t i;

	pthread_mutex_lock(&l->lock);
	for (i = 0; i < l->domains.n && !l->domains.domain[i].stale; i++)
		;
	if (i < l->domains.n) {
		l->domains.domain[i].stale = false;
		strcpy(uuid, l->domains.domain[i].uuid);
	}
	pthread_mutex_unlock(&l->lock);
	return uuid[0] != '\0';
}

/* Not in a callback: libvirt is asked, and its answer may take long.  True when there were any to read. */
static bool read_stale(struct libvirt *l, virConnectPtr c)
{
	char uuid[VIR_UUID_STRING_BUFLEN] = "";
	bool any = false;

	while (!atomic_load(&l->stop) && take_stale(l, uuid)) {
		struct domain_facts facts = libvirt_domain_read(c, uuid), old = facts;
		struct domain *d;

		pthread_mutex_lock(&l->lock);
		d = domains_find(&l->domains, uuid);
		if (d) {
			old = d->facts;
			d->facts = facts;
		}
		pthread_mutex_unlock(&l->lock);
		atomic_fetch_add(&l->generation, 1);
		domains_facts_free(&old);
		uuid[0] = '\0';
		any = true;
	}
	return any;
}

static bool list(struct libvirt *l, virConnectPtr c)
{
	virDomainPtr *doms = NULL;
	int i, n = vir.virConnectListAllDomains(c, &doms, VIR_CONNECT_LIST_DOMAINS_ACTIVE);

	if (n < 0)
		return false;
	pthread_mutex_lock(&l->lock);
	domains_clear(&l->domains);
	for (i = 0; i < n; i++)
		note(l, doms[i], true);
	pthread_mutex_unlock(&l->lock);
	atomic_fetch_add(&l->generation, 1);
	for (i = 0; i < n; i++)
		vir.virDomainFree(doms[i]);
	free(doms);
	return true;
}

/* What is followed.  Drivers without the later ones change nothing while a domain runs, or do not tell. */
static const struct {
	int id;
	void (*fn)(void); /* of the kind that the event has */
} followed[] = {
	{VIR_DOMAIN_EVENT_ID_LIFECYCLE, (void (*)(void))lifecycle},
	{VIR_DOMAIN_EVENT_ID_TUNABLE, (void (*)(void))tuned},
	{VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, (void (*)(void))described},
};

#define FOLLOWED (sizeof(followed) / sizeof(followed[0]))

/* One connection, until it breaks; false when there was none. */
static bool follow(struct libvirt *l)
{
	virConnectPtr c = vir.virConnectOpenReadOnly(l->uri);
	int ids[FOLLOWED];
	bool ok;

	if (!c) {
		log_info("libvirt: %s: %s", l->uri, vir.virGetLastErrorMessage());
		return false;
	}
	/* fails where the transport has none; then a dead peer is noticed later */
	vir.virConnectSetKeepAlive(c, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT);
	/* events first: what starts while the list is made comes as an event after it */
	for (size_t i = 0; i < FOLLOWED; i++)
		ids[i] = vir.virConnectDomainEventRegisterAny(
			c, NULL, followed[i].id, (virConnectDomainEventGenericCallback)followed[i].fn, l,
			NULL);
	ok = ids[0] >= 0 && list(l, c);
	if (ok) {
		read_stale(l, c);
		log_info("libvirt: connected to %s", l->uri);
	}
	while (ok && !atomic_load(&l->stop) && vir.virConnectIsAlive(c) == 1) {
		if (vir.virEventRunDefaultImpl() < 0)
			break;
		if (read_stale(l, c))
			log_info("libvirt: a domain was read again");
	}
	for (size_t i = FOLLOWED; i--;)
		if (ids[i] >= 0)
			vir.virConnectDomainEventDeregisterAny(c, ids[i]);
	vir.virConnectClose(c);
	return ok;
}

/* The owner wants an end: leave virEventRunDefaultImpl(). */
static void woken(int watch, int fd, int events, void *arg)
{
	(void)watch;
	(void)fd;
	(void)events;
	(void)arg;
}

static void destroy(struct libvirt *l)
{
	domains_clear(&l->domains);
	close(l->wake);
	free(l->uri);
	free(l->run);
	pthread_cond_destroy(&l->ended_cond);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static bool init(void)
{
	static bool done;

	if (done)
		return true;
	if (!libvirt_api_load())
		return false;
	done = vir.virEventRegisterDefaultImpl() == 0;
	return done;
}

static void run(struct libvirt *l)
{
	struct pollfd p = {.fd = l->wake, .events = POLLIN};
	int watch = -1, wait_ms = BACKOFF_MIN_MS;

	while (!atomic_load(&l->stop)) {
		if (libvirt_api_listens(l->uri, l->run)) {
			if (!init())
				return;
			if (watch < 0)
				watch = vir.virEventAddHandle(l->wake, VIR_EVENT_HANDLE_READABLE, woken, NULL,
							      NULL);
			if (watch < 0)
				return;
			if (follow(l))
				wait_ms = BACKOFF_MIN_MS;
		}
		poll(&p, 1, wait_ms);
		wait_ms = wait_ms * 2 < BACKOFF_MAX_MS ? wait_ms * 2 : BACKOFF_MAX_MS;
	}
	if (watch >= 0)
		vir.virEventRemoveHandle(watch);
}

static void *thread(void *arg)
{
	struct libvirt *l = arg;
	bool abandoned;

	run(l);
	pthread_mutex_lock(&l->lock);
	abandoned = l->abandoned;
	l->ended = true;
	pthread_cond_signal(&l->ended_cond);
	libvirt_api_leave();
	atomic_store(&taken, false);
	pthread_mutex_unlock(&l->lock);
	if (abandoned)
		destroy(l);
	return NULL;
}

struct libvirt *libvirt_start(const char *uri, const char *run_dir)
{
	struct libvirt *l;
	pthread_condattr_t cond;
	sigset_t all, old;
	int err;

	if (atomic_exchange(&taken, true))
		return NULL;
	if (!libvirt_api_enter()) {
		atomic_store(&taken, false);
		return NULL;
	}
	l = mem_zalloc(1, sizeof(*l));
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&cond);
	pthread_condattr_setclock(&cond, CLOCK_MONOTONIC);
	pthread_cond_init(&l->ended_cond, &cond);
	pthread_condattr_destroy(&cond);
	l->uri = mem_strdup(uri ? uri : LIBVIRT_URI);
	l->run = mem_strdup(run_dir);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = l->wake < 0 ? errno : pthread_create(&l->id, NULL, thread, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!err)
		return l;
	log_info("names come without libvirt's API: %s", strerror(err));
	destroy(l);
	libvirt_api_leave();
	atomic_store(&taken, false);
	return NULL;
}

unsigned long libvirt_generation(struct libvirt *l)
{
	return l ? atomic_load(&l->generation) : 0;
}

char *libvirt_name(struct libvirt *l, const char *uuid)
{
	struct domain *d;
	char *name = NULL;

	if (!l || !uuid[0])
		return NULL;
	pthread_mutex_lock(&l->lock);
	d = domains_find(&l->domains, uuid);
	if (d)
		name = mem_strdup(d->name);
	pthread_mutex_unlock(&l->lock);
	return name;
}

bool libvirt_pins(struct libvirt *l, const char *uuid, struct sample_pin **pins, uint32_t *n)
{
	const struct domain *d;
	bool known = false;

	*pins = NULL;
	*n = 0;
	if (!l || !uuid[0])
		return false;
	pthread_mutex_lock(&l->lock);
	d = domains_find(&l->domains, uuid);
	if (d && d->facts.pins.known) {
		known = true;
		*n = d->facts.pins.n;
		*pins = mem_dup(d->facts.pins.pin, *n, sizeof(**pins));
		for (uint32_t i = 0; i < *n; i++)
			(*pins)[i].cpus = mem_strdup((*pins)[i].cpus);
	}
	pthread_mutex_unlock(&l->lock);
	return known;
}

bool libvirt_about(struct libvirt *l, const char *uuid, struct libvirt_about *ret)
{
	const struct domain *d;
	bool known = false;

	*ret = (struct libvirt_about){0};
	if (!l || !uuid[0])
		return false;
	pthread_mutex_lock(&l->lock);
	d = domains_find(&l->domains, uuid);
	if (d && d->facts.known) {
		known = true;
		memcpy(ret->machine, d->facts.xml.machine, sizeof(ret->machine));
		ret->pmu = d->facts.xml.pmu;
		for (int i = 0; i < META_KINDS; i++)
			meta_set(ret->meta, (enum meta_kind)i, d->facts.xml.meta[i]);
	}
	pthread_mutex_unlock(&l->lock);
	return known;
}

void libvirt_stop(struct libvirt *l)
{
	struct timespec until;
	bool ended;
	int err = 0;

	if (!l)
		return;
	atomic_store(&l->stop, true);
	/* cannot fail: the counter is far from its end */
	eventfd_write(l->wake, 1);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += STOP_WAIT_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&l->lock);
	while (!l->ended && !err)
		err = pthread_cond_timedwait(&l->ended_cond, &l->lock, &until);
	ended = l->ended;
	l->abandoned = !ended;
	if (!ended)
		pthread_detach(l->id);
	pthread_mutex_unlock(&l->lock);
	if (!ended)
		return;
	/* what libraries keep for the thread is gone after that */
	pthread_join(l->id, NULL);
	destroy(l);
}

#else

struct libvirt *libvirt_start(const char *uri, const char *run_dir)
{
	(void)uri;
	(void)run_dir;
	return NULL;
}

unsigned long libvirt_generation(struct libvirt *l)
{
	(void)l;
	return 0;
}

char *libvirt_name(struct libvirt *l, const char *uuid)
{
	(void)l;
	(void)uuid;
	return NULL;
}

bool libvirt_pins(struct libvirt *l, const char *uuid, struct sample_pin **pins, uint32_t *n)
{
	(void)l;
	(void)uuid;
	*pins = NULL;
	*n = 0;
	return false;
}

bool libvirt_about(struct libvirt *l, const char *uuid, struct libvirt_about *ret)
{
	(void)l;
	(void)uuid;
	*ret = (struct libvirt_about){0};
	return false;
}

void libvirt_stop(struct libvirt *l)
{
	(void)l;
}

#endif
