// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the profile's view looks like: against tests/golden/screen-profile-*, and
 * what holds of every screen.  GENERATE=1 writes the files instead.
 */
#include "golden.h"
#include "profile_made.h"
#include "tui/dump.h"

struct shot {
	const char *name;
	struct profile *(*make)(void);
	unsigned int w, h;
	enum made_look look;
	const char *keys;
};

static const struct shot shots[] = {
	{"vms-80x24", made_busy, 80, 24, MADE_TEXT, ""},
	{"vms-120x40", made_busy, 120, 40, MADE_TEXT, "j"},
	{"vms-200x60", made_busy, 200, 60, MADE_TEXT, ""},
	{"vms-38x12", made_busy, 38, 12, MADE_TEXT, ""},
	{"vms-colour-80x24", made_busy, 80, 24, MADE_COLOUR, "j"},
	{"vms-ascii-80x24", made_busy, 80, 24, MADE_ASCII, ""},
	{"vm-80x24", made_busy, 80, 24, MADE_TEXT, "j\r"},
	{"vm-colour-120x40", made_busy, 120, 40, MADE_COLOUR, "j\rj"},
	{"vcpu-80x24", made_busy, 80, 24, MADE_TEXT, "j\rj\r"},
	{"all-functions-80x24", made_busy, 80, 24, MADE_TEXT, "\r"},
	{"modules-80x24", made_busy, 80, 24, MADE_TEXT, "s"},
	{"by-vcpu-80x24", made_busy, 80, 24, MADE_TEXT, "ss"},
	{"guest-80x24", made_busy, 80, 24, MADE_TEXT, "mm"},
	{"search-80x24", made_busy, 80, 24, MADE_TEXT, "/KVM"},
	{"searched-80x24", made_busy, 80, 24, MADE_TEXT, "/poll\r"},
	{"search-none-80x24", made_busy, 80, 24, MADE_TEXT, "/nothing\r"},
	{"scrolled-80x24", made_many, 80, 24, MADE_TEXT, "\tG"},
	{"help-80x24", made_busy, 80, 24, MADE_TEXT, "?"},
	{"help-38x12", made_busy, 38, 12, MADE_TEXT, "?"},
	{"none-80x24", made_none, 80, 24, MADE_TEXT, ""},
	{"idle-80x24", made_idle, 80, 24, MADE_TEXT, "j"},
};

#define SHOTS (sizeof(shots) / sizeof(*shots))

START_TEST(golden)
{
	const struct shot *shot = &shots[_i];
	struct buf b = {0};
	struct made_ui m;
	char file[128];

	made_open(&m, shot->make());
	m.ui.now.note = "not cycles: this host has no PMU\nthe guest of VM db has no symbols: vmperf profile "
			"symbols fetches them";
	m.ui.now.lost = shot->w == 120 ? 12345 : 0;
	m.ui.limit = 0.5;
	profile_ui_rows(&m.ui);
	made_keys(&m, shot->w, shot->h, shot->look, shot->keys);
	if (shot->look == MADE_COLOUR)
		dump_ansi(&b, &m.screen, THEME_DARK, DEPTH_256);
	else
		dump_text(&b, &m.screen);
	snprintf(file, sizeof(file), "screen-profile-%s.%s", shot->name,
		 shot->look == MADE_COLOUR ? "ansi" : "txt");
	golden_same(file, &b);
	buf_free(&b);
	made_close(&m);
}
END_TEST

static struct profile *(*const hosts[])(void) = {made_busy, made_none, made_idle, made_many, made_crowd};

#define HOSTS (sizeof(hosts) / sizeof(*hosts))

/* Ways to every list and dialog. */
static const char *const ways[] = {
	"",     "j", "\t", "\tG", "\r",   "j\r", "j\r\tG", "j\rj\r", "j\r\r",       "s",         "ssG",
	"mmmm", "?", "?G", "/x",  "/x\r", "w",   "ww",     "z",      "jjj\r\rssmG", "\tjjj/e\r", "G\r\tk",
};

#define WAYS (sizeof(ways) / sizeof(*ways))

/* All that was told to the mouse is on the screen; the row that keys move is shown. */
static void holds(const struct profile_ui *ui)
{
	const struct profile_layout *l = &ui->layout;
	bool below = ui->below || ui->level == PROFILE_LEVEL_FUNCTIONS;
	const struct profile_cursor *c = below                           ? &ui->functions
					 : ui->level == PROFILE_LEVEL_VM ? &ui->threads
									 : &ui->vms;
	unsigned int n = below ? ui->nlist : ui->nitems, h = below ? l->list_h : l->items_h;

	MANY(l->items_y + l->items_h <= l->h);
	MANY(l->list_y + l->list_h <= l->h);
	MANY(l->footer_y < l->h);
	for (unsigned int i = 0; i < l->nbuttons; i++)
		MANY(l->buttons[i].x + l->buttons[i].w <= l->w);
	if (!n || !h)
		return;
	MANY(c->row >= c->top);
	MANY(c->row - c->top < h);
}

START_TEST(all_sizes)
{
	for (unsigned int host = 0; host < HOSTS; host++) {
		struct made_ui m;

		made_open(&m, hosts[host]());
		made_keys(&m, 80, 24, MADE_TEXT, ways[_i]);
		for (unsigned int h = 1; h <= 24; h++) {
			for (unsigned int w = 1; w <= 62; w += host == 0 ? 1 : 7) {
				made_draw(&m, w, h, (enum made_look)((w + h) % 3));
				holds(&m.ui);
			}
		}
		made_draw(&m, 400, 100, MADE_COLOUR);
		holds(&m.ui);
		made_close(&m);
	}
}
END_TEST

/* Without UTF-8 there is nothing but ASCII, and no control byte on any terminal. */
START_TEST(safe)
{
	for (unsigned int look = MADE_TEXT; look <= MADE_ASCII; look++) {
		struct made_ui m;

		made_open(&m, made_busy());
		m.ui.now.note = "a note with \033[31m and \xff";
		m.ui.now.chosen = "web*, \033db";
		made_keys(&m, 120, 40, (enum made_look)look, ways[_i]);
		for (unsigned int i = 0; i < m.screen.w * m.screen.h; i++) {
			uint32_t ch = m.screen.cells[i].ch;

			MANY(!ch || (ch >= ' ' && !(ch >= 0x7f && ch < 0xa0)));
			if (look == MADE_ASCII)
				MANY(ch && ch < 0x7f);
		}
		made_close(&m);
	}
}
END_TEST

/* Drawing the same again changes nothing. */
START_TEST(settles)
{
	struct buf first = {0}, second = {0};
	struct made_ui m;

	made_open(&m, made_busy());
	made_keys(&m, 80, 24, MADE_TEXT, ways[_i]);
	dump_text(&first, &m.screen);
	made_draw(&m, 80, 24, MADE_TEXT);
	dump_text(&second, &m.screen);
	ck_assert_str_eq(first.data, second.data);
	buf_free(&first);
	buf_free(&second);
	made_close(&m);
}
END_TEST

/* Nothing yet: what it waits for. */
START_TEST(waiting)
{
	struct buf b = {0};
	struct made_ui m;

	made_open(&m, NULL);
	made_keys(&m, 80, 24, MADE_TEXT, ways[_i]);
	dump_text(&b, &m.screen);
	if (m.ui.dialog != PROFILE_HELP)
		ck_assert_ptr_nonnull(strstr(b.data, "Sampling the first interval."));
	m.ui.now.waiting = "Waiting for KVM to be loaded.";
	m.ui.dialog = PROFILE_NO_DIALOG;
	b.len = 0;
	made_draw(&m, 80, 24, MADE_TEXT);
	dump_text(&b, &m.screen);
	ck_assert_ptr_nonnull(strstr(b.data, "Waiting for KVM to be loaded."));
	buf_free(&b);
	made_close(&m);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("profile_screens");

	tcase_add_loop_test(u.tcase, golden, 0, SHOTS);
	tcase_add_loop_test(u.tcase, all_sizes, 0, WAYS);
	tcase_add_loop_test(u.tcase, safe, 0, WAYS);
	tcase_add_loop_test(u.tcase, settles, 0, WAYS);
	tcase_add_loop_test(u.tcase, waiting, 0, WAYS);
	return unit_run(u);
}
