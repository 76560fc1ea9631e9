/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds places in a list by hash: each thing stands in the list once.  A zeroed one is empty. */
#ifndef VMPERF_MODEL_INDEX_H
#define VMPERF_MODEL_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_NONE (~0U)

struct index_slot {
	uint32_t hash, place; /* place + 1; 0: free */
};

struct index {
	struct index_slot *slots;
	size_t size, used; /* size: a power of two, or 0 */
};

/* Whether what stands at this place is the one that is looked for. */
typedef bool (*index_same_fn)(const void *list, uint32_t place, const void *what);

/* The place of what is looked for; INDEX_NONE: it is not there. */
uint32_t index_find(const struct index *x, uint64_t hash, index_same_fn same, const void *list,
		    const void *what);

/* What stands at this place, and is not there yet. */
void index_add(struct index *x, uint64_t hash, uint32_t place);

void index_free(struct index *x);

/* Hashes; begin with a seed that nobody can know from a file, so that no file is made of what collides. */
uint64_t index_hash(uint64_t hash, uint64_t value);
uint64_t index_hash_text(uint64_t hash, const char *s);

/* Room for one more at the end of a list of n, which grows by doubling. */
void *index_room(void *list, size_t n, size_t size);

/* Texts, each once.  A zeroed one is empty. */
struct index_texts {
	struct index index;
	uint64_t seed;
	uint32_t n;
	const char **items; /* not copied */
};

uint32_t index_text(struct index_texts *t, const char *s);
void index_texts_free(struct index_texts *t);

#endif
