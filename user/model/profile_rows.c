// SPDX-License-Identifier: GPL-2.0-only
#include "profile_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "index.h"
#include "select.h"

/* An address is two numbers. */
#define VALUES (PROFILE_KEYS + 1)

/* Rows as they are made: each has its values of the keys. */
struct making {
	struct profile_rows *r;
	struct index index;
	struct index_texts texts;
	uint32_t *comms;   /* of threads: places in texts */
	uint32_t *names;   /* of symbols */
	uint32_t *modules; /* of symbols */
	uint32_t *objects; /* the modules of frames that have no symbol */
	uint32_t nowhere;  /* the module of those that have no object either */
	uint32_t nvalues;
	uint64_t *values; /* row by row */
};

static const char *const key_names[PROFILE_KEYS] = {
	[PROFILE_BY_EVENT] = "event",     [PROFILE_BY_VM] = "vm",         [PROFILE_BY_PID] = "pid",
	[PROFILE_BY_VCPU] = "vcpu",       [PROFILE_BY_TID] = "tid",       [PROFILE_BY_COMM] = "comm",
	[PROFILE_BY_MODE] = "mode",       [PROFILE_BY_MODULE] = "module", [PROFILE_BY_SYMBOL] = "symbol",
	[PROFILE_BY_ADDRESS] = "address",
};

const char *profile_key_name(enum profile_key k)
{
	return key_names[k];
}

static bool key_of(const char *word, size_t len, uint32_t *ret_keys)
{
	/* perf's */
	static const struct {
		const char *name;
		enum profile_key key;
	} others[] = {
		{"dso", PROFILE_BY_MODULE},
		{"sym", PROFILE_BY_SYMBOL},
		{"thread", PROFILE_BY_TID},
	};

	for (int i = 0; i < PROFILE_KEYS; i++) {
		if (strlen(key_names[i]) == len && !memcmp(key_names[i], word, len)) {
			*ret_keys |= 1U << i;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (strlen(others[i].name) == len && !memcmp(others[i].name, word, len)) {
			*ret_keys |= 1U << others[i].key;
			return true;
		}
	}
	return false;
}

bool profile_keys_parse(const char *list, uint32_t *ret_keys, char word[64])
{
	*ret_keys = 0;
	for (;;) {
		size_t len = strcspn(list, ",");

		if (!key_of(list, len, ret_keys)) {
			len = len < 63 ? len : 63;
			memcpy(word, list, len);
			word[len] = '\0';
			return false;
		}
		if (!list[len])
			return true;
		list += len + 1;
	}
}

bool profile_vm_is(const struct profile_vm *vm, const char *pattern)
{
	struct sample_vm like = {.pid = vm->pid, .name = vm->name};

	memcpy(like.uuid, vm->uuid, sizeof(like.uuid));
	return select_vm(pattern, &like);
}

const char *profile_frame_symbol(const struct profile *p, const struct profile_frame *f)
{
	const char *name = f->symbol == PROFILE_NONE ? NULL : p->symbols[f->symbol].name;

	return name ? name : "[unknown]";
}

static const char *object_module(const struct profile_object *o)
{
	const char *slash;

	if (o->kind == PROFILE_KERNEL)
		return "[kernel]";
	if (o->kind == PROFILE_GUEST_KERNEL)
		return "[guest kernel]";
	/* "//anon" and "[vdso]" are no paths */
	slash = o->path[0] == '/' && o->path[1] != '/' ? strrchr(o->path, '/') : NULL;
	if (slash && slash[1])
		return slash + 1;
	return *o->path ? o->path : "[unknown]";
}

const char *profile_frame_module(const struct profile *p, const struct profile_frame *f)
{
	if (f->symbol != PROFILE_NONE)
		return p->symbols[f->symbol].module;
	return f->object == PROFILE_NONE ? "[unknown]" : object_module(&p->objects[f->object]);
}

void profile_rows_vm_text(const struct profile_rows *r, uint32_t vm, struct buf *ret)
{
	const struct profile_vm *v = &r->profile->vms[vm];

	if (!*v->name)
		buf_printf(ret, "pid %" PRIu32, v->pid);
	else if (r->twins[vm])
		buf_printf(ret, "%s (%" PRIu32 ")", v->name, v->pid);
	else
		buf_puts(ret, v->name);
}

bool profile_rows_take(const struct profile_rows *r, const struct profile_hit *h)
{
	const struct profile_filter *f = &r->filter;

	return (f->event == PROFILE_NONE || f->event == h->event) &&
	       (!f->modes || f->modes & 1U << h->mode) && r->chosen[r->profile->threads[h->thread].vm];
}

uint64_t profile_rows_weight(const struct profile_rows *r, const struct profile_weight *w)
{
	return r->mixed || !r->total.period ? w->samples : w->period;
}

double profile_rows_share(const struct profile_rows *r, uint32_t event, const struct profile_weight *w)
{
	const struct profile_weight *all = r->mixed ? &r->events[event] : &r->total;

	if (all->period)
		return (double)w->period / (double)all->period;
	return all->samples ? (double)w->samples / (double)all->samples : 0;
}

/* Texts of the things that rows are made of, each once. */
static void find_texts(struct making *m, const struct profile *p)
{
	m->texts.seed = (uintptr_t)p->hits;
	m->comms = mem_zalloc(p->nthreads, sizeof(*m->comms));
	m->names = mem_zalloc(p->nsymbols, sizeof(*m->names));
	m->modules = mem_zalloc(p->nsymbols, sizeof(*m->modules));
	m->objects = mem_zalloc(p->nobjects, sizeof(*m->objects));
	m->nowhere = index_text(&m->texts, "[unknown]");
	for (uint32_t i = 0; i < p->nthreads; i++)
		m->comms[i] = index_text(&m->texts, p->threads[i].comm);
	for (uint32_t i = 0; i < p->nsymbols; i++) {
		m->names[i] = p->symbols[i].name ? index_text(&m->texts, p->symbols[i].name) : m->nowhere;
		m->modules[i] = index_text(&m->texts, p->symbols[i].module);
	}
	for (uint32_t i = 0; i < p->nobjects; i++)
		m->objects[i] = index_text(&m->texts, object_module(&p->objects[i]));
}

static uint64_t value(const struct making *m, const struct profile_hit *h, enum profile_key k)
{
	const struct profile *p = m->r->profile;
	const struct profile_thread *t = &p->threads[h->thread];

	switch (k) {
	case PROFILE_BY_EVENT:
		return h->event;
	case PROFILE_BY_VM:
		return t->vm;
	case PROFILE_BY_PID:
		return p->vms[t->vm].pid;
	case PROFILE_BY_VCPU:
		return (uint64_t)t->vcpu;
	case PROFILE_BY_TID:
		return t->tid;
	case PROFILE_BY_COMM:
		return m->comms[h->thread];
	case PROFILE_BY_MODE:
		return h->mode;
	case PROFILE_BY_MODULE:
		if (h->at.symbol != PROFILE_NONE)
			return m->modules[h->at.symbol];
		return h->at.object == PROFILE_NONE ? m->nowhere : m->objects[h->at.object];
	case PROFILE_BY_SYMBOL:
		return h->at.symbol == PROFILE_NONE ? m->nowhere : m->names[h->at.symbol];
	case PROFILE_BY_ADDRESS:
		return h->at.addr;
	case PROFILE_KEYS:
		break;
	}
	return 0;
}

static uint32_t values(const struct making *m, const struct profile_hit *h, uint64_t ret[VALUES])
{
	uint32_t n = 0;

	for (int k = 0; k < PROFILE_KEYS; k++)
		if (m->r->keys & 1U << k)
			ret[n++] = value(m, h, (enum profile_key)k);
	if (m->r->keys & 1U << PROFILE_BY_ADDRESS)
		ret[n++] = h->at.object;
	if (!n)
		ret[n++] = 0; /* no keys: one row of all */
	return n;
}

static bool same_row(const void *list, uint32_t place, const void *what)
{
	const struct making *m = list;

	return !memcmp(m->values + (size_t)place * m->nvalues, what, m->nvalues * sizeof(*m->values));
}

static void add(struct making *m, const struct profile_hit *h)
{
	struct profile_rows *r = m->r;
	uint64_t v[VALUES], hash = m->texts.seed;
	uint32_t at;

	m->nvalues = values(m, h, v);
	for (uint32_t i = 0; i < m->nvalues; i++)
		hash = index_hash(hash, v[i]);
	at = index_find(&m->index, hash, same_row, m, v);
	if (at != INDEX_NONE) {
		profile_weight_add(&r->rows[at].sum, &h->sum);
		return;
	}
	r->rows = index_room(r->rows, r->n, sizeof(*r->rows));
	m->values = index_room(m->values, r->n, m->nvalues * sizeof(*m->values));
	r->rows[r->n] = (struct profile_row){.like = *h, .sum = h->sum};
	memcpy(m->values + r->n * m->nvalues, v, m->nvalues * sizeof(*v));
	index_add(&m->index, hash, (uint32_t)r->n++);
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int order_by(const struct profile *p, const struct profile_hit *a, const struct profile_hit *b,
		    enum profile_key k)
{
	const struct profile_thread *ta = &p->threads[a->thread], *tb = &p->threads[b->thread];
	const struct profile_vm *va = &p->vms[ta->vm], *vb = &p->vms[tb->vm];
	int c;

	switch (k) {
	case PROFILE_BY_EVENT:
		return order(a->event, b->event);
	case PROFILE_BY_VM:
		c = strcmp(va->name, vb->name);
		c = c ? c : order(va->pid, vb->pid);
		return c ? c : order(ta->vm, tb->vm);
	case PROFILE_BY_PID:
		return order(va->pid, vb->pid);
	case PROFILE_BY_VCPU:
		return (ta->vcpu > tb->vcpu) - (ta->vcpu < tb->vcpu);
	case PROFILE_BY_TID:
		return order(ta->tid, tb->tid);
	case PROFILE_BY_COMM:
		return strcmp(ta->comm, tb->comm);
	case PROFILE_BY_MODE:
		return order(a->mode, b->mode);
	case PROFILE_BY_MODULE:
		return strcmp(profile_frame_module(p, &a->at), profile_frame_module(p, &b->at));
	case PROFILE_BY_SYMBOL:
		return strcmp(profile_frame_symbol(p, &a->at), profile_frame_symbol(p, &b->at));
	case PROFILE_BY_ADDRESS:
		c = order(a->at.addr, b->at.addr);
		return c ? c : order(a->at.object, b->at.object);
	case PROFILE_KEYS:
		break;
	}
	return 0;
}

static int order_rows(const void *x, const void *y, void *arg)
{
	const struct profile_rows *r = arg;
	const struct profile_row *a = x, *b = y;
	int c = r->mixed ? order(a->like.event, b->like.event) : 0;

	c = c ? c : order(b->sum.period, a->sum.period);
	c = c ? c : order(b->sum.samples, a->sum.samples);
	for (int k = 0; k < PROFILE_KEYS && !c; k++)
		if (r->keys & 1U << k)
			c = order_by(r->profile, &a->like, &b->like, (enum profile_key)k);
	return c;
}

static void find_twins(struct profile_rows *r)
{
	const struct profile *p = r->profile;
	struct index_texts names = {.seed = (uintptr_t)p->vms};
	uint32_t *first = mem_zalloc(p->nvms, sizeof(*first));

	for (uint32_t i = 0; i < p->nvms; i++) {
		uint32_t n = names.n, at;

		if (!r->chosen[i])
			continue;
		at = index_text(&names, p->vms[i].name);
		if (at == n)
			first[at] = i;
		else
			r->twins[i] = r->twins[first[at]] = true;
	}
	index_texts_free(&names);
	free(first);
}

/* Which VMs, and whether samples of several events pass. */
static void choose(struct profile_rows *r)
{
	const struct profile *p = r->profile;
	uint32_t first = PROFILE_NONE;

	for (uint32_t i = 0; i < p->nvms; i++) {
		r->chosen[i] = !r->filter.nvms;
		for (uint32_t j = 0; j < r->filter.nvms && !r->chosen[i]; j++)
			r->chosen[i] = profile_vm_is(&p->vms[i], r->filter.vms[j]);
	}
	for (size_t i = 0; i < p->nhits; i++) {
		const struct profile_hit *h = &p->hits[i];

		if (!profile_rows_take(r, h))
			continue;
		if (first == PROFILE_NONE)
			first = h->event;
		r->mixed |= h->event != first;
	}
	if (r->mixed)
		r->keys |= 1U << PROFILE_BY_EVENT;
}

/* The hit, in its VM's split. */
static void split(struct profile_rows *r, const struct profile_hit *h)
{
	uint32_t vm = r->profile->threads[h->thread].vm;

	if (!r->chosen[vm] || (r->filter.event != PROFILE_NONE && r->filter.event != h->event))
		return;
	profile_weight_add(&r->vms[vm].sum, &h->sum);
	profile_weight_add(&r->vms[vm].modes[h->mode], &h->sum);
}

/* Rows below the limit go. */
static void cut(struct profile_rows *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct profile_row *row = &r->rows[i];

		if (profile_rows_share(r, row->like.event, &row->sum) * 100 < r->filter.limit)
			profile_weight_add(&r->rest, &row->sum);
		else
			r->rows[kept++] = *row;
	}
	r->n = kept;
}

void profile_rows_make(struct profile_rows *ret, const struct profile *p, uint32_t keys,
		       const struct profile_filter *f)
{
	struct making m = {.r = ret};

	*ret = (struct profile_rows){.profile = p,
				     .filter = *f,
				     .keys = keys,
				     .events = mem_zalloc(p->nevents, sizeof(*ret->events)),
				     .vms = mem_zalloc(p->nvms, sizeof(*ret->vms)),
				     .chosen = mem_zalloc(p->nvms, sizeof(*ret->chosen)),
				     .twins = mem_zalloc(p->nvms, sizeof(*ret->twins))};
	choose(ret);
	find_twins(ret);
	find_texts(&m, p);
	for (size_t i = 0; i < p->nhits; i++) {
		const struct profile_hit *h = &p->hits[i];

		split(ret, h);
		if (!profile_rows_take(ret, h))
			continue;
		profile_weight_add(&ret->total, &h->sum);
		profile_weight_add(&ret->events[h->event], &h->sum);
		add(&m, h);
	}
	cut(ret);
	if (ret->n)
		qsort_r(ret->rows, ret->n, sizeof(*ret->rows), order_rows, ret);
	index_free(&m.index);
	index_texts_free(&m.texts);
	free(m.comms);
	free(m.names);
	free(m.modules);
	free(m.objects);
	free(m.values);
}

void profile_rows_free(struct profile_rows *r)
{
	free(r->rows);
	free(r->events);
	free(r->vms);
	free(r->chosen);
	free(r->twins);
	*r = (struct profile_rows){0};
}

void profile_row_text(const struct profile_rows *r, const struct profile_row *row, enum profile_key k,
		      struct buf *ret)
{
	const struct profile *p = r->profile;
	const struct profile_hit *h = &row->like;
	const struct profile_thread *t = &p->threads[h->thread];

	buf_add(ret, "", 0);
	switch (k) {
	case PROFILE_BY_EVENT:
		buf_puts(ret, p->events[h->event].name);
		break;
	case PROFILE_BY_VM:
		profile_rows_vm_text(r, t->vm, ret);
		break;
	case PROFILE_BY_PID:
		buf_printf(ret, "%" PRIu32, p->vms[t->vm].pid);
		break;
	case PROFILE_BY_VCPU:
		if (t->vcpu >= 0)
			buf_printf(ret, "%" PRId32, t->vcpu);
		break;
	case PROFILE_BY_TID:
		buf_printf(ret, "%" PRIu32, t->tid);
		break;
	case PROFILE_BY_COMM:
		buf_puts(ret, t->comm);
		break;
	case PROFILE_BY_MODE:
		buf_puts(ret, profile_mode_name(h->mode));
		break;
	case PROFILE_BY_MODULE:
		buf_puts(ret, profile_frame_module(p, &h->at));
		break;
	case PROFILE_BY_SYMBOL:
		buf_puts(ret, profile_frame_symbol(p, &h->at));
		break;
	case PROFILE_BY_ADDRESS:
		buf_printf(ret, "0x%" PRIx64, h->at.addr);
		break;
	case PROFILE_KEYS:
		break;
	}
}
