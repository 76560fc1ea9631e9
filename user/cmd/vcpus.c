// SPDX-License-Identifier: GPL-2.0-only
#include "vcpus.h"

#include <stdlib.h>

#include "../lib/mem.h"

void vcpus_add(struct vcpus *v, const struct vmp_file *f)
{
	if (f->kind != VMP_FILE_VCPU || !f->tid || f->vcpu_id < 0)
		return;
	if (v->n == v->room) {
		v->room = v->room ? 2 * v->room : 16;
		v->items = mem_resize(v->items, v->room, sizeof(*v->items));
	}
	v->items[v->n++] = (struct vcpu){f->tgid, f->tid, f->vcpu_id};
}

static int by_thread(const void *a, const void *b)
{
	const struct vcpu *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

void vcpus_sort(struct vcpus *v)
{
	if (v->n)
		qsort(v->items, v->n, sizeof(*v->items), by_thread);
}

const struct vcpu *vcpus_find(const struct vcpus *v, uint32_t tid)
{
	const struct vcpu key = {.tid = tid};

	return v->n ? bsearch(&key, v->items, v->n, sizeof(key), by_thread) : NULL;
}

void vcpus_free(struct vcpus *v)
{
	free(v->items);
	*v = (struct vcpus){0};
}
