// SPDX-License-Identifier: GPL-2.0-only
/* The metric table: well formed, and each figure right, or said not to be visible. */
#include <ctype.h>
#include <string.h>

#include "model/loss.h"
#include "model/metric.h"
#include "samples.h"
#include "unit.h"

static struct sample a, b;
static struct view *v;
static struct metric_at at;

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

static void is(enum metric_level level, const char *id, double want)
{
	const struct metric *m = metric_find(level, id);
	struct metric_value value;

	ck_assert_msg(m != NULL, "no metric %s", id);
	ck_assert_msg(metric_get(m, &at, &value), "%s is not visible", id);
	ck_assert_msg(value.d >= want - 1e-9 && value.d <= want + 1e-9, "%s is %.12g, not %.12g", id, value.d,
		      want);
	if (m->unit == UNIT_NS || m->unit == UNIT_COUNT)
		ck_assert_uint_eq(value.u, (uint64_t)want);
}

static void hidden(enum metric_level level, const char *id)
{
	const struct metric *m = metric_find(level, id);
	struct metric_value value = {1, 1};

	ck_assert_msg(m != NULL, "no metric %s", id);
	ck_assert_msg(!metric_get(m, &at, &value), "%s should not be visible, it is %g", id, value.d);
	ck_assert(value.u == 0 && value.d == 0);
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
	/* the halts' 900 ms are in neither part */
	is(METRIC_SET, "exit_cost", 0.1 / 1.1);
	is(METRIC_SET, "unpaired", 3);
	is(METRIC_SET, "backwards", 4);
	hidden(METRIC_SET, "flag_enclave");
	hidden(METRIC_SET, "poll_ns");
	hidden(METRIC_SET, "idle_ns");
	hidden(METRIC_SET, "blocked_ns");
	hidden(METRIC_SET, "wait_ns");
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
	done();
}
END_TEST

/* Each isa's halts. */
START_TEST(cost_without_halts)
{
	static const struct {
		uint32_t isa;
		uint64_t code, halt;
	} c[] = {
		{VMP_ISA_SVM, 0x7b, 0x78},   {VMP_ISA_SVM, 0x7b, 0x8b}, {VMP_ISA_SVM, 0x7b, 0x8c},
		{VMP_ISA_SVM, 0x7b, 0xa6},   {VMP_ISA_VMX, 30, 12},     {VMP_ISA_VMX, 30, 36},
		{VMP_ISA_ARM64, 0x24, 0x01},
	};

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		make(c[i].isa, c[i].code, c[i].halt, KVM_STATES);
		is(METRIC_SET, "exit_cost", 0.1 / 1.1);
		is(METRIC_EXIT, "share", 0.1 / 1.1);
		at.exit = at.exit == &v->total.exits[0] ? &v->total.exits[1] : &v->total.exits[0];
		is(METRIC_EXIT, "mean_ns", 100e6);
		hidden(METRIC_EXIT, "share");
		done();
	}
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
	is(METRIC_EXIT, "share", 0.1 / 1.1);
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

/* A KVM that fires no kvm_exit: only user-space counts are left. */
START_TEST(nothing_visible)
{
	make(VMP_ISA_VMX, 30, 12, 0);
	for (unsigned int i = 0; i < metrics_count; i++)
		if (metrics[i].level == METRIC_SET && strncmp(metrics[i].id, "userspace", 9) != 0)
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
	ck_assert_str_eq(ledger_state_name(VMP_STATES), "none");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("metric");

	UNIT_ADD(u, well_formed);
	UNIT_ADD(u, sets);
	UNIT_ADD(u, idle_visible);
	UNIT_ADD(u, cost_without_halts);
	UNIT_ADD(u, reasons);
	UNIT_ADD(u, open_exit);
	UNIT_ADD(u, nothing_visible);
	UNIT_ADD(u, flags_of_vmx);
	UNIT_ADD(u, no_division_by_zero);
	UNIT_ADD(u, losses_have_names);
	return unit_run(u);
}
