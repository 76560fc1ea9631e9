// SPDX-License-Identifier: GPL-2.0-only
/* vmperf profile diff: what two perf.data files differ in. */
#include "../model/profile_diff.h"

#include <stdlib.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "../out/profile.h"
#include "profile_load.h"
#include "profile_options.h"
#include "selection.h"

/* A pattern of --vm may mean a VM of one file only. */
static bool check_vms(const struct settings *s, const struct profile *a, const struct profile *b)
{
	bool *met = mem_zalloc(s->vms.n, sizeof(*met)), ok;

	profile_vms_meet(s, a, met);
	profile_vms_meet(s, b, met);
	ok = selection_check(&s->vms, met, a->nvms > b->nvms ? a->nvms : b->nvms);
	free(met);
	return ok;
}

static bool print(const struct settings *s, const struct profile_diff *d)
{
	struct out_options o = {
		.colour = output_colored(s->color), .utf8 = output_utf8(), .width = output_width()};
	struct buf b = {0}, source = {0};
	bool ok;

	buf_printf(&source, "A %s, B %s", s->words.items[0], s->words.items[1]);
	o.source = source.data;
	if (s->profile_format == PROFILE_FORMAT_JSON)
		out_profile_diff_json(&b, d);
	else if (s->profile_format == PROFILE_FORMAT_CSV)
		out_profile_diff_csv(&b, d);
	else
		out_profile_diff_table(&b, d, &o);
	ok = output_write(b.data, b.len);
	buf_free(&b);
	buf_free(&source);
	return ok;
}

int cmd_profile_diff(const struct settings *s)
{
	struct profile *a, *b = NULL;
	struct profile_choice choice;
	struct profile_diff d;
	bool ok = false;

	if (s->words.n != 2) {
		log_err("profile diff: it takes two files (vmperf profile diff A B)");
		return STATUS_USAGE;
	}
	if (!profile_options(s, "profile diff", &choice))
		return STATUS_USAGE;
	a = profile_load(s, s->words.items[0]);
	if (a)
		b = profile_load(s, s->words.items[1]);
	if (b) {
		ok = check_vms(s, a, b);
		profile_diff_make(&d, a, b, choice.keys, &choice.filter);
		ok &= print(s, &d);
		profile_diff_free(&d);
	}
	profile_free(a);
	profile_free(b);
	return ok ? STATUS_DONE : STATUS_FAILED;
}
