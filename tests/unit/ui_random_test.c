// SPDX-License-Identifier: GPL-2.0-only
/* Random keys on random hosts and screens: nothing is ever out of bounds. */
#include "ui.h"

/* Before the first interval there is nothing, and every key is fine. */
START_TEST(nothing_yet)
{
	struct made_up *m = mem_zalloc(1, sizeof(*m));

	ui_init(&m->ui);
	ui_moment(&m->ui, &(struct moment){.waiting = "for KVM"});
	for (uint32_t k = 1; k < 128; k++) {
		press(m, k);
		press(m, K_ESC);
	}
	for (uint32_t k = K_UP; k <= K_WHEEL_DOWN; k++) {
		press(m, k);
		press(m, K_ESC);
	}
	ck_assert_uint_eq(m->ui.depth, 0);
	ui_free(&m->ui);
	free(m);
}
END_TEST

/* The same numbers in every run. */
static uint32_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

/* An assertion of Check's takes a system call, too much for so many. */
#define HOLDS(x)                                                                                             \
	do {                                                                                                 \
		if (!(x))                                                                                    \
			ck_abort_msg("%s", #x);                                                              \
	} while (0)

static void holds(const struct made_up *m)
{
	const struct ui *ui = &m->ui;
	const struct place *p = here(m);

	HOLDS(ui->depth < PLACES);
	HOLDS(p->page >= PAGE_REASON && p->page < PAGES);
	HOLDS(!ui->nrows || p->row < ui->nrows);
	HOLDS(!ui->nrows || !p->key || ui->rows[p->row].key == p->key);
	HOLDS(ui_selected(ui) == (ui->nrows ? &ui->rows[p->row] : NULL));
	for (unsigned int i = 0; i < ui->nrows; i++)
		HOLDS(ui->rows[i].view == ui->now.view);
	for (int k = 0; k < PAGES; k++) {
		const struct page_choice *c = &ui->pages[k];
		const struct column *all;
		unsigned int n = page_columns((enum page)k, &all);

		HOLDS(c->ncolumns <= n);
		HOLDS(!n || c->ncolumns);
		HOLDS(!n || c->column < c->ncolumns);
		for (unsigned int i = 0; i < c->ncolumns; i++) {
			HOLDS(c->columns[i] >= all && c->columns[i] < all + n);
			for (unsigned int j = 0; j < i; j++)
				HOLDS(c->columns[i] != c->columns[j]);
		}
		HOLDS(!c->sort || (c->sort >= all && c->sort < all + n));
	}
	HOLDS(ui->dialog <= DIALOG_RECORD);
	HOLDS((ui->dialog != DIALOG_COLUMNS && ui->dialog != DIALOG_SORT) || ui->dialog_row < ui->nlist);
	HOLDS(strnlen(ui->input, UI_TEXT) < UI_TEXT);
	HOLDS(strnlen(ui->filter, UI_TEXT) < UI_TEXT);
	HOLDS(ui->interval_ns >= 100 * MS && ui->interval_ns <= 60 * SECOND);
	HOLDS(ui->theme < THEMES);
}

/* A screen of any size, with its lines anywhere. */
static void random_layout(struct ui *ui, uint64_t *seed)
{
	struct ui_layout *l = &ui->layout;

	l->w = next(seed) % 400 + 1;
	l->h = next(seed) % 100 + 1;
	l->titles_y = next(seed) % l->h;
	l->rows_x = next(seed) % l->w;
	l->rows_w = next(seed) % l->w;
	l->rows_y = next(seed) % l->h;
	l->rows_h = next(seed) % l->h;
	l->footer_y = l->h - 1;
	l->dialog_y = next(seed) % l->h;
	l->dialog_h = next(seed) % l->h;
	l->nspans = next(seed) % 12;
	for (unsigned int i = 0; i < l->nspans; i++)
		l->spans[i] = (struct ui_span){next(seed) % l->w, next(seed) % 20, next(seed) % 20};
	l->nbuttons = next(seed) % 12;
	for (unsigned int i = 0; i < l->nbuttons; i++)
		l->buttons[i] =
			(struct ui_button){next(seed) % l->w, next(seed) % 20, (enum act)(next(seed) % ACTS)};
	l->tabs_y = next(seed) % l->h;
	l->ntabs = next(seed) % PAGES;
	for (unsigned int i = 0; i < l->ntabs; i++)
		l->tabs[i] = (struct ui_tab){next(seed) % l->w, next(seed) % 20,
					     (enum page)(1 + next(seed) % PAGE_HOST)};
	l->other_x = next(seed) % l->w;
	l->other_w = next(seed) % l->w;
	l->other_y = next(seed) % l->h;
	l->other_h = next(seed) % l->h;
	l->other_row = next(seed) % 40;
	ui->places[ui->depth].top = next(seed) % 40;
	ui->dialog_top = next(seed) % 40;
}

static struct input random_key(const struct ui *ui, uint64_t *seed)
{
	struct input in = {.x = next(seed) % ui->layout.w, .y = next(seed) % ui->layout.h};

	switch (next(seed) % 8) {
	case 0:
		in.key = next(seed) % 0x120000;
		break;
	case 1:
	case 2:
		in.key = K_CLICK + next(seed) % 4;
		break;
	case 3:
	case 4:
		in.key = K_UP + next(seed) % (K_F12 - K_UP + 1);
		break;
	case 5:
		in.key = K_ENTER;
		break;
	default:
		in.key = next(seed) % 128;
		break;
	}
	return in;
}

START_TEST(random_keys)
{
	uint64_t seed = (uint64_t)_i;
	struct made_up *m = made_up(mixed);
	unsigned int hosts = 0;

	while (host(hosts))
		hosts++;
	random_layout(&m->ui, &seed);
	for (int i = 0; i < 15000; i++) {
		struct input in = random_key(&m->ui, &seed);

		if (next(&seed) % 64 == 0)
			show(m, host(next(&seed) % hosts));
		if (next(&seed) % 256 == 0)
			ui_moment(&m->ui, &(struct moment){.replay = next(&seed) % 2});
		if (next(&seed) % 16 == 0)
			random_layout(&m->ui, &seed);
		ui_key(&m->ui, &in);
		holds(m);
		ui_needs(&m->ui);
	}
	done(m);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("ui_random");

	UNIT_ADD(u, nothing_yet);
	tcase_add_loop_test(u.tcase, random_keys, 0, 8);
	return unit_run(u);
}
