// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "../lib/buf.h"
#include "../lib/mem.h"
#include "copy.h"
#include "file.h"
#include "pack.h"
#include "record.h"
#include "scan.h"

/* Of zstd: higher ones take much longer for little. */
#define LEVEL 3

struct record_writer {
	char *path;
	struct record_options o;
	struct record_progress progress;
	int fd;
	bool made; /* it was not there before */
	bool failed;
	uint32_t version; /* of FILE: one that is added to keeps its own */
	ZSTD_CCtx *zstd;
	uint32_t since_whole; /* samples since the last whole one, that one included; 0: none in this session
			       */
	struct sample last;
};

/*
 * Adds it to the file, all or nothing.  One call, so that nothing of it stays
 * away when we end just now.
 */
static bool append(struct record_writer *w, const void *data, size_t n, char error[RECORD_ERROR])
{
	size_t done = 0;

	while (done < n) {
		ssize_t wrote = write(w->fd, (const char *)data + done, n - done);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0) {
			format_fail(error, w->path,
				    "cannot be written: %s; what was recorded before can be read",
				    strerror(wrote ? errno : ENOSPC));
			/* if it cannot be cut off, whoever opens it next does it */
			if (done && ftruncate(w->fd, (off_t)w->progress.size) < 0)
				w->progress.size += done;
			return false;
		}
		done += (size_t)wrote;
	}
	w->progress.size += n;
	w->progress.bytes += n;
	return true;
}

/* To the end of what is whole; cuts off the rest. */
static bool find_end(struct record_writer *w, uint64_t *cut, char error[RECORD_ERROR])
{
	struct scan s;
	struct scan_frame f;
	enum scan_result r = scan_begin(&s, w->fd, w->path, error);

	while (r == SCAN_FRAME)
		r = scan_next(&s, &f, error);
	if (r == SCAN_BAD)
		return false;
	*cut = s.size - s.at;
	w->progress.size = s.at;
	w->version = s.version;
	if (*cut && ftruncate(w->fd, (off_t)s.at) < 0)
		return format_fail(error, w->path, "its cut-off end cannot be removed: %s", strerror(errno));
	return true;
}

static bool begin_file(struct record_writer *w, char error[RECORD_ERROR])
{
	unsigned char head[RECORD_FILE_SIZE];

	if (w->progress.size)
		return true;
	w->version = RECORD_VERSION;
	format_file(head, w->version);
	return append(w, head, sizeof(head), error);
}

static void writer_free(struct record_writer *w)
{
	/* without any sample it is of no use */
	if (w->made && !w->progress.samples && w->fd >= 0 && file_is(w->path, w->fd))
		unlink(w->path);
	if (w->fd >= 0)
		close(w->fd);
	ZSTD_freeCCtx(w->zstd);
	sample_free(&w->last);
	free(w->path);
	free(w);
}

struct record_writer *record_create(const char *path, const struct record_options *o, uint64_t *cut,
				    char error[RECORD_ERROR])
{
	struct record_writer *w = mem_zalloc(1, sizeof(*w));

	*cut = 0;
	w->path = mem_strdup(path);
	w->o = *o;
	w->zstd = mem_checked(ZSTD_createCCtx());
	w->made = access(path, F_OK) < 0;
	w->fd = file_open(path, false, error);
	if (w->fd >= 0 && find_end(w, cut, error) && begin_file(w, error)) {
		ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, LEVEL);
		return w;
	}
	writer_free(w);
	return NULL;
}

static bool any_ended(const struct sample *s)
{
	for (uint32_t i = 0; i < s->nvms; i++)
		if (s->vms[i].ended)
			return true;
	return false;
}

/* The frame of a sample, header and payload. */
static bool make_frame(struct record_writer *w, const struct sample *s, struct buf *ret,
		       char error[RECORD_ERROR])
{
	bool begin = !w->since_whole, whole = begin || w->since_whole >= RECORD_WHOLE_EVERY;
	struct record_head h = {.type = RECORD_SAMPLE,
				.flags = (begin ? RECORD_BEGIN : 0) | (whole ? RECORD_WHOLE : 0) |
					 (any_ended(s) ? 0 : RECORD_NONE_ENDED),
				.mono_ns = s->mono_ns,
				.real_ns = s->real_ns};
	unsigned char head[RECORD_HEAD_SIZE];
	struct buf raw = {0};
	void *stored;
	size_t n;

	pack_sample(&raw, w->version, whole ? NULL : &w->last, s);
	if (raw.len > RECORD_MAX_RAW) {
		format_fail(error, w->path, "a sample of %zu bytes does not fit into a record", raw.len);
		buf_free(&raw);
		return false;
	}
	n = ZSTD_compressBound(raw.len);
	stored = mem_zalloc(n, 1);
	n = ZSTD_compress2(w->zstd, stored, n, raw.data, raw.len);
	h.raw = (uint32_t)raw.len;
	buf_free(&raw);
	if (ZSTD_isError(n) || n > RECORD_MAX_STORED) {
		format_fail(error, w->path, "a sample cannot be compressed: %s", ZSTD_getErrorName(n));
		free(stored);
		return false;
	}
	h.stored = (uint32_t)n;
	h.crc = format_crc(stored, n);
	format_head(head, &h);
	buf_add(ret, head, sizeof(head));
	buf_add(ret, stored, n);
	free(stored);
	return true;
}

/* Adds a sample's frame that was just made. */
static bool put(struct record_writer *w, const struct buf *frame, char error[RECORD_ERROR])
{
	if (!append(w, frame->data, frame->len, error))
		return false;
	w->since_whole = w->since_whole < RECORD_WHOLE_EVERY ? w->since_whole + 1 : 1;
	return true;
}

/* The new file begins with the last sample once more: else the time up to the next one would be in none. */
static bool rotate(struct record_writer *w, char error[RECORD_ERROR])
{
	bool again = w->since_whole, ok;
	struct buf frame = {0};
	int fd;

	if (!file_is(w->path, w->fd))
		return format_fail(error, w->path, "has been renamed or removed while it was written");
	if (fsync(w->fd) < 0)
		return format_fail(error, w->path, "cannot be written: %s", strerror(errno));
	if (!file_shift(w->path, w->o.max_files, error))
		return false;
	/* the old one stays locked until the new one is: nobody takes its place */
	fd = file_open(w->path, true, error);
	if (fd < 0)
		return false;
	close(w->fd);
	w->fd = fd;
	w->progress.size = 0;
	w->progress.rotated++;
	w->since_whole = 0;
	ok = begin_file(w, error) &&
	     (!again || (make_frame(w, &w->last, &frame, error) && put(w, &frame, error)));
	buf_free(&frame);
	return ok;
}

static bool add(struct record_writer *w, const struct sample *s, char error[RECORD_ERROR])
{
	struct buf frame = {0};
	struct stat st;
	bool ok;

	if (!fstat(w->fd, &st) && !st.st_nlink)
		return format_fail(error, w->path, "has been removed while it was written");
	ok = make_frame(w, s, &frame, error);
	if (ok && w->o.max_bytes && w->progress.size > RECORD_FILE_SIZE &&
	    w->progress.size + frame.len > w->o.max_bytes) {
		buf_free(&frame);
		ok = rotate(w, error) && make_frame(w, s, &frame, error);
	}
	ok = ok && put(w, &frame, error);
	buf_free(&frame);
	if (!ok)
		return false;
	w->progress.samples++;
	sample_free(&w->last);
	w->last = copy_sample(s);
	return true;
}

bool record_add(struct record_writer *w, const struct sample *s, char error[RECORD_ERROR])
{
	if (w->failed)
		return format_fail(error, w->path, "it could not be written before");
	w->failed = !add(w, s, error);
	return !w->failed;
}

struct record_progress record_progress(const struct record_writer *w)
{
	return w->progress;
}

bool record_close(struct record_writer *w, char error[RECORD_ERROR])
{
	bool ok = true;

	if (fsync(w->fd) < 0)
		ok = format_fail(error, w->path, "may not be on the disk: %s", strerror(errno));
	writer_free(w);
	return ok;
}
