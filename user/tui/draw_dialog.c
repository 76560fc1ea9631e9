// SPDX-License-Identifier: GPL-2.0-only
#include "draw_dialog.h"

#include <stdio.h>
#include <string.h>

#include "../out/cells.h"
#include "../out/text.h"
#include "bar.h"
#include "draw_table.h"

/* What dialogs are wide where there is room. */
#define TEXT_W      72
#define WIDE_W      150
#define TITLE_W     10
/* Room for what is typed that hints leave. */
#define TYPED_LEAST 20

static const char *letter_help(enum vmp_state s)
{
	static const char *const ids[VMP_STATES] = {
		[VMP_GUEST] = "guest_ns", [VMP_KVM] = "kvm_ns",         [VMP_VMM] = "vmm_ns",
		[VMP_POLL] = "poll_ns",   [VMP_IDLE] = "idle_ns",       [VMP_BLOCKED] = "blocked_ns",
		[VMP_WAIT] = "wait_ns",   [VMP_RUNNING] = "running_ns",
	};

	return metric_find(METRIC_SET, ids[s])->help;
}

struct area dialog_box(struct screen *s, unsigned int w, unsigned int h, const char *title)
{
	struct area a;

	a.w = w + 4 < s->w ? w + 4 : s->w;
	a.h = h + 2 < s->h ? h + 2 : s->h;
	a.x = (s->w - a.w) / 2;
	a.y = (s->h - a.h) / 2;
	screen_box(s, a.x, a.y, a.w, a.h, BACK_DIALOG, title);
	if (a.w > 4 && a.h > 2)
		return (struct area){a.x + 2, a.y + 1, a.w - 4, a.h - 2};
	return (struct area){a.x, a.y, 0, 0};
}

void dialog_edge(struct screen *s, struct area in, unsigned int top, unsigned int n, const char *keys,
		 const char *leave)
{
	struct pieces p = {0};
	unsigned int x;

	in.y += in.h;
	if (keys)
		pieces_add(&p, 1, STYLE_DIM, " %s ", keys);
	pieces_add(&p, 2, STYLE_DIM, " %s ", leave);
	if (n > in.h)
		pieces_add_right(&p, 3, STYLE_DIM, " %u-%u/%u ", top + 1, n - top < in.h ? n : top + in.h, n);
	pieces_draw(s, in, 1, &p, &x);
}

static void told(struct draw *d, struct area in)
{
	d->ui->layout.dialog_y = in.y;
	d->ui->layout.dialog_h = in.h;
}

void dialog_keys(struct screen *s, unsigned int x, unsigned int y, const struct key_row *k)
{
	unsigned int end = x + DIALOG_KEYS_W - 1;
	char text[KEY_TEXT];

	for (unsigned int i = 0; i < sizeof(k->keys) / sizeof(*k->keys) && k->keys[i]; i++) {
		const char *name = k->act == ACT_VIEW ? "1 to 9" : key_text(k->keys[i], text);

		if (x + strlen(name) > end)
			return;
		x = screen_text(s, x, y, end - x, STYLE_KEY, name) + 1;
	}
}

/* One line of the help: a key, or a part of the ledger; each takes as many lines as its text does. */
static unsigned int help_entry(struct draw *d, struct area col, unsigned int skip, unsigned int n)
{
	struct area text = col;
	unsigned int lines;

	area_left(&text, DIALOG_KEYS_W);
	if (n < key_rows_count) {
		lines = draw_lines(d->s, text, skip, STYLE_PLAIN, key_rows[n].help);
		if (!skip && col.h)
			dialog_keys(d->s, col.x, col.y, &key_rows[n]);
		return lines;
	}
	lines = draw_lines(d->s, text, skip, STYLE_PLAIN, letter_help(bar_order[n - key_rows_count]));
	if (!skip && col.h) {
		enum vmp_state k = bar_order[n - key_rows_count];
		uint64_t one[VMP_STATES] = {0};

		one[k] = 1;
		bar_draw(d->s, col.x, col.y, 2, one);
		screen_text(d->s, col.x + 3, col.y, DIALOG_KEYS_W - 4, (enum style)(STYLE_STATE + k),
			    bar_word(k));
	}
	return lines;
}

/* Lines that the entries from begin to end take. */
static unsigned int help_lines(struct draw *d, unsigned int w, unsigned int begin, unsigned int end)
{
	unsigned int lines = 0;

	for (; begin < end; begin++)
		lines += help_entry(d, (struct area){.w = w}, ~0U, begin);
	return lines;
}

static void help_column(struct draw *d, struct area col, unsigned int begin, unsigned int end)
{
	unsigned int top = d->ui->dialog_top, at = 0;

	for (; begin < end; begin++) {
		unsigned int lines = help_lines(d, col.w, begin, begin + 1);
		struct area a = col;

		if (at + lines > top) {
			area_top(&a, at > top ? at - top : 0);
			help_entry(d, a, top > at ? top - at : 0, begin);
		}
		at += lines;
	}
}

static void help(struct draw *d)
{
	const unsigned int all = key_rows_count + VMP_STATES;
	unsigned int columns = d->s->w >= 110 ? 2 : 1, middle = all, w, lines, right = 0;
	unsigned int inside = d->s->w < WIDE_W + 4 ? (d->s->w > 4 ? d->s->w - 4 : 0) : WIDE_W;
	struct area in, col;

	if (columns == 1 && inside > TEXT_W + 4)
		inside = TEXT_W + 4;
	w = columns == 2 ? (inside - 3) / 2 : inside;
	/* the second column is no longer than the first one */
	while (columns == 2 && middle > 1 && help_lines(d, w, 0, middle - 1) >= right) {
		middle--;
		right = help_lines(d, w, middle, all);
	}
	lines = help_lines(d, w, 0, middle);
	if (right > lines)
		lines = right;
	in = dialog_box(d->s, inside, lines, "Help");
	d->ui->dialog_top = scrolled(d->ui->dialog_top, ~0U, lines, in.h);
	if (!in.h)
		return;
	told(d, in);
	col = area_left(&in, columns == 2 ? (in.w - 3) / 2 : in.w);
	help_column(d, col, 0, middle);
	area_left(&in, 3);
	help_column(d, in, middle, all);
	in = (struct area){col.x, col.y, col.w + in.w, col.h};
	dialog_edge(d->s, in, d->ui->dialog_top, lines, NULL, "any other key closes it");
}

/* What a row is of. */
static void row_name(struct buf *b, const struct row *r, bool utf8)
{
	if (r->vm)
		cells_vm_text(b, r->vm, utf8);
	if (r->vcpu && r->vcpu->id >= 0)
		buf_printf(b, ", vCPU %d", (int)r->vcpu->id);
	if (r->exit || r->uexit)
		buf_printf(b, ", %s", r->exit ? r->exit->reason : r->uexit->reason);
}

/* What the selected row has there. */
static void example(struct draw *d, struct area line, const struct column *c, const struct row *r)
{
	/* the name stands before it anyway */
	bool no_text = c->kind == COLUMN_BAR || c->kind == COLUMN_TREND || c->kind == COLUMN_NAME;
	struct buf b = {0};
	enum style style;
	unsigned int x;

	row_name(&b, r, d->s->utf8);
	x = draw_text(d->s, line.x, line.y, line.w * 2 / 3, STYLE_BOLD, b.data ? b.data : "") + 2;
	b.len = 0;
	style = no_text ? STYLE_PLAIN : column_text(&b, c, r, d->s->utf8);
	if (x < line.x + line.w && c->kind == COLUMN_BAR && r->set)
		bar_legend(d->s, x, line.y, line.x + line.w - x, r->set->ledger);
	else if (x < line.x + line.w && b.len)
		draw_text(d->s, x, line.y, line.x + line.w - x, style, b.data);
	buf_free(&b);
}

static void explain(struct draw *d)
{
	struct ui *ui = d->ui;
	const struct page_choice *choice = &ui->pages[ui_table(ui)];
	const struct column *c = choice->column < choice->ncolumns ? choice->columns[choice->column] : NULL;
	const struct row *r = ui_selected(ui);
	unsigned int lines, w = TEXT_W + 4 < d->s->w ? TEXT_W : d->s->w > 4 ? d->s->w - 4 : 0;
	struct buf b = {0};
	struct area in;

	if (c)
		column_explain(&b, c, ui->now.view, d->s->utf8);
	else
		buf_puts(&b, "There is nothing to explain here.");
	lines = draw_lines(d->s, (struct area){.w = w}, 0, STYLE_PLAIN, b.data);
	in = dialog_box(d->s, w, lines + (c && r ? 2 : 0), c ? c->title : "Explain");
	if (c && r && in.h > 2) {
		example(d, area_top(&in, 1), c, r);
		if (in.h > lines)
			area_top(&in, 1);
	}
	told(d, in);
	ui->dialog_top = scrolled(ui->dialog_top, ~0U, lines, in.h);
	draw_lines(d->s, in, ui->dialog_top, STYLE_PLAIN, b.data);
	if (in.h)
		dialog_edge(d->s, in, d->ui->dialog_top, lines, "Left, Right: other columns",
			    "any other key closes it");
	buf_free(&b);
}

/* A line of the list of columns. */
static void list_line(const struct draw *d, struct area line, unsigned int n)
{
	const struct ui *ui = d->ui;
	const struct page_choice *choice = &ui->pages[ui->dialog_page];
	const struct column *c = ui->list[n];
	const char *mark = "", *title = c ? c->title : "losses";
	unsigned int x = line.x;

	if (ui->dialog == DIALOG_COLUMNS)
		mark = ui_chosen(ui, ui->dialog_page, c) ? "[x]" : "[ ]";
	else if (c == choice->sort)
		mark = (c && c->ascending) != choice->reverse ? "^" : "v";
	draw_text(d->s, x, line.y, 3, STYLE_KEY, mark);
	area_left(&line, 4);
	draw_text(d->s, line.x, line.y, line.w < TITLE_W ? line.w : TITLE_W, STYLE_BOLD, title);
	area_left(&line, TITLE_W + 1);
	draw_text(d->s, line.x, line.y, line.w, STYLE_PLAIN,
		  c ? c->help : "Alarms first, then what has lost most time.");
}

static void list(struct draw *d)
{
	struct ui *ui = d->ui;
	char title[64];
	struct area in;

	snprintf(title, sizeof(title), ui->dialog == DIALOG_COLUMNS ? "Columns of %s" : "Sort %s by",
		 page_name(ui->dialog_page));
	in = dialog_box(d->s, TEXT_W + 20, ui->nlist, title);
	told(d, in);
	ui->dialog_top = scrolled(ui->dialog_top, ui->dialog_row, ui->nlist, in.h);
	if (in.h)
		dialog_edge(d->s, in, d->ui->dialog_top, ui->nlist,
			    ui->dialog == DIALOG_COLUMNS ? "Space: show or hide, + -: move"
							 : "Enter: sort by it",
			    "Esc: close");
	for (unsigned int i = ui->dialog_top; i < ui->nlist && in.h; i++) {
		struct area line = area_top(&in, 1);

		list_line(d, line, i);
		if (i == ui->dialog_row)
			screen_back(d->s, line.x, line.y, line.w, BACK_ROW);
	}
}

void dialog_typed(struct screen *s, struct area line, const char *label, const char *keys, const char *input)
{
	unsigned int keys_w = text_width(keys);
	struct buf b = {0};
	const char *text;
	unsigned int x;

	if (!line.h)
		line = (struct area){0, s->h - 1, s->w, 1};
	screen_fill(s, line.x, line.y, line.w, STYLE_PLAIN, ' ');
	screen_back(s, line.x, line.y, line.w, BACK_DIALOG);
	x = draw_text(s, line.x, line.y, line.w / 2, STYLE_BOLD, label);
	area_left(&line, x - line.x + 1);
	if (line.w >= keys_w + TYPED_LEAST) {
		draw_right(s, line.x, line.y, line.w, STYLE_DIM, keys);
		line.w -= keys_w + 1;
	}
	text_safe(&b, input, s->utf8);
	text = b.data ? b.data : "";
	while (*text && text_width(text) + 1 > line.w) {
		uint32_t ch;
		unsigned int columns;

		text += text_character(text, &ch, &columns);
	}
	x = screen_text(s, line.x, line.y, line.w, STYLE_INPUT, text);
	screen_back(s, x, line.y, 1, BACK_CELL);
	buf_free(&b);
}

void draw_dialog(struct draw *d, struct area footer)
{
	switch (d->ui->dialog) {
	case DIALOG_NONE:
		break;
	case DIALOG_HELP:
		help(d);
		break;
	case DIALOG_EXPLAIN:
		explain(d);
		break;
	case DIALOG_COLUMNS:
	case DIALOG_SORT:
		list(d);
		break;
	case DIALOG_FILTER:
		dialog_typed(d->s, footer, "Filter:", "Enter: keep it  Esc: as before", d->ui->input);
		break;
	case DIALOG_RECORD:
		dialog_typed(d->s, footer, "Write samples to:", "Enter: begin  Esc: leave", d->ui->input);
		break;
	}
}
