/* SPDX-License-Identifier: GPL-2.0-only */
/* --vm: what it was asked for and is not there. */
#ifndef VMPERF_CMD_SELECTION_H
#define VMPERF_CMD_SELECTION_H

#include <stdbool.h>

#include "../model/sample.h"
#include "cmd.h"

/* Marks the patterns that mean a VM of s; met: one for each. */
void selection_meet(const struct options_list *patterns, const struct sample *s, bool *met);

/* Says so of patterns that met none.  False: there are such. */
bool selection_check(const struct options_list *patterns, const bool *met, uint32_t nvms);

/* For who goes on until there is one: says so of patterns that mean no VM of s. */
void selection_note(const struct options_list *patterns, const struct sample *s);

#endif
