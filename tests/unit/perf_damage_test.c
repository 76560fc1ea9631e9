// SPDX-License-Identifier: GPL-2.0-only
/* perf.data files that are none, cut off, damaged or made to hurt: what is there is read, or one line says
 * why not. */
#include "perf_read.h"

/* Read as a VM's process 100: 20 samples of all kinds of records between them. */
static void add_some(struct made *m)
{
	uint8_t id[20] = {1, 2, 3};

	add_attr(m);
	feature_text(m, add_feature(m, PERF_FEATURE_HOSTNAME), "host.example");
	feature_text(m, add_feature(m, PERF_FEATURE_ARCH), "x86_64");
	add_comm(m, 0, 100, 100, "CPU 1/KVM", 0);
	for (uint64_t i = 0; i < 20; i++) {
		if (i % 5 == 0)
			add_mmap(m, USER, 100, i << 12, 0x1000, 0, "/program", i);
		if (i % 7 == 0)
			add_mmap2(m, USER, 100, i << 12, 0x1000, 0, "/program", id, 20, i);
		if (i % 6 == 0)
			add_fork(m, 0, 100, 100, 200, 100, i);
		if (i % 4 == 0)
			add_empty(m, PERF_USER_FINISHED_ROUND);
		add_sample(m, USER, 100, 100, i << 12, 1, i + 1);
	}
}

/* Cut at every byte: a header that is whole gives what is there, and says that it is cut off. */
START_TEST(cut_at_every_byte)
{
	for (int form = 0; form < 8; form++) {
		struct made m = {.big = form & 1};
		struct buf b = {0};
		uint64_t before = 0, n;
		struct profile *p;
		size_t whole;

		add_some(&m);
		if (form & 4)
			pack(&m, false, 100);
		if (form & 2)
			make_pipe(&m, &b);
		else
			make_file(&m, &b);
		whole = b.len;
		for (size_t len = 0; len < whole; len++) {
			b.len = len;
			p = read_bytes(&b, false);
			n = p ? samples(p) : 0;
			MANY(p || *why);
			/* a stream may end after any record */
			MANY(*why || form & 2);
			MANY(n >= before && n <= 20);
			before = n;
			profile_free(p);
		}
		/* a file's features stand after its records */
		ck_assert(form & 2 ? before < 20 : before == 20);
		b.len = whole;
		p = read_bytes(&b, false);
		ck_assert_msg(p && !*why, "%s", why);
		ck_assert_uint_eq(samples(p), 20);
		profile_free(p);
		buf_free(&b);
		made_free(&m);
	}
}
END_TEST

/* Any byte changed: it is read or refused. */
START_TEST(changed_bytes)
{
	srand(3);
	for (int form = 0; form < 8; form++) {
		struct made m = {.big = form & 1};
		struct buf b = {0};

		add_some(&m);
		if (form & 4)
			pack(&m, true, 100);
		if (form & 2)
			make_pipe(&m, &b);
		else
			make_file(&m, &b);
		for (size_t at = 0; at < b.len; at++) {
			char was = b.data[at];
			struct profile *p;

			b.data[at] ^= (char)(1 << rand() % 8);
			p = read_bytes(&b, true);
			MANY(p || *why);
			profile_free(p);
			b.data[at] = was;
		}
		buf_free(&b);
		made_free(&m);
	}
}
END_TEST

static void put_at(struct buf *b, size_t at, uint64_t v)
{
	memcpy(b->data + at, &v, sizeof(v));
}

#define REFUSED(b, text)                                                                                     \
	do {                                                                                                 \
		ck_assert_ptr_null(read_bytes(b, true));                                                     \
		ck_assert_msg(strstr(why, text), "%s", why);                                                 \
	} while (0)

START_TEST(no_perf_files)
{
	struct perf_read_options o = {0};
	struct made m = {0};
	struct buf b = {0};

	ck_assert_ptr_null(perf_read("/nonexistent/perf.data", &o, why, sizeof(why)));
	ck_assert_str_eq(why, "No such file or directory");
	ck_assert_ptr_null(perf_read("/tmp", &o, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "directory"));
	ck_assert_ptr_null(perf_read("/dev/null", &o, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "too short"));
	ck_assert_ptr_null(perf_read("/dev/zero", &o, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "no perf.data file"));
	/* nobody wants to know */
	ck_assert_ptr_null(perf_read("/dev/zero", &o, NULL, 0));

	make_file(&m, &b);
	REFUSED(&b, "no events");
	memcpy(b.data, "PERFFILE", 8);
	REFUSED(&b, "PERFFILE");
	memcpy(b.data, "ELIFFREP", 8);
	REFUSED(&b, "PERFFILE");
	memcpy(b.data, "PERFILE3", 8);
	REFUSED(&b, "no perf.data file");
	buf_free(&b);

	make_pipe(&m, &b);
	REFUSED(&b, "no events");
	buf_free(&b);
}
END_TEST

/* perf record that was killed leaves a size of 0, and no features. */
START_TEST(not_finished)
{
	struct made m = {0};
	struct buf b = {0};
	struct profile *p;

	add_some(&m);
	make_file(&m, &b);
	put_at(&b, 48, 0);
	b.len -= 64; /* the features */
	p = read_bytes(&b, false);
	ck_assert_ptr_nonnull(strstr(why, "did not finish"));
	ck_assert_uint_eq(samples(p), 20);
	ck_assert_str_eq(p->hostname, "");
	profile_free(p);
	buf_free(&b);
	made_free(&m);
}
END_TEST

/* Places and sizes beyond the end, or beyond all numbers. */
START_TEST(hostile_header)
{
	static const uint64_t numbers[] = {
		0, 1, 7, 104, 1000, UINT32_MAX, 1ULL << 40, INT64_MAX - 7ULL, 1ULL << 63, UINT64_MAX - 7};
	struct made m = {0};
	struct buf b = {0};

	add_some(&m);
	m.attrs[0].nids = 2;
	make_file(&m, &b);
	/* the header's numbers, the ids' place, the features' places */
	for (size_t at = 8; at < b.len; at += at == 64 ? 104 + 16 + 128 - 64 : 8) {
		if (at > 104 + 16 + 128 + 8 && at < b.len - 100)
			continue;
		for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
			uint64_t was;
			struct profile *p;

			memcpy(&was, b.data + at, 8);
			put_at(&b, at, numbers[i]);
			p = read_bytes(&b, true);
			MANY(p || *why);
			profile_free(p);
			put_at(&b, at, was);
		}
	}
	buf_free(&b);
	made_free(&m);
}
END_TEST

/* Many events that say they have the same ids: not read again and again. */
START_TEST(ids_of_all)
{
	enum { EVENTS = 3000, IDS = 100000 };
	struct made m = {0};
	struct buf b = {0};

	make_file(&m, &b);
	put_at(&b, 24, b.len);
	put_at(&b, 32, EVENTS * 144ULL);
	put_at(&b, 16, 144);
	for (int i = 0; i < EVENTS; i++) {
		struct made_attr a = {.sample_type = PERF_SAMPLE_IDENTIFIER};

		put_attr(&m, &b, &a);
		put(&m, &b, 104 + EVENTS * 144ULL, 8);
		put(&m, &b, IDS * 8ULL, 8);
	}
	for (int i = 0; i < IDS; i++)
		put(&m, &b, (uint64_t)i, 8);
	REFUSED(&b, "ids");
	buf_free(&b);
}
END_TEST

START_TEST(damaged_records)
{
	struct made m = {0};
	struct buf b = {0};
	struct profile *p;
	size_t at;

	add_attr(&m);
	add_sample(&m, USER, 5, 5, 1, 1, 1);
	/* too short for what they are */
	for (uint32_t type = 1; type <= PERF_RECORD_LOST_SAMPLES; type++) {
		begin(&m, type, USER);
		put_zeros(&m.data, 8);
		end(&m);
	}
	add_sample(&m, USER, 5, 5, 1, 1, 2);
	at = m.data.len;
	add_empty(&m, PERF_USER_FINISHED_ROUND);
	make_file(&m, &b);
	p = read_bytes(&b, true);
	ck_assert_uint_eq(samples(p), 2);
	ck_assert_ptr_nonnull(strstr(why, "shorter than they must be"));
	profile_free(p);
	/* one that is shorter than any: no place to go on from */
	m.data.data[at + 6] = 7;
	add_sample(&m, USER, 5, 5, 1, 1, 3);
	buf_free(&b);
	make_file(&m, &b);
	p = read_bytes(&b, true);
	ck_assert_uint_eq(samples(p), 2);
	ck_assert_ptr_nonnull(strstr(why, "shorter than its header"));
	profile_free(p);
	buf_free(&b);
	made_free(&m);
}
END_TEST

/* A few bytes that unpack to gigabytes. */
START_TEST(bomb)
{
	struct made m = {0};
	struct buf b = {0};
	struct profile *p;

	add_attr(&m);
	add_sample(&m, USER, 5, 5, 1, 1, 1);
	/* records of a type that nobody knows */
	for (int i = 0; i < 1000; i++) {
		begin(&m, 60, 0);
		put_zeros(&m.data, 60000);
		end(&m);
	}
	pack(&m, false, 60000);
	make_file(&m, &b);
	ck_assert_uint_lt(b.len, 100000);
	p = read_bytes(&b, true);
	ck_assert_ptr_nonnull(strstr(why, "far more"));
	profile_free(p);
	buf_free(&b);
	made_free(&m);
}
END_TEST

/* What is packed inside of what is packed is not unpacked. */
START_TEST(packed_twice)
{
	struct made m = {0};
	struct buf b = {0};
	struct profile *p;

	add_attr(&m);
	add_sample(&m, USER, 5, 5, 1, 1, 1);
	pack(&m, false, 4096);
	pack(&m, false, 4096);
	make_file(&m, &b);
	p = read_bytes(&b, true);
	ck_assert_uint_eq(samples(p), 0);
	profile_free(p);
	buf_free(&b);
	made_free(&m);
}
END_TEST

/* Processes that fork with all that they have mapped: as long as the file is, no longer. */
START_TEST(many_forks)
{
	enum { MAPS = 20000, FORKS = 100000 };
	struct made m = {0};
	struct profile *p;

	add_attr(&m);
	for (uint64_t i = 0; i < MAPS; i++)
		add_mmap(&m, USER, 5, i << 12, 0x1000, 0, "/x", 0);
	for (uint32_t i = 10; i < FORKS; i++) {
		add_fork(&m, 0, i, 5, i, 5, 0);
		add_mmap(&m, USER, i, (uint64_t)i << 8, 0x100, 0, "/y", 0);
	}
	add_sample(&m, USER, FORKS - 1, 5, (FORKS - 1) << 8, 1, 1);
	add_sample(&m, USER, FORKS - 1, 5, 0x1000, 2, 1);
	p = read_made(&m, true);
	IS_AT(p, hit_of(p, 1), "/y", 0);
	IS_AT(p, hit_of(p, 2), "/x", 0);
	profile_free(p);
}
END_TEST

/* Bytes that this process has read so far (proc(5)). */
static unsigned long long bytes_read(void)
{
	FILE *f = fopen("/proc/self/io", "re");
	unsigned long long n = 0;

	ck_assert(f && fscanf(f, "rchar: %llu", &n) == 1);
	fclose(f);
	return n;
}

/* A hundred features that nobody knows are the same 200 megabytes, of which the file has none. */
START_TEST(same_bytes)
{
	struct perf_read_options o = {.all = true};
	char path[] = "/tmp/vmperf-perf-XXXXXX";
	unsigned long long before;
	struct made m = {0};
	struct profile *p;
	struct buf b = {0};
	int fd = mkstemp(path);

	add_attr(&m);
	add_sample(&m, USER, 5, 5, 0x1000, 2, 1);
	make_file(&m, &b);
	for (int bit = 100; bit < 200; bit++) {
		b.data[72 + bit / 8] |= (char)(1 << bit % 8);
		put(&m, &b, 0, 8);
		put(&m, &b, 200 << 20, 8);
	}
	ck_assert(fd >= 0 && write(fd, b.data, b.len) == (ssize_t)b.len && !ftruncate(fd, 201 << 20));
	close(fd);
	before = bytes_read();
	p = perf_read(path, &o, why, sizeof(why));
	ck_assert_uint_lt(bytes_read() - before, 1 << 20);
	ck_assert_msg(p && !*why, "%s", why);
	ck_assert_uint_eq(samples(p), 1);
	profile_free(p);
	unlink(path);
	buf_free(&b);
	made_free(&m);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("perf_damage");

	UNIT_ADD(u, cut_at_every_byte);
	UNIT_ADD(u, changed_bytes);
	UNIT_ADD(u, no_perf_files);
	UNIT_ADD(u, not_finished);
	UNIT_ADD(u, hostile_header);
	UNIT_ADD(u, ids_of_all);
	UNIT_ADD(u, damaged_records);
	UNIT_ADD(u, bomb);
	UNIT_ADD(u, packed_twice);
	UNIT_ADD(u, many_forks);
	UNIT_ADD(u, same_bytes);
	return unit_run(u);
}
