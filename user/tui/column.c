// SPDX-License-Identifier: GPL-2.0-only
#include "column.h"

#include <pthread.h>
#include <string.h>

#include "../lib/units.h"
#include "../model/verdict.h"
#include "../out/cells.h"

#define NO_LEVEL (-1)

/* Columns that are no metric. */
static const struct column specials[] = {
	{"name", "VM", "The VM's name, as libvirt or its command line has it.", COLUMN_NAME, .width = 14,
	 .text = true, .grows = true, .ascending = true},
	{"vcpu", "vCPU", "The number that KVM has given the vCPU.", COLUMN_VCPU, .width = 4,
	 .ascending = true},
	{"tid", "tid", "The vCPU's thread.", COLUMN_TID, .width = 7, .ascending = true},
	{"vcpus", "vCPU", "How many vCPUs the VM has; of a vCPU its number.", COLUMN_VCPUS, .width = 4},
	{"cpu", "CPU", "Time on the host's CPUs, as a share of one CPU: all but idle, blocked and wait.",
	 COLUMN_CPU, .width = UNITS_RATIO_WIDTH},
	{"ledger", "time",
	 "Where the time goes, as a bar: guest, kvm, vmm, poll, idle, blocked, wait and what is not known. "
	 "Sorted by what is lost: all but guest and idle.",
	 COLUMN_BAR, .width = 10, .text = true, .grows = true},
	{"trend", "trend", "The share of the time that is not idle, over the last minute.", COLUMN_TREND,
	 .width = 12, .text = true, .grows = true},
	{"verdict", "verdict",
	 "The largest loss in words, with its share of the time that is not idle: a warning from 10% on, an "
	 "alarm from 20%, if that is 5% of all time.",
	 COLUMN_VERDICT, .width = VERDICT_SIZE - 1, .text = true},
	{"reason", "reason", "Why the vCPU left the guest, as the kernel calls it.", COLUMN_REASON,
	 .width = 16, .text = true, .grows = true, .ascending = true},
	{"class", "class",
	 "What the threads are for: vcpu, emulator (the VMM's main loop), iothread, vhost, worker, kvm, "
	 "other.",
	 COLUMN_CLASS, .width = 8, .text = true, .ascending = true},
	{"cpus", "CPUs",
	 "The host's CPUs that it ran on; of thread classes, those it was on at the ends of "
	 "the interval.  Sorted by how many.",
	 COLUMN_CPUS, .width = 6, .text = true, .grows = true},
	{"nodes", "nodes", "The NUMA nodes of these CPUs.  Sorted by how many.", COLUMN_NODES, .width = 5,
	 .text = true},
	{"pins", "pinned to",
	 "The CPUs that libvirt lets it run on; more than one set: those of its vCPUs. "
	 "Sorted by how many of them are pinned.",
	 COLUMN_PINS, .width = 9, .text = true, .grows = true},
	{"event", "event", "The event's name, as it was asked for.", COLUMN_EVENT, .width = 16, .text = true,
	 .grows = true, .ascending = true},
	{"guest", "guest/s", "What the guest did of it, per second.", COLUMN_EVENT_GUEST, .width = 7},
	{"host", "host/s", "What the host did of it for the guest, per second.", COLUMN_EVENT_HOST,
	 .width = 6},
	{"both", "all/s", "What guest and host did of it, per second.", COLUMN_EVENT_BOTH,
	 .width = UNITS_COUNT_WIDTH},
	{"level", "level", "What it is now, of one that is a level and no sum.", COLUMN_EVENT_LEVEL,
	 .width = UNITS_COUNT_WIDTH},
	{"counted", "counted",
	 "Share of the time on a CPU in which it had a counter; below 100% its figures are estimates.",
	 COLUMN_EVENT_RATIO, .width = 7},
	{"note", "note", "Why it is not counted.", COLUMN_EVENT_NOTE, .width = 10, .text = true,
	 .grows = true},
	{"uuid", "UUID", "The VM's UUID.", COLUMN_UUID, .width = 36, .text = true, .ascending = true},
	{"pid", "pid", "The process of the VM.", COLUMN_PID, .width = 7, .ascending = true},
};

/* Metrics that the tables for people have no column of, and those whose titles are clear there only. */
static const struct {
	const char *id, *title;
} titles[] = {
	{"ipc_host", "IPC host"},
	{"branch_miss_share", "br miss"},
	{"stalled_frontend_share", "stall fe"},
	{"stalled_backend_share", "stall be"},
	{"memory_local_share", "local"},
	{"node_moves", "node mv"},
};

#define VCPU_PRESETS                                                                                         \
	"name", "vcpu", "verdict", "ledger", "exit_cost", "wait_share", "exits_per_second", "cpu",           \
		"ipc_guest", "ipc_both", "llc_mpki"

/*
 * What the pages have: preset ones, then others, by their ids; all metrics of
 * the level that have a title come after them.
 */
static const struct page_table {
	const char *name;
	int level; /* enum metric_level */
	const char *preset[16];
	const char *others[12];
} pages[PAGES] = {
	[PAGE_REASON] = {"reason",
			 METRIC_EXIT,
			 {"name", "vcpu", "per_second", "share", "mean_ns", "p50_ns", "p90_ns", "p99_ns",
			  "max_ns", "off_mean_ns"},
			 {"tid", "pid", "uuid"}},
	[PAGE_VMS] = {"VMs",
		      METRIC_SET,
		      {"name", "vcpus", "cpu", "verdict", "ledger", "exit_cost", "wait_share",
		       "exits_per_second", "ipc_guest", "ipc_both", "llc_mpki", "memory_bytes_per_second",
		       "trend"},
		      {"cpus", "nodes", "pins", "pid", "uuid"}},
	[PAGE_VCPUS] = {"vCPUs", METRIC_SET, {VCPU_PRESETS, "cpus"}, {"nodes", "pins", "tid", "pid", "uuid"}},
	[PAGE_EXITS] = {"exits",
			METRIC_EXIT,
			{"name", "reason", "per_second", "share", "mean_ns", "p50_ns", "p90_ns", "p99_ns",
			 "max_ns", "off_mean_ns"},
			{"pid", "uuid"}},
	[PAGE_UEXITS] = {"user-space exits",
			 METRIC_UEXIT,
			 {"name", "reason", "per_second", "mean_ns"},
			 {"pid", "uuid"}},
	[PAGE_THREADS] = {"threads",
			  METRIC_THREAD,
			  {"name", "class", "count", "cpu_share", "wait_share", "switches_per_second",
			   "migrations_per_second", "total_cpu_ns", "cpus", "nodes"},
			  {"pins", "pid", "uuid"}},
	[PAGE_EVENTS] = {"events",
			 METRIC_EVENT,
			 {"name", "event", "guest", "host", "both", "level", "counted", "note"},
			 {"pid", "uuid"}},
	[PAGE_PLACEMENT] = {"placement",
			    METRIC_SET,
			    {"name", "vcpus", "cpus", "nodes", "pins", "wait_share", "cpu_moves_per_second",
			     "halts_per_second", "halt_p50_ns", "wake_p99_ns", "poll_share", "idle_share"},
			    {"node_moves", "cpu", "verdict", "ledger", "trend", "pid", "uuid"}},
	[PAGE_HARDWARE] = {"hardware",
			   METRIC_SET,
			   {"name", "vcpus", "ipc_guest", "ipc_both", "ipc_host", "frequency_hz", "llc_mpki",
			    "l1d_mpki", "dtlb_mpki", "itlb_mpki", "branch_mpki", "stalled_frontend_share",
			    "stalled_backend_share", "memory_bytes_per_second", "memory_local_share",
			    "llc_occupancy_bytes"},
			   {"branch_miss_share", "cpu", "verdict", "ledger", "trend", "pid", "uuid"}},
	[PAGE_HOST] = {"host", NO_LEVEL, {NULL}, {NULL}},
};

/* The tables above with the metric table's, made once. */
static struct column made[PAGES][COLUMNS_MAX];
static unsigned int made_count[PAGES];

static const struct column *special(const char *id)
{
	for (unsigned int i = 0; i < sizeof(specials) / sizeof(*specials); i++)
		if (!strcmp(specials[i].id, id))
			return &specials[i];
	return NULL;
}

static struct column of_metric(const struct metric *m)
{
	struct column c = {
		.id = m->id,
		.title = m->title ? m->title : m->id,
		.help = m->help,
		.kind = COLUMN_METRIC,
		.metric = m,
		/* an upper bound has a "<" */
		.width = cells_unit_width(m->unit) + !strcmp(m->id, "max_ns"),
	};

	for (unsigned int i = 0; i < sizeof(titles) / sizeof(*titles); i++)
		if (m->level == METRIC_SET && !strcmp(titles[i].id, m->id))
			c.title = titles[i].title;
	if (strlen(c.title) > c.width)
		c.width = (unsigned int)strlen(c.title);
	return c;
}

static struct column *find(enum page p, const char *id)
{
	for (unsigned int i = 0; i < made_count[p]; i++)
		if (!strcmp(made[p][i].id, id))
			return &made[p][i];
	return NULL;
}

/* There is room for all, and no name is wrong: a test sees to it. */
static void add(enum page p, const struct column *c, bool preset)
{
	if (made_count[p] == COLUMNS_MAX || find(p, c->id))
		return;
	made[p][made_count[p]] = *c;
	made[p][made_count[p]++].preset = preset;
}

static void add_named(enum page p, const char *id, bool preset)
{
	const struct column *s = special(id);
	const struct metric *m = metric_find((enum metric_level)pages[p].level, id);
	struct column c;

	if (s) {
		add(p, s, preset);
	} else if (m) {
		c = of_metric(m);
		add(p, &c, preset);
	}
}

static void make(void)
{
	for (int p = 0; p < PAGES; p++) {
		const struct page_table *t = &pages[p];

		for (unsigned int i = 0; i < sizeof(t->preset) / sizeof(*t->preset) && t->preset[i]; i++)
			add_named((enum page)p, t->preset[i], true);
		for (unsigned int i = 0; i < sizeof(t->others) / sizeof(*t->others) && t->others[i]; i++)
			add_named((enum page)p, t->others[i], false);
		for (unsigned int i = 0; i < metrics_count; i++)
			if ((int)metrics[i].level == t->level && metrics[i].title)
				add_named((enum page)p, metrics[i].id, false);
	}
}

static void made_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make);
}

const char *page_name(enum page p)
{
	return pages[p].name;
}

unsigned int page_columns(enum page p, const struct column **ret)
{
	made_once();
	*ret = made[p];
	return made_count[p];
}

const struct column *page_column(enum page p, const char *id)
{
	made_once();
	return find(p, id);
}

uint32_t column_needs(const struct column *c)
{
	switch (c->kind) {
	case COLUMN_METRIC:
		return metric_needs(c->metric);
	case COLUMN_CLASS:
		return METRIC_NEEDS_THREADS;
	case COLUMN_EVENT:
	case COLUMN_EVENT_GUEST:
	case COLUMN_EVENT_HOST:
	case COLUMN_EVENT_BOTH:
	case COLUMN_EVENT_LEVEL:
	case COLUMN_EVENT_RATIO:
	case COLUMN_EVENT_NOTE:
		return METRIC_NEEDS_EVENTS;
	default:
		return 0;
	}
}

/* Whether a metric has a figure where there is some of everything that this host can show. */
static bool metric_shown(const struct metric *m, const struct view *v)
{
	static const struct sample_event what = {.counted = true};
	static const struct view_event counted = {.known = true, .value = 1, .enabled = 1, .running = 1};
	static const struct view_exit exit = {.count = 1, .max_ns = 1, .hist = {1}};
	static const struct view_uexit uexit = {.count = 1, .ns = 1};
	static const struct view_class threads = {.count = 1};
	static const struct view_times times = {.count = 1, .ns = 1, .max_ns = 1, .hist = {1}};
	struct view_event events[VMP_EVENTS];
	struct view_set set = {
		.observed_ns = 1,
		.busy_ns = 1,
		.handling_ns = 1,
		.isa = v->total.isa,
		.halts = times,
		.wakes = times,
		.ncpus = v->total.ncpus,
		.cpu_ns = v->total.cpu_ns,
		.nevents = v->nevents < VMP_EVENTS ? v->nevents : VMP_EVENTS,
		.events = events,
	};
	struct metric_at at = {.view = v,
			       .set = &set,
			       .exit = &exit,
			       .uexit = &uexit,
			       .threads = &threads,
			       .what = &what,
			       .event = &counted};
	struct metric_value value;

	for (uint32_t i = 0; i < set.nevents; i++) {
		events[i] = counted;
		events[i].known = v->events[i].counted;
	}
	return metric_get(m, &at, &value);
}

static bool has_mode(const struct view *v, enum event_mode mode)
{
	for (uint32_t i = 0; i < v->nevents; i++)
		if (v->events[i].mode == mode && !v->events[i].gauge)
			return true;
	return false;
}

bool column_shown(const struct column *c, const struct view *v)
{
	switch (c->kind) {
	case COLUMN_METRIC:
		return metric_shown(c->metric, v);
	case COLUMN_CPUS:
		return v->total.cpu_ns || v->threads_visible;
	case COLUMN_NODES:
		return v->cpu_node;
	case COLUMN_PINS:
		for (uint32_t i = 0; i < v->nvms; i++)
			if (v->vms[i].pins_known)
				return true;
		return false;
	case COLUMN_EVENT_GUEST:
		return has_mode(v, EVENT_GUEST);
	case COLUMN_EVENT_HOST:
		return has_mode(v, EVENT_HOST);
	case COLUMN_EVENT_BOTH:
		return has_mode(v, EVENT_BOTH) || (has_mode(v, EVENT_GUEST) && has_mode(v, EVENT_HOST));
	case COLUMN_EVENT_LEVEL:
		for (uint32_t i = 0; i < v->nevents; i++)
			if (v->events[i].gauge)
				return true;
		return false;
	case COLUMN_EVENT_NOTE:
		for (uint32_t i = 0; i < v->nevents; i++)
			if (!v->events[i].counted)
				return true;
		return false;
	default:
		return true;
	}
}
