// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "../lib/buf.h"
#include "../lib/mem.h"
#include "copy.h"
#include "pack.h"
#include "record.h"
#include "scan.h"

#define NO_SAMPLE UINT32_MAX

/* Of each sample, as far as it takes to find it. */
struct place {
	struct record_entry entry;
	uint32_t whole; /* the sample that it can be built from: the last whole one */
	uint64_t at;    /* its frame */
};

struct record_reader {
	int fd;
	char *path;
	uint32_t version;
	uint32_t n, room;
	struct place *places;
	ZSTD_DCtx *zstd;
	struct sample last; /* what was read last */
	uint32_t last_i;    /* NO_SAMPLE: nothing was */
};

static void add_place(struct record_reader *r, const struct scan_frame *f)
{
	struct place p = {.entry = {.real_ns = f->head.real_ns,
				    .mono_ns = f->head.mono_ns,
				    .ended = !(f->head.flags & RECORD_NONE_ENDED)},
			  .whole = r->n,
			  .at = f->at};

	if (r->n) {
		const struct place *before = &r->places[r->n - 1];

		p.entry.session = before->entry.session + !!(f->head.flags & RECORD_BEGIN);
		if (!(f->head.flags & RECORD_WHOLE))
			p.whole = before->whole;
	}
	if (r->n == r->room) {
		r->room = r->room ? r->room * 2 : 64;
		r->places = mem_resize(r->places, r->room, sizeof(*r->places));
	}
	r->places[r->n++] = p;
}

static bool read_places(struct record_reader *r, uint64_t *cut, char error[RECORD_ERROR])
{
	struct scan s;
	struct scan_frame f;
	enum scan_result result = scan_begin(&s, r->fd, r->path, error);

	r->version = s.version;
	while (result == SCAN_FRAME) {
		result = scan_next(&s, &f, error);
		if (result != SCAN_FRAME)
			break;
		if (r->n == NO_SAMPLE - 1)
			return format_fail(error, r->path, "has too many samples");
		/* each session begins with a whole sample, and a record with a session */
		if ((!r->n && !(f.head.flags & RECORD_BEGIN)) ||
		    (f.head.flags & RECORD_BEGIN && !(f.head.flags & RECORD_WHOLE)))
			return format_fail(error, r->path, "the sample at byte %llu has none before it",
					   (unsigned long long)f.at);
		add_place(r, &f);
	}
	if (result == SCAN_BAD)
		return false;
	*cut = s.size - s.at;
	if (!r->n)
		return format_fail(error, r->path, s.size ? "has no whole sample" : "is empty");
	return true;
}

static int open_file(const char *path, char error[RECORD_ERROR])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0) {
		format_fail(error, path, "cannot be opened: %s", strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		format_fail(error, path, "is no plain file, so it is no record");
		close(fd);
		return -1;
	}
	return fd;
}

struct record_reader *record_open(const char *path, uint64_t *cut, char error[RECORD_ERROR])
{
	struct record_reader *r = mem_zalloc(1, sizeof(*r));

	*cut = 0;
	r->path = mem_strdup(path);
	r->last_i = NO_SAMPLE;
	r->zstd = mem_checked(ZSTD_createDCtx());
	r->fd = open_file(path, error);
	if (r->fd >= 0 && read_places(r, cut, error))
		return r;
	record_reader_free(r);
	return NULL;
}

uint32_t record_count(const struct record_reader *r)
{
	return r->n;
}

const struct record_entry *record_entry(const struct record_reader *r, uint32_t i)
{
	return &r->places[i].entry;
}

bool record_same_session(const struct record_reader *r, uint32_t i, uint32_t j)
{
	return r->places[i].entry.session == r->places[j].entry.session;
}

uint32_t record_session_begin(const struct record_reader *r, uint32_t i)
{
	while (i && record_same_session(r, i - 1, i))
		i--;
	return i;
}

uint32_t record_find(const struct record_reader *r, uint64_t real_ns)
{
	uint64_t best = 0;
	uint32_t ret = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		uint64_t t = r->places[i].entry.real_ns;

		if (t > real_ns || t < best)
			continue;
		best = t;
		ret = i;
	}
	return ret;
}

/* The frame as it stood when the record was opened. */
static bool read_frame(struct record_reader *r, const struct place *p, struct scan_frame *f,
		       struct buf *stored, char error[RECORD_ERROR])
{
	unsigned char head[RECORD_HEAD_SIZE];

	f->at = p->at;
	if (pread(r->fd, head, sizeof(head), (off_t)p->at) != (ssize_t)sizeof(head) ||
	    !format_parse_head(head, &f->head) || f->head.real_ns != p->entry.real_ns ||
	    f->head.mono_ns != p->entry.mono_ns) {
		format_fail(error, r->path, "has been changed at byte %llu", (unsigned long long)p->at);
		return false;
	}
	return scan_payload(r->fd, r->path, f, stored, error);
}

/* r->last becomes sample i, for which it is the one before, unless that one is whole. */
static bool read_on(struct record_reader *r, uint32_t i, char error[RECORD_ERROR])
{
	const struct place *p = &r->places[i];
	struct buf stored = {0};
	struct scan_frame f;
	struct sample s;
	bool ok = read_frame(r, p, &f, &stored, error);

	if (ok) {
		char *raw = mem_zalloc(f.head.raw, 1);
		size_t n = ZSTD_decompressDCtx(r->zstd, raw, f.head.raw, stored.data, stored.len);

		ok = n == f.head.raw &&
		     unpack_sample(raw, n, r->version, p->whole == i ? NULL : &r->last, &s);
		/* times that are not the header's would make other views than were found by it */
		if (ok && (s.real_ns != p->entry.real_ns || s.mono_ns != p->entry.mono_ns)) {
			sample_free(&s);
			ok = false;
		}
		free(raw);
		if (!ok)
			format_fail(error, r->path,
				    "the sample at byte %llu is none, or one of a newer vmperf",
				    (unsigned long long)p->at);
	}
	buf_free(&stored);
	sample_free(&r->last);
	r->last_i = NO_SAMPLE;
	if (!ok)
		return false;
	r->last = s;
	r->last_i = i;
	return true;
}

bool record_read(struct record_reader *r, uint32_t i, struct sample *ret, char error[RECORD_ERROR])
{
	uint32_t from = r->places[i].whole;

	/* from the last one that was read, if it lies between */
	if (r->last_i != NO_SAMPLE && r->last_i >= from && r->last_i <= i)
		from = r->last_i + 1;
	for (; from <= i; from++)
		if (!read_on(r, from, error))
			return false;
	*ret = copy_sample(&r->last);
	return true;
}

void record_reader_free(struct record_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	ZSTD_freeDCtx(r->zstd);
	sample_free(&r->last);
	free(r->places);
	free(r->path);
	free(r);
}
