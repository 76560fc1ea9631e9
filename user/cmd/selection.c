// SPDX-License-Identifier: GPL-2.0-only
#include "selection.h"

#include "../lib/log.h"
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
