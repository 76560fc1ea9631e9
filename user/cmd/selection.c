// SPDX-License-Identifier: GPL-2.0-only
#include "selection.h"

#include <stdlib.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "../model/select.h"

void selection_meet(const struct options_list *patterns, const struct sample *s, bool *met)
{
	for (uint32_t i = 0; i < patterns->n; i++)
		for (uint32_t j = 0; j < s->nvms && !met[i]; j++)
			met[i] = select_vm(patterns->items[i], &s->vms[j]);
}

bool selection_check(const struct options_list *patterns, const bool *met, uint32_t nvms)
{
	bool all = true;

	for (uint32_t i = 0; i < patterns->n; i++) {
		if (met[i])
			continue;
		log_err("no VM is called %s (--vm takes a name, glob, UUID or pid); VMs here: %u",
			patterns->items[i], nvms);
		all = false;
	}
	return all;
}

void selection_note(const struct options_list *patterns, const struct sample *s)
{
	bool *met = mem_zalloc(patterns->n, sizeof(*met));

	selection_meet(patterns, s, met);
	for (uint32_t i = 0; i < patterns->n; i++)
		if (!met[i])
			log_note("no VM is called %s yet (--vm takes a name, glob, UUID or pid)",
				 patterns->items[i]);
	free(met);
}
