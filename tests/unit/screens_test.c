// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the UI looks like: every view at several sizes, cell by cell, against
 * tests/golden/screen-*.  GENERATE=1 writes the files instead.
 */
#include <time.h>

#include "dozen.h"
#include "golden.h"
#include "model/verdict.h"
#include "tui/draw.h"
#include "tui/dump.h"
#include "ui.h"
#include "unit.h"

#define RIGHT "\001" /* a key that types no character */

/* How a screen is shown. */
enum look {
	TEXT,   /* UTF-8, no colours: parts of bars are letters */
	COLOUR, /* UTF-8, 256 colours */
	ASCII,  /* C locale, no colours */
};

/* What is unusual about it. */
enum { PAST = 1, PAUSED = 2, REPLAY = 4, RECORDING = 8, WAITING = 16, TOTALS = 32, CHOSEN = 64 };

struct shot {
	const char *name;
	void (*host)(struct pair *p);
	unsigned int w, h;
	enum look look;
	const char *keys;
	unsigned int how;
};

static const struct shot shots[] = {
	{"vms-80x24", dozen, 80, 24, TEXT, "", PAST},
	{"vms-40x10", dozen, 40, 10, TEXT, "jj", PAST},
	{"vms-120x40", dozen, 120, 40, TEXT, "", PAST},
	{"vms-200x60", dozen, 200, 60, TEXT, "", PAST},
	{"vms-colour-80x24", dozen, 80, 24, COLOUR, "j", PAST},
	{"vms-colour-120x40", dozen, 120, 40, COLOUR, "j", PAST},
	{"vms-ascii-80x24", dozen, 80, 24, ASCII, "", PAST},
	{"vms-right-80x24", dozen, 80, 24, TEXT, "j" RIGHT RIGHT RIGHT RIGHT RIGHT RIGHT RIGHT RIGHT RIGHT,
	 PAST},
	{"vms-by-vcpu-80x24", dozen, 80, 24, TEXT, "H", PAST},
	{"vms-end-80x24", mixed, 80, 24, TEXT, "HG", 0},
	{"vm-80x24", dozen, 80, 24, TEXT, "/web\r\r", PAST},
	{"vm-40x10", dozen, 40, 10, TEXT, "/web\r\r", PAST},
	{"vm-120x40", dozen, 120, 40, TEXT, "/web\r\r", PAST},
	{"vm-200x60", dozen, 200, 60, TEXT, "/web\r\r", PAST},
	{"vm-colour-120x40", dozen, 120, 40, COLOUR, "/web\r\r", PAST},
	{"vm-ascii-80x24", dozen, 80, 24, ASCII, "/web\r\r", PAST},
	{"vm-exits-40x10", dozen, 40, 10, TEXT, "/web\r\r\tj", PAST},
	{"vcpu-80x24", dozen, 80, 24, TEXT, "/web\r\rj\r", PAST},
	{"vcpu-120x40", dozen, 120, 40, TEXT, "/web\r\rj\r", PAST},
	{"vcpus-80x24", dozen, 80, 24, TEXT, "2", PAST},
	{"vcpus-120x40", dozen, 120, 40, TEXT, "2", PAST},
	{"exits-40x10", dozen, 40, 10, TEXT, "3", PAST},
	{"exits-80x24", dozen, 80, 24, TEXT, "3", PAST},
	{"exits-120x40", dozen, 120, 40, TEXT, "3", PAST},
	{"exits-colour-120x40", dozen, 120, 40, COLOUR, "3j", PAST},
	{"uexits-80x24", dozen, 80, 24, TEXT, "4", PAST},
	{"threads-80x24", dozen, 80, 24, TEXT, "5", PAST},
	{"threads-120x40", dozen, 120, 40, TEXT, "5", PAST},
	{"events-80x24", dozen, 80, 24, TEXT, "6", PAST},
	{"events-120x40", dozen, 120, 40, TEXT, "6", PAST},
	{"placement-80x24", dozen, 80, 24, TEXT, "7", PAST},
	{"placement-120x40", dozen, 120, 40, TEXT, "7", PAST},
	{"hardware-80x24", dozen, 80, 24, TEXT, "8", PAST},
	{"hardware-120x40", dozen, 120, 40, TEXT, "8", PAST},
	{"hardware-none-80x24", svm, 80, 24, TEXT, "8", PAST},
	{"hardware-replay-80x24", svm, 80, 24, TEXT, "8", PAST | REPLAY},
	{"host-40x10", dozen, 40, 10, TEXT, "9", PAST},
	{"host-80x24", dozen, 80, 24, TEXT, "9", PAST},
	{"host-120x40", dozen, 120, 40, TEXT, "9", PAST},
	{"host-colour-80x24", dozen, 80, 24, COLOUR, "9", PAST},
	{"reason-40x10", dozen, 40, 10, TEXT, "/web\r\r\tj\r", PAST},
	{"reason-80x24", dozen, 80, 24, TEXT, "/web\r\r\tj\r", PAST},
	{"reason-120x40", dozen, 120, 40, TEXT, "/web\r\r\tj\r", PAST},
	{"reason-200x60", dozen, 200, 60, TEXT, "/web\r\r\tj\r", PAST},
	{"reason-colour-120x40", dozen, 120, 40, COLOUR, "/web\r\r\tj\r", PAST},
	{"reason-ascii-80x24", dozen, 80, 24, ASCII, "/web\r\r\tj\r", PAST},
	{"uexit-80x24", dozen, 80, 24, TEXT, "/web\r\r4\r", PAST},
	{"help-40x10", dozen, 40, 10, TEXT, "?", 0},
	{"help-80x24", dozen, 80, 24, TEXT, "?", 0},
	{"help-120x40", dozen, 120, 40, TEXT, "?", 0},
	{"help-colour-80x24", dozen, 80, 24, COLOUR, "?", 0},
	{"explain-40x10", dozen, 40, 10, TEXT, RIGHT RIGHT RIGHT "e", 0},
	{"explain-80x24", dozen, 80, 24, TEXT, RIGHT RIGHT RIGHT "e", 0},
	{"explain-bar-80x24", dozen, 80, 24, TEXT, RIGHT RIGHT RIGHT RIGHT "je", 0},
	{"explain-more-40x10", dozen, 40, 10, TEXT, "8" RIGHT RIGHT RIGHT RIGHT "ejj", 0},
	{"threads-none-80x24", user, 80, 24, TEXT, "5", 0},
	{"columns-40x10", dozen, 40, 10, TEXT, "cjj", 0},
	{"columns-80x24", dozen, 80, 24, TEXT, "cjj", 0},
	{"sort-80x24", dozen, 80, 24, TEXT, "sjjj", 0},
	{"sorted-80x24", dozen, 80, 24, TEXT, "sjj\r", PAST},
	{"filter-80x24", dozen, 80, 24, TEXT, "/sl", 0},
	{"filter-40x10", dozen, 40, 10, TEXT, "/sl", 0},
	{"filter-none-80x24", dozen, 80, 24, TEXT, "/nobody\r", 0},
	{"record-80x24", dozen, 80, 24, TEXT, "w", 0},
	{"recording-80x24", dozen, 80, 24, TEXT, "", PAST | RECORDING},
	{"replay-40x10", dozen, 40, 10, TEXT, "", PAST | REPLAY},
	{"replay-80x24", dozen, 80, 24, TEXT, "", PAST | REPLAY},
	{"replay-120x40", dozen, 120, 40, TEXT, "", PAST | REPLAY},
	{"paused-80x24", dozen, 80, 24, TEXT, "", PAST | PAUSED | TOTALS},
	{"none-80x24", none, 80, 24, TEXT, "", 0},
	{"none-40x10", none, 40, 10, TEXT, "", 0},
	{"none-chosen-80x24", none, 80, 24, TEXT, "", CHOSEN},
	{"no-kvm-80x24", no_kvm, 80, 24, TEXT, "", 0},
	{"waiting-80x24", none, 80, 24, TEXT, "", WAITING},
	{"user-80x24", user, 80, 24, TEXT, "", PAST},
	{"user-120x40", user, 120, 40, TEXT, "", PAST},
	{"user-vm-80x24", user, 80, 24, TEXT, "\r", PAST},
	{"user-exits-80x24", user, 80, 24, TEXT, "3", PAST},
	{"no-sched-80x24", no_sched, 80, 24, TEXT, "", 0},
	{"names-80x24", names, 80, 24, TEXT, "", 0},
	{"names-ascii-80x24", names, 80, 24, ASCII, "", 0},
	{"full-colour-80x24", full, 80, 24, COLOUR, "", 0},
};

#define SHOTS (sizeof(shots) / sizeof(*shots))

struct shown {
	struct made_up *m;
	struct history history;
	struct screen screen;
};

static void open_ui(struct shown *s, void (*make)(struct pair *p), unsigned int how)
{
	struct moment now = {0};

	memset(s, 0, sizeof(*s));
	s->m = made_up(make);
	if (how & PAST)
		dozen_past(&s->history, s->m->view, 200);
	now.view = how & WAITING ? NULL : s->m->view;
	now.history = &s->history;
	if (how & REPLAY) {
		now.replay = true;
		now.index = 41;
		now.count = 300;
		now.source = "/var/tmp/night.vmperf";
		s->m->ui.speed = 2;
	}
	if (how & CHOSEN)
		now.chosen = "web*, \033db";
	s->m->ui.paused = how & PAUSED;
	s->m->ui.totals = how & TOTALS;
	if (how & RECORDING) {
		snprintf(s->m->ui.recording, sizeof(s->m->ui.recording), "/tmp/\033x/evening.vmperf");
		s->m->ui.recorded_bytes = 1234567;
	}
	ui_moment(&s->m->ui, &now);
}

static void close_ui(struct shown *s)
{
	screen_free(&s->screen);
	history_clear(&s->history);
	done(s->m);
}

static void draw(struct shown *s, unsigned int w, unsigned int h, enum look look)
{
	s->screen.utf8 = look != ASCII;
	s->screen.colour = look == COLOUR;
	screen_resize(&s->screen, w, h);
	ui_draw(&s->m->ui, &s->screen);
}

/* Keys, each of which is followed by drawing. */
static void keys(struct shown *s, unsigned int w, unsigned int h, enum look look, const char *text)
{
	draw(s, w, h, look);
	for (; *text; text++) {
		press(s->m, *text == *RIGHT ? K_RIGHT : (unsigned char)*text);
		draw(s, w, h, look);
	}
}

START_TEST(golden)
{
	const struct shot *shot = &shots[_i];
	struct buf b = {0};
	struct shown s;
	char file[128];

	open_ui(&s, shot->host, shot->how);
	keys(&s, shot->w, shot->h, shot->look, shot->keys);
	if (shot->look == COLOUR)
		dump_ansi(&b, &s.screen, THEME_DARK, DEPTH_256);
	else
		dump_text(&b, &s.screen);
	snprintf(file, sizeof(file), "screen-%s.%s", shot->name, shot->look == COLOUR ? "ansi" : "txt");
	golden_same(file, &b);
	buf_free(&b);
	close_ui(&s);
}
END_TEST

/* Ways to every page and dialog. */
static const char *const ways[] = {
	"",
	"H",
	"2",
	"3",
	"4",
	"5",
	"6",
	"7",
	"8",
	"9",
	"9G",
	"\r",
	"\rjjjj",
	"\r\tG",
	"\r\t\r",
	"\r4\r",
	"?",
	"?G",
	"c",
	"cG",
	"s",
	"e",
	"/x",
	"/nobody\r",
	"w",
	"\r\r",
	"\r\r\tG",
	"3\r",
	"3" RIGHT "e",
	"5e",
	"/web\r\r\t\r",
	"/web\r\rj\r\r",
	"7" RIGHT RIGHT RIGHT RIGHT RIGHT RIGHT "e",
	"6G",
};

#define WAYS (sizeof(ways) / sizeof(*ways))

/* All that was told to the mouse is on the screen. */
static void on_screen(const struct ui_layout *l)
{
	MANY(l->rows_y + l->rows_h <= l->h);
	MANY(l->titles_y < l->h);
	MANY(l->footer_y < l->h);
	MANY(l->dialog_y + l->dialog_h <= l->h);
	for (unsigned int i = 0; i < l->nspans; i++)
		MANY(l->spans[i].x + l->spans[i].w <= l->w);
	for (unsigned int i = 0; i < l->nbuttons; i++)
		MANY(l->buttons[i].x + l->buttons[i].w <= l->w);
	for (unsigned int i = 0; i < l->ntabs; i++)
		MANY(l->tabs[i].x + l->tabs[i].w <= l->w);
	MANY(l->tabs_y < l->h);
	MANY(l->other_x + l->other_w <= l->w);
	MANY(l->other_y + l->other_h <= l->h);
}

/* The selected row is among those that are shown, if any is. */
static void selected_is_shown(const struct ui *ui)
{
	const struct place *p = &ui->places[ui->depth];

	if (!ui->nrows || !ui->layout.rows_h || p->page == PAGE_HOST)
		return;
	MANY(p->row >= p->top);
	MANY(p->row - p->top < ui->layout.rows_h);
}

START_TEST(all_sizes)
{
	struct shown s;

	open_ui(&s, dozen, PAST);
	keys(&s, 80, 24, TEXT, ways[_i]);
	for (unsigned int h = 1; h <= 20; h++) {
		for (unsigned int w = 1; w <= 60; w++) {
			draw(&s, w, h, (enum look)((w + h) % 3));
			on_screen(&s.m->ui.layout);
			selected_is_shown(&s.m->ui);
		}
	}
	draw(&s, 400, 100, COLOUR);
	on_screen(&s.m->ui.layout);
	selected_is_shown(&s.m->ui);
	close_ui(&s);
}
END_TEST

/* Keys that are pressed where little or nothing can be seen. */
START_TEST(tiny)
{
	for (unsigned int size = 1; size < 16; size += 3) {
		struct shown s;

		open_ui(&s, dozen, PAST);
		keys(&s, 2 * size, size, TEXT, ways[_i]);
		on_screen(&s.m->ui.layout);
		selected_is_shown(&s.m->ui);
		close_ui(&s);
	}
}
END_TEST

/* On every host, whatever it does not have. */
START_TEST(all_hosts)
{
	for (unsigned int i = 0; host(i); i++) {
		for (unsigned int how = 0; how < 2 * WAITING; how += WAITING) {
			struct shown s;

			open_ui(&s, host(i), PAST | how);
			keys(&s, 100, 30, TEXT, ways[_i]);
			on_screen(&s.m->ui.layout);
			selected_is_shown(&s.m->ui);
			draw(&s, 40, 10, ASCII);
			close_ui(&s);
		}
	}
}
END_TEST

/* Without UTF-8 there is nothing but ASCII, and no control byte on any terminal. */
START_TEST(safe)
{
	struct shown s;

	open_ui(&s, dozen, PAST | RECORDING);
	for (unsigned int look = TEXT; look <= ASCII; look++) {
		keys(&s, 120, 40, (enum look)look, look == TEXT ? ways[_i] : "");
		for (unsigned int i = 0; i < s.screen.w * s.screen.h; i++) {
			uint32_t ch = s.screen.cells[i].ch;

			MANY(!ch || (ch >= ' ' && !(ch >= 0x7f && ch < 0xa0)));
			if (look == ASCII)
				MANY(ch && ch < 0x7f);
		}
	}
	close_ui(&s);
}
END_TEST

/* Drawing the same again changes nothing: what it remembers settles at once. */
START_TEST(settles)
{
	struct buf first = {0}, second = {0};
	struct shown s;

	open_ui(&s, dozen, PAST);
	keys(&s, 80, 24, TEXT, ways[_i]);
	dump_text(&first, &s.screen);
	draw(&s, 80, 24, TEXT);
	dump_text(&second, &s.screen);
	ck_assert_str_eq(first.data, second.data);
	buf_free(&first);
	buf_free(&second);
	close_ui(&s);
}
END_TEST

/* What is clicked on is what stands there. */
START_TEST(clicks)
{
	struct shown s;
	const struct ui_layout *l;

	open_ui(&s, dozen, PAST);
	draw(&s, 80, 24, TEXT);
	l = &s.m->ui.layout;
	ui_key(&s.m->ui, &(struct input){.key = K_CLICK, .x = 3, .y = l->rows_y + 2});
	ck_assert_str_eq(ui_selected(&s.m->ui)->vm->name, "swapping");
	for (unsigned int i = 0; i < l->nbuttons; i++) {
		if (l->buttons[i].act != ACT_HELP)
			continue;
		ui_key(&s.m->ui, &(struct input){.key = K_CLICK, .x = l->buttons[i].x, .y = l->footer_y});
		ck_assert_int_eq(s.m->ui.dialog, DIALOG_HELP);
	}
	ck_assert_int_eq(s.m->ui.dialog, DIALOG_HELP);
	press(s.m, K_ESC);
	draw(&s, 80, 24, TEXT);
	/* the title of the first column */
	ui_key(&s.m->ui, &(struct input){.key = K_CLICK, .x = 1, .y = l->titles_y});
	ck_assert_str_eq(ui_selected(&s.m->ui)->vm->name, "swapping");
	ck_assert_str_eq(s.m->ui.rows[1].vm->name, "batch");
	close_ui(&s);
}
END_TEST

/* The pages' names at the top, the whole width of each. */
START_TEST(clicks_on_tabs)
{
	struct shown s;
	const struct ui_layout *l;

	open_ui(&s, dozen, PAST);
	for (int p = PAGES - 1; p > 0; p--) {
		struct ui_tab tab;
		uint32_t ch;

		draw(&s, 80, 24, TEXT);
		l = &s.m->ui.layout;
		ck_assert_uint_eq(l->ntabs, PAGES - 1);
		tab = l->tabs[p - 1];
		ch = s.screen.cells[l->tabs_y * 80 + tab.x].ch;
		ck_assert_uint_eq(ch, (uint32_t)p + '0');
		click(s.m, K_CLICK, tab.x + tab.w - 1, l->tabs_y);
		ck_assert_int_eq(here(s.m)->page, p);
		/* between two of them is none */
		if (p > 1)
			click(s.m, K_CLICK, tab.x - 1, l->tabs_y);
		ck_assert_int_eq(here(s.m)->page, p);
	}
	close_ui(&s);
}
END_TEST

/* A click selects in the panel that it is in. */
START_TEST(clicks_in_panels)
{
	struct shown s;
	const struct ui_layout *l;
	unsigned int vcpus = 2;

	open_ui(&s, dozen, PAST);
	keys(&s, 80, 24, TEXT, "/web\r\r");
	l = &s.m->ui.layout;
	ck_assert_uint_eq(ui_selected(&s.m->ui)->vm->nvcpus, vcpus);
	ck_assert_uint_eq(l->other_row, vcpus);
	click(s.m, K_CLICK, 5, l->other_y + 1);
	ck_assert_uint_eq(here(s.m)->row, vcpus + 1);
	ck_assert_ptr_nonnull(ui_selected(&s.m->ui)->exit);
	draw(&s, 80, 24, TEXT);
	ck_assert_uint_eq(l->other_row, 0);
	ck_assert_uint_eq(l->other_h, vcpus);
	/* below them are the titles of the panel that has the selection */
	click(s.m, K_CLICK, 5, l->other_y + vcpus);
	ck_assert_uint_eq(here(s.m)->row, vcpus + 1);
	click(s.m, K_DOUBLE, 5, l->other_y + 1);
	is_at(s.m, 2, PAGE_VMS, here(s.m)->pid, s.m->view->vms[5].vcpus[1].tid);
	close_ui(&s);
}
END_TEST

/* A VM that has ended is still called by its name, on each page. */
START_TEST(ended_name)
{
	struct shown s;

	open_ui(&s, svm, PAST);
	keys(&s, 80, 24, TEXT, "\r\t\r");
	show(s.m, intel);
	for (uint32_t k = '0'; k <= '9'; k++) {
		struct buf b = {0};

		press(s.m, k);
		draw(&s, 80, 24, TEXT);
		dump_text(&b, &s.screen);
		ck_assert_ptr_nonnull(strstr(b.data, "(ended) build"));
		/* the reason's page is the one of no key */
		ck_assert(strstr(b.data, "This VM has ended") || k == '9');
		buf_free(&b);
	}
	close_ui(&s);
}
END_TEST

/* Alarms stand above all that has lost more, but not so much of its own time. */
START_TEST(alarms_first)
{
	struct shown s;
	unsigned int alarms = 0;
	bool lost_more = false;

	open_ui(&s, dozen, PAST);
	for (unsigned int i = 0; i < s.m->ui.nrows; i++) {
		const struct view_vm *vm = s.m->ui.rows[i].vm;
		bool alarm = verdict_of(&vm->set, s.m->view->visible).level == VERDICT_ALARM;

		ck_assert(!alarm || alarms == i);
		alarms += alarm;
		if (i > 0 && i == alarms)
			lost_more = vm->lost_ns > s.m->ui.rows[i - 1].vm->lost_ns;
	}
	ck_assert_uint_eq(alarms, 5);
	ck_assert(lost_more);
	close_ui(&s);
}
END_TEST

/* Whether the footer has a button for it. */
static bool has_button(const struct shown *s, enum act act)
{
	for (unsigned int i = 0; i < s->m->ui.layout.nbuttons; i++)
		if (s->m->ui.layout.buttons[i].act == act)
			return true;
	return false;
}

/* In a narrow footer the keys stay that one is lost without; a message leaves room for some, too. */
START_TEST(footer)
{
	struct shown s;

	open_ui(&s, dozen, PAST);
	keys(&s, 50, 24, TEXT, "\r");
	ck_assert(has_button(&s, ACT_HELP));
	ck_assert(has_button(&s, ACT_BACK));
	ck_assert(has_button(&s, ACT_ENTER));
	ck_assert(has_button(&s, ACT_QUIT));
	ck_assert(!has_button(&s, ACT_COLUMNS));
	keys(&s, 70, 24, TEXT, "+");
	ck_assert_str_eq(s.m->ui.message, "measured every 500ms");
	ck_assert(has_button(&s, ACT_BACK));
	ck_assert(!has_button(&s, ACT_FASTER));
	close_ui(&s);
	open_ui(&s, dozen, PAST | REPLAY);
	draw(&s, 80, 24, TEXT);
	ck_assert(has_button(&s, ACT_STEP_BACK));
	ck_assert(has_button(&s, ACT_STEP));
	draw(&s, 160, 24, TEXT);
	ck_assert(has_button(&s, ACT_FASTER));
	ck_assert(has_button(&s, ACT_JUMP));
	close_ui(&s);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("screens");

	/* times are those of the place */
	setenv("TZ", "UTC", 1);
	tzset();
	tcase_add_loop_test(u.tcase, golden, 0, SHOTS);
	tcase_add_loop_test(u.tcase, all_sizes, 0, WAYS);
	tcase_add_loop_test(u.tcase, tiny, 0, WAYS);
	tcase_add_loop_test(u.tcase, all_hosts, 0, WAYS);
	tcase_add_loop_test(u.tcase, safe, 0, WAYS);
	tcase_add_loop_test(u.tcase, settles, 0, WAYS);
	UNIT_ADD(u, clicks);
	UNIT_ADD(u, clicks_on_tabs);
	UNIT_ADD(u, clicks_in_panels);
	UNIT_ADD(u, ended_name);
	UNIT_ADD(u, alarms_first);
	UNIT_ADD(u, footer);
	return unit_run(u);
}
