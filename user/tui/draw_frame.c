// SPDX-License-Identifier: GPL-2.0-only
#include "draw_frame.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../lib/units.h"
#include "../model/loss.h"
#include "../out/cells.h"
#include "../out/text.h"
#include "bar.h"

/* Lines of the screen from which on there is room for these. */
#define TOTAL_FROM 12
#define NOTES_FROM 20
#define BAR_WIDEST 80

/* Local time, with the day where it matters. */
static void add_time(struct pieces *p, uint64_t real_ns, bool day)
{
	time_t t = (time_t)(real_ns / 1000000000);
	struct tm tm;
	char text[32];

	if (!localtime_r(&t, &tm) || !strftime(text, sizeof(text), "%H:%M:%S", &tm))
		return;
	pieces_add_right(p, 1, STYLE_BOLD, "%s", text);
	/* a clock may say anything */
	if (day && strftime(text, sizeof(text), "%Y-%m-%d", &tm))
		pieces_add_right(p, 4, STYLE_PLAIN, "%s", text);
}

static const char *vendor(const struct host_info *h)
{
	return !h->kvm_loaded ? "KVM not loaded" : h->kvm_vendor[0] ? h->kvm_vendor : "kvm";
}

static void add_number(struct pieces *p, int rank, uint32_t n, const char *what)
{
	pieces_add(p, rank, STYLE_PLAIN, "%" PRIu32 " %s%s", n, what, n == 1 ? "" : "s");
}

/* What is unusual: not the last interval, as it happens, of this host. */
static void add_modes(struct pieces *p, const struct draw *d)
{
	const struct ui *ui = d->ui;
	const struct moment *m = &ui->now;
	char text[UNITS_SIZE];

	if (ui->recording[0]) {
		struct buf b = {0};
		const char *slash = strrchr(ui->recording, '/');

		text_safe(&b, slash ? slash + 1 : ui->recording, d->s->utf8);
		pieces_add_right(p, 0, STYLE_ALARM, "REC");
		pieces_add_right(p, 6, STYLE_WARN, "%s", b.data);
		pieces_add_right(p, 5, STYLE_WARN, "%sB", units_count((double)ui->recorded_bytes, text));
		buf_free(&b);
	}
	if (m->replay) {
		struct buf b = {0};

		pieces_add_right(p, 0, STYLE_WARN, "REPLAY");
		if (m->source)
			text_safe(&b, m->source, d->s->utf8);
		pieces_add_right(p, 7, STYLE_PLAIN, "%s", b.data ? b.data : "");
		pieces_add_right(p, 1, STYLE_WARN, "%" PRIu32 "/%" PRIu32,
				 m->count && m->index < m->count ? m->index + 1 : m->count, m->count);
		pieces_add_right(p, 3, STYLE_PLAIN, "x%.4g", ui->speed);
		buf_free(&b);
	}
	if (ui->totals)
		pieces_add_right(p, 0, STYLE_WARN, "TOTALS");
	if (ui->paused)
		pieces_add_right(p, 0, STYLE_WARN, "PAUSED");
}

/* A place's VM that is there no more. */
static void ended_name(struct buf *b, const struct place *p, bool utf8)
{
	buf_puts(b, "(ended) ");
	if (p->name[0])
		text_safe(b, p->name, utf8);
	else
		buf_printf(b, "pid %" PRIu32, p->pid);
}

/* Where we are, in words; nothing on pages of all VMs. */
static void crumbs(struct buf *b, const struct draw *d)
{
	const struct ui *ui = d->ui;
	const struct place *p = &ui->places[ui->depth];
	const char *sep = d->s->utf8 ? " › " : " > ";
	const struct view_vm *vm = ui_vm(ui);
	const struct view_vcpu *c = ui_vcpu(ui);

	if (vm)
		cells_vm_text(b, vm, d->s->utf8);
	else if (p->pid)
		ended_name(b, p, d->s->utf8);
	if (p->pid && p->tid) {
		if (c && c->id >= 0)
			buf_printf(b, "%svCPU %" PRId32, sep, c->id);
		else
			buf_printf(b, "%sthread %" PRIu32, sep, p->tid);
	}
	if (p->page == PAGE_REASON) {
		char name[EXIT_NAME_SIZE];

		if (p->user)
			uexit_name((int32_t)p->code, name, sizeof(name));
		else
			exit_name(p->isa, p->code, name, sizeof(name));
		buf_printf(b, "%s%s%s", p->pid ? sep : "", p->user ? "user-space exit " : "", name);
	}
}

static const char *tab_name(enum page p, bool of_vm)
{
	if (p == PAGE_VMS && of_vm)
		return "overview";
	return p == PAGE_UEXITS ? "user exits" : page_name(p);
}

/* The pages by their keys, the one that is shown by its name; all by theirs where there is room. */
static void tabs(const struct draw *d, struct area line)
{
	const struct place *p = &d->ui->places[d->ui->depth];
	unsigned int all = 0, x = line.x, end = line.x + line.w;

	for (int i = PAGE_VMS; i < PAGES; i++)
		all += 2 + text_width(tab_name((enum page)i, p->pid));
	for (int i = PAGE_VMS; i < PAGES; i++) {
		const char *name = tab_name((enum page)i, p->pid);
		bool here = (enum page)i == p->page;
		struct ui_layout *told = &d->ui->layout;
		unsigned int begin = x;

		if (x + 1 + (here ? text_width(name) : 0) > end)
			return;
		x = draw_printf(d->s, x, line.y, 1, STYLE_KEY, "%d", i);
		if (here || all <= line.w + 1)
			x = screen_text(d->s, x, line.y, end - x, here ? STYLE_BOLD : STYLE_PLAIN, name);
		if (here)
			screen_back(d->s, begin, line.y, x - begin, BACK_CELL);
		told->tabs_y = line.y;
		told->tabs[told->ntabs++] = (struct ui_tab){.x = begin, .w = x - begin, .page = (enum page)i};
		x++;
	}
}

static void place_line(const struct draw *d, struct area line)
{
	struct buf b = {0};
	unsigned int x = line.x;

	screen_back(d->s, line.x, line.y, line.w, BACK_BAR);
	crumbs(&b, d);
	if (b.len) {
		x = draw_text(d->s, x, line.y, line.w > 60 ? line.w / 2 : line.w, STYLE_BOLD, b.data);
		x += 2;
	}
	buf_free(&b);
	if (x < line.x + line.w) {
		area_left(&line, x - line.x);
		tabs(d, line);
	}
}

static void host_line(const struct draw *d, struct area line, bool alone)
{
	const struct ui *ui = d->ui;
	const struct view *v = ui->now.view;
	bool utf8 = d->s->utf8;
	struct pieces p = {0};
	char text[UNITS_SIZE];
	unsigned int x;

	if (alone) {
		struct buf b = {0};

		crumbs(&b, d);
		if (!b.len || ui->places[ui->depth].page != PAGE_REASON)
			buf_printf(&b, "%s%s", b.len ? (utf8 ? " › " : " > ") : "",
				   tab_name(ui->places[ui->depth].page, ui->places[ui->depth].pid));
		pieces_add(&p, 0, STYLE_BOLD, "%s", b.data);
		buf_free(&b);
	} else {
		pieces_add(&p, 5, STYLE_TITLE, "vmperf");
	}
	if (v) {
		const struct host_info *h = &v->host;

		pieces_add_safe(&p, alone ? 2 : 1, STYLE_BOLD, "", h->hostname, utf8);
		pieces_add_safe(&p, 9, STYLE_DIM, "Linux ", h->kernel, utf8);
		pieces_add_safe(&p, 8, STYLE_DIM, "", vendor(h), utf8);
		add_number(&p, 7, h->cpus, "CPU");
		add_number(&p, 2, v->nvms, "VM");
		add_number(&p, 6, v->nvcpus, "vCPU");
		pieces_add_safe(&p, 3, STYLE_WARN, "--vm ", ui->now.chosen, utf8);
		if (v->load_known)
			pieces_add(&p, 7, STYLE_PLAIN, "load %.2f %.2f %.2f", (double)v->load[0] / 100,
				   (double)v->load[1] / 100, (double)v->load[2] / 100);
	}
	add_modes(&p, d);
	if (v) {
		/* of totals nobody would guess it */
		pieces_add_right(&p, ui->totals ? 1 : 5, STYLE_PLAIN, "%s",
				 units_ns((double)v->interval_ns, text));
		add_time(&p, v->real_ns, ui->now.replay);
	}
	pieces_draw(d->s, line, 2, &p, &x);
}

static void total_line(const struct draw *d, struct area line)
{
	const struct view_set *all = &d->ui->now.view->total;
	unsigned int w = line.w / 3 < BAR_WIDEST ? line.w / 3 : BAR_WIDEST;

	if (!all->observed_ns || line.w < 24)
		return;
	screen_text(d->s, line.x, line.y, 3, STYLE_BOLD, "all");
	bar_draw(d->s, line.x + 4, line.y, w, all->ledger);
	bar_legend(d->s, line.x + 6 + w, line.y, line.w - 6 - w, all->ledger);
}

/* What this host cannot show, and why. */
static bool hidden(struct buf *b, const struct view *v, bool utf8)
{
	const char *sep = "not visible here: ";

	for (int i = -2; i < VMP_STATES; i++) {
		bool shown = i == -2 ? v->exits_visible : i == -1 ? v->uexits_visible : v->visible & 1U << i;

		if (shown)
			continue;
		buf_printf(b, "%s%s", sep,
			   i == -2   ? "exits"
			   : i == -1 ? "user-space exits"
				     : ledger_state_name((enum vmp_state)i));
		sep = ", ";
	}
	if (v->invisible_why && v->invisible_why[0]) {
		buf_puts(b, b->len ? ": " : "note: ");
		text_safe(b, v->invisible_why, utf8);
	}
	return b->len;
}

void frame_header(struct draw *d, struct area *a)
{
	const struct view *v = d->ui->now.view;
	struct buf b = {0};
	bool large = d->s->h >= TOTAL_FROM;

	if (a->h < 2)
		return;
	host_line(d, area_top(a, 1), !large);
	if (!large)
		return;
	if (v && v->nvms)
		total_line(d, area_top(a, 1));
	if (v && d->s->h >= NOTES_FROM && hidden(&b, v, d->s->utf8)) {
		struct area line = area_top(a, 1);

		draw_text(d->s, line.x, line.y, line.w, STYLE_DIM, b.data);
	}
	buf_free(&b);
	place_line(d, area_top(a, 1));
}

static void add_losses(struct pieces *p, const struct view *v)
{
	struct buf b = {0};
	char n[UNITS_SIZE];

	for (int i = 0; v && i < VMP_LOSSES; i++)
		if (v->loss[i])
			buf_printf(&b, "%s%s %s", b.len ? ", " : "loss: ", loss_name((enum vmp_loss)i),
				   units_count((double)v->loss[i], n));
	if (b.len)
		pieces_add_right(p, 3, STYLE_WARN, "%s", b.data);
	buf_free(&b);
}

/* A key is there where it does something. */
static bool useful(const struct ui *ui, enum act act)
{
	switch (act) {
	case ACT_COLUMNS:
	case ACT_SORT:
	case ACT_FILTER:
	case ACT_EXPLAIN:
		return ui->places[ui->depth].page != PAGE_HOST;
	case ACT_ENTER:
		return ui->nrows;
	case ACT_BACK:
		return ui->depth || ui->filter[0];
	case ACT_RECORD:
		return !ui->now.replay;
	case ACT_STEP_BACK:
	case ACT_STEP:
	case ACT_JUMP_BACK:
	case ACT_JUMP:
	case ACT_FASTER:
	case ACT_SLOWER:
		return ui->now.replay;
	default:
		return true;
	}
}

static unsigned int button_width(const struct key_row *k)
{
	char key[KEY_TEXT];

	return (unsigned int)(strlen(key_text(k->keys[0], key)) + strlen(k->label));
}

unsigned int frame_buttons(struct screen *s, struct area line, const struct key_row **shown, unsigned int n,
			   struct ui_button *ret)
{
	unsigned int all = 0, x = line.x;

	for (unsigned int i = 0; i < n; i++)
		all += button_width(shown[i]) + 1;
	while (n && all > line.w + 1) {
		unsigned int out = 0;

		for (unsigned int i = 1; i < n; i++)
			if (shown[i]->rank >= shown[out]->rank)
				out = i;
		all -= button_width(shown[out]) + 1;
		for (n--; out < n; out++)
			shown[out] = shown[out + 1];
	}
	for (unsigned int i = 0; i < n; i++) {
		char key[KEY_TEXT];
		unsigned int begin = x;

		x = screen_text(s, x, line.y, line.w, STYLE_KEY, key_text(shown[i]->keys[0], key));
		x = screen_text(s, x, line.y, line.w, STYLE_PLAIN, shown[i]->label);
		ret[i] = (struct ui_button){.x = begin, .w = x - begin, .act = shown[i]->act};
		x++;
	}
	return n;
}

static void buttons(struct draw *d, struct area line)
{
	const struct key_row *shown[ACTS];
	unsigned int n = 0;

	for (unsigned int i = 0; i < key_rows_count && n < ACTS; i++)
		if (key_rows[i].label && useful(d->ui, key_rows[i].act))
			shown[n++] = &key_rows[i];
	d->ui->layout.nbuttons = frame_buttons(d->s, line, shown, n, d->ui->layout.buttons);
}

void frame_footer(struct draw *d, struct area line)
{
	const struct ui *ui = d->ui;
	struct pieces p = {0};
	unsigned int x, room;

	if (!line.h)
		return;
	d->ui->layout.footer_y = line.y;
	screen_back(d->s, line.x, line.y, line.w, BACK_BAR);
	if (ui->filter[0]) {
		struct buf b = {0};

		text_safe(&b, ui->filter, d->s->utf8);
		pieces_add_right(&p, 1, STYLE_INPUT, "/%s", b.data);
		buf_free(&b);
	}
	add_losses(&p, ui->now.view);
	/* where all is seen that needs no words */
	if (d->of && (d->first > 1 || d->last < d->of))
		pieces_add_right(&p, 2, STYLE_BOLD, "%u-%u/%u", d->first, d->last, d->of);
	room = pieces_draw(d->s, line, 2, &p, &x);
	line.x = x;
	line.w = room;
	if (ui->message[0]) {
		struct buf b = {0};

		text_safe(&b, ui->message, d->s->utf8);
		x = draw_text(d->s, line.x, line.y, line.w, STYLE_BOLD, b.data) + 2;
		buf_free(&b);
		area_left(&line, x - line.x);
	}
	buttons(d, line);
}
