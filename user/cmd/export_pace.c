// SPDX-License-Identifier: GPL-2.0-only
#include "export_pace.h"

void pace_begin(struct pace *p, uint64_t now)
{
	*p = (struct pace){.made = true, .begun_ns = now};
}

void pace_spent(struct pace *p, uint64_t begun, uint64_t now)
{
	p->cost_ns += now - begun;
}

bool pace_is_fresh(const struct pace *p, uint64_t now)
{
	/* counted from the beginning: the time that it took is a quarter of the whole */
	uint64_t age = now - p->begun_ns;

	return p->made && (age < PACE_MIN_NS || age / PACE_TIMES < p->cost_ns);
}
