/* SPDX-License-Identifier: GPL-2.0-only */
/* One of struct guests and the thread that asks it: what guests.c and guest.c share. */
#ifndef VMPERF_CMD_GUEST_H
#define VMPERF_CMD_GUEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../host/agent.h"
#include "guest_modules.h"
#include "guests.h"

/* A guest, with a thread of its own as soon as there is a way to its agent. */
struct guest {
	struct guests *g;
	uint32_t pid;
	uint64_t start_ns;
	char uuid[37];
	char *socket; /* NULL: QEMU was given none */
	pthread_t thread;
	bool started;
	struct agent *agent; /* the thread's own; NULL: not connected */
	/* by the lock of g */
	bool dropped, over; /* not wanted any more; the thread has ended */
	unsigned int asked, done;
	unsigned int seen;  /* the last check that saw boot */
	unsigned int since; /* see guests_boot() */
	char boot[37];
	struct guest_modules modules;
	struct guest_modules have_modules; /* those of the symbols */
	struct guests_about about;         /* the symbols that there are */
	bool fetching, fresh;
	unsigned int failures;
	uint64_t due, fetch_due; /* CLOCK_MONOTONIC: not to be asked, fetched before */
	char why[AGENT_WHY_SIZE];
};

struct guests {
	bool off, no_libvirt;
	char *uri;    /* NULL: libvirt's own choice */
	char *output; /* NULL: the cache */
	char *cache;  /* NULL: there is no home */
	pthread_mutex_t lock;
	pthread_cond_t wake, said; /* something is asked of the threads; one has said something */
	/* by the lock */
	size_t n;
	struct guest **guest;
	unsigned int check; /* number of the last one */
	bool open;          /* it still takes answers */
	bool quit;
	unsigned int fetches;
	unsigned int left; /* threads that nobody waits for any more; the last one frees all */
};

/* May libvirt manage this VM? */
bool guest_by_libvirt(const struct guest *v);

/* Does the work of a guest's thread; arg: struct guest. */
void *guest_run(void *arg);

/* Nobody uses it any more. */
void guest_free(struct guest *v);

/* Frees g itself; its guests are freed. */
void guests_destroy(struct guests *g);

#endif
