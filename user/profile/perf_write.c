// SPDX-License-Identifier: GPL-2.0-only
#include "perf_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "perf_write_parts.h"

/* So much is kept back, at most, before it is written. */
#define CHUNK (256U << 10)

/* What is kept free for perf_write_front(), before the records: a hole in the file until then. */
#define FRONT (64U << 10)

/* Readers know the sizes that struct perf_event_attr has had (PERF_ATTR_SIZE_VER*), and refuse a longer one
 * than theirs; this one all have had since Linux 4.8. */
#define ATTR_LEAST PERF_ATTR_SIZE_VER5

struct perf_write {
	int fd;
	int err; /* -errno of the first failure */
	struct buf pending, front;
	struct perf_event_attr attr;
	uint64_t *ids;
	struct perf_write_features f;
	uint64_t begin; /* of the records, in the file */
	bool begun;     /* there are some */
	uint64_t early; /* bytes of the front that are among them, the first; it ends where they do */
	uint64_t size;  /* of those that are in the file */
};

/* 0 or -errno; *done: how many bytes were written. */
static int write_some(int fd, const void *data, size_t len, uint64_t offset, size_t *done)
{
	const char *p = data;

	*done = 0;
	while (len) {
		ssize_t n = pwrite(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENOSPC;
		p += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
		*done += (size_t)n;
	}
	return 0;
}

static int write_at(int fd, const void *data, size_t len, uint64_t offset)
{
	size_t done;

	return write_some(fd, data, len, offset, &done);
}

/* The length of the records that are whole among the first len bytes. */
static size_t whole_records(const struct buf *b, size_t len)
{
	struct perf_event_header h;
	size_t at = 0;

	while (at + sizeof(h) <= len) {
		memcpy(&h, b->data + at, sizeof(h));
		if (h.size > len - at)
			break;
		at += h.size;
	}
	return at;
}

static int flush(struct perf_write *w)
{
	size_t done;

	if (w->err || !w->pending.len)
		return w->err;
	w->err = write_some(w->fd, w->pending.data, w->pending.len, w->begin + w->size, &done);
	w->size += whole_records(&w->pending, done);
	w->pending.len = 0;
	return w->err;
}

/* Makes room for it; 0 or -errno. */
static int set_aside(const char *path)
{
	struct stat st;
	char *old;
	int rc;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	old = mem_zalloc(strlen(path) + sizeof(".old"), 1);
	sprintf(old, "%s.old", path);
	rc = rename(path, old) ? -errno : 0;
	free(old);
	return rc;
}

static void take_attr(struct perf_event_attr *ret, const void *attr, size_t size)
{
	const char *bytes = (const char *)ret;

	memcpy(ret, attr, size < sizeof(*ret) ? size : sizeof(*ret));
	ret->size = sizeof(*ret);
	while (ret->size > ATTR_LEAST && !bytes[ret->size - 1])
		ret->size--;
	ret->size = (ret->size + 7) / 8 * 8;
}

static void take_info(struct perf_write *w, const struct perf_write_info *info)
{
	struct perf_write_features *f = &w->f;

	take_attr(&w->attr, info->attr, info->attr_size);
	f->attr = &w->attr;
	w->ids = mem_zalloc(info->nids, sizeof(*w->ids));
	for (uint32_t i = 0; i < info->nids; i++)
		if (info->ids[i])
			w->ids[f->nids++] = info->ids[i];
	f->ids = w->ids;
	f->event = mem_strdup(info->event);
	f->hostname = mem_strdup(info->hostname);
	f->kernel = mem_strdup(info->kernel);
	f->arch = mem_strdup(info->arch);
	f->version = mem_strdup(info->version);
	f->cpudesc = mem_strdup(info->cpudesc ? info->cpudesc : "");
	f->cpus_online = info->cpus_online;
	f->cpus_possible = info->cpus_possible;
	f->argc = (uint32_t)info->argc;
	f->argv = mem_zalloc(f->argc, sizeof(*f->argv));
	for (uint32_t i = 0; i < f->argc; i++)
		f->argv[i] = mem_strdup(info->argv[i]);
}

/* The header, the event's ids, the event. */
static int write_header(struct perf_write *w, bool ended, const uint64_t features[PERF_FEATURE_WORDS])
{
	struct perf_section ids = {sizeof(struct perf_file_header), w->f.nids * sizeof(*w->ids)};
	struct perf_file_header h = {
		.magic = PERF_MAGIC,
		.size = sizeof(h),
		.attr_size = w->attr.size + sizeof(ids),
		.attrs = {ids.offset + ids.size, w->attr.size + sizeof(ids)},
	};
	struct buf b = {0};
	int rc;

	w->begin = h.attrs.offset + h.attrs.size + FRONT;
	h.data = (struct perf_section){w->begin, 0};
	if (ended) {
		h.data.offset += w->early - w->front.len;
		h.data.size = w->front.len + w->size - w->early;
	}
	memcpy(h.features, features, sizeof(h.features));
	buf_add(&b, &h, sizeof(h));
	buf_add(&b, w->ids, ids.size);
	buf_add(&b, &w->attr, w->attr.size);
	buf_add(&b, &ids, sizeof(ids));
	rc = write_at(w->fd, b.data, b.len, 0);
	buf_free(&b);
	return rc;
}

static void perf_write_free(struct perf_write *w)
{
	struct perf_write_features *f = &w->f;

	if (w->fd >= 0)
		close(w->fd);
	for (uint32_t i = 0; i < f->argc; i++)
		free(f->argv[i]);
	free(f->argv);
	free(f->event);
	free(f->hostname);
	free(f->kernel);
	free(f->arch);
	free(f->version);
	free(f->cpudesc);
	buf_free(&f->build_ids);
	buf_free(&w->pending);
	buf_free(&w->front);
	free(w->ids);
	free(w);
}

int perf_write_new(const char *path, const struct perf_write_info *info, struct perf_write **ret)
{
	static const uint64_t none[PERF_FEATURE_WORDS];
	struct perf_write *w;
	int rc = set_aside(path);

	*ret = NULL;
	if (rc)
		return rc;
	w = mem_zalloc(1, sizeof(*w));
	w->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd < 0) {
		rc = -errno;
	} else {
		take_info(w, info);
		rc = write_header(w, false, none);
	}
	if (rc) {
		perf_write_free(w);
		return rc;
	}
	*ret = w;
	return 0;
}

bool perf_write_sample(const struct perf_write *w, const void *record, size_t size,
		       struct perf_write_sample *ret)
{
	const uint64_t t = w->attr.sample_type;
	const struct perf_event_header *h = record;
	const char *p = (const char *)record + sizeof(*h) + (t & PERF_SAMPLE_IDENTIFIER ? 8 : 0);
	const uint64_t needed = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;

	/* linux/perf_event.h, PERF_RECORD_SAMPLE */
	if (size < sizeof(*h) || h->type != PERF_RECORD_SAMPLE || (t & needed) != needed ||
	    size < (size_t)(p - (const char *)record) + 24)
		return false;
	ret->misc = h->misc;
	memcpy(&ret->ip, p, 8);
	memcpy(&ret->pid, p + 8, 4);
	memcpy(&ret->tid, p + 12, 4);
	memcpy(&ret->time, p + 16, 8);
	return true;
}

uint64_t perf_write_latest(const struct perf_write *w)
{
	return w->f.last;
}

static int add(struct perf_write *w, const void *record, size_t size)
{
	if (w->err)
		return w->err;
	if (!w->begun) {
		/* for readers of a recording that is killed */
		buf_add(&w->pending, w->front.data, w->front.len);
		w->early = w->front.len;
		w->begun = true;
	}
	buf_add(&w->pending, record, size);
	return w->pending.len >= CHUNK ? flush(w) : 0;
}

int perf_write_record(struct perf_write *w, const void *record, size_t size)
{
	const struct perf_event_header *h = record;
	struct perf_write_sample x;

	if (size < sizeof(*h) || h->size != size || size % 8)
		return -EINVAL;
	if (perf_write_sample(w, record, size, &x)) {
		if (!w->f.first || x.time < w->f.first)
			w->f.first = x.time;
		if (x.time > w->f.last)
			w->f.last = x.time;
	}
	return add(w, record, size);
}

int perf_write_round(struct perf_write *w)
{
	const struct perf_event_header h = {.type = PERF_USER_FINISHED_ROUND, .size = sizeof(h)};

	add(w, &h, sizeof(h));
	return flush(w);
}

/* A text with its NUL, padded. */
static void put_text(struct buf *b, const char *s)
{
	static const char zeros[8];
	size_t n = strnlen(s, 4095);

	buf_add(b, s, n);
	buf_add(b, zeros, 8 - n % 8);
}

/* What sample_id_all says that each record ends with, then its size. */
static void put_end(const struct perf_write *w, struct buf *b, uint64_t time, uint32_t pid, uint32_t tid)
{
	const uint64_t t = w->attr.sample_type, zero = 0, id = w->f.nids ? w->ids[0] : 0;
	const uint32_t thread[] = {pid, tid};
	uint16_t size;

	if (w->attr.sample_id_all) {
		if (t & PERF_SAMPLE_TID)
			buf_add(b, thread, sizeof(thread));
		if (t & PERF_SAMPLE_TIME)
			buf_add(b, &time, sizeof(time));
		if (t & PERF_SAMPLE_ID)
			buf_add(b, &id, sizeof(id));
		if (t & PERF_SAMPLE_STREAM_ID)
			buf_add(b, &zero, sizeof(zero));
		if (t & PERF_SAMPLE_CPU)
			buf_add(b, &zero, sizeof(zero));
		if (t & PERF_SAMPLE_IDENTIFIER)
			buf_add(b, &id, sizeof(id));
	}
	size = (uint16_t)b->len;
	memcpy(b->data + offsetof(struct perf_event_header, size), &size, sizeof(size));
}

int perf_write_comm(struct perf_write *w, uint64_t time, uint32_t pid, uint32_t tid, const char *comm)
{
	const struct {
		struct perf_event_header h;
		uint32_t pid, tid;
	} r = {{.type = PERF_RECORD_COMM, .misc = PERF_RECORD_MISC_USER}, pid, tid};
	struct buf b = {0};

	buf_add(&b, &r, sizeof(r));
	put_text(&b, comm);
	put_end(w, &b, time, pid, tid);
	add(w, b.data, b.len);
	buf_free(&b);
	return w->err;
}

static uint16_t map_mode(const struct perf_write_map *m)
{
	if (m->kernel)
		return m->guest ? PERF_RECORD_MISC_GUEST_KERNEL : PERF_RECORD_MISC_KERNEL;
	return m->guest ? PERF_RECORD_MISC_GUEST_USER : PERF_RECORD_MISC_USER;
}

static void put_map(const struct perf_write *w, struct buf *b, const struct perf_write_map *m)
{
	const struct {
		struct perf_event_header h;
		uint32_t pid, tid;
		uint64_t start, size, offset;
	} r = {
		{.type = m->kernel ? PERF_RECORD_MMAP : PERF_RECORD_MMAP2, .misc = map_mode(m)},
		m->pid,
		m->tid,
		m->start,
		m->size,
		m->offset,
	};
	const struct {
		uint32_t major, minor;
		uint64_t inode, generation;
		uint32_t prot, flags;
	} r2 = {m->major, m->minor, m->inode, 0, m->prot, m->flags};

	buf_add(b, &r, sizeof(r));
	if (!m->kernel)
		buf_add(b, &r2, sizeof(r2));
	put_text(b, m->path);
	put_end(w, b, m->time, m->pid, m->tid);
}

int perf_write_mmap(struct perf_write *w, const struct perf_write_map *m)
{
	struct buf b = {0};

	put_map(w, &b, m);
	add(w, b.data, b.len);
	buf_free(&b);
	return w->err;
}

int perf_write_front(struct perf_write *w, const struct perf_write_map *m)
{
	struct buf b = {0};
	bool fits;

	put_map(w, &b, m);
	fits = w->front.len - w->early + b.len <= FRONT;
	if (fits)
		buf_add(&w->front, b.data, b.len);
	buf_free(&b);
	return fits ? w->err : -ENOBUFS;
}

static bool has_build_id(const struct buf *b, const struct buf *r)
{
	const size_t after_id = offsetof(struct perf_build_id_record, name);
	size_t size;

	for (size_t at = 0; at < b->len; at += size) {
		struct perf_build_id_record other;

		memcpy(&other, b->data + at, sizeof(other));
		size = other.header.size;
		/* all but the id */
		if (size == r->len &&
		    !memcmp(b->data + at, r->data, offsetof(struct perf_build_id_record, id)) &&
		    !memcmp(b->data + at + after_id, r->data + after_id, size - after_id))
			return true;
	}
	return false;
}

void perf_write_build_id(struct perf_write *w, uint16_t misc, int32_t pid, const uint8_t *id, uint32_t size,
			 const char *path)
{
	struct perf_build_id_record r = {
		.header.misc = misc | PERF_BUILD_ID_HAS_SIZE,
		.pid = pid,
		.size = (uint8_t)size,
	};
	struct buf b = {0};

	if (size > sizeof(r.id))
		return;
	memcpy(r.id, id, size);
	buf_add(&b, &r, sizeof(r));
	put_text(&b, path);
	while (b.len % 8)
		buf_add(&b, "", 1);
	r.header.size = (uint16_t)b.len;
	memcpy(b.data, &r.header, sizeof(r.header));
	if (!has_build_id(&w->f.build_ids, &b))
		buf_add(&w->f.build_ids, b.data, b.len);
	buf_free(&b);
}

uint64_t perf_write_size(const struct perf_write *w)
{
	return w->begin + w->size + w->pending.len;
}

int perf_write_end(struct perf_write *w, const char *vms, size_t nvms)
{
	uint64_t bits[PERF_FEATURE_WORDS] = {0};
	struct buf b = {0};
	uint64_t end;
	int rc, err;

	rc = flush(w);
	/* no room for even the first of them */
	if (w->early > w->size)
		w->early = w->size;
	end = w->begin + w->size;
	/* after a failure, too: whole records can be read, and what follows them if there is room */
	if (rc && ftruncate(w->fd, (off_t)end))
		log_info("%s", strerror(errno));
	perf_write_add_features(&w->f, vms, nvms, end, bits, &b);
	err = write_at(w->fd, b.data, b.len, end);
	buf_free(&b);
	if (err)
		memset(bits, 0, sizeof(bits));
	if (err && ftruncate(w->fd, (off_t)end))
		log_info("%s", strerror(errno));
	rc = rc ? rc : err;
	err = write_at(w->fd, w->front.data, w->front.len, w->begin + w->early - w->front.len);
	rc = rc ? rc : err;
	/* then what is in the file of it already */
	if (err)
		w->front.len = w->early;
	err = write_header(w, true, bits);
	perf_write_free(w);
	return rc ? rc : err;
}
