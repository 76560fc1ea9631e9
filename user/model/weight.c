// SPDX-License-Identifier: GPL-2.0-only
#include "weight.h"

#include "set.h"

struct weight weight_of(const struct view_exit *e, const struct view_uexit *u, size_t order)
{
	if (e)
		return (struct weight){e->ns[VMP_KVM] + e->ns[VMP_VMM], e->count, order};
	return (struct weight){u->ns, u->count, order};
}

int weight_compare(const void *a, const void *b)
{
	const struct weight *x = a, *y = b;
	int d = set_larger(x->ns, y->ns);

	if (!d)
		d = set_larger(x->count, y->count);
	return d ? d : set_larger(y->order, x->order);
}
