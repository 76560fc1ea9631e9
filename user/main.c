// SPDX-License-Identifier: GPL-2.0-only
/* The command table: which command is meant; the commands know the rest. */
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

static const struct command commands[] = {
	{
		.name = "top",
		.summary = "the terminal UI; what vmperf alone does, too",
		.usage = "[OPTION...]",
		.text = "Shows all VMs of this host in the terminal, the ones in trouble first: where the\n"
			"time of their vCPUs goes, which exits take it, what the hardware counted.  Enter\n"
			"goes into a VM, a vCPU, an exit reason, Esc back; h shows all keys.\n",
		.bit = CMD_TOP,
		.run = cmd_top,
	},
	{
		.name = "snapshot",
		.summary = "measure once and print: exits, their reasons and costs, per VM",
		.usage = "[OPTION...] [-- COMMAND [ARGUMENT...]]",
		.text = "Measures all VMs of this host for one interval, or while COMMAND runs, and\n"
			"prints where the time of their vCPUs went, which exits took it and what the\n"
			"hardware counted.  Ctrl-C ends the interval early.  Ends with COMMAND's status\n"
			"when one is given.\n",
		.bit = CMD_SNAPSHOT,
		.takes_argv = true,
		.run = cmd_snapshot,
	},
	{
		.name = "record",
		.summary = "write samples to a file, to be looked at later, elsewhere, again",
		.usage = "[OPTION...] FILE [-- COMMAND [ARGUMENT...]]",
		.text = "Measures all VMs of this host and appends a sample to FILE each interval, until\n"
			"Ctrl-C, for --duration, or while COMMAND runs; tells its progress on standard\n"
			"error.  FILE may be read meanwhile, and after a crash: vmperf top, snapshot\n"
			"--replay FILE show it as if it were now, vmperf diff compares.\n",
		.bit = CMD_RECORD,
		.takes_words = true,
		.takes_argv = true,
		.run = cmd_record,
	},
	{
		.name = "diff",
		.summary = "compare two records, or two times in one: what changed most",
		.usage = "[OPTION...] A B | FILE --at WHEN --at WHEN",
		.text = "Compares the last runs that were recorded in A and in B, or what was at WHEN in\n"
			"each (--at once or twice), or two times of one record: per second and per vCPU,\n"
			"so the lengths need not be the same.  VMs are matched by UUID, else by name; the\n"
			"ones whose lost time changed most come first.  A change is absolute, and in\n"
			"brackets in relation to A: +1.70k (+14%), +6.70us (3.1x); that of a share is in\n"
			"points of a hundred: from 10% to 15% it is +5.0 points (+50%).\n",
		.bit = CMD_DIFF,
		.takes_words = true,
		.run = cmd_diff,
	},
	{
		.name = "events",
		.summary = "what can be counted here, under which names",
		.usage = "[OPTION...] [PATTERN...]",
		.text = "Lists the events that --events of other commands takes: all, or those whose\n"
			"name or group (hardware, cache, software, raw, pmu, model, resctrl) a PATTERN\n"
			"matches (* and ? as in a shell); for each whether it can be counted here, guest\n"
			"and host apart or both in one, what counts it and its other names.  Tries each\n"
			"for a moment; needs no privilege, but sees more as root.\n",
		.bit = CMD_EVENTS,
		.takes_words = true,
		.run = cmd_events,
	},
	{
		.name = "doctor",
		.summary = "what works on this host, what does not, why, and what to do about it",
		.usage = "[OPTION...]",
		.text = "Looks at what this host offers for measuring VMs: each line is ok, degraded or\n"
			"missing, with the reason and the remedy.  Changes nothing; needs no privilege,\n"
			"but sees more as root.\n",
		.bit = CMD_DOCTOR,
		.run = cmd_doctor,
	},
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static void add_help(struct buf *b)
{
	buf_puts(b, "Usage: vmperf [COMMAND] [OPTION...]\n\n"
		    "Tells for every VM of a KVM host where its time goes, from the host.\n"
		    "Without a command: the terminal UI.\n\nCommands:\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		buf_printf(b, "  %-10s %s\n", commands[i].name, commands[i].summary);
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

static const struct command *find_command(const char *name)
{
	const char *names[NCOMMANDS + 1] = {NULL}, *near;

	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
		names[i] = commands[i].name;
	}
	near = options_nearest(name, names);
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
	int status;

	if (!fill_standard())
		return STATUS_FAILED;
	/* which characters the terminal takes; numbers stay as C has them */
	setlocale(LC_CTYPE, "");
	if (!options_parse(cmd_options, CMD_MAIN, argc, argv, 1, &s, &r) ||
	    (r.next >= argc && !s.help && !s.version)) {
		/* no command, or an option of one: the terminal UI's */
		status = run_command(&commands[0], argc, argv, 1, &s);
	} else if (s.help) {
		status = help(NULL);
	} else if (s.version) {
		status = version();
	} else {
		c = find_command(argv[r.next]);
		status = c ? run_command(c, argc, argv, r.next + 1, &s) : STATUS_USAGE;
	}
	options_free(cmd_options, &s);
	free(s.words.items);
	return status;
}
