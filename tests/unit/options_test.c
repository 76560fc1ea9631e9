// SPDX-License-Identifier: GPL-2.0-only
/* The command line: each option of the table in each of its forms, and what is refused. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

#define MS 1000000ULL

static struct settings s;
static struct options_result r;

/* Parses the words of a line for a command. */
static bool parse(uint32_t command, const char *line)
{
	static char words[512];
	char *argv[32] = {(char *)"vmperf"}, *save = NULL;
	int argc = 1;

	snprintf(words, sizeof(words), "%s", line);
	for (char *w = strtok_r(words, " ", &save); w && argc < 31; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	options_free(cmd_options, &s);
	memset(&s, 0, sizeof(s));
	options_preset(cmd_options, command, &s);
	return options_parse(cmd_options, command, argc, argv, 1, &s, &r);
}

#define OK(line) ck_assert_msg(parse(CMD_SNAPSHOT, line), "%s: %s", line, r.error)
/* Refused, with one line that has this in it. */
#define REFUSED(line, text)                                                                                  \
	do {                                                                                                 \
		ck_assert_msg(!parse(CMD_SNAPSHOT, line), "accepted: %s", line);                             \
		ck_assert_ptr_nonnull(strstr(r.error, text));                                                \
		ck_assert_ptr_null(strchr(r.error, '\n'));                                                   \
	} while (0)

START_TEST(presets)
{
	OK("");
	ck_assert_uint_eq(s.interval_ns, 1000 * MS);
	ck_assert_uint_eq(s.vms.n, 0);
	ck_assert_int_eq(s.by, BY_VM);
	ck_assert_int_eq(s.format, FORMAT_TABLE);
	ck_assert_uint_eq(s.top, 5);
	ck_assert_uint_eq(s.max_vcpus, 0);
	ck_assert(!s.no_libvirt);
	ck_assert_ptr_null(s.connect);
	ck_assert_int_eq(s.color, OUTPUT_COLOR_AUTO);
	ck_assert_int_eq(s.verbose, 0);
	ck_assert(!s.help);
	ck_assert(!s.version);
}
END_TEST

/* Each preset is one that a user could have written. */
START_TEST(presets_parse)
{
	for (const struct option_def *o = cmd_options; o->name; o++) {
		char line[128];

		if (!o->preset)
			continue;
		snprintf(line, sizeof(line), "--%s=%s", o->name, o->preset);
		ck_assert_msg(parse(o->commands, line), "%s: %s", line, r.error);
	}
}
END_TEST

/* No command has two options of one name or letter, and each option has a command and a help. */
START_TEST(table)
{
	for (const struct option_def *o = cmd_options; o->name; o++) {
		ck_assert_uint_ne(o->commands, 0);
		ck_assert_uint_gt(strlen(o->help), 5);
		ck_assert_msg(o->help[strlen(o->help) - 1] != '.', "%s", o->name);
		for (const struct option_def *p = o + 1; p->name; p++) {
			if (!(o->commands & p->commands))
				continue;
			ck_assert_str_ne(o->name, p->name);
			ck_assert(!o->letter || o->letter != p->letter);
		}
	}
}
END_TEST

START_TEST(interval)
{
	static const struct {
		const char *line;
		uint64_t ns;
	} good[] = {
		{"--interval=2", 2000 * MS},
		{"--interval 0.5", 500 * MS},
		{"-i 500ms", 500 * MS},
		{"-i2s", 2000 * MS},
		{"--interval=1m", 60000 * MS},
		{"--interval=10ms", 10 * MS},
		{"--interval=1d", 86400000 * MS},
		{"--interval=24h", 86400000 * MS},
		{"--interval=.25", 250 * MS},
		{"--interval=86400", 86400000 * MS},
		{"--interval=10000us", 10 * MS},
		{"--interval=1.", 1000 * MS},
		{"--interval=1 --interval=3", 3000 * MS},
		{"--interval=1.0000000009999999999999999999", 1000 * MS},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		OK(good[i].line);
		ck_assert_uint_eq(s.interval_ns, good[i].ns);
	}
	REFUSED("--interval=0", "out of range (from 10ms to 1d)");
	REFUSED("--interval=9ms", "out of range");
	REFUSED("--interval=0.009999999", "out of range");
	REFUSED("--interval=86400.000000001", "out of range");
	REFUSED("--interval=2d", "out of range");
	REFUSED("--interval=99999999999999999999999999999", "out of range");
	REFUSED("--interval=99999999999999999999d", "out of range");
	/* 2^64 + 10^9, ten times 2^64 + 10^9, 2^55 + 1 (times 10^9): one second if they wrapped */
	REFUSED("--interval=18446744074709551616ns", "out of range");
	REFUSED("--interval=184467440738095516160ns", "out of range");
	REFUSED("--interval=36028797018963969", "out of range");
	REFUSED("--interval=-1", "not a time");
	REFUSED("--interval -1", "needs a value");
	REFUSED("--interval=nan", "not a time");
	REFUSED("--interval=inf", "not a time");
	REFUSED("--interval=0x10", "not a time");
	REFUSED("--interval=1e3", "not a time");
	REFUSED("--interval=+1", "not a time");
	REFUSED("--interval=.", "not a time");
	REFUSED("--interval=s", "not a time");
	REFUSED("--interval=1.5.2", "not a time");
	REFUSED("--interval=1,5", "not a time");
	REFUSED("--interval=1S", "not a time");
	REFUSED("--interval=1sm", "not a time");
	REFUSED("--interval=", "empty");
	REFUSED("--interval", "needs a value");
	REFUSED("-i", "needs a value");
	REFUSED("--interval --by vm", "before '--by'");
}
END_TEST

START_TEST(vm)
{
	OK("--vm a --vm=b* --vm 1234");
	ck_assert_uint_eq(s.vms.n, 3);
	ck_assert_str_eq(s.vms.items[0], "a");
	ck_assert_str_eq(s.vms.items[1], "b*");
	ck_assert_str_eq(s.vms.items[2], "1234");
	/* a name may begin with a dash, then it is written behind = */
	OK("--vm=--by");
	ck_assert_str_eq(s.vms.items[0], "--by");
	OK("--vm=a=b");
	ck_assert_str_eq(s.vms.items[0], "a=b");
	REFUSED("--vm", "needs a value");
	REFUSED("--vm=", "empty");
	REFUSED("--vm --by vm", "needs a value");
	REFUSED("--vm -- true", "needs a value");
}
END_TEST

START_TEST(by)
{
	OK("--by=vcpu");
	ck_assert_int_eq(s.by, BY_VCPU);
	OK("--by exit");
	ck_assert_int_eq(s.by, BY_EXIT);
	OK("-b thread");
	ck_assert_int_eq(s.by, BY_THREAD);
	OK("--by=event");
	ck_assert_int_eq(s.by, BY_EVENT);
	OK("-b vm");
	ck_assert_int_eq(s.by, BY_VM);
	OK("-bexit");
	ck_assert_int_eq(s.by, BY_EXIT);
	REFUSED("--by=host", "one of vm|vcpu|exit|thread|event");
	REFUSED("--by=v", "not known");
	REFUSED("--by=VM", "not known");
	REFUSED("--by=vm|vcpu", "not known");
	REFUSED("--by", "needs a value");
	REFUSED("--by=", "empty");
}
END_TEST

START_TEST(format)
{
	OK("--format=json");
	ck_assert_int_eq(s.format, FORMAT_JSON);
	OK("--format csv");
	ck_assert_int_eq(s.format, FORMAT_CSV);
	OK("-f table");
	ck_assert_int_eq(s.format, FORMAT_TABLE);
	REFUSED("--format=xml", "one of table|json|csv");
	REFUSED("-f", "needs a value");
	/* a command that has fewer */
	ck_assert(parse(CMD_DOCTOR, "-f json"));
	ck_assert_int_eq(s.format, FORMAT_JSON);
	ck_assert(!parse(CMD_DOCTOR, "--format=csv"));
	ck_assert_ptr_nonnull(strstr(r.error, "one of table|json)"));
}
END_TEST

START_TEST(top)
{
	OK("--top=0");
	ck_assert_uint_eq(s.top, 0);
	OK("--top 12");
	ck_assert_uint_eq(s.top, 12);
	OK("-n1000");
	ck_assert_uint_eq(s.top, 1000);
	REFUSED("--top=1001", "out of range (from 0 to 1000)");
	REFUSED("--top=-1", "not a number");
	REFUSED("--top=1.5", "not a number");
	REFUSED("--top=0x1", "not a number");
	REFUSED("--top=99999999999999999999999", "out of range");
	REFUSED("--top=4294967301", "out of range");
	REFUSED("--top=18446744073709551621", "out of range");
	REFUSED("-n", "needs a value");
}
END_TEST

START_TEST(max_vcpus)
{
	OK("--max-vcpus=65536");
	ck_assert_uint_eq(s.max_vcpus, 65536);
	OK("--max-vcpus 1");
	ck_assert_uint_eq(s.max_vcpus, 1);
	OK("--max-vcpus=0");
	ck_assert_uint_eq(s.max_vcpus, 0);
	REFUSED("--max-vcpus=65537", "out of range");
	REFUSED("--max-vcpus=many", "not a number");
	REFUSED("--max-vcpus=", "empty");
	REFUSED("--max-vcpus", "needs a value");
}
END_TEST

START_TEST(sizes)
{
	static const struct {
		const char *line;
		uint64_t bytes;
	} good[] = {
		{"", 0},
		{"--max-size=0", 0},
		{"--max-size 500", 500},
		{"--max-size=64k", 64000},
		{"--max-size=1.5M", 1500000},
		{"--max-size=2G", 2000000000},
		{"--max-size=3T", 3000000000000},
		{"--max-size=.5k", 500},
		{"--max-size=0.0000000019G", 1},
	};
	static const char *const bad[] = {"1K", "1kB", "k", "-1", "1e6", "0x10", "many"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(parse(CMD_RECORD, good[i].line), "%s: %s", good[i].line, r.error);
		ck_assert_uint_eq(s.max_size, good[i].bytes);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "--max-size=%s", bad[i]);
		ck_assert_msg(!parse(CMD_RECORD, line), "accepted: %s", line);
		ck_assert_ptr_nonnull(strstr(r.error, "is not a size (write it as"));
	}
	/* more than 64 bits hold is more than is allowed, too */
	ck_assert(!parse(CMD_RECORD, "--max-size=18446744073709551617"));
	ck_assert_ptr_nonnull(strstr(r.error, "out of range (from 0 to 1000T)"));
	ck_assert(!parse(CMD_RECORD, "--max-size=1001T"));
	ck_assert(!parse(CMD_RECORD, "--max-size"));
	ck_assert(!parse(CMD_SNAPSHOT, "--max-size=1k"));
}
END_TEST

/* One option may have another preset in each command. */
START_TEST(presets_of_commands)
{
	ck_assert(parse(CMD_RECORD, ""));
	ck_assert_uint_eq(s.interval_ns, 1000 * MS);
	ck_assert_uint_eq(s.duration_ns, 0);
	ck_assert_uint_eq(s.max_files, 2);
	ck_assert(parse(CMD_DIFF, ""));
	ck_assert_uint_eq(s.interval_ns, 10000 * MS);
	ck_assert_uint_eq(s.top, 10);
	ck_assert_int_eq(s.tables, TABLES_BOTH);
	OK("");
	ck_assert_uint_eq(s.interval_ns, 1000 * MS);
	ck_assert_uint_eq(s.top, 5);
}
END_TEST

START_TEST(records)
{
	OK("--replay a.vmperf --at 15:04");
	ck_assert_str_eq(s.replay, "a.vmperf");
	ck_assert_uint_eq(s.at.n, 1);
	/* from the end; it looks like an option, so it stands behind = */
	OK("--replay a.vmperf --at=-10s");
	ck_assert_str_eq(s.at.items[0], "-10s");
	REFUSED("--at -10s", "needs a value");
	ck_assert(parse(CMD_DIFF, "--at +1m --at end --by exit a.vmperf"));
	ck_assert_uint_eq(s.at.n, 2);
	ck_assert_str_eq(s.at.items[1], "end");
	ck_assert_int_eq(s.tables, TABLES_EXIT);
	ck_assert_int_eq(r.next, 7);
	ck_assert(!parse(CMD_RECORD, "--replay a.vmperf"));
	ck_assert(!parse(CMD_RECORD, "--duration 0"));
	ck_assert(!parse(CMD_RECORD, "--max-files 0"));
}
END_TEST

START_TEST(libvirt)
{
	OK("--no-libvirt");
	ck_assert(s.no_libvirt);
	/* takes none: what follows is not its value */
	OK("--no-libvirt word");
	ck_assert(s.no_libvirt);
	ck_assert_int_eq(r.next, 2);
	REFUSED("--no-libvirt=yes", "takes no value");
	REFUSED("--no-libvirt=", "takes no value");
	OK("--connect=qemu:///session");
	ck_assert_str_eq(s.connect, "qemu:///session");
	OK("-c qemu+ssh://h/system?a=b");
	ck_assert_str_eq(s.connect, "qemu+ssh://h/system?a=b");
	REFUSED("--connect", "needs a value");
	REFUSED("-c --by", "needs a value");
	REFUSED("--connect=", "empty");
}
END_TEST

START_TEST(color)
{
	OK("--color=always");
	ck_assert_int_eq(s.color, OUTPUT_COLOR_ALWAYS);
	OK("--color never");
	ck_assert_int_eq(s.color, OUTPUT_COLOR_NEVER);
	OK("--color=auto");
	ck_assert_int_eq(s.color, OUTPUT_COLOR_AUTO);
	REFUSED("--color=yes", "one of auto|always|never");
	REFUSED("--color", "needs a value");
}
END_TEST

START_TEST(verbose)
{
	OK("-v");
	ck_assert_int_eq(s.verbose, 1);
	OK("-vv --verbose");
	ck_assert_int_eq(s.verbose, 3);
	REFUSED("--verbose=2", "takes no value");
	/* letters in one word, the last with a value */
	OK("-vvi2s");
	ck_assert_int_eq(s.verbose, 2);
	ck_assert_uint_eq(s.interval_ns, 2000 * MS);
	REFUSED("-vq", "unknown option -q");
}
END_TEST

START_TEST(help_and_version)
{
	OK("-h");
	ck_assert(s.help);
	OK("--help");
	ck_assert(s.help);
	REFUSED("--help=x", "takes no value");
	ck_assert(parse(CMD_MAIN, "-V"));
	ck_assert(s.version);
	ck_assert(parse(CMD_MAIN, "--version"));
	ck_assert(s.version);
	REFUSED("--version", "unknown option");
	ck_assert(!parse(CMD_DOCTOR, "-V"));
}
END_TEST

START_TEST(unknown)
{
	REFUSED("--intervall=1", "unknown option --intervall (did you mean --interval?)");
	REFUSED("--fromat json", "did you mean --format?");
	REFUSED("--int=1", "did you mean --interval?");
	REFUSED("--zzzzzz", "unknown option --zzzzzz (--help");
	REFUSED("--=x", "unknown option --");
	REFUSED("-z", "unknown option -z");
	/* an option of another command is none here, and is not suggested either */
	ck_assert(!parse(CMD_DOCTOR, "--intervall=1"));
	ck_assert_ptr_null(strstr(r.error, "did you mean"));
	ck_assert(!parse(CMD_DOCTOR, "--vm=a"));
}
END_TEST

START_TEST(long_words)
{
	char line[480] = "--";

	memset(line + 2, 'a', 400);
	REFUSED(line, "unknown option --aaaa");
	memcpy(line, "--by=", 5);
	REFUSED(line, "not known");
	ck_assert_uint_lt(strlen(r.error), sizeof(r.error));
}
END_TEST

START_TEST(ends)
{
	OK("--by vm rest --by exit");
	ck_assert_int_eq(r.next, 3);
	ck_assert(!r.terminated);
	ck_assert_int_eq(s.by, BY_VM);
	OK("-v -- -v");
	ck_assert_int_eq(r.next, 3);
	ck_assert(r.terminated);
	ck_assert_int_eq(s.verbose, 1);
	OK("--");
	ck_assert_int_eq(r.next, 2);
	ck_assert(r.terminated);
	/* "-" alone is no option, and may be a value */
	OK("-");
	ck_assert_int_eq(r.next, 1);
	OK("--vm -");
	ck_assert_str_eq(s.vms.items[0], "-");
}
END_TEST

START_TEST(nearest)
{
	static const char *const words[] = {"snapshot", "doctor", NULL};

	ck_assert_str_eq(options_nearest("snapshto", words), "snapshot");
	ck_assert_str_eq(options_nearest("snap", words), "snapshot");
	ck_assert_str_eq(options_nearest("dcotor", words), "doctor");
	ck_assert_ptr_null(options_nearest("q", words));
	ck_assert_ptr_null(options_nearest("", words));
	ck_assert_ptr_null(options_nearest("completelydifferent", words));
}
END_TEST

START_TEST(help)
{
	struct buf b = {0};
	char *save = NULL;

	options_help(cmd_options, CMD_SNAPSHOT, &b);
	for (const struct option_def *o = cmd_options; o->name; o++) {
		char name[40];

		snprintf(name, sizeof(name), "--%s ", o->name);
		if (o->commands & CMD_SNAPSHOT)
			ck_assert_msg(strstr(b.data, name) != NULL, "%s", name);
	}
	ck_assert_ptr_null(strstr(b.data, "--version"));
	ck_assert_ptr_nonnull(strstr(b.data, "(default: 1s)"));
	ck_assert_int_eq(b.data[b.len - 1], '\n');
	for (char *l = strtok_r(b.data, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		ck_assert_msg(strlen(l) <= 80, "%s", l);
	buf_free(&b);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("options");

	UNIT_ADD(u, presets);
	UNIT_ADD(u, presets_parse);
	UNIT_ADD(u, table);
	UNIT_ADD(u, interval);
	UNIT_ADD(u, vm);
	UNIT_ADD(u, by);
	UNIT_ADD(u, format);
	UNIT_ADD(u, top);
	UNIT_ADD(u, max_vcpus);
	UNIT_ADD(u, sizes);
	UNIT_ADD(u, presets_of_commands);
	UNIT_ADD(u, records);
	UNIT_ADD(u, libvirt);
	UNIT_ADD(u, color);
	UNIT_ADD(u, verbose);
	UNIT_ADD(u, help_and_version);
	UNIT_ADD(u, unknown);
	UNIT_ADD(u, long_words);
	UNIT_ADD(u, ends);
	UNIT_ADD(u, nearest);
	UNIT_ADD(u, help);
	return unit_run(u);
}
