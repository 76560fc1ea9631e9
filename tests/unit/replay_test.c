// SPDX-License-Identifier: GPL-2.0-only
/* Which samples of a record are shown: made-up ones, by their times. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cmd/replay.h"
#include "samples.h"
#include "unit.h"

#define REAL (1700000000 * SECOND)

static char path[64];
static struct record_reader *r;
static struct sample from, to;

static void begin(void)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/vmperf-replay-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

/* A session whose samples are taken at these ms, ended by -1; the record begins at 0. */
static void session(const int *ms)
{
	const struct record_options o = {.max_files = 1};
	char error[RECORD_ERROR];
	uint64_t cut;
	struct record_writer *w = record_create(path, &o, &cut, error);

	ck_assert_msg(w != NULL, "%s", error);
	for (; *ms >= 0; ms++) {
		struct sample s;

		sample_host(&s, "kvm_amd", "x86_64", ALL_STATES);
		s.real_ns = REAL + (uint64_t)*ms * MS;
		s.mono_ns = s.begin_ns = 100 * SECOND + (uint64_t)*ms * MS;
		/* it ends at 2500 ms, and is forgotten then */
		if (*ms <= 2500) {
			sample_rest(sample_vcpu(sample_vm(&s, "ends", "", 1), VMP_ISA_SVM),
				    (uint64_t)(*ms + 1000) * MS);
			s.vms[0].ended = *ms == 2500;
		}
		sample_rest(sample_vcpu(sample_vm(&s, "stays", "", 2), VMP_ISA_SVM),
			    (uint64_t)(*ms + 1000) * MS);
		ck_assert_msg(record_add(w, &s, error), "%s", error);
		sample_free(&s);
	}
	ck_assert_msg(record_close(w, error), "%s", error);
}

static int pick(const char *at, uint64_t interval_ms)
{
	r = replay_open(path);
	ck_assert_ptr_nonnull(r);
	return replay_pick(r, path, at, interval_ms * MS, &from, &to);
}

static void done(void)
{
	sample_free(&from);
	sample_free(&to);
	from = to = (struct sample){0};
	record_reader_free(r);
}

/* ms of the two samples */
static void picks(const char *at, uint64_t interval_ms, int a, int b)
{
	ck_assert_int_eq(pick(at, interval_ms), STATUS_DONE);
	ck_assert_msg(from.real_ns == REAL + (uint64_t)a * MS && to.real_ns == REAL + (uint64_t)b * MS,
		      "--at %s: %llu to %llu ms", at ? at : "none",
		      (unsigned long long)((from.real_ns - REAL) / MS),
		      (unsigned long long)((to.real_ns - REAL) / MS));
	done();
}

static void refuses(const char *at, int status)
{
	ck_assert_int_eq(pick(at, 1000), status);
	done();
}

static const int first[] = {0, 1000, 2010, 2500, 3005, 4000, 5000, -1};
static const int second[] = {65000, 66000, 67000, -1};

START_TEST(whole)
{
	begin();
	session(first);
	picks(NULL, 1000, 0, 5000);
	session(second);
	picks(NULL, 1000, 65000, 67000);
	unlink(path);
}
END_TEST

START_TEST(at)
{
	begin();
	session(first);
	session(second);
	picks("end", 1000, 66000, 67000);
	/* the last one at that time or before */
	picks("+4999ms", 1000, 3005, 4000);
	picks("+5s", 1000, 4000, 5000);
	picks("@1700000004", 1000, 3005, 4000);
	/* the nearest one to the interval's beginning */
	picks("+4s", 900, 3005, 4000);
	picks("+4s", 1400, 2500, 4000);
	picks("+4s", 1900, 2010, 4000);
	picks("+4s", 60000, 0, 4000);
	/* a step at least */
	picks("+4s", 10, 3005, 4000);
	/* nothing is before the first one */
	picks("start", 1000, 0, 1000);
	picks("+65s", 1000, 65000, 66000);
	/* within the second in which it began, or ended; all in one session */
	picks("+64500ms", 3000, 65000, 66000);
	picks("+5900ms", 1000, 4000, 5000);
	picks("+67900ms", 10000, 65000, 67000);
	unlink(path);
}
END_TEST

START_TEST(what_was_not_recorded)
{
	begin();
	session(first);
	session(second);
	refuses("+30s", STATUS_FAILED);
	refuses("+6100ms", STATUS_FAILED);
	refuses("+63900ms", STATUS_FAILED);
	refuses("+69s", STATUS_FAILED);
	refuses("@1699999998", STATUS_FAILED);
	refuses("noon", STATUS_USAGE);
	unlink(path);
}
END_TEST

/* Sessions whose times are not in their order, and one in which the clock went back. */
START_TEST(clocks_that_are_set_back)
{
	static const int late[] = {100000, 101000, 102000, -1}, early[] = {50000, 51000, 52000, -1},
			 back[] = {70000, 71000, 72000, 73000, 70500, 71500, -1};

	begin();
	session(late);
	session(early);
	session(back);
	picks("@1700000101", 1000, 100000, 101000);
	picks("@1700000051", 1000, 50000, 51000);
	picks("@1700000073", 1000, 72000, 73000);
	picks("start", 1000, 100000, 101000);
	/* between two of them */
	refuses("@1700000080", STATUS_FAILED);
	ck_assert_int_eq(pick("end", 1000), STATUS_DONE);
	ck_assert_uint_eq(to.real_ns, REAL + 71500 * MS);
	done();
	unlink(path);
}
END_TEST

START_TEST(one_sample_is_too_few)
{
	static const int one[] = {80000, -1};

	begin();
	session(first);
	session(one);
	refuses(NULL, STATUS_FAILED);
	refuses("end", STATUS_FAILED);
	picks("start", 1000, 0, 1000);
	unlink(path);
}
END_TEST

/* A VM that ended in between is there once, as it was last. */
START_TEST(ended_ones_are_kept)
{
	begin();
	session(first);
	ck_assert_int_eq(pick(NULL, 0), STATUS_DONE);
	ck_assert_uint_eq(to.nvms, 2);
	ck_assert_str_eq(to.vms[0].name, "stays");
	ck_assert_str_eq(to.vms[1].name, "ends");
	ck_assert(to.vms[1].ended);
	ck_assert_uint_eq(to.vms[1].vcpus[0].observed_ns, 3500 * MS);
	done();
	/* where it is in the last one anyway */
	ck_assert_int_eq(pick("+2500ms", 60000), STATUS_DONE);
	ck_assert_uint_eq(to.nvms, 2);
	done();
	/* before this interval */
	ck_assert_int_eq(pick("+5s", 1000), STATUS_DONE);
	ck_assert_uint_eq(to.nvms, 1);
	done();
	unlink(path);
}
END_TEST

START_TEST(titles)
{
	struct view v = {.real_ns = 1769814000 * SECOND + 500 * MS, .interval_ns = 1500 * MS};
	struct buf b = {0};

	ck_assert(!setenv("TZ", "XXX-1", 1));
	tzset();
	replay_title(&b, "a b", &v);
	ck_assert_str_eq(b.data, "a b, from 2026-01-30 23:59:59 to 2026-01-31 00:00:00");
	b.len = 0;
	v.interval_ns = 500 * MS;
	replay_title(&b, "a b", &v);
	ck_assert_str_eq(b.data, "a b, from 2026-01-31 00:00:00 to 00:00:00");
	buf_free(&b);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("replay");

	UNIT_ADD(u, whole);
	UNIT_ADD(u, at);
	UNIT_ADD(u, what_was_not_recorded);
	UNIT_ADD(u, clocks_that_are_set_back);
	UNIT_ADD(u, one_sample_is_too_few);
	UNIT_ADD(u, ended_ones_are_kept);
	UNIT_ADD(u, titles);
	return unit_run(u);
}
