// SPDX-License-Identifier: GPL-2.0-only
/* Man pages, as scdoc(5) has them, out of a template and the tables. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/mem.h"
#include "../../model/event.h"
#include "../../tui/key.h"
#include "../../tui/profile_state.h"
#include "gen.h"

static void scd_add(struct buf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		/* what formats, also at a line's beginning or end */
		if (strchr("\\*_#|[]`;+!", s[i]) && s[i])
			buf_puts(b, "\\");
		buf_add(b, s + i, 1);
	}
}

void scd_text(struct buf *b, const char *s)
{
	scd_add(b, s, strlen(s));
}

void scd_bold(struct buf *b, const char *s)
{
	buf_puts(b, "*");
	scd_text(b, s);
	buf_puts(b, "*");
}

static bool is_letter(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The length of the option that s begins with, "--name" or "--name.more"; 0: none. */
static size_t option_length(const char *s)
{
	size_t n = 2;

	if (s[0] != '-' || s[1] != '-' || !islower((unsigned char)s[2]))
		return 0;
	while (islower((unsigned char)s[n]) || isdigit((unsigned char)s[n]) ||
	       ((s[n] == '-' || s[n] == '.') && islower((unsigned char)s[n + 1])))
		n++;
	return n;
}

void scd_prose(struct buf *b, const char *s, const char *word)
{
	size_t len = word ? strlen(word) : 0;
	char before = ' ';

	while (*s) {
		size_t n = is_letter(before) ? 0 : option_length(s);

		if (n) {
			buf_puts(b, "*");
			scd_add(b, s, n);
			buf_puts(b, "*");
		} else if (len && !is_letter(before) && !strncmp(s, word, len) && !is_letter(s[len])) {
			n = len;
			buf_printf(b, "_%s_", word);
		} else {
			n = 1;
			scd_add(b, s, n);
		}
		before = s[n - 1];
		s += n;
	}
}

/* Words in capital letters are to be replaced: underlined; options are bold, and all else if it is asked for.
 */
static void add_usage(struct buf *b, const char *s, size_t len, bool bold)
{
	const char *end = s + len;

	while (s < end) {
		size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), option = option_length(s);

		if (n) {
			buf_printf(b, "_%.*s_", (int)n, s);
		} else if (option || bold) {
			n = option ? option : 0;
			while (!option && s + n < end && !isupper((unsigned char)s[n]))
				n++;
			buf_puts(b, "*");
			scd_add(b, s, n);
			buf_puts(b, "*");
		} else {
			n = 1;
			scd_add(b, s, n);
		}
		s += n;
	}
}

static void add_metavar(struct buf *b, const struct option_def *o)
{
	const char *p = o->metavar, *word, *sep = " ";
	size_t len;

	while (next_choice(&p, &word, &len)) {
		buf_puts(b, sep);
		add_usage(b, word, len, true);
		sep = "\\|";
	}
}

static void add_option(struct buf *b, const struct option_def *o)
{
	char *help = mem_strdup(o->help);

	if (o->letter)
		buf_printf(b, "*-%c*, ", o->letter);
	buf_printf(b, "*--%s*", o->name);
	add_metavar(b, o);
	buf_puts(b, "\n\t");
	*help = (char)toupper((unsigned char)*help);
	scd_prose(b, help, value_is_choice(o) ? NULL : o->metavar);
	buf_puts(b, ".");
	if (o->preset) {
		buf_puts(b, " The default is *");
		scd_text(b, o->preset);
		buf_puts(b, "*.");
	}
	buf_puts(b, "\n\n");
	free(help);
}

static bool add_options(struct buf *b, const char *name)
{
	const struct command *c = command_find(name);
	bool of_main = !strcmp(name, "vmperf");

	if (!c && !of_main)
		return false;
	for (const struct option_def *o = cmd_options; o->name; o++)
		if (o->commands & (of_main ? (uint32_t)CMD_MAIN : c->bit))
			add_option(b, o);
	return true;
}

/* "NAME(SECTION)" */
static bool add_title(struct buf *b, const char *title)
{
	for (const char *s = title; *s; s++)
		buf_printf(b, "%c", toupper((unsigned char)*s));
	buf_printf(b, " \"vmperf %s\" \"vmperf\"\n\n", VMPERF_VERSION);
	return *title;
}

/* What each page of a command begins with. */
static bool add_command(struct buf *b, const char *name)
{
	const struct command *c = command_find(name);
	struct buf joined = {0};
	char title[64], *text, *save;

	if (!c)
		return false;
	add_joined(&joined, name);
	snprintf(title, sizeof(title), "vmperf-%s(1)", joined.data);
	add_title(b, title);
	buf_printf(b, "# NAME\n\nvmperf-%s - ", joined.data);
	buf_free(&joined);
	scd_text(b, c->summary);
	buf_printf(b, "\n\n# SYNOPSIS\n\n*vmperf %s* ", name);
	add_usage(b, c->usage, strlen(c->usage), false);
	buf_puts(b, "\n\n# DESCRIPTION\n\n");
	text = mem_strdup(c->text);
	for (char *word = strtok_r(text, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		buf_puts(b, word == text ? "" : " ");
		scd_prose(b, word, NULL);
	}
	buf_puts(b, "\n");
	free(text);
	return true;
}

static bool add_commands(struct buf *b, const char *arguments)
{
	for (const struct command *c = cmd_commands; c->name; c++) {
		buf_puts(b, "*vmperf-");
		add_joined(b, c->name);
		buf_puts(b, "*(1)\n\t");
		scd_text(b, c->summary);
		buf_puts(b, "\n\n");
	}
	return !*arguments;
}

/* All pages but this one. */
static bool add_see_also(struct buf *b, const char *page)
{
	const char *of = strncmp(page, "vmperf-", 7) ? "" : page + 7, *sep = "";

	if (*of) {
		buf_puts(b, "*vmperf*(1)");
		sep = ", ";
	}
	for (const struct command *c = cmd_commands; c->name; c++) {
		struct buf joined = {0};

		add_joined(&joined, c->name);
		if (strcmp(joined.data, of) != 0) {
			buf_printf(b, "%s*vmperf-%s*(1)", sep, joined.data);
			sep = ", ";
		}
		buf_free(&joined);
	}
	if (strcmp(of, "metrics") != 0)
		buf_printf(b, "%s*vmperf-metrics*(7)", sep);
	buf_puts(b, "\n");
	return *page;
}

/* Of vmperf top, or of "profile". */
static bool add_keys(struct buf *b, const char *which)
{
	bool profile = !strcmp(which, "profile");
	unsigned int n = profile ? profile_key_rows_count : key_rows_count;

	for (unsigned int i = 0; i < n; i++) {
		const struct key_row *row = profile ? &profile_key_rows[i] : &key_rows[i];
		char text[KEY_TEXT];

		for (unsigned int k = 0; k < sizeof(row->keys) / sizeof(*row->keys) && row->keys[k]; k++) {
			buf_puts(b, k ? ", *" : "*");
			scd_text(b, row->act == ACT_VIEW ? "1 to 9" : key_text(row->keys[k], text));
			buf_puts(b, "*");
		}
		buf_puts(b, "\n\t");
		scd_text(b, row->help);
		buf_puts(b, ".\n\n");
	}
	return profile || !*which;
}

static bool add_events(struct buf *b, const char *arguments)
{
	const struct event_name *e;

	for (size_t i = 0; (e = event_row(i)); i++) {
		buf_puts(b, "*");
		scd_text(b, e->name);
		buf_puts(b, "*");
		if (*e->aliases) {
			buf_puts(b, " (");
			scd_text(b, e->aliases);
			buf_puts(b, ")");
		}
		buf_printf(b, "\n\t%s: ", event_group_name(e->group));
		scd_text(b, e->help);
		buf_puts(b, "\n\n");
	}
	return !*arguments;
}

const struct part man_parts[] = {
	{"title", add_title},     {"command", add_command},
	{"options", add_options}, {"commands", add_commands},
	{"keys", add_keys},       {"see-also", add_see_also},
	{"events", add_events},   {NULL},
};
