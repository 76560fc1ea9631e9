// SPDX-License-Identifier: GPL-2.0-only
/* Samples as bytes: what is unpacked is what was packed, in every member. */
#include "counting_hosts.h"
#include "random_sample.h"
#include "record/format.h"
#include "record/pack.h"
#include "sample_same.h"
#include "unit.h"

static void (*const hosts[])(struct pair *) = {svm,    vmx,   arm64, user,  no_sched, none,
					       no_kvm, names, full,  mixed, intel,    software};

/* Packs s after before, and back. */
static size_t there_and_back(const struct sample *before, const struct sample *s)
{
	struct sample got;
	struct buf b = {0};
	size_t len;

	pack_sample(&b, RECORD_VERSION, before, s);
	ck_assert(unpack_sample(b.data, b.len, RECORD_VERSION, before, &got));
	ck_assert_msg(!same_sample(s, &got), "%s differs", same_sample(s, &got));
	sample_free(&got);
	len = b.len;
	buf_free(&b);
	return len;
}

START_TEST(hosts_come_back)
{
	struct pair p;

	hosts[_i](&p);
	there_and_back(NULL, &p.a);
	there_and_back(NULL, &p.b);
	there_and_back(&p.a, &p.b);
	there_and_back(&p.b, &p.a);
	sample_free(&p.a);
	sample_free(&p.b);
}
END_TEST

START_TEST(random_samples_come_back)
{
	struct dice d = {0x9e3779b97f4a7c15ULL + (uint64_t)_i};
	struct sample before, s;

	roll_sample(&d, &before);
	there_and_back(NULL, &before);
	for (int i = 0; i < 30; i++) {
		roll_sample(&d, &s);
		roll_identities(&d, &s, &before);
		there_and_back(&before, &s);
		sample_free(&before);
		before = s;
	}
	sample_free(&before);
}
END_TEST

/* 300 VMs of which only every n-th is still there: farther away than anything is looked for. */
START_TEST(vms_that_vanish_do_not_matter)
{
	static const uint32_t steps[] = {1, 2, 7, 299};
	struct sample a, b;

	sample_host(&a, "kvm_amd", "x86_64", ALL_STATES);
	for (uint32_t i = 0; i < 300; i++)
		sample_rest(sample_vcpu(sample_vm(&a, "vm", "", 1000 + i), VMP_ISA_SVM), SECOND + i);
	for (size_t k = 0; k < sizeof(steps) / sizeof(*steps); k++) {
		sample_host(&b, "kvm_amd", "x86_64", ALL_STATES);
		for (uint32_t i = 0; i < 300; i += steps[k])
			sample_rest(sample_vcpu(sample_vm(&b, "vm", "", 1000 + i), VMP_ISA_SVM),
				    2 * SECOND + i);
		there_and_back(&a, &b);
		there_and_back(&b, &a);
		sample_free(&b);
	}
	sample_free(&a);
}
END_TEST

/* What stays as it was is a byte each, wherever it stands in its list. */
START_TEST(what_stays_is_short)
{
	struct sample a, b;
	size_t stays, moved;

	sample_host(&a, "kvm_amd", "x86_64", ALL_STATES);
	sample_host(&b, "kvm_amd", "x86_64", ALL_STATES);
	for (uint32_t i = 0; i < 100; i++) {
		sample_rest(sample_vcpu(sample_vm(&a, "a-machine", "", 1000000 + i), VMP_ISA_SVM), SECOND);
		/* the first one has gone */
		if (i)
			sample_rest(sample_vcpu(sample_vm(&b, "a-machine", "", 1000000 + i), VMP_ISA_SVM),
				    SECOND);
	}
	stays = there_and_back(&a, &a);
	moved = there_and_back(&a, &b);
	ck_assert_uint_lt(moved, stays);
	ck_assert_uint_gt(moved, stays - stays / 100 - 50);
	sample_free(&a);
	sample_free(&b);
}
END_TEST

/* No part of a packed sample is one, nor is one with more behind it. */
START_TEST(parts_are_refused)
{
	struct pair p;
	struct sample got;
	struct buf b = {0};

	intel(&p);
	pack_sample(&b, RECORD_VERSION, &p.a, &p.b);
	for (size_t i = 0; i < b.len; i++) {
		/* a block of just that size: reading past the end is seen */
		void *part = mem_dup(b.data, i, 1);

		ck_assert(!unpack_sample(part, i, RECORD_VERSION, &p.a, &got));
		ck_assert_uint_eq(got.nvms, 0);
		ck_assert(!got.vms && !got.events);
		free(part);
	}
	buf_add(&b, "", 1);
	ck_assert(!unpack_sample(b.data, b.len, RECORD_VERSION, &p.a, &got));
	buf_free(&b);
	sample_free(&p.a);
	sample_free(&p.b);
}
END_TEST

static bool comes_back(const struct sample *s)
{
	struct sample got;
	struct buf b = {0};
	bool ok;

	pack_sample(&b, RECORD_VERSION, NULL, s);
	ok = unpack_sample(b.data, b.len, RECORD_VERSION, NULL, &got);
	if (ok)
		sample_free(&got);
	buf_free(&b);
	return ok;
}

/* The first version has no place for what is known beyond a VM's name; all else comes back. */
START_TEST(first_version_comes_back)
{
	struct pair p;
	struct buf b = {0};
	struct sample before, got;

	intel(&p);
	strcpy(p.b.vms[0].machine, "pc-q35-7.2");
	p.b.vms[0].vpmu = VPMU_ON;
	p.b.vms[0].meta[META_VMI] = mem_strdup("vmi");
	pack_sample(&b, 1, NULL, &p.a);
	ck_assert(unpack_sample(b.data, b.len, 1, NULL, &before));
	b.len = 0;
	pack_sample(&b, 1, &p.a, &p.b);
	ck_assert(unpack_sample(b.data, b.len, 1, &before, &got));
	ck_assert_str_eq(got.vms[0].machine, "");
	ck_assert_uint_eq(got.vms[0].vpmu, VPMU_UNKNOWN);
	ck_assert_ptr_null(got.vms[0].meta[META_VMI]);
	p.b.vms[0].machine[0] = '\0';
	p.b.vms[0].vpmu = VPMU_UNKNOWN;
	free(p.b.vms[0].meta[META_VMI]);
	p.b.vms[0].meta[META_VMI] = NULL;
	ck_assert_msg(!same_sample(&p.b, &got), "%s differs", same_sample(&p.b, &got));
	sample_free(&before);
	sample_free(&got);
	buf_free(&b);
	sample_free(&p.a);
	sample_free(&p.b);
}
END_TEST

/* What tables are looked up by, and what would cost too much. */
START_TEST(out_of_range_is_refused)
{
	struct sample s;
	struct sample_thread *t;
	struct sample_event *e;

	sample_host(&s, "kvm_amd", "x86_64", ALL_STATES);
	t = sample_thread(sample_vm(&s, "vm", "", 10), THREAD_OTHER, 11, 1, 1);
	e = sample_event(&s, "cycles", EVENT_HOST, EVENT_KINDS - 1);
	sample_pin(&s.vms[0], PIN_IOTHREAD, 1, "0");
	s.probes[0].status = PROBE_FAILED;
	ck_assert(comes_back(&s));
	t->class = THREAD_CLASSES;
	ck_assert(!comes_back(&s));
	t->class = 0;
	s.vms[0].vpmu = VPMU_ON + 1;
	ck_assert(!comes_back(&s));
	s.vms[0].vpmu = VPMU_ON;
	e->mode = EVENT_HOST + 1;
	ck_assert(!comes_back(&s));
	e->mode = 0;
	e->kind = EVENT_KINDS;
	ck_assert(!comes_back(&s));
	e->kind = 0;
	s.vms[0].pins[0].kind = PIN_IOTHREAD + 1;
	ck_assert(!comes_back(&s));
	s.vms[0].pins[0].kind = 0;
	s.probes[0].status = PROBE_FAILED + 1;
	ck_assert(!comes_back(&s));
	s.probes[0].status = 0;
	s.ncpus = 8192;
	ck_assert(comes_back(&s));
	s.ncpus++;
	ck_assert(!comes_back(&s));
	sample_free(&s);
}
END_TEST

/* Numbers below 64, as differences that are added. */
static void put(struct buf *b, unsigned int n)
{
	char c = (char)(2 * n);

	buf_add(b, &c, 1);
}

static void put_zeros(struct buf *b, unsigned int n)
{
	while (n--)
		put(b, 0);
}

/* By hand, as one that knows less than we do would have packed it. */
START_TEST(older_and_newer_dimensions)
{
	/* 2 states, 1 bucket, 1 user-space exit, 1 flag, 3 losses, 2 classes */
	struct sample s;
	struct buf b = {0};

	buf_add(&b, "\2\1\1\1\3\2", 6);
	put(&b, 7); /* begin_ns */
	put(&b, 8);
	put(&b, 9);
	buf_add(&b, "\5kvm1", 5);
	put_zeros(&b, 2); /* kernel, arch */
	put(&b, 4);       /* host.cpus */
	put_zeros(&b, 9); /* kvm_loaded to invisible_why */
	put(&b, 1);       /* three losses */
	put(&b, 2);
	put(&b, 3);
	put_zeros(&b, 3); /* threads_visible, ncpus, cpu_node */
	put_zeros(&b, 2); /* no probes, no events */
	buf_add(&b, "\1", 1);
	buf_add(&b, "\0", 1); /* a VM that there was not */
	put(&b, 42);
	put_zeros(&b, 4);
	for (unsigned int i = 1; i <= 8; i++) /* gone_threads of two classes */
		put(&b, i);
	put_zeros(&b, 2); /* nevents, pins_known */
	buf_add(&b, "\3vm", 3);
	put_zeros(&b, 6); /* the gone ones: tid to observed_ns */
	put(&b, 11);      /* ledger */
	put(&b, 12);
	put_zeros(&b, 6); /* halts, wakes */
	put_zeros(&b, 6); /* ncpus to backwards */
	put(&b, 13);      /* flags */
	put(&b, 14);      /* uexits */
	put(&b, 15);
	put_zeros(&b, 1 + 2 + 1); /* nevents, cpu_ns, events, exits */
	put_zeros(&b, 2);         /* vCPUs, threads */
	buf_add(&b, "\0\0", 2);   /* gone_events, events */
	put_zeros(&b, 1);         /* pins */
	ck_assert(unpack_sample(b.data, b.len, 1, NULL, &s));
	ck_assert_uint_eq(s.begin_ns, 7);
	ck_assert_uint_eq(s.real_ns, 9);
	ck_assert_str_eq(s.host.hostname, "kvm1");
	ck_assert_uint_eq(s.host.cpus, 4);
	ck_assert_uint_eq(s.loss[2], 3);
	for (int i = 3; i < VMP_LOSSES; i++)
		ck_assert_uint_eq(s.loss[i], 0);
	ck_assert_uint_eq(s.nvms, 1);
	ck_assert_uint_eq(s.vms[0].pid, 42);
	ck_assert_str_eq(s.vms[0].name, "vm");
	ck_assert_uint_eq(s.vms[0].gone_threads[1].migrations, 8);
	ck_assert_uint_eq(s.vms[0].gone_threads[2].cpu_ns, 0);
	ck_assert_uint_eq(s.vms[0].gone.ledger[1], 12);
	ck_assert_uint_eq(s.vms[0].gone.ledger[2], 0);
	ck_assert_uint_eq(s.vms[0].gone.flags[0], 13);
	ck_assert_uint_eq(s.vms[0].gone.uexits[0].ns, 15);
	there_and_back(NULL, &s);
	sample_free(&s);
	/* one more of anything is unknown */
	for (int i = 0; i < 7; i++) {
		struct sample empty = {0};

		b.len = 0;
		pack_sample(&b, RECORD_VERSION, NULL, &empty);
		ck_assert(unpack_sample(b.data, b.len, RECORD_VERSION, NULL, &s));
		b.data[i]++;
		/* a sample without VMs has losses only */
		put_zeros(&b, i == 4 ? 1 : 0);
		ck_assert(!unpack_sample(b.data, b.len, RECORD_VERSION, NULL, &s));
	}
	buf_free(&b);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("pack");

	tcase_add_loop_test(u.tcase, hosts_come_back, 0, sizeof(hosts) / sizeof(*hosts));
	tcase_add_loop_test(u.tcase, random_samples_come_back, 0, 30);
	UNIT_ADD(u, vms_that_vanish_do_not_matter);
	UNIT_ADD(u, what_stays_is_short);
	UNIT_ADD(u, parts_are_refused);
	UNIT_ADD(u, first_version_comes_back);
	UNIT_ADD(u, out_of_range_is_refused);
	UNIT_ADD(u, older_and_newer_dimensions);
	return unit_run(u);
}
