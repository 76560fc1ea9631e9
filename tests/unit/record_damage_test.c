// SPDX-License-Identifier: GPL-2.0-only
/* Records that are cut off, damaged, made up, or of a later version. */
#include <zstd.h>

#include "lib/buf.h"
#include "record/format.h"
#include "record/pack.h"
#include "record_file.h"

#define SAMPLES 4

/* A record of SAMPLES samples in two sessions; where each of its frames ends. */
static char *make(size_t ends[SAMPLES], size_t *size)
{
	record_session(0, 1);
	ends[0] = file_size(record_path);
	for (unsigned int i = 1; i < SAMPLES; i++) {
		struct record_writer *w;

		/* the same again, one longer each time: only the first session's end is kept */
		ck_assert(!truncate(record_path, (off_t)ends[0]));
		w = record_begin(0, 1);
		record_samples(w, 1, i + 1);
		record_end(w);
		ends[i] = file_size(record_path);
	}
	return file_read(record_path, size);
}

START_TEST(cut_off_anywhere)
{
	size_t ends[SAMPLES], size, whole = RECORD_FILE_SIZE;
	char *data = make(ends, &size), error[RECORD_ERROR];
	struct record_options o = {0, 1};
	unsigned int n = 0;

	for (size_t len = 0; len < size; len++) {
		struct record_reader *r;
		struct record_writer *w;
		uint64_t cut;

		if (n < SAMPLES && len == ends[n])
			whole = ends[n++];
		file_write(record_path, data, len);
		r = record_open(record_path, &cut, error);
		ck_assert_int_eq(r != NULL, n > 0);
		if (r) {
			ck_assert_uint_eq(cut, len - whole);
			ck_assert_uint_eq(record_count(r), n);
			for (unsigned int i = 0; i < n; i++)
				record_has(r, i, i);
			record_reader_free(r);
		} else {
			record_tells(error, record_path, len ? "has no whole sample" : "is empty");
		}
		/* who goes on writing cuts that off, and a new session follows what is whole; it takes long
		 */
		if (len % 5 && len != whole)
			continue;
		w = record_create(record_path, &o, &cut, error);
		ck_assert_msg(w != NULL, "%s", error);
		ck_assert_uint_eq(cut, len < RECORD_FILE_SIZE ? len : len - whole);
		record_samples(w, 77, 78);
		record_end(w);
		r = record_look(record_path);
		ck_assert_uint_eq(record_count(r), n + 1);
		record_has(r, n, 77);
		record_reader_free(r);
	}
	free(data);
}
END_TEST

/* The record in which one byte is wrong tells so, or the samples that it had; never another one. */
static void wrong_byte(size_t at, const size_t ends[SAMPLES])
{
	char error[RECORD_ERROR] = "";
	struct sample want, got;
	bool all = true;
	uint64_t cut;
	struct record_reader *r = record_open(record_path, &cut, error);

	if (!r) {
		record_tells(error, record_path, at < RECORD_FILE_SIZE ? "" : "damaged at byte ");
		return;
	}
	/* the last one may be taken for cut off */
	ck_assert_uint_eq(record_count(r), cut ? SAMPLES - 1 : SAMPLES);
	if (cut)
		ck_assert_uint_ge(at, ends[SAMPLES - 2]);
	for (unsigned int i = 0; i < record_count(r); i++) {
		error[0] = '\0';
		if (!record_read(r, i, &got, error)) {
			record_tells(error, record_path, "is damaged");
			all = false;
			continue;
		}
		record_sample(&want, i);
		ck_assert_msg(!same_sample(&want, &got), "byte %zu: %s differs", at,
			      same_sample(&want, &got));
		sample_free(&want);
		sample_free(&got);
	}
	ck_assert(!all || cut);
	record_reader_free(r);
}

START_TEST(each_byte_wrong)
{
	size_t ends[SAMPLES], size;
	char *data = make(ends, &size);

	for (size_t at = 0; at < size; at++)
		for (int bit = 1; bit < 256; bit += 254) {
			data[at] = (char)(data[at] ^ bit);
			file_write(record_path, data, size);
			wrong_byte(at, ends);
			data[at] = (char)(data[at] ^ bit);
		}
	free(data);
}
END_TEST

/* Damage tells its place, and how to keep what is before; nobody writes to such a record. */
START_TEST(damage_tells_its_place)
{
	size_t ends[SAMPLES], size, now;
	char *data = make(ends, &size), place[64], *same;
	struct record_reader *r;

	data[ends[1] + 8] ^= 1;
	file_write(record_path, data, size);
	snprintf(place, sizeof(place), "damaged at byte %zu; \"head -c %zu FILE >NEW\"", ends[1], ends[1]);
	record_not_opened(record_path, place);
	record_not_created(record_path, place);
	same = file_read(record_path, &now);
	ck_assert(now == size && !memcmp(same, data, size));
	free(same);
	file_write(record_path, data, ends[1]);
	r = record_look(record_path);
	ck_assert_uint_eq(record_count(r), 2);
	record_reader_free(r);
	free(data);
}
END_TEST

/* A file that grew, but whose last bytes never got to the disk. */
START_TEST(zeros_at_the_end)
{
	static const size_t lengths[] = {1, 39, 40, 41, 5000, 200000};
	size_t ends[SAMPLES], size;
	char *data = make(ends, &size), error[RECORD_ERROR];
	struct record_reader *r;
	uint64_t cut;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		file_write(record_path, data, size);
		ck_assert(!truncate(record_path, (off_t)(size + lengths[i])));
		r = record_open(record_path, &cut, error);
		ck_assert_msg(r != NULL, "%s", error);
		ck_assert_uint_eq(cut, lengths[i]);
		ck_assert_uint_eq(record_count(r), SAMPLES);
		record_reader_free(r);
	}
	/* the last sample's header got there, half of the rest did not */
	memset(data + size - 20, 0, 20);
	file_write(record_path, data, size);
	r = record_open(record_path, &cut, error);
	ck_assert_msg(r != NULL, "%s", error);
	ck_assert_uint_eq(cut, size - ends[SAMPLES - 2]);
	ck_assert_uint_eq(record_count(r), SAMPLES - 1);
	record_reader_free(r);
	/* anything else there is damage */
	data = mem_resize(data, size + 5000, 1);
	memset(data + size, 0, 5000);
	data[size + 4999] = 1;
	file_write(record_path, data, size + 5000);
	record_not_opened(record_path, "damaged at byte ");
	free(data);
}
END_TEST

/* Adds a frame of these bytes to a file's. */
static void add_frame(struct buf *b, struct record_head h, const void *payload, size_t n)
{
	unsigned char head[RECORD_HEAD_SIZE];

	h.stored = (uint32_t)n;
	h.crc = format_crc(payload, n);
	format_head(head, &h);
	buf_add(b, head, sizeof(head));
	buf_add(b, payload, n);
}

/* A sample's frame, whatever the header says of it. */
static void add_sample(struct buf *b, struct record_head h, const struct sample *s)
{
	struct buf raw = {0};
	char stored[65536];
	size_t n;

	pack_sample(&raw, RECORD_VERSION, NULL, s);
	n = ZSTD_compress(stored, sizeof(stored), raw.data, raw.len, 1);
	ck_assert(!ZSTD_isError(n));
	h.raw += (uint32_t)raw.len;
	add_frame(b, h, stored, n);
	buf_free(&raw);
}

static void begin(struct buf *b)
{
	unsigned char head[RECORD_FILE_SIZE];

	format_file(head, RECORD_VERSION);
	b->len = 0;
	buf_add(b, head, sizeof(head));
}

START_TEST(other_frames_are_skipped)
{
	size_t ends[SAMPLES], size;
	char *data = make(ends, &size);
	struct record_head other = {.type = 77, .flags = ~0U, .mono_ns = 1};
	struct record_reader *r;
	struct buf b = {0};

	buf_add(&b, data, RECORD_FILE_SIZE);
	add_frame(&b, other, "hello", 5);
	buf_add(&b, data + RECORD_FILE_SIZE, ends[0] - RECORD_FILE_SIZE);
	add_frame(&b, other, "", 0);
	buf_add(&b, data + ends[0], ends[2] - ends[0]);
	add_frame(&b, other, data, size);
	buf_add(&b, data + ends[2], ends[3] - ends[2]);
	add_frame(&b, other, "bye", 3);
	file_write(record_path, b.data, b.len);
	r = record_look(record_path);
	ck_assert_uint_eq(record_count(r), SAMPLES);
	for (unsigned int i = 0; i < SAMPLES; i++)
		record_has(r, i, i);
	record_reader_free(r);
	record_session(SAMPLES, SAMPLES + 1);
	r = record_look(record_path);
	record_has(r, SAMPLES, SAMPLES);
	record_reader_free(r);
	buf_free(&b);
	free(data);
}
END_TEST

START_TEST(a_newer_version_is_refused)
{
	unsigned char head[RECORD_FILE_SIZE];

	format_file(head, RECORD_VERSION);
	head[8]++;
	for (int i = 0; i < 4; i++)
		head[12 + i] = (unsigned char)(format_crc(head, 12) >> 8 * i);
	file_write(record_path, head, sizeof(head));
	record_not_opened(record_path, "a newer vmperf wrote it (format 3, this one knows 2)");
	record_not_created(record_path, "a newer vmperf wrote it (format 3, this one knows 2)");
}
END_TEST

/* With all checksums right. */
START_TEST(made_up_frames)
{
	struct record_head h = {.type = RECORD_SAMPLE, .flags = RECORD_BEGIN | RECORD_WHOLE};
	char error[RECORD_ERROR], junk[100] = "junk";
	struct sample s, got;
	struct buf b = {0};
	static const struct {
		uint32_t flags;
		const char *why;
	} firsts[] = {{0, "has none before it"},
		      {RECORD_WHOLE, "has none before it"},
		      {RECORD_BEGIN, "has none before it"}};

	record_sample(&s, 0);
	h.mono_ns = s.mono_ns;
	h.real_ns = s.real_ns;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
		begin(&b);
		h.flags = firsts[i].flags;
		add_sample(&b, h, &s);
		file_write(record_path, b.data, b.len);
		record_not_opened(record_path, firsts[i].why);
	}
	h.flags = RECORD_BEGIN | RECORD_WHOLE;
	begin(&b);
	add_sample(&b, h, &s); /* 0: as it should be */
	h.real_ns++;
	add_sample(&b, h, &s); /* 1: another time than the sample's */
	h.real_ns--;
	h.raw = 1;
	add_sample(&b, h, &s); /* 2: longer than it is */
	h.raw = 0;
	add_frame(&b, h, "", 0);              /* 3 */
	add_frame(&b, h, junk, sizeof(junk)); /* 4: no zstd */
	h.raw = RECORD_MAX_RAW;
	add_frame(&b, h, junk, sizeof(junk)); /* 5: much room for nothing */
	h.raw = 0;
	h.flags = 0;
	add_sample(&b, h, &s); /* 6: the difference to one that cannot be read */
	file_write(record_path, b.data, b.len);
	for (uint32_t i = 0; i < 7; i++) {
		struct record_reader *r = record_look(record_path);

		if (record_read(r, i, &got, error)) {
			ck_assert_uint_eq(i, 0);
			ck_assert(!same_sample(&s, &got));
			sample_free(&got);
		} else {
			ck_assert_uint_gt(i, 0);
			record_tells(error, record_path, "is none, or one of a newer vmperf");
		}
		/* and the first one still can */
		record_has(r, 0, 0);
		record_reader_free(r);
	}
	/* more than any sample has */
	h.raw = RECORD_MAX_RAW + 1;
	h.flags = RECORD_BEGIN | RECORD_WHOLE;
	begin(&b);
	add_frame(&b, h, "x", 1);
	file_write(record_path, b.data, b.len);
	record_not_opened(record_path, "damaged at byte 16");
	buf_free(&b);
	sample_free(&s);
}
END_TEST

/* Somebody changes, or shortens, a record that is being read. */
START_TEST(changed_meanwhile)
{
	size_t ends[SAMPLES], size;
	char *data = make(ends, &size), error[RECORD_ERROR];
	struct record_reader *r = record_look(record_path);
	struct sample got;

	record_has(r, 0, 0);
	ck_assert(!truncate(record_path, (off_t)ends[1] + 50));
	ck_assert(!record_read(r, 2, &got, error));
	record_tells(error, record_path, "has been cut off at byte ");
	ck_assert(!record_read(r, 3, &got, error));
	ck_assert(!truncate(record_path, (off_t)ends[1]));
	ck_assert(!record_read(r, 2, &got, error));
	record_tells(error, record_path, "has been changed at byte ");
	record_has(r, 1, 1);
	record_reader_free(r);
	free(data);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("record_damage");

	tcase_add_checked_fixture(u.tcase, record_setup, record_teardown);
	UNIT_ADD(u, cut_off_anywhere);
	UNIT_ADD(u, each_byte_wrong);
	UNIT_ADD(u, damage_tells_its_place);
	UNIT_ADD(u, zeros_at_the_end);
	UNIT_ADD(u, other_frames_are_skipped);
	UNIT_ADD(u, a_newer_version_is_refused);
	UNIT_ADD(u, made_up_frames);
	UNIT_ADD(u, changed_meanwhile);
	return unit_run(u);
}
