// SPDX-License-Identifier: GPL-2.0-only
/* Records: what is written is read again, whoever writes and reads when and where. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <sys/socket.h>

#include "counting_hosts.h"
#include "lib/buf.h"
#include "out/out.h"
#include "random_sample.h"
#include "record_file.h"

/* Sessions one after the other, each longer than whole samples are apart; read in any order. */
START_TEST(samples_come_back)
{
	static const unsigned int ends[] = {130, 131, 200};
	struct dice d = {4711};
	struct record_reader *r;
	unsigned int n = 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		record_session(n, ends[i]);
		n = ends[i];
	}
	r = record_look(record_path);
	ck_assert_uint_eq(record_count(r), 200);
	for (unsigned int i = 0; i < 200; i++) {
		record_has(r, i, i);
		ck_assert_uint_eq(record_entry(r, i)->session, i < 130 ? 0 : i < 131 ? 1 : 2);
	}
	/* the same again, back, and anywhere */
	for (unsigned int i = 0; i < 10; i++)
		record_has(r, 199 - i / 2, 199 - i / 2);
	for (unsigned int i = 0; i < 200; i++) {
		unsigned int at = roll_to(&d, 200);

		record_has(r, at, at);
	}
	record_reader_free(r);
}
END_TEST

START_TEST(random_samples_come_back)
{
	struct record_writer *w = record_begin(0, 1);
	struct sample s[70], got;
	struct record_reader *r;
	char error[RECORD_ERROR];
	struct dice d = {42};

	for (int i = 0; i < 70; i++) {
		roll_sample(&d, &s[i]);
		if (i)
			roll_identities(&d, &s[i], &s[i - 1]);
		ck_assert(record_add(w, &s[i], error));
	}
	record_end(w);
	r = record_look(record_path);
	for (uint32_t i = 0; i < 70; i++) {
		ck_assert_msg(record_read(r, i, &got, error), "%s", error);
		ck_assert_msg(!same_sample(&s[i], &got), "%u: %s differs", i, same_sample(&s[i], &got));
		sample_free(&got);
		sample_free(&s[i]);
	}
	record_reader_free(r);
}
END_TEST

START_TEST(places_are_found_by_time)
{
	struct record_writer *w = record_begin(0, 1);
	struct record_reader *r;
	uint64_t first;
	struct sample s;

	record_samples(w, 0, 5);
	/* the clock is set back: these are at 2 and 3 s again */
	record_samples(w, 2, 4);
	record_end(w);
	record_sample(&s, 0);
	first = s.real_ns;
	sample_free(&s);
	r = record_look(record_path);
	ck_assert_uint_eq(record_find(r, 0), 0);
	ck_assert_uint_eq(record_find(r, first - 1), 0);
	ck_assert_uint_eq(record_find(r, first), 0);
	ck_assert_uint_eq(record_find(r, first + SECOND - 1), 0);
	ck_assert_uint_eq(record_find(r, first + SECOND), 1);
	/* the last one of those of a time */
	ck_assert_uint_eq(record_find(r, first + 2 * SECOND), 5);
	ck_assert_uint_eq(record_find(r, first + 3 * SECOND), 6);
	ck_assert_uint_eq(record_find(r, first + 4 * SECOND), 4);
	ck_assert_uint_eq(record_find(r, UINT64_MAX), 4);
	record_reader_free(r);
}
END_TEST

/* Only samples in which VMs have ended are looked into for them; of records that do not tell all are. */
START_TEST(entries_tell_of_ended_vms)
{
	struct record_writer *w = record_begin(0, 1);
	struct record_reader *r;
	char error[RECORD_ERROR];

	for (unsigned int i = 0; i < 3; i++) {
		struct sample s;

		record_sample(&s, i);
		s.vms[0].ended = i == 1;
		ck_assert(record_add(w, &s, error));
		sample_free(&s);
	}
	record_end(w);
	r = record_look(record_path);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_int_eq(record_entry(r, i)->ended, i == 1);
	record_reader_free(r);
	r = record_look("tests/golden/record-v1.vmperf");
	ck_assert(record_entry(r, 1)->ended);
	record_reader_free(r);
}
END_TEST

START_TEST(what_is_written_is_there_at_once)
{
	struct record_writer *w = record_begin(0, 1);
	struct stat st;

	ck_assert(!stat(record_path, &st));
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	record_not_opened(record_path, "has no whole sample");
	for (unsigned int i = 0; i < 3; i++) {
		struct record_reader *r;
		struct record_progress p;

		record_samples(w, i, i + 1);
		r = record_look(record_path);
		ck_assert_uint_eq(record_count(r), i + 1);
		record_has(r, i, i);
		record_reader_free(r);
		p = record_progress(w);
		ck_assert_uint_eq(p.samples, i + 1);
		ck_assert_uint_eq(p.size, file_size(record_path));
		ck_assert_uint_eq(p.bytes, p.size);
		ck_assert_uint_eq(p.rotated, 0);
	}
	record_end(w);
}
END_TEST

START_TEST(without_a_sample_it_goes)
{
	struct record_writer *w = record_begin(0, 1);
	struct record_reader *r;

	ck_assert_uint_eq(file_size(record_path), 16);
	record_end(w);
	ck_assert(access(record_path, F_OK) < 0);
	/* but not what was there before */
	file_write(record_path, "", 0);
	record_end(record_begin(0, 1));
	ck_assert_uint_eq(file_size(record_path), 16);
	record_session(0, 1);
	record_end(record_begin(0, 1));
	r = record_look(record_path);
	record_has(r, 0, 0);
	record_reader_free(r);
	/* nor what somebody else put there meanwhile */
	ck_assert(!unlink(record_path));
	w = record_begin(0, 1);
	ck_assert(!unlink(record_path));
	file_write(record_path, "precious\n", 9);
	record_end(w);
	ck_assert_uint_eq(file_size(record_path), 9);
}
END_TEST

START_TEST(one_writer_at_a_time)
{
	struct record_writer *w = record_begin(0, 1);

	record_samples(w, 0, 2);
	record_not_created(record_path, "another vmperf is writing to it");
	record_samples(w, 2, 3);
	record_end(w);
	record_session(3, 4);
	for (unsigned int i = 0; i < 4; i++) {
		struct record_reader *r = record_look(record_path);

		ck_assert_uint_eq(record_count(r), 4);
		record_has(r, i, i);
		record_reader_free(r);
	}
}
END_TEST

/* FILE, FILE.1, … have the samples from the last to earlier ones; each begins with the last one of the next.
 */
static void rotated(uint32_t files, unsigned int end, size_t max)
{
	char path[96], beyond[96];

	for (uint32_t n = 0; n < files; n++) {
		struct record_reader *r;
		uint32_t count;

		snprintf(path, sizeof(path), n ? "%s.%u" : "%s", record_path, n);
		ck_assert_uint_le(file_size(path), max);
		r = record_look(path);
		count = record_count(r);
		for (uint32_t i = 0; i < count; i++)
			record_has(r, i, end - count + i);
		ck_assert_uint_ge(count, 2);
		end -= count - 1;
		record_reader_free(r);
	}
	snprintf(beyond, sizeof(beyond), "%s.%u", record_path, files);
	ck_assert_uint_eq(file_size(beyond), 0);
}

START_TEST(files_take_turns)
{
	struct record_writer *w = record_begin(4000, 3);
	unsigned int n = 0;

	while (record_progress(w).rotated < 1)
		record_samples(w, n, n + 1), n++;
	rotated(2, n, 4000);
	while (record_progress(w).rotated < 5)
		record_samples(w, n, n + 1), n++;
	rotated(3, n, 4000);
	/* one writer at a time holds for the new file, too */
	record_not_created(record_path, "another vmperf is writing to it");
	ck_assert_uint_gt(record_progress(w).bytes, 20000 - 5 * 300);
	record_end(w);
	/* and on, with another number of files */
	for (int i = 1; i <= 2; i++) {
		char path[96];

		snprintf(path, sizeof(path), "%s.%d", record_path, i);
		ck_assert(!unlink(path));
	}
	w = record_begin(4000, 1);
	while (record_progress(w).rotated < 2)
		record_samples(w, n, n + 1), n++;
	record_end(w);
	rotated(1, n, 4000);
}
END_TEST

START_TEST(a_file_has_an_interval_at_least)
{
	struct record_writer *w = record_begin(1, 2);
	struct record_reader *r;

	record_samples(w, 0, 4);
	ck_assert_uint_eq(record_progress(w).rotated, 3);
	ck_assert_uint_eq(record_progress(w).samples, 4);
	record_end(w);
	rotated(2, 4, 2000);
	/* nothing before the first one of a session belongs to it */
	w = record_begin(1, 2);
	record_samples(w, 7, 8);
	record_end(w);
	r = record_look(record_path);
	ck_assert_uint_eq(record_count(r), 1);
	record_has(r, 0, 7);
	record_reader_free(r);
}
END_TEST

START_TEST(a_file_that_went_is_told_of)
{
	struct record_writer *w = record_begin(0, 1);
	char error[RECORD_ERROR], other[96], *data;
	struct sample s;
	size_t n;

	snprintf(other, sizeof(other), "%s-moved", record_path);
	record_sample(&s, 1);
	record_samples(w, 0, 1);
	/* renamed, it is still there */
	ck_assert(!rename(record_path, other));
	ck_assert(record_add(w, &s, error));
	ck_assert(!unlink(other));
	ck_assert(!record_add(w, &s, error));
	record_tells(error, record_path, "has been removed while it was written");
	record_end(w);
	/* when it is to be renamed, another one may have its name */
	w = record_begin(1, 2);
	record_samples(w, 0, 1);
	ck_assert(!rename(record_path, other));
	file_write(record_path, "precious\n", 9);
	ck_assert(!record_add(w, &s, error));
	record_tells(error, record_path, "has been renamed or removed while it was written");
	sample_free(&s);
	record_end(w);
	data = file_read(record_path, &n);
	ck_assert_str_eq(data, "precious\n");
	free(data);
}
END_TEST

START_TEST(no_other_file_goes)
{
	struct record_writer *w = record_begin(1, 2);
	char error[RECORD_ERROR], other[96], *data;
	struct sample s;
	size_t n;

	snprintf(other, sizeof(other), "%s.1", record_path);
	file_write(other, "precious\n", 9);
	record_samples(w, 0, 1);
	record_sample(&s, 1);
	ck_assert(!record_add(w, &s, error));
	record_tells(error, other, "is no record of vmperf");
	ck_assert(!record_add(w, &s, error));
	sample_free(&s);
	record_end(w);
	data = file_read(other, &n);
	ck_assert_str_eq(data, "precious\n");
	free(data);
}
END_TEST

START_TEST(other_files_are_refused)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	char path[96], *data;
	int fd;
	size_t n;

	record_not_created(record_dir, "is a directory");
	record_not_opened(record_dir, "is no plain file");
	record_not_created("/dev/full", "is a device");
	record_not_opened("/dev/zero", "is no plain file");
	snprintf(path, sizeof(path), "%s/fifo", record_dir);
	ck_assert(!mkfifo(path, 0600));
	record_not_created(path, "is a FIFO");
	record_not_opened(path, "is no plain file");
	snprintf(path, sizeof(path), "%s/link", record_dir);
	ck_assert(!symlink("rec", path));
	record_not_created(path, "is a symbolic link");
	snprintf(path, sizeof(path), "%s/socket", record_dir);
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert(fd >= 0 && !bind(fd, (struct sockaddr *)&sun, sizeof(sun)));
	close(fd);
	record_not_created(path, "is a socket");
	snprintf(path, sizeof(path), "%s/no/rec", record_dir);
	record_not_created(path, "No such file or directory");
	record_not_opened(path, "No such file or directory");
	/* what is not ours stays as it is */
	for (size_t len = 1; len < 100; len += 33) {
		char text[100];

		memset(text, '#', sizeof(text));
		file_write(record_path, text, len);
		record_not_created(record_path, "is no record of vmperf");
		record_not_opened(record_path, "is no record of vmperf");
		data = file_read(record_path, &n);
		ck_assert(n == len && !memcmp(data, text, n));
		free(data);
	}
	file_write(record_path, "", 0);
	record_not_opened(record_path, "is empty");
	record_session(0, 1);
}
END_TEST

START_TEST(read_only_directory)
{
	ck_assert(!chmod(record_dir, 0555));
	/* root may write there nevertheless */
	if (!geteuid())
		ck_assert(!seteuid(65534));
	record_not_created(record_path, "Permission denied");
	ck_assert(!getuid() ? !seteuid(0) : 1);
	ck_assert(!chmod(record_dir, 0755));
}
END_TEST

/* The error has the end of a path that does not fit, from a character's beginning on. */
START_TEST(long_paths)
{
	char path[2100], error[RECORD_ERROR];
	uint64_t cut;

	memset(path, '/', 8);
	for (size_t i = 8; i + 2 < sizeof(path); i += 2)
		memcpy(path + i, "\xc3\xa9", 3);
	for (size_t len = 200; len < 204; len++) {
		ck_assert(!record_open(path + sizeof(path) - 2 - len, &cut, error));
		ck_assert(strstr(error, ": cannot be opened: ") != NULL);
	}
	ck_assert(!record_open(path, &cut, error));
	ck_assert(!strncmp(error, "...\xc3\xa9", 5) && strstr(error, "\xc3\xa9: cannot be opened: "));
}
END_TEST

/* The file may not grow any more, as on a full disk: what was whole stays, no part of a sample does. */
START_TEST(no_room)
{
	struct record_writer *w = record_begin(0, 1);
	struct rlimit limit = {0, RLIM_INFINITY};
	struct record_reader *r;
	char error[RECORD_ERROR] = "";
	struct sample s;
	size_t size;
	bool ok;

	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	record_samples(w, 0, 3);
	size = file_size(record_path);
	limit.rlim_cur = size + 30;
	ck_assert(!setrlimit(RLIMIT_FSIZE, &limit));
	record_sample(&s, 3);
	ok = record_add(w, &s, error);
	/* Check's own files have that limit, too */
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert(!setrlimit(RLIMIT_FSIZE, &limit));
	ck_assert(!ok);
	record_tells(error, record_path, "cannot be written: File too large");
	ck_assert_uint_eq(file_size(record_path), size);
	ck_assert_uint_eq(record_progress(w).samples, 3);
	/* there may be a gap now: no more is added */
	ck_assert(!record_add(w, &s, error));
	record_tells(error, record_path, "could not be written before");
	sample_free(&s);
	record_end(w);
	r = record_look(record_path);
	ck_assert_uint_eq(record_count(r), 3);
	record_has(r, 2, 2);
	record_reader_free(r);
}
END_TEST

/*
 * Records that each version wrote: both samples of two hosts of hosts.h, a
 * session each; intel() and mixed(), since version 2 names() and mixed().  They
 * are never made anew; what they say must stay, as far as JSON does (GENERATE=1
 * writes that).
 */
START_TEST(old_records_read_the_same)
{
	static const char *const golden[] = {"tests/golden/record-v1", "tests/golden/record-v2"};
	char path[64], error[RECORD_ERROR], *want;
	struct record_reader *r;
	struct out_options o = {0};
	struct buf b = {0};
	size_t len;

	snprintf(path, sizeof(path), "%s.vmperf", golden[_i]);
	r = record_look(path);
	ck_assert_uint_eq(record_count(r), 4);
	for (uint32_t i = 0; i < 4; i += 2) {
		struct sample a1, b1;
		struct view *v;

		ck_assert_uint_eq(record_entry(r, i)->session, i / 2);
		ck_assert(record_read(r, i, &a1, error) && record_read(r, i + 1, &b1, error));
		v = view_build(&a1, &b1);
		out_json(&b, v, &o);
		view_free(v);
		sample_free(&a1);
		sample_free(&b1);
	}
	record_reader_free(r);
	snprintf(path, sizeof(path), "%s.json", golden[_i]);
	if (getenv("GENERATE"))
		file_write(path, b.data, b.len);
	want = file_read(path, &len);
	ck_assert_msg(len == b.len && !memcmp(want, b.data, len), "%s differs", path);
	free(want);
	buf_free(&b);
}
END_TEST

/* Who adds to a record of the first version leaves it one; the next file is of this version. */
START_TEST(an_old_record_is_added_to)
{
	char error[RECORD_ERROR], *data;
	struct record_writer *w;
	struct record_reader *r;
	struct sample s, got;
	size_t len;

	data = file_read("tests/golden/record-v1.vmperf", &len);
	file_write(record_path, data, len);
	w = record_begin(len + 1, 2);
	record_sample(&s, 7);
	strcpy(s.vms[0].machine, "q35");
	s.vms[0].meta[META_TITLE] = mem_strdup("title");
	/* no room: FILE.1 is as it was, and what is added stands in a new one */
	ck_assert_msg(record_add(w, &s, error), "%s", error);
	record_end(w);
	r = record_look(record_path);
	ck_assert_uint_eq(record_count(r), 1);
	ck_assert(record_read(r, 0, &got, error));
	ck_assert_msg(!same_sample(&s, &got), "%s differs", same_sample(&s, &got));
	sample_free(&got);
	record_reader_free(r);

	file_write(record_path, data, len);
	w = record_begin(0, 1);
	ck_assert_msg(record_add(w, &s, error), "%s", error);
	record_end(w);
	sample_free(&s);
	r = record_look(record_path);
	ck_assert_uint_eq(record_count(r), 5);
	record_has(r, 4, 7);
	record_reader_free(r);
	free(data);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("record");

	tcase_add_checked_fixture(u.tcase, record_setup, record_teardown);
	UNIT_ADD(u, samples_come_back);
	UNIT_ADD(u, random_samples_come_back);
	UNIT_ADD(u, places_are_found_by_time);
	UNIT_ADD(u, entries_tell_of_ended_vms);
	UNIT_ADD(u, what_is_written_is_there_at_once);
	UNIT_ADD(u, without_a_sample_it_goes);
	UNIT_ADD(u, one_writer_at_a_time);
	UNIT_ADD(u, files_take_turns);
	UNIT_ADD(u, a_file_has_an_interval_at_least);
	UNIT_ADD(u, a_file_that_went_is_told_of);
	UNIT_ADD(u, no_other_file_goes);
	UNIT_ADD(u, other_files_are_refused);
	UNIT_ADD(u, read_only_directory);
	UNIT_ADD(u, long_paths);
	UNIT_ADD(u, no_room);
	tcase_add_loop_test(u.tcase, old_records_read_the_same, 0, 2);
	UNIT_ADD(u, an_old_record_is_added_to);
	return unit_run(u);
}
