// SPDX-License-Identifier: GPL-2.0-only
#include "pulse.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../lib/mem.h"

void sample_ref_drop(struct sample_ref *r)
{
	if (!r || atomic_fetch_sub(&r->refs, 1) > 1)
		return;
	sample_free(&r->s);
	free(r);
}

struct sample_ref *sample_ref_new(void)
{
	struct sample_ref *r = mem_zalloc(1, sizeof(*r));

	atomic_init(&r->refs, 1);
	return r;
}

struct sample_ref *sample_ref_take(struct sample_ref *r)
{
	atomic_fetch_add(&r->refs, 1);
	return r;
}

void pulse_free(struct pulse *p)
{
	if (!p)
		return;
	view_free(p->view);
	sample_ref_drop(p->ref);
	for (unsigned int i = 0; i < p->ndigests; i++)
		digest_free(p->digests[i]);
	free(p);
}

void pulse_wake(int fd)
{
	const uint64_t one = 1;

	/* cannot fail: nobody writes so many */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

void pulse_calm(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) < 0)
		return;
}

/* The digests that lead to the newer one's, as many as there is room for. */
static void inherit_digests(struct pulse *p, struct pulse *old)
{
	unsigned int keep = old->ndigests;

	if (p->restart)
		return;
	p->restart = old->restart;
	if (keep > HISTORY - p->ndigests)
		keep = HISTORY - p->ndigests;
	for (unsigned int i = p->ndigests; i-- > 0;)
		p->digests[i + keep] = p->digests[i];
	for (unsigned int i = 0; i < keep; i++)
		p->digests[i] = old->digests[old->ndigests - keep + i];
	old->ndigests -= keep;
	p->ndigests += keep;
}

static void inherit(struct pulse *p, struct pulse *old)
{
	inherit_digests(p, old);
	if (!p->view) {
		p->view = old->view;
		p->ref = old->ref;
		old->view = NULL;
		old->ref = NULL;
	}
	if (!p->message[0])
		memcpy(p->message, old->message, sizeof(p->message));
}

bool pulse_box_open(struct pulse_box *b)
{
	b->pulse = NULL;
	pthread_mutex_init(&b->lock, NULL);
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return b->fd >= 0;
}

void pulse_box_close(struct pulse_box *b)
{
	pulse_free(b->pulse);
	b->pulse = NULL;
	if (b->fd >= 0)
		close(b->fd);
	pthread_mutex_destroy(&b->lock);
}

void pulse_put(struct pulse_box *b, struct pulse *p)
{
	pthread_mutex_lock(&b->lock);
	if (b->pulse)
		inherit(p, b->pulse);
	pulse_free(b->pulse);
	b->pulse = p;
	pthread_mutex_unlock(&b->lock);
	pulse_wake(b->fd);
}

struct pulse *pulse_take(struct pulse_box *b)
{
	struct pulse *p;

	pulse_calm(b->fd);
	pthread_mutex_lock(&b->lock);
	p = b->pulse;
	b->pulse = NULL;
	pthread_mutex_unlock(&b->lock);
	return p;
}
