// SPDX-License-Identifier: GPL-2.0-only
/* What keys and the mouse make of the UI's state. */
#include <string.h>

#include "ui.h"

/* No key does two things; all that can be done has a key, and a help. */
START_TEST(key_table)
{
	bool done[ACTS] = {false};

	for (unsigned int i = 0; i < key_rows_count; i++) {
		const struct key_row *r = &key_rows[i];

		ck_assert_uint_ne(r->keys[0], 0);
		ck_assert_msg(r->help && r->help[strlen(r->help) - 1] != '.', "%s", r->help);
		ck_assert(!done[r->act]);
		done[r->act] = true;
		for (unsigned int k = 0; k < 4 && r->keys[k]; k++) {
			char text[KEY_TEXT];

			ck_assert_int_eq(key_act(r->keys[k]), r->act);
			ck_assert_msg(*key_text(r->keys[k], text), "%s", r->help);
		}
	}
	for (int a = ACT_NONE + 1; a <= ACT_QUIT; a++)
		ck_assert_msg(done[a], "%d", a);
	for (uint32_t k = '1'; k <= '9'; k++)
		ck_assert_int_eq(key_act(k), ACT_VIEW);
	ck_assert_int_eq(key_act(K_NONE), ACT_NONE);
	ck_assert_int_eq(key_act('0'), ACT_NONE);
	ck_assert_int_eq(key_act(K_CLICK), ACT_NONE);
}
END_TEST

START_TEST(key_names)
{
	static const struct {
		uint32_t key;
		const char *want;
	} cases[] = {
		{K_F1, "F1"},       {K_F1 + 9, "F10"}, {K_F12, "F12"},
		{12, "^L"},         {'/', "/"},        {' ', "Space"},
		{K_ENTER, "Enter"}, {K_ESC, "Esc"},    {K_PAGE_DOWN, "PgDn"},
		{K_TAB, "Tab"},     {0, ""},           {0x1f600, ""},
	};
	char text[KEY_TEXT];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_str_eq(key_text(cases[i].key, text), cases[i].want);
}
END_TEST

START_TEST(moving)
{
	struct made_up *m = made_up(mixed);

	m->ui.layout.rows_h = 3;
	press(m, K_UP);
	ck_assert_uint_eq(here(m)->row, 0);
	press(m, K_DOWN);
	press(m, 'j');
	ck_assert_uint_eq(here(m)->row, 2);
	press(m, 'k');
	ck_assert_uint_eq(here(m)->row, 1);
	press(m, K_PAGE_DOWN);
	ck_assert_uint_eq(here(m)->row, 4);
	press(m, K_PAGE_DOWN);
	ck_assert_uint_eq(here(m)->row, 7);
	press(m, K_PAGE_DOWN);
	press(m, K_DOWN);
	ck_assert_uint_eq(here(m)->row, 7);
	press(m, K_PAGE_UP);
	ck_assert_uint_eq(here(m)->row, 4);
	press(m, K_HOME);
	ck_assert_uint_eq(here(m)->row, 0);
	press(m, 'G');
	ck_assert_uint_eq(here(m)->row, 7);
	press(m, 'g');
	ck_assert_uint_eq(here(m)->row, 0);
	/* where there is nothing, nothing moves */
	show(m, none);
	for (uint32_t k = K_UP; k <= K_END; k++)
		ck_assert_int_eq(press(m, k), TODO_NOTHING);
	ck_assert_uint_eq(here(m)->row, 0);
	done(m);
}
END_TEST

/* Columns that are not shown are skipped. */
START_TEST(columns)
{
	struct made_up *m = made_up(mixed);

	ck_assert_str_eq(column(m), "name");
	press(m, K_LEFT);
	ck_assert_str_eq(column(m), "name");
	for (int i = 0; i < 7; i++)
		press(m, K_RIGHT);
	ck_assert_str_eq(column(m), "exits_per_second");
	/* no events are counted here */
	press(m, K_RIGHT);
	ck_assert_str_eq(column(m), "trend");
	press(m, K_RIGHT);
	ck_assert_str_eq(column(m), "trend");
	press(m, K_LEFT);
	ck_assert_str_eq(column(m), "exits_per_second");
	/* where exits cannot be seen the selection goes to what can */
	show(m, user);
	ck_assert_str_eq(column(m), "trend");
	/* in a VM its name is not a column */
	press(m, K_HOME);
	press(m, K_ENTER);
	is_at(m, 1, PAGE_VMS, 700, 0);
	ck_assert_str_eq(column(m), "vcpu");
	press(m, K_LEFT);
	ck_assert_str_eq(column(m), "vcpu");
	done(m);
}
END_TEST

START_TEST(drilling)
{
	struct made_up *m = made_up(svm);

	press(m, K_DOWN);
	press(m, K_ENTER);
	is_at(m, 1, PAGE_VMS, 2000, 0);
	ck_assert_str_eq(ui_vm(&m->ui)->name, "web-1");
	ck_assert_ptr_null(ui_vcpu(&m->ui));
	ck_assert_int_eq(ui_table(&m->ui), PAGE_VCPUS);
	press(m, K_DOWN);
	press(m, K_ENTER);
	is_at(m, 2, PAGE_VMS, 2000, 2011);
	ck_assert_int_eq(ui_vcpu(&m->ui)->id, 1);
	ck_assert_int_eq(ui_table(&m->ui), PAGE_EXITS);
	press(m, K_ENTER);
	is_at(m, 3, PAGE_REASON, 2000, 2011);
	ck_assert_uint_eq(here(m)->code, 0x400);
	ck_assert_uint_eq(here(m)->isa, VMP_ISA_SVM);
	/* there is nothing below one reason of one vCPU */
	press(m, K_ENTER);
	is_at(m, 3, PAGE_REASON, 2000, 2011);
	ck_assert_str_ne(m->ui.message, "");
	press(m, K_ESC);
	ck_assert_str_eq(m->ui.message, "");
	press(m, K_ERASE);
	is_at(m, 1, PAGE_VMS, 2000, 0);
	/* the row that one came from */
	ck_assert_uint_eq(here(m)->row, 1);
	/* a reason, then one of its vCPUs */
	press(m, K_TAB);
	ck_assert_uint_eq(here(m)->row, 2);
	ck_assert_int_eq(ui_table(&m->ui), PAGE_EXITS);
	press(m, K_ENTER);
	is_at(m, 2, PAGE_REASON, 2000, 0);
	ck_assert_uint_eq(here(m)->code, 0x7b);
	press(m, K_ENTER);
	is_at(m, 3, PAGE_REASON, 2000, 2010);
	ck_assert_uint_eq(here(m)->code, 0x7b);
	for (int i = 0; i < 3; i++)
		press(m, K_ESC);
	is_at(m, 0, PAGE_VMS, 0, 0);
	ck_assert_uint_eq(here(m)->row, 1);
	/* not the end */
	ck_assert_int_eq(press(m, K_ESC), TODO_NOTHING);
	is_at(m, 0, PAGE_VMS, 0, 0);
	done(m);
}
END_TEST

START_TEST(panels)
{
	struct made_up *m = made_up(svm);

	press(m, K_DOWN);
	press(m, K_ENTER);
	press(m, K_TAB);
	ck_assert_ptr_nonnull(ui_selected(&m->ui)->exit);
	press(m, K_TAB);
	ck_assert_uint_eq(here(m)->row, 0);
	done(m);
}
END_TEST

/* From every page Enter leads to what the row is about. */
START_TEST(entering)
{
	struct made_up *m = made_up(intel);

	press(m, '2');
	press(m, K_ENTER);
	is_at(m, 1, PAGE_VMS, 500, 510);
	press(m, K_ESC);
	press(m, '3');
	press(m, K_ENTER);
	is_at(m, 1, PAGE_REASON, 500, 0);
	/* pages of what the reason is of */
	press(m, '5');
	is_at(m, 1, PAGE_THREADS, 500, 0);
	/* these have nothing below them */
	press(m, K_ENTER);
	is_at(m, 1, PAGE_THREADS, 500, 0);
	press(m, '7');
	press(m, K_ENTER);
	is_at(m, 2, PAGE_VMS, 500, 510);
	press(m, K_ESC);
	press(m, K_ESC);
	is_at(m, 0, PAGE_EXITS, 0, 0);
	for (const char *p = "5678"; *p; p++) {
		press(m, (uint32_t)*p);
		press(m, K_ENTER);
		is_at(m, 1, PAGE_VMS, 500, 0);
		press(m, K_ESC);
	}
	show(m, user);
	press(m, '4');
	press(m, K_END);
	press(m, K_ENTER);
	is_at(m, 1, PAGE_REASON, 700, 0);
	ck_assert(here(m)->user);
	ck_assert_uint_eq(here(m)->code, 44);
	done(m);
}
END_TEST

/* However deep one goes, there is a way back. */
START_TEST(depth)
{
	struct made_up *m = made_up(svm);

	for (unsigned int i = 0; i < 50; i++) {
		press(m, '7');
		press(m, K_ENTER);
		ck_assert_uint_eq(m->ui.depth, i + 1 < PLACES ? i + 1 : PLACES - 1);
	}
	for (int i = 0; i < PLACES; i++)
		press(m, K_ESC);
	ck_assert_uint_eq(m->ui.depth, 0);
	done(m);
}
END_TEST

START_TEST(pages)
{
	struct made_up *m = made_up(svm);

	press(m, K_DOWN);
	for (uint32_t p = 2; p <= 9; p++) {
		press(m, '0' + p);
		is_at(m, 0, (enum page)p, 0, 0);
		ck_assert_uint_eq(here(m)->row, 0);
	}
	press(m, '1');
	press(m, K_ENTER);
	for (uint32_t p = 1; p <= 9; p++) {
		press(m, '0' + p);
		is_at(m, 1, (enum page)p, 1000, 0);
	}
	done(m);
}
END_TEST

/* A VM that ends: the place stays, until Esc leaves it. */
START_TEST(ended)
{
	struct made_up *m = made_up(svm);

	press(m, K_ENTER);
	show(m, mixed);
	is_at(m, 1, PAGE_VMS, 1000, 0);
	ck_assert_str_eq(ui_vm(&m->ui)->name, "batch"); /* the same pid */
	show(m, intel);
	is_at(m, 1, PAGE_VMS, 1000, 0);
	ck_assert_ptr_null(ui_vm(&m->ui));
	ck_assert_uint_eq(m->ui.nrows, 0);
	for (uint32_t k = '1'; k <= '9'; k++) {
		press(m, k);
		press(m, K_ENTER);
		press(m, 'e');
		press(m, K_ESC);
	}
	press(m, K_ESC);
	is_at(m, 0, PAGE_VMS, 0, 0);
	ck_assert_uint_eq(m->ui.nrows, 2);
	done(m);
}
END_TEST

START_TEST(mouse)
{
	struct made_up *m = made_up(mixed);

	m->ui.layout = (struct ui_layout){
		.w = 80,
		.h = 10,
		.titles_y = 2,
		.rows_y = 3,
		.rows_w = 80,
		.rows_h = 5,
		.footer_y = 9,
		.spans = {{0, 20, 0}, {21, 4, 1}, {30, 5, 6}},
		.nspans = 3,
		.buttons = {{0, 6, ACT_HELP}, {7, 8, ACT_FILTER}, {60, 7, ACT_QUIT}},
		.nbuttons = 3,
	};
	m->ui.places[0].top = 2;
	click(m, K_CLICK, 31, 4);
	ck_assert_uint_eq(here(m)->row, 3);
	ck_assert_str_eq(column(m), "wait_share");
	/* between columns, below the rows, above them */
	click(m, K_CLICK, 20, 5);
	ck_assert_uint_eq(here(m)->row, 4);
	ck_assert_str_eq(column(m), "wait_share");
	click(m, K_CLICK, 0, 8);
	click(m, K_CLICK, 0, 0);
	click(m, K_CLICK, 80, 3);
	ck_assert_uint_eq(here(m)->row, 4);
	m->ui.places[0].top = 6;
	click(m, K_CLICK, 0, 5);
	ck_assert_uint_eq(here(m)->row, 4);
	/* titles sort; again: the other way round */
	ck_assert_int_eq(click(m, K_CLICK, 22, 2), TODO_SAVE);
	ck_assert_str_eq(m->ui.pages[PAGE_VMS].sort->id, "vcpus");
	ck_assert(!m->ui.pages[PAGE_VMS].reverse);
	ck_assert_str_eq(m->ui.rows[0].vm->name, "crowded");
	click(m, K_CLICK, 22, 2);
	ck_assert(m->ui.pages[PAGE_VMS].reverse);
	ck_assert_str_eq(m->ui.rows[7].vm->name, "crowded");
	click(m, K_CLICK, 0, 2);
	ck_assert_str_eq(m->ui.pages[PAGE_VMS].sort->id, "name");
	ck_assert(!m->ui.pages[PAGE_VMS].reverse);
	ck_assert_int_eq(click(m, K_CLICK, 26, 2), TODO_NOTHING);
	ck_assert_str_eq(m->ui.pages[PAGE_VMS].sort->id, "name");
	/* the footer's buttons */
	ck_assert_int_eq(click(m, K_CLICK, 6, 9), TODO_NOTHING);
	ck_assert_int_eq(click(m, K_CLICK, 66, 9), TODO_QUIT);
	ck_assert_int_eq(click(m, K_CLICK, 67, 9), TODO_NOTHING);
	click(m, K_CLICK, 7, 9);
	ck_assert_int_eq(m->ui.dialog, DIALOG_FILTER);
	press(m, K_ESC);
	press(m, K_HOME);
	click(m, K_WHEEL_DOWN, 5, 5);
	ck_assert_uint_eq(here(m)->row, 3);
	click(m, K_WHEEL_UP, 5, 5);
	click(m, K_WHEEL_UP, 5, 5);
	ck_assert_uint_eq(here(m)->row, 0);
	m->ui.places[0].top = 0;
	click(m, K_DOUBLE, 3, 4);
	is_at(m, 1, PAGE_VMS, 2000, 0);
	done(m);
}
END_TEST

/* What the loop is told to do. */
START_TEST(todos)
{
	struct made_up *m = made_up(mixed);

	ck_assert_int_eq(press(m, 'q'), TODO_QUIT);
	ck_assert_int_eq(press(m, K_F1 + 9), TODO_QUIT);
	ck_assert_int_eq(press(m, 12), TODO_REPAINT);
	ck_assert_int_eq(press(m, 't'), TODO_TOTALS);
	ck_assert(m->ui.totals);
	ck_assert_int_eq(press(m, K_F1 + 4), TODO_TOTALS);
	ck_assert(!m->ui.totals);
	ck_assert_int_eq(press(m, 'p'), TODO_PAUSE);
	ck_assert(m->ui.paused);
	ck_assert_int_eq(press(m, ' '), TODO_PAUSE);
	ck_assert(!m->ui.paused);
	ck_assert_int_eq(press(m, 'T'), TODO_SAVE);
	ck_assert_int_eq(m->ui.theme, THEME_LIGHT);
	press(m, 'T');
	press(m, 'T');
	ck_assert_int_eq(m->ui.theme, THEME_DEFAULT);
	ck_assert_int_eq(press(m, 'H'), TODO_SAVE);
	ck_assert(m->ui.by_vcpu);
	ck_assert_uint_eq(m->ui.nrows, 12);
	ck_assert_int_eq(press(m, 'r'), TODO_SAVE);
	ck_assert(m->ui.pages[PAGE_VMS].reverse);
	/* there is no going back in time but in a record */
	ck_assert_int_eq(press(m, '['), TODO_NOTHING);
	ck_assert_str_ne(m->ui.message, "");
	for (uint32_t k = 0; k < 1000; k++)
		if (key_act(k) == ACT_NONE)
			ck_assert_int_eq(press(m, k), TODO_NOTHING);
	done(m);
}
END_TEST

START_TEST(pace)
{
	static const unsigned int steps[] = {60000, 30000, 15000, 10000, 5000, 3000,
					     2000,  1000,  500,   200,   100};
	struct made_up *m = made_up(mixed);
	struct moment replay = m->ui.now;

	ck_assert_uint_eq(m->ui.interval_ns, SECOND);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(press(m, '-'), TODO_INTERVAL);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		ck_assert_uint_eq(m->ui.interval_ns, steps[i] * MS);
		press(m, '+');
	}
	ck_assert_uint_eq(m->ui.interval_ns, 100 * MS);
	/* from one that is no step to the next one that is */
	m->ui.interval_ns = 700 * MS;
	press(m, '+');
	ck_assert_uint_eq(m->ui.interval_ns, 500 * MS);
	m->ui.interval_ns = 700 * MS;
	press(m, '-');
	ck_assert_uint_eq(m->ui.interval_ns, 1000 * MS);
	m->ui.interval_ns = 3600 * SECOND;
	press(m, '-');
	ck_assert_uint_eq(m->ui.interval_ns, 3600 * SECOND);
	press(m, '+');
	ck_assert_uint_eq(m->ui.interval_ns, 60 * SECOND);
	/* a record has a speed */
	replay.replay = true;
	ui_moment(&m->ui, &replay);
	ck_assert(m->ui.speed == 1);
	ck_assert_int_eq(press(m, '+'), TODO_INTERVAL);
	ck_assert(m->ui.speed == 2);
	for (int i = 0; i < 20; i++)
		press(m, '+');
	ck_assert(m->ui.speed == 64);
	for (int i = 0; i < 20; i++)
		press(m, '-');
	ck_assert(m->ui.speed == 0.25);
	ck_assert_uint_eq(m->ui.interval_ns, 60 * SECOND);
	done(m);
}
END_TEST

START_TEST(replay)
{
	static const struct {
		uint32_t key;
		int steps, seconds;
	} cases[] = {{'[', -1, 0}, {',', -1, 0}, {']', 1, 0}, {'.', 1, 0}, {'{', 0, -60}, {'}', 0, 60}};
	struct made_up *m = made_up(mixed);
	struct moment now = m->ui.now;

	now.replay = true;
	ui_moment(&m->ui, &now);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ui_todo todo = ui_key(&m->ui, &(struct input){.key = cases[i].key});

		ck_assert_int_eq(todo.what, TODO_STEP);
		ck_assert_int_eq(todo.steps, cases[i].steps);
		ck_assert_int_eq(todo.seconds, cases[i].seconds);
	}
	ck_assert_int_eq(press(m, 'w'), TODO_NOTHING);
	ck_assert_int_eq(m->ui.dialog, DIALOG_NONE);
	/* where there is no more it says so */
	now.count = 10;
	for (now.index = 0; now.index < now.count; now.index++) {
		ui_moment(&m->ui, &now);
		press(m, '[');
		ck_assert_str_eq(m->ui.message, now.index > 1 ? "" : "the record begins here");
		press(m, ']');
		ck_assert_str_eq(m->ui.message, now.index < 9 ? "" : "the record ends here");
	}
	done(m);
}
END_TEST

/* What has to be collected for what is shown, no more. */
START_TEST(needs)
{
	const uint32_t presets = 1U << EVENT_CYCLES | 1U << EVENT_INSTRUCTIONS | 1U << EVENT_LLC_MISSES |
				 1U << EVENT_BANDWIDTH;
	struct made_up *m = made_up(mixed);
	struct page_choice *c = &m->ui.pages[PAGE_VMS];

	ck_assert_uint_eq(ui_needs(&m->ui), presets);
	c->ncolumns = 1;
	ck_assert_uint_eq(ui_needs(&m->ui), 0);
	c->sort = page_column(PAGE_VMS, "frequency_hz");
	ck_assert_uint_eq(ui_needs(&m->ui), 1U << EVENT_CYCLES);
	c->sort = NULL;
	press(m, '5');
	ck_assert_uint_eq(ui_needs(&m->ui), METRIC_NEEDS_THREADS);
	m->ui.pages[PAGE_THREADS].ncolumns = 1;
	ck_assert_uint_eq(ui_needs(&m->ui), METRIC_NEEDS_THREADS);
	press(m, '6');
	ck_assert_uint_eq(ui_needs(&m->ui), METRIC_NEEDS_EVENTS);
	press(m, '3');
	ck_assert_uint_eq(ui_needs(&m->ui), 0);
	press(m, '9');
	ck_assert_uint_eq(ui_needs(&m->ui), 0);
	press(m, '1');
	press(m, K_ENTER);
	ck_assert_uint_eq(ui_needs(&m->ui), METRIC_NEEDS_ALL);
	press(m, K_ESC);
	ck_assert_uint_eq(ui_needs(&m->ui), 0);
	/* what a record needs besides is the sampler's business: totals are of what is shown */
	snprintf(m->ui.recording, sizeof(m->ui.recording), "a file");
	ck_assert_uint_eq(ui_needs(&m->ui), 0);
	done(m);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("ui_keys");

	UNIT_ADD(u, key_table);
	UNIT_ADD(u, key_names);
	UNIT_ADD(u, moving);
	UNIT_ADD(u, columns);
	UNIT_ADD(u, drilling);
	UNIT_ADD(u, panels);
	UNIT_ADD(u, entering);
	UNIT_ADD(u, depth);
	UNIT_ADD(u, pages);
	UNIT_ADD(u, ended);
	UNIT_ADD(u, mouse);
	UNIT_ADD(u, todos);
	UNIT_ADD(u, pace);
	UNIT_ADD(u, replay);
	UNIT_ADD(u, needs);
	return unit_run(u);
}
