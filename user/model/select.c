// SPDX-License-Identifier: GPL-2.0-only
#include "select.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../lib/mem.h"

bool select_vm(const char *pattern, const struct sample_vm *vm)
{
	char pid[16];

	if (!strcmp(pattern, vm->name))
		return true;
	if (vm->uuid[0] && !strcasecmp(pattern, vm->uuid))
		return true;
	snprintf(pid, sizeof(pid), "%u", vm->pid);
	return !strcmp(pattern, pid) || !fnmatch(pattern, vm->name, 0);
}

bool select_any(const char *const *patterns, uint32_t n, const struct sample_vm *vm)
{
	for (uint32_t i = 0; i < n; i++)
		if (select_vm(patterns[i], vm))
			return true;
	return !n;
}

void select_keep(struct sample *s, const char *const *patterns, uint32_t n)
{
	struct sample rest = {0};
	uint32_t kept = 0, left = 0;

	if (!n || !s->nvms)
		return;
	rest.vms = mem_zalloc(s->nvms, sizeof(*rest.vms));
	for (uint32_t i = 0; i < s->nvms; i++) {
		if (select_any(patterns, n, &s->vms[i]))
			s->vms[kept++] = s->vms[i];
		else
			rest.vms[left++] = s->vms[i];
	}
	s->nvms = kept;
	rest.nvms = left;
	sample_free(&rest);
}
