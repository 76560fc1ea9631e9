// SPDX-License-Identifier: GPL-2.0-only
#include "metric.h"

#include <string.h>

#include "metric_get.h"

#define BOTH (METRIC_JSON | METRIC_CSV)

#define HELP_GUEST   "Time in which the vCPU ran guest code."
#define HELP_KVM     "Time in the kernel, handling an exit."
#define HELP_VMM     "Time in user space: the VMM handled an exit."
#define HELP_POLL    "Time halted while KVM polled on the CPU for a wake-up."
#define HELP_IDLE    "Time halted, off the CPU."
#define HELP_BLOCKED "Time off the CPU for a lock, I/O or a page fault."
#define HELP_WAIT    "Time in which the vCPU could have run but another thread had the CPU."
#define HELP_RUNNING                                                                                         \
	"Time on the CPU, in guest, kvm or vmm, not known which: of threads before their first entry, of "   \
	"all vCPUs of a KVM that fires no kvm_entry; and the time of states that are not visible."

/* One line for each state: its time, and that as a share of the observed time. */
#define SET_STATE(ID, STATE, HELP)                                                                           \
	{                                                                                                    \
		METRIC_SET, ID "_ns", "ledger_ns", ID, NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH, HELP,         \
			set_state, STATE,                                                                    \
			.series = "vcpu_seconds", .label = "state", .label_value = ID,                       \
			.family_help = "Time of vCPU threads by state; all states add up to the time in "    \
				       "which they were observed."                                           \
	}
#define SET_SHARE(ID, STATE, TITLE, RANK)                                                                    \
	{                                                                                                    \
		METRIC_SET, ID "_share", NULL, ID "_share", TITLE, RANK, UNIT_RATIO, METRIC_GAUGE, 0,        \
			"Share of the observed time in the state " ID ".", set_share, STATE                  \
	}
#define SET_TIMES_COUNT(GROUP, WAKES, HELP)                                                                  \
	{                                                                                                    \
		METRIC_SET, GROUP, GROUP, "count", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH, HELP,          \
			times_count, WAKES, .series = GROUP                                                  \
	}
#define SET_TIMES_NS(GROUP, ID, WAKES, HELP)                                                                 \
	{                                                                                                    \
		METRIC_SET, ID "_ns", GROUP, "ns", NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH, HELP, times_ns,   \
			WAKES, .series = ID "_seconds"                                                       \
	}
#define SET_TIMES_MAX(GROUP, ID, WAKES)                                                                      \
	{                                                                                                    \
		METRIC_SET, ID "_max_ns", GROUP, "max_ns", NULL, 0, UNIT_NS, METRIC_GAUGE, BOTH,             \
			"The longest of these; where an earlier one was longer, an upper bound.", times_max, \
			WAKES                                                                                \
	}
#define EXIT_STATE(ID, STATE, HELP)                                                                          \
	{                                                                                                    \
		METRIC_EXIT, ID "_ns", NULL, ID "_ns", NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH,               \
			HELP " Between such an exit and the next entry.", exit_state, STATE,                 \
			.series = "exit_seconds", .label = "state", .label_value = ID,                       \
			.family_help = "Time between exits of a reason and the next entry, by state; a "     \
				       "state that is 0 has no series."                                      \
	}
#define SET_FLAG(ID, FLAG, HELP)                                                                             \
	{                                                                                                    \
		METRIC_SET, "flag_" ID, "exit_flags", ID, NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH, HELP,   \
			set_flag, FLAG, .series = "exit_flags", .label = "flag", .label_value = ID,          \
					.family_help = "Exits whose reason had this flag (VMX)."             \
	}

#define KIND_BIT(KIND) (1U << (KIND))

#define OF_MODE " Of the guest where that is counted apart, else of guest and host."

/* One line for each: misses for every 1000 instructions, and what is a share of others. */
#define SET_MPKI(ID, KIND, TITLE, RANK, WHAT)                                                                \
	{                                                                                                    \
		METRIC_SET, ID "_mpki", "derived", ID "_mpki", TITLE, RANK, UNIT_NUMBER, METRIC_GAUGE,       \
			BOTH | METRIC_IF_KNOWN, WHAT " for every 1000 instructions." OF_MODE, derived_mpki,  \
			KIND, KIND_BIT(KIND) | KIND_BIT(EVENT_INSTRUCTIONS)                                  \
	}
#define SET_PART(ID, KIND, WHAT)                                                                             \
	{                                                                                                    \
		METRIC_SET, ID "_share", "derived", ID "_share", NULL, 0, UNIT_RATIO, METRIC_GAUGE, BOTH,    \
			WHAT OF_MODE, derived_share, KIND,                                                   \
			KIND_BIT(KIND) |                                                                     \
				KIND_BIT((KIND) == EVENT_BRANCH_MISSES ? EVENT_BRANCHES : EVENT_CYCLES)      \
	}
#define SET_IPC(ID, MODE, TITLE, RANK, WHOSE)                                                                \
	{                                                                                                    \
		METRIC_SET, "ipc_" ID, "derived", "ipc_" ID, TITLE, RANK, UNIT_NUMBER, METRIC_GAUGE,         \
			BOTH | METRIC_IF_KNOWN, WHOSE " instructions for each of its cycles.", derived_ipc,  \
			MODE, KIND_BIT(EVENT_INSTRUCTIONS) | KIND_BIT(EVENT_CYCLES)                          \
	}

/* clang-format off */
const struct metric metrics[] = {
	/* level, id, group, key, title, rank, unit, kind, use, help, get, arg, kinds */
	{METRIC_SET, "observed_ns", NULL, "observed_ns", NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH,
	 "Wall time for which vCPU threads were observed, summed over them; the ledger adds up to it.",
	 set_observed, 0},
	SET_STATE("guest", VMP_GUEST, HELP_GUEST),
	SET_STATE("kvm", VMP_KVM, HELP_KVM),
	SET_STATE("vmm", VMP_VMM, HELP_VMM),
	SET_STATE("poll", VMP_POLL, HELP_POLL),
	SET_STATE("idle", VMP_IDLE, HELP_IDLE),
	SET_STATE("blocked", VMP_BLOCKED, HELP_BLOCKED),
	SET_STATE("wait", VMP_WAIT, HELP_WAIT),
	SET_STATE("running", VMP_RUNNING, HELP_RUNNING),
	{METRIC_SET, "exits", NULL, "exit_count", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "VM exits of all reasons.", set_exits, 0},
	{METRIC_SET, "exits_per_second", NULL, "exits_per_second", "exits/s", 8, UNIT_PER_SECOND, METRIC_GAUGE, BOTH,
	 "VM exits per second.", set_exit_rate, 0},
	{METRIC_SET, "userspace_exits", NULL, "userspace_exit_count", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Exits that KVM handed to the VMM.", set_uexits, 0},
	{METRIC_SET, "userspace_exits_per_second", NULL, "userspace_exits_per_second", "user/s", 11,
	 UNIT_PER_SECOND, METRIC_GAUGE, BOTH,
	 "Exits that KVM handed to the VMM, per second.", set_uexit_rate, 0},
	{METRIC_SET, "exit_cost", NULL, "exit_cost", "cost", 5, UNIT_RATIO, METRIC_GAUGE, BOTH,
	 "Share of the busy time that exits take: (kvm + vmm) / (observed - idle).", set_cost, 0},
	SET_SHARE("guest", VMP_GUEST, "guest", 7),
	SET_SHARE("kvm", VMP_KVM, "kvm", 4),
	SET_SHARE("vmm", VMP_VMM, "vmm", 3),
	SET_SHARE("running", VMP_RUNNING, "run", 7),
	SET_SHARE("poll", VMP_POLL, "poll", 10),
	SET_SHARE("idle", VMP_IDLE, "idle", 6),
	SET_SHARE("blocked", VMP_BLOCKED, "block", 9),
	SET_SHARE("wait", VMP_WAIT, "wait", 2),
	SET_TIMES_COUNT("halts", false, "Halts of vCPUs that ended."),
	SET_TIMES_NS("halts", "halt", false, "Time from halts to their wake-ups, polling included."),
	SET_TIMES_MAX("halts", "halt", false),
	SET_TIMES_COUNT("wakes", true, "Entries into the guest after a halt."),
	SET_TIMES_NS("wakes", "wake", true, "Time from wake-ups after a halt to the entry into the guest."),
	SET_TIMES_MAX("wakes", "wake", true),
	{METRIC_SET, "halts_per_second", NULL, "halts_per_second", "halts/s", 12, UNIT_PER_SECOND, METRIC_GAUGE,
	 METRIC_CSV, "Halts of vCPUs that ended, per second.", times_rate, false},
	{METRIC_SET, "halt_p50_ns", "halts", "p50_ns", "sleep", 14, UNIT_NS, METRIC_GAUGE, BOTH,
	 "Half of the halts were at most this long, as the histogram tells.", halts_quantile, 50},
	{METRIC_SET, "halt_p99_ns", "halts", "p99_ns", NULL, 0, UNIT_NS, METRIC_GAUGE, BOTH,
	 "99 of 100 halts were at most this long, as the histogram tells.", halts_quantile, 99},
	{METRIC_SET, "wake_p50_ns", "wakes", "p50_ns", NULL, 0, UNIT_NS, METRIC_GAUGE, BOTH,
	 "Half of the times from wake-up to entry are at most this, as the histogram tells.", wakes_quantile, 50},
	{METRIC_SET, "wake_p99_ns", "wakes", "p99_ns", "late", 13, UNIT_NS, METRIC_GAUGE, BOTH,
	 "99 of 100 times from wake-up to entry are at most this, as the histogram tells.", wakes_quantile, 99},
	{METRIC_SET, "cpu_moves", "placement", "cpu_moves", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Times that vCPU threads came to another CPU than before.", set_moves, 0, .series = "cpu_moves"},
	{METRIC_SET, "cpu_moves_per_second", NULL, "cpu_moves_per_second", "moves/s", 15, UNIT_PER_SECOND,
	 METRIC_GAUGE, METRIC_CSV, "Times that vCPU threads came to another CPU than before, per second.",
	 set_move_rate, 0},
	{METRIC_SET, "node_moves", "placement", "node_moves", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Times that vCPU threads came to another NUMA node than before.", set_node_moves, 0, .series = "node_moves"},
	SET_IPC("guest", EVENT_GUEST, "IPC", 3, "The guest's"),
	SET_IPC("host", EVENT_HOST, NULL, 0, "The host's (KVM's and the VMM's)"),
	SET_IPC("both", EVENT_BOTH, "IPC", 3, "The guest's and host's, where they are not told apart:"),
	{METRIC_SET, "frequency_hz", "derived", "frequency_hz", "GHz", 9, UNIT_HZ, METRIC_GAUGE,
	 BOTH | METRIC_IF_KNOWN, "Cycles per second on a CPU, of guest and host.", derived_frequency, 0, KIND_BIT(EVENT_CYCLES)},
	SET_MPKI("llc", EVENT_LLC_MISSES, "LLC/k", 8, "Misses of the last level of caches"),
	SET_MPKI("l1d", EVENT_L1D_MISSES, "L1D/k", 16, "Misses of loads in the first level of caches"),
	SET_MPKI("dtlb", EVENT_DTLB_MISSES, "dTLB/k", 16, "Misses of the data TLB"),
	SET_MPKI("itlb", EVENT_ITLB_MISSES, "iTLB/k", 16, "Misses of the instruction TLB"),
	SET_MPKI("branch", EVENT_BRANCH_MISSES, "br/k", 16, "Branches that were not predicted"),
	SET_PART("branch_miss", EVENT_BRANCH_MISSES, "Share of the branches that were not predicted."),
	SET_PART("stalled_frontend", EVENT_STALLED_FRONTEND,
		 "Share of the cycles in which no instruction was there to be issued."),
	SET_PART("stalled_backend", EVENT_STALLED_BACKEND,
		 "Share of the cycles in which instructions waited for data or units."),
	{METRIC_SET, "memory_bytes_per_second", "derived", "memory_bytes_per_second", "mem/s", 8, UNIT_PER_SECOND,
	 METRIC_GAUGE, BOTH | METRIC_IF_KNOWN, "Bytes to and from memory per second (resctrl).",
	 derived_bandwidth, 0, KIND_BIT(EVENT_BANDWIDTH)},
	{METRIC_SET, "memory_local_share", "derived", "memory_local_share", NULL, 0, UNIT_RATIO, METRIC_GAUGE, BOTH,
	 "Share of the bytes to and from memory that stayed in the CPUs' NUMA node (resctrl).", derived_local, 0,
	 KIND_BIT(EVENT_BANDWIDTH) | KIND_BIT(EVENT_BANDWIDTH_LOCAL)},
	{METRIC_SET, "llc_occupancy_bytes", "derived", "llc_occupancy_bytes", "LLC", 10, UNIT_COUNT, METRIC_GAUGE,
	 BOTH | METRIC_IF_KNOWN | METRIC_WHOLE, "Bytes in the last level of caches, at the end of the interval (resctrl).",
	 derived_occupancy, 0,
	 KIND_BIT(EVENT_LLC_OCCUPANCY), .series = "llc_occupancy_bytes",
	 .family_help = "Bytes in the last level of caches (resctrl)."},
	{METRIC_SET, "unpaired", NULL, "unpaired", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Exits without an entry before them, and entries without an exit.", set_unpaired, 0, .series = "unpaired_exits"},
	{METRIC_SET, "backwards", NULL, "backwards", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Clock readings that lay before the one before; their time counts as 0.", set_backwards, 0},
	SET_FLAG("bus_lock", VMP_FLAG_BUS_LOCK, "Exits that came with a bus lock (VMX)."),
	SET_FLAG("enclave", VMP_FLAG_ENCLAVE, "Exits from enclave mode (VMX)."),
	SET_FLAG("failed_entry", VMP_FLAG_FAILED_ENTRY, "Entries that failed (VMX)."),
	SET_FLAG("other", VMP_FLAG_OTHER, "Exits with another flag in their reason (VMX)."),

	{METRIC_EXIT, "count", NULL, "count", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Exits of this reason.", exit_count, 0, .series = "exits"},
	{METRIC_EXIT, "per_second", NULL, "per_second", "exits/s", 1, UNIT_PER_SECOND, METRIC_GAUGE, METRIC_CSV,
	 "Exits of this reason per second.", exit_rate, 0},
	EXIT_STATE("kvm", VMP_KVM, HELP_KVM),
	EXIT_STATE("vmm", VMP_VMM, HELP_VMM),
	EXIT_STATE("poll", VMP_POLL, HELP_POLL),
	EXIT_STATE("idle", VMP_IDLE, HELP_IDLE),
	EXIT_STATE("blocked", VMP_BLOCKED, HELP_BLOCKED),
	EXIT_STATE("wait", VMP_WAIT, HELP_WAIT),
	{METRIC_EXIT, "mean_ns", NULL, "mean_ns", "mean", 3, UNIT_NS, METRIC_GAUGE, METRIC_CSV,
	 "Mean handling time (kvm + vmm).", exit_mean, 0},
	{METRIC_EXIT, "p50_ns", NULL, "p50_ns", "p50", 5, UNIT_NS, METRIC_GAUGE, BOTH,
	 "Half of the handling times are at most this, as the histogram tells.", exit_quantile, 50},
	{METRIC_EXIT, "p90_ns", NULL, "p90_ns", "p90", 7, UNIT_NS, METRIC_GAUGE, BOTH,
	 "90 of 100 handling times are at most this, as the histogram tells.", exit_quantile, 90},
	{METRIC_EXIT, "p99_ns", NULL, "p99_ns", "p99", 4, UNIT_NS, METRIC_GAUGE, BOTH,
	 "99 of 100 handling times are at most this, as the histogram tells.", exit_quantile, 99},
	{METRIC_EXIT, "max_ns", NULL, "max_ns", "max", 6, UNIT_NS, METRIC_GAUGE, BOTH,
	 "The longest handling time; where an earlier one was longer, an upper bound (max_exact is false).",
	 exit_max, 0},
	{METRIC_EXIT, "share", NULL, "share", "share", 2, UNIT_RATIO, METRIC_GAUGE, METRIC_CSV,
	 "Its part of the exit cost: (kvm + vmm) / (observed - idle).", exit_share, 0},
	{METRIC_EXIT, "off_mean_ns", NULL, "off_mean_ns", "off", 8, UNIT_NS, METRIC_GAUGE, METRIC_CSV,
	 "Mean time off the CPU (blocked + wait).", exit_off, 0},

	{METRIC_UEXIT, "count", NULL, "count", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "User-space exits of this reason.", uexit_count, 0, .series = "userspace_exits"},
	{METRIC_UEXIT, "per_second", NULL, "per_second", "user/s", 1, UNIT_PER_SECOND, METRIC_GAUGE, METRIC_CSV,
	 "User-space exits of this reason per second.", uexit_rate, 0},
	{METRIC_UEXIT, "vmm_ns", NULL, "ns", NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH,
	 "Time in the state vmm, from such an exit until the next entry.", uexit_ns, 0, .series = "userspace_exit_seconds"},
	{METRIC_UEXIT, "mean_ns", NULL, "mean_ns", "mean", 2, UNIT_NS, METRIC_GAUGE, METRIC_CSV,
	 "Mean time in the state vmm, from such an exit until the next entry.", uexit_mean, 0},

	{METRIC_THREAD, "count", NULL, "count", "threads", 1, UNIT_COUNT, METRIC_GAUGE, BOTH,
	 "Threads at the end of the interval.", threads_number, 0, .series = "threads",
	 .family_help = "Threads that live, by class."},
	{METRIC_THREAD, "cpu_ns", NULL, "cpu_ns", NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH,
	 "Time on the CPU.", threads_counter, THREADS_CPU, .series = "thread_cpu_seconds",
	 .family_help = "Time on the CPU, by class of threads."},
	{METRIC_THREAD, "cpu_share", NULL, "cpu_share", "cpu", 1, UNIT_RATIO, METRIC_GAUGE, METRIC_CSV,
	 "Time on the CPU as a share of one CPU's.", threads_share, THREADS_CPU},
	{METRIC_THREAD, "wait_ns", NULL, "wait_ns", NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH,
	 "Time in which they could have run but other threads had the CPU.", threads_counter, THREADS_WAIT,
	 .series = "thread_wait_seconds",
	 .family_help = "Time in which threads could have run but others had the CPU, by their class."},
	{METRIC_THREAD, "wait_share", NULL, "wait_share", "wait", 2, UNIT_RATIO, METRIC_GAUGE, METRIC_CSV,
	 "Time in which they could have run but other threads had the CPU, as a share of the interval.",
	 threads_share, THREADS_WAIT},
	{METRIC_THREAD, "switches", NULL, "switches", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Times that they left the CPU, of their own will or not.", threads_counter, THREADS_SWITCHES,
	 .series = "thread_switches",
	 .family_help = "Times that threads left the CPU, of their own will or not, by class."},
	{METRIC_THREAD, "switches_per_second", NULL, "switches_per_second", "sw/s", 3, UNIT_PER_SECOND,
	 METRIC_GAUGE, METRIC_CSV, "Times that they left the CPU, of their own will or not, per second.",
	 threads_rate, THREADS_SWITCHES},
	{METRIC_THREAD, "migrations", NULL, "migrations", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Times that the scheduler moved them to another CPU.", threads_counter, THREADS_MIGRATIONS,
	 .series = "thread_migrations",
	 .family_help = "Times that the scheduler moved threads to another CPU, by class."},
	{METRIC_THREAD, "migrations_per_second", NULL, "migrations_per_second", "moves/s", 4, UNIT_PER_SECOND,
	 METRIC_GAUGE, METRIC_CSV, "Times that the scheduler moved them to another CPU, per second.",
	 threads_rate, THREADS_MIGRATIONS},
	{METRIC_THREAD, "total_cpu_ns", "total", "cpu_ns", "total", 5, UNIT_NS, METRIC_COUNTER, BOTH,
	 "Time on the CPU since the threads' birth, ended ones included.", threads_total, THREADS_CPU},
	{METRIC_THREAD, "total_wait_ns", "total", "wait_ns", NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH,
	 "Time waited for a CPU since the threads' birth, ended ones included.", threads_total, THREADS_WAIT},
	{METRIC_THREAD, "total_switches", "total", "switches", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Times they left the CPU since the threads' birth, ended ones included.", threads_total, THREADS_SWITCHES},
	{METRIC_THREAD, "total_migrations", "total", "migrations", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Times they were moved since the threads' birth, ended ones included.", threads_total, THREADS_MIGRATIONS},

	{METRIC_EVENT, "value", NULL, "value", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "What the event counted, scaled to all of the time on a CPU; a level's value at the end of the interval.",
	 event_value, 0, .series = "events",
	 .family_help = "What the event counted, scaled to all of the time on a CPU."},
	{METRIC_EVENT, "per_second", NULL, "per_second", NULL, 0, UNIT_PER_SECOND, METRIC_GAUGE, METRIC_CSV,
	 "What the event counted, per second; none of a level.", event_rate, 0},
	{METRIC_EVENT, "running_ratio", NULL, "running_ratio", NULL, 0, UNIT_RATIO, METRIC_GAUGE, BOTH,
	 "Share of the time on a CPU in which the event had a counter; below 1 the value is an estimate.",
	 event_running, 0, .series = "event_running_ratio"},
	{METRIC_EVENT, "enabled_ns", NULL, "enabled_ns", NULL, 0, UNIT_NS, METRIC_COUNTER, METRIC_CSV,
	 "Time on a CPU, in which the event was to be counted.", event_enabled, 0},

	{METRIC_VM, "vcpus", NULL, "vcpus", NULL, 0, UNIT_COUNT, METRIC_GAUGE, 0,
	 "vCPUs that have a thread.", vm_vcpus, 0, .series = "vcpus"},
	{METRIC_VM, "info", NULL, "info", NULL, 0, UNIT_COUNT, METRIC_GAUGE, 0,
	 "Always 1; its labels tell what the VM is.", vm_info, 0, .series = "vm_info"},
};
/* clang-format on */

const unsigned int metrics_count = sizeof(metrics) / sizeof(*metrics);

const struct metric *metric_find(enum metric_level level, const char *id)
{
	for (unsigned int i = 0; i < metrics_count; i++)
		if (metrics[i].level == level && !strcmp(metrics[i].id, id))
			return &metrics[i];
	return NULL;
}

bool metric_get(const struct metric *m, const struct metric_at *at, struct metric_value *v)
{
	*v = (struct metric_value){0};
	return m->get(at, m->arg, v);
}

uint32_t metric_needs(const struct metric *m)
{
	switch (m->level) {
	case METRIC_THREAD:
		return METRIC_NEEDS_THREADS;
	case METRIC_EVENT:
		return METRIC_NEEDS_EVENTS;
	case METRIC_SET:
	case METRIC_EXIT:
	case METRIC_UEXIT:
	case METRIC_VM:
		break;
	}
	return m->kinds;
}

const char *ledger_state_name(enum vmp_state s)
{
	static const char *const names[VMP_STATES] = {
		[VMP_GUEST] = "guest", [VMP_KVM] = "kvm",         [VMP_VMM] = "vmm",
		[VMP_POLL] = "poll",   [VMP_IDLE] = "idle",       [VMP_BLOCKED] = "blocked",
		[VMP_WAIT] = "wait",   [VMP_RUNNING] = "running",
	};

	return (unsigned int)s < VMP_STATES ? names[s] : "none";
}
