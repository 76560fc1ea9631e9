// SPDX-License-Identifier: GPL-2.0-only
/* gen TEMPLATE: prints it with its parts filled in. */
#include "gen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lib/log.h"
#include "../../lib/mem.h"

bool takes_value(const struct option_def *o)
{
	return o->type != OPTION_FLAG && o->type != OPTION_COUNT;
}

static bool called(const struct option_def *o, const char *metavar)
{
	return o->metavar && !strcmp(o->metavar, metavar);
}

bool value_is_path(const struct option_def *o)
{
	return called(o, "FILE") || called(o, "DIR");
}

bool value_is_vm(const struct option_def *o)
{
	return called(o, "VM");
}

bool value_is_events(const struct option_def *o)
{
	return !strcmp(o->name, "events") || called(o, "EVENT");
}

bool value_is_choice(const struct option_def *o)
{
	return o->metavar && strchr(o->metavar, '|');
}

bool next_choice(const char **p, const char **choice, size_t *len)
{
	if (!*p)
		return false;
	*choice = *p;
	*len = strcspn(*p, "|");
	*p = (*p)[*len] ? *p + *len + 1 : NULL;
	return true;
}

const struct command *command_find(const char *name)
{
	const struct command *c = cmd_commands;

	while (c->name && strcmp(c->name, name) != 0)
		c++;
	return c->name ? c : NULL;
}

void add_joined(struct buf *b, const char *name)
{
	for (const char *s = name; *s; s++)
		buf_add(b, *s == ' ' ? "-" : s, 1);
}

/* Where commands do not agree whether an option takes a value, completions cannot tell what is one. */
static bool check(void)
{
	for (const struct option_def *o = cmd_options; o->name; o++) {
		for (const struct option_def *p = o + 1; p->name; p++) {
			bool same = !strcmp(o->name, p->name) || (o->letter && o->letter == p->letter);

			if (same && takes_value(o) != takes_value(p)) {
				log_err("--%s and --%s: do they take a value?", o->name, p->name);
				return false;
			}
		}
	}
	return true;
}

/* A man page, for scdoc. */
static bool is_page(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && !strcmp(path + n - 4, ".scd");
}

static bool read_all(struct buf *b, const char *path)
{
	FILE *f = fopen(path, "re");
	char block[4096];
	bool done;
	size_t n;

	if (!f)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)))
		buf_add(b, block, n);
	done = !ferror(f);
	fclose(f);
	return done;
}

/* A line of text as lines that are as short as manuals want them. */
static void add_wrapped(struct buf *b, const char *line)
{
	enum { WIDTH = 62 };
	const char *indent = *line == '\t' ? "\t" : !strncmp(line, "- ", 2) ? "  " : "";
	size_t column = 0;

	for (const char *s = line; *s; column++, s++) {
		/* what begins a line may mean something there */
		if (*s != ' ' || column + 1 + strcspn(s + 1, " ") < WIDTH || strchr("-.#|[]`;\\", s[1]))
			continue;
		buf_printf(b, "%.*s\n%s", (int)(s - line), line, indent);
		line = s + 1;
		column = 0;
	}
	buf_printf(b, "%s\n", line);
}

/* All of a page but what is to be shown as it is. */
static void add_page(struct buf *b, char *page)
{
	bool literal = false;
	char *line;

	while ((line = strsep(&page, "\n"))) {
		bool fence = !strncmp(line, "```", 3);

		if (!page && !*line)
			break;
		literal ^= fence;
		if (literal || fence || *line == '#')
			buf_printf(b, "%s\n", line);
		else
			add_wrapped(b, line);
	}
}

/* line: without the "@". */
static bool add_part(struct buf *b, const char *line)
{
	static const struct part *const tables[] = {man_parts, metric_parts, complete_parts};
	size_t n = strcspn(line, " ");

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct part *p = tables[i]; p->name; p++)
			if (strlen(p->name) == n && !memcmp(p->name, line, n))
				return p->make(b, line + n + strspn(line + n, " "));
	return false;
}

/* Takes text apart, which is written over. */
static bool expand(struct buf *b, char *text, const char *path)
{
	unsigned int number = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		const char *part = line + strspn(line, " \t");

		number++;
		if (*line == ';' || (!text && !*line))
			continue;
		if (*part != '@') {
			buf_printf(b, "%s\n", line);
		} else if (!add_part(b, part + 1)) {
			log_err("%s:%u: no part is called %s", path, number, part);
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	struct buf text = {0}, made = {0}, page = {0};
	bool done = false;

	if (argc != 2) {
		log_err("usage: gen TEMPLATE");
		return STATUS_USAGE;
	}
	if (!check())
		return STATUS_FAILED;
	if (!read_all(&text, argv[1]) || !text.data)
		log_err("cannot read %s: %s", argv[1], strerror(errno));
	else
		done = expand(&made, text.data, argv[1]);
	if (done && is_page(argv[1]))
		add_page(&page, made.data);
	else if (done)
		buf_add(&page, made.data, made.len);
	done = done && output_write(page.data, page.len);
	buf_free(&text);
	buf_free(&made);
	buf_free(&page);
	return done ? STATUS_DONE : STATUS_FAILED;
}
