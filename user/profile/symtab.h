/* SPDX-License-Identifier: GPL-2.0-only */
/* The symbols of one address space, sorted. */
#ifndef VMPERF_PROFILE_SYMTAB_H
#define VMPERF_PROFILE_SYMTAB_H

#include <stddef.h>
#include <stdint.h>

struct symtab;

struct symbol {
	uint64_t start, end; /* [start, end) */
	const char *name;    /* raw bytes */
	const char *module;  /* "" the kernel, or the file itself */
};

/* ELF's bindings, in the order that perf prefers them. */
enum symbol_binding { SYMBOL_WEAK, SYMBOL_LOCAL, SYMBOL_GLOBAL };

struct symtab *symtab_new(void);
/* NULL is fine. */
void symtab_free(struct symtab *t);

/*
 * end <= start: up to the next symbol, see symtab_sort().  A name of no bytes:
 * what is there has no name, symbols before it end there all the same.  Texts
 * are copied (each module's name once).
 */
void symtab_add(struct symtab *t, uint64_t start, uint64_t end, enum symbol_binding binding, const char *name,
		size_t namelen, const char *module);

/* The symbol that was added last, if it has no end of its own, ends there at the latest. */
void symtab_limit(struct symtab *t, uint64_t end);

/*
 * Where a module lies ("": the kernel itself).  Its symbols there end there,
 * too; symbols of the kernel itself that lie elsewhere are none (per-CPU
 * offsets).  The last word on a module counts.
 */
void symtab_module(struct symtab *t, const char *module, uint64_t start, uint64_t end);

/*
 * To be called after the last symtab_add() and symtab_module(), and once:
 * sorts, and settles what perf settles in the same way (tools/perf/util/symbol.c,
 * symbols__fixup_end(), symbols__fixup_duplicate(), choose_best_symbol()).
 * A symbol without an end ends where the next one starts; the last one, and the
 * last one before another module's, with the next page.  Of several at one
 * address one stays: one with a size (so that of several without one the last
 * added does), then not weak, global, with fewer underscores before it, longer.
 */
void symtab_sort(struct symtab *t);

/* The symbol that holds addr; NULL: none. */
const struct symbol *symtab_find(const struct symtab *t, uint64_t addr);

/* The module that holds addr, as symtab_module() told ("": the kernel); NULL: none. */
const char *symtab_module_at(const struct symtab *t, uint64_t addr);

/* By name, of the kernel itself, those that did not stay, too; the lowest of several; NULL: none. */
const struct symbol *symtab_named(const struct symtab *t, const char *name);

/* How many stayed. */
size_t symtab_size(const struct symtab *t);

/* About what it takes of memory. */
size_t symtab_bytes(const struct symtab *t);

#endif
