// SPDX-License-Identifier: GPL-2.0-only
/* Which command is meant; the commands know the rest. */
#include <fcntl.h>
#include <locale.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "lib/buf.h"
#include "lib/log.h"
#include "lib/mem.h"

static void add_help(struct buf *b)
{
	buf_puts(b, "Usage: vmperf [COMMAND] [OPTION...]\n\n"
		    "Tells for every VM of a KVM host where its time goes, from the host.\n"
		    "Without a command: the terminal UI.\n\nCommands:\n");
	for (const struct command *c = cmd_commands; c->name; c++)
		buf_printf(b, "  %-21s %s\n", c->name, c->summary);
	buf_puts(b, "\nOptions:\n");
	options_help(cmd_options, CMD_MAIN, b);
	buf_puts(b, "\nvmperf COMMAND --help tells about a command.\n");
}

static int help(const struct command *c)
{
	struct buf b = {0};
	int status;

	if (c) {
		buf_printf(&b, "Usage: vmperf %s %s\n\n%s\nOptions:\n", c->name, c->usage, c->text);
		options_help(cmd_options, c->bit, &b);
	} else {
		add_help(&b);
	}
	status = output_write(b.data, b.len) ? STATUS_DONE : STATUS_FAILED;
	buf_free(&b);
	return status;
}

static int version(void)
{
	static const char text[] = "vmperf " VMPERF_VERSION "\n";

	return output_write(text, sizeof(text) - 1) ? STATUS_DONE : STATUS_FAILED;
}

/* Of a group, whose commands take options: a word after its name that is no command of it. */
static bool check_second(const char *name, const char *second)
{
	size_t len = strlen(name);
	const char **names = NULL, *near;
	size_t n = 0;

	for (const struct command *c = cmd_commands; c->name; c++) {
		if (strncmp(c->name, name, len) != 0 || c->name[len] != ' ')
			continue;
		names = mem_resize(names, n + 2, sizeof(*names));
		names[n++] = c->name + len + 1;
		names[n] = NULL;
	}
	if (!n)
		return true;
	near = options_nearest(second, names);
	free(names);
	if (near)
		log_err("unknown command '%s %.60s' (did you mean %s %s?)", name, second, name, near);
	else
		log_err("unknown command '%s %.60s' (vmperf --help lists the commands)", name, second);
	return false;
}

/* The command that argv[*at] names, or it and the word after it, which *at then is. */
static const struct command *find_command(int argc, char *const *argv, int *at)
{
	const char *name = argv[*at], **names = NULL, *near;
	const struct command *found = NULL;
	size_t n = 0, len = strlen(name);

	for (const struct command *c = cmd_commands; c->name; c++) {
		if (!strcmp(c->name, name))
			found = c;
		if (*at + 1 < argc && !strncmp(c->name, name, len) && c->name[len] == ' ' &&
		    !strcmp(c->name + len + 1, argv[*at + 1])) {
			found = c;
			++*at;
			break;
		}
		names = mem_resize(names, n + 2, sizeof(*names));
		names[n++] = c->name;
		names[n] = NULL;
	}
	near = found ? NULL : options_nearest(name, names);
	free(names);
	if (found && found->name[len] == '\0' && *at + 1 < argc && argv[*at + 1][0] != '-' &&
	    !check_second(name, argv[*at + 1]))
		return NULL;
	if (found)
		return found;
	if (near)
		log_err("unknown command '%.60s' (did you mean %s?)", name, near);
	else
		log_err("unknown command '%.60s' (vmperf --help lists the commands)", name);
	return NULL;
}

/* What follows the options: nothing, or "-- COMMAND" where that is taken. */
static bool check_rest(const struct command *c, const struct options_result *r, int argc, char *const *argv,
		       struct settings *s)
{
	if (c->takes_argv && r->terminated) {
		if (r->next >= argc) {
			log_err("%s: a command must follow -- (or leave -- out)", c->name);
			return false;
		}
		s->argv = argv + r->next;
		return true;
	}
	if (r->next >= argc)
		return true;
	log_err("%s: unexpected argument '%.60s' (%s)", c->name, argv[r->next],
		c->takes_argv ? "a command to measure follows --" : "it takes options only");
	return false;
}

/* Options, and words between them where those are taken; after "--" there are no more options. */
static bool parse(const struct command *c, int argc, char *const *argv, int first, struct settings *s,
		  struct options_result *r)
{
	struct options_list *w = &s->words;

	do {
		if (!options_parse(cmd_options, c->bit, argc, argv, first, s, r))
			return false;
		if (!c->takes_words || (c->takes_argv && r->terminated))
			return true;
		for (; r->next < argc; r->next++) {
			w->items = mem_resize(w->items, (size_t)w->n + 1, sizeof(*w->items));
			w->items[w->n++] = argv[r->next];
			if (!r->terminated)
				break;
		}
		first = r->next + 1;
	} while (r->next < argc);
	return true;
}

static int run_command(const struct command *c, int argc, char *const *argv, int first, struct settings *s)
{
	struct options_result r;

	options_preset(cmd_options, c->bit, s);
	if (!parse(c, argc, argv, first, s, &r)) {
		log_err("%s: %s", c->name, r.error);
		return STATUS_USAGE;
	}
	log_set_verbose(s->verbose);
	if (s->help)
		return help(c);
	if (!check_rest(c, &r, argc, argv, s))
		return STATUS_USAGE;
	for (uint32_t i = 0; i < s->words.n; i++) {
		if (!*s->words.items[i]) {
			log_err("%s: an argument is empty", c->name);
			return STATUS_USAGE;
		}
	}
	return c->run(s);
}

/*
 * Where standard ones are closed, the next file that is opened would be one of
 * them: messages would get into a record.  These fail when they are used, too.
 */
static bool fill_standard(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	const struct command *c;
	struct settings s = {0};
	struct options_result r;
	int status, at;

	if (!fill_standard())
		return STATUS_FAILED;
	/* which characters the terminal takes; numbers stay as C has them */
	setlocale(LC_CTYPE, "");
	if (!options_parse(cmd_options, CMD_MAIN, argc, argv, 1, &s, &r) ||
	    (r.next >= argc && !s.help && !s.version)) {
		/* no command, or an option of one: the terminal UI's */
		status = run_command(cmd_commands, argc, argv, 1, &s);
	} else if (s.help) {
		status = help(NULL);
	} else if (s.version) {
		status = version();
	} else {
		at = r.next;
		c = find_command(argc, argv, &at);
		status = c ? run_command(c, argc, argv, at + 1, &s) : STATUS_USAGE;
	}
	options_free(cmd_options, &s);
	free(s.words.items);
	return status;
}
