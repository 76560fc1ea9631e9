// SPDX-License-Identifier: GPL-2.0-only
#include "export_options.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "replay.h"

#define TOP       "top:"
/* More reasons than any VM has. */
#define EXITS_MAX 100000

bool export_exits(const char *text, struct tally_options *ret)
{
	uint32_t n = 0;

	ret->exits = TALLY_ALL;
	ret->hide_exits = !strcmp(text, "none");
	if (ret->hide_exits || !strcmp(text, "all"))
		return true;
	if (strncmp(text, TOP, strlen(TOP)) != 0 || !text[strlen(TOP)])
		return false;
	for (const char *p = text + strlen(TOP); *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		n = n * 10 + (uint32_t)(*p - '0');
		if (n > EXITS_MAX)
			return false;
	}
	ret->exits = n;
	return n > 0;
}

static bool parse_addresses(const struct settings *s, struct export_options *ret)
{
	char error[LISTEN_ERROR];

	ret->listen = mem_zalloc(s->listen.n, sizeof(*ret->listen));
	for (; ret->nlisten < s->listen.n; ret->nlisten++) {
		if (!listen_parse(s->listen.items[ret->nlisten], &ret->listen[ret->nlisten], error)) {
			log_err("export: --listen: %s", error);
			return false;
		}
	}
	return true;
}

bool export_options(const struct settings *s, struct export_options *ret)
{
	const char *wrong = s->replay ? replay_conflict(s) : s->speed ? "--speed" : NULL;

	*ret = (struct export_options){.tally = {.per_vcpu = s->per_vcpu,
						 .max_series = s->max_series,
						 .histograms = s->histograms.items,
						 .nhistograms = s->histograms.n}};
	if (wrong)
		log_err("export: %s makes no sense %s --replay", wrong, s->replay ? "with" : "without");
	else if (!replay_speed(s->speed, &ret->speed))
		log_err("export: " REPLAY_SPEED_USAGE, s->speed);
	else if (!export_exits(s->exits, &ret->tally))
		log_err("export: --exits: '%.40s' is not known (top:N with N from 1 to %d, all or none)",
			s->exits, EXITS_MAX);
	else
		return parse_addresses(s, ret);
	return false;
}

void export_options_free(struct export_options *o)
{
	free(o->listen);
	*o = (struct export_options){0};
}
