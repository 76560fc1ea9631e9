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

struct symtab *symtab_new(void);
void symtab_free(struct symtab *t);

/* end 0: up to the next symbol, see symtab_sort().  Texts are copied (each module's name once). */
void symtab_add(struct symtab *t, uint64_t start, uint64_t end, const char *name, size_t namelen,
		const char *module);

/* To be called after the last symtab_add(): sorts, settles ends; of several at one address perf's choice
 * stays. */
void symtab_sort(struct symtab *t);

/* The symbol that holds addr; NULL: none. */
const struct symbol *symtab_find(const struct symtab *t, uint64_t addr);

/* By name, of the kernel itself; NULL: none. */
const struct symbol *symtab_named(const struct symtab *t, const char *name);
size_t symtab_size(const struct symtab *t);

#endif
