// SPDX-License-Identifier: GPL-2.0-only
/* vmperf profile report: what a perf.data file holds of VMs. */
#include <time.h>

#include "../lib/log.h"
#include "../out/profile.h"
#include "cmd.h"
#include "profile_load.h"
#include "profile_options.h"

/* perf kvm's. */
#define DEFAULT_FILE "perf.data.kvm"

/* "FILE of 2026-01-31 15:04:05" */
static void title(struct buf *b, const char *path, const struct profile *p)
{
	time_t t = (time_t)(p->begin_ns / 1000000000);
	char when[32];
	struct tm tm;

	buf_puts(b, path);
	if (p->begin_ns && localtime_r(&t, &tm) && strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm))
		buf_printf(b, " of %s", when);
}

static void format(struct buf *b, const struct settings *s, const struct profile_rows *r, const char *source)
{
	const struct out_options o = {.colour = output_colored(s->color),
				      .utf8 = output_utf8(),
				      .width = output_width(),
				      .source = source};

	buf_add(b, "", 0);
	switch (s->profile_format) {
	case PROFILE_FORMAT_TABLE:
		out_profile_table(b, r, &o);
		break;
	case PROFILE_FORMAT_JSON:
		out_profile_json(b, r);
		break;
	case PROFILE_FORMAT_CSV:
		out_profile_csv(b, r);
		break;
	case PROFILE_FORMAT_FOLDED:
		out_profile_folded(b, r);
		break;
	case PROFILE_FORMAT_HTML:
		out_profile_html(b, r, source);
		break;
	}
}

int cmd_profile_report(const struct settings *s)
{
	const char *path = s->words.n ? s->words.items[0] : DEFAULT_FILE;
	struct buf source = {0}, b = {0};
	struct profile_choice choice;
	struct profile_rows rows;
	struct profile *p;
	bool ok;

	if (s->words.n > 1) {
		log_err("profile report: one file can be shown (vmperf profile diff A B compares two)");
		return STATUS_USAGE;
	}
	if (!profile_options(s, "profile report", &choice))
		return STATUS_USAGE;
	p = profile_load(s, path);
	if (!p)
		return STATUS_FAILED;
	ok = profile_vms_check(s, p);
	profile_rows_make(&rows, p, choice.keys, &choice.filter);
	title(&source, path, p);
	format(&b, s, &rows, source.data);
	ok &= output_write(b.data, b.len);
	profile_rows_free(&rows);
	profile_free(p);
	buf_free(&source);
	buf_free(&b);
	return ok ? STATUS_DONE : STATUS_FAILED;
}
