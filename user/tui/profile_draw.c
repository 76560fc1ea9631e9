// SPDX-License-Identifier: GPL-2.0-only
#include "profile_draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../lib/units.h"
#include "../out/text.h"
#include "draw_dialog.h"
#include "draw_frame.h"
#include "draw_table.h"

/* Lines of the screen from which on there is room for these. */
#define TOTAL_FROM 12
#define NOTES_FROM 20
#define NOTES_MOST 3
#define BAR_WIDEST 80
#define HELP_W     76

static void add_clock(struct pieces *p, uint64_t real_ns)
{
	time_t t = (time_t)(real_ns / 1000000000);
	struct tm tm;
	char text[32];

	/* a clock may say anything */
	if (real_ns && localtime_r(&t, &tm) && strftime(text, sizeof(text), "%H:%M:%S", &tm))
		pieces_add_right(p, 3, STYLE_BOLD, "%s", text);
}

static uint64_t samples(const struct profile *p)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < p->nevents; i++)
		n += p->events[i].total.samples;
	return n;
}

static void host_line(const struct profile_ui *ui, struct screen *s, struct area line)
{
	const struct profile_moment *m = &ui->now;
	const struct profile *prof = m->profile;
	char text[UNITS_SIZE];
	struct pieces p = {0};
	unsigned int x;

	pieces_add(&p, 5, STYLE_TITLE, "vmperf profile");
	if (prof) {
		pieces_add_safe(&p, 4, STYLE_BOLD, "", prof->hostname, s->utf8);
		pieces_add_safe(&p, 9, STYLE_DIM, "Linux ", prof->kernel, s->utf8);
		pieces_add(&p, 6, STYLE_PLAIN, "%" PRIu32 " VM%s", prof->nvms, prof->nvms == 1 ? "" : "s");
	}
	if (m->event) {
		pieces_add_safe(&p, 7, STYLE_PLAIN, "", m->event, s->utf8);
		pieces_add(&p, 8, STYLE_PLAIN, "%" PRIu32 " Hz", m->freq);
	}
	pieces_add_safe(&p, 4, STYLE_WARN, "--vm ", m->chosen, s->utf8);
	if (ui->paused)
		pieces_add_right(&p, 0, STYLE_WARN, "PAUSED");
	if (prof) {
		double rate = prof->duration_ns ? (double)samples(prof) * 1e9 / (double)prof->duration_ns : 0;

		if (ui->sum == PROFILE_SUM_ALL)
			pieces_add_right(&p, 1, STYLE_WARN, "ALL");
		pieces_add_right(&p, 2, STYLE_PLAIN, "%s", units_ns((double)prof->duration_ns, text));
		pieces_add_right(&p, 5, STYLE_PLAIN, "%s samples/s", units_count(rate, text));
	}
	add_clock(&p, m->real_ns);
	pieces_draw(s, line, 2, &p, &x);
}

static void total_line(const struct profile_ui *ui, struct screen *s, struct area line)
{
	unsigned int w = line.w / 3 < BAR_WIDEST ? line.w / 3 : BAR_WIDEST;
	struct profile_weight modes[PROFILE_MODES] = {0};
	const struct profile *p = ui->now.profile;
	uint32_t vm, thread;

	/* of the VM, once it was gone into; above it, of all */
	if (!profile_ui_chosen(ui, &vm, &thread) || ui->level == PROFILE_LEVEL_VMS)
		vm = PROFILE_NONE;
	for (uint32_t i = 0; i < p->nvms; i++)
		for (int m = 0; m < PROFILE_MODES && (vm == PROFILE_NONE || vm == i); m++)
			profile_weight_add(&modes[m], &p->vms[i].modes[m]);
	if (line.w < 24)
		return;
	screen_text(s, line.x, line.y, 3, STYLE_BOLD, vm == PROFILE_NONE ? "all" : "VM");
	profile_bar(s, line.x + 4, line.y, w, modes);
	profile_legend(s, line.x + 6 + w, line.y, line.w - 6 - w, modes);
}

/* Where we are, and what is shown of it. */
static void place_line(const struct profile_ui *ui, struct screen *s, struct area line)
{
	static const char *const groups[] = {"functions", "modules", "functions by vCPU"};
	const char *sep = s->utf8 ? " › " : " > ";
	struct pieces p = {0};
	struct buf b = {0};
	unsigned int x;

	screen_back(s, line.x, line.y, line.w, BACK_BAR);
	if (ui->level == PROFILE_LEVEL_VMS || !ui->pid) {
		buf_puts(&b, "all VMs");
	} else if (ui->name[0]) {
		text_safe(&b, ui->name, s->utf8);
	} else {
		buf_printf(&b, "pid %" PRIu32, ui->pid);
	}
	if (ui->level == PROFILE_LEVEL_FUNCTIONS && ui->tid) {
		if (ui->vcpu >= 0)
			buf_printf(&b, "%svCPU %" PRId32, sep, ui->vcpu);
		else
			buf_printf(&b, "%sthread %" PRIu32, sep, ui->tid);
	}
	pieces_add(&p, 0, STYLE_BOLD, "%s", b.data);
	b.len = 0;
	profile_ui_modes(ui, &b);
	pieces_add(&p, 2, STYLE_PLAIN, "%s", groups[ui->group]);
	pieces_add(&p, 1, ui->modes ? STYLE_WARN : STYLE_PLAIN, "%s", b.data);
	pieces_add_right(&p, 3, STYLE_PLAIN, "%s",
			 ui->sum == PROFILE_SUM_LAST     ? "the last interval"
			 : ui->sum == PROFILE_SUM_WINDOW ? "the last 10 intervals"
							 : "since the start, or z");
	pieces_draw(s, line, 2, &p, &x);
	buf_free(&b);
}

/* Lines of text, a sentence each. */
static void notes(const struct profile_ui *ui, struct screen *s, struct area *a)
{
	const char *note = ui->now.note, *end;

	for (int i = 0; i < NOTES_MOST && note && *note && a->h; i++) {
		struct area line = area_top(a, 1);
		struct buf text = {0}, b = {0};

		end = strchr(note, '\n');
		buf_add(&text, note, end ? (size_t)(end - note) : strlen(note));
		text_safe(&b, text.data, s->utf8);
		draw_text(s, line.x, line.y, line.w, STYLE_DIM, b.data ? b.data : "");
		note = end ? end + 1 : NULL;
		buf_free(&text);
		buf_free(&b);
	}
}

/* The title of the functions: whose. */
static void functions_title(const struct profile_ui *ui, struct screen *s, struct area line)
{
	const struct profile *p = ui->now.profile;
	char share[UNITS_SIZE];
	uint32_t vm, thread;
	struct buf b = {0};

	if (profile_ui_chosen(ui, &vm, &thread) && vm != PROFILE_NONE)
		text_safe(&b, p->vms[vm].name, s->utf8);
	else
		buf_puts(&b, "all VMs");
	if (thread != PROFILE_NONE && p->threads[thread].vcpu >= 0) {
		buf_printf(&b, ", vCPU %" PRId32, p->threads[thread].vcpu);
	} else if (thread != PROFILE_NONE) {
		buf_puts(&b, ", ");
		text_safe(&b, p->threads[thread].comm, s->utf8);
	}
	if (ui->rest.period && ui->total.period)
		buf_printf(&b, " (%s in %s below %g%%)",
			   units_ratio((double)ui->rest.period / (double)ui->total.period, share),
			   ui->group == PROFILE_GROUP_MODULE ? "modules" : "functions", ui->limit);
	draw_title(s, line, b.data);
	buf_free(&b);
}

static void page(struct profile_ui *ui, struct screen *s, struct area a)
{
	unsigned int above = ui->nitems + 1, most = a.h * 2 / 5;

	if (!ui->now.profile) {
		if (a.h > 2)
			area_top(&a, 1);
		draw_lines(s, a, 0, STYLE_PLAIN,
			   ui->now.waiting ? ui->now.waiting : "Sampling the first interval.");
		return;
	}
	if (!ui->now.profile->nvms) {
		struct buf b = {0};

		if (a.h > 2)
			area_top(&a, 1);
		buf_puts(&b, "No VM");
		if (ui->now.chosen) {
			buf_puts(&b, " has such a name, UUID or pid: --vm ");
			text_safe(&b, ui->now.chosen, s->utf8);
		} else {
			buf_puts(&b, "s run here.");
		}
		draw_lines(s, a, 0, STYLE_PLAIN, b.data);
		buf_free(&b);
		return;
	}
	if (ui->nitems) {
		if (above > most)
			above = most;
		/* the list in which keys move is there in any case */
		if (ui->below && a.h < 5)
			above = 0;
		else if (!ui->below && above < 2)
			above = a.h < 2 ? a.h : 2;
		if (above)
			profile_draw_items(ui, s, area_top(&a, above));
	}
	if (a.h > 2)
		functions_title(ui, s, area_top(&a, 1));
	if (a.h)
		profile_draw_functions(ui, s, a);
}

/* A key is there where it does something. */
static bool useful(const struct profile_ui *ui, enum act act)
{
	if (act == ACT_BACK)
		return ui->level != PROFILE_LEVEL_VMS || ui->filter[0];
	return act != ACT_ENTER || ui->nitems;
}

static void footer(struct profile_ui *ui, struct screen *s, struct area line)
{
	bool below = ui->below || ui->level == PROFILE_LEVEL_FUNCTIONS;
	const struct profile_cursor *c = below                           ? &ui->functions
					 : ui->level == PROFILE_LEVEL_VM ? &ui->threads
									 : &ui->vms;
	unsigned int h = below ? ui->layout.list_h : ui->layout.items_h, n = below ? ui->nlist : ui->nitems;
	const struct key_row *shown[ACTS];
	unsigned int x, buttons = 0;
	char text[UNITS_SIZE];
	struct pieces p = {0};
	struct buf b = {0};

	if (!line.h)
		return;
	ui->layout.footer_y = line.y;
	screen_back(s, line.x, line.y, line.w, BACK_BAR);
	if (ui->filter[0]) {
		text_safe(&b, ui->filter, s->utf8);
		pieces_add_right(&p, 1, STYLE_INPUT, "/%s", b.data);
		b.len = 0;
	}
	if (ui->now.lost)
		pieces_add_right(&p, 3, STYLE_WARN, "lost: %s samples",
				 units_count((double)ui->now.lost, text));
	if (h && n > h)
		pieces_add_right(&p, 2, STYLE_BOLD, "%u-%u/%u", c->top + 1, c->top + h < n ? c->top + h : n,
				 n);
	line.w = pieces_draw(s, line, 2, &p, &x);
	line.x = x;
	if (ui->message[0]) {
		text_safe(&b, ui->message, s->utf8);
		x = draw_text(s, line.x, line.y, line.w, STYLE_BOLD, b.data) + 2;
		area_left(&line, x - line.x);
	}
	for (unsigned int i = 0; i < profile_key_rows_count && buttons < ACTS; i++)
		if (profile_key_rows[i].label && useful(ui, profile_key_rows[i].act))
			shown[buttons++] = &profile_key_rows[i];
	ui->layout.nbuttons = frame_buttons(s, line, shown, buttons, ui->layout.buttons);
	buf_free(&b);
}

/* One line of the help: a key, or a mode; each takes as many lines as its text does. */
static unsigned int help_entry(struct screen *s, struct area a, unsigned int skip, unsigned int n)
{
	static const char *const about[PROFILE_MODES] = {
		"The host's kernel: KVM, and what works for the VM there",
		"The host's user space: the VMM",
		"The guest's kernel",
		"The guest's user space",
		"None of these",
	};
	enum profile_mode m = (enum profile_mode)(n - profile_key_rows_count);
	struct area text = a;
	unsigned int lines;

	area_left(&text, DIALOG_KEYS_W);
	lines = draw_lines(s, text, skip, STYLE_PLAIN,
			   n < profile_key_rows_count ? profile_key_rows[n].help : about[m]);
	if (skip || !a.h)
		return lines;
	if (n < profile_key_rows_count) {
		dialog_keys(s, a.x, a.y, &profile_key_rows[n]);
	} else {
		struct profile_weight one[PROFILE_MODES] = {0};

		one[m].period = 1;
		profile_bar(s, a.x, a.y, 2, one);
		screen_text(s, a.x + 3, a.y, DIALOG_KEYS_W - 4, profile_mode_style(m), profile_mode_name(m));
	}
	return lines;
}

void profile_draw_help(struct profile_ui *ui, struct screen *s)
{
	unsigned int w = s->w < HELP_W + 4 ? (s->w > 4 ? s->w - 4 : 0) : HELP_W;
	unsigned int n = profile_key_rows_count + PROFILE_OTHER, all = 0, at = 0;
	struct area in;

	for (unsigned int i = 0; i < n; i++)
		all += help_entry(s, (struct area){.w = w}, ~0U, i);
	in = dialog_box(s, w, all, "Help");
	ui->dialog_top = scrolled(ui->dialog_top, ~0U, all, in.h);
	ui->layout.dialog_h = in.h;
	for (unsigned int i = 0; i < n && in.h; i++) {
		unsigned int lines = help_entry(s, (struct area){.w = w}, ~0U, i), top = ui->dialog_top;
		struct area a = in;

		if (at + lines > top) {
			area_top(&a, at > top ? at - top : 0);
			help_entry(s, a, top > at ? top - at : 0, i);
		}
		at += lines;
	}
	if (in.h)
		dialog_edge(s, in, ui->dialog_top, all, NULL, "any other key closes it");
}

void profile_ui_draw(struct profile_ui *ui, struct screen *s)
{
	struct area a = {0, 0, s->w, s->h}, last;

	screen_clear(s);
	ui->layout = (struct profile_layout){.w = s->w, .h = s->h};
	last = area_bottom(&a, s->h > 2 ? 1 : 0);
	if (a.h > 1)
		host_line(ui, s, area_top(&a, 1));
	if (s->h >= TOTAL_FROM && ui->now.profile && ui->now.profile->nvms)
		total_line(ui, s, area_top(&a, 1));
	if (s->h >= NOTES_FROM)
		notes(ui, s, &a);
	if (s->h >= TOTAL_FROM)
		place_line(ui, s, area_top(&a, 1));
	if (a.h)
		page(ui, s, a);
	footer(ui, s, last);
	if (ui->dialog == PROFILE_HELP)
		profile_draw_help(ui, s);
	else if (ui->dialog == PROFILE_SEARCH)
		dialog_typed(s, last, "Search:", "Enter: keep it  Esc: none", ui->input);
}
