// SPDX-License-Identifier: GPL-2.0-only
#include "player.h"

#include <stdlib.h>

#include "../model/select.h"

#define SECOND    1000000000ULL
/* The pause between two samples is at most that long: sessions may be days apart. */
#define GAP_NS    (10 * SECOND)
/* Samples before the one that is shown, for trends. */
#define LOOK_BACK 60

static bool read_at(struct player *p, uint32_t i, struct sample *ret, char error[RECORD_ERROR])
{
	if (!record_read(p->r, i, ret, error))
		return false;
	select_keep(ret, p->vms->items, p->vms->n);
	return true;
}

bool player_go(struct player *p, uint32_t i, struct sample_ref *last, struct sample_ref **from,
	       struct sample_ref **to, char error[RECORD_ERROR])
{
	uint32_t n = record_count(p->r);

	/* the first one tells of nothing but what was there */
	if (!i && n > 1)
		i = 1;
	*to = sample_ref_new();
	*from = NULL;
	if (i && record_same_session(p->r, i - 1, i))
		*from = last && i == p->at + 1 ? sample_ref_take(last) : sample_ref_new();
	if ((*from && *from != last && !read_at(p, i - 1, &(*from)->s, error)) ||
	    !read_at(p, i, &(*to)->s, error)) {
		p->at_end = true;
		sample_ref_drop(*from);
		sample_ref_drop(*to);
		return false;
	}
	p->at = i;
	p->at_end = i + 1 >= n;
	return true;
}

uint32_t player_target(const struct player *p, int steps, int seconds)
{
	int64_t to = (int64_t)p->at + steps, n = record_count(p->r);

	if (seconds) {
		uint64_t t = record_entry(p->r, p->at)->real_ns, by = (uint64_t)abs(seconds) * SECOND;

		to = record_find(p->r, seconds > 0 ? t + by : t > by ? t - by : 0);
		/* samples that are further apart, or a clock that was set back: one at least */
		if (seconds > 0 ? to <= p->at : to >= p->at)
			to = (int64_t)p->at + (seconds > 0 ? 1 : -1);
	}
	return to < 0 ? 0 : (uint32_t)(to < n ? to : n - 1);
}

uint64_t player_pause_ns(const struct player *p)
{
	uint64_t from, to;

	if (p->at + 1 >= record_count(p->r))
		return 0;
	from = record_entry(p->r, p->at)->real_ns;
	to = record_entry(p->r, p->at + 1)->real_ns;
	/* the clock may have been set back meanwhile */
	to = to > from ? to - from : 0;
	return to < GAP_NS ? to : GAP_NS;
}

const struct sample *player_beginning(struct player *p)
{
	char error[RECORD_ERROR];
	uint32_t i = record_session_begin(p->r, p->at);

	if (!p->first_known || p->first_at != i) {
		sample_free(&p->first);
		p->first_known = record_read(p->r, i, &p->first, error);
		p->first_at = i;
	}
	return p->first_known ? &p->first : NULL;
}

bool player_look_back(struct player *p, struct pulse *ret, bool (*stop)(void *arg), void *arg,
		      char error[RECORD_ERROR])
{
	uint32_t first = p->at > LOOK_BACK ? p->at - LOOK_BACK : 0, i;
	struct sample a = {0}, b;

	for (i = first; i <= p->at && !stop(arg); i++) {
		if (!read_at(p, i, &b, error))
			break;
		if (i > first && record_same_session(p->r, i - 1, i)) {
			struct view *v = view_build(&a, &b);

			ret->digests[ret->ndigests++] = digest_make(v);
			view_free(v);
		}
		sample_free(&a);
		a = b;
	}
	sample_free(&a);
	return i > p->at;
}

void player_tell(const struct player *p, struct pulse *ret)
{
	ret->index = p->at;
	ret->count = record_count(p->r);
	ret->first_ns = record_entry(p->r, 0)->real_ns;
	ret->last_ns = record_entry(p->r, ret->count - 1)->real_ns;
}

void player_free(struct player *p)
{
	sample_free(&p->first);
	*p = (struct player){0};
}
