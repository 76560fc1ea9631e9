// SPDX-License-Identifier: GPL-2.0-only
/* What a VM's time mostly is: which word wins, of which time, and how it is written. */
#include "model/verdict.h"
#include "samples.h"
#include "unit.h"

/* A ledger of 1000 ms: what is not given is guest. */
struct ledger {
	uint64_t kvm, vmm, poll, idle, blocked, wait, running;
};

static struct view_set set_of(struct ledger l)
{
	struct view_set s = {.observed_ns = 1000 * MS};
	uint64_t rest = 1000 - l.kvm - l.vmm - l.poll - l.idle - l.blocked - l.wait - l.running;

	s.ledger[VMP_GUEST] = rest * MS;
	s.ledger[VMP_KVM] = l.kvm * MS;
	s.ledger[VMP_VMM] = l.vmm * MS;
	s.ledger[VMP_POLL] = l.poll * MS;
	s.ledger[VMP_IDLE] = l.idle * MS;
	s.ledger[VMP_BLOCKED] = l.blocked * MS;
	s.ledger[VMP_WAIT] = l.wait * MS;
	s.ledger[VMP_RUNNING] = l.running * MS;
	s.busy_ns = (1000 - l.idle) * MS;
	return s;
}

static const struct {
	struct ledger l;
	const char *text;
	enum verdict_state state;
	enum verdict_level level;
	double share;
} cases[] = {
	{{0}, "busy", VERDICT_BUSY, VERDICT_FINE, 1},
	{{.running = 1000}, "busy", VERDICT_BUSY, VERDICT_FINE, 1},
	{{.kvm = 50, .idle = 500}, "KVM 10%", VERDICT_KVM, VERDICT_WARN, 0.1},
	{{.kvm = 49, .idle = 500}, "busy", VERDICT_BUSY, VERDICT_FINE, 0.902},
	{{.idle = 1000}, "idle", VERDICT_IDLE, VERDICT_FINE, 1},
	{{.idle = 951, .vmm = 49}, "idle", VERDICT_IDLE, VERDICT_FINE, 0.951},
	{{.idle = 950, .vmm = 50}, "VMM 100%", VERDICT_VMM, VERDICT_ALARM, 1},
	{{.idle = 940, .wait = 49}, "waits for a CPU 82%", VERDICT_WAIT, VERDICT_WARN, 49.0 / 60},
	{{.idle = 940, .wait = 50}, "waits for a CPU 83%", VERDICT_WAIT, VERDICT_ALARM, 50.0 / 60},
	{{.blocked = 1000}, "paused", VERDICT_PAUSED, VERDICT_FINE, 1},
	{{.blocked = 950}, "paused", VERDICT_PAUSED, VERDICT_FINE, 0.95},
	{{.blocked = 949}, "blocked 95%", VERDICT_BLOCKED, VERDICT_ALARM, 0.949},
	/* a halted vCPU beside one that is blocked: not paused */
	{{.blocked = 500, .idle = 500}, "blocked 100%", VERDICT_BLOCKED, VERDICT_ALARM, 1},
	/* the largest counts, of equal ones wait, vmm, kvm, blocked, poll in this order */
	{{.wait = 199, .vmm = 200}, "VMM 20%", VERDICT_VMM, VERDICT_ALARM, 0.2},
	{{.wait = 250, .vmm = 250, .kvm = 250, .blocked = 250},
	 "waits for a CPU 25%",
	 VERDICT_WAIT,
	 VERDICT_ALARM,
	 0.25},
	{{.blocked = 300, .poll = 300}, "blocked 30%", VERDICT_BLOCKED, VERDICT_ALARM, 0.3},
	{{.wait = 199}, "waits for a CPU 20%", VERDICT_WAIT, VERDICT_WARN, 0.199},
	{{.poll = 90, .idle = 900}, "polls 90%", VERDICT_POLL, VERDICT_WARN, 0.9},
	{{.wait = 1000}, "waits for a CPU 100%", VERDICT_WAIT, VERDICT_ALARM, 1},
};

START_TEST(table)
{
	struct view_set s = set_of(cases[_i].l);
	struct verdict v = verdict_of(&s, ALL_STATES);
	char text[VERDICT_SIZE];

	ck_assert_str_eq(verdict_text(&v, text), cases[_i].text);
	ck_assert_int_eq(v.state, cases[_i].state);
	ck_assert_int_eq(v.level, cases[_i].level);
	ck_assert_double_eq_tol(v.share, cases[_i].share, 1e-9);
	ck_assert_ptr_null(v.reason);
}
END_TEST

/* The reason is the one with most time in that state, not in all. */
START_TEST(reasons)
{
	struct view_exit exits[] = {
		{.reason = "npf", .ns = {[VMP_KVM] = 200 * MS, [VMP_VMM] = 5 * MS}},
		{.reason = "io", .ns = {[VMP_KVM] = 10 * MS, [VMP_VMM] = 150 * MS}},
		{.reason = "hlt", .ns = {[VMP_WAIT] = 400 * MS}},
	};
	struct view_set s = set_of((struct ledger){.kvm = 210, .vmm = 155});
	char text[VERDICT_SIZE];
	struct verdict v;

	s.exits = exits;
	s.nexits = 3;
	v = verdict_of(&s, ALL_STATES);
	ck_assert_str_eq(v.reason, "npf");
	ck_assert_str_eq(verdict_text(&v, text), "KVM: npf 21%");
	s.ledger[VMP_VMM] = 300 * MS;
	v = verdict_of(&s, ALL_STATES);
	ck_assert_str_eq(v.reason, "io");
	ck_assert_str_eq(verdict_text(&v, text), "VMM: io 30%");
	exits[2].ns[VMP_BLOCKED] = 350 * MS;
	s.ledger[VMP_BLOCKED] = 350 * MS;
	v = verdict_of(&s, ALL_STATES);
	ck_assert_str_eq(verdict_text(&v, text), "blocked: hlt 35%");
	/* waiting is no exit's doing */
	s.ledger[VMP_WAIT] = 400 * MS;
	v = verdict_of(&s, ALL_STATES);
	ck_assert_ptr_null(v.reason);
	ck_assert_str_eq(verdict_text(&v, text), "waits for a CPU 40%");
}
END_TEST

/* A VMM that sleeps in each exit is slow, not paused. */
START_TEST(sleeping_vmm)
{
	struct view_set s = set_of((struct ledger){.blocked = 990});

	ck_assert_int_eq(verdict_of(&s, ALL_STATES).state, VERDICT_PAUSED);
	s.exit_count = 1;
	ck_assert_int_eq(verdict_of(&s, ALL_STATES).state, VERDICT_BLOCKED);
	s.exit_count = 0;
	s.uexit_count = 1;
	ck_assert_int_eq(verdict_of(&s, OFF_STATES).state, VERDICT_BLOCKED);
}
END_TEST

/* What cannot be seen is not said. */
START_TEST(not_visible)
{
	struct view_set s = set_of((struct ledger){.wait = 500}), none = {0};
	struct verdict v = verdict_of(&s, KVM_STATES);
	char text[VERDICT_SIZE];

	ck_assert_int_eq(v.state, VERDICT_NONE);
	ck_assert_str_eq(verdict_text(&v, text), "-");
	ck_assert_ptr_null(verdict_name(v.state));
	ck_assert_int_eq(verdict_of(&s, ALL_STATES & ~STATE(VMP_IDLE)).state, VERDICT_NONE);
	ck_assert_int_eq(verdict_of(&s, ALL_STATES & ~STATE(VMP_BLOCKED)).state, VERDICT_NONE);
	ck_assert_int_eq(verdict_of(&s, OFF_STATES).state, VERDICT_WAIT);
	ck_assert_int_eq(verdict_of(&none, ALL_STATES).state, VERDICT_NONE);
}
END_TEST

/* A long reason is cut, the share is not; the column has room for all. */
START_TEST(fits)
{
	struct verdict v = {.state = VERDICT_VMM, .reason = "IO_INSTRUCTION", .share = 1};
	char text[VERDICT_SIZE];

	ck_assert_str_eq(verdict_text(&v, text), "VMM: IO_INSTRUCTION 100%");
	ck_assert_uint_eq(strlen(text), VERDICT_SIZE - 1);
	v.reason = "EXTERNAL_INTERRUPT";
	ck_assert_str_eq(verdict_text(&v, text), "VMM: EXTERNAL_INTE~ 100%");
	v.state = VERDICT_BLOCKED;
	v.share = 0.4;
	v.reason = "EPT_VIOLATION";
	ck_assert_str_eq(verdict_text(&v, text), "blocked: EPT_VIOLA~ 40%");
}
END_TEST

START_TEST(names)
{
	static const char *const want[] = {NULL,  "idle", "busy",    "paused", "wait",
					   "vmm", "kvm",  "blocked", "poll"};

	for (unsigned int i = 1; i < sizeof(want) / sizeof(*want); i++)
		ck_assert_str_eq(verdict_name((enum verdict_state)i), want[i]);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("verdict");

	tcase_add_loop_test(u.tcase, table, 0, sizeof(cases) / sizeof(*cases));
	UNIT_ADD(u, reasons);
	UNIT_ADD(u, sleeping_vmm);
	UNIT_ADD(u, not_visible);
	UNIT_ADD(u, fits);
	UNIT_ADD(u, names);
	return unit_run(u);
}
