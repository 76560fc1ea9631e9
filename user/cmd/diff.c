// SPDX-License-Identifier: GPL-2.0-only
/* vmperf diff: two records, or two times in one. */
#include "../model/diff.h"

#include <stdlib.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "../model/select.h"
#include "../out/out.h"
#include "cmd.h"
#include "replay.h"
#include "selection.h"

/* One of the two that are compared. */
struct side {
	const char *path, *at; /* at NULL: the whole */
	struct buf name;
	struct sample from, to;
	struct view *view;
};

/* What is to be compared with what.  False: wrong usage, which was said. */
static bool choose(const struct settings *s, struct side sides[DIFF_SIDES])
{
	const struct options_list *files = &s->words, *at = &s->at;

	if (!files->n || files->n > 2 || (files->n == 1 && at->n != 2) || at->n > 2) {
		log_err("diff: %s (vmperf diff A B, or vmperf diff FILE --at WHEN --at WHEN)",
			!files->n       ? "records are missing"
			: files->n > 2  ? "two records can be compared"
			: files->n == 2 ? "two times at most can be compared"
					: "two times of one record can be compared, or two records");
		return false;
	}
	for (uint32_t i = 0; i < DIFF_SIDES; i++) {
		sides[i].path = files->items[files->n == 2 ? i : 0];
		sides[i].at = at->n ? at->items[at->n == 2 ? i : 0] : NULL;
		buf_puts(&sides[i].name, sides[i].path);
		if (sides[i].at)
			buf_printf(&sides[i].name, " at %s", sides[i].at);
	}
	return true;
}

static int read_side(const struct settings *s, struct side *side)
{
	struct record_reader *r = replay_open(side->path);
	int status;

	if (!r)
		return STATUS_FAILED;
	status = replay_pick(r, side->path, side->at, s->interval_ns, &side->from, &side->to);
	record_reader_free(r);
	return status;
}

static bool print(const struct settings *s, const struct diff *d, const struct side sides[DIFF_SIDES])
{
	const struct out_options o = {.top = s->top,
				      .colour = output_colored(s->color),
				      .utf8 = output_utf8(),
				      .width = output_width()};
	const char *names[DIFF_SIDES];
	struct buf b = {0}, titles[DIFF_SIDES] = {{0}};
	bool ok;

	for (int i = 0; i < DIFF_SIDES; i++) {
		replay_title(&titles[i], sides[i].name.data, sides[i].view);
		names[i] = s->format == FORMAT_JSON ? sides[i].name.data : titles[i].data;
	}
	if (s->format == FORMAT_JSON)
		out_diff_json(&b, d, names);
	else
		out_diff_table(&b, d, names, &o, (enum out_diff)s->tables);
	ok = output_write(b.data, b.len);
	for (int i = 0; i < DIFF_SIDES; i++)
		buf_free(&titles[i]);
	buf_free(&b);
	return ok;
}

static int compare(const struct settings *s, struct side sides[DIFF_SIDES])
{
	bool *met = mem_zalloc(s->vms.n, sizeof(*met)), ok;
	uint32_t nvms = 0;
	struct diff *d;

	for (int i = 0; i < DIFF_SIDES; i++) {
		selection_meet(&s->vms, &sides[i].to, met);
		if (sides[i].to.nvms > nvms)
			nvms = sides[i].to.nvms;
		select_keep(&sides[i].to, s->vms.items, s->vms.n);
		sides[i].view = view_build(&sides[i].from, &sides[i].to);
	}
	ok = selection_check(&s->vms, met, nvms);
	free(met);
	d = diff_build(sides[DIFF_A].view, sides[DIFF_B].view);
	ok &= print(s, d, sides);
	diff_free(d);
	return ok ? STATUS_DONE : STATUS_FAILED;
}

int cmd_diff(const struct settings *s)
{
	struct side sides[DIFF_SIDES] = {0};
	int status = choose(s, sides) ? STATUS_DONE : STATUS_USAGE;

	for (int i = 0; i < DIFF_SIDES && !status; i++)
		status = read_side(s, &sides[i]);
	if (!status)
		status = compare(s, sides);
	for (int i = 0; i < DIFF_SIDES; i++) {
		view_free(sides[i].view);
		sample_free(&sides[i].from);
		sample_free(&sides[i].to);
		buf_free(&sides[i].name);
	}
	return status;
}
