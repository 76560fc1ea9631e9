// SPDX-License-Identifier: GPL-2.0-only
/* The two lists of the profile's view. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../lib/units.h"
#include "../out/text.h"
#include "draw_table.h"
#include "profile_draw.h"

/* Columns of figures. */
#define SHARE_W      6
#define SAMPLES_W    7
#define MODE_W       10
#define THREAD_W     12
/* Screens that have room for them. */
#define SAMPLES_FROM 46
#define BAR_FROM     60
#define MODE_FROM    60
#define MODULE_FROM  50
#define METER_FROM   110
#define METER_W      12

/* A line that is filled from the left. */
struct pen {
	struct screen *s;
	unsigned int x, y, end;
};

static void put(struct pen *p, unsigned int w, enum style style, const char *text)
{
	if (p->x >= p->end)
		return;
	if (w > p->end - p->x)
		w = p->end - p->x;
	draw_text(p->s, p->x, p->y, w, style, text);
	p->x += w + 1;
}

/* From elsewhere: raw bytes. */
static void put_raw(struct pen *p, unsigned int w, enum style style, const char *text)
{
	struct buf b = {0};

	text_safe(&b, text, p->s->utf8);
	put(p, w, style, b.data ? b.data : "");
	buf_free(&b);
}

static void put_right(struct pen *p, unsigned int w, enum style style, const char *text)
{
	if (p->x >= p->end)
		return;
	if (w > p->end - p->x)
		w = p->end - p->x;
	draw_right(p->s, p->x, p->y, w, style, text);
	p->x += w + 1;
}

static void put_share(struct pen *p, enum style style, uint64_t part, uint64_t of)
{
	char text[UNITS_SIZE];

	if (of)
		put_right(p, SHARE_W, part ? style : STYLE_DIM, units_ratio((double)part / (double)of, text));
	else
		put_right(p, SHARE_W, STYLE_DIM, "-");
}

static void put_samples(struct pen *p, uint64_t n)
{
	char text[UNITS_SIZE];

	put_right(p, SAMPLES_W, n ? STYLE_PLAIN : STYLE_DIM, units_count((double)n, text));
}

static void put_thread(struct pen *p, unsigned int w, const struct profile_thread *t)
{
	char text[32];

	if (t->vcpu < 0) {
		put_raw(p, w, STYLE_PLAIN, t->comm);
		return;
	}
	snprintf(text, sizeof(text), "vCPU %" PRId32, t->vcpu);
	put(p, w, STYLE_PLAIN, text);
}

/* There is no name. */
static bool is_unknown(const char *symbol)
{
	return !strcmp(symbol, "[unknown]");
}

/* "module`symbol", as it stands where there is no column for either; the module alone where that is all. */
static void add_hottest(struct buf *b, const struct profile_item *it, bool utf8)
{
	text_safe(b, it->module, utf8);
	if (is_unknown(it->hottest))
		return;
	buf_puts(b, "`");
	text_safe(b, it->hottest, utf8);
}

static void item_name(struct buf *b, const struct profile_ui *ui, const struct profile_item *it, bool utf8)
{
	const struct profile *p = ui->now.profile;
	const struct profile_thread *t;

	if (it->thread != PROFILE_NONE) {
		t = &p->threads[it->thread];
		if (t->vcpu >= 0)
			buf_printf(b, "vCPU %" PRId32, t->vcpu);
		else if (t->comm[0])
			text_safe(b, t->comm, utf8);
		else
			buf_printf(b, "thread %" PRIu32, t->tid);
	} else if (!it->key) {
		buf_puts(b, ui->level == PROFILE_LEVEL_VM ? "all threads" : "all VMs");
	} else if (p->vms[it->vm].name[0]) {
		text_safe(b, p->vms[it->vm].name, utf8);
	} else {
		buf_printf(b, "pid %" PRIu32, p->vms[it->vm].pid);
	}
}

static void item_line(const struct profile_ui *ui, struct screen *s, struct area line,
		      const struct profile_item *it)
{
	struct pen p = {s, line.x, line.y, line.x + line.w};
	unsigned int name = line.w < 50 ? line.w / 3 : line.w / 4, bar = line.w / 5;
	struct buf b = {0};

	if (name > 32)
		name = 32;
	if (!it) {
		put(&p, name, STYLE_TITLE, ui->level == PROFILE_LEVEL_VM ? "thread" : "VM");
		put_right(&p, SHARE_W, STYLE_TITLE, "share");
		if (line.w >= SAMPLES_FROM)
			put_right(&p, SAMPLES_W, STYLE_TITLE, "samples");
		if (line.w >= BAR_FROM)
			put(&p, bar, STYLE_TITLE, "split");
		put(&p, line.w, STYLE_TITLE, "hottest function");
		return;
	}
	item_name(&b, ui, it, s->utf8);
	put(&p, name, STYLE_BOLD, b.data);
	put_share(&p, STYLE_PLAIN, it->total.period, ui->items[0].total.period);
	if (line.w >= SAMPLES_FROM)
		put_samples(&p, it->total.samples);
	if (line.w >= BAR_FROM) {
		profile_bar(s, p.x, p.y, bar, it->modes);
		p.x += bar + 1;
	}
	b.len = 0;
	if (it->hottest)
		add_hottest(&b, it, s->utf8);
	else
		buf_puts(&b, it->key ? "-" : "");
	put(&p, line.w, it->hottest ? STYLE_PLAIN : STYLE_DIM, b.data);
	buf_free(&b);
}

static void select_line(struct screen *s, struct area line, bool selected, bool here)
{
	if (selected)
		screen_back(s, line.x, line.y, line.w, here ? BACK_ROW : BACK_BAR);
}

void profile_draw_items(struct profile_ui *ui, struct screen *s, struct area a)
{
	struct profile_cursor *c = ui->level == PROFILE_LEVEL_VM ? &ui->threads : &ui->vms;

	if (a.h > 1)
		item_line(ui, s, area_top(&a, 1), NULL);
	ui->layout.items_y = a.y;
	ui->layout.items_h = a.h;
	c->top = scrolled(c->top, c->row, ui->nitems, a.h);
	for (unsigned int i = c->top; i < ui->nitems && a.h; i++) {
		struct area line = area_top(&a, 1);

		item_line(ui, s, line, &ui->items[i]);
		select_line(s, line, i == c->row, !ui->below);
	}
}

/* Columns that a function's line has. */
struct columns {
	bool samples, meter, vm, thread, module;
	unsigned int mode, vm_w, module_w;
};

static struct columns columns(const struct profile_ui *ui, unsigned int w)
{
	uint32_t vm, thread;
	bool one = !profile_ui_chosen(ui, &vm, &thread) || vm != PROFILE_NONE;
	struct columns c = {
		.samples = w >= SAMPLES_FROM,
		.meter = w >= METER_FROM,
		.vm = !one && w >= MODULE_FROM,
		.thread = ui->group == PROFILE_GROUP_VCPU && thread == PROFILE_NONE && w >= MODULE_FROM,
		.module = w >= MODULE_FROM || ui->group == PROFILE_GROUP_MODULE,
		.mode = w >= MODE_FROM ? MODE_W : 1,
		.vm_w = w / 6 < 24 ? w / 6 : 24,
		.module_w = w / 5 < 24 ? w / 5 : 24,
	};

	return c;
}

/* Nothing to show for a title. */
static void function_titles(const struct profile_ui *ui, struct screen *s, struct area line,
			    const struct columns *c)
{
	struct pen p = {s, line.x, line.y, line.x + line.w};

	put_right(&p, SHARE_W, STYLE_TITLE, "share");
	if (c->samples)
		put_right(&p, SAMPLES_W, STYLE_TITLE, "samples");
	if (c->meter)
		put(&p, METER_W, STYLE_TITLE, "");
	if (c->vm)
		put(&p, c->vm_w, STYLE_TITLE, "VM");
	if (c->thread)
		put(&p, THREAD_W, STYLE_TITLE, "thread");
	put(&p, c->mode, STYLE_TITLE, c->mode > 1 ? "mode" : "");
	if (ui->group == PROFILE_GROUP_MODULE) {
		put(&p, line.w, STYLE_TITLE, "module");
		return;
	}
	if (c->module)
		put(&p, c->module_w, STYLE_TITLE, "module");
	put(&p, line.w, STYLE_TITLE, "function");
}

/* How large the share is, in the mode's colour. */
static void meter(struct pen *p, const struct profile_function *f, uint64_t of)
{
	unsigned int n = of ? (unsigned int)((double)f->sum.period / (double)of * METER_W + 0.5) : 0;

	if (n > METER_W)
		n = METER_W;
	if (p->x < p->end)
		screen_fill(p->s, p->x, p->y, n, profile_mode_style(f->mode), p->s->utf8 ? 0x25a0 : '=');
	p->x += METER_W + 1;
}

static void function_line(const struct profile_ui *ui, struct screen *s, struct area line,
			  const struct columns *c, const struct profile_function *f)
{
	const struct profile *prof = ui->now.profile;
	const char letter[] = {profile_mode_letter(f->mode), '\0'};
	struct pen p = {s, line.x, line.y, line.x + line.w};

	put_share(&p, STYLE_BOLD, f->sum.period, ui->total.period);
	if (c->samples)
		put_samples(&p, f->sum.samples);
	if (c->meter)
		meter(&p, f, ui->total.period);
	if (c->vm)
		put_raw(&p, c->vm_w, STYLE_PLAIN, prof->vms[f->vm].name);
	if (c->thread)
		put_thread(&p, THREAD_W, &prof->threads[f->thread]);
	put(&p, c->mode, profile_mode_style(f->mode), c->mode > 1 ? profile_mode_name(f->mode) : letter);
	if (c->module)
		put_raw(&p, ui->group == PROFILE_GROUP_MODULE ? line.w : c->module_w, STYLE_PLAIN, f->module);
	if (f->symbol)
		put_raw(&p, line.w, is_unknown(f->symbol) ? STYLE_DIM : STYLE_BOLD,
			/* the one that is known, where there is room for one */
			is_unknown(f->symbol) && !c->module ? f->module : f->symbol);
}

/* Why there are no functions. */
static const char *nothing(const struct profile_ui *ui)
{
	uint32_t vm, thread;

	if (ui->hidden)
		return "The search hides all functions; \\ shows them.";
	if (!profile_ui_chosen(ui, &vm, &thread))
		return ui->tid ? "This thread has had no samples here; Esc goes back."
			       : "This VM has ended, or had no samples here; Esc goes back.";
	if (ui->rest.samples)
		return "All functions are below the limit.";
	if (ui->modes)
		return "No samples of these modes; m shows others.";
	return "No samples: nothing ran here.";
}

void profile_draw_functions(struct profile_ui *ui, struct screen *s, struct area a)
{
	struct profile_cursor *c = &ui->functions;
	struct columns cols = columns(ui, a.w);

	if (a.h > 1) {
		struct area line = area_top(&a, 1);

		function_titles(ui, s, line, &cols);
	}
	ui->layout.list_y = a.y;
	ui->layout.list_h = a.h;
	c->top = scrolled(c->top, c->row, ui->nlist, a.h);
	if (!ui->nlist && a.h) {
		draw_lines(s, a, 0, STYLE_DIM, nothing(ui));
		return;
	}
	for (unsigned int i = c->top; i < ui->nlist && a.h; i++) {
		struct area line = area_top(&a, 1);

		function_line(ui, s, line, &cols, &ui->list[i]);
		select_line(s, line, i == c->row && (ui->below || ui->level == PROFILE_LEVEL_FUNCTIONS),
			    true);
	}
}
