/* SPDX-License-Identifier: GPL-2.0-only */
/* libpfm4: the names that CPU models' manuals have.  It is loaded at the first call. */
#ifndef VMPERF_HOST_PFM_H
#define VMPERF_HOST_PFM_H

#include <stdbool.h>

#include "../model/event.h"

/* NULL: libpfm4 is there; else one line why it is not. */
const char *pfm_missing(void);

/*
 * Resolves "MEM_LOAD_RETIRED:L1_MISS", with the model's name and "::" before
 * it or not: sets group, kind, type, config, config1, config2, and exclude_*
 * where the name asks for it.  False: error has one line, for EVENT_ERROR
 * bytes, why not; "": there is no such name, or no libpfm4.
 */
bool pfm_resolve(const char *name, struct event_spec *ret, char *error);

/* Calls fn for each event, with each unit mask of its own, of the CPUs that are here; none without libpfm4.
 */
typedef void pfm_fn(void *ctx, const char *name, const char *help);
void pfm_each(pfm_fn *fn, void *ctx);

#endif
