// SPDX-License-Identifier: GPL-2.0-only
#include "domains.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"

/* Where uuid is, or belongs. */
static size_t place(const struct domains *d, const char *uuid)
{
	size_t lo = 0, hi = d->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(d->domain[mid].uuid, uuid) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct domain *domains_find(const struct domains *d, const char *uuid)
{
	size_t i = place(d, uuid);

	return i < d->n && !strcmp(d->domain[i].uuid, uuid) ? &d->domain[i] : NULL;
}

void domains_facts_free(struct domain_facts *f)
{
	for (uint32_t i = 0; i < f->pins.n; i++)
		free(f->pins.pin[i].cpus);
	free(f->pins.pin);
	domain_xml_clear(&f->xml);
	*f = (struct domain_facts){0};
}

static void drop(struct domain *d)
{
	free(d->name);
	domains_facts_free(&d->facts);
}

static void forget(struct domains *d, size_t i)
{
	drop(&d->domain[i]);
	d->n--;
	memmove(d->domain + i, d->domain + i + 1, (d->n - i) * sizeof(*d->domain));
}

static void add(struct domains *d, size_t i, const char *uuid, const char *name)
{
	struct domain *new;

	if (d->n == d->room) {
		d->room = d->room ? d->room * 2 : 64;
		d->domain = mem_resize(d->domain, d->room, sizeof(*d->domain));
	}
	memmove(d->domain + i + 1, d->domain + i, (d->n - i) * sizeof(*d->domain));
	d->n++;
	new = &d->domain[i];
	*new = (struct domain){.name = mem_strdup(name), .stale = true};
	strcpy(new->uuid, uuid);
}

void domains_set(struct domains *d, const char *uuid, const char *name)
{
	size_t i = place(d, uuid);

	if (i < d->n && !strcmp(d->domain[i].uuid, uuid))
		forget(d, i);
	if (name)
		add(d, i, uuid, name);
}

void domains_clear(struct domains *d)
{
	while (d->n)
		drop(&d->domain[--d->n]);
	free(d->domain);
	*d = (struct domains){0};
}
