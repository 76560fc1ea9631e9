// SPDX-License-Identifier: GPL-2.0-only
/* The tally's labels: no two VMs have the same name and UUID. */
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "label.h"
#include "tally_parts.h"

/* The first label that is not before this one. */
static uint32_t label_at(const struct tally *t, const char *name, const char *uuid, bool *found)
{
	uint32_t lo = 0, hi = t->nlabels;

	*found = false;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		const struct view_vm *v = &t->by_label[mid]->v;
		int d = strcmp(v->name, name);

		if (!d)
			d = strcmp(v->uuid, uuid);
		if (!d) {
			*found = true;
			return mid;
		}
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void tally_label(struct tally *t, struct tally_vm *vm, const char *name, const char *uuid)
{
	struct buf label = {0}, id = {0};
	size_t len;
	uint32_t at;
	bool taken;

	label_clean(&label, name);
	label_clean(&id, uuid);
	len = label.len;
	at = label_at(t, label.data, id.data, &taken);
	for (unsigned int n = 2; taken; n++) {
		label.len = len;
		buf_printf(&label, " (%u)", n);
		at = label_at(t, label.data, id.data, &taken);
	}
	vm->v.name = label.data;
	vm->v.uuid = id.data;
	t->by_label = mem_resize(t->by_label, (size_t)t->nlabels + 1, sizeof(struct tally_vm *));
	memmove(&t->by_label[at + 1], &t->by_label[at], (t->nlabels - at) * sizeof(struct tally_vm *));
	t->by_label[at] = vm;
	t->nlabels++;
}

void tally_unlabel(struct tally *t, struct tally_vm *vm)
{
	bool found;
	uint32_t at = label_at(t, vm->v.name, vm->v.uuid, &found);

	t->nlabels--;
	memmove(&t->by_label[at], &t->by_label[at + 1], (t->nlabels - at) * sizeof(struct tally_vm *));
	free((char *)vm->v.name);
	free((char *)vm->v.uuid);
	vm->v.name = vm->v.uuid = NULL;
}
