// SPDX-License-Identifier: GPL-2.0-only
/* Names of events: the table, lists, modifiers. */
#include "unit.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

#include "model/event.h"

/* Numbers are those of include/uapi/linux/perf_event.h, which never change. */
static const struct {
	const char *name;
	enum event_group group;
	enum event_kind kind;
	uint32_t type;
	uint64_t config;
} known[] = {
	{"cycles", EVENT_HARDWARE, EVENT_CYCLES, 0, 0},
	{"cpu-cycles", EVENT_HARDWARE, EVENT_CYCLES, 0, 0},
	{"cpu_cycles", EVENT_HARDWARE, EVENT_CYCLES, 0, 0},
	{"instructions", EVENT_HARDWARE, EVENT_INSTRUCTIONS, 0, 1},
	{"cache-references", EVENT_HARDWARE, EVENT_OTHER, 0, 2},
	{"cache_references", EVENT_HARDWARE, EVENT_OTHER, 0, 2},
	{"cache-misses", EVENT_HARDWARE, EVENT_LLC_MISSES, 0, 3},
	{"cache_misses", EVENT_HARDWARE, EVENT_LLC_MISSES, 0, 3},
	{"branches", EVENT_HARDWARE, EVENT_BRANCHES, 0, 4},
	{"branch-instructions", EVENT_HARDWARE, EVENT_BRANCHES, 0, 4},
	{"branch_instructions", EVENT_HARDWARE, EVENT_BRANCHES, 0, 4},
	{"branch-misses", EVENT_HARDWARE, EVENT_BRANCH_MISSES, 0, 5},
	{"branch_misses", EVENT_HARDWARE, EVENT_BRANCH_MISSES, 0, 5},
	{"bus-cycles", EVENT_HARDWARE, EVENT_OTHER, 0, 6},
	{"bus_cycles", EVENT_HARDWARE, EVENT_OTHER, 0, 6},
	{"stalled-cycles-frontend", EVENT_HARDWARE, EVENT_STALLED_FRONTEND, 0, 7},
	{"idle-cycles-frontend", EVENT_HARDWARE, EVENT_STALLED_FRONTEND, 0, 7},
	{"stalled_cycles_frontend", EVENT_HARDWARE, EVENT_STALLED_FRONTEND, 0, 7},
	{"stalled-cycles-backend", EVENT_HARDWARE, EVENT_STALLED_BACKEND, 0, 8},
	{"idle-cycles-backend", EVENT_HARDWARE, EVENT_STALLED_BACKEND, 0, 8},
	{"stalled_cycles_backend", EVENT_HARDWARE, EVENT_STALLED_BACKEND, 0, 8},
	{"ref-cycles", EVENT_HARDWARE, EVENT_REF_CYCLES, 0, 9},
	{"ref_cpu_cycles", EVENT_HARDWARE, EVENT_REF_CYCLES, 0, 9},
	{"cpu-clock", EVENT_SOFTWARE, EVENT_OTHER, 1, 0},
	{"cpu_clock", EVENT_SOFTWARE, EVENT_OTHER, 1, 0},
	{"task-clock", EVENT_SOFTWARE, EVENT_OTHER, 1, 1},
	{"task_clock", EVENT_SOFTWARE, EVENT_OTHER, 1, 1},
	{"page-faults", EVENT_SOFTWARE, EVENT_OTHER, 1, 2},
	{"faults", EVENT_SOFTWARE, EVENT_OTHER, 1, 2},
	{"page_faults", EVENT_SOFTWARE, EVENT_OTHER, 1, 2},
	{"context-switches", EVENT_SOFTWARE, EVENT_OTHER, 1, 3},
	{"cs", EVENT_SOFTWARE, EVENT_OTHER, 1, 3},
	{"context_switches", EVENT_SOFTWARE, EVENT_OTHER, 1, 3},
	{"cpu-migrations", EVENT_SOFTWARE, EVENT_OTHER, 1, 4},
	{"migrations", EVENT_SOFTWARE, EVENT_OTHER, 1, 4},
	{"cpu_migrations", EVENT_SOFTWARE, EVENT_OTHER, 1, 4},
	{"minor-faults", EVENT_SOFTWARE, EVENT_OTHER, 1, 5},
	{"page_faults_min", EVENT_SOFTWARE, EVENT_OTHER, 1, 5},
	{"major-faults", EVENT_SOFTWARE, EVENT_OTHER, 1, 6},
	{"page_faults_maj", EVENT_SOFTWARE, EVENT_OTHER, 1, 6},
	{"alignment-faults", EVENT_SOFTWARE, EVENT_OTHER, 1, 7},
	{"alignment_faults", EVENT_SOFTWARE, EVENT_OTHER, 1, 7},
	{"emulation-faults", EVENT_SOFTWARE, EVENT_OTHER, 1, 8},
	{"emulation_faults", EVENT_SOFTWARE, EVENT_OTHER, 1, 8},
	{"cgroup-switches", EVENT_SOFTWARE, EVENT_OTHER, 1, 11},
	/* cache | operation << 8 | result << 16 */
	{"L1-dcache-loads", EVENT_CACHE, EVENT_OTHER, 3, 0},
	{"L1-dcache-load-misses", EVENT_CACHE, EVENT_L1D_MISSES, 3, 0x10000},
	{"l1-DCACHE-store-misses", EVENT_CACHE, EVENT_OTHER, 3, 0x10100},
	{"L1-icache-load-misses", EVENT_CACHE, EVENT_OTHER, 3, 0x10001},
	{"L1-icache-prefetches", EVENT_CACHE, EVENT_OTHER, 3, 0x201},
	{"LLC-loads", EVENT_CACHE, EVENT_OTHER, 3, 0x2},
	{"LLC-load-misses", EVENT_CACHE, EVENT_LLC_MISSES, 3, 0x10002},
	{"LLC-stores", EVENT_CACHE, EVENT_OTHER, 3, 0x102},
	{"LLC-prefetch-misses", EVENT_CACHE, EVENT_OTHER, 3, 0x10202},
	{"dTLB-load-misses", EVENT_CACHE, EVENT_DTLB_MISSES, 3, 0x10003},
	{"iTLB-load-misses", EVENT_CACHE, EVENT_ITLB_MISSES, 3, 0x10004},
	{"branch-loads", EVENT_CACHE, EVENT_OTHER, 3, 0x5},
	{"branch-load-misses", EVENT_CACHE, EVENT_OTHER, 3, 0x10005},
	{"node-store-misses", EVENT_CACHE, EVENT_OTHER, 3, 0x10106},
	{"cmt", EVENT_RESCTRL, EVENT_LLC_OCCUPANCY, 0, 0},
	{"mbmt", EVENT_RESCTRL, EVENT_BANDWIDTH, 0, 0},
	{"mbml", EVENT_RESCTRL, EVENT_BANDWIDTH_LOCAL, 0, 0},
};

START_TEST(names)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct event_name *row = event_find(known[i].name);

		ck_assert_msg(row != NULL, "%s", known[i].name);
		ck_assert_msg(row->group == known[i].group && row->kind == known[i].kind, "%s",
			      known[i].name);
		ck_assert_msg(row->type == known[i].type, "%s: type %u", known[i].name, row->type);
		ck_assert_msg(row->config == known[i].config, "%s: config %#lx", known[i].name,
			      (unsigned long)row->config);
	}
}
END_TEST

/* What no cache does is no name, and neither is a part of one. */
START_TEST(no_names)
{
	static const char *const none[] = {"",
					   "cycle",
					   "cycles ",
					   "cpu-cycles cpu_cycles",
					   "faults page_faults",
					   "cpu cycles",
					   "iTLB-stores",
					   "L1-icache-stores",
					   "branch-stores",
					   "LLC",
					   "bpf-output",
					   "dummy"};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(event_find(none[i]) == NULL, "'%s'", none[i]);
}
END_TEST

/* Each name and alias leads to its own row; rows of a group stand together. */
START_TEST(rows_are_told_apart)
{
	const struct event_name *row, *last = NULL;
	unsigned int groups = 0;
	size_t n;

	for (n = 0; (row = event_row(n)); n++) {
		char aliases[256], *save = NULL;

		ck_assert_ptr_eq(event_find(row->name), row);
		snprintf(aliases, sizeof(aliases), "%s", row->aliases);
		for (char *a = strtok_r(aliases, " ", &save); a; a = strtok_r(NULL, " ", &save))
			ck_assert_msg(event_find(a) == row, "%s", a);
		ck_assert_str_ne(row->help, "");
		if (!last || last->group != row->group) {
			ck_assert(!(groups & 1U << row->group));
			groups |= 1U << row->group;
		}
		last = row;
	}
	/* 10 hardware, 32 cache, 10 software, 3 of resctrl */
	ck_assert_uint_eq(n, 55);
	ck_assert_ptr_null(event_row(n + 1));
}
END_TEST

START_TEST(lists_are_split)
{
	static const struct {
		const char *list;
		const char *words[5];
	} lists[] = {
		{"", {NULL}},
		{" , ,,\n", {NULL}},
		{"a", {"a", NULL}},
		{"a,b", {"a", "b", NULL}},
		{"  cycles:G ,\tinstructions:u\n", {"cycles:G", "instructions:u", NULL}},
		{"a\nb\n", {"a", "b", NULL}},
		{"cpu/event=1,umask=2/G,b", {"cpu/event=1,umask=2/G", "b", NULL}},
		{"a,msr/tsc/,b", {"a", "msr/tsc/", "b", NULL}},
		{"cpu/event=1,umask=2", {"cpu/event=1,umask=2", NULL}},
		{"cpu/a=1,b\nc,d", {"cpu/a=1,b", "c", "d", NULL}},
		{"{a,b}:G,c", {"{a,b}:G", "c", NULL}},
		{"}a,b", {"}a", "b", NULL}},
		{"{cpu/a,b=}/,c},d", {"{cpu/a,b=}/,c}", "d", NULL}},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char **words = event_list_split(lists[i].list);
		size_t n;

		for (n = 0; words[n] && lists[i].words[n]; n++)
			ck_assert_str_eq(words[n], lists[i].words[n]);
		ck_assert_msg(!words[n] && !lists[i].words[n], "'%s': %zu words", lists[i].list, n);
		free(words);
	}
}
END_TEST

/* flags: the excluded of u, k, h, then G and H. */
static void check_word(const char *word, const char *body, const char *name, const char *flags)
{
	char error[EVENT_ERROR], found[6] = "";
	struct event_word w;

	ck_assert_msg(event_word_parse(word, &w, error), "%s: %s", word, error);
	ck_assert_str_eq(error, "");
	ck_assert_str_eq(w.body, body);
	ck_assert_str_eq(w.name, name);
	snprintf(found, sizeof(found), "%s%s%s%s%s", w.exclude_user ? "u" : "", w.exclude_kernel ? "k" : "",
		 w.exclude_hv ? "h" : "", w.guest ? "G" : "", w.host ? "H" : "");
	ck_assert_msg(!strcmp(found, flags), "%s: %s, not %s", word, found, flags);
	event_word_free(&w);
}

START_TEST(modifiers)
{
	check_word("cycles", "cycles", "cycles", "");
	check_word("cycles:G", "cycles", "cycles", "G");
	check_word("cycles:H", "cycles", "cycles", "H");
	check_word("cycles:GH", "cycles", "cycles", "GH");
	check_word("cycles:u", "cycles", "cycles:u", "kh");
	check_word("cycles:k", "cycles", "cycles:k", "uh");
	check_word("cycles:h", "cycles", "cycles:h", "uk");
	check_word("cycles:ukh", "cycles", "cycles:ukh", "");
	check_word("cycles:uG", "cycles", "cycles:u", "khG");
	check_word("cycles:Gk", "cycles", "cycles:k", "uhG");
	check_word("r1a8:H", "r1a8", "r1a8", "H");
	check_word("cpu/event=1,umask=2/", "cpu/event=1,umask=2/", "cpu/event=1,umask=2/", "");
	check_word("cpu/x/G", "cpu/x/", "cpu/x/", "G");
	check_word("cpu/x/:G", "cpu/x/", "cpu/x/", "G");
	check_word("cpu/x/uH", "cpu/x/", "cpu/x/u", "khH");
	check_word("cpu/x/:uH", "cpu/x/", "cpu/x/u", "khH");
	/* colons of libpfm4's names; what is no modifier is a part of them */
	check_word("skx::INST_RETIRED:ANY_P", "skx::INST_RETIRED:ANY_P", "skx::INST_RETIRED:ANY_P", "");
	check_word("INST_RETIRED:ANY_P:u", "INST_RETIRED:ANY_P", "INST_RETIRED:ANY_P:u", "kh");
	check_word("INST_RETIRED:ANY_P:G", "INST_RETIRED:ANY_P", "INST_RETIRED:ANY_P", "G");
	check_word("L2_LD:MESI", "L2_LD:MESI", "L2_LD:MESI", "");
	check_word("INST_RETIRED:c=1", "INST_RETIRED:c=1", "INST_RETIRED:c=1", "");
}
END_TEST

START_TEST(words_that_are_refused)
{
	static const struct {
		const char *word, *error;
	} bad[] = {
		{"cycles:p", "the modifier 'p' is not supported (u, k, h, G and H are)"},
		{"cycles:uGP", "the modifier 'P' is not supported (u, k, h, G and H are)"},
		{"LLC-loads:D", "the modifier 'D' is not supported (u, k, h, G and H are)"},
		{"r1a8:S", "the modifier 'S' is not supported (u, k, h, G and H are)"},
		{"cpu/x/G,", "the modifier ',' is not supported (u, k, h, G and H are)"},
		{"cpu/x/pp", "the modifier 'p' is not supported (u, k, h, G and H are)"},
		{"cpu/x", "the closing / is missing (write it as pmu/name/)"},
		{"/x/", "the name of the PMU is missing (write it as pmu/name/)"},
		{"{a,b}", "groups are not supported: each event is counted on its own"},
		{"{a,b}:G", "groups are not supported: each event is counted on its own"},
		{"cycles:", "modifiers are missing after the last ':'"},
		{"cpu/x/:", "modifiers are missing after the last ':'"},
		{":G", "the name is missing before ':'"},
		{"", "the name is missing"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char error[EVENT_ERROR];
		struct event_word w;

		ck_assert_msg(!event_word_parse(bad[i].word, &w, error), "%s", bad[i].word);
		ck_assert_str_eq(error, bad[i].error);
		ck_assert_ptr_null(w.body);
		ck_assert_ptr_null(w.name);
	}
}
END_TEST

START_TEST(raw)
{
	static const char *const none[] = {"r",   "r0x", "rx",  "1a8",
					   "r1g", "r 1", "r-1", "r10000000000000000"};
	uint64_t config;

	ck_assert(event_raw("r1a8", &config) && config == 0x1a8);
	ck_assert(event_raw("r0x1A8", &config) && config == 0x1a8);
	ck_assert(event_raw("rffffffffffffffff", &config) && config == UINT64_MAX);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(!event_raw(none[i], &config), "%s", none[i]);
}
END_TEST

START_TEST(names_of_values)
{
	ck_assert_str_eq(event_mode_name(EVENT_BOTH), "both");
	ck_assert_str_eq(event_mode_name(EVENT_GUEST), "guest");
	ck_assert_str_eq(event_mode_name(EVENT_HOST), "host");
	for (int g = 0; g < EVENT_GROUPS; g++)
		ck_assert_str_ne(event_group_name((enum event_group)g), "");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("event");

	UNIT_ADD(u, names);
	UNIT_ADD(u, no_names);
	UNIT_ADD(u, rows_are_told_apart);
	UNIT_ADD(u, lists_are_split);
	UNIT_ADD(u, modifiers);
	UNIT_ADD(u, words_that_are_refused);
	UNIT_ADD(u, raw);
	UNIT_ADD(u, names_of_values);
	return unit_run(u);
}
