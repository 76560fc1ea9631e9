// SPDX-License-Identifier: GPL-2.0-only
#include "profile_tree.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "index.h"

struct making {
	struct profile_tree *t;
	struct index index;
	struct index_texts texts;
	uint32_t *names, *modules; /* of symbols: places in texts */
};

static bool same_node(const void *list, uint32_t place, const void *what)
{
	const struct profile_node *a = (const struct profile_node *)list + place, *b = what;

	return a->parent == b->parent && a->vm == b->vm && a->mode == b->mode && a->module == b->module &&
	       a->symbol == b->symbol;
}

/* The child of a node that is like this; its weight grows. */
static uint32_t descend(struct making *m, uint32_t parent, struct profile_node like,
			const struct profile_weight *w)
{
	struct profile_tree *t = m->t;
	uint64_t hash = index_hash(index_hash(m->texts.seed, parent), like.vm);
	uint32_t at;

	like.parent = parent;
	hash = index_hash(index_hash(index_hash(hash, like.mode), like.module), like.symbol);
	at = index_find(&m->index, hash, same_node, t->nodes, &like);
	if (at == INDEX_NONE) {
		like.depth = t->nodes[parent].depth + 1;
		t->nodes = index_room(t->nodes, t->n, sizeof(*t->nodes));
		at = t->n++;
		t->nodes[at] = like;
		index_add(&m->index, hash, at);
	}
	profile_weight_add(&t->nodes[at].sum, w);
	return at;
}

static struct profile_node frame_node(struct making *m, struct profile_node like,
				      const struct profile_frame *f)
{
	const struct profile *p = m->t->rows->profile;

	if (f->symbol != PROFILE_NONE && m->names[f->symbol] != INDEX_NONE) {
		like.symbol = m->names[f->symbol];
		like.module = m->modules[f->symbol];
		return like;
	}
	like.symbol = index_text(&m->texts, profile_frame_symbol(p, f));
	like.module = index_text(&m->texts, profile_frame_module(p, f));
	if (f->symbol != PROFILE_NONE) {
		m->names[f->symbol] = like.symbol;
		m->modules[f->symbol] = like.module;
	}
	return like;
}

static void add(struct making *m, const struct profile_hit *h)
{
	const struct profile *p = m->t->rows->profile;
	const struct profile_stack *s = h->stack == PROFILE_NONE ? NULL : &p->stacks[h->stack];
	struct profile_node like = {.vm = p->threads[h->thread].vm};
	uint32_t at;

	profile_weight_add(&m->t->nodes[0].sum, &h->sum);
	at = descend(m, 0, like, &h->sum);
	like.mode = h->mode;
	/* no other node has this: a mode is no function */
	like.module = like.symbol = INDEX_NONE;
	at = descend(m, at, like, &h->sum);
	for (uint32_t i = s ? s->n : 0; i; i--)
		at = descend(m, at, frame_node(m, like, &s->frames[i - 1]), &h->sum);
	at = descend(m, at, frame_node(m, like, &h->at), &h->sum);
	profile_weight_add(&m->t->nodes[at].own, &h->sum);
}

static int order_nodes(const void *x, const void *y, void *arg)
{
	const struct profile_tree *t = arg;
	const struct profile_node *a = &t->nodes[*(const uint32_t *)x], *b = &t->nodes[*(const uint32_t *)y];
	uint64_t wa = profile_rows_weight(t->rows, &a->sum), wb = profile_rows_weight(t->rows, &b->sum);
	const struct profile_vm *vms = t->rows->profile->vms;
	int c = (a->depth > b->depth) - (a->depth < b->depth);

	/* modes of two VMs can be compared, if they come in one order */
	if (!c && a->depth == PROFILE_TREE_MODE)
		c = (a->mode > b->mode) - (a->mode < b->mode);
	c = c ? c : (wa < wb) - (wa > wb);
	if (!c && a->depth == PROFILE_TREE_VM) {
		c = strcmp(vms[a->vm].name, vms[b->vm].name);
		c = c ? c : (vms[a->vm].pid > vms[b->vm].pid) - (vms[a->vm].pid < vms[b->vm].pid);
	}
	if (!c && a->depth >= PROFILE_TREE_FRAME) {
		c = strcmp(t->texts[a->symbol], t->texts[b->symbol]);
		c = c ? c : strcmp(t->texts[a->module], t->texts[b->module]);
	}
	return c;
}

/* Chains the children of each node, the heaviest first. */
static void chain(struct profile_tree *t)
{
	uint32_t *places = mem_zalloc(t->n, sizeof(*places));

	for (uint32_t i = 1; i < t->n; i++)
		places[i - 1] = i;
	if (t->n > 1)
		qsort_r(places, t->n - 1, sizeof(*places), order_nodes, t);
	for (uint32_t i = t->n - 1; i; i--) {
		struct profile_node *n = &t->nodes[places[i - 1]], *parent = &t->nodes[n->parent];

		n->next = parent->child;
		parent->child = places[i - 1];
	}
	free(places);
}

void profile_tree_make(struct profile_tree *ret, const struct profile_rows *r)
{
	const struct profile *p = r->profile;
	struct making m = {.t = ret,
			   .texts.seed = (uintptr_t)p->hits,
			   .names = mem_zalloc(p->nsymbols, sizeof(*m.names)),
			   .modules = mem_zalloc(p->nsymbols, sizeof(*m.modules))};

	*ret = (struct profile_tree){.rows = r, .n = 1, .nodes = mem_zalloc(1, sizeof(*ret->nodes))};
	for (uint32_t i = 0; i < p->nsymbols; i++)
		m.names[i] = INDEX_NONE;
	for (size_t i = 0; i < p->nhits; i++)
		if (profile_rows_take(r, &p->hits[i]))
			add(&m, &p->hits[i]);
	ret->ntexts = m.texts.n;
	ret->texts = m.texts.items;
	m.texts.items = NULL;
	chain(ret);
	index_free(&m.index);
	index_texts_free(&m.texts);
	free(m.names);
	free(m.modules);
}

void profile_tree_free(struct profile_tree *t)
{
	free(t->nodes);
	free(t->texts);
	*t = (struct profile_tree){0};
}

void profile_tree_name(const struct profile_tree *t, const struct profile_node *n, struct buf *ret)
{
	buf_add(ret, "", 0);
	if (n->depth == PROFILE_TREE_ALL)
		buf_puts(ret, "all");
	else if (n->depth == PROFILE_TREE_VM)
		profile_rows_vm_text(t->rows, n->vm, ret);
	else if (n->depth == PROFILE_TREE_MODE)
		buf_puts(ret, profile_mode_name(n->mode));
	else
		buf_puts(ret, t->texts[n->symbol]);
}

uint32_t profile_tree_beside(const struct profile_tree *t, uint32_t at)
{
	while (at && !t->nodes[at].next)
		at = t->nodes[at].parent;
	return t->nodes[at].next;
}

uint32_t profile_tree_after(const struct profile_tree *t, uint32_t at)
{
	return t->nodes[at].child ? t->nodes[at].child : profile_tree_beside(t, at);
}
