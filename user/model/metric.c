// SPDX-License-Identifier: GPL-2.0-only
#include "metric.h"

#include <math.h>
#include <string.h>

#include "quantile.h"

static bool visible(const struct metric_at *at, int state)
{
	return at->view->visible & 1U << state;
}

static bool integer(struct metric_value *v, uint64_t u)
{
	v->u = u;
	v->d = (double)u;
	return true;
}

/* A quotient; what is divided by 0 does not exist. */
static bool quotient(struct metric_value *v, double a, double b)
{
	if (!(b > 0))
		return false;
	v->d = a / b;
	return true;
}

static bool per_second(const struct metric_at *at, uint64_t count, struct metric_value *v)
{
	return quotient(v, (double)count * 1e9, (double)at->view->interval_ns);
}

/* Handling times are known only where both of their states are. */
static bool handling_visible(const struct metric_at *at)
{
	return at->view->exits_visible && visible(at, VMP_KVM) && visible(at, VMP_VMM);
}

static uint64_t handling(const struct view_exit *e)
{
	return e->ns[VMP_KVM] + e->ns[VMP_VMM];
}

static bool set_observed(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->visible && integer(v, at->set->observed_ns);
}

static bool set_state(const struct metric_at *at, int state, struct metric_value *v)
{
	return visible(at, state) && integer(v, at->set->ledger[state]);
}

static bool set_share(const struct metric_at *at, int state, struct metric_value *v)
{
	return visible(at, state) &&
	       quotient(v, (double)at->set->ledger[state], (double)at->set->observed_ns);
}

static bool set_exits(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->exits_visible && integer(v, at->set->exit_count);
}

static bool set_exit_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->exits_visible && per_second(at, at->set->exit_count, v);
}

static bool set_cost(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return handling_visible(at) && quotient(v, (double)at->set->handling_ns, (double)at->set->busy_ns);
}

static bool set_uexits(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->uexits_visible && integer(v, at->set->uexit_count);
}

static bool set_uexit_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->uexits_visible && per_second(at, at->set->uexit_count, v);
}

static bool set_unpaired(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->exits_visible && integer(v, at->set->unpaired);
}

static bool set_backwards(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->exits_visible && integer(v, at->set->backwards);
}

static bool set_flag(const struct metric_at *at, int flag, struct metric_value *v)
{
	return at->view->exits_visible && at->set->isa == VMP_ISA_VMX && integer(v, at->set->flags[flag]);
}

static bool exit_count(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return integer(v, at->exit->count);
}

static bool exit_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return per_second(at, at->exit->count, v);
}

static bool exit_state(const struct metric_at *at, int state, struct metric_value *v)
{
	return visible(at, state) && integer(v, at->exit->ns[state]);
}

static bool exit_mean(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	if (!handling_visible(at) || !at->exit->count)
		return false;
	return integer(v, handling(at->exit) / at->exit->count);
}

static bool exit_quantile(const struct metric_at *at, int percent, struct metric_value *v)
{
	double ns = quantile(at->exit->hist, percent / 100.0, at->exit->max_ns);

	return handling_visible(at) && !isnan(ns) && integer(v, (uint64_t)(ns + 0.5));
}

static bool exit_max(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return handling_visible(at) && !isnan(quantile(at->exit->hist, 1, at->exit->max_ns)) &&
	       integer(v, at->exit->max_ns);
}

static bool exit_share(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	if (!handling_visible(at) || (!visible(at, VMP_IDLE) && exit_is_halt(at->exit->isa, at->exit->code)))
		return false;
	return quotient(v, (double)handling(at->exit), (double)at->set->busy_ns);
}

static bool uexit_count(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return integer(v, at->uexit->count);
}

static bool uexit_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return per_second(at, at->uexit->count, v);
}

static bool uexit_ns(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return visible(at, VMP_VMM) && integer(v, at->uexit->ns);
}

static bool uexit_mean(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	if (!visible(at, VMP_VMM) || !at->uexit->count)
		return false;
	return integer(v, at->uexit->ns / at->uexit->count);
}

#define BOTH (METRIC_JSON | METRIC_CSV)

#define HELP_GUEST   "Time in which the vCPU ran guest code."
#define HELP_KVM     "Time in the kernel, handling an exit."
#define HELP_VMM     "Time in user space: the VMM handled an exit."
#define HELP_POLL    "Time halted while KVM polled on the CPU for a wake-up."
#define HELP_IDLE    "Time halted, off the CPU."
#define HELP_BLOCKED "Time off the CPU for a lock, I/O or a page fault."
#define HELP_WAIT    "Time in which the vCPU could have run but another thread had the CPU."

/* One line for each state: its time, and that as a share of the observed time. */
#define SET_STATE(ID, STATE, HELP)                                                                           \
	{                                                                                                    \
		METRIC_SET, ID "_ns", "ledger_ns", ID, NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH, HELP,         \
			set_state, STATE                                                                     \
	}
#define SET_SHARE(ID, STATE, TITLE, RANK)                                                                    \
	{                                                                                                    \
		METRIC_SET, ID "_share", NULL, ID "_share", TITLE, RANK, UNIT_RATIO, METRIC_GAUGE, 0,        \
			"Share of the observed time in the state " ID ".", set_share, STATE                  \
	}
#define EXIT_STATE(ID, STATE, HELP)                                                                          \
	{                                                                                                    \
		METRIC_EXIT, ID "_ns", NULL, ID "_ns", NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH,               \
			HELP " Between such an exit and the next entry.", exit_state, STATE                  \
	}
#define SET_FLAG(ID, FLAG, HELP)                                                                             \
	{                                                                                                    \
		METRIC_SET, "flag_" ID, "exit_flags", ID, NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH, HELP,   \
			set_flag, FLAG                                                                       \
	}

/* clang-format off */
const struct metric metrics[] = {
	/* level, id, group, key, title, rank, unit, kind, use, help, get, arg */
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
	{METRIC_SET, "exits", NULL, "exit_count", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "VM exits of all reasons.", set_exits, 0},
	{METRIC_SET, "exits_per_second", NULL, "exits_per_second", "exits/s", 3, UNIT_PER_SECOND, METRIC_GAUGE, BOTH,
	 "VM exits per second.", set_exit_rate, 0},
	{METRIC_SET, "userspace_exits", NULL, "userspace_exit_count", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Exits that KVM handed to the VMM.", set_uexits, 0},
	{METRIC_SET, "userspace_exits_per_second", NULL, "userspace_exits_per_second", "user/s", 11,
	 UNIT_PER_SECOND, METRIC_GAUGE, BOTH,
	 "Exits that KVM handed to the VMM, per second.", set_uexit_rate, 0},
	{METRIC_SET, "exit_cost", NULL, "exit_cost", "cost", 2, UNIT_RATIO, METRIC_GAUGE, BOTH,
	 "Share of the busy time that exits take: (kvm + vmm) / (observed - idle). "
	 "Where idle is not visible the time of halt exits is left out on both sides.", set_cost, 0},
	SET_SHARE("guest", VMP_GUEST, "guest", 4),
	SET_SHARE("kvm", VMP_KVM, "kvm", 5),
	SET_SHARE("vmm", VMP_VMM, "vmm", 6),
	SET_SHARE("poll", VMP_POLL, "poll", 10),
	SET_SHARE("idle", VMP_IDLE, "idle", 8),
	SET_SHARE("blocked", VMP_BLOCKED, "block", 9),
	SET_SHARE("wait", VMP_WAIT, "wait", 7),
	{METRIC_SET, "unpaired", NULL, "unpaired", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Exits without an entry before them, and entries without an exit.", set_unpaired, 0},
	{METRIC_SET, "backwards", NULL, "backwards", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Clock readings that lay before the one before; their time counts as 0.", set_backwards, 0},
	SET_FLAG("bus_lock", VMP_FLAG_BUS_LOCK, "Exits that came with a bus lock (VMX)."),
	SET_FLAG("enclave", VMP_FLAG_ENCLAVE, "Exits from enclave mode (VMX)."),
	SET_FLAG("failed_entry", VMP_FLAG_FAILED_ENTRY, "Entries that failed (VMX)."),
	SET_FLAG("other", VMP_FLAG_OTHER, "Exits with another flag in their reason (VMX)."),

	{METRIC_EXIT, "count", NULL, "count", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "Exits of this reason.", exit_count, 0},
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
	 "Its part of the exit cost: (kvm + vmm) / (observed - idle). "
	 "Halt exits have none where idle is not visible.", exit_share, 0},

	{METRIC_UEXIT, "count", NULL, "count", NULL, 0, UNIT_COUNT, METRIC_COUNTER, BOTH,
	 "User-space exits of this reason.", uexit_count, 0},
	{METRIC_UEXIT, "per_second", NULL, "per_second", "user/s", 1, UNIT_PER_SECOND, METRIC_GAUGE, METRIC_CSV,
	 "User-space exits of this reason per second.", uexit_rate, 0},
	{METRIC_UEXIT, "vmm_ns", NULL, "ns", NULL, 0, UNIT_NS, METRIC_COUNTER, BOTH,
	 "Time from such an exit until the next entry.", uexit_ns, 0},
	{METRIC_UEXIT, "mean_ns", NULL, "mean_ns", "mean", 2, UNIT_NS, METRIC_GAUGE, METRIC_CSV,
	 "Mean time from such an exit until the next entry.", uexit_mean, 0},
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

const char *ledger_state_name(enum vmp_state s)
{
	static const char *const names[VMP_STATES] = {
		[VMP_GUEST] = "guest", [VMP_KVM] = "kvm",         [VMP_VMM] = "vmm",   [VMP_POLL] = "poll",
		[VMP_IDLE] = "idle",   [VMP_BLOCKED] = "blocked", [VMP_WAIT] = "wait",
	};

	return (unsigned int)s < VMP_STATES ? names[s] : "none";
}
