// SPDX-License-Identifier: GPL-2.0-only
/* vmperf events: what is shown of a made-up host, and what patterns mean. */
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "lib/mem.h"
#include "out/listing.h"

static struct listing l;
static struct buf b;

static void add(enum event_group group, const char *name, const char *aliases, const char *help,
		const char *counter, enum listing_state state, uint32_t modes, const char *why)
{
	struct listing_event *e;

	l.events = mem_resize(l.events, l.n + 1, sizeof(*l.events));
	e = &l.events[l.n++];
	*e = (struct listing_event){.group = group,
				    .name = mem_strdup(name),
				    .aliases = mem_strdup(aliases),
				    .help = mem_strdup(help),
				    .counter = mem_strdup(counter),
				    .state = state,
				    .modes = modes};
	strcpy(e->why, why);
}

#define APART (1U << EVENT_GUEST | 1U << EVENT_HOST)

static void setup(void)
{
	l = (struct listing){.counters = {.pmus = "cpu",
					  .general = 4,
					  .fixed_cycles = true,
					  .fixed_instructions = true,
					  .watchdog = true,
					  .measured = true,
					  .free = 3},
			     .preset = "cycles,instructions"};
	add(EVENT_HARDWARE, "cycles", "cpu-cycles cpu_cycles", "cycles while not halted", "fixed or general",
	    LISTING_YES, APART, "");
	add(EVENT_HARDWARE, "bus-cycles", "bus_cycles", "cycles of the bus", "general", LISTING_NO, 0,
	    "this CPU's PMU cannot count it");
	add(EVENT_SOFTWARE, "page-faults", "faults page_faults", "page faults of the VMM's memory",
	    "software", LISTING_YES, 1U << EVENT_BOTH, "");
	add(EVENT_PMU, "msr/\033[31m/", "", "event=0x00", "msr", LISTING_UNKNOWN, 0, "run vmperf as root");
	add(EVENT_RESCTRL, "cmt", "", "bytes in the last level cache", "resctrl", LISTING_NO, 0,
	    "resctrl is not mounted");
	add(EVENT_RESCTRL, "mbmt", "", "bytes moved", "resctrl", LISTING_NO, 0, "resctrl is not mounted");
}

static void teardown(void)
{
	buf_free(&b);
	listing_free(&l);
}

START_TEST(table)
{
	static const char want[] =
		"PMU: cpu; 4 general counters, 3 free now; one more for cycles, instructions\n"
		"  each; the NMI watchdog takes one\n"
		"counted when no others are asked for: cycles,instructions\n"
		"\n"
		"hardware: what CPUs count, as the kernel names it\n"
		"EVENT      COUNTED    BY               ALSO CALLED           WHAT\n"
		"cycles     guest host fixed or general cpu-cycles cpu_cycles cycles while not halted\n"
		"bus-cycles -          general          bus_cycles            cycles of the bus\n"
		"\n"
		"software: events of the kernel itself\n"
		"EVENT       COUNTED BY       ALSO CALLED        WHAT\n"
		"page-faults both    software faults page_faults page faults of the VMM's memory\n"
		"\n"
		"pmu: events that PMUs have names for in /sys\n"
		"EVENT         COUNTED BY  WHAT\n"
		"msr/\\x1b[31m/ ?       msr event=0x00\n"
		"\n"
		"resctrl: cache and memory bandwidth of whole VMs\n"
		"EVENT COUNTED BY      WHAT\n"
		"cmt   -       resctrl bytes in the last level cache\n"
		"mbmt  -       resctrl bytes moved\n"
		"\n"
		"bus-cycles: this CPU's PMU cannot count it\n"
		"msr/\\x1b[31m/: run vmperf as root\n"
		"cmt, mbmt: resctrl is not mounted\n";
	struct out_options o = {.utf8 = true};

	listing_table(&b, &l, &o);
	ck_assert_str_eq(b.data, want);
}
END_TEST

START_TEST(narrow_tables_fit)
{
	for (unsigned int width = 1; width < 120; width++) {
		struct out_options o = {.width = width};
		unsigned int most = width < OUT_WIDTH_MIN ? OUT_WIDTH_MIN : width;

		b.len = 0;
		listing_table(&b, &l, &o);
		for (const char *p = b.data, *end; *p; p = end + 1) {
			end = strchr(p, '\n');
			/* titles of groups are as long as they are */
			ck_assert_msg((size_t)(end - p) <= most || strstr(p, ": ") < end, "%u: %.*s", width,
				      (int)(end - p), p);
		}
	}
}
END_TEST

static void counters_are(const char *want)
{
	struct out_options o = {.utf8 = true, .width = 400};

	b.len = 0;
	listing_table(&b, &l, &o);
	ck_assert_msg(!strncmp(b.data, want, strlen(want)), "%s", b.data);
}

START_TEST(counters)
{
	l.counters = (struct listing_counters){0};
	l.preset = "";
	l.no_models = "libpfm4 is not installed";
	counters_are("PMU: none; the CPUs' hardware events cannot be counted here\n"
		     "counted when no others are asked for: none\n");
	ck_assert(strstr(b.data, "\nnames of this CPU's own: none: libpfm4 is not installed\n") != NULL);
	l.counters = (struct listing_counters){.pmus = "armv8_pmuv3_0",
					       .general = 6,
					       .assumed = true,
					       .fixed_cycles = true,
					       .why = "run vmperf as root"};
	counters_are("PMU: armv8_pmuv3_0; 6 general counters assumed; one more for cycles; how many "
		     "are free "
		     "is not known: run vmperf as root\n");
	l.counters =
		(struct listing_counters){.pmus = "cpu", .general = 1, .measured = true, .mediated = true};
	counters_are("PMU: cpu; 1 general counter, 0 free now\n"
		     "KVM lends the PMU to VMs (enable_mediated_pmu): only the host's part is counted\n");
}
END_TEST

START_TEST(json)
{
	static const char want[] =
		"{\"schema\":1,\"pmu\":{\"names\":[\"cpu\"],\"general_counters\":4,\"assumed\":false,"
		"\"fixed_counters\":[\"cycles\",\"instructions\"],\"free_counters\":3,\"reason\":null,"
		"\"nmi_watchdog\":true,\"mediated\":false},\"default\":[\"cycles\",\"instructions\"],"
		"\"no_model_events\":null,\"events\":["
		"{\"event\":\"cycles\",\"aliases\":[\"cpu-cycles\",\"cpu_cycles\"],\"group\":\"hardware\","
		"\"description\":\"cycles while not halted\",\"counter\":\"fixed or "
		"general\",\"available\":true,"
		"\"modes\":[\"guest\",\"host\"],\"reason\":null},"
		"{\"event\":\"bus-cycles\",\"aliases\":[\"bus_cycles\"],\"group\":\"hardware\","
		"\"description\":\"cycles of the "
		"bus\",\"counter\":\"general\",\"available\":false,\"modes\":[],"
		"\"reason\":\"this CPU's PMU cannot count it\"},"
		"{\"event\":\"page-faults\",\"aliases\":[\"faults\",\"page_faults\"],\"group\":\"software\","
		"\"description\":\"page faults of the VMM's "
		"memory\",\"counter\":\"software\",\"available\":true,"
		"\"modes\":[\"both\"],\"reason\":null},"
		"{\"event\":\"msr/\\u001b[31m/"
		"\",\"aliases\":[],\"group\":\"pmu\",\"description\":\"event=0x00\","
		"\"counter\":\"msr\",\"available\":null,\"modes\":null,\"reason\":\"run vmperf as root\"},"
		"{\"event\":\"cmt\",\"aliases\":[],\"group\":\"resctrl\",\"description\":\"bytes in the last "
		"level "
		"cache\",\"counter\":\"resctrl\",\"available\":false,\"modes\":[],\"reason\":\"resctrl is "
		"not "
		"mounted\"},"
		"{\"event\":\"mbmt\",\"aliases\":[],\"group\":\"resctrl\",\"description\":\"bytes moved\","
		"\"counter\":\"resctrl\",\"available\":false,\"modes\":[],\"reason\":\"resctrl is not "
		"mounted\"}]}";
	json_t *found, *wanted = json_loads(want, JSON_REJECT_DUPLICATES, NULL);

	listing_json(&b, &l);
	found = json_loads(b.data, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(wanted);
	ck_assert_msg(json_equal(found, wanted), "%s", b.data);
	ck_assert(!strchr(b.data, '\033'));
	json_decref(found);
	json_decref(wanted);
}
END_TEST

START_TEST(json_without_a_measurement)
{
	json_t *root, *pmu;

	l.counters.measured = false;
	strcpy(l.counters.why, "run vmperf as root");
	listing_json(&b, &l);
	root = json_loads(b.data, 0, NULL);
	pmu = json_object_get(root, "pmu");
	ck_assert(json_is_null(json_object_get(pmu, "free_counters")));
	ck_assert_str_eq(json_string_value(json_object_get(pmu, "reason")), "run vmperf as root");
	json_decref(root);
}
END_TEST

START_TEST(patterns)
{
	static const struct {
		const char *pattern;
		int event; /* -1: none */
	} pairs[] = {
		{"cycles", 0},   {"CYC*", 0},   {"cpu?cycles", 0}, {"cpu-cycles", 0},
		{"hardware", 0}, {"cycle", -1}, {"cpu", -1},       {"cpu-cycles cpu_cycles", -1},
		{"", -1},        {"bus*", 1},   {"faults", 2},     {"*_faults", 2},
		{"msr/*", 3},    {"pmu", 3},    {"resctrl", 4},    {"cmt", 4},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t k;

		for (k = 0; k < l.n && !listing_match(&l.events[k], &pairs[i].pattern, 1); k++)
			;
		ck_assert_msg(k == (pairs[i].event < 0 ? l.n : (size_t)pairs[i].event), "%s: %zu",
			      pairs[i].pattern, k);
	}
	ck_assert(!listing_match(&l.events[0], NULL, 0));
}
END_TEST

int main(void)
{
	struct unit u = unit_new("listing");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, table);
	UNIT_ADD(u, narrow_tables_fit);
	UNIT_ADD(u, counters);
	UNIT_ADD(u, json);
	UNIT_ADD(u, json_without_a_measurement);
	UNIT_ADD(u, patterns);
	return unit_run(u);
}
