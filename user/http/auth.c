// SPDX-License-Identifier: GPL-2.0-only
#include "auth.h"

#if WITH_HTTP

#include <crypt.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../lib/base64.h"
#include "../lib/mem.h"

#define DIGEST      32 /* of SHA-256 */
#define BCRYPT_SIZE 60
#define BCRYPT_HEAD 7 /* "$2y$10$" */

struct job {
	struct job *next;
	char *password, *hash;
	unsigned char digest[DIGEST];
	uint64_t source;
	size_t user; /* a place in users; that behind the last: nobody's */
	bool yes;
	void **waiters;
	size_t nwaiters;
};

struct auth {
	pthread_mutex_t lock; /* of these */
	pthread_cond_t more;
	struct job *todo, *done;
	bool end;
	int refs; /* the caller's and the thread's */
	int news; /* an eventfd: done has some */
	/* the caller's own */
	const struct web_user *users;
	size_t nusers;
	unsigned char secret[DIGEST];
	unsigned char (*known)[DIGEST]; /* of each user's password, once it was right; else zeroes */
	struct job *all[AUTH_QUEUE];    /* that wait */
	size_t nall;
};

int auth_cost(const char *hash)
{
	return (hash[4] - '0') * 10 + hash[5] - '0';
}

bool auth_is_hash(const char *hash)
{
	static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	if (strlen(hash) != BCRYPT_SIZE || strncmp(hash, "$2", 2) || !strchr("aby", hash[2]) ||
	    hash[3] != '$' || hash[4] < '0' || hash[4] > '3' || hash[5] < '0' || hash[5] > '9' ||
	    hash[6] != '$')
		return false;
	return auth_cost(hash) >= 4 && auth_cost(hash) <= 31 &&
	       strspn(hash + BCRYPT_HEAD, digits) == BCRYPT_SIZE - BCRYPT_HEAD;
}

/* What was in it is nobody's business any more. */
static void forget(struct buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->cap);
	buf_free(b);
}

bool auth_credentials(const char *header, struct buf *user, struct buf *password)
{
	struct buf both = {0};
	const char *colon;
	size_t len;
	bool ok = false;

	if (!header || strncasecmp(header, "Basic ", 6))
		return false;
	header += 6;
	header += strspn(header, " ");
	len = strlen(header);
	while (len && (header[len - 1] == ' ' || header[len - 1] == '\t'))
		len--;
	/* once and for all: growing would leave copies behind */
	both.cap = len + 1;
	both.data = mem_zalloc(both.cap, 1);
	if (base64_decode(header, len, &both) && !memchr(both.data, '\0', both.len)) {
		colon = strchr(both.data, ':');
		if (colon) {
			ok = true;
			buf_add(user, both.data, (size_t)(colon - both.data));
			password->cap = both.len + 1;
			password->data = mem_zalloc(password->cap, 1);
			buf_puts(password, colon + 1);
		}
	}
	forget(&both);
	return ok;
}

static void job_free(struct job *j)
{
	if (!j)
		return;
	explicit_bzero(j->password, strlen(j->password));
	free(j->password);
	free(j->hash);
	free(j->waiters);
	free(j);
}

static void jobs_free(struct job *j)
{
	while (j) {
		struct job *next = j->next;

		job_free(j);
		j = next;
	}
}

static bool same(const void *a, const void *b, size_t n)
{
	return !gnutls_memcmp(a, b, n);
}

/* Gives back one of the two references, under the lock, which it opens. */
static void put(struct auth *a)
{
	bool last = --a->refs == 0;

	pthread_mutex_unlock(&a->lock);
	if (!last)
		return;
	jobs_free(a->todo);
	jobs_free(a->done);
	close(a->news);
	pthread_cond_destroy(&a->more);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

static void *work(void *arg)
{
	struct crypt_data *data = mem_zalloc(1, sizeof(*data));
	struct auth *a = arg;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		struct job *j, **last;
		const char *is;

		while (!a->todo && !a->end)
			pthread_cond_wait(&a->more, &a->lock);
		if (a->end)
			break;
		j = a->todo;
		a->todo = j->next;
		j->next = NULL;
		pthread_mutex_unlock(&a->lock);
		is = crypt_rn(j->password, j->hash, data, sizeof(*data));
		j->yes = is && strlen(is) == BCRYPT_SIZE && same(is, j->hash, BCRYPT_SIZE);
		explicit_bzero(data, sizeof(*data));
		pthread_mutex_lock(&a->lock);
		for (last = &a->done; *last; last = &(*last)->next)
			;
		*last = j;
		eventfd_write(a->news, 1);
	}
	free(data);
	put(a);
	return NULL;
}

/* A thread that no signal goes to.  errno tells when there is none. */
static bool begin(struct auth *a)
{
	sigset_t all, before;
	pthread_t t;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&t, NULL, work, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!rc)
		pthread_detach(t);
	errno = rc;
	return !rc;
}

struct auth *auth_new(const struct web_user *users, size_t nusers)
{
	struct auth *a = mem_zalloc(1, sizeof(*a));

	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->more, NULL);
	a->refs = 2;
	a->users = users;
	a->nusers = nusers;
	a->known = mem_zalloc(nusers, sizeof(*a->known));
	a->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->news >= 0 && gnutls_rnd(GNUTLS_RND_KEY, a->secret, sizeof(a->secret)) >= 0 && begin(a))
		return a;
	a->refs = 1;
	auth_free(a);
	return NULL;
}

int auth_fd(const struct auth *a)
{
	return a->news;
}

/* The user's place; the time it takes does not tell which one it is. */
static size_t find_user(const struct auth *a, const struct buf *name)
{
	size_t found = a->nusers;

	for (size_t i = 0; i < a->nusers; i++)
		if (strlen(a->users[i].name) == name->len && same(a->users[i].name, name->data, name->len))
			found = i;
	return found;
}

/* What stands for the pair. */
static void digest(const struct auth *a, const struct buf *name, const struct buf *password,
		   unsigned char ret[DIGEST])
{
	gnutls_hmac_hd_t h;
	uint64_t len = name->len;

	if (gnutls_hmac_init(&h, GNUTLS_MAC_SHA256, a->secret, sizeof(a->secret)) < 0)
		abort();
	gnutls_hmac(h, &len, sizeof(len));
	gnutls_hmac(h, name->data, name->len);
	gnutls_hmac(h, password->data, password->len);
	gnutls_hmac_deinit(h, ret);
}

static void wait_for(struct job *j, void *waiter)
{
	j->waiters = mem_resize(j->waiters, j->nwaiters + 1, sizeof(*j->waiters));
	j->waiters[j->nwaiters++] = waiter;
}

static enum auth_answer ask(struct auth *a, const struct buf *name, const struct buf *password,
			    uint64_t source, void *waiter)
{
	size_t user = find_user(a, name), same_source = 0;
	unsigned char sum[DIGEST];
	struct job *j, **last;

	digest(a, name, password, sum);
	if (user < a->nusers && same(a->known[user], sum, sizeof(sum)))
		return AUTH_YES;
	for (size_t i = 0; i < a->nall; i++) {
		if (same(a->all[i]->digest, sum, sizeof(sum))) {
			wait_for(a->all[i], waiter);
			return AUTH_WAIT;
		}
		same_source += a->all[i]->source == source;
	}
	if (a->nall == AUTH_QUEUE || same_source == AUTH_SOURCE)
		return AUTH_BUSY;
	j = mem_zalloc(1, sizeof(*j));
	j->password = mem_strdup(password->data);
	/* a user that is not there takes as long as one that is */
	j->hash = mem_strdup(a->users[user < a->nusers ? user : 0].hash);
	j->source = source;
	j->user = user;
	memcpy(j->digest, sum, sizeof(sum));
	wait_for(j, waiter);
	a->all[a->nall++] = j;
	pthread_mutex_lock(&a->lock);
	for (last = &a->todo; *last; last = &(*last)->next)
		;
	*last = j;
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
	return AUTH_WAIT;
}

enum auth_answer auth_ask(struct auth *a, const char *header, uint64_t source, void *waiter)
{
	struct buf name = {0}, password = {0};
	enum auth_answer is = AUTH_NO;

	if (auth_credentials(header, &name, &password))
		is = ask(a, &name, &password, source, waiter);
	forget(&name);
	forget(&password);
	return is;
}

void auth_forget(struct auth *a, const void *waiter)
{
	for (size_t i = 0; i < a->nall; i++) {
		struct job *j = a->all[i];

		for (size_t k = 0; k < j->nwaiters; k++)
			if (j->waiters[k] == waiter)
				j->waiters[k--] = j->waiters[--j->nwaiters];
	}
}

void auth_turn(struct auth *a, void (*fn)(void *waiter, bool yes))
{
	struct job *done;
	eventfd_t n;

	eventfd_read(a->news, &n);
	pthread_mutex_lock(&a->lock);
	done = a->done;
	a->done = NULL;
	pthread_mutex_unlock(&a->lock);
	for (struct job *j = done; j; j = j->next) {
		bool yes = j->yes && j->user < a->nusers;
		size_t i = 0;

		while (a->all[i] != j)
			i++;
		a->all[i] = a->all[--a->nall];
		if (yes)
			memcpy(a->known[j->user], j->digest, DIGEST);
		for (i = 0; i < j->nwaiters; i++)
			fn(j->waiters[i], yes);
	}
	jobs_free(done);
}

void auth_free(struct auth *a)
{
	if (!a)
		return;
	free(a->known);
	pthread_mutex_lock(&a->lock);
	explicit_bzero(a->secret, sizeof(a->secret));
	a->end = true;
	pthread_cond_signal(&a->more);
	put(a);
}

#endif
