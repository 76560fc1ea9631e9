// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"

#include <ctype.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../lib/buf.h"
#include "../lib/mem.h"

#define HW(id, kind)  EVENT_HARDWARE, kind, PERF_TYPE_HARDWARE, PERF_COUNT_HW_##id
#define SW(id)        EVENT_SOFTWARE, EVENT_OTHER, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##id
#define RESCTRL(kind) EVENT_RESCTRL, kind, 0, 0
#define CACHE(c, op, result, kind)                                                                           \
	EVENT_CACHE, kind, PERF_TYPE_HW_CACHE,                                                               \
		PERF_COUNT_HW_CACHE_##c | PERF_COUNT_HW_CACHE_OP_##op << 8 |                                 \
			PERF_COUNT_HW_CACHE_RESULT_##result << 16

/* Only what caches can do: code is never stored, a branch predictor is only read. */
#define READS(name, c, what, kind)                                                                           \
	{name "-loads", "", what ": loads", CACHE(c, READ, ACCESS, EVENT_OTHER)},                            \
	{                                                                                                    \
		name "-load-misses", "", what ": loads that missed", CACHE(c, READ, MISS, kind)              \
	}
#define STORES(name, c, what)                                                                                \
	{name "-stores", "", what ": stores", CACHE(c, WRITE, ACCESS, EVENT_OTHER)},                         \
	{                                                                                                    \
		name "-store-misses", "", what ": stores that missed", CACHE(c, WRITE, MISS, EVENT_OTHER)    \
	}
#define PREFETCHES(name, c, what)                                                                            \
	{name "-prefetches", "", what ": prefetches", CACHE(c, PREFETCH, ACCESS, EVENT_OTHER)},              \
	{                                                                                                    \
		name "-prefetch-misses", "", what ": prefetches that missed",                                \
			CACHE(c, PREFETCH, MISS, EVENT_OTHER)                                                \
	}

static const struct event_name rows[] = {
	{"cycles", "cpu-cycles cpu_cycles", "cycles while not halted, of the frequency it ran at",
	 HW(CPU_CYCLES, EVENT_CYCLES)},
	{"instructions", "", "instructions retired", HW(INSTRUCTIONS, EVENT_INSTRUCTIONS)},
	{"cache-references", "cache_references", "accesses of the cache whose misses cache-misses counts",
	 HW(CACHE_REFERENCES, EVENT_OTHER)},
	{"cache-misses", "cache_misses",
	 "misses of the last cache on Intel's CPUs, of L2 on AMD's, of L1D on Arm's",
	 HW(CACHE_MISSES, EVENT_LLC_MISSES)},
	{"branches", "branch-instructions branch_instructions", "branches retired",
	 HW(BRANCH_INSTRUCTIONS, EVENT_BRANCHES)},
	{"branch-misses", "branch_misses", "branches that were predicted wrong",
	 HW(BRANCH_MISSES, EVENT_BRANCH_MISSES)},
	{"bus-cycles", "bus_cycles", "cycles of the bus, or of a clock as steady",
	 HW(BUS_CYCLES, EVENT_OTHER)},
	{"stalled-cycles-frontend", "idle-cycles-frontend stalled_cycles_frontend",
	 "cycles without instructions to begin", HW(STALLED_CYCLES_FRONTEND, EVENT_STALLED_FRONTEND)},
	{"stalled-cycles-backend", "idle-cycles-backend stalled_cycles_backend",
	 "cycles in which none could be finished", HW(STALLED_CYCLES_BACKEND, EVENT_STALLED_BACKEND)},
	{"ref-cycles", "ref_cpu_cycles", "cycles while not halted, of a steady frequency",
	 HW(REF_CPU_CYCLES, EVENT_REF_CYCLES)},

	READS("L1-dcache", L1D, "level 1 data cache", EVENT_L1D_MISSES),
	STORES("L1-dcache", L1D, "level 1 data cache"),
	PREFETCHES("L1-dcache", L1D, "level 1 data cache"),
	READS("L1-icache", L1I, "level 1 instruction cache", EVENT_OTHER),
	PREFETCHES("L1-icache", L1I, "level 1 instruction cache"),
	READS("LLC", LL, "last level cache", EVENT_LLC_MISSES),
	STORES("LLC", LL, "last level cache"),
	PREFETCHES("LLC", LL, "last level cache"),
	READS("dTLB", DTLB, "data TLB", EVENT_DTLB_MISSES),
	STORES("dTLB", DTLB, "data TLB"),
	PREFETCHES("dTLB", DTLB, "data TLB"),
	READS("iTLB", ITLB, "instruction TLB", EVENT_ITLB_MISSES),
	READS("branch", BPU, "branch predictor", EVENT_OTHER),
	READS("node", NODE, "memory of this NUMA node", EVENT_OTHER),
	STORES("node", NODE, "memory of this NUMA node"),
	PREFETCHES("node", NODE, "memory of this NUMA node"),

	{"cpu-clock", "cpu_clock", "time on the CPU (ns), by a timer of the CPU", SW(CPU_CLOCK)},
	{"task-clock", "task_clock", "time on the CPU (ns), of the thread", SW(TASK_CLOCK)},
	{"page-faults", "faults page_faults", "page faults of the VMM's memory", SW(PAGE_FAULTS)},
	{"context-switches", "cs context_switches", "times it left the CPU", SW(CONTEXT_SWITCHES)},
	{"cpu-migrations", "migrations cpu_migrations", "moves to another CPU", SW(CPU_MIGRATIONS)},
	{"minor-faults", "page_faults_min", "page faults that needed no I/O", SW(PAGE_FAULTS_MIN)},
	{"major-faults", "page_faults_maj", "page faults that needed I/O", SW(PAGE_FAULTS_MAJ)},
	{"alignment-faults", "alignment_faults", "unaligned accesses that the kernel mended",
	 SW(ALIGNMENT_FAULTS)},
	{"emulation-faults", "emulation_faults", "instructions that the kernel emulated for user space",
	 SW(EMULATION_FAULTS)},
	{"cgroup-switches", "", "switches to a thread of another cgroup", SW(CGROUP_SWITCHES)},

	{"cmt", "llc_occupancy", "bytes that the VM has in the last level cache",
	 RESCTRL(EVENT_LLC_OCCUPANCY)},
	{"mbmt", "mbm_total_bytes", "bytes moved between the last level cache and memory",
	 RESCTRL(EVENT_BANDWIDTH)},
	{"mbml", "mbm_local_bytes", "the same with memory of the CPU's own NUMA node",
	 RESCTRL(EVENT_BANDWIDTH_LOCAL)},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const char *event_mode_name(enum event_mode m)
{
	static const char *const names[] = {
		[EVENT_BOTH] = "both", [EVENT_GUEST] = "guest", [EVENT_HOST] = "host"};

	return names[m];
}

const char *event_group_name(enum event_group g)
{
	static const char *const names[] = {
		[EVENT_HARDWARE] = "hardware", [EVENT_CACHE] = "cache", [EVENT_SOFTWARE] = "software",
		[EVENT_RAW] = "raw",           [EVENT_PMU] = "pmu",     [EVENT_MODEL] = "model",
		[EVENT_RESCTRL] = "resctrl",   [EVENT_GROUPS] = "",
	};

	return names[g];
}

const struct event_name *event_row(size_t n)
{
	return n < ROWS ? &rows[n] : NULL;
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word), n;

	for (; *words; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		if (n == len && !strncasecmp(words, word, n))
			return true;
	}
	return false;
}

const struct event_name *event_find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!strcasecmp(rows[i].name, name) || has_word(rows[i].aliases, name))
			return &rows[i];
	return NULL;
}

/* The end of the word that begins at p: what ends a word does not inside pmu/…/ and {…}. */
static const char *word_end(const char *p)
{
	bool slash = false;
	int braces = 0;

	for (; *p; p++) {
		if (*p == '\n' || (*p == ',' && !slash && braces <= 0))
			break;
		if (*p == '/')
			slash = !slash;
		else if (!slash)
			braces += (*p == '{') - (*p == '}');
	}
	return p;
}

char **event_list_split(const char *list)
{
	size_t len = strlen(list), n = 0;
	/* each word but the last has at least its separator */
	char **words = mem_zalloc(1, (len / 2 + 2) * sizeof(*words) + len + 1);
	char *text = (char *)(words + len / 2 + 2);
	const char *end;

	for (; *list; list = *end ? end + 1 : end) {
		end = word_end(list);
		while (list < end && isspace((unsigned char)*list))
			list++;
		len = (size_t)(end - list);
		while (len && isspace((unsigned char)list[len - 1]))
			len--;
		if (!len)
			continue;
		words[n++] = text;
		text = (char *)mempcpy(text, list, len) + 1;
	}
	return words;
}

bool event_raw(const char *body, uint64_t *config)
{
	size_t len;

	if (body[0] != 'r')
		return false;
	body++;
	if (body[0] == '0' && body[1] == 'x')
		body += 2;
	len = strspn(body, "0123456789abcdefABCDEF");
	if (!len || len > 16 || body[len])
		return false;
	*config = strtoull(body, NULL, 16);
	return true;
}

/* Whether modifiers can follow nothing else than that: unlike libpfm4's names it has no colon of its own. */
static bool is_plain(const char *body)
{
	uint64_t config;

	return strchr(body, '/') || event_find(body) || event_raw(body, &config);
}

/* As in perf: one of u, k and h leaves out the others. */
static void modify(struct event_word *w, const char *modifiers)
{
	bool u = strchr(modifiers, 'u'), k = strchr(modifiers, 'k'), h = strchr(modifiers, 'h');

	if (u || k || h) {
		w->exclude_user = !u;
		w->exclude_kernel = !k;
		w->exclude_hv = !h;
	}
	w->guest = strchr(modifiers, 'G');
	w->host = strchr(modifiers, 'H');
}

/* body, and the modifiers u, k and h as they were written. */
static char *name_of(const char *body, const char *modifiers)
{
	size_t len = strlen(body);
	struct buf b = {0};

	buf_puts(&b, body);
	for (; *modifiers; modifiers++) {
		if (*modifiers == 'G' || *modifiers == 'H')
			continue;
		if (b.len == len && body[len - 1] != '/')
			buf_puts(&b, ":");
		buf_add(&b, modifiers, 1);
	}
	return b.data;
}

bool event_fail(char *error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error, EVENT_ERROR, fmt, ap);
	va_end(ap);
	return false;
}

/* Takes the word apart; what it found until it fails is left to the caller to free. */
static bool take_apart(const char *word, struct event_word *ret, char *error)
{
	const char *slash = strchr(word, '/'), *end, *modifiers;
	char bad;

	if (strpbrk(word, "{}"))
		return event_fail(error, "groups are not supported: each event is counted on its own");
	if (slash) {
		end = strchr(slash + 1, '/');
		if (slash == word || !end)
			return event_fail(error, "%s (write it as pmu/name/)",
					  end ? "the name of the PMU is missing"
					      : "the closing / is missing");
		end++;
		modifiers = end + (*end == ':');
	} else {
		end = strrchr(word, ':');
		if (!end)
			end = word + strlen(word);
		modifiers = end + (*end == ':');
	}
	if (*end == ':' && !*modifiers)
		return event_fail(error, "modifiers are missing after the last ':'");
	ret->body = mem_strndup(word, (size_t)(end - word));
	bad = modifiers[strspn(modifiers, "ukhGH")];
	if (bad && is_plain(ret->body))
		return event_fail(error, "the modifier '%c' is not supported (u, k, h, G and H are)", bad);
	if (bad) {
		free(ret->body);
		ret->body = mem_strdup(word);
		modifiers = "";
	}
	modify(ret, modifiers);
	if (!*ret->body)
		return event_fail(error, "the name is missing%s", *end ? " before ':'" : "");
	ret->name = name_of(ret->body, modifiers);
	return true;
}

bool event_word_parse(const char *word, struct event_word *ret, char *error)
{
	*ret = (struct event_word){0};
	error[0] = '\0';
	if (take_apart(word, ret, error))
		return true;
	event_word_free(ret);
	return false;
}

void event_word_free(struct event_word *w)
{
	free(w->body);
	free(w->name);
	*w = (struct event_word){0};
}
