// SPDX-License-Identifier: GPL-2.0-only
#include "draw_host.h"

#include <string.h>

#include "../lib/units.h"
#include "../model/loss.h"
#include "../out/text.h"
#include "draw_table.h"

/* What stands before a line's text. */
#define NAME_W  20
#define STATE_W 12

/* Lines, of which those from skip on are drawn. */
struct lines {
	struct draw *d;
	struct area a;
	unsigned int skip, n;
};

/* A name, what it is in a word, and text, wrapped beside them; a title has a name only. */
static void line(struct lines *l, const char *name, const char *word, enum style style, const char *text)
{
	struct area a = l->a, left;
	unsigned int skip = l->skip > l->n ? l->skip - l->n : 0, lines;

	area_top(&a, l->n > l->skip ? l->n - l->skip : 0);
	/* a narrow screen has the text below */
	if (a.w < NAME_W + STATE_W + 20) {
		left = a;
		if (!skip) {
			unsigned int x = draw_text(l->d->s, left.x, left.y, left.h ? NAME_W : 0,
						   style == STYLE_TITLE ? style : STYLE_BOLD, name);

			draw_text(l->d->s, x + 2, left.y, left.h ? left.w - (x - left.x) - 2 : 0, style,
				  word);
			area_top(&a, 1);
		} else {
			skip--;
		}
		area_left(&a, 2);
		lines = 1 + (*text ? draw_lines(l->d->s, a, skip, style, text) : 0);
	} else {
		left = area_left(&a, NAME_W + STATE_W);
		if (!skip && left.h) {
			draw_text(l->d->s, left.x, left.y, NAME_W - 1,
				  style == STYLE_TITLE ? style : STYLE_BOLD, name);
			draw_text(l->d->s, left.x + NAME_W, left.y, STATE_W - 1, style, word);
		}
		lines = *text ? draw_lines(l->d->s, a, skip, style, text) : 1;
	}
	l->n += lines;
}

static void title(struct lines *l, const char *text)
{
	struct area a = l->a;

	if (l->n)
		l->n++;
	if (l->n >= l->skip && l->n - l->skip < a.h) {
		area_top(&a, l->n - l->skip);
		draw_title(l->d->s, area_top(&a, 1), text);
	}
	l->n++;
}

static void host(struct lines *l, const struct view *v, bool utf8)
{
	const struct host_info *h = &v->host;
	char interval[UNITS_SIZE], skew[UNITS_SIZE];
	struct buf b = {0};

	text_safe(&b, h->hostname[0] ? h->hostname : "this host", utf8);
	buf_puts(&b, ", Linux ");
	text_safe(&b, h->kernel, utf8);
	buf_puts(&b, ", ");
	text_safe(&b, h->arch, utf8);
	buf_printf(&b, ", %u CPU%s", h->cpus, h->cpus == 1 ? "" : "s");
	line(l, "host", "", STYLE_PLAIN, b.data);
	b.len = 0;
	buf_puts(&b, !h->kvm_loaded ? "not loaded" : h->kvm_vendor[0] ? "" : "loaded, vendor not known");
	text_safe(&b, h->kvm_loaded ? h->kvm_vendor : "", utf8);
	line(l, "KVM", "", STYLE_PLAIN, b.data);
	b.len = 0;
	buf_printf(&b, "%s, of each vCPU give or take %s", units_ns((double)v->interval_ns, interval),
		   units_ns((double)v->skew_ns, skew));
	line(l, "interval", "", STYLE_PLAIN, b.data);
	buf_free(&b);
}

static void probes(struct lines *l, const struct view *v, bool utf8)
{
	static const struct {
		const char *word;
		enum style style;
	} states[] = {
		[PROBE_OFF] = {"off", STYLE_DIM},
		[PROBE_ACTIVE] = {"active", STYLE_PLAIN},
		[PROBE_UNAVAILABLE] = {"unavailable", STYLE_WARN},
		[PROBE_FAILED] = {"failed", STYLE_ALARM},
	};

	title(l, "Probes");
	for (unsigned int i = 0; i < v->nprobes; i++) {
		const struct probe_info *p = &v->probes[i];
		unsigned int state = p->status <= PROBE_FAILED ? p->status : PROBE_OFF;
		struct buf name = {0}, reason = {0};

		text_safe(&name, p->name, utf8);
		text_safe(&reason, p->reason, utf8);
		line(l, name.data, states[state].word, states[state].style, reason.data);
		buf_free(&name);
		buf_free(&reason);
	}
}

static void hidden(struct lines *l, const struct view *v, bool utf8)
{
	/* they are measured only where somebody wants them */
	bool no_threads = !v->threads_visible && ui_needs(l->d->ui) & METRIC_NEEDS_THREADS;
	struct buf b = {0};

	title(l, "Not visible here");
	if (!v->exits_visible)
		line(l, "exits", "", STYLE_DIM, "VM exits, their reasons and handling times");
	if (!v->uexits_visible)
		line(l, "user-space exits", "", STYLE_DIM, "Exits that KVM hands to the VMM");
	if (no_threads)
		line(l, "threads", "", STYLE_DIM, "Threads of VMs other than vCPUs'");
	for (int i = 0; i < VMP_STATES; i++) {
		struct buf id = {0};

		if (v->visible & 1U << i)
			continue;
		buf_printf(&id, "%s_ns", ledger_state_name((enum vmp_state)i));
		line(l, ledger_state_name((enum vmp_state)i), "", STYLE_DIM,
		     metric_find(METRIC_SET, id.data)->help);
		buf_free(&id);
	}
	text_safe(&b, v->invisible_why ? v->invisible_why : "", utf8);
	if (b.len)
		line(l, "why", "", STYLE_WARN, b.data);
	else if (v->exits_visible && v->uexits_visible && !no_threads)
		line(l, "nothing", "", STYLE_DIM, "All can be seen.");
	buf_free(&b);
}

static void losses(struct lines *l, const struct view *v)
{
	char n[UNITS_SIZE];

	title(l, "Losses in this interval");
	for (int i = 0; i < VMP_LOSSES; i++)
		line(l, loss_name((enum vmp_loss)i), units_count((double)v->loss[i], n),
		     v->loss[i] ? STYLE_WARN : STYLE_DIM, loss_help((enum vmp_loss)i));
}

static void events(struct lines *l, const struct view *v, bool utf8)
{
	unsigned int missing = 0;

	if (!v->nevents)
		return;
	for (uint32_t i = 0; i < v->nevents; i++)
		missing += !v->events[i].counted;
	title(l, missing ? "Events that are not counted" : "Events: all that were asked for are counted");
	for (uint32_t i = 0; i < v->nevents; i++) {
		const struct sample_event *e = &v->events[i];
		struct buf name = {0}, why = {0};

		if (e->counted)
			continue;
		text_safe(&name, e->name, utf8);
		text_safe(&why, e->why, utf8);
		line(l, name.data, event_mode_name((enum event_mode)e->mode), STYLE_DIM, why.data);
		buf_free(&name);
		buf_free(&why);
	}
}

static unsigned int all(struct lines *l)
{
	const struct view *v = l->d->ui->now.view;
	bool utf8 = l->d->s->utf8;

	l->n = 0;
	host(l, v, utf8);
	probes(l, v, utf8);
	hidden(l, v, utf8);
	losses(l, v);
	events(l, v, utf8);
	return l->n;
}

void draw_host(struct draw *d, struct area a)
{
	struct place *p = &d->ui->places[d->ui->depth];
	struct lines l = {.d = d, .a = a};
	unsigned int n;

	/* once to count them */
	l.a.h = 0;
	n = all(&l);
	l.a.h = a.h;
	l.skip = p->top = scrolled(p->top, ~0U, n, a.h);
	all(&l);
	d->ui->layout.rows_y = a.y;
	d->ui->layout.rows_h = a.h;
	d->first = p->top + 1;
	d->last = n - p->top < a.h ? n : p->top + a.h;
	d->of = n;
}
