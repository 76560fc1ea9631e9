// SPDX-License-Identifier: GPL-2.0-only
#include "event_choice.h"

#include <stdlib.h>
#include <string.h>

#include "../host/hostinfo.h"
#include "../lib/buf.h"
#include "../lib/log.h"

/* A list in a file: lines, "#" begins a comment. */
static void without_comments(char *text)
{
	for (char *c = strchr(text, '#'); c; c = strchr(c, '#'))
		while (*c && *c != '\n')
			*c++ = ' ';
}

void event_choices_make(struct event_choices *c, const struct settings *s)
{
	const char *list = s->events;
	char file[4096];

	memset(c, 0, sizeof(*c));
	c->pmus = pmus_read("");
	if (!list)
		list = getenv(EVENT_CHOICE_ENV);
	if (!list && hostinfo_file("", file, sizeof(file), EVENT_CHOICE_FILE)) {
		without_comments(file);
		list = file;
	}
	c->asked = list && strcmp(list, "default") != 0;
	if (!c->asked)
		list = events_preset(c->pmus);
	if (strcmp(list, "none") != 0)
		events_parse(c->pmus, list, &c->events);
	c->events.preset = !c->asked;
}

bool event_choices_check(const struct event_choices *c, const struct settings *s, bool shown,
			 const struct sample_event *events, uint32_t n)
{
	bool all = true;

	for (uint32_t i = 0; i < n; i++) {
		const struct sample_event *e = &events[i];

		if (e->counted)
			continue;
		all = false;
		/* the other mode failed for the same reason */
		if (i && !strcmp(events[i - 1].name, e->name) && !strcmp(events[i - 1].why, e->why))
			continue;
		if (s->events_strict)
			log_err("%s cannot be counted: %s", e->name, e->why);
		else if (c->asked && !shown)
			log_warn("%s is not counted: %s", e->name, e->why);
		else
			log_info("%s is not counted: %s", e->name, e->why);
	}
	return all || !s->events_strict;
}

void event_choices_free(struct event_choices *c)
{
	events_free(&c->events);
	pmus_free(c->pmus);
}
