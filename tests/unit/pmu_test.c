// SPDX-License-Identifier: GPL-2.0-only
/* PMUs and their terms in made-up trees; counters by CPUID. */
#include "pmu_tree.h"

#include <linux/perf_event.h>

static struct pmus *p;

static void begin(void (*tree)(void))
{
	tree();
	p = pmus_read(root);
}

static void end(void)
{
	pmus_free(p);
	p = NULL;
	teardown();
}

static struct event_spec resolve(const char *text)
{
	struct event_spec e = {0};
	char error[EVENT_ERROR];

	ck_assert_msg(pmus_resolve(p, text, &e, error), "%s: %s", text, error);
	ck_assert_str_eq(error, "");
	ck_assert_int_eq(e.group, EVENT_PMU);
	return e;
}

static void refuse(const char *text, const char *why)
{
	struct event_spec e = {0};
	char error[EVENT_ERROR];

	ck_assert_msg(!pmus_resolve(p, text, &e, error), "%s", text);
	ck_assert_str_eq(error, why);
}

static void check_config(const char *text, uint64_t config, uint64_t config1, uint64_t config2)
{
	struct event_spec e = resolve(text);

	ck_assert_msg(e.config == config && e.config1 == config1 && e.config2 == config2,
		      "%s: %#" PRIx64 " %#" PRIx64 " %#" PRIx64, text, e.config, e.config1, e.config2);
}

START_TEST(what_there_is)
{
	static const struct {
		const char *name;
		bool core;
		enum pmu_reach reach;
	} want[] = {
		{"cpu", true, PMU_THREADS},      {"intel_pt", false, PMU_NONE},
		{"kprobe", false, PMU_NONE},     {"msr", false, PMU_THREADS},
		{"power", false, PMU_SHARED},    {"software", false, PMU_THREADS},
		{"tracepoint", false, PMU_NONE},
	};
	char names[64];

	begin(put_intel);
	ck_assert_uint_eq(p->n, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < p->n; i++) {
		ck_assert_str_eq(p->items[i].name, want[i].name);
		ck_assert_msg(p->items[i].core == want[i].core, "%s", want[i].name);
		ck_assert_msg(p->items[i].reach == want[i].reach, "%s", want[i].name);
	}
	ck_assert_uint_eq(pmus_find(p, "msr")->type, 9);
	ck_assert_ptr_null(pmus_find(p, "ms"));
	pmus_core_names(p, names, sizeof(names));
	ck_assert_str_eq(names, "cpu");
	ck_assert(!pmus_hybrid(p));
	ck_assert_uint_eq(pmus_core_type(p, 0), 0);
}
END_TEST

START_TEST(none_at_all)
{
	struct pmu_counters c;
	char names[64];

	p = pmus_read(root);
	ck_assert_uint_eq(p->n, 0);
	pmus_core_names(p, names, sizeof(names));
	ck_assert_str_eq(names, "");
	ck_assert(!pmus_counters(p, &c));
	ck_assert_uint_eq(c.general, 0);
	refuse("cpu/x/", "there is no PMU 'cpu' here (there is none at all)");
}
END_TEST

START_TEST(terms)
{
	begin(put_intel);
	check_config("cpu/event=0x3c/", 0x3c, 0, 0);
	check_config("cpu/event=60,umask=0x1/", 0x13c, 0, 0);
	check_config("cpu/event=0xd1,umask=0x08,cmask=1,edge/", 0x10408d1, 0, 0);
	check_config("cpu/event=0xb7,umask=1,offcore_rsp=0x3fb80400ff/", 0x1b7, 0x3fb80400ffULL, 0);
	check_config("cpu/config=0x1a8,config1=2,config2=0xffffffffffffffff/", 0x1a8, 2, UINT64_MAX);
	/* the last one counts */
	check_config("cpu/event=1,event=2/", 2, 0, 0);
	check_config("cpu/edge=1,edge=0/", 0, 0, 0);
	check_config("cpu//", 0, 0, 0);
	check_config("cpu/event=010/", 10, 0, 0);
	ck_assert_uint_eq(resolve("cpu/event=1/").type, 4);
	ck_assert(resolve("cpu/event=1/").core);
}
END_TEST

START_TEST(names_in_sysfs)
{
	begin(put_intel);
	check_config("cpu/mem-loads/", 0x1cd, 3, 0);
	check_config("cpu/mem-loads,ldlat=30/", 0x1cd, 30, 0);
	check_config("msr/tsc/", 0, 0, 0);
	ck_assert_uint_eq(resolve("msr/tsc/").type, 9);
	ck_assert(!resolve("msr/tsc/").core);
	/* what it is for is known by its name, as long as nothing is added */
	check_config("cpu/cpu-cycles/", 0x3c, 0, 0);
	ck_assert_int_eq(resolve("cpu/cpu-cycles/").kind, EVENT_CYCLES);
	ck_assert_int_eq(resolve("cpu/cpu-cycles,cmask=2/").kind, EVENT_OTHER);
	ck_assert_int_eq(resolve("cpu/mem-loads/").kind, EVENT_OTHER);
	/* a generic name */
	check_config("cpu/LLC-load-misses/", 0x10002, 0, 0);
	ck_assert_uint_eq(resolve("cpu/LLC-load-misses/").type, PERF_TYPE_HW_CACHE);
	ck_assert_int_eq(resolve("cpu/LLC-load-misses/").kind, EVENT_LLC_MISSES);
}
END_TEST

START_TEST(bits_in_two_ranges)
{
	begin(put_amd);
	check_config("cpu/event=0x76/", 0x76, 0, 0);
	check_config("cpu/event=0x187,umask=1/", 0x100000187ULL, 0, 0);
	check_config("cpu/event=0xfff/", 0xf000000ffULL, 0, 0);
	refuse("cpu/event=0x1000/", "event=0x1000 is too large: it has 12 bits");
	refuse("amd_l3/event=1/", "amd_l3 counts for a core, a socket or the whole host, not for threads");
}
END_TEST

START_TEST(formats_that_are_odd)
{
	begin(put_amd);
	put_text(DEVICES "cpu/format/three", "config3:0-7\n");
	put_text(DEVICES "cpu/format/empty", "config:\n");
	put_text(DEVICES "cpu/format/words", "config:a-b\n");
	put_text(DEVICES "cpu/format/wide", "config:0-64\n");
	put_text(DEVICES "cpu/format/back", "config:8-1\n");
	put_text(DEVICES "cpu/format/all", "config2:0-63\n");
	refuse("cpu/three=1/", "the term 'three' is not supported (config3:0-7)");
	refuse("cpu/empty=1/", "the term 'empty' has a format that is not understood");
	refuse("cpu/words=1/", "the term 'words' has a format that is not understood");
	refuse("cpu/wide=1/", "the term 'wide' has a format that is not understood");
	refuse("cpu/back=1/", "the term 'back' has a format that is not understood");
	check_config("cpu/all=0xffffffffffffffff/", 0, 0, UINT64_MAX);
}
END_TEST

START_TEST(what_is_refused)
{
	begin(put_intel);
	refuse("cpu/evnt=1/",
	       "cpu has no event or term 'evnt' (terms: cmask, edge, event, ldlat, offcore_rsp, "
	       "umask, config, config1, config2)");
	refuse("cpu/event=1,period=1000/",
	       "cpu has no event or term 'period' (terms: cmask, edge, event, ldlat, "
	       "offcore_rsp, umask, config, config1, config2)");
	refuse("msr/tcs/", "msr has no event or term 'tcs' (terms: event, config, config1, config2)");
	refuse("msr/../", "msr has no event or term '..' (terms: event, config, config1, config2)");
	refuse("cpu/umask=0x100/", "umask=0x100 is too large: it has 8 bits");
	refuse("cpu/edge=2/", "edge=0x2 is too large: it has 1 bits");
	refuse("cpu/event=/", "event=: that is not a number");
	refuse("cpu/event=-1/", "event=-1: that is not a number");
	refuse("cpu/event=1x/", "event=1x: that is not a number");
	refuse("cpu/config=0x10000000000000000/", "config=0x10000000000000000: that is not a number");
	refuse("cpu/one-of-many/", "umask=?: a number of your own is needed");
	refuse("cpu/cycles,umask=1/", "a generic event takes no other terms beside it");
	refuse("cpu/topdown-total-slots/",
	       "cpu/topdown-total-slots/ is to be multiplied by 4, which vmperf does not do: write "
	       "cpu/event=0x3c,umask=0x0/");
	refuse("msr/cpu_thermal_margin/", "msr/cpu_thermal_margin/ is a level, not a count");
	refuse("power/energy-pkg/", "power counts for a core, a socket or the whole host, not for threads");
	refuse("intel_pt//", "intel_pt counts nothing");
	refuse("tracepoint/config=1/", "tracepoint counts nothing");
	refuse("cup/x/", "there is no PMU 'cup' here (there are: cpu, msr, software)");
}
END_TEST

static void on_cpu(const struct event_spec *e, uint32_t cpu, uint32_t type, uint64_t config)
{
	uint64_t found_config;
	uint32_t found_type;

	pmus_on_cpu(p, e, cpu, &found_type, &found_config);
	ck_assert_msg(found_type == type && found_config == config, "CPU %u: type %u, config %#" PRIx64, cpu,
		      found_type, found_config);
}

START_TEST(cpus_of_two_kinds)
{
	const struct event_spec cycles = {.group = EVENT_HARDWARE, .type = PERF_TYPE_HARDWARE},
				misses = {.group = EVENT_CACHE,
					  .type = PERF_TYPE_HW_CACHE,
					  .config = 0x10002},
				raw = {.group = EVENT_RAW, .type = PERF_TYPE_RAW, .config = 0x1a8},
				faults = {.group = EVENT_SOFTWARE, .type = PERF_TYPE_SOFTWARE, .config = 2};
	struct event_spec own;
	char names[64];

	begin(put_hybrid);
	ck_assert(pmus_hybrid(p));
	pmus_core_names(p, names, sizeof(names));
	ck_assert_str_eq(names, "cpu_atom cpu_core");
	ck_assert_uint_eq(pmus_core_type(p, 3), 4);
	ck_assert_uint_eq(pmus_core_type(p, 4), 10);
	ck_assert_uint_eq(pmus_core_type(p, 8), 0);
	ck_assert_uint_eq(pmus_core_type(p, 9), 10);
	on_cpu(&cycles, 0, PERF_TYPE_HARDWARE, 4ULL << 32);
	on_cpu(&cycles, 7, PERF_TYPE_HARDWARE, 10ULL << 32);
	on_cpu(&misses, 7, PERF_TYPE_HW_CACHE, 10ULL << 32 | 0x10002);
	on_cpu(&raw, 0, PERF_TYPE_RAW, 0x1a8);
	on_cpu(&raw, 7, 10, 0x1a8);
	on_cpu(&faults, 7, PERF_TYPE_SOFTWARE, 2);
	/* one that names its PMU is that PMU's */
	own = resolve("cpu_core/event=0xd1,umask=8/");
	on_cpu(&own, 7, 4, 0x8d1);
	own = resolve("cpu_atom/instructions/");
	on_cpu(&own, 0, PERF_TYPE_HARDWARE, 10ULL << 32 | 1);
	ck_assert_int_eq(own.kind, EVENT_INSTRUCTIONS);
}
END_TEST

START_TEST(cpus_of_one_kind)
{
	const struct event_spec cycles = {.group = EVENT_HARDWARE, .type = PERF_TYPE_HARDWARE},
				raw = {.group = EVENT_RAW, .type = PERF_TYPE_RAW, .config = 0x1a8};

	begin(put_intel);
	on_cpu(&cycles, 1, PERF_TYPE_HARDWARE, 0);
	on_cpu(&raw, 1, PERF_TYPE_RAW, 0x1a8);
}
END_TEST

/* There the kernel picks the PMU by the CPU; older ones take no type in config. */
START_TEST(arm_of_two_kinds)
{
	const struct event_spec cycles = {.group = EVENT_HARDWARE, .type = PERF_TYPE_HARDWARE};
	struct pmu_counters c;

	begin(put_arm);
	ck_assert(pmus_hybrid(p));
	on_cpu(&cycles, 4, PERF_TYPE_HARDWARE, 0);
	check_config("armv8_cortex_a53/cpu_cycles/", 0x11, 0, 0);
	ck_assert_int_eq(resolve("armv8_cortex_a53/cpu_cycles/").kind, EVENT_CYCLES);
	ck_assert(resolve("armv8_cortex_a53/cpu_cycles/").core);
	put_text("proc/sys/kernel/nmi_watchdog", "1\n");
	ck_assert(pmus_counters(p, &c));
	ck_assert(!c.known && c.fixed_cycles && !c.fixed_instructions && !c.watchdog);
	ck_assert_uint_eq(c.general, 6);
}
END_TEST

/* A PMU with another name is a CPU's own when it tells its CPUs. */
START_TEST(core_by_its_cpus)
{
	char names[64];

	put_text(DEVICES "apple_icestorm_pmu/type", "11\n");
	put_text(DEVICES "apple_icestorm_pmu/cpus", "0-3\n");
	put_text(DEVICES "arm_dsu_0/type", "12\n");
	put_text(DEVICES "arm_dsu_0/cpumask", "0\n");
	p = pmus_read(root);
	pmus_core_names(p, names, sizeof(names));
	ck_assert_str_eq(names, "apple_icestorm_pmu");
	ck_assert_int_eq(pmus_find(p, "arm_dsu_0")->reach, PMU_SHARED);
}
END_TEST

START_TEST(files_of_a_pmu)
{
	char **names;

	begin(put_intel);
	names = pmu_files(root, "msr", "events");
	ck_assert_str_eq(names[0], "cpu_thermal_margin");
	ck_assert_str_eq(names[1], "tsc");
	ck_assert_ptr_null(names[2]);
	free(names);
	names = pmu_files(root, "software", "events");
	ck_assert_ptr_null(names[0]);
	free(names);
}
END_TEST

START_TEST(counters_by_cpuid)
{
	static const struct {
		const char *cpu;
		struct pmu_cpuid id;
		struct pmu_counters want;
	} cpus[] = {
		{"Skylake: version 4, 4 general, 3 fixed",
		 {.arch_eax = 0x07300404, .arch_edx = 0x603},
		 {.known = true,
		  .general = 4,
		  .fixed_cycles = true,
		  .fixed_instructions = true,
		  .fixed_ref = true}},
		{"Ice Lake: version 5, 8 general, 4 fixed",
		 {.arch_eax = 0x08300805, .arch_ecx = 0xf, .arch_edx = 0x8604},
		 {.known = true,
		  .general = 8,
		  .fixed_cycles = true,
		  .fixed_instructions = true,
		  .fixed_ref = true}},
		{"a VM's, where reference cycles are not counted",
		 {.arch_eax = 0x07300402, .arch_ebx = 4, .arch_edx = 0x603},
		 {.known = true, .general = 4, .fixed_cycles = true, .fixed_instructions = true}},
		{"version 1 has no fixed ones",
		 {.arch_eax = 0x07280201, .arch_edx = 3},
		 {.known = true, .general = 2}},
		{"Zen 4: PerfMonV2",
		 {.amd = true, .ext_ecx = 1U << 23, .v2_eax = 1, .v2_ebx = 0x106},
		 {.known = true, .general = 6}},
		{"Zen 2", {.amd = true, .ext_ecx = 1U << 23}, {.known = true, .general = 6}},
		{"K10", {.amd = true}, {.known = true, .general = 4}},
		{"hidden by a hypervisor", {0}, {.general = 4}},
	};

	for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
		const struct pmu_counters *w = &cpus[i].want;
		struct pmu_counters c;

		pmu_counters_x86(&cpus[i].id, &c);
		ck_assert_msg(c.known == w->known && c.general == w->general &&
				      c.fixed_cycles == w->fixed_cycles &&
				      c.fixed_instructions == w->fixed_instructions &&
				      c.fixed_ref == w->fixed_ref && !c.watchdog,
			      "%s", cpus[i].cpu);
	}
}
END_TEST

START_TEST(watchdog)
{
	struct pmu_counters c;

	begin(put_intel);
	ck_assert(pmus_counters(p, &c) && !c.watchdog);
	put_text("proc/sys/kernel/nmi_watchdog", "0\n");
	ck_assert(pmus_counters(p, &c) && !c.watchdog);
	put_text("proc/sys/kernel/nmi_watchdog", "1\n");
	ck_assert(pmus_counters(p, &c) && c.watchdog);
}
END_TEST

START_TEST(mediated)
{
	ck_assert(!pmu_mediated(root));
	put_text("sys/module/kvm_intel/parameters/enable_mediated_pmu", "N\n");
	ck_assert(!pmu_mediated(root));
	put_text("sys/module/kvm_amd/parameters/enable_mediated_pmu", "Y\n");
	ck_assert(pmu_mediated(root));
}
END_TEST

int main(void)
{
	struct unit u = unit_new("pmu");

	tcase_add_checked_fixture(u.tcase, setup, end);
	UNIT_ADD(u, what_there_is);
	UNIT_ADD(u, none_at_all);
	UNIT_ADD(u, terms);
	UNIT_ADD(u, names_in_sysfs);
	UNIT_ADD(u, bits_in_two_ranges);
	UNIT_ADD(u, formats_that_are_odd);
	UNIT_ADD(u, what_is_refused);
	UNIT_ADD(u, cpus_of_two_kinds);
	UNIT_ADD(u, cpus_of_one_kind);
	UNIT_ADD(u, arm_of_two_kinds);
	UNIT_ADD(u, core_by_its_cpus);
	UNIT_ADD(u, files_of_a_pmu);
	UNIT_ADD(u, counters_by_cpuid);
	UNIT_ADD(u, watchdog);
	UNIT_ADD(u, mediated);
	return unit_run(u);
}
