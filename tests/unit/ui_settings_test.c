// SPDX-License-Identifier: GPL-2.0-only
/* The UI's settings as text: written and read again, and what people make of them by hand. */
#include <string.h>

#include "tui/settings.h"
#include "ui.h"

static const char *written(const struct ui *ui)
{
	static struct buf b;

	b.len = 0;
	settings_write(&b, ui);
	return b.data;
}

/* What nobody has changed is not written, but for what is always. */
START_TEST(presets)
{
	struct ui ui;

	ui_init(&ui);
	ck_assert_str_eq(written(&ui), "# vmperf's terminal UI writes this file\n"
				       "theme = default\n"
				       "interval_ms = 1000\n"
				       "by_vcpu = no\n");
	ui_free(&ui);
}
END_TEST

static void same_choices(const struct ui *a, const struct ui *b)
{
	for (int p = 0; p < PAGES; p++) {
		const struct page_choice *x = &a->pages[p], *y = &b->pages[p];

		ck_assert_uint_eq(x->ncolumns, y->ncolumns);
		for (unsigned int i = 0; i < x->ncolumns; i++)
			ck_assert_ptr_eq(x->columns[i], y->columns[i]);
		ck_assert_ptr_eq(x->sort, y->sort);
		ck_assert_int_eq(x->reverse, y->reverse);
	}
}

/* Every column of every page, in another order, and sorted by each. */
START_TEST(round_trip)
{
	for (unsigned int round = 0; round < COLUMNS_MAX; round++) {
		struct ui a, b;

		ui_init(&a);
		a.theme = (enum theme_name)(round % THEMES);
		a.interval_ns = 100 * MS * (round + 1);
		a.by_vcpu = round % 2;
		for (int p = 0; p < PAGES; p++) {
			struct page_choice *c = &a.pages[p];
			const struct column *all;
			unsigned int n = page_columns((enum page)p, &all);

			c->reverse = round % 3;
			if (!n)
				continue;
			c->sort = round % 5 ? &all[round % n] : NULL;
			c->ncolumns = 0;
			for (unsigned int i = 0; i <= round % n; i++)
				c->columns[c->ncolumns++] = &all[(round + n - i) % n];
		}
		ui_init(&b);
		ck_assert_uint_eq(settings_read(&b, written(&a)), 0);
		same_choices(&a, &b);
		ck_assert_int_eq(a.theme, b.theme);
		ck_assert_uint_eq(a.interval_ns, b.interval_ns);
		ck_assert_int_eq(a.by_vcpu, b.by_vcpu);
		ui_free(&a);
		ui_free(&b);
	}
}
END_TEST

/* The number of the first line that is not taken; the others are. */
START_TEST(lines)
{
	static const struct {
		const char *text;
		unsigned int wrong;
		const char *after; /* what is written then, without the first line; NULL: as preset */
	} cases[] = {
		{"", 0, NULL},
		{"\n\n  \n# a remark\n", 0, NULL},
		{"theme=dark", 0, "theme = dark\ninterval_ms = 1000\nby_vcpu = no\n"},
		{"  theme \t=  light \r\n", 0, "theme = light\ninterval_ms = 1000\nby_vcpu = no\n"},
		{"theme = pink\nby_vcpu = yes\n", 1, "theme = default\ninterval_ms = 1000\nby_vcpu = yes\n"},
		{"\nby_vcpu = 1\n", 2, NULL},
		{"interval_ms = 250", 0, "theme = default\ninterval_ms = 250\nby_vcpu = no\n"},
		{"interval_ms = 9", 1, NULL},
		{"interval_ms = 86400001", 1, NULL},
		{"interval_ms = 99999999999999999999", 1, NULL},
		{"interval_ms = -5", 1, NULL},
		{"interval_ms = 5s", 1, NULL},
		{"interval_ms =", 1, NULL},
		/* of a newer vmperf */
		{"colour_of_magic = 8\ncolumns.dreams = x\nsort.dreams = x\n", 0, NULL},
		{"what is this\n", 1, NULL},
		/* columns that are not known are left out, and none twice */
		{"columns.uexits = mean_ns pid name no_such mean_ns", 0,
		 "theme = default\ninterval_ms = 1000\nby_vcpu = no\ncolumns.uexits = mean_ns pid name\n"},
		{"columns.uexits = no_such", 1, NULL},
		{"columns.uexits =", 1, NULL},
		{"sort.vms = -name", 0,
		 "theme = default\ninterval_ms = 1000\nby_vcpu = no\nsort.vms = -name\n"},
		{"sort.vms = -", 0, "theme = default\ninterval_ms = 1000\nby_vcpu = no\nsort.vms = -\n"},
		{"sort.vms = no_such", 1, NULL},
		{"sort.vms = ", 1, NULL},
		{"sort.host = -name", 1, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *after = cases[i].after ? cases[i].after
						   : "theme = default\ninterval_ms = 1000\nby_vcpu = no\n";
		struct ui ui;

		ui_init(&ui);
		ck_assert_msg(settings_read(&ui, cases[i].text) == cases[i].wrong, "%s", cases[i].text);
		ck_assert_str_eq(strchr(written(&ui), '\n') + 1, after);
		ui_free(&ui);
	}
}
END_TEST

/* Whatever the bytes are, something can be shown after them. */
START_TEST(hostile)
{
	static const char *const pieces[] = {
		"columns.vms", "sort.exits", "theme",   "interval_ms", "=",    " ", "\n", "name",     "-",
		"\x80\xff",    "\033[2J",    "by_vcpu", "yes",         "1000", ".", "#",  "columns.", "uuid",
	};
	uint64_t seed = 1;
	struct buf b = {0};
	struct ui ui;

	ui_init(&ui);
	for (int i = 0; i < 20000; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		buf_puts(&b, pieces[(seed >> 33) % (sizeof(pieces) / sizeof(*pieces))]);
		if (i % 50)
			continue;
		settings_read(&ui, b.data);
		b.len = 0;
		for (int p = 0; p < PAGES; p++)
			ck_assert(ui.pages[p].ncolumns || p == PAGE_HOST);
		ck_assert(ui.theme < THEMES && ui.interval_ns >= 10 * MS);
	}
	/* a line without end */
	b.len = 0;
	buf_puts(&b, "columns.vms = ");
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, i % 2 ? "uuid " : "xxxxxxxx ");
	ck_assert_uint_eq(settings_read(&ui, b.data), 0);
	ck_assert_uint_eq(ui.pages[PAGE_VMS].ncolumns, 1);
	buf_free(&b);
	ui_free(&ui);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("ui_settings");

	UNIT_ADD(u, presets);
	UNIT_ADD(u, round_trip);
	UNIT_ADD(u, lines);
	UNIT_ADD(u, hostile);
	return unit_run(u);
}
