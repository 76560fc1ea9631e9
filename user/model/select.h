/* SPDX-License-Identifier: GPL-2.0-only */
/* --vm: which VMs are meant.  Pure. */
#ifndef VMPERF_MODEL_SELECT_H
#define VMPERF_MODEL_SELECT_H

#include <stdbool.h>

#include "sample.h"

/*
 * Whether pattern means this VM: its exact name, its UUID (upper or lower
 * case), its pid, or a glob (fnmatch) of its name.
 */
bool select_vm(const char *pattern, const struct sample_vm *vm);

/* Whether one of the n patterns means it; with no pattern all are meant. */
bool select_any(const char *const *patterns, uint32_t n, const struct sample_vm *vm);

/* Leaves in s the VMs that one of the n patterns means. */
void select_keep(struct sample *s, const char *const *patterns, uint32_t n);

#endif
