// SPDX-License-Identifier: GPL-2.0-only
/* Figures of events, and those that are derived from them. */
#include <string.h>

#include "figures.h"
#include "pair.h"

static struct view *v;

/* Everything that is derived but what is listed. */
static void all_hidden_but(const char *known)
{
	for (unsigned int i = 0; i < metrics_count; i++)
		if (metrics[i].level == METRIC_SET && metrics[i].group &&
		    !strcmp(metrics[i].group, "derived") && !strstr(known, metrics[i].id))
			hidden(METRIC_SET, metrics[i].id);
}

/* An event of one vCPU, that had a counter half of its 2 s on a CPU. */
static void counted(const char *name, enum event_mode mode, enum event_kind kind, uint64_t value)
{
	struct sample_vcpu *c = &b.vms[0].vcpus[0];

	sample_event(&a, name, mode, kind);
	sample_event(&b, name, mode, kind);
	sample_count(&c->events, &c->nevents, b.nevents - 1, value / 2, 2 * SECOND, SECOND);
}

static void begin(void)
{
	fresh(ALL_STATES);
	sample_vcpu(sample_vm(&b, "vm", "", 1), VMP_ISA_VMX);
}

static void view_it(void)
{
	v = build();
	at = (struct metric_at){.view = v, .set = &v->vms[0].set};
}

static void all_kinds(enum event_mode mode, uint64_t scale)
{
	counted("cycles", mode, EVENT_CYCLES, 4000000000 * scale);
	counted("instructions", mode, EVENT_INSTRUCTIONS, 6000000000 * scale);
	counted("llc", mode, EVENT_LLC_MISSES, 12000000 * scale);
	counted("l1d", mode, EVENT_L1D_MISSES, 120000000 * scale);
	counted("dtlb", mode, EVENT_DTLB_MISSES, 3000000 * scale);
	counted("itlb", mode, EVENT_ITLB_MISSES, 600000 * scale);
	counted("branches", mode, EVENT_BRANCHES, 1000000000 * scale);
	counted("branch-misses", mode, EVENT_BRANCH_MISSES, 30000000 * scale);
	counted("front", mode, EVENT_STALLED_FRONTEND, 400000000 * scale);
	counted("back", mode, EVENT_STALLED_BACKEND, 1000000000 * scale);
}

static void all_are(void)
{
	is(METRIC_SET, "llc_mpki", 2);
	is(METRIC_SET, "l1d_mpki", 20);
	is(METRIC_SET, "dtlb_mpki", 0.5);
	is(METRIC_SET, "itlb_mpki", 0.1);
	is(METRIC_SET, "branch_mpki", 5);
	is(METRIC_SET, "branch_miss_share", 0.03);
	is(METRIC_SET, "stalled_frontend_share", 0.1);
	is(METRIC_SET, "stalled_backend_share", 0.25);
}

/* Where the guest is counted apart, figures are the guest's. */
START_TEST(of_the_guest)
{
	enum event_mode mode;

	begin();
	counted("page-faults", EVENT_BOTH, EVENT_OTHER, 5);
	all_kinds(EVENT_GUEST, 1);
	counted("cycles", EVENT_HOST, EVENT_CYCLES, 2000000000);
	counted("instructions", EVENT_HOST, EVENT_INSTRUCTIONS, 1000000000);
	counted("llc", EVENT_HOST, EVENT_LLC_MISSES, 999);
	view_it();
	ck_assert(metric_derived_mode(v, &mode));
	ck_assert_int_eq(mode, EVENT_GUEST);
	all_are();
	is(METRIC_SET, "ipc_guest", 1.5);
	is(METRIC_SET, "ipc_host", 0.5);
	hidden(METRIC_SET, "ipc_both");
	/* of both, in 2 s on a CPU */
	is(METRIC_SET, "frequency_hz", 3e9);
	/* the vCPU's are those of its VM, and the host's */
	at.set = &v->vms[0].vcpus[0].set;
	is(METRIC_SET, "ipc_guest", 1.5);
	at.set = &v->total;
	is(METRIC_SET, "llc_mpki", 2);
	done(v);
}
END_TEST

START_TEST(of_both)
{
	enum event_mode mode;

	begin();
	all_kinds(EVENT_BOTH, 2);
	view_it();
	ck_assert(metric_derived_mode(v, &mode));
	ck_assert_int_eq(mode, EVENT_BOTH);
	all_are();
	is(METRIC_SET, "ipc_both", 1.5);
	hidden(METRIC_SET, "ipc_guest");
	hidden(METRIC_SET, "ipc_host");
	is(METRIC_SET, "frequency_hz", 4e9);
	done(v);
}
END_TEST

/* Each figure needs what it is made of, of the same work. */
START_TEST(parts_missing)
{
	enum event_mode mode;

	begin();
	counted("page-faults", EVENT_BOTH, EVENT_OTHER, 5);
	counted("cycles", EVENT_HOST, EVENT_CYCLES, 5);
	view_it();
	ck_assert(!metric_derived_mode(v, &mode));
	all_hidden_but("");
	view_free(v);

	counted("instructions", EVENT_GUEST, EVENT_INSTRUCTIONS, 5);
	counted("branch-misses", EVENT_GUEST, EVENT_BRANCH_MISSES, 10);
	counted("llc", EVENT_BOTH, EVENT_LLC_MISSES, 5);
	counted("front", EVENT_GUEST, EVENT_STALLED_FRONTEND, 5);
	view_it();
	all_hidden_but("branch_mpki");
	view_free(v);

	/* asked for, but this host does not have it */
	counted("cycles", EVENT_GUEST, EVENT_CYCLES, 5);
	b.events[b.nevents - 1].counted = false;
	view_it();
	all_hidden_but("branch_mpki");
	view_free(v);

	/* it has, but there never was a counter for it */
	b.events[b.nevents - 1].counted = true;
	b.vms[0].vcpus[0].events[b.nevents - 1].running = 0;
	view_it();
	all_hidden_but("branch_mpki");
	done(v);
}
END_TEST

/* Nothing ran: no quotient of it. */
START_TEST(nothing_ran)
{
	begin();
	all_kinds(EVENT_GUEST, 1);
	memset(b.vms[0].vcpus[0].events, 0, b.nevents * sizeof(struct vmp_count));
	view_it();
	all_hidden_but("");
	at.what = &b.events[0];
	at.event = &v->total.events[0];
	is(METRIC_EVENT, "value", 0);
	is(METRIC_EVENT, "per_second", 0);
	is(METRIC_EVENT, "enabled_ns", 0);
	hidden(METRIC_EVENT, "running_ratio");
	done(v);
}
END_TEST

START_TEST(resctrl)
{
	struct sample_vm *vm;

	begin();
	sample_event(&b, "cmt", EVENT_BOTH, EVENT_LLC_OCCUPANCY)->gauge = true;
	sample_event(&b, "mbmt", EVENT_BOTH, EVENT_BANDWIDTH);
	sample_event(&b, "mbml", EVENT_BOTH, EVENT_BANDWIDTH_LOCAL);
	b.mono_ns += SECOND;
	vm = &b.vms[0];
	for (uint32_t i = 0; i < 3; i++) {
		b.events[i].whole = true;
		sample_count(&vm->events, &vm->nevents, i, 1000000 * (3 - i), 2 * SECOND, 2 * SECOND);
	}
	view_it();
	is(METRIC_SET, "llc_occupancy_bytes", 3000000);
	is(METRIC_SET, "memory_bytes_per_second", 1000000);
	is(METRIC_SET, "memory_local_share", 0.5);
	/* no one's but the guest's and host's together, and no vCPU's */
	all_hidden_but("llc_occupancy_bytes memory_bytes_per_second memory_local_share");
	at.set = &v->vms[0].vcpus[0].set;
	all_hidden_but("");
	at.set = &v->total;
	is(METRIC_SET, "llc_occupancy_bytes", 3000000);
	at.event = &v->vms[0].events[0];
	at.what = &b.events[0];
	is(METRIC_EVENT, "value", 3000000);
	hidden(METRIC_EVENT, "per_second"); /* a level has none */
	is(METRIC_EVENT, "running_ratio", 1);
	done(v);
}
END_TEST

START_TEST(one_event)
{
	begin();
	counted("cycles", EVENT_GUEST, EVENT_CYCLES, 1000);
	b.mono_ns += SECOND;
	view_it();
	at.what = &b.events[0];
	at.event = &v->vms[0].set.events[0];
	is(METRIC_EVENT, "value", 1000);
	is(METRIC_EVENT, "per_second", 500);
	is(METRIC_EVENT, "running_ratio", 0.5);
	is(METRIC_EVENT, "enabled_ns", 2e9);
	v->interval_ns = 0;
	hidden(METRIC_EVENT, "per_second");
	view_free(v);

	b.vms[0].vcpus[0].events[0].running = 0;
	view_it();
	at.event = &v->vms[0].set.events[0];
	at.what = &b.events[0];
	hidden(METRIC_EVENT, "value");
	hidden(METRIC_EVENT, "per_second");
	is(METRIC_EVENT, "running_ratio", 0);
	is(METRIC_EVENT, "enabled_ns", 2e9);
	view_free(v);

	b.events[0].counted = false;
	view_it();
	at.event = &v->vms[0].set.events[0];
	at.what = &b.events[0];
	for (unsigned int i = 0; i < metrics_count; i++)
		if (metrics[i].level == METRIC_EVENT)
			hidden(METRIC_EVENT, metrics[i].id);
	done(v);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("derived");

	UNIT_ADD(u, of_the_guest);
	UNIT_ADD(u, of_both);
	UNIT_ADD(u, parts_missing);
	UNIT_ADD(u, nothing_ran);
	UNIT_ADD(u, resctrl);
	UNIT_ADD(u, one_event);
	return unit_run(u);
}
