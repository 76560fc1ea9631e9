// SPDX-License-Identifier: GPL-2.0-only
/* From a list to events that can be opened, and the default list. */
#include "pmu_tree.h"

#include <linux/perf_event.h>

#include "host/events.h"
#include "host/pfm.h"

static struct pmus *p;
static struct events ev;

static void end(void)
{
	events_free(&ev);
	pmus_free(p);
	p = NULL;
	teardown();
}

static void parse(const char *list)
{
	events_free(&ev);
	if (!p)
		p = pmus_read(root);
	events_parse(p, list, &ev);
}

static const struct event_spec *one(const char *list)
{
	parse(list);
	ck_assert_msg(ev.n == 1 && !*ev.items[0].error, "%s: %zu, %s", list, ev.n,
		      ev.n ? ev.items[0].error : "");
	return &ev.items[0].spec;
}

static void refuse(const char *list, const char *why)
{
	parse(list);
	ck_assert_uint_eq(ev.n, 1);
	ck_assert_str_eq(ev.items[0].word, list);
	ck_assert_str_eq(ev.items[0].error, why);
	ck_assert_ptr_null(ev.items[0].spec.name);
}

START_TEST(each_group)
{
	static const struct {
		const char *word, *name;
		enum event_group group;
		uint32_t type;
		uint64_t config;
		bool core;
	} want[] = {
		{"cycles", "cycles", EVENT_HARDWARE, PERF_TYPE_HARDWARE, 0, true},
		{"cpu_cycles:G", "cpu_cycles", EVENT_HARDWARE, PERF_TYPE_HARDWARE, 0, true},
		{"LLC-load-misses", "LLC-load-misses", EVENT_CACHE, PERF_TYPE_HW_CACHE, 0x10002, true},
		{"page_faults_maj", "page_faults_maj", EVENT_SOFTWARE, PERF_TYPE_SOFTWARE, 6, false},
		{"r8d1:u", "r8d1:u", EVENT_RAW, PERF_TYPE_RAW, 0x8d1, true},
		{"cpu/event=0xd1,umask=8/H", "cpu/event=0xd1,umask=8/", EVENT_PMU, 4, 0x8d1, true},
		{"msr/tsc/", "msr/tsc/", EVENT_PMU, 9, 0, false},
		{"mem-loads", "mem-loads", EVENT_PMU, 4, 0x1cd, true},
		{"cmt", "cmt", EVENT_RESCTRL, 0, 0, false},
	};
	struct buf list = {0};

	put_intel();
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		buf_printf(&list, "%s,", want[i].word);
	parse(list.data);
	buf_free(&list);
	ck_assert_uint_eq(ev.n, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < ev.n; i++) {
		const struct event_spec *e = &ev.items[i].spec;

		ck_assert_str_eq(ev.items[i].word, want[i].word);
		ck_assert_str_eq(ev.items[i].error, "");
		ck_assert_str_eq(e->name, want[i].name);
		ck_assert_msg(e->group == want[i].group && e->type == want[i].type &&
				      e->config == want[i].config && e->core == want[i].core,
			      "%s", e->name);
	}
	ck_assert(ev.items[1].spec.guest && !ev.items[1].spec.host);
	ck_assert(!ev.items[5].spec.guest && ev.items[5].spec.host);
	ck_assert(ev.items[4].spec.exclude_kernel && !ev.items[4].spec.exclude_user);
}
END_TEST

START_TEST(cache_misses_are_of_the_last_cache_on_intel)
{
	put_intel();
	ck_assert_int_eq(one("cache-misses")->kind, EVENT_LLC_MISSES);
	ck_assert_int_eq(one("LLC-load-misses")->kind, EVENT_LLC_MISSES);
}
END_TEST

START_TEST(cache_misses_are_of_an_inner_one_elsewhere)
{
	put_amd();
	ck_assert_int_eq(one("cache-misses")->kind, EVENT_OTHER);
	ck_assert_int_eq(one("LLC-load-misses")->kind, EVENT_LLC_MISSES);
	ck_assert_int_eq(one("branch-misses")->kind, EVENT_BRANCH_MISSES);
}
END_TEST

START_TEST(modes_of_one_event)
{
	put_intel();
	parse("cycles:G,cycles:H,cycles:u,instructions:H,instructions:H,branches:G,branches,cpu-cycles");
	ck_assert_uint_eq(ev.n, 5);
	ck_assert_str_eq(ev.items[0].spec.name, "cycles");
	ck_assert(!ev.items[0].spec.guest && !ev.items[0].spec.host);
	ck_assert_str_eq(ev.items[1].spec.name, "cycles:u");
	ck_assert_str_eq(ev.items[2].spec.name, "instructions");
	ck_assert(!ev.items[2].spec.guest && ev.items[2].spec.host);
	ck_assert_str_eq(ev.items[3].spec.name, "branches");
	ck_assert(!ev.items[3].spec.guest && !ev.items[3].spec.host);
	/* by another name it is shown under that */
	ck_assert_str_eq(ev.items[4].spec.name, "cpu-cycles");
	ck_assert(!one("cycles:GH")->guest && !ev.items[0].spec.host);
}
END_TEST

START_TEST(what_is_refused)
{
	put_intel();
	refuse("cycels", "there is no such event (did you mean cycles?)");
	refuse("mem-load", "there is no such event (did you mean mem-loads?)");
	refuse("cache_missses", "there is no such event (did you mean cache_misses?)");
	refuse("cycles:P", "the modifier 'P' is not supported (u, k, h, G and H are)");
	refuse("faults:G", "it counts guest and host in one number: leave out the modifiers G and H");
	refuse("msr/tsc/H", "it counts guest and host in one number: leave out the modifiers G and H");
	refuse("mbmt:u", "it takes no modifiers: it is of the whole VM");
	refuse("power/energy-pkg/", "power counts for a core, a socket or the whole host, not for threads");
	refuse("topdown-total-slots",
	       "cpu/topdown-total-slots/ is to be multiplied by 4, which vmperf does not do: write "
	       "cpu/event=0x3c,umask=0x0/");
	/* the others are not hurt */
	parse("cycles,nothing-like-it-at-all,instructions");
	ck_assert_uint_eq(ev.n, 3);
	ck_assert_str_eq(ev.items[0].error, "");
	ck_assert_str_ne(ev.items[1].error, "");
	ck_assert_str_eq(ev.items[2].spec.name, "instructions");
	parse(" , ");
	ck_assert_uint_eq(ev.n, 0);
}
END_TEST

START_TEST(a_name_of_two_pmus)
{
	put_hybrid();
	refuse("mem-loads", "several PMUs have it: write cpu_atom/mem-loads/ or cpu_core/mem-loads/");
}
END_TEST

static void default_is(struct pmu_counters c, unsigned int modes, const char *want)
{
	ck_assert_msg(!strcmp(events_default(&c, modes), want), "%u counters, %u modes: %s, not %s",
		      c.general, modes, events_default(&c, modes), want);
}

START_TEST(defaults)
{
	struct pmu_counters intel = {
		.general = 4, .fixed_cycles = true, .fixed_instructions = true, .fixed_ref = true};
	struct pmu_counters c = intel;

	default_is((struct pmu_counters){0}, 2, "");
	/* cycles and instructions: one part in a fixed counter, the other in a general one; misses in two */
	default_is(c, 2, "cycles,instructions,cache-misses");
	default_is(c, 1, "cycles,instructions,cache-misses,branch-misses,branches");
	c.watchdog = true;
	default_is(c, 2, "cycles,instructions");
	c.general = 8;
	default_is(c, 2, "cycles,instructions,cache-misses,branch-misses");
	c.watchdog = false;
	default_is(c, 2, "cycles,instructions,cache-misses,branch-misses,branches");
	c.general = 7;
	default_is(c, 2, "cycles,instructions,cache-misses,branch-misses");
	/* AMD */
	default_is((struct pmu_counters){.general = 6}, 2, "cycles,instructions,cache-misses");
	default_is((struct pmu_counters){.general = 6, .watchdog = true}, 2, "cycles,instructions");
	default_is((struct pmu_counters){.general = 4}, 2, "cycles,instructions");
	/* Arm */
	default_is((struct pmu_counters){.general = 6, .fixed_cycles = true}, 2,
		   "cycles,instructions,cache-misses");
	default_is((struct pmu_counters){.general = 1}, 2, "");
	default_is((struct pmu_counters){.general = 1, .fixed_cycles = true}, 2, "cycles");
}
END_TEST

/* libpfm4 knows the models of the architecture that it was built for. */
#if WITH_PFM4 && defined(__x86_64__)
static void model(const char *cpu, const char *name, uint64_t config)
{
	const struct event_spec *e;

	/* libpfm4 looks at it once, at the first name; each test is a process of its own */
	setenv("LIBPFM_FORCE_PMU", cpu, 1);
	ck_assert_msg(!pfm_missing(), "%s", pfm_missing());
	e = one(name);
	ck_assert_int_eq(e->group, EVENT_MODEL);
	ck_assert_uint_eq(e->type, PERF_TYPE_RAW);
	ck_assert(e->core);
	ck_assert_msg(e->config == config, "%s: %#" PRIx64, name, e->config);
}

/* Codes are those of the vendors' manuals: umask << 8 | event. */
START_TEST(names_of_an_intel_model)
{
	put_intel();
	model("skx", "MEM_LOAD_RETIRED:L1_MISS", 0x8d1);
	model("skx", "MEM_LOAD_RETIRED.L1_MISS", 0x8d1);
	model("skx", "skx::MEM_LOAD_RETIRED:L3_HIT:G", 0x4d1);
	ck_assert_str_eq(ev.items[0].spec.name, "skx::MEM_LOAD_RETIRED:L3_HIT");
	ck_assert(ev.items[0].spec.guest);
	model("skx", "DTLB_LOAD_MISSES:MISS_CAUSES_A_WALK:u", 0x108);
	ck_assert(ev.items[0].spec.exclude_kernel);
	model("skx", "INST_RETIRED:ANY_P:u:c=1", 0x10000c0);
	ck_assert(ev.items[0].spec.exclude_kernel && !ev.items[0].spec.exclude_user);
	refuse("MEM_LOAD_RETIRED", "libpfm4: invalid or missing unit mask");
	refuse("MEM_LOAD_RETIRED:L9_MISS", "libpfm4: invalid event attribute");
	refuse("MEM_LOAD_NOWHERE_AT_ALL_X",
	       "there is no such event (vmperf events lists what can be counted)");
}
END_TEST

START_TEST(names_of_an_amd_model)
{
	put_amd();
	model("amd64_fam19h_zen3", "RETIRED_INSTRUCTIONS", 0xc0);
	model("amd64_fam19h_zen3", "RETIRED_BRANCH_INSTRUCTIONS_MISPREDICTED", 0xc3);
	refuse("MEM_LOAD_RETIRED:L1_MISS",
	       "there is no such event (vmperf events lists what can be counted)");
}
END_TEST

static void seen(void *ctx, const char *name, const char *help)
{
	unsigned int *found = ctx;

	ck_assert(*name && *help);
	ck_assert_msg(!strncmp(name, "skx::", 5), "%s", name);
	*found |= !strcmp(name, "skx::MEM_LOAD_RETIRED:L1_MISS");
	*found |= !strcmp(name, "skx::UNHALTED_CORE_CYCLES") ? 2 : 0;
}

START_TEST(all_names_of_a_model)
{
	unsigned int found = 0;

	setenv("LIBPFM_FORCE_PMU", "skx", 1);
	pfm_each(seen, &found);
	ck_assert_uint_eq(found, 3);
}
END_TEST
#elif !WITH_PFM4
START_TEST(no_names_of_models)
{
	put_intel();
	refuse("MEM_LOAD_RETIRED:L1_MISS",
	       "there is no such event; a CPU model's own names are not known: vmperf was "
	       "built without libpfm4 (libpfm4-dev adds it)");
}
END_TEST
#endif

int main(void)
{
	struct unit u = unit_new("events");

	tcase_add_checked_fixture(u.tcase, setup, end);
	UNIT_ADD(u, each_group);
	UNIT_ADD(u, cache_misses_are_of_the_last_cache_on_intel);
	UNIT_ADD(u, cache_misses_are_of_an_inner_one_elsewhere);
	UNIT_ADD(u, modes_of_one_event);
	UNIT_ADD(u, what_is_refused);
	UNIT_ADD(u, a_name_of_two_pmus);
	UNIT_ADD(u, defaults);
#if WITH_PFM4 && defined(__x86_64__)
	UNIT_ADD(u, names_of_an_intel_model);
	UNIT_ADD(u, names_of_an_amd_model);
	UNIT_ADD(u, all_names_of_a_model);
#elif !WITH_PFM4
	UNIT_ADD(u, no_names_of_models);
#endif
	return unit_run(u);
}
