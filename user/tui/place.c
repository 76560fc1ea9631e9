// SPDX-License-Identifier: GPL-2.0-only
#include "place.h"

#include <stdio.h>
#include <string.h>

static struct place *here(struct ui *ui)
{
	return &ui->places[ui->depth];
}

static void go(struct ui *ui, const struct place *to)
{
	memcpy(here(ui)->filter, ui->filter, sizeof(ui->filter));
	/* the deepest one is left for good */
	if (ui->depth + 1 < PLACES)
		ui->depth++;
	*here(ui) = *to;
	ui->filter[0] = '\0';
	ui_rows(ui);
}

void place_enter(struct ui *ui)
{
	const struct place *at = here(ui);
	const struct row *r = ui_selected(ui);
	struct place to = {.page = PAGE_VMS};

	if (!r || !r->vm || !r->vm->pid)
		return;
	to.pid = r->vm->pid;
	to.tid = r->vcpu ? r->vcpu->tid : at->tid;
	snprintf(to.name, sizeof(to.name), "%s", r->vm->name);
	if (r->exit) {
		to.page = PAGE_REASON;
		to.isa = r->exit->isa;
		to.code = r->exit->code;
	} else if (r->uexit) {
		to.page = PAGE_REASON;
		to.code = (uint64_t)(int64_t)r->uexit->code;
		to.user = true;
	}
	if (to.page == at->page && to.pid == at->pid && to.tid == at->tid)
		ui_say(ui, "this is all there is to see of it");
	else if (to.page == PAGE_VMS && !r->vcpu && at->pid)
		ui_say(ui, "there is nothing more to see of this one");
	else
		go(ui, &to);
}

void place_back(struct ui *ui)
{
	if (ui->filter[0]) {
		ui->filter[0] = '\0';
	} else if (ui->depth) {
		ui->depth--;
		memcpy(ui->filter, here(ui)->filter, sizeof(ui->filter));
	}
	ui_rows(ui);
}

void place_page(struct ui *ui, enum page p)
{
	struct place *at = here(ui), to = {0};

	if (at->page == p)
		return;
	to.page = p;
	to.pid = at->pid;
	to.tid = at->tid;
	memcpy(to.name, at->name, sizeof(to.name));
	*at = to;
	ui_rows(ui);
}

void place_select(struct ui *ui, unsigned int row)
{
	struct place *at = here(ui);

	if (!ui->nrows)
		return;
	at->row = row < ui->nrows ? row : ui->nrows - 1;
	at->key = ui->rows[at->row].key;
}

/* The first row of an overview's other panel. */
static void other_panel(struct ui *ui)
{
	const struct row *now = ui_selected(ui);

	for (unsigned int i = 0; now && i < ui->nrows; i++) {
		if (!ui->rows[i].exit == !now->exit && !ui->rows[i].uexit == !now->uexit)
			continue;
		place_select(ui, i);
		return;
	}
}

/* The next column that is shown, to the right or to the left; there may be none. */
static bool next_column(struct ui *ui, bool right)
{
	struct page_choice *c = &ui->pages[ui_table(ui)];
	unsigned int i = c->column;

	while (right ? i + 1 < c->ncolumns : i > 0) {
		i = right ? i + 1 : i - 1;
		if (ui_column_shown(ui, c->columns[i])) {
			c->column = i;
			return true;
		}
	}
	return false;
}

void place_settle(struct ui *ui)
{
	struct page_choice *c = &ui->pages[ui_table(ui)];

	if (c->column >= c->ncolumns)
		c->column = c->ncolumns ? c->ncolumns - 1 : 0;
	if (c->ncolumns && !ui_column_shown(ui, c->columns[c->column]) && !next_column(ui, true))
		next_column(ui, false);
}

/* Scrolls a page that is a text; drawing knows how long it is. */
static bool scroll(struct place *at, enum act act, unsigned int page)
{
	static const unsigned int longest = 10000;
	unsigned int by = act == ACT_PAGE_UP || act == ACT_PAGE_DOWN ? page : 1;

	if (act == ACT_UP || act == ACT_PAGE_UP)
		at->top = at->top > by ? at->top - by : 0;
	else if (act == ACT_DOWN || act == ACT_PAGE_DOWN)
		at->top += by;
	else if (act == ACT_FIRST || act == ACT_LAST)
		at->top = act == ACT_FIRST ? 0 : longest;
	else
		return false;
	return true;
}

bool place_move(struct ui *ui, enum act act)
{
	struct place *at = here(ui);
	unsigned int page = ui->layout.rows_h ? ui->layout.rows_h : 1;

	if (at->page == PAGE_HOST && scroll(at, act, page))
		return true;
	switch (act) {
	case ACT_UP:
		place_select(ui, at->row ? at->row - 1 : 0);
		break;
	case ACT_DOWN:
		place_select(ui, at->row + 1);
		break;
	case ACT_PAGE_UP:
		place_select(ui, at->row > page ? at->row - page : 0);
		break;
	case ACT_PAGE_DOWN:
		place_select(ui, at->row + page);
		break;
	case ACT_FIRST:
		/* and stays there, whatever row comes first */
		at->row = 0;
		at->key = 0;
		break;
	case ACT_LAST:
		place_select(ui, ui->nrows ? ui->nrows - 1 : 0);
		break;
	case ACT_PANEL:
		other_panel(ui);
		break;
	case ACT_LEFT:
		next_column(ui, false);
		break;
	case ACT_RIGHT:
		next_column(ui, true);
		break;
	default:
		return false;
	}
	return true;
}
