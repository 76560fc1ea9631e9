// SPDX-License-Identifier: GPL-2.0-only
/* Every output format, byte by byte, against tests/golden. */
#include <jansson.h>

#include "counting_hosts.h"
#include "golden.h"
#include "model/view.h"
#include "out/out.h"
#include "unit.h"

enum format { TABLE, JSON, CSV };

static const struct golden {
	const char *file;
	void (*make)(struct pair *p);
	enum format format;
	struct out_options o;
} goldens[] = {
	{"svm.txt", svm, TABLE, {.utf8 = true}},
	{"svm-60.txt", svm, TABLE, {.utf8 = true, .width = 60}},
	{"svm-160.txt", svm, TABLE, {.utf8 = true, .width = 160, .top = 3}},
	{"svm-tiny.txt", svm, TABLE, {.utf8 = true, .width = 1}},
	{"svm-colour.txt", svm, TABLE, {.utf8 = true, .colour = true}},
	{"svm-vcpu.txt", svm, TABLE, {.utf8 = true, .by = OUT_BY_VCPU}},
	{"svm-exit.txt", svm, TABLE, {.utf8 = true, .by = OUT_BY_EXIT}},
	{"svm.json", svm, JSON, {0}},
	{"svm-vm.csv", svm, CSV, {0}},
	{"svm-vcpu.csv", svm, CSV, {.by = OUT_BY_VCPU}},
	{"svm-exit.csv", svm, CSV, {.by = OUT_BY_EXIT}},
	{"vmx.txt", vmx, TABLE, {.utf8 = true}},
	{"vmx.json", vmx, JSON, {0}},
	{"vmx-vm.csv", vmx, CSV, {0}},
	{"arm64.txt", arm64, TABLE, {.utf8 = true}},
	{"arm64-vcpu.txt", arm64, TABLE, {.utf8 = true, .by = OUT_BY_VCPU, .width = 100}},
	{"arm64.json", arm64, JSON, {0}},
	{"user.txt", user, TABLE, {.utf8 = true}},
	{"user-exit.txt", user, TABLE, {.utf8 = true, .by = OUT_BY_EXIT}},
	{"user.json", user, JSON, {0}},
	{"user-vm.csv", user, CSV, {0}},
	{"user-exit.csv", user, CSV, {.by = OUT_BY_EXIT}},
	{"user-200.txt", user, TABLE, {.utf8 = true, .width = 200}},
	{"no-sched.txt", no_sched, TABLE, {.utf8 = true}},
	{"no-sched.json", no_sched, JSON, {0}},
	{"mixed.txt", mixed, TABLE, {.utf8 = true}},
	{"mixed-60.txt", mixed, TABLE, {.utf8 = true, .width = 60}},
	{"mixed-120.txt", mixed, TABLE, {.utf8 = true, .width = 120}},
	{"mixed-160.txt", mixed, TABLE, {.utf8 = true, .width = 160}},
	{"mixed-200.txt", mixed, TABLE, {.utf8 = true, .width = 200}},
	{"mixed-colour.txt", mixed, TABLE, {.utf8 = true, .colour = true}},
	{"mixed-vcpu.txt", mixed, TABLE, {.utf8 = true, .by = OUT_BY_VCPU, .width = 100}},
	{"mixed-exit.txt", mixed, TABLE, {.utf8 = true, .by = OUT_BY_EXIT, .width = 100}},
	{"mixed-thread.txt", mixed, TABLE, {.utf8 = true, .by = OUT_BY_THREAD}},
	{"mixed.json", mixed, JSON, {0}},
	{"mixed-vm.csv", mixed, CSV, {0}},
	{"mixed-thread.csv", mixed, CSV, {.by = OUT_BY_THREAD}},
	{"user-thread.txt", user, TABLE, {.utf8 = true, .by = OUT_BY_THREAD}},
	{"none.txt", none, TABLE, {.utf8 = true}},
	{"none-record.txt",
	 none,
	 TABLE,
	 {.width = 50,
	  .source = "record /a\033[31m/\xc3\xa4.vmperf, from 2026-01-31 23:59:00 to 2026-02-01 00:00:00"}},
	{"none.json", none, JSON, {0}},
	{"none.csv", none, CSV, {0}},
	{"no-kvm.txt", no_kvm, TABLE, {.utf8 = true}},
	{"no-kvm.json", no_kvm, JSON, {0}},
	{"names.txt", names, TABLE, {.utf8 = true}},
	{"names-ascii.txt", names, TABLE, {.utf8 = false}},
	{"names-160.txt", names, TABLE, {.utf8 = true, .width = 160, .by = OUT_BY_EXIT}},
	{"names.json", names, JSON, {0}},
	{"names.csv", names, CSV, {0}},
	{"full.txt", full, TABLE, {.utf8 = true}},
	{"full-colour.txt", full, TABLE, {.utf8 = true, .colour = true, .width = 100}},
	{"full.json", full, JSON, {0}},
	{"full-exit.csv", full, CSV, {.by = OUT_BY_EXIT}},
	{"intel.txt", intel, TABLE, {.utf8 = true}},
	{"intel-160.txt", intel, TABLE, {.utf8 = true, .width = 160}},
	{"intel-vcpu.txt", intel, TABLE, {.utf8 = true, .width = 120, .by = OUT_BY_VCPU}},
	{"intel-event.txt", intel, TABLE, {.utf8 = true, .by = OUT_BY_EVENT}},
	{"intel-event-60.txt", intel, TABLE, {.colour = true, .width = 60, .by = OUT_BY_EVENT}},
	{"intel.json", intel, JSON, {0}},
	{"intel-vm.csv", intel, CSV, {0}},
	{"intel-event.csv", intel, CSV, {.by = OUT_BY_EVENT}},
	{"software.txt", software, TABLE, {.utf8 = true}},
	{"software-event.txt", software, TABLE, {.utf8 = true, .by = OUT_BY_EVENT}},
	{"software.json", software, JSON, {0}},
	{"software-event.csv", software, CSV, {.by = OUT_BY_EVENT}},
	{"user-event.txt", user, TABLE, {.utf8 = true, .by = OUT_BY_EVENT}},
	{"user-event.csv", user, CSV, {.by = OUT_BY_EVENT}},
};

#define GOLDENS (sizeof(goldens) / sizeof(*goldens))

static void format(struct buf *b, const struct golden *g)
{
	struct pair p;
	struct view *v;

	g->make(&p);
	v = view_build(&p.a, &p.b);
	switch (g->format) {
	case TABLE:
		out_table(b, v, &g->o);
		break;
	case JSON:
		out_json(b, v, &g->o);
		break;
	case CSV:
		out_csv(b, v, &g->o);
		break;
	}
	view_free(v);
	sample_free(&p.a);
	sample_free(&p.b);
}

START_TEST(same_bytes)
{
	const struct golden *g = &goldens[_i];
	struct buf b = {0};

	format(&b, g);
	golden_same(g->file, &b);
	buf_free(&b);
}
END_TEST

START_TEST(json_parses)
{
	const struct golden *g = &goldens[_i];
	struct buf b = {0};
	json_error_t error;
	json_t *j;

	if (g->format != JSON)
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

/* Nothing wider than asked for, no blank at the end of a line, no escape sequence that was not asked for. */
START_TEST(table_fits)
{
	static const unsigned int widths[] = {40, 52, 60, 72, 80, 100, 132, 160, 200};
	struct golden g = goldens[_i];

	if (g.format != TABLE || g.o.colour)
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
			ck_assert_msg(n - begin <= widths[i], "%s at %u columns:\n%.1000s", g.file, widths[i],
				      b.data);
			ck_assert_msg(n == begin || b.data[n - 1] != ' ', "%s at %u columns:\n%.1000s",
				      g.file, widths[i], b.data);
			begin = n + 1;
		}
		ck_assert_uint_eq(begin, b.len);
		buf_free(&b);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("golden");

	tcase_add_loop_test(u.tcase, same_bytes, 0, GOLDENS);
	tcase_add_loop_test(u.tcase, json_parses, 0, GOLDENS);
	tcase_add_loop_test(u.tcase, table_fits, 0, GOLDENS);
	return unit_run(u);
}
