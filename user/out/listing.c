// SPDX-License-Identifier: GPL-2.0-only
#include "listing.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "grid.h"
#include "text.h"

/* So many names are shown of those that lack for the same reason. */
#define NAMED 3

static const char *const titles[] = {
	[EVENT_HARDWARE] = "what CPUs count, as the kernel names it",
	[EVENT_CACHE] = "caches and TLBs, as the kernel names them",
	[EVENT_SOFTWARE] = "events of the kernel itself",
	[EVENT_RAW] = "raw codes, as the CPU's manual has them",
	[EVENT_PMU] = "events that PMUs have names for in /sys",
	[EVENT_MODEL] = "events of this CPU model, by libpfm4",
	[EVENT_RESCTRL] = "cache and memory bandwidth of whole VMs",
};

static bool match_word(const char *pattern, const char *words)
{
	char *copy = mem_strdup(words), *save = NULL;
	bool found = false;

	for (char *w = strtok_r(copy, " ", &save); w && !found; w = strtok_r(NULL, " ", &save))
		found = !fnmatch(pattern, w, FNM_CASEFOLD);
	free(copy);
	return found;
}

bool listing_match(const struct listing_event *e, const char *const *patterns, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!fnmatch(patterns[i], e->name, FNM_CASEFOLD) ||
		    !strcmp(patterns[i], event_group_name(e->group)) || match_word(patterns[i], e->aliases))
			return true;
	return false;
}

static void add_modes(struct buf *b, const struct listing_event *e)
{
	for (int m = EVENT_BOTH; m <= EVENT_HOST; m++)
		if (e->modes >> m & 1)
			buf_printf(b, "%s%s", b->len ? " " : "", event_mode_name((enum event_mode)m));
}

static void add_row(struct grid *g, const struct listing_event *e, const struct out_options *o)
{
	const char *const texts[] = {e->name, NULL, e->counter, e->aliases, e->help};
	enum grid_style style = e->state == LISTING_YES ? GRID_PLAIN : GRID_DIM;
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		b.len = 0;
		if (texts[i])
			text_safe(&b, texts[i], o->utf8);
		else if (e->state == LISTING_UNKNOWN)
			buf_puts(&b, "?");
		else if (e->state == LISTING_NO)
			buf_puts(&b, "-");
		else
			add_modes(&b, e);
		grid_add(g, b.len ? b.data : "", style);
	}
	buf_free(&b);
}

/* The events of one group that stand at l->events[i]; the place behind them. */
static size_t add_group(struct buf *b, const struct listing *l, size_t i, const struct out_options *o,
			unsigned int width)
{
	enum event_group group = l->events[i].group;
	struct grid g = {0};

	grid_column(&g, (struct grid_column){.title = "EVENT", .width = 24, .text = true});
	grid_column(&g, (struct grid_column){.title = "COUNTED", .width = 10, .text = true});
	grid_column(&g, (struct grid_column){.title = "BY", .width = 8, .text = true});
	grid_column(&g,
		    (struct grid_column){
			    .title = "ALSO CALLED", .width = 12, .text = true, .rank = 2, .if_filled = true});
	grid_column(&g, (struct grid_column){.title = "WHAT", .width = 16, .text = true, .rank = 1});
	for (; i < l->n && l->events[i].group == group; i++)
		add_row(&g, &l->events[i], o);
	buf_puts(b, "\n");
	grid_style(b, GRID_BOLD, event_group_name(group), o);
	buf_printf(b, ": %s\n", titles[group]);
	grid_print(b, &g, o, width);
	grid_free(&g);
	return i;
}

static const char *plural(unsigned int n)
{
	return n == 1 ? "" : "s";
}

static void add_fixed(struct buf *b, const struct listing_counters *c)
{
	const char *const names[] = {c->fixed_cycles ? "cycles" : NULL,
				     c->fixed_instructions ? "instructions" : NULL,
				     c->fixed_ref ? "ref-cycles" : NULL};
	unsigned int n = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i])
			buf_printf(b, "%s%s", n++ ? ", " : "; one more for ", names[i]);
	if (n > 1)
		buf_puts(b, " each");
}

static void add_counters(struct buf *b, const struct listing_counters *c)
{
	static const char none[] = "PMU: none; the CPUs' hardware events cannot be counted here";

	if (!*c->pmus) {
		buf_puts(b, none);
		return;
	}
	buf_printf(b, "PMU: %s; %u general counter%s%s", c->pmus, c->general, plural(c->general),
		   c->assumed ? " assumed" : "");
	if (c->measured)
		buf_printf(b, ", %u free now", c->free);
	add_fixed(b, c);
	if (c->watchdog)
		buf_puts(b, "; the NMI watchdog takes one");
	if (!c->measured)
		buf_printf(b, "; how many are free is not known: %s", c->why);
}

static void add_line(struct buf *b, struct buf *line, const struct out_options *o, unsigned int width)
{
	struct buf safe = {0};

	text_safe(&safe, line->data, o->utf8);
	text_wrap(b, safe.data, width, o->utf8);
	buf_puts(b, "\n");
	buf_free(&safe);
	buf_free(line);
}

/* Each reason once, with the names of some that it holds for. */
static void add_reasons(struct buf *b, const struct listing *l, const struct out_options *o,
			unsigned int width)
{
	for (size_t i = 0; i < l->n; i++) {
		struct buf line = {0};
		size_t same = 0, k;

		for (k = 0; k < i && strcmp(l->events[k].why, l->events[i].why) != 0; k++)
			;
		if (k < i || !*l->events[i].why)
			continue;
		for (k = i; k < l->n; k++)
			if (!strcmp(l->events[k].why, l->events[i].why) && same++ < NAMED)
				buf_printf(&line, "%s%s", line.len ? ", " : "", l->events[k].name);
		if (same > NAMED)
			buf_printf(&line, " and %zu more", same - NAMED);
		buf_printf(&line, ": %s", l->events[i].why);
		add_line(b, &line, o, width);
	}
}

void listing_table(struct buf *b, const struct listing *l, const struct out_options *o)
{
	unsigned int width = !o->width ? 80 : o->width < OUT_WIDTH_MIN ? OUT_WIDTH_MIN : o->width;
	/* where it is searched, nothing is cut */
	unsigned int row_width = o->width ? width : UINT_MAX;
	struct buf line = {0};

	add_counters(&line, &l->counters);
	add_line(b, &line, o, width);
	if (l->counters.mediated) {
		buf_puts(&line,
			 "KVM lends the PMU to VMs (enable_mediated_pmu): only the host's part is counted");
		add_line(b, &line, o, width);
	}
	buf_printf(&line, "counted when no others are asked for: %s", *l->preset ? l->preset : "none");
	add_line(b, &line, o, width);
	for (size_t i = 0; i < l->n;)
		i = add_group(b, l, i, o, row_width);
	buf_puts(b, "\n");
	add_reasons(b, l, o, width);
	if (l->no_models) {
		buf_printf(&line, "names of this CPU's own: none: %s", l->no_models);
		add_line(b, &line, o, width);
	}
}

void listing_free(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->events[i].name);
		free(l->events[i].aliases);
		free(l->events[i].help);
		free(l->events[i].counter);
	}
	free(l->events);
	*l = (struct listing){0};
}
