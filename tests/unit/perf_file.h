/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes perf.data files, of either byte order, record by record. */
#ifndef VMPERF_TESTS_PERF_FILE_H
#define VMPERF_TESTS_PERF_FILE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "lib/buf.h"
#include "profile/perf_format.h"

/* Bits of struct perf_event_attr, as it has them on machines of little endian. */
#define ATTR_INHERIT       (1ULL << 1)
#define ATTR_FREQ          (1ULL << 10)
#define ATTR_SAMPLE_ID_ALL (1ULL << 18)

struct made_attr {
	uint32_t type, size; /* size 0: PERF_ATTR_SIZE_VER7 or so, 128 */
	uint64_t config, period, sample_type, read_format, flags;
	uint64_t ids[8];
	uint32_t nids;
};

struct made_feature {
	uint32_t bit;
	struct buf data;
};

struct made {
	bool big;
	struct made_attr attrs[4];
	uint32_t nattrs;
	struct buf data;
	struct made_feature features[16]; /* in the order of their bits */
	uint32_t nfeatures;
	size_t record; /* where the one begins that is being made */
};

static inline void put(struct made *m, struct buf *b, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		char c = (char)(v >> 8 * (m->big ? bytes - 1 - i : i));

		buf_add(b, &c, 1);
	}
}

/* A bit field begins at the low end of each byte, or at the high one. */
static inline void put_bits(struct made *m, struct buf *b, uint64_t bits)
{
	for (int i = 0; i < 8; i++) {
		unsigned char c = (unsigned char)(bits >> 8 * i), turned = 0;

		for (int k = 0; k < 8; k++)
			turned |= (unsigned char)((c >> k & 1) << (7 - k));
		buf_add(b, m->big ? &turned : &c, 1);
	}
}

static inline void put_zeros(struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_add(b, "", 1);
}

/* A text with its NUL, padded to numbers of 8 bytes. */
static inline void put_text(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s) + 1);
	put_zeros(b, 7 - strlen(s) % 8);
}

static inline void u32(struct made *m, uint64_t v)
{
	put(m, &m->data, v, 4);
}

static inline void u64(struct made *m, uint64_t v)
{
	put(m, &m->data, v, 8);
}

static inline void begin(struct made *m, uint32_t type, uint16_t misc)
{
	m->record = m->data.len;
	u32(m, type);
	put(m, &m->data, misc, 2);
	put(m, &m->data, 0, 2);
}

static inline void end(struct made *m)
{
	struct buf size = {0};

	put(m, &size, m->data.len - m->record, 2);
	memcpy(m->data.data + m->record + 6, size.data, 2);
	buf_free(&size);
}

/* What stands at the end of other records than samples (TID and TIME, as SAMPLE_TYPE below has them). */
#define SAMPLE_TYPE (PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD)

static inline void trailer(struct made *m, uint32_t pid, uint32_t tid, uint64_t time)
{
	u32(m, pid);
	u32(m, tid);
	u64(m, time);
	end(m);
}

static inline void add_comm(struct made *m, uint16_t misc, uint32_t pid, uint32_t tid, const char *comm,
			    uint64_t time)
{
	begin(m, PERF_RECORD_COMM, misc);
	u32(m, pid);
	u32(m, tid);
	put_text(&m->data, comm);
	trailer(m, pid, tid, time);
}

static inline void add_fork(struct made *m, uint16_t misc, uint32_t pid, uint32_t ppid, uint32_t tid,
			    uint32_t ptid, uint64_t time)
{
	begin(m, PERF_RECORD_FORK, misc);
	u32(m, pid);
	u32(m, ppid);
	u32(m, tid);
	u32(m, ptid);
	u64(m, time);
	trailer(m, pid, tid, time);
}

static inline void add_mmap(struct made *m, uint16_t misc, uint32_t pid, uint64_t start, uint64_t size,
			    uint64_t offset, const char *path, uint64_t time)
{
	begin(m, PERF_RECORD_MMAP, misc);
	u32(m, pid);
	u32(m, pid);
	u64(m, start);
	u64(m, size);
	u64(m, offset);
	put_text(&m->data, path);
	trailer(m, pid, pid, time);
}

/* id NULL: a device and an inode instead. */
static inline void add_mmap2(struct made *m, uint16_t misc, uint32_t pid, uint64_t start, uint64_t size,
			     uint64_t offset, const char *path, const uint8_t *id, uint8_t idsize,
			     uint64_t time)
{
	begin(m, PERF_RECORD_MMAP2, misc | (id ? PERF_RECORD_MISC_MMAP_BUILD_ID : 0));
	u32(m, pid);
	u32(m, pid);
	u64(m, start);
	u64(m, size);
	u64(m, offset);
	if (id) {
		put(m, &m->data, idsize, 1);
		put_zeros(&m->data, 3);
		buf_add(&m->data, id, idsize);
		put_zeros(&m->data, 20 - idsize);
	} else {
		put_zeros(&m->data, 24);
	}
	u32(m, 5);
	u32(m, 2);
	put_text(&m->data, path);
	trailer(m, pid, pid, time);
}

/* A sample of SAMPLE_TYPE. */
static inline void add_sample(struct made *m, uint16_t misc, uint32_t pid, uint32_t tid, uint64_t ip,
			      uint64_t period, uint64_t time)
{
	begin(m, PERF_RECORD_SAMPLE, misc);
	u64(m, ip);
	u32(m, pid);
	u32(m, tid);
	u64(m, time);
	u64(m, period);
	end(m);
}

static inline void add_empty(struct made *m, uint32_t type)
{
	begin(m, type, 0);
	end(m);
}

/* The event that most tests need: cpu-clock, of samples as above. */
static inline void add_attr(struct made *m)
{
	m->attrs[m->nattrs++] = (struct made_attr){
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.period = 999,
		.sample_type = SAMPLE_TYPE,
		.flags = ATTR_FREQ | ATTR_SAMPLE_ID_ALL,
	};
}

static inline struct buf *add_feature(struct made *m, uint32_t bit)
{
	m->features[m->nfeatures].bit = bit;
	return &m->features[m->nfeatures++].data;
}

static inline void feature_text(struct made *m, struct buf *b, const char *s)
{
	put(m, b, (strlen(s) / 8 + 1) * 8, 4);
	put_text(b, s);
}

static inline void add_build_id(struct made *m, struct buf *b, uint32_t type, uint16_t misc, uint32_t pid,
				const uint8_t *id, uint8_t idsize, const char *name)
{
	put(m, b, type, 4);
	put(m, b, misc | PERF_BUILD_ID_HAS_SIZE, 2);
	put(m, b, 36 + (strlen(name) / 8 + 1) * 8, 2);
	put(m, b, pid, 4);
	buf_add(b, id, idsize);
	put_zeros(b, 20 - idsize);
	put(m, b, idsize, 1);
	put_zeros(b, 3);
	put_text(b, name);
}

static inline void put_attr(struct made *m, struct buf *b, const struct made_attr *a)
{
	uint32_t size = a->size ? a->size : 128;
	size_t from = b->len;

	put(m, b, a->type, 4);
	put(m, b, size, 4);
	put(m, b, a->config, 8);
	put(m, b, a->period, 8);
	put(m, b, a->sample_type, 8);
	put(m, b, a->read_format, 8);
	put_bits(m, b, a->flags);
	put_zeros(b, from + size - b->len);
}

/* The whole file: header, ids, events, data, features. */
static inline void make_file(struct made *m, struct buf *ret)
{
	uint64_t bits[PERF_FEATURE_WORDS] = {0}, ids = 104, attrs = ids, data, at;
	uint32_t size = m->nattrs && m->attrs[0].size ? m->attrs[0].size : 128;

	for (uint32_t i = 0; i < m->nattrs; i++)
		attrs += 8 * m->attrs[i].nids;
	data = attrs + m->nattrs * (size + 16);
	for (uint32_t i = 0; i < m->nfeatures; i++)
		bits[m->features[i].bit / 64] |= 1ULL << m->features[i].bit % 64;
	put(m, ret, PERF_MAGIC, 8);
	put(m, ret, 104, 8);
	put(m, ret, size + 16, 8);
	put(m, ret, attrs, 8);
	put(m, ret, m->nattrs * (size + 16), 8);
	put(m, ret, data, 8);
	put(m, ret, m->data.len, 8);
	put_zeros(ret, 16);
	for (int i = 0; i < PERF_FEATURE_WORDS; i++)
		put(m, ret, bits[i], 8);
	for (uint32_t i = 0; i < m->nattrs; i++)
		for (uint32_t k = 0; k < m->attrs[i].nids; k++)
			put(m, ret, m->attrs[i].ids[k], 8);
	for (uint32_t i = 0; i < m->nattrs; i++) {
		put_attr(m, ret, &m->attrs[i]);
		put(m, ret, ids, 8);
		put(m, ret, 8 * m->attrs[i].nids, 8);
		ids += 8 * m->attrs[i].nids;
	}
	if (m->data.len)
		buf_add(ret, m->data.data, m->data.len);
	at = ret->len + 16 * m->nfeatures;
	for (uint32_t i = 0; i < m->nfeatures; i++) {
		put(m, ret, at, 8);
		put(m, ret, m->features[i].data.len, 8);
		at += m->features[i].data.len;
	}
	for (uint32_t i = 0; i < m->nfeatures; i++)
		if (m->features[i].data.len)
			buf_add(ret, m->features[i].data.data, m->features[i].data.len);
}

/* The same as a stream: events and features are records. */
static inline void make_pipe(struct made *m, struct buf *ret)
{
	struct made head = {.big = m->big};

	put(m, ret, PERF_MAGIC, 8);
	put(m, ret, 16, 8);
	for (uint32_t i = 0; i < m->nattrs; i++) {
		begin(&head, PERF_USER_HEADER_ATTR, 0);
		put_attr(&head, &head.data, &m->attrs[i]);
		for (uint32_t k = 0; k < m->attrs[i].nids; k++)
			u64(&head, m->attrs[i].ids[k]);
		end(&head);
	}
	for (uint32_t i = 0; i < m->nfeatures; i++) {
		begin(&head, PERF_USER_FEATURE, 0);
		u64(&head, m->features[i].bit);
		buf_add(&head.data, m->features[i].data.data, m->features[i].data.len);
		end(&head);
	}
	if (head.data.len)
		buf_add(ret, head.data.data, head.data.len);
	if (m->data.len)
		buf_add(ret, m->data.data, m->data.len);
	buf_free(&head.data);
}

/* Packs all records there are, into records of parts of at most `part` bytes. */
static inline void pack(struct made *m, bool second, size_t part)
{
	struct made out = {.big = m->big};
	size_t room = ZSTD_compressBound(m->data.len), n;
	char *packed = malloc(room);

	n = ZSTD_compress(packed, room, m->data.data, m->data.len, 3);
	for (size_t at = 0; at < n; at += part) {
		size_t one = n - at < part ? n - at : part;

		begin(&out, second ? PERF_USER_COMPRESSED2 : PERF_USER_COMPRESSED, 0);
		if (second)
			u64(&out, one);
		buf_add(&out.data, packed + at, one);
		if (second)
			put_zeros(&out.data, (8 - one % 8) % 8);
		end(&out);
	}
	free(packed);
	buf_free(&m->data);
	m->data = out.data;
}

static inline void made_free(struct made *m)
{
	buf_free(&m->data);
	for (uint32_t i = 0; i < m->nfeatures; i++)
		buf_free(&m->features[i].data);
	memset(m, 0, sizeof(*m));
}

#endif
