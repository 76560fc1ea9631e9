// SPDX-License-Identifier: GPL-2.0-only
/* The metric table: well formed, and each figure right, or said not to be visible. */
#include <ctype.h>
#include <string.h>

#include "figures.h"
#include "model/loss.h"
#include "model/thread.h"
#include "samples.h"

static struct sample a, b;
static struct view *v;

/* One vCPU, 2 s of which one exit reason took 100 ms, halts another 900. */
static void make(uint32_t isa, uint64_t code, uint64_t halt, uint32_t visible)
{
	struct sample_vcpu *c;

	sample_host(&a, "kvm", "x86_64", visible);
	sample_host(&b, "kvm", "x86_64", visible);
	b.mono_ns += 2 * SECOND;
	c = sample_vcpu(sample_vm(&b, "vm", "", 1), isa);
	sample_exits(c, code, 10000, 2 * US, 8 * US);
	sample_exits(c, halt, 9, 100 * MS, 0);
	sample_uexits(c, 2, 10000, 80 * MS);
	c->unpaired = 3;
	c->backwards = 4;
	c->flags[VMP_FLAG_ENCLAVE] = 5;
	sample_rest(c, 2 * SECOND);
	v = view_build(&a, &b);
	at = (struct metric_at){.view = v, .set = &v->total, .uexit = v->total.uexits};
	for (uint32_t i = 0; i < v->total.nexits; i++)
		if (v->total.exits[i].code == code)
			at.exit = &v->total.exits[i];
}

static void done(void)
{
	view_free(v);
	sample_free(&a);
	sample_free(&b);
}

START_TEST(well_formed)
{
	for (unsigned int i = 0; i < metrics_count; i++) {
		const struct metric *m = &metrics[i];
		size_t help = strlen(m->help);

		ck_assert_ptr_eq(metric_find(m->level, m->id), m); /* so ids are unique in a level */
		ck_assert(help > 10 && m->help[help - 1] == '.');
		ck_assert(m->get != NULL);
		ck_assert_msg(!m->title == !m->rank, "%s", m->id);
		ck_assert(!m->title || strlen(m->title) <= 7);
		for (const char *s = m->key; *s; s++)
			ck_assert(islower((unsigned char)*s) || isdigit((unsigned char)*s) || *s == '_');
		for (const char *s = m->id; *s; s++)
			ck_assert(islower((unsigned char)*s) || isdigit((unsigned char)*s) || *s == '_');
		/* base units show in the name */
		if (m->unit == UNIT_NS && !m->group && m->level != METRIC_UEXIT)
			ck_assert_str_eq(m->key + strlen(m->key) - 3, "_ns");
		for (unsigned int j = 0; j < i; j++) {
			const struct metric *o = &metrics[j];

			if (!(m->use & o->use & METRIC_JSON) || m->level != o->level)
				continue;
			ck_assert_msg(strcmp(m->key, o->key) || !m->group != !o->group ||
					      (m->group && strcmp(m->group, o->group) != 0),
				      "two of JSON key %s", m->key);
		}
	}
	ck_assert_ptr_null(metric_find(METRIC_SET, "p99_ns"));
	ck_assert_ptr_null(metric_find(METRIC_EXIT, ""));
}
END_TEST

START_TEST(sets)
{
	make(VMP_ISA_SVM, 0x7b, 0x78, KVM_STATES);
	is(METRIC_SET, "observed_ns", 2e9);
	is(METRIC_SET, "guest_ns", 1e9);
	is(METRIC_SET, "kvm_ns", 920e6);
	is(METRIC_SET, "vmm_ns", 80e6);
	is(METRIC_SET, "exits", 10009);
	is(METRIC_SET, "exits_per_second", 5004.5);
	is(METRIC_SET, "userspace_exits", 10000);
	is(METRIC_SET, "userspace_exits_per_second", 5000);
	is(METRIC_SET, "guest_share", 0.5);
	is(METRIC_SET, "kvm_share", 0.46);
	is(METRIC_SET, "vmm_share", 0.04);
	/* of how much the cost would be is not known without idle */
	hidden(METRIC_SET, "exit_cost");
	is(METRIC_SET, "unpaired", 3);
	is(METRIC_SET, "backwards", 4);
	is(METRIC_SET, "running_ns", 0);
	is(METRIC_SET, "running_share", 0);
	hidden(METRIC_SET, "flag_enclave");
	hidden(METRIC_SET, "poll_ns");
	hidden(METRIC_SET, "idle_ns");
	hidden(METRIC_SET, "blocked_ns");
	hidden(METRIC_SET, "wait_ns");
	hidden(METRIC_SET, "halts");
	hidden(METRIC_SET, "halts_per_second");
	hidden(METRIC_SET, "halt_ns");
	hidden(METRIC_SET, "halt_p50_ns");
	hidden(METRIC_SET, "wakes");
	hidden(METRIC_SET, "wake_max_ns");
	hidden(METRIC_SET, "poll_share");
	hidden(METRIC_SET, "idle_share");
	hidden(METRIC_SET, "blocked_share");
	hidden(METRIC_SET, "wait_share");
	done();
}
END_TEST

START_TEST(idle_visible)
{
	struct sample_vcpu *c;

	make(VMP_ISA_SVM, 0x7b, 0x78, ALL_STATES);
	c = &b.vms[0].vcpus[0];
	sample_halted(c, 0x78, VMP_IDLE, SECOND);
	sample_halted(c, 0x78, VMP_WAIT, SECOND);
	view_free(v);
	v = view_build(&a, &b);
	at.view = v;
	at.set = &v->total;
	is(METRIC_SET, "observed_ns", 4e9);
	is(METRIC_SET, "idle_ns", 1e9);
	is(METRIC_SET, "idle_share", 0.25);
	is(METRIC_SET, "wait_share", 0.25);
	is(METRIC_SET, "poll_ns", 0);
	is(METRIC_SET, "exit_cost", 1.0 / 3);
	at.exit = &v->total.exits[0];
	ck_assert_uint_eq(at.exit->code, 0x78);
	is(METRIC_EXIT, "share", 0.9 / 3);
	is(METRIC_EXIT, "idle_ns", 1e9);
	/* idle is what a halt is for: only the wait after it is off */
	is(METRIC_EXIT, "off_mean_ns", 111111111);
	done();
}
END_TEST

/* How long vCPUs slept, and how late they were back. */
START_TEST(halts)
{
	struct sample_vcpu *c;

	make(VMP_ISA_SVM, 0x7b, 0x78, ALL_STATES);
	c = &b.vms[0].vcpus[0];
	/* a quarter of 100 us, the others of 3 us */
	sample_times(&c->halts, 30, 3 * US);
	sample_times(&c->halts, 10, 100 * US);
	sample_times(&c->wakes, 40, 5 * US);
	view_free(v);
	v = view_build(&a, &b);
	at.view = v;
	at.set = &v->total;
	is(METRIC_SET, "halts", 40);
	is(METRIC_SET, "halts_per_second", 20);
	is(METRIC_SET, "halt_ns", 1090 * US);
	is(METRIC_SET, "halt_max_ns", 100 * US);
	/* 2048 .. 4095, by the rank */
	is(METRIC_SET, "halt_p50_ns", 2048 + 1365);
	is(METRIC_SET, "halt_p99_ns", 65536 + 33085);
	is(METRIC_SET, "wakes", 40);
	is(METRIC_SET, "wake_ns", 200 * US);
	is(METRIC_SET, "wake_max_ns", 5 * US);
	is(METRIC_SET, "wake_p50_ns", 4096 + 452);
	is(METRIC_SET, "wake_p99_ns", 4991);
	/* where nothing tells of entries, they end no wake-up */
	v->visible = OFF_STATES;
	is(METRIC_SET, "halts", 40);
	hidden(METRIC_SET, "wakes");
	hidden(METRIC_SET, "wake_ns");
	hidden(METRIC_SET, "wake_p99_ns");
	hidden(METRIC_SET, "wake_max_ns");
	/* what tells polling tells halts */
	v->visible = ALL_STATES & ~STATE(VMP_POLL);
	hidden(METRIC_SET, "halts");
	hidden(METRIC_SET, "wakes");
	done();
}
END_TEST

/* None happened: that is a number, their quantiles and maximum are none. */
START_TEST(no_halts)
{
	make(VMP_ISA_SVM, 0x7b, 0x78, ALL_STATES);
	is(METRIC_SET, "halts", 0);
	is(METRIC_SET, "halt_ns", 0);
	hidden(METRIC_SET, "halt_max_ns");
	hidden(METRIC_SET, "halt_p50_ns");
	is(METRIC_SET, "wakes", 0);
	hidden(METRIC_SET, "wake_max_ns");
	hidden(METRIC_SET, "wake_p99_ns");
	done();
}
END_TEST

START_TEST(moves)
{
	struct sample_vcpu *c;

	make(VMP_ISA_SVM, 0x7b, 0x78, ALL_STATES);
	hidden(METRIC_SET, "cpu_moves");
	hidden(METRIC_SET, "cpu_moves_per_second");
	hidden(METRIC_SET, "node_moves");
	c = &b.vms[0].vcpus[0];
	sample_cpu(c, 4, 1, SECOND);
	c->moves = 7;
	c->node_moves = 3;
	view_free(v);
	v = view_build(&a, &b);
	at.view = v;
	at.set = &v->total;
	is(METRIC_SET, "cpu_moves", 7);
	is(METRIC_SET, "cpu_moves_per_second", 3.5);
	is(METRIC_SET, "node_moves", 3);
	done();
}
END_TEST

START_TEST(threads)
{
	struct view_class c = {.count = 3,
			       .cpu_ns = SECOND,
			       .wait_ns = 500 * MS,
			       .switches = 11,
			       .migrations = 5,
			       .total = {4 * SECOND, SECOND, 100, 50}};

	make(VMP_ISA_SVM, 0x7b, 0x78, ALL_STATES);
	at.threads = &c;
	for (unsigned int i = 0; i < metrics_count; i++)
		if (metrics[i].level == METRIC_THREAD)
			hidden(METRIC_THREAD, metrics[i].id);
	v->threads_visible = true;
	is(METRIC_THREAD, "count", 3);
	is(METRIC_THREAD, "cpu_ns", 1e9);
	is(METRIC_THREAD, "cpu_share", 0.5);
	is(METRIC_THREAD, "wait_ns", 5e8);
	is(METRIC_THREAD, "wait_share", 0.25);
	is(METRIC_THREAD, "switches", 11);
	is(METRIC_THREAD, "switches_per_second", 5.5);
	is(METRIC_THREAD, "migrations", 5);
	is(METRIC_THREAD, "migrations_per_second", 2.5);
	is(METRIC_THREAD, "total_cpu_ns", 4e9);
	is(METRIC_THREAD, "total_wait_ns", 1e9);
	is(METRIC_THREAD, "total_switches", 100);
	is(METRIC_THREAD, "total_migrations", 50);
	v->interval_ns = 0;
	hidden(METRIC_THREAD, "cpu_share");
	hidden(METRIC_THREAD, "switches_per_second");
	done();
}
END_TEST

START_TEST(class_names)
{
	static const char *const want[] = {"vcpu",   "emulator", "iothread", "vhost",
					   "worker", "kvm",      "other",    "other"};

	for (uint32_t i = 0; i <= THREAD_CLASSES; i++)
		ck_assert_str_eq(thread_class_name(i), want[i]);
}
END_TEST

START_TEST(reasons)
{
	make(VMP_ISA_SVM, 0x7b, 0x78, KVM_STATES);
	is(METRIC_EXIT, "count", 10000);
	is(METRIC_EXIT, "per_second", 5000);
	is(METRIC_EXIT, "kvm_ns", 20e6);
	is(METRIC_EXIT, "vmm_ns", 80e6);
	hidden(METRIC_EXIT, "idle_ns");
	is(METRIC_EXIT, "mean_ns", 10000);
	/* 8192 .. 10000, by the rank */
	is(METRIC_EXIT, "p50_ns", 8192 + 904);
	is(METRIC_EXIT, "p90_ns", 9819);
	is(METRIC_EXIT, "p99_ns", 9982);
	is(METRIC_EXIT, "max_ns", 10000);
	hidden(METRIC_EXIT, "share");
	hidden(METRIC_EXIT, "off_mean_ns");
	is(METRIC_UEXIT, "count", 10000);
	is(METRIC_UEXIT, "per_second", 5000);
	is(METRIC_UEXIT, "vmm_ns", 80e6);
	is(METRIC_UEXIT, "mean_ns", 8000);
	done();
}
END_TEST

/* An exit that is still open: time, but no count, no handling time. */
START_TEST(open_exit)
{
	struct view_exit open = {.isa = VMP_ISA_SVM, .code = 0x7b, .ns = {[VMP_KVM] = 500}};
	struct view_uexit uopen = {.code = 2, .ns = 500};

	make(VMP_ISA_SVM, 0x7b, 0x78, KVM_STATES);
	at.exit = &open;
	at.uexit = &uopen;
	is(METRIC_EXIT, "count", 0);
	is(METRIC_EXIT, "kvm_ns", 500);
	hidden(METRIC_EXIT, "mean_ns");
	hidden(METRIC_EXIT, "p50_ns");
	hidden(METRIC_EXIT, "p90_ns");
	hidden(METRIC_EXIT, "p99_ns");
	hidden(METRIC_EXIT, "max_ns");
	hidden(METRIC_UEXIT, "mean_ns");
	done();
}
END_TEST

/* Neither kvm_exit nor sched_switch: user-space counts are left, and time of unknown states. */
START_TEST(nothing_visible)
{
	make(VMP_ISA_VMX, 30, 12, 0);
	is(METRIC_SET, "observed_ns", 2e9);
	is(METRIC_SET, "running_ns", 2e9);
	is(METRIC_SET, "running_share", 1);
	for (unsigned int i = 0; i < metrics_count; i++)
		if (metrics[i].level == METRIC_SET && strncmp(metrics[i].id, "userspace", 9) != 0 &&
		    strncmp(metrics[i].id, "running", 7) != 0 && strcmp(metrics[i].id, "observed_ns") != 0)
			hidden(METRIC_SET, metrics[i].id);
	is(METRIC_SET, "userspace_exits", 10000);
	is(METRIC_SET, "userspace_exits_per_second", 5000);
	is(METRIC_UEXIT, "count", 10000);
	hidden(METRIC_UEXIT, "vmm_ns");
	hidden(METRIC_UEXIT, "mean_ns");
	v->uexits_visible = false;
	hidden(METRIC_SET, "userspace_exits");
	hidden(METRIC_SET, "userspace_exits_per_second");
	done();
}
END_TEST

START_TEST(flags_of_vmx)
{
	make(VMP_ISA_VMX, 30, 12, KVM_STATES);
	is(METRIC_SET, "flag_enclave", 5);
	is(METRIC_SET, "flag_bus_lock", 0);
	is(METRIC_SET, "flag_failed_entry", 0);
	is(METRIC_SET, "flag_other", 0);
	done();
}
END_TEST

/* No time has passed, nothing was observed: no rate, no share. */
START_TEST(no_division_by_zero)
{
	static const struct view_set empty;

	make(VMP_ISA_SVM, 0x7b, 0x78, KVM_STATES);
	v->interval_ns = 0;
	hidden(METRIC_SET, "exits_per_second");
	hidden(METRIC_SET, "userspace_exits_per_second");
	hidden(METRIC_EXIT, "per_second");
	hidden(METRIC_UEXIT, "per_second");
	at.set = &empty;
	hidden(METRIC_SET, "exit_cost");
	hidden(METRIC_SET, "guest_share");
	hidden(METRIC_EXIT, "share");
	done();
}
END_TEST

START_TEST(losses_have_names)
{
	for (int i = 0; i < VMP_LOSSES; i++) {
		ck_assert(loss_name((enum vmp_loss)i) && *loss_name((enum vmp_loss)i));
		ck_assert(loss_help((enum vmp_loss)i) && *loss_help((enum vmp_loss)i));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(loss_name((enum vmp_loss)i), loss_name((enum vmp_loss)j));
	}
	ck_assert_str_eq(loss_name(VMP_LOSS_UNPAIRED), "unpaired");
	ck_assert_str_eq(ledger_state_name(VMP_GUEST), "guest");
	ck_assert_str_eq(ledger_state_name(VMP_WAIT), "wait");
	ck_assert_str_eq(ledger_state_name(VMP_RUNNING), "running");
	ck_assert_str_eq(ledger_state_name(VMP_STATES), "none");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("metric");

	UNIT_ADD(u, well_formed);
	UNIT_ADD(u, sets);
	UNIT_ADD(u, idle_visible);
	UNIT_ADD(u, halts);
	UNIT_ADD(u, no_halts);
	UNIT_ADD(u, moves);
	UNIT_ADD(u, threads);
	UNIT_ADD(u, class_names);
	UNIT_ADD(u, reasons);
	UNIT_ADD(u, open_exit);
	UNIT_ADD(u, nothing_visible);
	UNIT_ADD(u, flags_of_vmx);
	UNIT_ADD(u, no_division_by_zero);
	UNIT_ADD(u, losses_have_names);
	return unit_run(u);
}
