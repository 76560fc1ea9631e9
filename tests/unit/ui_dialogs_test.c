// SPDX-License-Identifier: GPL-2.0-only
/* Dialogs of the UI: lines that are typed, lists to choose from, texts to read. */
#include <string.h>

#include "ui.h"

START_TEST(filter)
{
	struct made_up *m = made_up(mixed);

	press(m, '/');
	ck_assert_int_eq(m->ui.dialog, DIALOG_FILTER);
	/* live, and every key is text */
	type(m, "swq");
	ck_assert_uint_eq(m->ui.nrows, 0);
	press(m, K_ERASE);
	ck_assert_str_eq(m->ui.filter, "sw");
	ck_assert_uint_eq(m->ui.nrows, 1);
	press(m, K_ENTER);
	ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
	ck_assert_str_eq(m->ui.filter, "sw");
	/* Esc takes back what was typed since */
	press(m, K_F1 + 2);
	press(m, K_ERASE);
	type(m, "low");
	ck_assert_str_eq(m->ui.filter, "slow");
	press(m, K_ESC);
	ck_assert_str_eq(m->ui.filter, "sw");
	ck_assert_str_eq(ui_selected(&m->ui)->vm->name, "swapping");
	/* each place has its own */
	press(m, K_ENTER);
	is_at(m, 1, PAGE_VMS, 6000, 0);
	ck_assert_str_eq(m->ui.filter, "");
	type(m, "/npf\r");
	ck_assert_uint_eq(m->ui.nrows, 1);
	press(m, K_ENTER);
	is_at(m, 2, PAGE_REASON, 6000, 0);
	press(m, K_ESC);
	ck_assert_str_eq(m->ui.filter, "npf");
	/* it goes before one goes back */
	press(m, K_ESC);
	is_at(m, 1, PAGE_VMS, 6000, 0);
	ck_assert_str_eq(m->ui.filter, "");
	ck_assert_uint_eq(m->ui.nrows, 2);
	press(m, K_ESC);
	is_at(m, 0, PAGE_VMS, 0, 0);
	ck_assert_str_eq(m->ui.filter, "sw");
	/* it holds on other pages */
	press(m, '3');
	ck_assert_uint_eq(m->ui.nrows, 1);
	press(m, '\\');
	ck_assert_str_eq(m->ui.filter, "");
	ck_assert_uint_eq(m->ui.nrows, 10);
	/* rows can be gone through while one types */
	press(m, '/');
	press(m, K_DOWN);
	ck_assert_uint_eq(here(m)->row, 1);
	done(m);
}
END_TEST

/* Typed text is UTF-8, whole characters, and no more than there is room for. */
START_TEST(typing)
{
	struct made_up *m = made_up(mixed);
	const char *input = m->ui.input;

	press(m, '/');
	press(m, 'a');
	press(m, 0xe9);
	press(m, 0x865b);
	press(m, 0x1f600);
	ck_assert_str_eq(input, "a\xc3\xa9\xe8\x99\x9b\xf0\x9f\x98\x80");
	press(m, K_ERASE);
	ck_assert_str_eq(input, "a\xc3\xa9\xe8\x99\x9b");
	press(m, 8);
	press(m, K_ERASE);
	ck_assert_str_eq(input, "a");
	press(m, K_ERASE);
	press(m, K_ERASE);
	ck_assert_str_eq(input, "");
	/* control characters, surrogates and what is no character are no text */
	for (uint32_t k = 1; k < 32; k++)
		if (k != K_ENTER && k != K_ESC)
			press(m, k);
	press(m, 0x9b);
	press(m, 0xd800);
	press(m, 0x110000);
	press(m, K_F12);
	press(m, 0xffffffff);
	ck_assert_str_eq(input, "");
	ck_assert_int_eq(m->ui.dialog, DIALOG_FILTER);
	type(m, "two words  ");
	press(m, 23);
	ck_assert_str_eq(input, "two ");
	press(m, 23);
	ck_assert_str_eq(input, "");
	type(m, "three");
	press(m, 21);
	ck_assert_str_eq(input, "");
	for (int i = 0; i < 2 * UI_TEXT; i++)
		press(m, i % 2 ? 0x20ac : 'x');
	/* 63 of both; the last byte is the text's end */
	ck_assert_uint_eq(strlen(input), UI_TEXT - 1);
	ck_assert_str_eq(m->ui.filter, input);
	done(m);
}
END_TEST

/* The ids of a page's columns. */
static const char *chosen(const struct made_up *m, enum page p)
{
	static char text[2048];
	const struct page_choice *c = &m->ui.pages[p];

	text[0] = '\0';
	for (unsigned int i = 0; i < c->ncolumns; i++) {
		strcat(text, i ? " " : "");
		strcat(text, c->columns[i]->id);
	}
	return text;
}

START_TEST(choosing_columns)
{
	struct made_up *m = made_up(mixed);
	const struct column *all;
	unsigned int n = page_columns(PAGE_UEXITS, &all);

	press(m, '4');
	ck_assert_str_eq(chosen(m, PAGE_UEXITS), "name reason per_second mean_ns");
	press(m, 'c');
	ck_assert_int_eq(m->ui.dialog, DIALOG_COLUMNS);
	ck_assert_uint_eq(m->ui.nlist, n);
	/* off and on again: it stays where it is, and so does the line */
	press(m, K_DOWN);
	press(m, ' ');
	ck_assert_str_eq(chosen(m, PAGE_UEXITS), "name per_second mean_ns");
	ck_assert_uint_eq(m->ui.dialog_row, 1);
	press(m, K_ENTER);
	ck_assert_str_eq(chosen(m, PAGE_UEXITS), "name reason per_second mean_ns");
	/* moved, and not over the ends */
	press(m, '+');
	ck_assert_str_eq(chosen(m, PAGE_UEXITS), "name per_second reason mean_ns");
	press(m, '<');
	press(m, '-');
	press(m, '-');
	ck_assert_str_eq(chosen(m, PAGE_UEXITS), "reason name per_second mean_ns");
	ck_assert_uint_eq(m->ui.dialog_row, 0);
	/* one that was not shown comes where it stands */
	press(m, K_END);
	ck_assert_str_eq(m->ui.list[m->ui.dialog_row]->id, "uuid");
	press(m, '>');
	press(m, ' ');
	ck_assert_str_eq(chosen(m, PAGE_UEXITS), "reason name per_second mean_ns uuid");
	for (unsigned int i = 0; i < n; i++)
		press(m, '-');
	ck_assert_str_eq(chosen(m, PAGE_UEXITS), "uuid reason name per_second mean_ns");
	ck_assert_int_eq(press(m, K_ESC), TODO_SAVE);
	ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
	is_at(m, 0, PAGE_UEXITS, 0, 0);
	done(m);
}
END_TEST

START_TEST(last_column)
{
	struct made_up *m = made_up(mixed);

	press(m, K_F1 + 1);
	for (unsigned int i = 0; i < m->ui.nlist; i++) {
		if (ui_chosen(&m->ui, PAGE_VMS, m->ui.list[m->ui.dialog_row]))
			press(m, ' ');
		press(m, K_DOWN);
	}
	ck_assert_uint_eq(m->ui.pages[PAGE_VMS].ncolumns, 1);
	ck_assert_str_eq(m->ui.message, "");
	while (!ui_chosen(&m->ui, PAGE_VMS, m->ui.list[m->ui.dialog_row]))
		press(m, K_UP);
	press(m, ' ');
	ck_assert_uint_eq(m->ui.pages[PAGE_VMS].ncolumns, 1);
	ck_assert_str_ne(m->ui.message, "");
	done(m);
}
END_TEST

/* The selected column stays selected when others are moved or taken away. */
START_TEST(selected_column)
{
	struct made_up *m = made_up(mixed);

	for (int i = 0; i < 3; i++)
		press(m, K_RIGHT);
	ck_assert_str_eq(column(m), "verdict");
	press(m, 'c');
	ck_assert_uint_eq(m->ui.dialog_row, 3);
	press(m, K_HOME);
	press(m, ' ');
	press(m, 'q');
	ck_assert_str_eq(column(m), "verdict");
	press(m, 'c');
	press(m, ' ');
	press(m, 'c');
	ck_assert_str_eq(column(m), "vcpus");
	done(m);
}
END_TEST

/* In an overview it is the panel's columns that are chosen, whatever is selected later. */
START_TEST(columns_of_panels)
{
	struct made_up *m = made_up(svm);

	press(m, K_ENTER);
	press(m, 'c');
	ck_assert_int_eq(m->ui.dialog_page, PAGE_VCPUS);
	press(m, K_ESC);
	press(m, K_TAB);
	press(m, 'c');
	ck_assert_int_eq(m->ui.dialog_page, PAGE_EXITS);
	press(m, ' ');
	ck_assert_str_eq(chosen(m, PAGE_EXITS),
			 "name per_second share mean_ns p50_ns p90_ns p99_ns max_ns off_mean_ns");
	show(m, none);
	press(m, K_DOWN);
	press(m, ' ');
	ck_assert_str_eq(chosen(m, PAGE_EXITS), "name share mean_ns p50_ns p90_ns p99_ns max_ns off_mean_ns");
	press(m, K_ESC);
	/* a page that has none */
	press(m, '9');
	for (const char *k = "cse"; *k; k++) {
		press(m, (uint32_t)*k);
		ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
		ck_assert_str_ne(m->ui.message, "");
	}
	done(m);
}
END_TEST

START_TEST(sorting)
{
	struct made_up *m = made_up(mixed);
	struct page_choice *c = &m->ui.pages[PAGE_VMS];

	press(m, 's');
	ck_assert_int_eq(m->ui.dialog, DIALOG_SORT);
	ck_assert_ptr_null(m->ui.list[0]);
	ck_assert_uint_eq(m->ui.dialog_row, 0);
	press(m, K_DOWN);
	ck_assert_int_eq(press(m, K_ENTER), TODO_SAVE);
	ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
	ck_assert_str_eq(c->sort->id, "name");
	ck_assert(!c->reverse);
	ck_assert_str_eq(m->ui.rows[0].vm->name, "batch");
	/* the same one again: the other way round */
	press(m, K_F1 + 5);
	ck_assert_uint_eq(m->ui.dialog_row, 1);
	press(m, K_ENTER);
	ck_assert(c->reverse);
	ck_assert_str_eq(m->ui.rows[0].vm->name, "trapping");
	/* left as it was */
	press(m, 's');
	press(m, K_END);
	ck_assert_int_eq(press(m, K_ESC), TODO_NOTHING);
	ck_assert_str_eq(c->sort->id, "name");
	/* by what is not shown, too */
	press(m, 's');
	press(m, K_END);
	press(m, K_ENTER);
	ck_assert(!ui_chosen(&m->ui, PAGE_VMS, c->sort));
	press(m, 's');
	press(m, K_HOME);
	press(m, K_ENTER);
	ck_assert_ptr_null(c->sort);
	ck_assert(!c->reverse);
	ck_assert_str_eq(m->ui.rows[0].vm->name, "crowded");
	done(m);
}
END_TEST

START_TEST(clicks_in_lists)
{
	struct made_up *m = made_up(mixed);

	press(m, 's');
	m->ui.layout.dialog_y = 5;
	m->ui.layout.dialog_h = 4;
	m->ui.dialog_top = 2;
	click(m, K_CLICK, 10, 6);
	ck_assert_uint_eq(m->ui.dialog_row, 3);
	click(m, K_CLICK, 10, 9);
	click(m, K_CLICK, 10, 4);
	ck_assert_uint_eq(m->ui.dialog_row, 3);
	click(m, K_WHEEL_DOWN, 10, 4);
	ck_assert_uint_eq(m->ui.dialog_row, 4);
	press(m, K_PAGE_DOWN);
	ck_assert_uint_eq(m->ui.dialog_row, 8);
	ck_assert_int_eq(click(m, K_DOUBLE, 10, 5), TODO_SAVE);
	ck_assert_str_eq(m->ui.pages[PAGE_VMS].sort->id, "vcpus");
	press(m, 'c');
	m->ui.dialog_top = 0;
	click(m, K_DOUBLE, 10, 6);
	ck_assert(!ui_chosen(&m->ui, PAGE_VMS, page_column(PAGE_VMS, "vcpus")));
	done(m);
}
END_TEST

START_TEST(reading)
{
	struct made_up *m = made_up(mixed);

	press(m, '?');
	ck_assert_int_eq(m->ui.dialog, DIALOG_HELP);
	press(m, K_DOWN);
	press(m, 'j');
	ck_assert_uint_eq(m->ui.dialog_top, 2);
	press(m, 'g');
	ck_assert_uint_eq(m->ui.dialog_top, 0);
	press(m, K_UP);
	ck_assert_uint_eq(m->ui.dialog_top, 0);
	/* any other key closes it, and does nothing else */
	ck_assert_int_eq(press(m, 'q'), TODO_NOTHING);
	ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
	press(m, 'e');
	ck_assert_int_eq(m->ui.dialog, DIALOG_EXPLAIN);
	press(m, K_RIGHT);
	ck_assert_int_eq(m->ui.dialog, DIALOG_EXPLAIN);
	ck_assert_str_eq(column(m), "vcpus");
	press(m, K_ESC);
	ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
	done(m);
}
END_TEST

START_TEST(recording)
{
	struct made_up *m = made_up(mixed);

	press(m, 'w');
	ck_assert_int_eq(m->ui.dialog, DIALOG_RECORD);
	/* 1700000002 s after 1970 */
	ck_assert_str_eq(m->ui.input, "vmperf-kvm1-20231114-221322Z.vmperf");
	ck_assert_int_eq(press(m, K_ESC), TODO_NOTHING);
	ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
	press(m, 'w');
	press(m, 21);
	ck_assert_int_eq(press(m, K_ENTER), TODO_NOTHING);
	ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
	press(m, 'w');
	press(m, 21);
	type(m, "/tmp/q w");
	ck_assert_int_eq(press(m, K_ENTER), TODO_RECORD);
	ck_assert_str_eq(m->ui.input, "/tmp/q w");
	/* while one is written the key ends it */
	snprintf(m->ui.recording, sizeof(m->ui.recording), "%s", m->ui.input);
	ck_assert_int_eq(press(m, 'w'), TODO_RECORD);
	ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
	/* a host's name is not trusted to be a file's */
	m->ui.recording[0] = '\0';
	snprintf(m->view->host.hostname, sizeof(m->view->host.hostname), "../a b\033");
	press(m, 'w');
	ck_assert_str_eq(m->ui.input, "vmperf-..-a-b--20231114-221322Z.vmperf");
	done(m);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("ui_dialogs");

	UNIT_ADD(u, filter);
	UNIT_ADD(u, typing);
	UNIT_ADD(u, choosing_columns);
	UNIT_ADD(u, last_column);
	UNIT_ADD(u, selected_column);
	UNIT_ADD(u, columns_of_panels);
	UNIT_ADD(u, sorting);
	UNIT_ADD(u, clicks_in_lists);
	UNIT_ADD(u, reading);
	UNIT_ADD(u, recording);
	return unit_run(u);
}
