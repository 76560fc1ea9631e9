// SPDX-License-Identifier: GPL-2.0-only
#include "draw.h"

#include <string.h>

#include "../out/text.h"
#include "draw_dialog.h"
#include "draw_frame.h"
#include "draw_host.h"
#include "draw_reason.h"
#include "draw_table.h"
#include "draw_vm.h"

/* What to do where events are missing. */
static void add_remedy(struct buf *b, const struct ui *ui)
{
	if (ui->now.replay)
		buf_puts(b, " in this record; `vmperf record --events` chooses them.");
	else
		buf_puts(b, " here; `vmperf events` lists what can be counted, --events chooses it.");
}

/* Whether any figure that is made of events can be had. */
static bool derived_known(const struct view *v)
{
	const struct column *all;
	unsigned int n = page_columns(PAGE_HARDWARE, &all);

	for (unsigned int i = 0; i < n; i++)
		if (all[i].kind == COLUMN_METRIC && all[i].metric->kinds && column_shown(&all[i], v))
			return true;
	return false;
}

/* Text above or instead of rows, and an empty line after it. */
static void note(struct draw *d, struct area *a, const char *text)
{
	struct area in = *a;

	if (in.h > 1)
		area_top(&in, 1);
	if (in.w > 4) {
		area_left(&in, 2);
		in.w -= 2;
	}
	area_top(a, in.y - a->y + draw_lines(d->s, in, 0, STYLE_DIM, text) + 1);
}

/* Why the page of hardware's figures has none. */
static void no_figures(struct draw *d, struct area *a)
{
	const struct view *v = d->ui->now.view;
	struct buf b = {0};

	buf_puts(&b, "Instructions per cycle, misses and stalls are made of hardware events; none that they "
		     "need are counted");
	add_remedy(&b, d->ui);
	for (uint32_t i = 0; i < v->nevents; i++) {
		if (v->events[i].counted || !v->events[i].why[0])
			continue;
		buf_puts(&b, " ");
		text_safe(&b, v->events[i].name, d->s->utf8);
		buf_puts(&b, ": ");
		text_safe(&b, v->events[i].why, d->s->utf8);
		buf_puts(&b, ".");
		break;
	}
	note(d, a, b.data);
	buf_free(&b);
}

/* Why there are no rows. */
static void nothing(struct draw *d, struct area a)
{
	const struct ui *ui = d->ui;
	const struct view *v = ui->now.view;
	const struct place *p = &ui->places[ui->depth];
	struct buf b = {0};

	if (!v->nvms && ui->now.chosen && v->host.kvm_loaded) {
		buf_puts(&b, "No VM has such a name, UUID or pid: --vm ");
		text_safe(&b, ui->now.chosen, d->s->utf8);
	} else if (!v->nvms) {
		buf_puts(&b, !v->host.kvm_loaded ? "KVM is not loaded: no VMs run here."
			     : ui->now.replay    ? "No VMs ran here then."
						 : "No VMs run here.");
	} else if (ui->hidden) {
		buf_printf(&b, "The filter hides all %u rows; \\ shows them.", ui->hidden);
	} else if (p->pid && !ui_vm(ui)) {
		buf_puts(&b, "This VM has ended; Esc goes back.");
	} else if (p->tid && !ui_vcpu(ui)) {
		buf_puts(&b, "This vCPU's thread has ended; Esc goes back.");
	} else if ((p->page == PAGE_EXITS && !v->exits_visible) ||
		   (p->page == PAGE_UEXITS && !v->uexits_visible)) {
		buf_printf(&b, "%s cannot be seen on this host",
			   p->page == PAGE_EXITS ? "Exits" : "User-space exits");
		if (v->invisible_why && v->invisible_why[0]) {
			buf_puts(&b, ": ");
			text_safe(&b, v->invisible_why, d->s->utf8);
		}
		buf_puts(&b, ".");
		if (p->page == PAGE_EXITS && v->uexits_visible)
			buf_puts(&b, " Press 4 for those that go on to user space, which can.");
	} else if (p->page == PAGE_THREADS && !v->threads_visible) {
		buf_puts(&b, "No threads are seen here, or not yet: they are measured only while they are "
			     "shown.");
	} else if (p->page == PAGE_EVENTS && !v->nevents) {
		buf_puts(&b, "No events are counted");
		add_remedy(&b, ui);
	} else {
		buf_puts(&b, "Nothing in this interval.");
	}
	note(d, &a, b.data);
	buf_free(&b);
}

static void table_page(struct draw *d, struct area a)
{
	struct ui *ui = d->ui;
	struct place *p = &ui->places[ui->depth];
	const struct view *v = ui->now.view;
	struct row total = {.view = v, .set = &v->total, .guest = -1, .host = -1, .both = -1};
	struct table t = {.page = p->page,
			  .rows = ui->rows,
			  .nrows = ui->nrows,
			  .selected = p->row,
			  .stands_for_page = true,
			  .histogram = p->page == PAGE_EXITS};
	bool sets = p->page == PAGE_VMS || p->page == PAGE_VCPUS || p->page == PAGE_PLACEMENT ||
		    p->page == PAGE_HARDWARE;

	if (sets && !p->pid && v->nvms && d->s->h >= 16)
		t.total = &total;
	if (p->page == PAGE_HARDWARE && ui->nrows && !derived_known(v))
		no_figures(d, &a);
	table_draw(d, a, &t, &p->top);
	if (!ui->nrows) {
		area_top(&a, table_height(&t));
		nothing(d, a);
	}
}

static void page(struct draw *d, struct area a)
{
	const struct ui *ui = d->ui;
	const struct place *p = &ui->places[ui->depth];

	if (!ui->now.view) {
		if (a.h > 2)
			area_top(&a, 1);
		draw_lines(d->s, a, 0, STYLE_PLAIN,
			   ui->now.waiting ? ui->now.waiting : "Measuring the first interval.");
		return;
	}
	if (p->page == PAGE_HOST)
		draw_host(d, a);
	else if (p->page == PAGE_REASON)
		draw_reason(d, a);
	else if (p->page == PAGE_VMS && p->pid && ui_vm(ui) && (!p->tid || ui_vcpu(ui)))
		draw_overview(d, a);
	else if (p->page == PAGE_VMS && p->pid)
		nothing(d, a);
	else
		table_page(d, a);
}

void ui_draw(struct ui *ui, struct screen *s)
{
	struct draw d = {.ui = ui, .s = s};
	struct area a = {0, 0, s->w, s->h}, footer;

	screen_clear(s);
	ui->layout = (struct ui_layout){.w = s->w, .h = s->h};
	footer = area_bottom(&a, s->h > 2 ? 1 : 0);
	frame_header(&d, &a);
	if (a.h)
		page(&d, a);
	frame_footer(&d, footer);
	draw_dialog(&d, footer);
}
