/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Basic auth (RFC 7617) with bcrypt hashes.  A hash takes tens of milliseconds
 * by design, so that a thread of its own computes it, while whoever asked waits
 * without holding up others.  What was right is known from then on; by a keyed
 * hash, never as it was sent.
 */
#ifndef VMPERF_HTTP_AUTH_H
#define VMPERF_HTTP_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/buf.h"
#include "web_config.h"

#define AUTH_QUEUE    32 /* different pairs of user and password that wait at once */
#define AUTH_SOURCE   4  /* of these from one source, so that who guesses keeps nobody else out */
#define AUTH_COST_MAX 18 /* of a hash that is worth waiting for */

/* Whether it is a hash of bcrypt: $2a$, $2b$ or $2y$, cost 04 to 31.  Pure. */
bool auth_is_hash(const char *hash);

/* The cost of one that is; each more doubles the time: 10 are tens of milliseconds. */
int auth_cost(const char *hash);

/*
 * Takes the header Authorization apart; NULL: there is none.  False: no basic
 * credentials, and both are empty.  A NUL in them is refused, as crypt() would
 * see less than was sent.  Pure.
 */
bool auth_credentials(const char *header, struct buf *user, struct buf *password);

struct auth;

/* Starts the thread.  The users are used until auth_free().  NULL: see errno. */
struct auth *auth_new(const struct web_user *users, size_t nusers);

enum auth_answer {
	AUTH_NO,
	AUTH_YES,
	AUTH_WAIT, /* auth_turn() will tell */
	AUTH_BUSY, /* too many wait */
};

/* Whether these credentials are right; source: who asks; waiter is what auth_turn() tells it to. */
enum auth_answer auth_ask(struct auth *a, const char *header, uint64_t source, void *waiter);

/* A waiter waits no more: auth_turn() tells it nothing. */
void auth_forget(struct auth *a, const void *waiter);

/* Readable when auth_turn() has something to tell. */
int auth_fd(const struct auth *a);

/* Calls fn for each waiter whose answer is there. */
void auth_turn(struct auth *a, void (*fn)(void *waiter, bool yes));

/* Nobody waits for the thread: it ends by itself, when it has its hash. */
void auth_free(struct auth *a);

#endif
