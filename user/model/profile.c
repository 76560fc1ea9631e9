// SPDX-License-Identifier: GPL-2.0-only
#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "index.h"

struct profile_index {
	struct index events, vms, threads, objects, symbols, stacks, hits;
};

const char *profile_mode_name(enum profile_mode m)
{
	static const char *const names[PROFILE_MODES] = {
		[PROFILE_SYS] = "sys",
		[PROFILE_USER] = "user",
		[PROFILE_GUEST_SYS] = "guest sys",
		[PROFILE_GUEST_USER] = "guest user",
		[PROFILE_OTHER] = "other",
	};

	return names[m];
}

/* Files may say any number: a sum stays at the largest one. */
static uint64_t plus(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

void profile_weight_add(struct profile_weight *to, const struct profile_weight *w)
{
	to->samples = plus(to->samples, w->samples);
	to->period = plus(to->period, w->period);
}

struct profile *profile_new(void)
{
	struct profile *p = mem_zalloc(1, sizeof(*p));

	p->index = mem_zalloc(1, sizeof(*p->index));
	return p;
}

static void free_index(struct profile_index *x)
{
	if (!x)
		return;
	index_free(&x->events);
	index_free(&x->vms);
	index_free(&x->threads);
	index_free(&x->objects);
	index_free(&x->symbols);
	index_free(&x->stacks);
	index_free(&x->hits);
	free(x);
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->nevents; i++)
		free(p->events[i].name);
	for (uint32_t i = 0; i < p->nvms; i++)
		free(p->vms[i].name);
	for (uint32_t i = 0; i < p->nthreads; i++)
		free(p->threads[i].comm);
	for (uint32_t i = 0; i < p->nobjects; i++)
		free(p->objects[i].path);
	for (uint32_t i = 0; i < p->nsymbols; i++) {
		free(p->symbols[i].name);
		free(p->symbols[i].module);
	}
	for (uint32_t i = 0; i < p->nstacks; i++)
		free(p->stacks[i].frames);
	free(p->events);
	free(p->vms);
	free(p->threads);
	free(p->objects);
	free(p->symbols);
	free(p->stacks);
	free(p->hits);
	free_index(p->index);
	free(p);
}

/* Where it lies in memory cannot be known from a file. */
static uint64_t seed(const struct profile *p)
{
	return (uintptr_t)p->index;
}

/* A text that is brought up to date; one that is empty tells nothing. */
static void renew(char **text, const char *s)
{
	if (!*s || !strcmp(*text, s))
		return;
	free(*text);
	*text = mem_strdup(s);
}

static bool same_event(const void *list, uint32_t place, const void *what)
{
	const struct profile_event *a = (const struct profile_event *)list + place, *b = what;

	return a->freq == b->freq && !strcmp(a->name, b->name);
}

uint32_t profile_event(struct profile *p, const char *name, uint64_t freq)
{
	struct profile_event like = {.name = (char *)name, .freq = freq};
	uint64_t hash = index_hash(index_hash_text(seed(p), name), freq);
	uint32_t at = index_find(&p->index->events, hash, same_event, p->events, &like);

	if (at != PROFILE_NONE)
		return at;
	p->events = index_room(p->events, p->nevents, sizeof(*p->events));
	like.name = mem_strdup(name);
	p->events[p->nevents] = like;
	index_add(&p->index->events, hash, p->nevents);
	return p->nevents++;
}

static bool same_vm(const void *list, uint32_t place, const void *what)
{
	const struct profile_vm *a = (const struct profile_vm *)list + place, *b = what;

	return a->pid == b->pid && a->start_ns == b->start_ns;
}

uint32_t profile_vm(struct profile *p, uint32_t pid, uint64_t start_ns, const char *name, const char *uuid)
{
	struct profile_vm like = {.pid = pid, .start_ns = start_ns};
	uint64_t hash = index_hash(index_hash(seed(p), pid), start_ns);
	uint32_t at = index_find(&p->index->vms, hash, same_vm, p->vms, &like);

	/* it may stand in the list, which may move */
	memcpy(like.uuid, uuid, strnlen(uuid, sizeof(like.uuid) - 1));
	if (at == PROFILE_NONE) {
		p->vms = index_room(p->vms, p->nvms, sizeof(*p->vms));
		like.name = mem_strdup("");
		p->vms[p->nvms] = like;
		index_add(&p->index->vms, hash, p->nvms);
		at = p->nvms++;
	}
	renew(&p->vms[at].name, name);
	if (*like.uuid)
		memcpy(p->vms[at].uuid, like.uuid, sizeof(like.uuid));
	return at;
}

static bool same_thread(const void *list, uint32_t place, const void *what)
{
	const struct profile_thread *a = (const struct profile_thread *)list + place, *b = what;

	return a->vm == b->vm && a->tid == b->tid;
}

uint32_t profile_thread(struct profile *p, uint32_t vm, uint32_t tid, int32_t vcpu, const char *comm)
{
	struct profile_thread like = {.vm = vm, .tid = tid, .vcpu = -1};
	uint64_t hash = index_hash(index_hash(seed(p), vm), tid);
	uint32_t at = index_find(&p->index->threads, hash, same_thread, p->threads, &like);

	if (at == PROFILE_NONE) {
		p->threads = index_room(p->threads, p->nthreads, sizeof(*p->threads));
		like.comm = mem_strdup("");
		p->threads[p->nthreads] = like;
		index_add(&p->index->threads, hash, p->nthreads);
		at = p->nthreads++;
	}
	renew(&p->threads[at].comm, comm);
	if (vcpu >= 0)
		p->threads[at].vcpu = vcpu;
	return at;
}

static bool same_object(const void *list, uint32_t place, const void *what)
{
	const struct profile_object *a = (const struct profile_object *)list + place, *b = what;

	return a->kind == b->kind && a->vm == b->vm && a->build_id_size == b->build_id_size &&
	       !memcmp(a->build_id, b->build_id, a->build_id_size) && !strcmp(a->boot_id, b->boot_id) &&
	       !strcmp(a->path, b->path);
}

uint32_t profile_object(struct profile *p, const struct profile_object *o)
{
	uint64_t hash = index_hash(index_hash(index_hash_text(seed(p), o->path), o->kind), o->vm);
	struct profile_object *found;
	uint32_t at;

	for (uint8_t i = 0; i < o->build_id_size; i++)
		hash = index_hash(hash, o->build_id[i]);
	at = index_find(&p->index->objects, hash, same_object, p->objects, o);
	if (at == PROFILE_NONE) {
		p->objects = index_room(p->objects, p->nobjects, sizeof(*p->objects));
		p->objects[p->nobjects] = *o;
		p->objects[p->nobjects].path = mem_strdup(o->path);
		index_add(&p->index->objects, hash, p->nobjects);
		return p->nobjects++;
	}
	found = &p->objects[at];
	found->unsure |= o->unsure;
	if (!found->ref_name[0]) {
		memcpy(found->ref_name, o->ref_name, sizeof(found->ref_name));
		found->ref_addr = o->ref_addr;
	}
	return at;
}

static bool same_symbol(const void *list, uint32_t place, const void *what)
{
	const struct profile_symbol *a = (const struct profile_symbol *)list + place, *b = what;

	return !a->name == !b->name && (!a->name || !strcmp(a->name, b->name)) &&
	       !strcmp(a->module, b->module);
}

uint32_t profile_symbol(struct profile *p, const char *name, const char *module)
{
	struct profile_symbol like = {.name = (char *)name, .module = (char *)module};
	uint64_t hash = index_hash_text(index_hash_text(seed(p), module), name ? name : "");
	uint32_t at = index_find(&p->index->symbols, hash, same_symbol, p->symbols, &like);

	if (at != PROFILE_NONE)
		return at;
	p->symbols = index_room(p->symbols, p->nsymbols, sizeof(*p->symbols));
	p->symbols[p->nsymbols] =
		(struct profile_symbol){.name = name ? mem_strdup(name) : NULL, .module = mem_strdup(module)};
	index_add(&p->index->symbols, hash, p->nsymbols);
	return p->nsymbols++;
}

/*
 * Symbols are given to frames that are in the lists already, so hashes leave
 * them out.  But one address may have had two names: that of a guest that has
 * another kernel since.
 */
static uint64_t frame_hash(uint64_t hash, const struct profile_frame *f)
{
	return index_hash(index_hash(hash, f->object), f->addr);
}

static bool same_frame(const struct profile_frame *a, const struct profile_frame *b)
{
	return a->object == b->object && a->addr == b->addr && a->symbol == b->symbol;
}

static bool same_stack(const void *list, uint32_t place, const void *what)
{
	const struct profile_stack *a = (const struct profile_stack *)list + place, *b = what;

	if (a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (!same_frame(&a->frames[i], &b->frames[i]))
			return false;
	return true;
}

uint32_t profile_stack(struct profile *p, const struct profile_frame *frames, uint32_t n)
{
	struct profile_stack like = {.n = n, .frames = (struct profile_frame *)frames};
	uint64_t hash = index_hash(seed(p), n);
	uint32_t at;

	if (!n)
		return PROFILE_NONE;
	for (uint32_t i = 0; i < n; i++)
		hash = frame_hash(hash, &frames[i]);
	at = index_find(&p->index->stacks, hash, same_stack, p->stacks, &like);
	if (at != PROFILE_NONE)
		return at;
	p->stacks = index_room(p->stacks, p->nstacks, sizeof(*p->stacks));
	like.frames = mem_dup(frames, n, sizeof(*frames));
	p->stacks[p->nstacks] = like;
	index_add(&p->index->stacks, hash, p->nstacks);
	return p->nstacks++;
}

static bool same_hit(const void *list, uint32_t place, const void *what)
{
	const struct profile_hit *a = (const struct profile_hit *)list + place, *b = what;

	return a->event == b->event && a->thread == b->thread && a->mode == b->mode && a->stack == b->stack &&
	       same_frame(&a->at, &b->at);
}

void profile_hit(struct profile *p, const struct profile_hit *h)
{
	uint64_t hash = frame_hash(index_hash(index_hash(seed(p), h->event), h->thread), &h->at);
	uint32_t at;

	hash = index_hash(index_hash(hash, h->mode), h->stack);
	at = index_find(&p->index->hits, hash, same_hit, p->hits, h);
	if (at == PROFILE_NONE) {
		p->hits = index_room(p->hits, p->nhits, sizeof(*p->hits));
		at = (uint32_t)p->nhits++;
		p->hits[at] = *h;
		index_add(&p->index->hits, hash, at);
	} else {
		profile_weight_add(&p->hits[at].sum, &h->sum);
	}
	profile_weight_add(&p->events[h->event].total, &h->sum);
	profile_weight_add(&p->vms[p->threads[h->thread].vm].modes[h->mode], &h->sum);
}

/* Where things of one profile are in another. */
struct places {
	uint32_t *events, *vms, *threads, *objects, *symbols, *stacks;
};

static uint32_t moved(const uint32_t *places, uint32_t at)
{
	return at == PROFILE_NONE ? PROFILE_NONE : places[at];
}

static struct profile_frame moved_frame(const struct places *to, struct profile_frame f)
{
	f.object = moved(to->objects, f.object);
	f.symbol = moved(to->symbols, f.symbol);
	return f;
}

static void merge_lists(struct profile *p, const struct profile *b, struct places *to)
{
	for (uint32_t i = 0; i < b->nevents; i++)
		to->events[i] = profile_event(p, b->events[i].name, b->events[i].freq);
	for (uint32_t i = 0; i < b->nvms; i++)
		to->vms[i] = profile_vm(p, b->vms[i].pid, b->vms[i].start_ns, b->vms[i].name, b->vms[i].uuid);
	for (uint32_t i = 0; i < b->nthreads; i++) {
		const struct profile_thread *t = &b->threads[i];

		to->threads[i] = profile_thread(p, to->vms[t->vm], t->tid, t->vcpu, t->comm);
	}
	for (uint32_t i = 0; i < b->nobjects; i++) {
		struct profile_object o = b->objects[i];

		o.vm = moved(to->vms, o.vm);
		to->objects[i] = profile_object(p, &o);
	}
	for (uint32_t i = 0; i < b->nsymbols; i++)
		to->symbols[i] = profile_symbol(p, b->symbols[i].name, b->symbols[i].module);
}

static void merge_stacks(struct profile *p, const struct profile *b, struct places *to)
{
	for (uint32_t i = 0; i < b->nstacks; i++) {
		const struct profile_stack *s = &b->stacks[i];
		struct profile_frame *frames = mem_dup(s->frames, s->n, sizeof(*frames));

		for (uint32_t j = 0; j < s->n; j++)
			frames[j] = moved_frame(to, frames[j]);
		to->stacks[i] = profile_stack(p, frames, s->n);
		free(frames);
	}
}

static void merge_head(struct profile *p, const struct profile *b)
{
	if (!p->hostname[0])
		memcpy(p->hostname, b->hostname, sizeof(p->hostname));
	if (!p->kernel[0])
		memcpy(p->kernel, b->kernel, sizeof(p->kernel));
	if (!p->arch[0])
		memcpy(p->arch, b->arch, sizeof(p->arch));
	if (!p->begin_ns || (b->begin_ns && b->begin_ns < p->begin_ns))
		p->begin_ns = b->begin_ns;
	p->duration_ns = plus(p->duration_ns, b->duration_ns);
	p->lost = plus(p->lost, b->lost);
	p->foreign = plus(p->foreign, b->foreign);
}

void profile_merge(struct profile *p, const struct profile *b)
{
	struct places to = {
		.events = mem_zalloc(b->nevents, sizeof(uint32_t)),
		.vms = mem_zalloc(b->nvms, sizeof(uint32_t)),
		.threads = mem_zalloc(b->nthreads, sizeof(uint32_t)),
		.objects = mem_zalloc(b->nobjects, sizeof(uint32_t)),
		.symbols = mem_zalloc(b->nsymbols, sizeof(uint32_t)),
		.stacks = mem_zalloc(b->nstacks, sizeof(uint32_t)),
	};

	merge_head(p, b);
	merge_lists(p, b, &to);
	merge_stacks(p, b, &to);
	for (size_t i = 0; i < b->nhits; i++) {
		struct profile_hit h = b->hits[i];

		h.event = to.events[h.event];
		h.thread = to.threads[h.thread];
		h.at = moved_frame(&to, h.at);
		h.stack = moved(to.stacks, h.stack);
		profile_hit(p, &h);
	}
	free(to.events);
	free(to.vms);
	free(to.threads);
	free(to.objects);
	free(to.symbols);
	free(to.stacks);
}
