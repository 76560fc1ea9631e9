// SPDX-License-Identifier: GPL-2.0-only
#include "listing.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "node.h"

/* The words of a text that stand between separators. */
static json_t *words(const char *s, const char *separator)
{
	json_t *list = node_checked(json_array());
	char *copy = mem_strdup(s), *save = NULL;

	for (char *w = strtok_r(copy, separator, &save); w; w = strtok_r(NULL, separator, &save))
		node_append(list, node_text(w));
	free(copy);
	return list;
}

static json_t *modes(const struct listing_event *e)
{
	json_t *list;

	if (e->state == LISTING_UNKNOWN)
		return json_null();
	list = node_checked(json_array());
	for (int m = EVENT_BOTH; m <= EVENT_HOST; m++)
		if (e->modes >> m & 1)
			node_append(list, json_string(event_mode_name((enum event_mode)m)));
	return list;
}

static json_t *event(const struct listing_event *e)
{
	json_t *o = node_checked(json_object());

	node_set(o, "event", node_text(e->name));
	node_set(o, "aliases", words(e->aliases, " "));
	node_set(o, "group", json_string(event_group_name(e->group)));
	node_set(o, "description", node_text_or_null(e->help));
	node_set(o, "counter", node_text(e->counter));
	node_set(o, "available",
		 e->state == LISTING_UNKNOWN ? json_null() : json_boolean(e->state == LISTING_YES));
	node_set(o, "modes", modes(e));
	node_set(o, "reason", node_text_or_null(e->why));
	return o;
}

static json_t *fixed(const struct listing_counters *c)
{
	json_t *list = node_checked(json_array());

	if (c->fixed_cycles)
		node_append(list, json_string("cycles"));
	if (c->fixed_instructions)
		node_append(list, json_string("instructions"));
	if (c->fixed_ref)
		node_append(list, json_string("ref-cycles"));
	return list;
}

static json_t *pmu(const struct listing_counters *c)
{
	json_t *o = node_checked(json_object());

	node_set(o, "names", words(c->pmus, " "));
	node_set(o, "general_counters", node_number(c->general));
	node_set(o, "assumed", json_boolean(c->assumed));
	node_set(o, "fixed_counters", fixed(c));
	node_set(o, "free_counters", c->measured ? node_number(c->free) : json_null());
	node_set(o, "reason", node_text_or_null(c->why));
	node_set(o, "nmi_watchdog", json_boolean(c->watchdog));
	node_set(o, "mediated", json_boolean(c->mediated));
	return o;
}

void listing_json(struct buf *b, const struct listing *l)
{
	json_t *root = node_checked(json_object()), *list = node_checked(json_array());

	node_set(root, "schema", json_integer(1));
	node_set(root, "pmu", pmu(&l->counters));
	node_set(root, "default", words(l->preset, ","));
	node_set(root, "no_model_events", node_text_or_null(l->no_models));
	for (size_t i = 0; i < l->n; i++)
		node_append(list, event(&l->events[i]));
	node_set(root, "events", list);
	node_print(b, root);
}
