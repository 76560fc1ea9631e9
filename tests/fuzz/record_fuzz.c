// SPDX-License-Identifier: GPL-2.0-only
/*
 * record_open(), record_read() and unpack_sample(): whatever the file, each of
 * its samples is none, or one that views can be built from and that can be
 * packed again.  The mutator makes the checksums right and changes what is
 * compressed, too: else nothing would get past those.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "lib/buf.h"
#include "model/view.h"
#include "record/format.h"
#include "record/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* More is not decompressed, so that an input is not mostly a test of memset(). */
#define RAW (256 << 10)

static char path[] = "/tmp/vmperf-fuzz-XXXXXX";

static void must(int ok)
{
	if (!ok)
		abort();
}

static void clear(void)
{
	unlink(path);
}

static void write_file(const uint8_t *data, size_t size)
{
	static int fd = -1;

	if (fd < 0) {
		fd = mkstemp(path);
		must(fd >= 0);
		atexit(clear);
	}
	must(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
}

static void look(const struct sample *before, const struct sample *s)
{
	struct buf b = {0}, again = {0};
	struct sample same;

	view_free(view_build(before, s));
	pack_sample(&b, RECORD_VERSION, before, s);
	must(unpack_sample(b.data, b.len, RECORD_VERSION, before, &same));
	pack_sample(&again, RECORD_VERSION, before, &same);
	must(again.len == b.len && !memcmp(again.data, b.data, b.len));
	sample_free(&same);
	buf_free(&again);
	buf_free(&b);
}

static void read_all(struct record_reader *r)
{
	char error[RECORD_ERROR];
	struct sample before, s;
	bool is_before = false;

	for (uint32_t i = 0; i < record_count(r); i++) {
		bool is = record_read(r, i, &s, error);

		must(is || (*error && strlen(error) < sizeof(error) && !strchr(error, '\n')));
		must(!is || s.real_ns == record_entry(r, i)->real_ns);
		if (is)
			look(is_before ? &before : NULL, &s);
		if (is_before)
			sample_free(&before);
		before = s;
		is_before = is;
	}
	if (is_before)
		sample_free(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[RECORD_ERROR];
	struct record_reader *r;
	struct sample s;
	uint64_t cut;

	if (unpack_sample(data, size, RECORD_VERSION, NULL, &s)) {
		look(NULL, &s);
		sample_free(&s);
	}
	write_file(data, size);
	r = record_open(path, &cut, error);
	if (!r) {
		must(*error && strlen(error) < sizeof(error) && !strchr(error, '\n'));
		return 0;
	}
	must(record_count(r) > 0 && cut < size);
	must(record_find(r, record_entry(r, 0)->real_ns) < record_count(r));
	read_all(r);
	record_reader_free(r);
	return 0;
}

static uint32_t get4(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Adds the frame's payload, what is compressed in it changed. */
static bool change(struct buf *b, struct record_head *h, const uint8_t *payload, size_t n)
{
	static uint8_t raw[RAW], stored[ZSTD_COMPRESSBOUND(RAW)];
	size_t len = ZSTD_decompress(raw, RAW / 2, payload, n);

	if (ZSTD_isError(len))
		return false;
	len = LLVMFuzzerMutate(raw, len, RAW);
	n = ZSTD_compress(stored, sizeof(stored), raw, len, 1);
	must(!ZSTD_isError(n));
	h->raw = (uint32_t)len;
	h->stored = (uint32_t)n;
	buf_add(b, stored, n);
	return true;
}

/* The times that the header must have for this payload, if it is a whole sample. */
static void same_times(struct record_head *h, const char *payload)
{
	static uint8_t raw[RAW];
	size_t len = ZSTD_decompress(raw, RAW, payload, h->stored);
	struct sample s;

	if (ZSTD_isError(len) || !unpack_sample(raw, len, RECORD_VERSION, NULL, &s))
		return;
	h->mono_ns = s.mono_ns;
	h->real_ns = s.real_ns;
	sample_free(&s);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	bool inside = seed & 1;
	unsigned int which = seed / 2 % 8;
	uint8_t file[RECORD_FILE_SIZE];
	struct buf b = {0};

	if (!inside)
		size = LLVMFuzzerMutate(data, size, max);
	format_file(file, RECORD_VERSION);
	buf_add(&b, file, sizeof(file));
	for (size_t at = sizeof(file); at + RECORD_HEAD_SIZE <= size; which--) {
		uint32_t stored = get4(data + at + 8);
		uint8_t head[RECORD_HEAD_SIZE] = {0};
		struct record_head h;
		size_t from = b.len;

		if (stored > size - at - RECORD_HEAD_SIZE)
			stored = (uint32_t)(size - at - RECORD_HEAD_SIZE);
		format_parse_head(data + at, &h);
		h.stored = stored;
		at += RECORD_HEAD_SIZE;
		buf_add(&b, head, sizeof(head));
		if (!inside || which || !change(&b, &h, data + at, stored))
			buf_add(&b, data + at, stored);
		if (h.flags & RECORD_WHOLE)
			same_times(&h, b.data + from + RECORD_HEAD_SIZE);
		h.crc = format_crc(b.data + from + RECORD_HEAD_SIZE, h.stored);
		format_head(head, &h);
		memcpy(b.data + from, head, sizeof(head));
		at += stored;
	}
	/* now and then something is cut off */
	if (b.len > max || seed % 64 == 0)
		b.len = b.len > max ? max : b.len - seed / 64 % b.len;
	memcpy(data, b.data, b.len);
	size = b.len;
	buf_free(&b);
	return size;
}
