// SPDX-License-Identifier: GPL-2.0-only
/* Completions of bash, zsh and fish. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../../model/event.h"
#include "gen.h"

/*
 * The command that is meant, as the templates call it: "vmperf" as long as none
 * is named, which has the options of the first command, too.
 */
#define NONE "vmperf"

static uint32_t none_bits(void)
{
	return CMD_MAIN | cmd_commands[0].bit;
}

static void add_choices(struct buf *b, const struct option_def *o, const char *colon)
{
	const char *p = o->metavar, *word, *sep = "";
	size_t len;

	while (next_choice(&p, &word, &len)) {
		buf_puts(b, sep);
		/* of "top:N" what is to be replaced is for people to type */
		for (size_t i = 0; i < len && !isupper((unsigned char)word[i]); i++)
			buf_printf(b, "%s%c", word[i] == ':' ? colon : "", word[i]);
		sep = " ";
	}
}

static bool event_names(struct buf *b, const char *arguments)
{
	const struct event_name *e;

	buf_puts(b, "none default");
	for (size_t i = 0; (e = event_row(i)); i++)
		buf_printf(b, " %s", e->name);
	buf_puts(b, "\n");
	return !*arguments;
}

/* Commands of one word. */
static bool command_names(struct buf *b, const char *arguments)
{
	for (const struct command *c = cmd_commands; c->name; c++)
		if (!strchr(c->name, ' '))
			buf_printf(b, "%s%s", c == cmd_commands ? "" : " ", c->name);
	buf_puts(b, "\n");
	return !*arguments;
}

/* The second words of the commands whose first one is this, with sep before each.  Whether there are any. */
static bool add_seconds(struct buf *b, const char *first, const char *sep)
{
	size_t n = strlen(first);
	bool any = false;

	for (const struct command *c = cmd_commands; c->name; c++) {
		if (strncmp(c->name, first, n) != 0 || c->name[n] != ' ')
			continue;
		buf_printf(b, "%s%s", sep, c->name + n + 1);
		any = true;
	}
	return any;
}

/* Commands of two words, as "profile-record". */
static bool pairs(struct buf *b, const char *before)
{
	buf_puts(b, before);
	for (const struct command *c = cmd_commands; c->name; c++) {
		if (!strchr(c->name, ' '))
			continue;
		buf_puts(b, " ");
		add_joined(b, c->name);
	}
	return true;
}

static bool bash_pairs(struct buf *b, const char *arguments)
{
	pairs(b, "\tlocal pairs='");
	buf_puts(b, " '\n");
	return !*arguments;
}

static bool zsh_pairs(struct buf *b, const char *arguments)
{
	pairs(b, "\tlocal -a pairs=(");
	buf_puts(b, ")\n");
	return !*arguments;
}

static bool fish_pairs(struct buf *b, const char *arguments)
{
	pairs(b, "\tset -l pairs");
	buf_puts(b, "\n");
	return !*arguments;
}

static bool bash_seconds(struct buf *b, const char *arguments)
{
	for (const struct command *c = cmd_commands; c->name; c++) {
		struct buf words = {0};

		if (add_seconds(&words, c->name, " "))
			buf_printf(b, "\t%s)\n\t\t_vmperf_words%s\n\t\t;;\n", c->name, words.data);
		buf_free(&words);
	}
	return !*arguments;
}

/* Those before o have its name already. */
static bool named_before(const struct option_def *o)
{
	for (const struct option_def *p = cmd_options; p < o; p++)
		if (!strcmp(p->name, o->name))
			return true;
	return false;
}

/* "main": options of vmperf itself, "valued": those that take a value; with sep between. */
static bool add_pattern(struct buf *b, const char *which, const char *sep)
{
	bool of_main = !strcmp(which, "main"), any = false;

	for (const struct option_def *o = cmd_options; o->name; o++) {
		if (of_main ? !(o->commands & CMD_MAIN) : !takes_value(o) || named_before(o))
			continue;
		buf_printf(b, "%s--%s", any ? sep : "", o->name);
		if (o->letter)
			buf_printf(b, "%s-%c", sep, o->letter);
		any = true;
	}
	return of_main || !strcmp(which, "valued");
}

static bool bash_pattern(struct buf *b, const char *which)
{
	bool known = add_pattern(b, which, " | ");

	buf_puts(b, ")\n");
	return known;
}

static void bash_options_of(struct buf *b, const char *name, uint32_t commands)
{
	buf_puts(b, "\t");
	add_joined(b, name);
	buf_puts(b, ") _vmperf_words");
	for (const struct option_def *o = cmd_options; o->name; o++) {
		if (!(o->commands & commands))
			continue;
		if (o->letter)
			buf_printf(b, " -%c", o->letter);
		buf_printf(b, " --%s", o->name);
	}
	buf_puts(b, " ;;\n");
}

static bool bash_options(struct buf *b, const char *arguments)
{
	bash_options_of(b, NONE, none_bits());
	for (const struct command *c = cmd_commands; c->name; c++)
		bash_options_of(b, c->name, c->bit);
	return !*arguments;
}

/* Nothing where there is nothing to be offered. */
static void bash_values_of(struct buf *b, const char *name, uint32_t commands)
{
	for (const struct option_def *o = cmd_options; o->name; o++) {
		const char *function = value_is_path(o)     ? "_vmperf_files"
				       : value_is_vm(o)     ? "_vmperf_vms"
				       : value_is_events(o) ? "_vmperf_events"
				       : value_is_choice(o) ? "_vmperf_words "
							    : NULL;

		if (!(o->commands & commands) || !takes_value(o) || !function)
			continue;
		buf_puts(b, "\t");
		add_joined(b, name);
		buf_printf(b, "--%s", o->name);
		if (o->letter) {
			buf_puts(b, " | ");
			add_joined(b, name);
			buf_printf(b, "-%c", o->letter);
		}
		buf_printf(b, ") %s", function);
		if (value_is_choice(o))
			add_choices(b, o, "");
		buf_puts(b, " ;;\n");
	}
}

static bool bash_values(struct buf *b, const char *arguments)
{
	bash_values_of(b, NONE, cmd_commands[0].bit);
	for (const struct command *c = cmd_commands; c->name; c++)
		bash_values_of(b, c->name, c->bit);
	return !*arguments;
}

/* "files": names of commands that take files besides options, "events": those that take events; "" none. */
static const char *operands(const struct command *c)
{
	return !c->takes_words ? "" : strstr(c->usage, "PATTERN") ? "events" : "files";
}

static bool add_operands(struct buf *b, const char *which, const char *sep)
{
	bool any = false;

	for (const struct command *c = cmd_commands; c->name; c++) {
		if (strcmp(operands(c), which) != 0)
			continue;
		buf_puts(b, any ? sep : "");
		add_joined(b, c->name);
		any = true;
	}
	return any;
}

static bool bash_operands(struct buf *b, const char *which)
{
	bool any = add_operands(b, which, " | ");

	buf_puts(b, ")\n");
	return any;
}

/* Within single quotes; a backslash before each of "before". */
static void add_quoted(struct buf *b, const char *s, const char *before)
{
	for (; *s; s++) {
		if (*s == '\'')
			buf_puts(b, "'\\'");
		if (strchr(before, *s))
			buf_puts(b, "\\");
		buf_add(b, s, 1);
	}
}

static void zsh_option(struct buf *b, const struct option_def *o)
{
	bool value = takes_value(o);

	buf_puts(b, "\t\t\t");
	if (o->letter && (o->type == OPTION_LIST || o->type == OPTION_COUNT))
		buf_puts(b, "'*'");
	else if (o->letter)
		buf_printf(b, "'(-%c --%s)'", o->letter, o->name);
	if (o->letter)
		buf_printf(b, "{-%c%s,--%s%s}'[", o->letter, value ? "+" : "", o->name, value ? "=" : "");
	else
		buf_printf(b, "'%s--%s%s[", o->type == OPTION_LIST ? "*" : "", o->name, value ? "=" : "");
	add_quoted(b, o->help, "[]\\");
	buf_puts(b, "]");
	if (value_is_choice(o)) {
		buf_printf(b, ":%s:(", o->name);
		add_choices(b, o, "\\");
		buf_puts(b, ")");
	} else if (value) {
		buf_printf(b, ":%s:%s", o->metavar,
			   value_is_path(o)     ? "_files"
			   : value_is_vm(o)     ? "_vmperf_vms"
			   : value_is_events(o) ? "_vmperf_events"
						: " ");
	}
	buf_puts(b, "' \\\n");
}

static bool zsh_options(struct buf *b, const char *name)
{
	const struct command *c = command_find(name);
	uint32_t commands = c ? c->bit : none_bits();

	for (const struct option_def *o = cmd_options; o->name; o++)
		if (o->commands & commands)
			zsh_option(b, o);
	return c || !strcmp(name, NONE);
}

static bool zsh_cases(struct buf *b, const char *arguments)
{
	for (const struct command *c = cmd_commands; c->name; c++) {
		const char *files = operands(c);
		struct buf seconds = {0};

		buf_puts(b, "\t");
		add_joined(b, c->name);
		buf_puts(b, ")\n\t\t_arguments -s -S \\\n");
		zsh_options(b, c->name);
		if (add_seconds(&seconds, c->name, " "))
			buf_printf(b, "\t\t\t'1:command:(%s)' \\\n", seconds.data + 1);
		buf_free(&seconds);
		if (!strcmp(files, "files"))
			buf_puts(b, "\t\t\t'*:file:_files' \\\n");
		else if (!strcmp(files, "events"))
			buf_puts(b, "\t\t\t'*:event:_vmperf_events' \\\n");
		buf_puts(b, "\t\t\t&& ret=0\n\t\t;;\n");
	}
	return !*arguments;
}

static bool zsh_commands(struct buf *b, const char *arguments)
{
	for (const struct command *c = cmd_commands; c->name; c++) {
		if (strchr(c->name, ' '))
			continue;
		buf_printf(b, "\t\t'%s:", c->name);
		add_quoted(b, c->summary, ":");
		buf_puts(b, "'\n");
	}
	return !*arguments;
}

/* fish knows no '\'' but has the backslash within quotes. */
static void fish_quoted(struct buf *b, const char *s)
{
	buf_puts(b, "'");
	for (; *s; s++) {
		if (strchr("'\\", *s))
			buf_puts(b, "\\");
		buf_add(b, s, 1);
	}
	buf_puts(b, "'");
}

static bool fish_list(struct buf *b, const char *which)
{
	bool known;

	buf_puts(b, "\tset -l options ");
	known = add_pattern(b, which, " ");
	buf_puts(b, "\n");
	return known;
}

static bool fish_commands(struct buf *b, const char *arguments)
{
	for (const struct command *c = cmd_commands; c->name; c++) {
		const char *second = strchr(c->name, ' ');

		buf_printf(b, "complete -c vmperf -n 'test (__vmperf_at) = %.*s' -a %s -d ",
			   second ? (int)(second - c->name) : (int)strlen(NONE), second ? c->name : NONE,
			   second ? second + 1 : c->name);
		fish_quoted(b, c->summary);
		buf_puts(b, "\n");
	}
	return !*arguments;
}

static bool fish_operands(struct buf *b, const char *which)
{
	bool any;

	buf_puts(b, "complete -c vmperf -n 'contains -- (__vmperf_at) ");
	any = add_operands(b, which, " ");
	buf_printf(b, "' %s\n", !strcmp(which, "files") ? "-F" : "-a '(__vmperf_events)'");
	return any;
}

static void fish_option(struct buf *b, const struct option_def *o)
{
	buf_puts(b, "complete -c vmperf -n 'contains -- (__vmperf_at)");
	if (o->commands & none_bits())
		buf_puts(b, " " NONE);
	for (const struct command *c = cmd_commands; c->name; c++)
		if (o->commands & c->bit) {
			buf_puts(b, " ");
			add_joined(b, c->name);
		}
	buf_puts(b, "'");
	if (o->letter)
		buf_printf(b, " -s %c", o->letter);
	buf_printf(b, " -l %s", o->name);
	if (value_is_path(o)) {
		buf_puts(b, " -r -F");
	} else if (value_is_vm(o)) {
		buf_puts(b, " -x -a '(__vmperf_vms)'");
	} else if (value_is_events(o)) {
		buf_puts(b, " -x -a '(__vmperf_events)'");
	} else if (value_is_choice(o)) {
		buf_puts(b, " -x -a '");
		add_choices(b, o, "");
		buf_puts(b, "'");
	} else if (takes_value(o)) {
		buf_puts(b, " -x");
	}
	buf_puts(b, " -d ");
	fish_quoted(b, o->help);
	buf_puts(b, "\n");
}

static bool fish_options(struct buf *b, const char *arguments)
{
	for (const struct option_def *o = cmd_options; o->name; o++)
		fish_option(b, o);
	return !*arguments;
}

const struct part complete_parts[] = {
	{"event-names", event_names},     {"command-names", command_names}, {"bash-pattern", bash_pattern},
	{"bash-options", bash_options},   {"bash-values", bash_values},     {"bash-operands", bash_operands},
	{"zsh-commands", zsh_commands},   {"zsh-options", zsh_options},     {"zsh-cases", zsh_cases},
	{"fish-list", fish_list},         {"fish-commands", fish_commands}, {"fish-options", fish_options},
	{"fish-operands", fish_operands}, {"bash-pairs", bash_pairs},       {"bash-seconds", bash_seconds},
	{"zsh-pairs", zsh_pairs},         {"fish-pairs", fish_pairs},       {NULL},
};
