// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../lib/units.h"
#include "../model/index.h"
#include "../model/label.h"
#include "../model/profile_tree.h"
#include "html.h"
#include "node.h"
#include "profile.h"

/* A page of more frames than that leaves out those of less than a ten thousandth. */
#define FRAMES_MANY 20000
#define SHARE_LEAST 1e-4
/* Deeper frames cannot be told apart any more. */
#define DEPTH_MOST  500
/* Rows of the table below the graph. */
#define ROWS_MOST   200

/* made from the files of these names */
static const char css[] = ""
#include "flame.css.inc"
	;

static const char script[] = ""
#include "flame.js.inc"
	;

static const char script_hash[] = ""
#include "flame.js.hash"
	;

static void head(struct buf *b, const char *title)
{
	buf_puts(b, "<!DOCTYPE html>\n"
		    "<html lang=\"en\">\n"
		    "<head>\n"
		    "<meta charset=\"utf-8\">\n"
		    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
		    "'unsafe-inline'; img-src data:; script-src '");
	buf_puts(b, script_hash);
	buf_puts(b, "'\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n"
		    "<link rel=\"icon\" href=\"data:,\">\n"
		    "<title>vmperf profile: ");
	html_text(b, title);
	buf_puts(b, "</title>\n<style>\n");
	buf_puts(b, css);
	buf_puts(b, "</style>\n</head>\n<body>\n<header>\n<h1>");
	html_text(b, title);
	buf_puts(b, "</h1>\n");
}

static void introduction(struct buf *b, const struct profile_rows *r)
{
	const struct profile *p = r->profile;
	char number[UNITS_SIZE];

	buf_puts(b, "<p class=\"soft\">");
	for (uint32_t i = 0; i < p->nevents; i++) {
		if (!r->events[i].samples)
			continue;
		html_text(b, p->events[i].name);
		if (p->events[i].freq)
			buf_printf(b, " at %" PRIu64 " Hz", p->events[i].freq);
		buf_puts(b, ", ");
	}
	buf_printf(b, "%" PRIu64 " sample%s", r->total.samples, r->total.samples == 1 ? "" : "s");
	if (p->duration_ns)
		buf_printf(b, " in %s", units_ns((double)p->duration_ns, number));
	if (*p->hostname) {
		buf_puts(b, ", host ");
		html_text(b, p->hostname);
	}
	if (*p->kernel) {
		buf_puts(b, ", Linux ");
		html_text(b, p->kernel);
	}
	buf_puts(b, "; by vmperf</p>\n");
	if (p->lost)
		buf_printf(b, "<p class=\"warn\">Lost: %" PRIu64 " samples</p>\n", p->lost);
	if (p->foreign)
		buf_printf(b, "<p class=\"soft\">Left out: %" PRIu64 " samples of what is no VM</p>\n",
			   p->foreign);
	buf_puts(b, "</header>\n<main>\n");
}

static void number_cell(struct buf *b, uint64_t n)
{
	buf_printf(b, "<td class=\"n\">%" PRIu64 "</td>", n);
}

static void share_cell(struct buf *b, double share)
{
	char number[UNITS_SIZE];

	buf_puts(b, "<td class=\"n\">");
	html_text(b, units_ratio(share, number));
	buf_puts(b, "</td>");
}

static void vm_row(struct buf *b, const struct profile_rows *r, uint32_t vm, const struct profile_weight *all)
{
	const struct profile_split *s = &r->vms[vm];
	struct buf name = {0};

	buf_add(&name, "", 0);
	profile_rows_vm_text(r, vm, &name);
	buf_puts(b, "<tr><td>");
	html_text(b, name.data);
	buf_free(&name);
	buf_puts(b, "</td>");
	number_cell(b, s->sum.samples);
	share_cell(b, out_profile_part(r, &s->sum, all));
	buf_puts(b, "<td><div class=\"bar\" aria-hidden=\"true\">");
	for (int m = 0; m < PROFILE_MODES; m++)
		buf_printf(b, "<span class=\"m%d\" style=\"width:%.3f%%\"></span>", m,
			   out_profile_part(r, &s->modes[m], &s->sum) * 100);
	buf_puts(b, "</div></td>");
	for (int m = 0; m < PROFILE_OTHER; m++)
		share_cell(b, out_profile_part(r, &s->modes[m], &s->sum));
	buf_puts(b, "</tr>\n");
}

static void vms(struct buf *b, const struct profile_rows *r)
{
	struct profile_weight all = {0};
	uint32_t n, *list = out_profile_vms(r, &n);

	buf_puts(b,
		 "<h2>VMs</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>VM</th><th class=\"n\">samples"
		 "</th><th class=\"n\">share</th><th style=\"width:35%\">of the VM</th>");
	for (int m = 0; m < PROFILE_OTHER; m++)
		buf_printf(b, "<th class=\"n\"><span class=\"key m%d\"></span>%s</th>", m,
			   profile_mode_name((enum profile_mode)m));
	buf_puts(b, "</tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < n; i++)
		profile_weight_add(&all, &r->vms[list[i]].sum);
	for (uint32_t i = 0; i < n; i++)
		vm_row(b, r, list[i], &all);
	buf_puts(b, "</tbody>\n</table></div>\n");
	free(list);
}

/* Texts of the page, each once, in the order of their first use. */
struct page_texts {
	struct index_texts texts;
	char **owned;
};

static uint32_t page_text(struct page_texts *t, const char *s)
{
	uint32_t n = t->texts.n, at;
	struct buf clean = {0};

	buf_add(&clean, "", 0);
	label_clean(&clean, s);
	at = index_text(&t->texts, clean.data);
	if (at < n) {
		buf_free(&clean);
	} else {
		t->owned = index_room(t->owned, n, sizeof(*t->owned));
		t->owned[n] = clean.data;
	}
	return at;
}

/* JSON inside of a page: "<", ">" and "&" stand in texts only, where they can be written otherwise. */
static void add_data(struct buf *b, const char *id, const struct buf *json)
{
	buf_printf(b, "<script type=\"application/json\" id=\"%s\">", id);
	for (size_t i = 0; i < json->len; i++) {
		if (strchr("<>&", json->data[i]))
			buf_printf(b, "\\u%04x", (unsigned int)json->data[i]);
		else
			buf_add(b, json->data + i, 1);
	}
	buf_puts(b, "</script>\n");
}

static bool left_out(const struct profile_tree *t, const struct profile_node *n)
{
	if (n->depth > DEPTH_MOST)
		return true;
	return t->n > FRAMES_MANY && n->depth >= PROFILE_TREE_FRAME &&
	       out_profile_part(t->rows, &n->sum, &t->nodes[0].sum) < SHARE_LEAST;
}

static void add_frame(struct buf *b, const struct profile_tree *t, const struct profile_node *n,
		      struct page_texts *texts)
{
	bool frame = n->depth >= PROFILE_TREE_FRAME;
	struct buf name = {0};
	int64_t module = -1;

	profile_tree_name(t, n, &name);
	if (frame)
		module = page_text(texts, t->texts[n->module]);
	buf_printf(b, "%s%" PRIu32 ",%" PRIu32 ",%" PRId64 ",%d,%" PRIu64 ",%" PRIu64, b->len > 1 ? "," : "",
		   n->depth, page_text(texts, name.data), module,
		   n->depth >= PROFILE_TREE_MODE ? (int)n->mode : -1, profile_rows_weight(t->rows, &n->sum),
		   n->sum.samples);
	buf_free(&name);
}

/* The frames of the graph.  Returns how many it leaves out (those below them not counted). */
static uint32_t data(struct buf *b, const struct profile_rows *r)
{
	struct page_texts texts = {.texts.seed = (uintptr_t)r->profile};
	struct buf frames = {0}, json = {0};
	json_t *list = node_checked(json_array());
	struct profile_tree t;
	uint32_t at = 0, left = 0;

	profile_tree_make(&t, r);
	buf_puts(&frames, "[");
	do {
		bool leave = left_out(&t, &t.nodes[at]);

		if (!leave)
			add_frame(&frames, &t, &t.nodes[at], &texts);
		left += leave;
		at = leave ? profile_tree_beside(&t, at) : profile_tree_after(&t, at);
	} while (at);
	buf_puts(&frames, "]");
	for (uint32_t i = 0; i < texts.texts.n; i++) {
		node_append(list, node_text(texts.owned[i]));
		free(texts.owned[i]);
	}
	node_print(&json, list);
	add_data(b, "texts", &json);
	add_data(b, "frames", &frames);
	index_texts_free(&texts.texts);
	free(texts.owned);
	buf_free(&json);
	buf_free(&frames);
	profile_tree_free(&t);
	return left;
}

static void graph(struct buf *b, const struct profile_rows *r)
{
	uint32_t left;

	buf_puts(b,
		 "<section id=\"graph\" aria-label=\"Flame graph\" hidden>\n<h2>Flame graph</h2>\n"
		 "<div class=\"tools\"><input id=\"search\" type=\"search\" placeholder=\"Search functions "
		 "and modules\" aria-label=\"Search functions and modules\"><button "
		 "id=\"reset\">Reset</button>"
		 "<span id=\"found\" role=\"status\"></span></div>\n"
		 "<canvas id=\"canvas\" tabindex=\"0\" role=\"img\" aria-label=\"Flame graph: arrow keys "
		 "move, "
		 "Enter zooms\" aria-describedby=\"detail\"></canvas>\n"
		 "<p id=\"detail\" role=\"status\"></p>\n"
		 "<p class=\"soft\">Click zooms; <kbd>/</kbd> search, <kbd>Esc</kbd> all, arrow keys and "
		 "<kbd>Enter</kbd> move and zoom, <kbd>Backspace</kbd> goes up.</p>\n"
		 "<div id=\"tip\" hidden></div>\n");
	left = data(b, r);
	if (left)
		buf_printf(b,
			   "<p class=\"soft\">Left out: %" PRIu32
			   " frames of less than 0.01%%, or very deep ones</p>\n",
			   left);
	buf_puts(b, "</section>\n<noscript><p>The flame graph needs JavaScript.</p></noscript>\n");
}

/* What the graph shows, for those who cannot see it. */
static void rows(struct buf *b, const struct profile_rows *r)
{
	struct buf text = {0};
	size_t n = r->n < ROWS_MOST ? r->n : ROWS_MOST;

	buf_puts(b, "<h2>What takes most</h2>\n<div class=\"scroll\"><table class=\"rows\">\n<thead><tr><th "
		    "class=\"n\">share</th>"
		    "<th class=\"n\">samples</th>");
	for (int k = 0; k < PROFILE_KEYS; k++)
		if (r->keys & 1U << k)
			buf_printf(b, "<th>%s</th>",
				   k == PROFILE_BY_VM ? "VM" : profile_key_name((enum profile_key)k));
	buf_puts(b, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++) {
		const struct profile_row *row = &r->rows[i];

		buf_puts(b, "<tr>");
		share_cell(b, profile_rows_share(r, row->like.event, &row->sum));
		number_cell(b, row->sum.samples);
		for (int k = 0; k < PROFILE_KEYS; k++) {
			if (!(r->keys & 1U << k))
				continue;
			buf_puts(b, "<td>");
			profile_row_text(r, row, (enum profile_key)k, &text);
			html_text(b, text.len ? text.data : "-");
			buf_puts(b, "</td>");
			buf_free(&text);
		}
		buf_puts(b, "</tr>\n");
	}
	buf_puts(b, "</tbody>\n</table></div>\n");
}

void out_profile_html(struct buf *b, const struct profile_rows *r, const char *title)
{
	head(b, title);
	introduction(b, r);
	vms(b, r);
	graph(b, r);
	rows(b, r);
	buf_puts(b, "</main>\n<script>");
	buf_puts(b, script);
	buf_puts(b, "</script>\n</body>\n</html>\n");
}
