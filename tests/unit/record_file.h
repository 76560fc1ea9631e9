/* SPDX-License-Identifier: GPL-2.0-only */
/* Records in a directory of their own, of made-up samples that tell which one they are. */
#ifndef VMPERF_TESTS_RECORD_FILE_H
#define VMPERF_TESTS_RECORD_FILE_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/record.h"
#include "sample_same.h"
#include "samples.h"
#include "unit.h"

/* Fixtures: a fresh directory, and "rec" in it. */
static char record_dir[64], record_path[80];

static inline void record_setup(void)
{
	/* each record is synced to the disk when it is closed, which takes long on a real one */
	snprintf(record_dir, sizeof(record_dir), "%s/vmperf-record-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	ck_assert(mkdtemp(record_dir) != NULL);
	snprintf(record_path, sizeof(record_path), "%s/rec", record_dir);
}

static inline void record_teardown(void)
{
	char command[80];

	snprintf(command, sizeof(command), "rm -rf %s", record_dir);
	ck_assert(!system(command));
}

/* Sample i of a host with one VM, a second apart. */
static inline void record_sample(struct sample *s, unsigned int i)
{
	struct sample_vcpu *v;

	sample_host(s, "kvm_amd", "x86_64", ALL_STATES);
	s->mono_ns += i * SECOND;
	s->begin_ns = s->mono_ns - 20 * US;
	s->real_ns += i * SECOND;
	v = sample_vcpu(sample_vm(s, "web", "00000000-0000-4000-8000-000000000001", 42), VMP_ISA_SVM);
	sample_exits(v, 0x7b, 100 + 13ULL * i * i, 2500, 0);
	sample_rest(v, (i + 1) * SECOND);
}

static inline struct record_writer *record_begin(uint64_t max_bytes, uint32_t max_files)
{
	struct record_options o = {max_bytes, max_files};
	char error[RECORD_ERROR] = "";
	uint64_t cut = 1;
	struct record_writer *w = record_create(record_path, &o, &cut, error);

	ck_assert_msg(w != NULL, "%s", error);
	ck_assert_uint_eq(cut, 0);
	return w;
}

/* Adds samples first to end - 1. */
static inline void record_samples(struct record_writer *w, unsigned int first, unsigned int end)
{
	char error[RECORD_ERROR] = "";

	for (unsigned int i = first; i < end; i++) {
		struct sample s;

		record_sample(&s, i);
		ck_assert_msg(record_add(w, &s, error), "%s", error);
		sample_free(&s);
	}
}

static inline void record_end(struct record_writer *w)
{
	char error[RECORD_ERROR] = "";

	ck_assert_msg(record_close(w, error), "%s", error);
}

/* A record with samples first to end - 1 in one more session. */
static inline void record_session(unsigned int first, unsigned int end)
{
	struct record_writer *w = record_begin(0, 1);

	record_samples(w, first, end);
	record_end(w);
}

static inline struct record_reader *record_look(const char *path)
{
	char error[RECORD_ERROR] = "";
	uint64_t cut = 1;
	struct record_reader *r = record_open(path, &cut, error);

	ck_assert_msg(r != NULL, "%s", error);
	ck_assert_uint_eq(cut, 0);
	return r;
}

/* Place i of the record has sample n. */
static inline void record_has(struct record_reader *r, uint32_t i, unsigned int n)
{
	char error[RECORD_ERROR] = "";
	struct sample want, got;

	record_sample(&want, n);
	ck_assert_msg(record_read(r, i, &got, error), "%s", error);
	ck_assert_msg(!same_sample(&want, &got), "place %u, sample %u: %s differs", i, n,
		      same_sample(&want, &got));
	ck_assert_uint_eq(record_entry(r, i)->real_ns, want.real_ns);
	ck_assert_uint_eq(record_entry(r, i)->mono_ns, want.mono_ns);
	sample_free(&want);
	sample_free(&got);
}

/* One line that begins with the path and has this text in it. */
static inline void record_tells(const char *error, const char *path, const char *text)
{
	ck_assert_msg(!strncmp(error, path, strlen(path)) && strstr(error, text) && !strchr(error, '\n'),
		      "\"%s\" does not tell \"%s\"", error, text);
}

static inline void record_not_created(const char *path, const char *why)
{
	struct record_options o = {0, 1};
	char error[RECORD_ERROR] = "";
	uint64_t cut;

	ck_assert(!record_create(path, &o, &cut, error));
	record_tells(error, path, why);
}

static inline void record_not_opened(const char *path, const char *why)
{
	char error[RECORD_ERROR] = "";
	uint64_t cut;

	ck_assert(!record_open(path, &cut, error));
	record_tells(error, path, why);
}

static inline size_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (size_t)st.st_size;
}

/* The file's bytes, to be freed. */
static inline char *file_read(const char *path, size_t *n)
{
	char *data;
	FILE *f = fopen(path, "rb");

	ck_assert_msg(f != NULL, "%s", path);
	*n = file_size(path);
	data = mem_zalloc(*n + 1, 1);
	ck_assert_uint_eq(fread(data, 1, *n, f), *n);
	fclose(f);
	return data;
}

static inline void file_write(const char *path, const void *data, size_t n)
{
	FILE *f = fopen(path, "wb");

	ck_assert(f && fwrite(data, 1, n, f) == n && !fclose(f));
}

#endif
