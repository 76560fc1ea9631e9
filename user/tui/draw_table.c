// SPDX-License-Identifier: GPL-2.0-only
#include "draw_table.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../lib/units.h"
#include "../model/verdict.h"
#include "../out/text.h"
#include "bar.h"

/* What growing columns grow to. */
#define NAME_MAX_W 40
#define TEXT_MAX   60
#define BAR_MAX    50
#define TREND_MAX  30
/* A histogram's: less is none, that much it has before others grow, no more than two cells for each bucket */
#define HIST_MIN   12
#define HIST_W     24

/* Where everything stands. */
struct layout {
	unsigned int places[COLUMNS_MAX]; /* in the page's choice, of those that are shown */
	const struct column *columns[COLUMNS_MAX];
	unsigned int width[COLUMNS_MAX], x[COLUMNS_MAX];
	unsigned int n;     /* columns */
	unsigned int first; /* after column 0 the next one is this */
	unsigned int end;   /* the last one is before this */
	unsigned int selected;
	unsigned int hist_x, hist_w;
	unsigned int low, high; /* buckets that are in use */
};

unsigned int scrolled(unsigned int top, unsigned int selected, unsigned int n, unsigned int h)
{
	if (!h || n <= h)
		return 0;
	if (top > n - h)
		top = n - h;
	if (selected < n && selected < top)
		return selected;
	if (selected < n && selected >= top + h)
		return selected - h + 1;
	return top;
}

unsigned int table_columns(const struct ui *ui, enum page p, unsigned int ret[COLUMNS_MAX])
{
	const struct page_choice *c = &ui->pages[p];
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->ncolumns; i++)
		if (ui_column_shown(ui, c->columns[i]))
			ret[n++] = i;
	return n;
}

unsigned int table_height(const struct table *t)
{
	return 1 + (t->total ? 1 : 0) + t->nrows;
}

static bool drawn(const struct column *c)
{
	return c->kind == COLUMN_BAR || c->kind == COLUMN_TREND;
}

/* The columns that the longest text of a column takes. */
static unsigned int longest(const struct table *t, const struct column *c, bool utf8)
{
	unsigned int max = 0;
	struct buf b = {0};

	for (unsigned int i = 0; i < t->nrows; i++) {
		unsigned int w;

		b.len = 0;
		column_text(&b, c, &t->rows[i], utf8);
		w = b.len ? text_width(b.data) : 0;
		if (w > max)
			max = w;
	}
	buf_free(&b);
	return max;
}

/* What a column may grow to. */
static unsigned int wanted(const struct table *t, const struct column *c, unsigned int least, bool utf8)
{
	unsigned int w;

	if (!c->grows)
		return least;
	if (drawn(c))
		return c->kind == COLUMN_BAR ? BAR_MAX : TREND_MAX;
	w = longest(t, c, utf8);
	if (w > (c->kind == COLUMN_NAME ? NAME_MAX_W : TEXT_MAX))
		w = c->kind == COLUMN_NAME ? NAME_MAX_W : TEXT_MAX;
	return w > least ? w : least;
}

static unsigned int least_width(const struct column *c)
{
	unsigned int title = text_width(c->title);

	return c->width > title ? c->width : title;
}

/* The column after the last one that fits when the second one is first. */
static unsigned int fits(const struct layout *l, unsigned int first, unsigned int w)
{
	unsigned int used = l->width[0], i;

	for (i = first; i < l->n && used + 1 + l->width[i] <= w; i++)
		used += 1 + l->width[i];
	return i;
}

/* Which columns are seen: the first one, and a run of others with the selected one in it. */
static void choose(struct layout *l, unsigned int left, unsigned int w)
{
	l->first = left ? left : 1;
	if (l->first > l->selected && l->selected)
		l->first = l->selected;
	while (l->first > 1 && fits(l, l->first - 1, w) == l->n)
		l->first--;
	l->end = fits(l, l->first, w);
	while (l->selected >= l->end && l->first < l->selected)
		l->end = fits(l, ++l->first, w);
}

/* Shares the room that is left out to those that grow, text before what is drawn. */
static unsigned int grow(struct layout *l, const struct table *t, unsigned int room, bool utf8)
{
	unsigned int want[COLUMNS_MAX] = {0};
	bool more = true;

	for (unsigned int i = 0; i < l->end; i = i ? i + 1 : l->first)
		want[i] = wanted(t, l->columns[i], l->width[i], utf8);
	for (unsigned int pass = 0; pass < 2; pass++, more = true) {
		while (room && more) {
			more = false;
			for (unsigned int i = 0; i < l->end && room; i = i ? i + 1 : l->first) {
				if (drawn(l->columns[i]) != (pass == 1) || l->width[i] >= want[i])
					continue;
				l->width[i]++;
				room--;
				more = true;
			}
		}
	}
	return room;
}

/* The buckets that any row uses. */
static void used_buckets(struct layout *l, const struct table *t)
{
	l->low = VMP_HIST;
	for (unsigned int i = 0; i < t->nrows; i++) {
		for (unsigned int k = 0; t->rows[i].exit && k < VMP_HIST; k++) {
			if (!t->rows[i].exit->hist[k])
				continue;
			if (k < l->low)
				l->low = k;
			if (k + 1 > l->high)
				l->high = k + 1;
		}
	}
}

static void set_column(struct layout *l, const struct page_choice *choice, unsigned int i, unsigned int place)
{
	l->places[i] = place;
	l->columns[i] = choice->columns[place];
	l->width[i] = least_width(l->columns[i]);
}

/* Where it would not be seen, the verdict comes right after the name: it is what people look for. */
static void verdict_first(struct layout *l, const struct page_choice *choice, unsigned int w)
{
	unsigned int at = fits(l, 1, w), place;

	while (at < l->n && l->columns[at]->kind != COLUMN_VERDICT)
		at++;
	if (at >= l->n)
		return;
	for (place = l->places[at]; at > 1; at--)
		set_column(l, choice, at, l->places[at - 1]);
	set_column(l, choice, 1, place);
}

static void lay_out(struct layout *l, const struct draw *d, struct area a, const struct table *t)
{
	struct page_choice *choice = &d->ui->pages[t->page];
	unsigned int x = a.x, used, room, least;

	l->n = table_columns(d->ui, t->page, l->places);
	if (!l->n)
		return;
	for (unsigned int i = 0; i < l->n; i++)
		set_column(l, choice, i, l->places[i]);
	verdict_first(l, choice, a.w);
	for (unsigned int i = 0; i < l->n; i++)
		if (l->places[i] == choice->column)
			l->selected = i;
	/* room for the mark of more columns to the right */
	if (fits(l, 1, a.w) < l->n && a.w > 1)
		a.w--;
	if (l->width[0] > a.w)
		l->width[0] = a.w;
	if (t->stands_for_page) {
		choose(l, choice->left, a.w);
		choice->left = l->first;
	} else {
		l->first = 1;
		l->end = fits(l, 1, a.w);
	}
	used = l->width[0];
	for (unsigned int i = l->first; i < l->end; i++)
		used += 1 + l->width[i];
	room = a.w - used;
	least = t->histogram && l->end == l->n && room >= HIST_MIN + 2 ? HIST_W + 2 : 0;
	if (least > room)
		least = room;
	room = least + grow(l, t, room - least, d->s->utf8);
	if (least)
		used_buckets(l, t);
	if (l->high > l->low)
		l->hist_w = room - 2 < 2 * VMP_HIST ? room - 2 : 2 * VMP_HIST;
	for (unsigned int i = 0; i < l->end || !i; i = i ? i + 1 : l->first) {
		l->x[i] = x;
		x += l->width[i] + 1;
	}
	l->hist_x = x + 1;
}

/* Cells for each bucket, or buckets for each cell; one of them is 1.  Returns how many cells are used. */
static unsigned int histogram_scale(const struct layout *l, unsigned int *cells, unsigned int *buckets)
{
	unsigned int n = l->high - l->low;

	*cells = l->hist_w / n ? l->hist_w / n : 1;
	*buckets = (n + l->hist_w - 1) / l->hist_w;
	return (n + *buckets - 1) / *buckets * *cells;
}

/* What the buckets in use begin and end with. */
static void histogram_title(const struct draw *d, unsigned int y, const struct layout *l)
{
	char low[UNITS_SIZE], high[UNITS_SIZE];
	unsigned int w, cells, buckets;

	if (!l->hist_w)
		return;
	w = histogram_scale(l, &cells, &buckets);
	units_ns(l->low ? (double)(1ULL << l->low) : 0, low);
	units_ns((double)(2ULL << (l->high - 1)), high);
	draw_text(d->s, l->hist_x, y, l->hist_w, STYLE_TITLE, low);
	if (w > strlen(low) + strlen(high))
		draw_right(d->s, l->hist_x, y, w, STYLE_TITLE, high);
}

/* Each bucket as a block of the height of its share of the largest one. */
static void histogram(const struct draw *d, unsigned int y, const struct layout *l, const struct row *r)
{
	static const char ascii[] = ".:-=+*#%";
	unsigned int cells, buckets, w = histogram_scale(l, &cells, &buckets);
	uint64_t n[VMP_HIST] = {0}, most = 0;

	for (unsigned int k = l->low; k < l->high; k++) {
		uint64_t *sum = &n[(k - l->low) / buckets];

		*sum += r->exit->hist[k];
		if (*sum > most)
			most = *sum;
	}
	for (unsigned int i = 0; i * cells < w; i++) {
		unsigned int level = most ? (unsigned int)((double)n[i] / (double)most * 7.999) : 0;

		if (n[i])
			screen_fill(d->s, l->hist_x + i * cells, y, cells, STYLE_SPARK,
				    d->s->utf8 ? 0x2581 + level : (uint32_t)ascii[level]);
	}
}

static void trend(const struct draw *d, unsigned int x, unsigned int y, unsigned int w, const struct row *r)
{
	float *shares = mem_zalloc(w, sizeof(*shares));

	trend_busy(d->ui->now.history, r->vm ? r->vm->pid : 0, w, shares);
	trend_draw(d->s, x, y, w, shares);
	free(shares);
}

static void cell(const struct draw *d, const struct layout *l, unsigned int i, unsigned int y,
		 const struct row *r)
{
	const struct column *c = l->columns[i];
	enum style style;
	struct buf b = {0};

	if (c->kind == COLUMN_TREND) {
		/* kept of whole VMs only */
		if (!r->vcpu)
			trend(d, l->x[i], y, l->width[i], r);
		return;
	}
	if (c->kind == COLUMN_BAR && verdict_of(r->set, r->view->visible).state == VERDICT_PAUSED) {
		/* blocked, and nothing to worry about */
		screen_fill(d->s, l->x[i], y, l->width[i], STYLE_DIM,
			    d->s->utf8 && d->s->colour ? 0x2591 : (uint32_t)bar_letter(VMP_BLOCKED));
		return;
	}
	if (c->kind == COLUMN_BAR) {
		bar_draw(d->s, l->x[i], y, l->width[i], r->set->ledger);
		return;
	}
	style = column_text(&b, c, r, d->s->utf8);
	if (!b.len && c->kind != COLUMN_EVENT_NOTE) {
		style = STYLE_DIM;
		buf_puts(&b, "-");
	}
	if (b.len && c->text)
		draw_text(d->s, l->x[i], y, l->width[i], style, b.data);
	else if (b.len)
		draw_right(d->s, l->x[i], y, l->width[i], style, b.data);
	buf_free(&b);
}

/* The figures of the host: nothing in it is of one VM. */
static void total(const struct draw *d, const struct layout *l, unsigned int y, const struct row *r)
{
	for (unsigned int i = 0; i < l->end || !i; i = i ? i + 1 : l->first) {
		switch (l->columns[i]->kind) {
		case COLUMN_METRIC:
		case COLUMN_CPU:
		case COLUMN_BAR:
		case COLUMN_TREND:
		case COLUMN_VCPUS:
		case COLUMN_VERDICT:
			cell(d, l, i, y, r);
			break;
		case COLUMN_NAME:
			draw_text(d->s, l->x[i], y, l->width[i], STYLE_BOLD, "all");
			break;
		default:
			break;
		}
	}
}

/* The titles; the one that is sorted by has an arrow. */
static void titles(struct draw *d, struct area line, const struct table *t, const struct layout *l)
{
	const struct page_choice *choice = &d->ui->pages[t->page];
	struct ui_layout *told = &d->ui->layout;

	screen_back(d->s, line.x, line.y, line.w, BACK_BAR);
	for (unsigned int i = 0; i < l->end || !i; i = i ? i + 1 : l->first) {
		const struct column *c = l->columns[i];
		unsigned int len = text_width(c->title), x = l->x[i], end;

		if (len > l->width[i])
			len = l->width[i];
		if (!c->text)
			x += l->width[i] - len;
		end = draw_text(d->s, x, line.y, len, STYLE_TITLE, c->title);
		if (c == choice->sort) {
			bool up = c->ascending != choice->reverse;
			uint32_t mark = d->s->utf8 ? (up ? 0x25b2 : 0x25bc) : (up ? '^' : 'v');

			/* the gap is for it */
			if (c->text && end < line.x + line.w)
				screen_fill(d->s, end, line.y, 1, STYLE_KEY, mark);
			else if (!c->text && x > line.x)
				screen_fill(d->s, x - 1, line.y, 1, STYLE_KEY, mark);
		}
		if (t->stands_for_page && told->nspans < COLUMNS_MAX)
			told->spans[told->nspans++] =
				(struct ui_span){.x = l->x[i], .w = l->width[i], .column = l->places[i]};
	}
	histogram_title(d, line.y, l);
	/* there are more columns */
	if (l->first > 1 && l->width[0] + 1 < line.w)
		screen_fill(d->s, line.x + l->width[0], line.y, 1, STYLE_KEY, d->s->utf8 ? 0x25c2 : '<');
	if (l->end < l->n && line.w > 1)
		screen_fill(d->s, line.x + line.w - 1, line.y, 1, STYLE_KEY, d->s->utf8 ? 0x25b8 : '>');
}

static void row(const struct draw *d, struct area line, const struct table *t, const struct layout *l,
		unsigned int n)
{
	const struct row *r = &t->rows[n];

	for (unsigned int i = 0; i < l->end || !i; i = i ? i + 1 : l->first)
		cell(d, l, i, line.y, r);
	if (l->hist_w && r->exit)
		histogram(d, line.y, l, r);
	if (n != t->selected)
		return;
	screen_back(d->s, line.x, line.y, line.w, BACK_ROW);
	if (l->selected < l->end && (!l->selected || l->selected >= l->first))
		screen_back(d->s, l->x[l->selected], line.y, l->width[l->selected], BACK_CELL);
}

void table_draw(struct draw *d, struct area a, const struct table *t, unsigned int *top)
{
	struct layout l = {0};
	struct area line;

	lay_out(&l, d, a, t);
	if (!l.n || !a.w || !a.h)
		return;
	line = area_top(&a, 1);
	if (t->stands_for_page)
		d->ui->layout.titles_y = line.y;
	titles(d, line, t, &l);
	if (t->total && a.h > 1) {
		line = area_top(&a, 1);
		total(d, &l, line.y, t->total);
	}
	*top = scrolled(*top, t->selected, t->nrows, a.h);
	if (t->stands_for_page) {
		d->ui->layout.rows_x = a.x;
		d->ui->layout.rows_y = a.y;
		d->ui->layout.rows_w = a.w;
		d->ui->layout.rows_h = a.h;
		d->first = t->nrows ? *top + 1 : 0;
		d->last = t->nrows - *top < a.h ? t->nrows : *top + a.h;
		d->of = t->nrows;
	}
	for (unsigned int i = *top; i < t->nrows && a.h; i++)
		row(d, area_top(&a, 1), t, &l, i);
}
