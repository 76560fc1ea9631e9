// SPDX-License-Identifier: GPL-2.0-only
#include "profile_diff.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "index.h"

/* Rows of one side, to be found by their texts. */
struct side {
	const struct profile_rows *r;
	const uint32_t *vms; /* of each VM: a number that is the same on both sides */
	char **keys;         /* of each row: the texts of all of its keys */
	bool *met;           /* of each row: the other side has it */
};

static int order_uuids(const void *x, const void *y, void *arg)
{
	const struct profile_vm *vms = arg;
	const uint32_t *a = x, *b = y;
	int c = strcmp(vms[*a].uuid, vms[*b].uuid);

	return c ? c : (*a > *b) - (*a < *b);
}

static int order_names(const void *x, const void *y, void *arg)
{
	const struct profile_vm *vms = arg;
	const uint32_t *a = x, *b = y;
	int c = strcmp(vms[*a].name, vms[*b].name);

	return c ? c : (*a > *b) - (*a < *b);
}

/* The VMs of one side that are to be matched by UUID, or by name. */
static uint32_t *candidates(const struct profile *p, const bool *taken, bool by_name, bool uuids,
			    uint32_t *ret_n)
{
	uint32_t *list = mem_zalloc(p->nvms, sizeof(*list));

	*ret_n = 0;
	for (uint32_t i = 0; i < p->nvms; i++)
		if (!taken[i] && (by_name ? !uuids || !*p->vms[i].uuid : *p->vms[i].uuid != '\0'))
			list[(*ret_n)++] = i;
	if (*ret_n)
		qsort_r(list, *ret_n, sizeof(*list), by_name ? order_names : order_uuids, p->vms);
	return list;
}

static bool has_uuids(const struct profile *p)
{
	for (uint32_t i = 0; i < p->nvms; i++)
		if (*p->vms[i].uuid)
			return true;
	return false;
}

/* The number of each VM of b: that of a's VM which it is, else one that a has not. */
static void match_vms(const struct profile *a, const struct profile *b, uint32_t *ret)
{
	bool *taken_a = mem_zalloc(a->nvms, sizeof(*taken_a)),
	     *taken_b = mem_zalloc(b->nvms, sizeof(*taken_b));
	bool uuids = has_uuids(a) && has_uuids(b);

	for (uint32_t i = 0; i < b->nvms; i++)
		ret[i] = a->nvms + i;
	for (int by_name = !uuids; by_name < 2; by_name++) {
		uint32_t na, nb, *la = candidates(a, taken_a, by_name, uuids, &na),
				 *lb = candidates(b, taken_b, by_name, uuids, &nb);

		for (uint32_t i = 0, j = 0; i < na && j < nb;) {
			const struct profile_vm *va = &a->vms[la[i]], *vb = &b->vms[lb[j]];
			int c = by_name ? strcmp(va->name, vb->name) : strcmp(va->uuid, vb->uuid);

			if (!c) {
				ret[lb[j]] = la[i];
				taken_a[la[i]] = taken_b[lb[j]] = true;
			}
			i += c <= 0;
			j += c >= 0;
		}
		free(la);
		free(lb);
	}
	free(taken_a);
	free(taken_b);
}

/* Texts hold any bytes but NUL, and none of them is to be taken for the end of one. */
static char *key_of(const struct side *s, const struct profile_row *row)
{
	struct buf b = {0}, text = {0};

	for (int k = 0; k < PROFILE_KEYS; k++) {
		if (!(s->r->keys & 1U << k))
			continue;
		if (k == PROFILE_BY_VM) {
			buf_printf(&b, "%" PRIu32 ";", s->vms[s->r->profile->threads[row->like.thread].vm]);
			continue;
		}
		profile_row_text(s->r, row, (enum profile_key)k, &text);
		buf_printf(&b, "%zu:%s;", text.len, text.data);
		buf_free(&text);
	}
	buf_add(&b, "", 0);
	return b.data;
}

static void make_side(struct side *s, const struct profile_rows *r, const uint32_t *vms)
{
	*s = (struct side){.r = r,
			   .vms = vms,
			   .keys = mem_zalloc(r->n, sizeof(*s->keys)),
			   .met = mem_zalloc(r->n, sizeof(*s->met))};
	for (size_t i = 0; i < r->n; i++)
		s->keys[i] = key_of(s, &r->rows[i]);
}

static void free_side(struct side *s)
{
	for (size_t i = 0; i < s->r->n; i++)
		free(s->keys[i]);
	free(s->keys);
	free(s->met);
}

static bool same_key(const void *list, uint32_t place, const void *what)
{
	const struct side *s = list;

	return !s->met[place] && !strcmp(s->keys[place], what);
}

static void add(struct profile_diff *d, const struct profile_row *a, const struct profile_row *b)
{
	struct profile_diff_row row = {.a = a, .b = b};

	if (a)
		row.share_a = profile_rows_share(&d->a, a->like.event, &a->sum);
	if (b)
		row.share_b = profile_rows_share(&d->b, b->like.event, &b->sum);
	if (row.share_a * 100 < d->a.filter.limit && row.share_b * 100 < d->a.filter.limit)
		return;
	d->rows = index_room(d->rows, d->n, sizeof(*d->rows));
	d->rows[d->n++] = row;
}

static void join(struct profile_diff *d, struct side *a, const struct side *b)
{
	struct index index = {0};
	uint64_t seed = (uintptr_t)d->b.rows;

	for (size_t i = 0; i < d->a.n; i++)
		index_add(&index, index_hash_text(seed, a->keys[i]), (uint32_t)i);
	for (size_t i = 0; i < d->b.n; i++) {
		uint32_t at = index_find(&index, index_hash_text(seed, b->keys[i]), same_key, a, b->keys[i]);

		if (at != INDEX_NONE)
			a->met[at] = true;
		add(d, at == INDEX_NONE ? NULL : &d->a.rows[at], &d->b.rows[i]);
	}
	for (size_t i = 0; i < d->a.n; i++)
		if (!a->met[i])
			add(d, &d->a.rows[i], NULL);
	index_free(&index);
}

void profile_diff_text(const struct profile_diff *d, const struct profile_diff_row *row, enum profile_key k,
		       struct buf *ret)
{
	profile_row_text(row->a ? &d->a : &d->b, row->a ? row->a : row->b, k, ret);
}

static int order_rows(const void *x, const void *y, void *arg)
{
	const struct profile_diff *d = arg;
	const struct profile_diff_row *a = x, *b = y;
	double ca = fabs(a->share_b - a->share_a), cb = fabs(b->share_b - b->share_a);
	double sa = a->share_a + a->share_b, sb = b->share_a + b->share_b;
	int c = (ca < cb) - (ca > cb);

	c = c ? c : (sa < sb) - (sa > sb);
	for (int k = 0; k < PROFILE_KEYS && !c; k++) {
		struct buf ta = {0}, tb = {0};

		if (!(d->a.keys & 1U << k))
			continue;
		profile_diff_text(d, a, (enum profile_key)k, &ta);
		profile_diff_text(d, b, (enum profile_key)k, &tb);
		c = strcmp(ta.data, tb.data);
		buf_free(&ta);
		buf_free(&tb);
	}
	/* of two VMs of one name the first comes first */
	if (!c && a->a && b->a)
		return (a->a > b->a) - (a->a < b->a);
	if (!c && a->b && b->b)
		return (a->b > b->b) - (a->b < b->b);
	return c;
}

void profile_diff_make(struct profile_diff *ret, const struct profile *a, const struct profile *b,
		       uint32_t keys, const struct profile_filter *f)
{
	uint32_t *same = mem_zalloc(a->nvms, sizeof(*same)), *matched = mem_zalloc(b->nvms, sizeof(*matched));
	struct profile_filter all = *f;
	struct side sa, sb;

	*ret = (struct profile_diff){0};
	all.limit = 0;
	keys &= ~(1U << PROFILE_BY_ADDRESS);
	profile_rows_make(&ret->a, a, keys, &all);
	profile_rows_make(&ret->b, b, keys, &all);
	if (ret->a.mixed != ret->b.mixed) {
		/* one side has several events: its rows are by event, so must be the other's */
		keys |= 1U << PROFILE_BY_EVENT;
		profile_rows_free(&ret->a);
		profile_rows_free(&ret->b);
		profile_rows_make(&ret->a, a, keys, &all);
		profile_rows_make(&ret->b, b, keys, &all);
	}
	ret->a.filter.limit = ret->b.filter.limit = f->limit;
	for (uint32_t i = 0; i < a->nvms; i++)
		same[i] = i;
	match_vms(a, b, matched);
	make_side(&sa, &ret->a, same);
	make_side(&sb, &ret->b, matched);
	join(ret, &sa, &sb);
	if (ret->n)
		qsort_r(ret->rows, ret->n, sizeof(*ret->rows), order_rows, ret);
	free_side(&sa);
	free_side(&sb);
	free(same);
	free(matched);
}

void profile_diff_free(struct profile_diff *d)
{
	free(d->rows);
	profile_rows_free(&d->a);
	profile_rows_free(&d->b);
	*d = (struct profile_diff){0};
}
