// SPDX-License-Identifier: GPL-2.0-only
/* Profiles in each format, byte by byte against tests/golden, and what must hold of any bytes. */
#include <jansson.h>
#include <stdio.h>

#include "golden.h"
#include "out/profile.h"
#include "profiles.h"
#include "unit.h"

enum format { TABLE, JSON, CSV, FOLDED, HTML, DIFF_TABLE, DIFF_JSON, DIFF_CSV };

#define KEYS     (1U << PROFILE_BY_VM | 1U << PROFILE_BY_MODE | 1U << PROFILE_BY_MODULE | 1U << PROFILE_BY_SYMBOL)
#define ALL_KEYS ((1U << PROFILE_KEYS) - 1)

static struct profile *web(void)
{
	return two_vms(400);
}

static struct profile *nothing(void)
{
	return profile_new();
}

/* A VM that was idle: it and the event are known. */
static struct profile *idle(void)
{
	struct profile *p = profile_of_host();

	profile_vm(p, 7, 0, "web", "");
	return p;
}

static struct profile *one(void)
{
	struct profile *p = profile_of_host();

	hit(p, profile_thread(p, profile_vm(p, 7, 0, "", ""), 7, -1, "qemu"), PROFILE_USER,
	    (struct profile_frame){.object = PROFILE_NONE, .symbol = PROFILE_NONE}, PROFILE_NONE, 1);
	return p;
}

static const struct golden {
	const char *file;
	struct profile *(*make)(void);
	enum format format;
	uint32_t keys;
	double limit;
	struct out_options o;
} goldens[] = {
	{"profile.txt", web, TABLE, KEYS, 0.5, {.utf8 = true, .source = "a \033 perf.data"}},
	{"profile-40.txt", web, TABLE, KEYS, 0.5, {.utf8 = true, .width = 40}},
	{"profile-colour.txt", web, TABLE, KEYS, 5, {.utf8 = true, .colour = true}},
	{"profile-few.txt", web, TABLE, KEYS, 45, {.utf8 = true}},
	{"profile-all.txt", web, TABLE, ALL_KEYS, 0, {.utf8 = true, .width = 180}},
	{"profile.json", web, JSON, KEYS, 0.5, {0}},
	{"profile-all.json", web, JSON, ALL_KEYS, 0, {0}},
	{"profile.csv", web, CSV, KEYS, 0.5, {0}},
	{"profile-all.csv", web, CSV, ALL_KEYS, 0, {0}},
	{"profile.folded", web, FOLDED, KEYS, 0.5, {0}},
	{"profile.html", web, HTML, KEYS, 0.5, {.source = "perf.data.kvm of 2026-01-31 15:00:00"}},
	{"profile-none.txt", nothing, TABLE, KEYS, 0.5, {0}},
	{"profile-none.json", nothing, JSON, KEYS, 0.5, {0}},
	{"profile-none.csv", nothing, CSV, KEYS, 0.5, {0}},
	{"profile-idle.txt", idle, TABLE, KEYS, 0.5, {0}},
	{"profile-one.txt", one, TABLE, ALL_KEYS, 0.5, {0}},
	{"profile-one.json", one, JSON, ALL_KEYS, 0.5, {0}},
	{"profile-one.folded", one, FOLDED, KEYS, 0.5, {0}},
	{"profile-hostile.txt", hostile, TABLE, ALL_KEYS, 0, {.utf8 = true, .width = 200}},
	{"profile-hostile-ascii.txt", hostile, TABLE, KEYS, 0, {.width = 120}},
	{"profile-hostile.json", hostile, JSON, ALL_KEYS, 0, {0}},
	{"profile-hostile.csv", hostile, CSV, ALL_KEYS, 0, {0}},
	{"profile-hostile.folded", hostile, FOLDED, KEYS, 0, {0}},
	{"profile-hostile.html", hostile, HTML, ALL_KEYS, 0, {.source = HOSTILE_NAME}},
	{"profile-events.txt", two_events, TABLE, KEYS, 0, {.width = 100}},
	{"profile-events.json", two_events, JSON, KEYS, 0, {0}},
	{"profile-events.folded", two_events, FOLDED, KEYS, 0, {0}},
	{"profile-diff.txt", web, DIFF_TABLE, KEYS, 0.5, {.utf8 = true, .source = "A monday, B friday"}},
	{"profile-diff.json", web, DIFF_JSON, KEYS, 0.5, {0}},
	{"profile-diff.csv", web, DIFF_CSV, KEYS, 0.5, {0}},
	{"profile-diff-hostile.txt", hostile, DIFF_TABLE, KEYS, 0, {.source = HOSTILE_NAME, .width = 120}},
	{"profile-diff-hostile.json", hostile, DIFF_JSON, KEYS, 0, {0}},
};

#define GOLDENS (sizeof(goldens) / sizeof(*goldens))

static void format_diff(struct buf *b, const struct golden *g)
{
	struct profile_filter f = {.event = PROFILE_NONE, .limit = g->limit};
	struct profile *before = g->make(), *after = two_vms(900);
	struct profile_diff d;

	profile_diff_make(&d, before, after, g->keys, &f);
	if (g->format == DIFF_TABLE)
		out_profile_diff_table(b, &d, &g->o);
	else if (g->format == DIFF_JSON)
		out_profile_diff_json(b, &d);
	else
		out_profile_diff_csv(b, &d);
	profile_diff_free(&d);
	profile_free(before);
	profile_free(after);
}

static void format(struct buf *b, const struct golden *g)
{
	struct profile_filter f = {.event = PROFILE_NONE, .limit = g->limit};
	struct profile_rows r;
	struct profile *p;

	if (g->format >= DIFF_TABLE) {
		format_diff(b, g);
		return;
	}
	p = g->make();
	profile_rows_make(&r, p, g->keys, &f);
	if (g->format == TABLE)
		out_profile_table(b, &r, &g->o);
	else if (g->format == JSON)
		out_profile_json(b, &r);
	else if (g->format == CSV)
		out_profile_csv(b, &r);
	else if (g->format == FOLDED)
		out_profile_folded(b, &r);
	else
		out_profile_html(b, &r, g->o.source);
	profile_rows_free(&r);
	profile_free(p);
}

START_TEST(same_bytes)
{
	struct buf b = {0};

	format(&b, &goldens[_i]);
	golden_same(goldens[_i].file, &b);
	buf_free(&b);
}
END_TEST

START_TEST(json_parses)
{
	const struct golden *g = &goldens[_i];
	struct buf b = {0};
	json_error_t error;
	json_t *j;

	if (g->format != JSON && g->format != DIFF_JSON)
		return;
	format(&b, g);
	j = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(j != NULL, "%s: %s", g->file, error.text);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "schema")), 1);
	json_decref(j);
	for (size_t i = 0; i < b.len; i++)
		MANY(b.data[i] == '\n' || (b.data[i] >= ' ' && b.data[i] < 0x7f));
	buf_free(&b);
}
END_TEST

/* The rows and the rest are the total, in each format that has both. */
START_TEST(json_sums)
{
	const struct golden *g = &goldens[_i];
	json_int_t samples = 0, period = 0;
	struct buf b = {0};
	json_t *j, *row;
	double share = 0;
	size_t i;

	if (g->format != JSON || g->make == hostile)
		return;
	format(&b, g);
	j = json_loadb(b.data, b.len, 0, NULL);
	json_array_foreach(json_object_get(j, "rows"), i, row)
	{
		samples += json_integer_value(json_object_get(row, "samples"));
		period += json_integer_value(json_object_get(row, "period"));
		share += json_real_value(json_object_get(row, "share"));
	}
	samples += json_integer_value(json_object_get(json_object_get(j, "rest"), "samples"));
	period += json_integer_value(json_object_get(json_object_get(j, "rest"), "period"));
	ck_assert_int_eq(samples,
			 json_integer_value(json_object_get(json_object_get(j, "total"), "samples")));
	ck_assert_int_eq(period, json_integer_value(json_object_get(json_object_get(j, "total"), "period")));
	ck_assert_double_le(share, g->make == two_events ? 2.0001 : 1.0001);
	json_decref(j);
	buf_free(&b);
}
END_TEST

/* Lines of a stack, a blank and a number; the numbers are the total. */
START_TEST(folded_sums)
{
	const struct golden *g = &goldens[_i];
	unsigned long long sum = 0, want = g->make == web ? 1000 * MS : g->make == one ? MS : 0;
	struct buf b = {0};
	char *save = NULL;

	if (g->format != FOLDED)
		return;
	format(&b, g);
	for (char *line = strtok_r(b.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *blank = strrchr(line, ' '), *end;

		ck_assert_ptr_nonnull(blank);
		sum += strtoull(blank + 1, &end, 10);
		ck_assert(blank[1] && !*end);
		/* "VM;mode;function" at least */
		ck_assert_ptr_nonnull(strchr(strchr(line, ';') + 1, ';'));
	}
	want = g->make == hostile ? 2 * MS : g->make == two_events ? 37 : want;
	ck_assert_uint_eq(sum, want);
	buf_free(&b);
}
END_TEST

/* Nothing wider than asked for, no blank at the end of a line, no byte that is not to be shown. */
START_TEST(table_fits)
{
	static const unsigned int widths[] = {40, 52, 60, 80, 100, 132, 200};
	struct golden g = goldens[_i];

	if ((g.format != TABLE && g.format != DIFF_TABLE) || g.o.colour)
		return;
	g.o.utf8 = false; /* then columns are bytes */
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		struct buf b = {0};
		size_t begin = 0;

		g.o.width = widths[i];
		format(&b, &g);
		for (size_t n = 0; n < b.len; n++) {
			MANY(b.data[n] == '\n' || (b.data[n] >= ' ' && b.data[n] < 0x7f));
			if (b.data[n] != '\n')
				continue;
			ck_assert_msg(n - begin <= widths[i] && (n == begin || b.data[n - 1] != ' '),
				      "%s at %u columns:\n%.1000s", g.file, widths[i], b.data);
			begin = n + 1;
		}
		ck_assert_uint_eq(begin, b.len);
		buf_free(&b);
	}
}
END_TEST

/* No name gets out of its place: the tags are the same, whatever the names. */
START_TEST(html_tags)
{
	const struct golden *g = &goldens[_i];
	struct buf b = {0};
	size_t scripts = 0;

	if (g->format != HTML)
		return;
	format(&b, g);
	for (const char *s = b.data; (s = strstr(s, "</script")); s++)
		scripts++;
	ck_assert_uint_eq(scripts, 3);
	ck_assert_ptr_null(strstr(b.data, "<img"));
	ck_assert_ptr_null(strstr(b.data, "<script>alert"));
	for (size_t i = 0; i < b.len; i++)
		MANY(b.data[i] == '\n' || b.data[i] == '\t' || (unsigned char)b.data[i] >= ' ');
	buf_free(&b);
}
END_TEST

/* A function that calls another one and has samples of its own has a line for these alone. */
START_TEST(folded_own)
{
	struct profile_filter f = {.event = PROFILE_NONE};
	struct profile *p = profile_of_host();
	uint32_t thread = profile_thread(p, profile_vm(p, 1, 0, "vm", ""), 2, 0, "x");
	struct profile_frame caller = frame(p, PROFILE_KERNEL, PROFILE_NONE, "k", 1, "caller", "[kernel]");
	struct profile_frame called = frame(p, PROFILE_KERNEL, PROFILE_NONE, "k", 2, "called", "[kernel]");
	struct profile_rows r;
	struct buf b = {0};

	hit(p, thread, PROFILE_SYS, caller, PROFILE_NONE, 3);
	hit(p, thread, PROFILE_SYS, called, profile_stack(p, &caller, 1), 4);
	profile_rows_make(&r, p, KEYS, &f);
	out_profile_folded(&b, &r);
	ck_assert_str_eq(b.data, "vm;sys;[kernel]`caller 3000000\n"
				 "vm;sys;[kernel]`caller;[kernel]`called 4000000\n");
	profile_rows_free(&r);
	profile_free(p);
	buf_free(&b);
}
END_TEST

/* A VM whose share is just the limit is shown; lost samples are told, one as well as more. */
START_TEST(table_limits)
{
	struct profile_filter f = {.event = PROFILE_NONE, .limit = 25};
	struct profile *p = profile_of_host();
	struct out_options o = {.width = 100};
	struct profile_rows r;
	struct buf b = {0};

	for (uint32_t i = 1; i <= 2; i++)
		hit(p, profile_thread(p, profile_vm(p, i, 0, i > 1 ? "large" : "quarter", ""), i, 0, "x"),
		    PROFILE_SYS, frame(p, PROFILE_KERNEL, PROFILE_NONE, "k", 1, "f", "[kernel]"),
		    PROFILE_NONE, i > 1 ? 3 : 1);
	p->lost = 1;
	profile_rows_make(&r, p, KEYS, &f);
	out_profile_table(&b, &r, &o);
	ck_assert_ptr_nonnull(strstr(b.data, "\nlost: 1 sample\n"));
	ck_assert_ptr_nonnull(strstr(b.data, "\nquarter"));
	ck_assert_ptr_null(strstr(b.data, "of less than"));
	profile_rows_free(&r);
	profile_free(p);
	buf_free(&b);
}
END_TEST

/* A page of some frames has them all, the smallest, too; the table below the graph has the first 200 rows. */
START_TEST(html_few)
{
	enum { FRAMES = 300 };
	struct profile_filter f = {.event = PROFILE_NONE};
	struct profile *p = profile_of_host();
	uint32_t thread = profile_thread(p, profile_vm(p, 1, 0, "vm", ""), 2, 0, "x");
	struct profile_rows r;
	struct buf b = {0};
	size_t rows = 0;
	char name[32];

	for (uint32_t i = 0; i < FRAMES; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		hit(p, thread, PROFILE_GUEST_SYS, frame(p, PROFILE_GUEST_KERNEL, 0, "g", i, name, "[guest]"),
		    PROFILE_NONE, i == 17 ? 100000000 : 1);
	}
	profile_rows_make(&r, p, KEYS, &f);
	out_profile_html(&b, &r, "few");
	ck_assert_ptr_null(strstr(b.data, "Left out"));
	ck_assert_ptr_nonnull(strstr(b.data, "\"f299\""));
	for (const char *s = strstr(b.data, "What takes most"); s && (s = strstr(s, "<tr><td")); s++)
		rows++;
	ck_assert_uint_eq(rows, 200);
	profile_rows_free(&r);
	profile_free(p);
	buf_free(&b);
}
END_TEST

/* A page of very many frames leaves out the smallest, and says so; a very deep stack does no harm. */
START_TEST(html_many)
{
	enum { FRAMES = 30000, DEEP = 5000 };
	struct profile_filter f = {.event = PROFILE_NONE};
	struct profile *p = profile_of_host();
	uint32_t thread = profile_thread(p, profile_vm(p, 1, 0, "vm", ""), 2, 0, "x");
	static struct profile_frame frames[DEEP];
	struct buf b = {0}, small = {0};
	struct profile_rows r;
	char name[32];

	for (uint32_t i = 0; i < FRAMES; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		hit(p, thread, PROFILE_GUEST_SYS, frame(p, PROFILE_GUEST_KERNEL, 0, "g", i, name, "[guest]"),
		    PROFILE_NONE, i == 17 ? 1000000 : 1);
	}
	for (uint32_t i = 0; i < DEEP; i++)
		frames[i] = frame(p, PROFILE_KERNEL, PROFILE_NONE, "k", i, "recurses", "[kernel]");
	hit(p, thread, PROFILE_SYS, frames[0], profile_stack(p, frames, DEEP), 1000);
	profile_rows_make(&r, p, KEYS, &f);
	out_profile_html(&b, &r, "many");
	ck_assert_ptr_nonnull(strstr(b.data, "Left out: 30000 frames")); /* all but f17, and the deep one */
	ck_assert_ptr_nonnull(strstr(b.data, "\"f17\""));
	ck_assert_ptr_null(strstr(b.data, "\"f18\""));
	out_profile_folded(&small, &r);
	ck_assert_uint_gt(small.len, DEEP);
	profile_rows_free(&r);
	profile_free(p);
	buf_free(&b);
	buf_free(&small);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("profile_out");

	tcase_add_loop_test(u.tcase, same_bytes, 0, GOLDENS);
	tcase_add_loop_test(u.tcase, json_parses, 0, GOLDENS);
	tcase_add_loop_test(u.tcase, json_sums, 0, GOLDENS);
	tcase_add_loop_test(u.tcase, folded_sums, 0, GOLDENS);
	tcase_add_loop_test(u.tcase, table_fits, 0, GOLDENS);
	tcase_add_loop_test(u.tcase, html_tags, 0, GOLDENS);
	UNIT_ADD(u, folded_own);
	UNIT_ADD(u, table_limits);
	UNIT_ADD(u, html_few);
	UNIT_ADD(u, html_many);
	return unit_run(u);
}
