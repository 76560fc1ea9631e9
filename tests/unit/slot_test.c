// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a slot: at any moment of any life it gives what the state machine's
 * own next event would have charged by then.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/ledger.bpf.h"
#include "probe/slot.h"
#include "unit.h"

#define CPUS 4

static struct vmp_slot slot;
static uint64_t cpu_ns[CPUS];

static void start(uint32_t state, uint64_t now)
{
	memset(&slot, 0, sizeof(slot));
	memset(cpu_ns, 0, sizeof(cpu_ns));
	ledger_init(&slot, now, state);
	slot.tid = 7;
	slot.vcpu_id = 3;
	slot.isa = VMP_ISA_SVM;
}

static void read_at(uint64_t now, struct sample_vcpu *v)
{
	slot_read(&slot, now, cpu_ns, CPUS, v);
}

static void done(struct sample_vcpu *v)
{
	free(v->exits);
	free(v->cpu_ns);
}

static uint64_t sum(const uint64_t ledger[VMP_STATES])
{
	uint64_t ns = 0;

	for (int i = 0; i < VMP_STATES; i++)
		ns += ledger[i];
	return ns;
}

/* What all states have been charged, a halt that is not over aside. */
static void charged(const struct vmp_slot *s, uint64_t ledger[VMP_STATES])
{
	memcpy(ledger, s->ns, sizeof(s->ns));
	for (uint32_t i = 0; i < s->used; i++)
		for (int k = 0; k < VMP_STATES; k++)
			ledger[k] += s->exit[i].ns[k];
}

/* The open state of a thread on the CPU, and which exit has it. */
START_TEST(open_states)
{
	struct sample_vcpu v;

	start(VMP_RUNNING, 100);
	read_at(130, &v);
	ck_assert_uint_eq(v.ledger[VMP_RUNNING], 30);
	ck_assert_uint_eq(v.observed_ns, 30);
	ck_assert_uint_eq(v.tid, 7);
	ck_assert_int_eq(v.id, 3);
	ck_assert_uint_eq(v.isa, VMP_ISA_SVM);
	done(&v);
	ledger_entry(&slot, 150);
	read_at(160, &v);
	ck_assert_uint_eq(v.ledger[VMP_RUNNING], 50);
	ck_assert_uint_eq(v.ledger[VMP_GUEST], 10);
	ck_assert_uint_eq(v.nexits, 1);
	done(&v);
	ledger_exit(&slot, 200, 0x7b);
	read_at(201, &v);
	ck_assert_uint_eq(v.ledger[VMP_KVM], 1);
	ck_assert_uint_eq(v.exits[1].ns[VMP_KVM], 1);
	ck_assert_uint_eq(v.exits[1].count, 1);
	done(&v);
	ledger_userspace(&slot, 210, 2);
	read_at(250, &v);
	ck_assert_uint_eq(v.exits[1].ns[VMP_VMM], 40);
	ck_assert_uint_eq(v.exits[1].count, 1);
	ck_assert_uint_eq(v.uexits[2].ns, 40);
	ck_assert_uint_eq(v.uexits[2].count, 1);
	done(&v);
}
END_TEST

START_TEST(off_the_cpu)
{
	struct sample_vcpu v;

	start(VMP_RUNNING, 100);
	ledger_entry(&slot, 100);
	ledger_exit(&slot, 200, 0x7b);
	ledger_userspace(&slot, 210, 2);
	ledger_out(&slot, 220, VMP_BLOCKED, 0, 0);
	read_at(300, &v);
	ck_assert_uint_eq(v.exits[1].ns[VMP_VMM], 10);
	ck_assert_uint_eq(v.exits[1].ns[VMP_BLOCKED], 80);
	ck_assert_uint_eq(v.exits[1].count, 1);
	done(&v);
	/* woken: it waits for a CPU */
	ledger_woken(&slot, 250);
	read_at(300, &v);
	ck_assert_uint_eq(v.exits[1].ns[VMP_BLOCKED], 30);
	ck_assert_uint_eq(v.exits[1].ns[VMP_WAIT], 50);
	ck_assert_uint_eq(v.uexits[2].ns, 10);
	done(&v);
	/* read by a clock that is behind the waker's, or the thread's own */
	read_at(249, &v);
	ck_assert_uint_eq(v.exits[1].ns[VMP_BLOCKED], 29);
	ck_assert_uint_eq(v.exits[1].ns[VMP_WAIT], 0);
	done(&v);
	read_at(219, &v);
	ck_assert_uint_eq(v.observed_ns, 120);
	ck_assert_uint_eq(sum(v.ledger), 120);
	done(&v);
	/* woken by a clock that is behind */
	slot.woken_ns = 218;
	read_at(300, &v);
	ck_assert_uint_eq(v.exits[1].ns[VMP_BLOCKED], 0);
	ck_assert_uint_eq(v.exits[1].ns[VMP_WAIT], 80);
	done(&v);
}
END_TEST

/* A halt that is not over: its polling is told by the longest that there may have been. */
START_TEST(open_halt)
{
	static const struct {
		uint64_t poll_max, poll, kvm;
	} x[] = {{0, 0, 50}, {20, 20, 30}, {50, 50, 0}, {9000, 50, 0}};

	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++) {
		struct sample_vcpu v;

		start(VMP_RUNNING, 100);
		ledger_entry(&slot, 100);
		ledger_exit(&slot, 200, 0x78);
		ledger_out(&slot, 250, VMP_IDLE, x[i].poll_max, 0);
		read_at(1000, &v);
		ck_assert_uint_eq(v.exits[1].ns[VMP_POLL], x[i].poll);
		ck_assert_uint_eq(v.exits[1].ns[VMP_KVM], x[i].kvm);
		ck_assert_uint_eq(v.exits[1].ns[VMP_IDLE], 750);
		ck_assert_uint_eq(sum(v.ledger), v.observed_ns);
		done(&v);
		/* the same on a KVM that shows no exits */
		start(VMP_RUNNING, 200);
		ledger_out(&slot, 250, VMP_IDLE, x[i].poll_max, 0);
		read_at(1000, &v);
		ck_assert_uint_eq(v.ledger[VMP_POLL], x[i].poll);
		ck_assert_uint_eq(v.ledger[VMP_RUNNING], x[i].kvm);
		ck_assert_uint_eq(v.ledger[VMP_IDLE], 750);
		done(&v);
	}
}
END_TEST

START_TEST(by_cpu)
{
	struct sample_vcpu v;

	start(VMP_RUNNING, 100);
	slot.cpu = 2;
	cpu_ns[1] = 5;
	read_at(130, &v);
	ck_assert_uint_eq(v.ncpus, CPUS);
	ck_assert_uint_eq(v.cpu_ns[1], 5);
	ck_assert_uint_eq(v.cpu_ns[2], 30);
	done(&v);
	/* what it was on before it left is charged by the kernel side */
	ledger_out(&slot, 140, VMP_WAIT, 0, 0);
	read_at(150, &v);
	ck_assert_uint_eq(v.cpu_ns[2], 0);
	done(&v);
	ledger_in(&slot, 160);
	read_at(165, &v);
	ck_assert_uint_eq(v.cpu_ns[2], 5);
	done(&v);
	/* a CPU that is none of those known */
	slot.cpu = CPUS;
	read_at(165, &v);
	ck_assert_uint_eq(v.cpu_ns[0] + v.cpu_ns[1] + v.cpu_ns[2] + v.cpu_ns[3], 5);
	done(&v);
}
END_TEST

START_TEST(ended)
{
	struct sample_vcpu v;

	start(VMP_RUNNING, 100);
	ledger_entry(&slot, 100);
	ledger_exit(&slot, 200, 0x7b);
	ledger_end(&slot, 230);
	read_at(9000, &v);
	ck_assert_uint_eq(v.end_ns, 230);
	ck_assert_uint_eq(v.observed_ns, 130);
	ck_assert_uint_eq(sum(v.ledger), 130);
	ck_assert_uint_eq(v.exits[1].count, 1);
	ck_assert_uint_eq(v.cpu_ns[0], 0);
	done(&v);
}
END_TEST

/* A generator of our own: the same lives on every machine (xorshift64). */
static uint64_t seed;

static uint64_t below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static void some_event(uint64_t now)
{
	static const uint32_t off[] = {VMP_IDLE, VMP_BLOCKED, VMP_WAIT};

	switch (below(8)) {
	case 0:
		ledger_entry(&slot, now);
		break;
	case 1:
		ledger_exit(&slot, now, 0x70 + (uint32_t)below(12));
		break;
	case 2:
		ledger_userspace(&slot, now, (uint32_t)below(7));
		break;
	case 3:
	case 4:
		ledger_out(&slot, now, off[below(3)], below(50), below(50));
		break;
	case 5:
		ledger_in(&slot, now);
		break;
	case 6:
		ledger_woken(&slot, now);
		break;
	case 7:
		ledger_halt(&slot, now, below(100), (int)below(2), slot.poll_fail + below(50));
		break;
	}
}

START_TEST(any_life)
{
	uint64_t now = 1000, counted = 0;

	seed = 0x9e3779b97f4a7c15ULL * (uint64_t)(_i + 1);
	start(VMP_RUNNING, now);
	for (int n = 0; n < 2000; n++) {
		uint64_t before[VMP_STATES], exits = 0, closed[VMP_STATES];
		struct vmp_slot copy;
		struct sample_vcpu v;

		some_event(now += below(100));
		charged(&slot, before);
		read_at(now += below(100), &v);
		/* nothing is lost, nothing is made up */
		MANY(v.observed_ns == now - 1000);
		MANY(sum(v.ledger) == v.observed_ns);
		/* what was charged once is never taken back */
		for (int i = 0; i < VMP_STATES; i++)
			MANY(v.ledger[i] >= before[i]);
		/* the states off the CPU are those that its next event charges */
		memcpy(&copy, &slot, sizeof(copy));
		ledger_in(&copy, now);
		charged(&copy, closed);
		MANY(v.ledger[VMP_IDLE] == closed[VMP_IDLE]);
		MANY(v.ledger[VMP_BLOCKED] == closed[VMP_BLOCKED]);
		MANY(v.ledger[VMP_WAIT] == closed[VMP_WAIT]);
		MANY(v.ledger[VMP_GUEST] == closed[VMP_GUEST]);
		if (!slot.halt_ns)
			MANY(v.ledger[VMP_VMM] == closed[VMP_VMM]);
		/* exits are counted when they begin */
		for (uint32_t i = 0; i < v.nexits; i++)
			exits += v.exits[i].count;
		MANY(exits >= counted);
		MANY(exits <= counted + 1);
		counted = exits;
		done(&v);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("slot");

	UNIT_ADD(u, open_states);
	UNIT_ADD(u, off_the_cpu);
	UNIT_ADD(u, open_halt);
	UNIT_ADD(u, by_cpu);
	UNIT_ADD(u, ended);
	tcase_add_loop_test(u.tcase, any_life, 0, 50);
	return unit_run(u);
}
