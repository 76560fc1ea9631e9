// SPDX-License-Identifier: GPL-2.0-only
#include "symtab.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../model/index.h"

#define PAGE  4096ULL
#define CHUNK (256U << 10)
/* Symbols that hold one another, deeper than this, come from no compiler. */
#define DEPTH 16

struct item {
	struct symbol symbol;
	uint64_t limit;  /* where it ends at the latest; 0: anywhere */
	uint32_t order;  /* as they were added */
	uint32_t around; /* the nearest before it that ends behind it, + 1; 0: none */
	uint8_t binding;
};

struct module {
	char *name;
	uint64_t start, end; /* 0, 0: not known */
};

/* Texts stay where they are, so that symbols can point to them. */
struct chunk {
	struct chunk *next;
	size_t used, size;
	char text[];
};

struct symtab {
	struct item *items;
	size_t n, cap, shown; /* [0, shown) are what is found, sorted; then their aliases */
	struct module *modules;
	size_t nmodules;
	struct index by_name; /* of modules: a guest can tell of millions */
	size_t last;          /* the module of the last symtab_add(): mostly the next one's, too */
	size_t *placed;
	size_t nplaced; /* those whose place is known, sorted */
	struct chunk *chunks;
};

struct symtab *symtab_new(void)
{
	return mem_zalloc(1, sizeof(struct symtab));
}

void symtab_free(struct symtab *t)
{
	if (!t)
		return;
	for (struct chunk *c = t->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	for (size_t i = 0; i < t->nmodules; i++)
		free(t->modules[i].name);
	free(t->modules);
	index_free(&t->by_name);
	free(t->placed);
	free(t->items);
	free(t);
}

static const char *keep(struct symtab *t, const char *text, size_t len)
{
	struct chunk *c = t->chunks;
	char *ret;

	if (!c || c->size - c->used <= len) {
		size_t size = len < CHUNK ? CHUNK : len + 1;

		c = mem_zalloc(1, sizeof(*c) + size);
		c->size = size;
		c->next = t->chunks;
		t->chunks = c;
	}
	ret = c->text + c->used;
	memcpy(ret, text, len);
	ret[len] = '\0';
	c->used += len + 1;
	return ret;
}

static bool same_module(const void *list, uint32_t place, const void *what)
{
	return !strcmp(((const struct module *)list)[place].name, what);
}

static struct module *module_named(struct symtab *t, const char *name)
{
	uint64_t hash;
	uint32_t at;

	if (t->last < t->nmodules && !strcmp(t->modules[t->last].name, name))
		return &t->modules[t->last];
	hash = index_hash_text((uintptr_t)t, name);
	at = index_find(&t->by_name, hash, same_module, t->modules, name);
	if (at == INDEX_NONE) {
		at = (uint32_t)t->nmodules;
		t->modules = index_room(t->modules, t->nmodules, sizeof(*t->modules));
		t->modules[t->nmodules++] = (struct module){.name = mem_strdup(name)};
		index_add(&t->by_name, hash, at);
	}
	t->last = at;
	return &t->modules[at];
}

void symtab_add(struct symtab *t, uint64_t start, uint64_t end, enum symbol_binding binding, const char *name,
		size_t namelen, const char *module)
{
	struct item *it;

	if (t->n == UINT32_MAX - 1)
		return;
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 1024;
		t->items = mem_resize(t->items, t->cap, sizeof(*t->items));
	}
	it = &t->items[t->n];
	it->symbol.start = start;
	it->symbol.end = end > start ? end : start;
	it->symbol.name = keep(t, name, namelen);
	it->symbol.module = module_named(t, module)->name;
	it->order = (uint32_t)t->n++;
	it->around = 0;
	it->limit = 0;
	it->binding = (uint8_t)binding;
}

void symtab_limit(struct symtab *t, uint64_t end)
{
	if (t->n)
		t->items[t->n - 1].limit = end;
}

void symtab_module(struct symtab *t, const char *module, uint64_t start, uint64_t end)
{
	struct module *m;

	if (end <= start)
		return;
	m = module_named(t, module);
	m->start = start;
	m->end = end;
}

static int by_start(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->symbol.start != y->symbol.start)
		return x->symbol.start < y->symbol.start ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static int by_place(const void *a, const void *b, void *arg)
{
	const struct module *modules = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	if (modules[x].start != modules[y].start)
		return modules[x].start < modules[y].start ? -1 : 1;
	return (x > y) - (x < y);
}

/* Sorts the places that are known: where two of them overlap, the lower one ends. */
static void sort_modules(struct symtab *t)
{
	t->placed = mem_zalloc(t->nmodules ? t->nmodules : 1, sizeof(*t->placed));
	for (size_t i = 0; i < t->nmodules; i++)
		if (t->modules[i].end)
			t->placed[t->nplaced++] = i;
	if (t->nplaced)
		qsort_r(t->placed, t->nplaced, sizeof(*t->placed), by_place, t->modules);
	for (size_t i = 0; i + 1 < t->nplaced; i++) {
		struct module *m = &t->modules[t->placed[i]], *next = &t->modules[t->placed[i + 1]];

		if (m->end > next->start)
			m->end = next->start;
	}
}

static const struct module *module_at(const struct symtab *t, uint64_t addr)
{
	size_t low = 0, high = t->nplaced;
	const struct module *m;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->modules[t->placed[mid]].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	m = low ? &t->modules[t->placed[low - 1]] : NULL;
	return m && addr < m->end ? m : NULL;
}

const char *symtab_module_at(const struct symtab *t, uint64_t addr)
{
	const struct module *m = module_at(t, addr);

	return m ? m->name : NULL;
}

/* Leaves out the kernel's that lie elsewhere. */
static void drop_strays(struct symtab *t)
{
	const struct module *kernel = NULL;
	size_t n = 0;

	for (size_t i = 0; i < t->nmodules; i++)
		if (!*t->modules[i].name && t->modules[i].end)
			kernel = &t->modules[i];
	if (!kernel)
		return;
	for (size_t i = 0; i < t->n; i++) {
		const struct symbol *s = &t->items[i].symbol;

		if (*s->module || (s->start >= kernel->start && s->start < kernel->end))
			t->items[n++] = t->items[i];
	}
	t->n = n;
}

/* The end of the page after the one that addr is in, or begins. */
static uint64_t page_end(uint64_t addr)
{
	return addr > UINT64_MAX - 2 * PAGE ? UINT64_MAX : (addr + 2 * PAGE - 1) & ~(PAGE - 1);
}

static void settle_ends(struct symtab *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct symbol *s = &t->items[i].symbol, *next = &t->items[i + 1].symbol;
		const struct module *m;

		if (s->end > s->start)
			continue;
		s->end = page_end(s->start);
		if (i + 1 < t->n && (s->module == next->module || s->end > next->start))
			s->end = next->start;
		if (t->items[i].limit > s->start && s->end > t->items[i].limit)
			s->end = t->items[i].limit;
		m = module_at(t, s->start);
		if (m && m->name == s->module && s->end > m->end)
			s->end = m->end;
	}
}

static size_t underscores(const char *name)
{
	return strspn(name, "_");
}

/* Whether b is to be shown rather than a, which was added before. */
static bool is_better(const struct item *a, const struct item *b)
{
	bool as = a->symbol.end > a->symbol.start, bs = b->symbol.end > b->symbol.start;
	size_t an, bn;

	if (as != bs)
		return bs;
	if (a->binding != b->binding)
		return b->binding > a->binding;
	an = underscores(a->symbol.name);
	bn = underscores(b->symbol.name);
	if (an != bn)
		return bn < an;
	an = strlen(a->symbol.name);
	bn = strlen(b->symbol.name);
	if (an != bn)
		return bn > an;
	/* old names of system calls */
	return !strncmp(a->symbol.name, "SyS", 3) || !strncmp(a->symbol.name, "compat_SyS", 10);
}

/* Puts one of each address into [0, shown), the others behind. */
static void choose(struct symtab *t)
{
	struct item *aliases = mem_zalloc(t->n ? t->n : 1, sizeof(*aliases));
	size_t shown = 0, n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (!shown || t->items[shown - 1].symbol.start != t->items[i].symbol.start) {
			t->items[shown++] = t->items[i];
		} else if (is_better(&t->items[shown - 1], &t->items[i])) {
			aliases[n++] = t->items[shown - 1];
			t->items[shown - 1] = t->items[i];
		} else {
			aliases[n++] = t->items[i];
		}
	}
	if (n)
		memcpy(t->items + shown, aliases, n * sizeof(*aliases));
	free(aliases);
	t->shown = shown;
}

/* A symbol that holds others is found where those have ended. */
static void link_around(struct symtab *t)
{
	for (size_t i = 1; i < t->shown; i++) {
		size_t up = i;

		/* links grow outwards: each is followed once for each symbol that it ends before */
		for (int depth = 0; up && depth < DEPTH; depth++) {
			if (t->items[up - 1].symbol.end > t->items[i].symbol.end)
				break;
			up = t->items[up - 1].around;
		}
		if (up && t->items[up - 1].symbol.end > t->items[i].symbol.end)
			t->items[i].around = (uint32_t)up;
	}
}

void symtab_sort(struct symtab *t)
{
	sort_modules(t);
	drop_strays(t);
	if (t->n)
		qsort(t->items, t->n, sizeof(*t->items), by_start);
	settle_ends(t);
	choose(t);
	link_around(t);
}

const struct symbol *symtab_find(const struct symtab *t, uint64_t addr)
{
	size_t low = 0, high = t->shown;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->items[mid].symbol.start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	for (int depth = 0; low && depth < DEPTH; depth++) {
		const struct item *it = &t->items[low - 1];

		if (addr < it->symbol.end)
			return *it->symbol.name ? &it->symbol : NULL;
		low = it->around;
	}
	return NULL;
}

const struct symbol *symtab_named(const struct symtab *t, const char *name)
{
	const struct symbol *ret = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct symbol *s = &t->items[i].symbol;

		if (!*s->module && (!ret || s->start < ret->start) && !strcmp(s->name, name))
			ret = s;
	}
	return ret;
}

size_t symtab_bytes(const struct symtab *t)
{
	/* what is not used yet takes none: it was not touched */
	size_t bytes = sizeof(*t) + t->n * sizeof(*t->items) + t->nmodules * sizeof(*t->modules);

	for (const struct chunk *c = t->chunks; c; c = c->next)
		bytes += sizeof(*c) + c->used;
	return bytes;
}

size_t symtab_size(const struct symtab *t)
{
	return t->shown;
}
