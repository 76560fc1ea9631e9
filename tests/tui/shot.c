// SPDX-License-Identifier: GPL-2.0-only
/*
 * shot [OPTION...] FILE.vmperf: prints the screen that the terminal UI shows of
 * a record at some moment, after some keys.  For tests, and for README's picture.
 */
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/options.h"
#include "record/record.h"
#include "tui/draw.h"
#include "tui/dump.h"

enum { FORMAT_TEXT, FORMAT_ANSI, FORMAT_SVG };

struct settings {
	const char *size, *at, *keys;
	int colours, theme, format;
	bool ascii, help;
};

#define AT(member) 1, offsetof(struct settings, member)

static const struct option_def options[] = {
	{"size", 0, OPTION_STRING, "WxH", 0, 0, "80x24", AT(size), "columns and lines"},
	{"colours", 0, OPTION_CHOICE, "0|8|256|true", 0, 0, "true", AT(colours), "how many there are"},
	{"ascii", 0, OPTION_FLAG, NULL, 0, 0, NULL, AT(ascii), "the terminal does not take UTF-8"},
	{"theme", 0, OPTION_CHOICE, THEME_CHOICES, 0, 0, "default", AT(theme), "what styles look like"},
	{"format", 0, OPTION_CHOICE, "text|ansi|svg", 0, 0, "text", AT(format), "of what is printed"},
	{"keys", 0, OPTION_STRING, "KEYS", 0, 0, NULL, AT(keys),
	 "are typed: x, \\r, \\e, \\t, \\b, \\\\, <F1>, <PgDn>, <Click 3,5>, <Wheel 3,5>, \\<"},
	{"at", 0, OPTION_STRING, "TIME", 0, 0, "end", AT(at), "in the record, as top --at has it"},
	{"help", 'h', OPTION_FLAG, NULL, 0, 0, NULL, AT(help), "show this and end"},
	{NULL},
};

struct shot {
	const struct settings *set;
	struct record_reader *r;
	uint32_t at;
	bool totals;
	struct history history;
	struct sample from, to;
	struct view *view;
	struct ui ui;
	struct screen screen;
};

static bool read_sample(struct shot *s, uint32_t i, struct sample *ret)
{
	char error[RECORD_ERROR];

	sample_free(ret);
	*ret = (struct sample){0};
	if (record_read(s->r, i, ret, error))
		return true;
	log_err("%s", error);
	return false;
}

/* What was before the sample that is shown, and its own interval. */
static bool make_history(struct shot *s)
{
	uint32_t i = s->at > HISTORY ? s->at - HISTORY : 0;

	history_clear(&s->history);
	if (!read_sample(s, i, &s->to))
		return false;
	while (i++ < s->at) {
		struct view *v;

		sample_free(&s->from);
		s->from = s->to;
		s->to = (struct sample){0};
		if (!read_sample(s, i, &s->to))
			return false;
		if (!record_same_session(s->r, i - 1, i))
			continue;
		v = view_build(&s->from, &s->to);
		history_add(&s->history, digest_make(v));
		view_free(v);
	}
	return true;
}

/* The UI gets the sample at s->at. */
static bool show(struct shot *s)
{
	const uint32_t count = record_count(s->r);
	uint32_t first = s->at;
	struct view *v;
	struct moment m = {
		.history = &s->history,
		.replay = true,
		.index = s->at,
		.count = count,
		.first_ns = record_entry(s->r, 0)->real_ns,
		.last_ns = record_entry(s->r, count - 1)->real_ns,
		.source = "record",
	};

	if (!make_history(s))
		return false;
	if (s->totals)
		first = record_session_begin(s->r, s->at);
	else if (first && record_same_session(s->r, first - 1, first))
		first--;
	if (!read_sample(s, first, &s->from))
		return false;
	v = view_build(&s->from, &s->to);
	m.view = v;
	ui_moment(&s->ui, &m);
	view_free(s->view);
	s->view = v;
	return true;
}

static void draw(struct shot *s)
{
	screen_clear(&s->screen);
	ui_draw(&s->ui, &s->screen);
}

/* What the loop would do, as far as it shows. */
static bool type(struct shot *s, const struct input *in)
{
	const int64_t last = (int64_t)record_count(s->r) - 1;
	struct ui_todo todo;
	int64_t at = s->at;

	/* keys go by what has been drawn last */
	draw(s);
	todo = ui_key(&s->ui, in);
	if (todo.what == TODO_TOTALS) {
		s->totals = s->ui.totals;
		return show(s);
	}
	if (todo.what != TODO_STEP)
		return true;
	at += todo.steps;
	if (todo.seconds) {
		uint64_t ns = record_entry(s->r, s->at)->real_ns;

		at = record_find(s->r, ns + (uint64_t)(todo.seconds * INT64_C(1000000000)));
	}
	s->at = (uint32_t)(at < 0 ? 0 : at > last ? last : at);
	return show(s);
}

/* "F1", "Down", "Click 3,5": false: no key of that name. */
static bool named_key(const char *name, struct input *ret)
{
	static const struct {
		const char *format;
		uint32_t key;
	} mouse[] = {{"Click %u,%u", K_CLICK}, {"Double %u,%u", K_DOUBLE}, {"Wheel %u,%u", K_WHEEL_DOWN}};
	char text[KEY_TEXT];

	for (size_t i = 0; i < sizeof(mouse) / sizeof(mouse[0]); i++) {
		ret->key = mouse[i].key;
		if (sscanf(name, mouse[i].format, &ret->x, &ret->y) == 2)
			return true;
	}
	for (uint32_t key = 1; key <= K_F12; key++) {
		if (key == 0x80)
			key = K_UP;
		if (!strcmp(key_text(key, text), name)) {
			*ret = (struct input){key, 0, 0};
			return true;
		}
	}
	return false;
}

static bool type_all(struct shot *s, const char *keys)
{
	while (*keys) {
		const char *end = strchr(keys, '>');
		struct input in = {(unsigned char)*keys, 0, 0};
		char name[KEY_TEXT];

		if (*keys == '<' && end && end - keys <= (int)sizeof(name)) {
			snprintf(name, sizeof(name), "%.*s", (int)(end - keys - 1), keys + 1);
			if (!named_key(name, &in)) {
				log_err("--keys: no key is called %s", name);
				return false;
			}
			keys = end;
		} else if (*keys == '\\' && keys[1]) {
			static const char from[] = "rteb\\<", to[] = "\r\t\x1b\x7f\\<";
			const char *c = strchr(from, *++keys);

			in.key = (unsigned char)(c ? to[c - from] : *keys);
		}
		keys++;
		if (!type(s, &in))
			return false;
	}
	return true;
}

static bool open_record(struct shot *s, const char *path)
{
	char error[RECORD_ERROR];
	uint64_t cut, when, first, last;
	uint32_t n;

	s->r = record_open(path, &cut, error);
	if (!s->r) {
		log_err("%s", error);
		return false;
	}
	n = record_count(s->r);
	if (!n) {
		log_err("%s holds no samples", path);
		return false;
	}
	first = record_entry(s->r, 0)->real_ns;
	last = record_entry(s->r, n - 1)->real_ns;
	if (!record_when(s->set->at, first, last, &when)) {
		log_err("--at: '%s' is no time", s->set->at);
		return false;
	}
	s->at = record_find(s->r, when);
	return true;
}

static void print(const struct shot *s)
{
	struct buf b = {0};

	switch (s->set->format) {
	case FORMAT_TEXT:
		dump_text(&b, &s->screen);
		break;
	case FORMAT_ANSI:
		dump_ansi(&b, &s->screen, s->ui.theme, (enum theme_depth)s->set->colours);
		break;
	default:
		dump_svg(&b, &s->screen, s->ui.theme);
	}
	fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
}

static bool run(struct shot *s, const char *path)
{
	unsigned int w, h;

	if (sscanf(s->set->size, "%ux%u", &w, &h) != 2 || w > 1000 || h > 1000) {
		log_err("--size: '%s' is none", s->set->size);
		return false;
	}
	s->screen.utf8 = !s->set->ascii;
	s->screen.colour = s->set->colours != DEPTH_NONE;
	screen_resize(&s->screen, w, h);
	ui_init(&s->ui);
	s->ui.theme = (enum theme_name)s->set->theme;
	if (!open_record(s, path) || !show(s))
		return false;
	if (s->set->keys && !type_all(s, s->set->keys))
		return false;
	draw(s);
	print(s);
	return fflush(stdout) == 0;
}

int main(int argc, char **argv)
{
	struct options_result o;
	struct settings set = {0};
	struct shot s = {.set = &set};
	bool done;

	options_preset(options, 1, &set);
	if (!options_parse(options, 1, argc, argv, 1, &set, &o)) {
		log_err("%s", o.error);
		return 2;
	}
	if (set.help || o.next != argc - 1) {
		struct buf b = {0};

		buf_puts(&b, "Usage: shot [OPTION...] FILE.vmperf\n\n");
		options_help(options, 1, &b);
		fputs(b.data, set.help ? stdout : stderr);
		buf_free(&b);
		return set.help ? 0 : 2;
	}
	done = run(&s, argv[o.next]);
	ui_free(&s.ui);
	view_free(s.view);
	sample_free(&s.from);
	sample_free(&s.to);
	history_clear(&s.history);
	screen_free(&s.screen);
	record_reader_free(s.r);
	return done ? 0 : 1;
}
