// SPDX-License-Identifier: GPL-2.0-only
/* What two intervals differ in: which VM is which, figures, their order, what is shown of them. */
#include <jansson.h>

#include "golden.h"
#include "hosts.h"
#include "model/diff.h"
#include "out/out.h"
#include "unit.h"

/* Two intervals of 2 s, and what they differ in. */
static struct pair before, after;
static struct view *views[DIFF_SIDES];
static struct diff *d;

static void compare(void)
{
	views[DIFF_A] = view_build(&before.a, &before.b);
	views[DIFF_B] = view_build(&after.a, &after.b);
	d = diff_build(views[DIFF_A], views[DIFF_B]);
}

static void done(void)
{
	diff_free(d);
	for (int i = 0; i < DIFF_SIDES; i++)
		view_free(views[i]);
	sample_free(&before.a);
	sample_free(&before.b);
	sample_free(&after.a);
	sample_free(&after.b);
}

static void hosts(uint32_t visible)
{
	both(&before, "kvm_amd", "x86_64", visible);
	both(&after, "kvm_amd", "x86_64", visible);
}

/* A VM of one vCPU that did nothing but run. */
static struct sample_vcpu *running(struct pair *p, const char *name, const char *uuid, uint32_t pid)
{
	struct sample_vcpu *v = sample_vcpu(sample_vm(&p->b, name, uuid, pid), VMP_ISA_SVM);

	v->first_ns = 100 * SECOND;
	return v;
}

static const struct diff_vm *vm_of_pid(uint32_t pid)
{
	for (uint32_t i = 0; i < d->nvms; i++)
		if (d->vms[i].vm[DIFF_A] && d->vms[i].vm[DIFF_A]->pid == pid)
			return &d->vms[i];
	return NULL;
}

#define UUID_1 "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define UUID_2 "123e4567-e89b-12d3-a456-426614174000"

/* The pid in b of the VM with this pid in a; 0: it has none. */
static uint32_t partner(uint32_t pid)
{
	const struct diff_vm *vm = vm_of_pid(pid);

	ck_assert_ptr_nonnull(vm);
	return vm->vm[DIFF_B] ? vm->vm[DIFF_B]->pid : 0;
}

START_TEST(matched_by_uuid_then_by_name)
{
	hosts(ALL_STATES);
	running(&before, "renamed", UUID_1, 10);
	running(&before, "made-anew", UUID_2, 11);
	running(&before, "no-uuid", "", 12);
	running(&before, "gone", "", 13);
	running(&after, "came", "", 20);
	running(&after, "no-uuid", "", 21);
	running(&after, "made-anew", "00000000-0000-4000-8000-000000000001", 22);
	running(&after, "now-called-so", UUID_1, 23);
	compare();
	ck_assert_uint_eq(d->nvms, 5);
	ck_assert_uint_eq(partner(10), 23);
	ck_assert_uint_eq(partner(11), 22);
	ck_assert_uint_eq(partner(12), 21);
	ck_assert_uint_eq(partner(13), 0);
	for (uint32_t i = 0; i < d->nvms; i++)
		if (!d->vms[i].vm[DIFF_A])
			ck_assert_str_eq(diff_any(&d->vms[i])->name, "came");
	done();
}
END_TEST

/* A name that is another's UUID's does not take its VM away; equal ones are told apart by the rest. */
START_TEST(the_surest_match_is_first)
{
	hosts(ALL_STATES);
	running(&before, "twin", UUID_1, 10);
	running(&before, "twin", UUID_1, 11);
	running(&before, "other", UUID_1, 12);
	running(&before, "", "", 13);
	running(&before, "", "", 14);
	running(&after, "other", UUID_1, 30);
	running(&after, "twin", UUID_1, 11);
	running(&after, "twin", UUID_1, 10);
	running(&after, "", "", 14);
	running(&after, "", "", 15);
	compare();
	ck_assert_uint_eq(partner(10), 10);
	ck_assert_uint_eq(partner(11), 11);
	ck_assert_uint_eq(partner(12), 30);
	ck_assert_uint_eq(partner(13), 0);
	ck_assert_uint_eq(partner(14), 14);
	ck_assert_uint_eq(d->nvms, 6);
	done();
}
END_TEST

START_TEST(most_lost_time_first)
{
	struct sample_vcpu *v;

	hosts(ALL_STATES);
	/* by a tenth more, by half less, as before, the same loss with more exits */
	for (int i = 0; i < 2; i++) {
		struct pair *p = i ? &after : &before;

		v = running(p, "more", "", 1);
		sample_state(v, VMP_WAIT, i ? 400 * MS : 200 * MS);
		sample_rest(v, 2 * SECOND);
		v = running(p, "less", "", 2);
		sample_state(v, VMP_BLOCKED, i ? 0 : SECOND);
		sample_rest(v, 2 * SECOND);
		v = running(p, "same", "", 3);
		sample_state(v, VMP_WAIT, 500 * MS);
		sample_rest(v, 2 * SECOND);
		v = running(p, "exits", "", 4);
		sample_exits(v, 0x72, i ? 2000 : 1000, i ? 1000 : 2000, 0);
		sample_rest(v, 2 * SECOND);
	}
	/* what is not there has lost nothing */
	v = running(&after, "new", "", 5);
	sample_state(v, VMP_WAIT, 300 * MS);
	sample_rest(v, 2 * SECOND);
	compare();
	ck_assert_uint_eq(d->nvms, 5);
	ck_assert_str_eq(diff_any(&d->vms[0])->name, "less");
	ck_assert_str_eq(diff_any(&d->vms[1])->name, "new");
	ck_assert_str_eq(diff_any(&d->vms[2])->name, "more");
	ck_assert_str_eq(diff_any(&d->vms[3])->name, "exits");
	ck_assert_str_eq(diff_any(&d->vms[4])->name, "same");
	ck_assert_double_eq_tol(d->vms[0].lost[DIFF_A], 0.5, 1e-9);
	ck_assert_double_eq_tol(d->vms[0].lost[DIFF_B], 0, 1e-9);
	ck_assert_double_eq_tol(d->vms[1].lost[DIFF_A], 0, 1e-9);
	ck_assert_double_eq_tol(d->vms[1].lost[DIFF_B], 0.15, 1e-9);
	done();
}
END_TEST

static struct diff_figure figure(const struct diff_vm *vm, const struct diff_reason *r,
				 enum metric_level level, const char *id)
{
	const struct metric *m = metric_find(level, id);

	ck_assert_ptr_nonnull(m);
	return diff_figure(d, vm, r, m);
}

static const struct diff_reason *reason(const struct diff_vm *vm, const char *name)
{
	for (uint32_t i = 0; i < vm->nexits; i++)
		if (!strcmp(vm->exits[i].reason, name))
			return &vm->exits[i];
	ck_abort_msg("no reason %s", name);
	return NULL;
}

/* The intervals' lengths do not matter: 2 s and 4 s. */
START_TEST(figures_are_per_time)
{
	struct diff_figure f;
	double x;
	struct sample_vcpu *v;

	hosts(ALL_STATES);
	after.b.mono_ns += 2 * SECOND;
	v = running(&before, "web", "", 1);
	sample_exits(v, 0x7b, 2000, 1 * US, 2 * US);
	sample_exits(v, 0x72, 100, 1 * US, 0);
	sample_rest(v, 2 * SECOND);
	v = running(&after, "web", "", 1);
	sample_exits(v, 0x7b, 4000, 2 * US, 4 * US);
	sample_exits(v, 0x400, 400, 5 * US, 0);
	sample_state(v, VMP_WAIT, 2 * SECOND);
	sample_rest(v, 4 * SECOND);
	compare();

	f = figure(&d->vms[0], NULL, METRIC_SET, "wait_share");
	ck_assert(diff_change(&f, &x));
	ck_assert_double_eq_tol(x, 0.5, 1e-9);
	ck_assert(!diff_ratio(&f, &x));
	f = figure(&d->vms[0], NULL, METRIC_SET, "exits_per_second");
	ck_assert(diff_change(&f, &x));
	ck_assert_double_eq_tol(x, 50, 1e-9);
	ck_assert(diff_ratio(&f, &x));
	ck_assert_double_eq_tol(x, 1100. / 1050, 1e-9);
	f = figure(&d->vms[0], reason(&d->vms[0], "io"), METRIC_EXIT, "mean_ns");
	ck_assert_uint_eq(f.value[DIFF_A].u, 3 * US);
	ck_assert_uint_eq(f.value[DIFF_B].u, 6 * US);
	ck_assert(diff_ratio(&f, &x));
	ck_assert_double_eq_tol(x, 2, 1e-9);
	/* what did not occur on a side has a rate, and no mean */
	ck_assert_uint_eq(d->vms[0].nexits, 3);
	f = figure(&d->vms[0], reason(&d->vms[0], "cpuid"), METRIC_EXIT, "per_second");
	ck_assert(f.known[DIFF_A] && f.known[DIFF_B]);
	ck_assert_double_eq_tol(f.value[DIFF_A].d, 50, 1e-9);
	ck_assert_double_eq_tol(f.value[DIFF_B].d, 0, 1e-9);
	f = figure(&d->vms[0], reason(&d->vms[0], "npf"), METRIC_EXIT, "mean_ns");
	ck_assert(!f.known[DIFF_A] && f.known[DIFF_B]);
	ck_assert(!diff_change(&f, &x));
	/* io's handling took 3 us of each ms, now 6; npf's 0.5 */
	ck_assert_str_eq(d->vms[0].exits[0].reason, "io");
	ck_assert_str_eq(d->vms[0].exits[1].reason, "npf");
	ck_assert_str_eq(d->vms[0].exits[2].reason, "cpuid");
	done();
}
END_TEST

/* One side's KVM shows no exits: there is nothing to compare, rather than a change to 0. */
START_TEST(what_one_side_does_not_show)
{
	struct diff_figure f;
	double x;
	size_t n;

	both(&before, "kvm_amd", "x86_64", ALL_STATES);
	both(&after, "kvm_pvm", "x86_64", OFF_STATES);
	sample_exits(running(&before, "web", "", 1), 0x7b, 2000, 1 * US, 2 * US);
	sample_uexits(running(&after, "web", "", 1), 2, 2000, 0);
	sample_uexits(&before.b.vms[0].vcpus[0], 2, 1000, 4000 * US);
	compare();
	f = figure(&d->vms[0], NULL, METRIC_SET, "exits_per_second");
	ck_assert(f.known[DIFF_A] && !f.known[DIFF_B]);
	ck_assert(!diff_change(&f, &x) && !diff_ratio(&f, &x));
	ck_assert_uint_eq(d->vms[0].nexits, 1);
	f = figure(&d->vms[0], &d->vms[0].exits[0], METRIC_EXIT, "per_second");
	ck_assert(f.known[DIFF_A] && !f.known[DIFF_B]);
	f = figure(&d->vms[0], &d->vms[0].uexits[0], METRIC_UEXIT, "per_second");
	ck_assert(diff_change(&f, &x));
	ck_assert_double_eq_tol(x, 500, 1e-9);
	f = figure(&d->vms[0], &d->vms[0].uexits[0], METRIC_UEXIT, "mean_ns");
	ck_assert(f.known[DIFF_A] && !f.known[DIFF_B]);
	free(diff_rows(d, METRIC_EXIT, 10, &n));
	ck_assert_uint_eq(n, 0);
	done();
}
END_TEST

/* Time that is lost in other states, or in none that can be seen, is not compared. */
START_TEST(lost_time_that_is_not_visible)
{
	static const uint32_t visible[] = {ALL_STATES, OFF_STATES, 0};

	for (int i = 0; i < 3; i++) {
		const char *const names[DIFF_SIDES] = {"a", "b"};
		struct buf b = {0};
		json_t *j, *lost;

		both(&before, "kvm_amd", "x86_64", visible[i]);
		both(&after, "kvm_amd", "x86_64", OFF_STATES);
		sample_state(running(&before, "web", "", 1), VMP_WAIT, 500 * MS);
		sample_state(running(&after, "web", "", 1), VMP_WAIT, 1000 * MS);
		compare();
		out_diff_json(&b, d, names);
		j = json_loadb(b.data, b.len, 0, NULL);
		lost = json_object_get(json_array_get(json_object_get(j, "vms"), 0), "lost_share");
		ck_assert(json_is_real(json_object_get(lost, "before")) == (i < 2));
		ck_assert(json_is_real(json_object_get(lost, "after")));
		ck_assert(json_is_real(json_object_get(lost, "change")) == (i == 1));
		ck_assert(json_is_real(json_object_get(lost, "ratio")) == (i == 1));
		json_decref(j);
		buf_free(&b);
		done();
	}
}
END_TEST

/* The longest times may be from before the interval: they are not compared; sums neither. */
START_TEST(what_is_compared)
{
	static const char *const not [] = {"observed_ns", "kvm_ns", "exits", "halt_max_ns", "wake_max_ns"};

	for (size_t i = 0; i < sizeof(not ) / sizeof(*not ); i++)
		ck_assert(!diff_compares(metric_find(METRIC_SET, not [i])));
	ck_assert(!diff_compares(metric_find(METRIC_EXIT, "max_ns")));
	ck_assert(diff_compares(metric_find(METRIC_EXIT, "p99_ns")));
	ck_assert(diff_compares(metric_find(METRIC_SET, "ipc_guest")));
	ck_assert(diff_compares(metric_find(METRIC_SET, "wait_share")));
}
END_TEST

/* One VM waits where another had but noise: the rows that are shown are of the first. */
static void noise_and_news(void)
{
	struct sample_vcpu *v;

	hosts(ALL_STATES);
	for (int i = 0; i < 2; i++) {
		struct pair *p = i ? &after : &before;

		v = running(p, "noise", "", 1);
		sample_exits(v, 0x72, i ? 1000 : 1060, 2 * US, 0);
		sample_state(v, VMP_WAIT, i ? 20 * MS : 10 * MS);
		sample_rest(v, 2 * SECOND);
		v = running(p, "idle", "", 2);
		sample_exits(v, 0x72, i ? 400 : 100, 1 * US, 0);
		sample_state(v, VMP_IDLE, 1980 * MS);
		sample_rest(v, 2 * SECOND);
		v = running(p, "web", "", 3);
		sample_exits(v, 0x7b, 20000, 2 * US, i ? 20 * US : 2 * US);
		sample_state(v, VMP_WAIT, i ? 800 * MS : 40 * MS);
		sample_rest(v, 2 * SECOND);
	}
	compare();
}

START_TEST(noise_is_not_shown)
{
	struct diff_row *rows;
	size_t n;

	noise_and_news();
	rows = diff_rows(d, METRIC_SET, 100, &n);
	ck_assert_uint_eq(n, 4);
	for (size_t i = 0; i < n; i++) {
		ck_assert_str_eq(diff_any(rows[i].vm)->name, "web");
		ck_assert(rows[i].weight >= DIFF_WEIGHT);
	}
	free(rows);
	/* of reasons: how long it took, not how often */
	rows = diff_rows(d, METRIC_EXIT, 100, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(rows[0].figure.metric->id, "mean_ns");
	ck_assert_str_eq(rows[1].figure.metric->id, "share");
	ck_assert_str_eq(rows[1].reason->reason, "io");
	free(rows);
	done();
}
END_TEST

/* The ones of most weight stay, in the order that they have in the table. */
START_TEST(top_of_rows)
{
	struct diff_row *rows, *all;
	size_t n, nall;

	noise_and_news();
	rows = diff_rows(d, METRIC_SET, 2, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(rows[0].figure.metric->id, "guest_share");
	ck_assert_str_eq(rows[1].figure.metric->id, "wait_share");
	ck_assert_double_eq_tol(rows[1].weight, 0.38, 1e-9);
	free(rows);
	/* 0: all, noise too; but not what neither side knows */
	all = diff_rows(d, METRIC_SET, 0, &nall);
	ck_assert_uint_gt(nall, 20);
	for (size_t i = 0; i < nall; i++)
		ck_assert(all[i].figure.known[DIFF_A] || all[i].figure.known[DIFF_B]);
	free(all);
	done();
}
END_TEST

START_TEST(nothing_at_all)
{
	size_t n;

	hosts(ALL_STATES);
	compare();
	ck_assert_uint_eq(d->nvms, 0);
	free(diff_rows(d, METRIC_SET, 0, &n));
	ck_assert_uint_eq(n, 0);
	done();
	diff_free(NULL);
}
END_TEST

/* The same VMs later: one has no troubles any more, one has another, one went, one came. */
static void later(void)
{
	struct sample_vcpu *v;
	struct sample_vm *vm;

	mixed(&before);
	mixed(&after);
	/* crowded no more */
	vm = &after.b.vms[1];
	for (uint32_t i = 0; i < vm->nvcpus; i++) {
		v = &vm->vcpus[i];
		sample_code(v, 0x60)->ns[VMP_WAIT] -= 900 * MS;
		v->ledger[VMP_WAIT] -= 900 * MS;
		v->ledger[VMP_GUEST] += 900 * MS;
	}
	/* slow-disk: slower still */
	v = &after.b.vms[4].vcpus[0];
	sample_exits(v, 0x7b, 50, 4 * US, 5 * MS);
	v->ledger[VMP_GUEST] -= 50 * (4 * US + 5 * MS);
	v->observed_ns -= 50 * (4 * US + 5 * MS);
	/* batch is gone, and another one is there */
	free(after.b.vms[0].name);
	after.b.vms[0].name = mem_strdup("\033[31mred");
	after.b.loss[VMP_LOSS_UNPAIRED] = 7;
	compare();
}

/* A KVM that shows no exits, on both sides. */
static void user_later(void)
{
	user(&before);
	user(&after);
	sample_uexits(&after.b.vms[0].vcpus[0], 2, 5000, 0);
	after.b.vms[1].vcpus[0].ledger[VMP_RUNNING] -= 600 * MS;
	after.b.vms[1].vcpus[0].ledger[VMP_WAIT] += 600 * MS;
	compare();
}

/* Nothing has changed. */
static void same_again(void)
{
	mixed(&before);
	mixed(&after);
	compare();
}

static const struct golden {
	const char *file;
	void (*make)(void);
	bool json;
	struct out_options o;
	enum out_diff tables;
} goldens[] = {
	{"diff-later.txt", later, false, {.utf8 = true, .top = 10}, OUT_DIFF_BOTH},
	{"diff-later-vm.txt", later, false, {.utf8 = true, .top = 3}, OUT_DIFF_VMS},
	{"diff-later-exit.txt", later, false, {.utf8 = true, .top = 10}, OUT_DIFF_REASONS},
	{"diff-later-all.txt", later, false, {.utf8 = true}, OUT_DIFF_BOTH},
	{"diff-later-colour.txt", later, false, {.utf8 = true, .colour = true, .top = 10}, OUT_DIFF_BOTH},
	{"diff-later-50.txt", later, false, {.width = 50, .top = 10}, OUT_DIFF_BOTH},
	{"diff-later.json", later, true, {0}, OUT_DIFF_BOTH},
	{"diff-user.txt", user_later, false, {.utf8 = true, .top = 10}, OUT_DIFF_BOTH},
	{"diff-user.json", user_later, true, {0}, OUT_DIFF_BOTH},
	{"diff-same.txt", same_again, false, {.utf8 = true, .top = 10}, OUT_DIFF_BOTH},
};

#define GOLDENS (sizeof(goldens) / sizeof(*goldens))

static void format(struct buf *b, const struct golden *g)
{
	static const char *const names[] = {"before.vmperf", "after.vmperf"};

	g->make();
	if (g->json)
		out_diff_json(b, d, names);
	else
		out_diff_table(b, d, names, &g->o, g->tables);
	done();
}

START_TEST(same_bytes)
{
	struct buf b = {0};

	format(&b, &goldens[_i]);
	golden_same(goldens[_i].file, &b);
	buf_free(&b);
}
END_TEST

/* JSON parses; a table is no wider than asked for. */
START_TEST(well_formed)
{
	static const unsigned int widths[] = {40, 60, 80, 120};
	struct golden g = goldens[_i];
	struct buf b = {0};

	if (g.json) {
		json_error_t error;
		json_t *j;

		format(&b, &g);
		j = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, &error);
		ck_assert_msg(j != NULL, "%s: %s", g.file, error.text);
		json_decref(j);
		buf_free(&b);
		return;
	}
	g.o.utf8 = g.o.colour = false; /* then columns are bytes */
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		char *save = NULL;

		g.o.width = widths[i];
		format(&b, &g);
		ck_assert_ptr_null(memchr(b.data, '\033', b.len));
		for (char *l = strtok_r(b.data, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
			ck_assert_msg(strlen(l) <= widths[i], "%s at %u columns: %s", g.file, widths[i], l);
			ck_assert_msg(l[strlen(l) - 1] != ' ', "%s: '%s'", g.file, l);
		}
		buf_free(&b);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("diff");

	UNIT_ADD(u, matched_by_uuid_then_by_name);
	UNIT_ADD(u, the_surest_match_is_first);
	UNIT_ADD(u, most_lost_time_first);
	UNIT_ADD(u, figures_are_per_time);
	UNIT_ADD(u, what_one_side_does_not_show);
	UNIT_ADD(u, lost_time_that_is_not_visible);
	UNIT_ADD(u, what_is_compared);
	UNIT_ADD(u, noise_is_not_shown);
	UNIT_ADD(u, top_of_rows);
	UNIT_ADD(u, nothing_at_all);
	tcase_add_loop_test(u.tcase, same_bytes, 0, GOLDENS);
	tcase_add_loop_test(u.tcase, well_formed, 0, GOLDENS);
	return unit_run(u);
}
