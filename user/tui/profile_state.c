// SPDX-License-Identifier: GPL-2.0-only
#include "profile_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/units.h"
#include "dialog.h"

#define MS          UINT64_C(1000000)
#define WHEEL_ROWS  3
#define CTRL(c)     ((c)&31)
#define COUNT(list) (sizeof(list) / sizeof(*(list)))

#define HOST  (1U << PROFILE_SYS | 1U << PROFILE_USER)
#define GUEST (1U << PROFILE_GUEST_SYS | 1U << PROFILE_GUEST_USER)

/* In the order of the help; labels in that of the footer. */
const struct key_row profile_key_rows[] = {
	{ACT_HELP, {K_F1, '?', 'h'}, "Help", "This help", 1},
	{ACT_FILTER,
	 {'/', K_F1 + 1, K_F1 + 2},
	 "Search",
	 "Show only functions that have a text: in the name, module, mode, VM or thread",
	 5},
	{ACT_MODES, {'m'}, "Modes", "Which code: all, the host's, the guest's, then each mode alone", 6},
	{ACT_GROUP, {'s'}, "Group", "Functions, whole modules, or functions by vCPU", 7},
	{ACT_WINDOW,
	 {'w'},
	 "Window",
	 "What is summed up: the last 10 intervals, the last one, or all since the start or z",
	 8},
	{ACT_ZERO, {'z'}, "Zero", "Begin all sums anew", 9},
	{ACT_PAUSE,
	 {'p', ' '},
	 "Pause",
	 "Stop the screen, or go on; what is sampled meanwhile is in the sums",
	 4},
	{ACT_ENTER, {K_ENTER}, "Open", "Into the selected VM, then the selected thread", 3},
	{ACT_BACK,
	 {K_ESC, K_ERASE, CTRL('h')},
	 "Back",
	 "Back to where Enter came from; a search goes first",
	 2},
	{ACT_UP, {K_UP, 'k'}, NULL, "To the row above", 0},
	{ACT_DOWN, {K_DOWN, 'j'}, NULL, "To the row below", 0},
	{ACT_PAGE_UP, {K_PAGE_UP, CTRL('b')}, NULL, "Up by a screen", 0},
	{ACT_PAGE_DOWN, {K_PAGE_DOWN, CTRL('f')}, NULL, "Down by a screen", 0},
	{ACT_FIRST, {K_HOME, 'g'}, NULL, "To the first row, whatever row that becomes", 0},
	{ACT_LAST, {K_END, 'G'}, NULL, "To the last row", 0},
	{ACT_PANEL, {K_TAB}, NULL, "Between the list above and the functions below", 0},
	{ACT_CLEAR, {'\\'}, NULL, "Show all functions again", 0},
	{ACT_FASTER, {'+', '='}, NULL, "Show anew more often", 0},
	{ACT_SLOWER, {'-', '_'}, NULL, "Show anew less often", 0},
	{ACT_THEME, {'T'}, NULL, "The next theme: default, light, dark", 0},
	{ACT_REPAINT, {CTRL('l')}, NULL, "Paint the screen anew", 0},
	{ACT_QUIT, {K_F1 + 9, 'q'}, "Quit", "Leave vmperf", 1},
};

const unsigned int profile_key_rows_count = COUNT(profile_key_rows);

static const uint64_t intervals[] = {100 * MS,  200 * MS,  500 * MS,   1000 * MS,  2000 * MS,
				     3000 * MS, 5000 * MS, 10000 * MS, 30000 * MS, 60000 * MS};

/* In the order of the key m. */
static const uint32_t mode_sets[] = {
	0,
	HOST,
	GUEST,
	1U << PROFILE_SYS,
	1U << PROFILE_USER,
	1U << PROFILE_GUEST_SYS,
	1U << PROFILE_GUEST_USER,
};

void profile_ui_init(struct profile_ui *ui)
{
	memset(ui, 0, sizeof(*ui));
	ui->interval_ns = 2000 * MS;
	ui->vcpu = -1;
}

void profile_ui_free(struct profile_ui *ui)
{
	free(ui->items);
	free(ui->list);
	ui->items = NULL;
	ui->list = NULL;
	ui->nitems = ui->nlist = 0;
}

void profile_ui_moment(struct profile_ui *ui, const struct profile_moment *m)
{
	ui->now = *m;
	profile_ui_rows(ui);
}

void profile_ui_say(struct profile_ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->message, sizeof(ui->message), fmt, ap);
	va_end(ap);
}

void profile_ui_modes(const struct profile_ui *ui, struct buf *b)
{
	const char *sep = "";

	if (!ui->modes) {
		buf_puts(b, "all modes");
	} else if (ui->modes == HOST || ui->modes == GUEST) {
		buf_puts(b, ui->modes == HOST ? "host" : "guest");
	} else {
		for (int m = 0; m < PROFILE_MODES; m++) {
			if (!(ui->modes & 1U << m))
				continue;
			buf_printf(b, "%s%s", sep, profile_mode_name((enum profile_mode)m));
			sep = ", ";
		}
	}
}

/* Where keys move: in the list above, or in the functions. */
static struct profile_cursor *cursor(struct profile_ui *ui, unsigned int *n, unsigned int *page)
{
	bool below = ui->level == PROFILE_LEVEL_FUNCTIONS || ui->below;

	*n = below ? ui->nlist : ui->nitems;
	*page = below ? ui->layout.list_h : ui->layout.items_h;
	if (!*page)
		*page = 1;
	return below ? &ui->functions : ui->level == PROFILE_LEVEL_VM ? &ui->threads : &ui->vms;
}

static void select_row(struct profile_ui *ui, unsigned int row)
{
	unsigned int n, page;
	struct profile_cursor *c = cursor(ui, &n, &page);

	if (!n)
		return;
	c->row = row < n ? row : n - 1;
	c->key = c == &ui->functions ? ui->list[c->row].key : ui->items[c->row].key;
	/* other functions */
	if (c != &ui->functions) {
		ui->functions = (struct profile_cursor){0};
		profile_ui_rows(ui);
	}
}

static bool move(struct profile_ui *ui, enum act act)
{
	unsigned int n, page;
	struct profile_cursor *c = cursor(ui, &n, &page);

	switch (act) {
	case ACT_UP:
		select_row(ui, c->row ? c->row - 1 : 0);
		break;
	case ACT_DOWN:
		select_row(ui, c->row + 1);
		break;
	case ACT_PAGE_UP:
		select_row(ui, c->row > page ? c->row - page : 0);
		break;
	case ACT_PAGE_DOWN:
		select_row(ui, c->row + page);
		break;
	case ACT_FIRST:
		select_row(ui, 0);
		/* and stays there, whatever row comes first */
		c->key = 0;
		break;
	case ACT_LAST:
		select_row(ui, n ? n - 1 : 0);
		break;
	case ACT_PANEL:
		if (ui->level != PROFILE_LEVEL_FUNCTIONS)
			ui->below = !ui->below;
		break;
	default:
		return false;
	}
	return true;
}

static void enter(struct profile_ui *ui)
{
	const struct profile *p = ui->now.profile;
	uint32_t vm, thread;

	if (ui->level == PROFILE_LEVEL_FUNCTIONS) {
		profile_ui_say(ui, "this is all there is to see of it");
		return;
	}
	if (!ui->nitems || !profile_ui_chosen(ui, &vm, &thread))
		return;
	if (ui->level == PROFILE_LEVEL_VM || vm == PROFILE_NONE) {
		ui->level = PROFILE_LEVEL_FUNCTIONS;
		ui->tid = thread == PROFILE_NONE ? 0 : p->threads[thread].tid;
		ui->vcpu = thread == PROFILE_NONE ? -1 : p->threads[thread].vcpu;
	} else {
		ui->level = PROFILE_LEVEL_VM;
		ui->pid = p->vms[vm].pid;
		ui->start_ns = p->vms[vm].start_ns;
		snprintf(ui->name, sizeof(ui->name), "%s", p->vms[vm].name);
		ui->threads = (struct profile_cursor){0};
	}
	ui->below = false;
	ui->functions = (struct profile_cursor){0};
	profile_ui_rows(ui);
}

static void back(struct profile_ui *ui)
{
	if (ui->filter[0]) {
		ui->filter[0] = '\0';
	} else if (ui->level == PROFILE_LEVEL_FUNCTIONS && ui->pid) {
		ui->level = PROFILE_LEVEL_VM;
	} else {
		ui->level = PROFILE_LEVEL_VMS;
		ui->pid = 0;
		ui->start_ns = 0;
		ui->name[0] = '\0';
	}
	ui->tid = 0;
	ui->vcpu = -1;
	ui->below = false;
	ui->functions = (struct profile_cursor){0};
	profile_ui_rows(ui);
}

static void next_modes(struct profile_ui *ui)
{
	unsigned int at = 0;

	for (unsigned int i = 0; i < COUNT(mode_sets); i++)
		if (mode_sets[i] == ui->modes)
			at = i + 1;
	ui->modes = mode_sets[at % COUNT(mode_sets)];
	profile_ui_rows(ui);
}

static enum profile_todo change_pace(struct profile_ui *ui, bool faster)
{
	uint64_t next = ui->interval_ns;
	char text[UNITS_SIZE];

	for (unsigned int i = 0; i < COUNT(intervals); i++) {
		if (!faster && intervals[i] > ui->interval_ns) {
			next = intervals[i];
			break;
		}
		if (faster && intervals[i] < ui->interval_ns)
			next = intervals[i];
	}
	ui->interval_ns = next;
	profile_ui_say(ui, "shown anew every %s", units_ns((double)next, text));
	return PROFILE_TODO_INTERVAL;
}

static enum profile_todo mouse(struct profile_ui *ui, const struct input *in);

static enum profile_todo act_on(struct profile_ui *ui, enum act act, const struct input *in)
{
	if (move(ui, act))
		return PROFILE_TODO_NOTHING;
	switch (act) {
	case ACT_ENTER:
		enter(ui);
		break;
	case ACT_BACK:
		back(ui);
		break;
	case ACT_FILTER:
		ui->dialog = PROFILE_SEARCH;
		memcpy(ui->input, ui->filter, sizeof(ui->input));
		break;
	case ACT_CLEAR:
		ui->filter[0] = '\0';
		profile_ui_rows(ui);
		break;
	case ACT_MODES:
		next_modes(ui);
		break;
	case ACT_GROUP:
		ui->group = (enum profile_group)((ui->group + 1) % PROFILE_GROUPS);
		profile_ui_rows(ui);
		break;
	case ACT_WINDOW:
		ui->sum = (enum profile_sum)((ui->sum + 1) % PROFILE_SUMS);
		return PROFILE_TODO_SUM;
	case ACT_ZERO:
		profile_ui_say(ui, "all sums begin anew");
		return PROFILE_TODO_ZERO;
	case ACT_PAUSE:
		ui->paused = !ui->paused;
		return PROFILE_TODO_PAUSE;
	case ACT_FASTER:
	case ACT_SLOWER:
		return change_pace(ui, act == ACT_FASTER);
	case ACT_HELP:
		ui->dialog = PROFILE_HELP;
		ui->dialog_top = 0;
		break;
	case ACT_THEME:
		ui->theme = (enum theme_name)((ui->theme + 1) % THEMES);
		break;
	case ACT_REPAINT:
		return PROFILE_TODO_REPAINT;
	case ACT_QUIT:
		return PROFILE_TODO_QUIT;
	default:
		return mouse(ui, in);
	}
	return PROFILE_TODO_NOTHING;
}

static enum profile_todo click(struct profile_ui *ui, const struct input *in)
{
	const struct profile_layout *l = &ui->layout;
	bool above = in->y >= l->items_y && in->y - l->items_y < l->items_h;
	const struct profile_cursor *c;

	if (l->h && in->y == l->footer_y) {
		for (unsigned int i = 0; i < l->nbuttons; i++)
			if (in->x >= l->buttons[i].x && in->x - l->buttons[i].x < l->buttons[i].w)
				return act_on(ui, l->buttons[i].act, &(struct input){0});
		return PROFILE_TODO_NOTHING;
	}
	if (!above && (in->y < l->list_y || in->y - l->list_y >= l->list_h))
		return PROFILE_TODO_NOTHING;
	if (above && ui->level == PROFILE_LEVEL_FUNCTIONS)
		return PROFILE_TODO_NOTHING;
	c = !above ? &ui->functions : ui->level == PROFILE_LEVEL_VM ? &ui->threads : &ui->vms;
	if (c->top + (in->y - (above ? l->items_y : l->list_y)) >= (above ? ui->nitems : ui->nlist))
		return PROFILE_TODO_NOTHING;
	ui->below = !above;
	select_row(ui, c->top + (in->y - (above ? l->items_y : l->list_y)));
	if (in->key == K_DOUBLE && above)
		enter(ui);
	return PROFILE_TODO_NOTHING;
}

static enum profile_todo mouse(struct profile_ui *ui, const struct input *in)
{
	if (in->key == K_CLICK || in->key == K_DOUBLE)
		return click(ui, in);
	for (int i = 0; i < WHEEL_ROWS && (in->key == K_WHEEL_UP || in->key == K_WHEEL_DOWN); i++)
		move(ui, in->key == K_WHEEL_UP ? ACT_UP : ACT_DOWN);
	return PROFILE_TODO_NOTHING;
}

static void search_key(struct profile_ui *ui, const struct input *in)
{
	if (in->key == K_ESC)
		ui->filter[0] = '\0';
	else if (dialog_line_key(ui->input, in->key))
		memcpy(ui->filter, ui->input, sizeof(ui->filter));
	if (in->key == K_ESC || in->key == K_ENTER)
		ui->dialog = PROFILE_NO_DIALOG;
	profile_ui_rows(ui);
}

/* Drawing knows how long it is. */
static void help_key(struct profile_ui *ui, const struct input *in)
{
	enum act act = key_find(profile_key_rows, profile_key_rows_count, in->key);
	unsigned int page = ui->layout.dialog_h ? ui->layout.dialog_h : 1;

	if (in->key == K_WHEEL_UP || act == ACT_UP)
		ui->dialog_top -= ui->dialog_top > 0;
	else if (in->key == K_WHEEL_DOWN || act == ACT_DOWN)
		ui->dialog_top++;
	else if (act == ACT_PAGE_UP)
		ui->dialog_top -= ui->dialog_top < page ? ui->dialog_top : page;
	else if (act == ACT_PAGE_DOWN)
		ui->dialog_top += page;
	else if (act == ACT_FIRST)
		ui->dialog_top = 0;
	else if (act == ACT_LAST)
		ui->dialog_top = 10000;
	else if (in->key != K_NONE)
		ui->dialog = PROFILE_NO_DIALOG;
}

enum profile_todo profile_ui_key(struct profile_ui *ui, const struct input *in)
{
	ui->message[0] = '\0';
	switch (ui->dialog) {
	case PROFILE_HELP:
		help_key(ui, in);
		break;
	case PROFILE_SEARCH:
		search_key(ui, in);
		break;
	case PROFILE_NO_DIALOG:
		return act_on(ui, key_find(profile_key_rows, profile_key_rows_count, in->key), in);
	}
	return PROFILE_TODO_NOTHING;
}
