/* SPDX-License-Identifier: GPL-2.0-only */
/* names.c's own: the symbols of guests' kernels, from all sources. */
#ifndef VMPERF_PROFILE_NAMES_GUEST_H
#define VMPERF_PROFILE_NAMES_GUEST_H

#include "names_parts.h"

struct names_options;

struct guest_names {
	struct guest_names *next;
	uint32_t pid;  /* 0: not one VM's */
	char boot[37]; /* that the symbols are of; "" not known */
	struct kernel_names kernel;
	bool none;            /* there is nothing of it at this source */
	unsigned int doubted; /* so many looks more it names nothing: it has booted anew */
};

/* From each source a list: places keep pointers to what is in it. */
struct guests_names {
	struct guest_names *told;    /* names_guest(), by pid */
	struct guest_names *mounted; /* guest_mount, by pid */
	struct guest_names *cached;  /* guest_cache, by boot */
	struct guest_names all;      /* the other options */
	bool all_read;
};

void guests_names_tell(struct guests_names *g, uint32_t pid, const char *kallsyms, size_t nkallsyms,
		       const char *modules, size_t nmodules);

/* Reads what DIR/PID has of this VM's guest, if that was not done yet. */
void guests_names_look(struct guests_names *g, const struct names_options *from, uint32_t pid);

/*
 * Looks which boots the guests below guest_mount are in; reads the symbols anew
 * of one that has another than before, and names nothing of it until the next
 * look but one: what was sampled before that may be of either boot.
 */
void guests_names_again(struct guests_names *g, const struct names_options *from);

/* Reads what has not been read of it. */
struct kernel_place guests_names_place(struct guests_names *g, const struct names_options *from, uint32_t pid,
				       const struct profile_object *o);

void guests_names_free(struct guests_names *g);

#endif
