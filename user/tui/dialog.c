// SPDX-License-Identifier: GPL-2.0-only
#include "dialog.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "place.h"

#define CTRL(c) ((c)&31)

/* The columns of a page in the order in which they are shown, those that are not after them. */
static void list_columns(struct ui *ui, enum page p)
{
	const struct page_choice *c = &ui->pages[p];
	const struct column *all;
	unsigned int n = page_columns(p, &all);

	for (unsigned int i = 0; i < c->ncolumns; i++)
		ui->list[ui->nlist++] = c->columns[i];
	for (unsigned int i = 0; i < n; i++)
		if (!ui_chosen(ui, p, &all[i]))
			ui->list[ui->nlist++] = &all[i];
}

/* "vmperf-HOST-20260131-150405Z.vmperf": the moment that is shown, in UTC. */
static void record_name(struct ui *ui)
{
	const struct view *v = ui->now.view;
	time_t when = v ? (time_t)(v->real_ns / 1000000000) : 0;
	char host[sizeof(v->host.hostname)] = "", date[32] = "";
	struct tm tm;

	for (unsigned int i = 0; v && i + 1 < sizeof(host) && v->host.hostname[i]; i++)
		host[i] = (char)(isalnum((unsigned char)v->host.hostname[i]) || v->host.hostname[i] == '.'
					 ? v->host.hostname[i]
					 : '-');
	if (v && gmtime_r(&when, &tm))
		strftime(date, sizeof(date), "-%Y%m%d-%H%M%SZ", &tm);
	snprintf(ui->input, sizeof(ui->input), "vmperf%s%s%s.vmperf", host[0] ? "-" : "", host, date);
}

void dialog_open(struct ui *ui, enum dialog d)
{
	enum page p = ui_table(ui);
	const struct page_choice *c = &ui->pages[p];

	if (!c->ncolumns && (d == DIALOG_COLUMNS || d == DIALOG_SORT || d == DIALOG_EXPLAIN)) {
		ui_say(ui, "this page has no columns");
		return;
	}
	ui->dialog = d;
	ui->dialog_page = p;
	ui->dialog_row = 0;
	ui->dialog_top = 0;
	ui->nlist = 0;
	switch (d) {
	case DIALOG_COLUMNS:
		list_columns(ui, p);
		ui->dialog_row = c->column;
		break;
	case DIALOG_SORT:
		ui->list[ui->nlist++] = NULL;
		list_columns(ui, p);
		while (ui->dialog_row + 1 < ui->nlist && ui->list[ui->dialog_row] != c->sort)
			ui->dialog_row++;
		break;
	case DIALOG_FILTER:
		memcpy(ui->input, ui->filter, sizeof(ui->input));
		memcpy(ui->places[ui->depth].filter, ui->filter, sizeof(ui->filter));
		break;
	case DIALOG_RECORD:
		record_name(ui);
		break;
	case DIALOG_NONE:
	case DIALOG_HELP:
	case DIALOG_EXPLAIN:
		break;
	}
}

void dialog_sort_by(struct ui *ui, enum page p, const struct column *c)
{
	struct page_choice *choice = &ui->pages[p];

	choice->reverse = choice->sort == c && !choice->reverse;
	choice->sort = c;
}

/* The chosen ones are those that were, with one of them changed, in the list's order. */
static void choose(struct ui *ui, const struct column *changed)
{
	struct page_choice *c = &ui->pages[ui->dialog_page], next = *c;
	const struct column *selected = c->columns[c->column];

	next.ncolumns = 0;
	for (unsigned int i = 0; i < ui->nlist; i++)
		if (ui_chosen(ui, ui->dialog_page, ui->list[i]) != (ui->list[i] == changed))
			next.columns[next.ncolumns++] = ui->list[i];
	if (!next.ncolumns) {
		ui_say(ui, "one column must stay");
		return;
	}
	*c = next;
	c->column = 0;
	for (unsigned int i = 0; i < c->ncolumns; i++)
		if (c->columns[i] == selected)
			c->column = i;
}

static void move_column(struct ui *ui, bool down)
{
	unsigned int to = down ? ui->dialog_row + 1 : ui->dialog_row - 1;
	const struct column *c = ui->list[ui->dialog_row];

	/* up from the first one wraps around */
	if (to >= ui->nlist)
		return;
	ui->list[ui->dialog_row] = ui->list[to];
	ui->list[to] = c;
	ui->dialog_row = to;
	choose(ui, NULL);
}

/* Moves the selected line of a list, or scrolls a text.  False: the key does something else. */
static bool scroll(struct ui *ui, const struct input *in, unsigned int *at, unsigned int last)
{
	unsigned int page = ui->layout.dialog_h ? ui->layout.dialog_h : 1, by = 1;
	enum act act = key_act(in->key);

	if (act == ACT_PAGE_UP || act == ACT_PAGE_DOWN)
		by = page;
	if (in->key == K_WHEEL_UP || act == ACT_UP || act == ACT_PAGE_UP)
		*at = *at > by ? *at - by : 0;
	else if (in->key == K_WHEEL_DOWN || act == ACT_DOWN || act == ACT_PAGE_DOWN)
		*at = last - *at > by ? *at + by : last;
	else if (act == ACT_FIRST)
		*at = 0;
	else if (act == ACT_LAST)
		*at = last;
	else
		return false;
	return true;
}

/* The line of a list that was clicked on. */
static bool clicked(struct ui *ui, const struct input *in)
{
	const struct ui_layout *l = &ui->layout;

	if ((in->key != K_CLICK && in->key != K_DOUBLE) || in->y < l->dialog_y ||
	    in->y - l->dialog_y >= l->dialog_h || ui->dialog_top + (in->y - l->dialog_y) >= ui->nlist)
		return false;
	ui->dialog_row = ui->dialog_top + (in->y - l->dialog_y);
	return true;
}

static bool leaves(const struct input *in)
{
	enum act act = key_act(in->key);

	return act == ACT_BACK || act == ACT_QUIT;
}

static struct ui_todo columns_key(struct ui *ui, const struct input *in)
{
	if (clicked(ui, in) ? in->key == K_DOUBLE : in->key == K_ENTER || in->key == ' ')
		choose(ui, ui->list[ui->dialog_row]);
	else if (in->key == '+' || in->key == '>' || in->key == K_RIGHT)
		move_column(ui, true);
	else if (in->key == '-' || in->key == '<' || in->key == K_LEFT)
		move_column(ui, false);
	else if (!scroll(ui, in, &ui->dialog_row, ui->nlist - 1) &&
		 (leaves(in) || key_act(in->key) == ACT_COLUMNS)) {
		ui->dialog = DIALOG_NONE;
		return (struct ui_todo){.what = TODO_SAVE};
	}
	return (struct ui_todo){.what = TODO_NOTHING};
}

static struct ui_todo sort_key(struct ui *ui, const struct input *in)
{
	if (clicked(ui, in) ? in->key == K_DOUBLE : in->key == K_ENTER) {
		ui->dialog = DIALOG_NONE;
		dialog_sort_by(ui, ui->dialog_page, ui->list[ui->dialog_row]);
		ui_rows(ui);
		return (struct ui_todo){.what = TODO_SAVE};
	}
	if (!scroll(ui, in, &ui->dialog_row, ui->nlist - 1) && (leaves(in) || key_act(in->key) == ACT_SORT))
		ui->dialog = DIALOG_NONE;
	return (struct ui_todo){.what = TODO_NOTHING};
}

/* Help and explanations: drawing knows how long they are. */
static void text_key(struct ui *ui, const struct input *in)
{
	static const unsigned int longest = 10000;
	enum act act = key_act(in->key);

	if (scroll(ui, in, &ui->dialog_top, longest))
		return;
	if (ui->dialog == DIALOG_EXPLAIN && (act == ACT_LEFT || act == ACT_RIGHT)) {
		place_move(ui, act);
		ui->dialog_top = 0;
	} else if (in->key != K_NONE) {
		ui->dialog = DIALOG_NONE;
	}
}

static bool is_text(uint32_t key)
{
	return key >= ' ' && key < K_SPECIAL && !(key >= 0x7f && key < 0xa0) &&
	       !(key >= 0xd800 && key < 0xe000);
}

static void type(char *input, uint32_t c)
{
	char bytes[4];
	size_t len = strlen(input), n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = n - 1; i; i--, c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)(lead[n] | c);
	if (len + n >= UI_TEXT)
		return;
	memcpy(input + len, bytes, n);
	input[len + n] = '\0';
}

/* Takes the last character away; false: there is none. */
static bool erase(char *input)
{
	size_t len = strlen(input);

	if (!len)
		return false;
	do
		len--;
	while (len && ((unsigned char)input[len] & 0xc0) == 0x80);
	input[len] = '\0';
	return true;
}

static char last(const char *input)
{
	return *input ? input[strlen(input) - 1] : '\0';
}

bool dialog_line_key(char *input, uint32_t key)
{
	if (key == K_ERASE || key == CTRL('h')) {
		erase(input);
	} else if (key == CTRL('u')) {
		*input = '\0';
	} else if (key == CTRL('w')) {
		while (last(input) == ' ')
			erase(input);
		while (last(input) && last(input) != ' ')
			erase(input);
	} else if (is_text(key)) {
		type(input, key);
	} else {
		return false;
	}
	return true;
}

static void filter_key(struct ui *ui, const struct input *in)
{
	if (in->key == K_ESC)
		memcpy(ui->filter, ui->places[ui->depth].filter, sizeof(ui->filter));
	else if (dialog_line_key(ui->input, in->key))
		memcpy(ui->filter, ui->input, sizeof(ui->filter));
	else if (in->key != K_ENTER)
		place_move(ui, key_act(in->key));
	if (in->key == K_ESC || in->key == K_ENTER)
		ui->dialog = DIALOG_NONE;
	ui_rows(ui);
}

static struct ui_todo record_key(struct ui *ui, const struct input *in)
{
	if (dialog_line_key(ui->input, in->key) || (in->key != K_ESC && in->key != K_ENTER))
		return (struct ui_todo){.what = TODO_NOTHING};
	ui->dialog = DIALOG_NONE;
	return (struct ui_todo){.what = in->key == K_ENTER && ui->input[0] ? TODO_RECORD : TODO_NOTHING};
}

struct ui_todo dialog_key(struct ui *ui, const struct input *in)
{
	switch (ui->dialog) {
	case DIALOG_COLUMNS:
		return columns_key(ui, in);
	case DIALOG_SORT:
		return sort_key(ui, in);
	case DIALOG_RECORD:
		return record_key(ui, in);
	case DIALOG_FILTER:
		filter_key(ui, in);
		break;
	case DIALOG_NONE:
	case DIALOG_HELP:
	case DIALOG_EXPLAIN:
		text_key(ui, in);
		break;
	}
	return (struct ui_todo){.what = TODO_NOTHING};
}
