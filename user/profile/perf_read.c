// SPDX-License-Identifier: GPL-2.0-only
#include "perf_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../lib/mem.h"
#include "perf_format.h"
#include "perf_read_bytes.h"
#include "perf_read_features.h"
#include "perf_read_order.h"
#include "perf_read_tasks.h"
#include "perf_read_unpack.h"
#include "perf_read_vms.h"

/* A feature's section is not read when it is longer. */
#define FEATURE_MAX (256U << 20)

struct reader {
	FILE *file;
	uint64_t size; /* of the file; UINT64_MAX: a stream, not known */
	struct perf_events events;
	struct perf_tasks tasks;
	struct perf_order order;
	struct perf_features features;
	struct perf_unpack unpack;
	char *why;
	size_t whysize;
};

/* The first thing that is wrong is told. */
static bool fail(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	if (r->whysize && !r->why[0]) {
		va_start(ap, fmt);
		vsnprintf(r->why, r->whysize, fmt, ap);
		va_end(ap);
	}
	return false;
}

static void deliver(void *arg, const uint8_t *record, size_t size)
{
	perf_tasks_record(arg, record, size);
}

static bool kernel_record(struct reader *r, const uint8_t *record, size_t size)
{
	uint32_t event = perf_events_of(&r->events, record, size);
	uint64_t time = perf_events_time(&r->events, event, record, size);

	/* perf's own records about what was there before have no time: they stand where they belong */
	if (time == PERF_NO_TIME || time == UINT64_MAX)
		perf_tasks_record(&r->tasks, record, size);
	else
		perf_order_add(&r->order, time, record, size);
	return true;
}

static bool header_attr(struct reader *r, const uint8_t *record, size_t size)
{
	bool swap = r->events.swap;
	uint32_t attr, event;

	attr = size >= 8 + PERF_ATTR_MIN ? perf_u32(record + 12, swap) : 0;
	if (size < 8 + PERF_ATTR_MIN || (attr && attr < PERF_ATTR_MIN) || attr > size - 8)
		return fail(r, "damaged: an event's attributes do not fit their record");
	event = perf_events_add(&r->events, record + 8);
	for (size_t at = 8 + (attr ? attr : PERF_ATTR_MIN); at + 8 <= size; at += 8)
		perf_events_id(&r->events, perf_u64(record + at, swap), event);
	return true;
}

static void event_update(struct reader *r, const uint8_t *record, size_t size)
{
	bool swap = r->events.swap;
	uint32_t id, event;

	if (size <= 24 || perf_u64(record + 8, swap) != PERF_UPDATE_NAME)
		return;
	id = perf_table_find(&r->events.ids, perf_u64(record + 16, swap));
	if (id == INDEX_NONE)
		return;
	event = r->events.of_id[id];
	free(r->events.items[event].name);
	r->events.items[event].name =
		mem_strndup((const char *)record + 24, strnlen((const char *)record + 24, size - 24));
}

static bool record(struct reader *r, const uint8_t *record, size_t size);

/* Records that were packed: they may be cut anywhere, the next part goes on. */
static bool packed(struct reader *r, const uint8_t *data, size_t size)
{
	const uint8_t *one;
	size_t len;
	const char *why = perf_unpack_add(&r->unpack, data, size);

	if (why)
		return fail(r, "damaged: %s", why);
	while (perf_unpack_next(&r->unpack, r->events.swap, &one, &len)) {
		uint32_t type = perf_u32(one, r->events.swap);

		/* packed twice would be no end of data */
		if (type != PERF_USER_COMPRESSED && type != PERF_USER_COMPRESSED2 && !record(r, one, len))
			return false;
	}
	if (r->unpack.damaged)
		return fail(r, "damaged: a packed record is shorter than its header");
	return true;
}

/* False: nothing after it can be read. */
static bool record(struct reader *r, const uint8_t *rec, size_t size)
{
	bool swap = r->events.swap;
	uint32_t type = perf_u32(rec, swap);
	uint64_t n;

	if (type < PERF_USER_HEADER_ATTR)
		return kernel_record(r, rec, size);
	switch (type) {
	case PERF_USER_HEADER_ATTR:
		return header_attr(r, rec, size);
	case PERF_USER_BUILD_ID:
		perf_features_build_id(&r->features, rec, size, swap);
		return true;
	case PERF_USER_FINISHED_ROUND:
		perf_order_round(&r->order, deliver, &r->tasks);
		return true;
	case PERF_USER_EVENT_UPDATE:
		event_update(r, rec, size);
		return true;
	case PERF_USER_FEATURE:
		if (size >= 16)
			perf_features_take(&r->features, &r->events, perf_u64(rec + 8, swap), rec + 16,
					   size - 16);
		return true;
	case PERF_USER_COMPRESSED:
		return packed(r, rec + 8, size - 8);
	case PERF_USER_COMPRESSED2:
		n = size >= 16 ? perf_u64(rec + 8, swap) : UINT64_MAX;
		if (n == UINT64_MAX || n > size - 16)
			return fail(r, "damaged: a packed record is longer than its place");
		return packed(r, rec + 16, n);
	default:
		return true;
	}
}

/* Bytes that follow a record and are none. */
static uint64_t payload(const uint8_t *rec, size_t size, bool swap)
{
	uint32_t type = perf_u32(rec, swap);

	if (type == PERF_USER_AUXTRACE && size >= 16)
		return perf_u64(rec + 8, swap);
	if (type == PERF_USER_TRACING_DATA && size >= 12)
		return ((uint64_t)perf_u32(rec + 8, swap) + 7) & ~7ULL;
	return 0;
}

static bool skip(struct reader *r, uint64_t n)
{
	uint8_t drop[4096];

	if (r->size != UINT64_MAX)
		return n <= r->size && !fseeko(r->file, (off_t)n, SEEK_CUR);
	while (n) {
		size_t part = n < sizeof(drop) ? (size_t)n : sizeof(drop);

		if (fread(drop, 1, part, r->file) != part)
			return false;
		n -= part;
	}
	return true;
}

/* All records of the next n bytes; UINT64_MAX: up to the end. */
static bool records(struct reader *r, uint64_t n)
{
	uint8_t rec[UINT16_MAX + 1];
	uint64_t at = 0;

	while (at < n) {
		size_t got = fread(rec, 1, n - at < 8 ? (size_t)(n - at) : 8, r->file), size;
		uint64_t after;

		if (!got && n == UINT64_MAX && !ferror(r->file))
			return true;
		if (got != 8)
			return fail(r, "cut off: it ends %s a record", got ? "within" : "before");
		size = perf_u16(rec + 6, r->events.swap);
		if (size < 8)
			return fail(r, "damaged: a record is shorter than its header");
		if (size - 8 > n - at - 8 || fread(rec + 8, 1, size - 8, r->file) != size - 8)
			return fail(r, "cut off: it ends within a record");
		if (!record(r, rec, size))
			return false;
		at += size;
		after = payload(rec, size, r->events.swap);
		if (after > n - at || !skip(r, after))
			return fail(r, "cut off: it ends within traced data");
		at += after;
	}
	return true;
}

static bool read_at(struct reader *r, uint64_t offset, void *ret, size_t size)
{
	return offset <= INT64_MAX && !fseeko(r->file, (off_t)offset, SEEK_SET) &&
	       fread(ret, 1, size, r->file) == size;
}

/* Whether a section lies within the file. */
static bool fits(const struct reader *r, const struct perf_section *s)
{
	return s->offset <= r->size && s->size <= r->size - s->offset;
}

static void get_section(const uint8_t *p, bool swap, struct perf_section *ret)
{
	ret->offset = perf_u64(p, swap);
	ret->size = perf_u64(p + 8, swap);
}

static bool read_ids(struct reader *r, const struct perf_section *s, uint32_t event, uint64_t *left)
{
	uint8_t id[8];

	if (!fits(r, s) || s->size > *left || fseeko(r->file, (off_t)s->offset, SEEK_SET))
		return fail(r, "damaged: an event's ids are not in the file");
	*left -= s->size;
	for (uint64_t i = 0; i < s->size / 8; i++) {
		if (fread(id, 1, 8, r->file) != 8)
			return fail(r, "damaged: an event's ids cannot be read");
		perf_events_id(&r->events, perf_u64(id, r->events.swap), event);
	}
	return true;
}

static bool read_attrs(struct reader *r, const struct perf_section *attrs, uint64_t attr_size)
{
	/* all ids together cannot be longer than the file, unless events have the same ones */
	uint64_t left = r->size;
	struct perf_section ids;
	uint8_t attr[PERF_ATTR_MIN], section[16];

	if (attr_size < PERF_ATTR_MIN + 16 || !fits(r, attrs))
		return fail(r, "damaged: its events are not in the file");
	if (attrs->size < attr_size)
		return fail(r, "it has no events");
	for (uint64_t i = 0; i < attrs->size / attr_size; i++) {
		uint64_t at = attrs->offset + i * attr_size;

		if (!read_at(r, at, attr, sizeof(attr)) ||
		    !read_at(r, at + attr_size - 16, section, sizeof(section)))
			return fail(r, "damaged: its events cannot be read");
		get_section(section, r->events.swap, &ids);
		if (!read_ids(r, &ids, perf_events_add(&r->events, attr), &left))
			return false;
	}
	return true;
}

static bool has(const uint64_t *bits, uint32_t n)
{
	return bits[n / 64] >> n % 64 & 1;
}

/*
 * Files of machines of 32 bits and the other byte order have the halves of each
 * word the other way round: perf always writes HOSTNAME, so that tells.
 */
static void read_bits(const uint8_t *p, bool swap, uint64_t *ret)
{
	for (int i = 0; i < PERF_FEATURE_WORDS; i++)
		ret[i] = perf_u64(p + 8 * i, swap);
	if (!swap || has(ret, PERF_FEATURE_HOSTNAME) || !has(ret, PERF_FEATURE_HOSTNAME + 32))
		return;
	for (int i = 0; i < PERF_FEATURE_WORDS; i++)
		ret[i] = ret[i] << 32 | ret[i] >> 32;
}

static void read_features(struct reader *r, const uint64_t *bits, uint64_t table)
{
	struct perf_section s;
	uint8_t place[16], *data;

	for (uint32_t i = 0; i < PERF_FEATURE_WORDS * 64; i++) {
		if (!has(bits, i))
			continue;
		if (!read_at(r, table, place, sizeof(place))) {
			fail(r, "cut off: it ends within the list of its features");
			return;
		}
		table += sizeof(place);
		get_section(place, r->events.swap, &s);
		if (!fits(r, &s) || s.size > FEATURE_MAX) {
			fail(r, "cut off: feature %u is not in the file", i);
			continue;
		}
		/* all may say that they are the same bytes */
		if (!perf_features_are_read(i))
			continue;
		data = mem_zalloc(s.size + 1, 1);
		if (read_at(r, s.offset, data, s.size))
			perf_features_take(&r->features, &r->events, i, data, s.size);
		else
			fail(r, "cut off: feature %u cannot be read", i);
		free(data);
	}
}

static bool read_file(struct reader *r, uint64_t head_size)
{
	bool swap = r->events.swap;
	struct perf_file_header h = {.size = head_size};
	uint64_t bits[PERF_FEATURE_WORDS] = {0};
	uint8_t rest[sizeof(h)];
	uint64_t n;

	if (r->size == UINT64_MAX)
		return fail(
			r, "it is a file in a pipe: give its name, or pipe what \"perf record -o -\" writes");
	if (head_size != sizeof(h) && head_size != offsetof(struct perf_file_header, features))
		return fail(r, "its header has %llu bytes: no perf.data file that is known",
			    (unsigned long long)head_size);
	memset(rest, 0, sizeof(rest));
	if (!read_at(r, 0, rest, head_size))
		return fail(r, "cut off: it ends within its header");
	h.attr_size = perf_u64(rest + offsetof(struct perf_file_header, attr_size), swap);
	get_section(rest + offsetof(struct perf_file_header, attrs), swap, &h.attrs);
	get_section(rest + offsetof(struct perf_file_header, data), swap, &h.data);
	read_bits(rest + offsetof(struct perf_file_header, features), swap, bits);
	if (!read_attrs(r, &h.attrs, h.attr_size))
		return false;
	if (h.data.offset > r->size)
		return fail(r, "cut off: its data are not in the file");
	n = r->size - h.data.offset;
	if (!h.data.size) {
		fail(r, "cut off: perf record did not finish it");
	} else if (h.data.size > n) {
		fail(r, "cut off: its data are not all in the file");
	} else {
		n = h.data.size;
		read_features(r, bits, h.data.offset + n);
	}
	if (fseeko(r->file, (off_t)h.data.offset, SEEK_SET))
		return fail(r, "cut off: its data cannot be read");
	records(r, n);
	return true;
}

static bool read_any(struct reader *r)
{
	uint8_t head[16];
	uint64_t magic, size;

	if (fread(head, 1, sizeof(head), r->file) != sizeof(head)) {
		if (ferror(r->file))
			return fail(r, "%s", strerror(errno));
		return fail(r, "it is no perf.data file: too short");
	}
	magic = perf_u64(head, false);
	if (magic == PERF_MAGIC_OLD || magic == bswap_64(PERF_MAGIC_OLD))
		return fail(r, "it is of perf before 2012 (PERFFILE): convert it by a perf of its time");
	r->events.swap = magic == bswap_64(PERF_MAGIC);
	if (magic != PERF_MAGIC && !r->events.swap)
		return fail(r, "it is no perf.data file");
	size = perf_u64(head + 8, r->events.swap);
	if (size != sizeof(struct perf_pipe_header))
		return read_file(r, size);
	records(r, UINT64_MAX);
	return r->events.n || fail(r, "it has no events");
}

static void tell_damage(struct reader *r)
{
	if (r->tasks.damaged)
		fail(r, "damaged: %llu records are shorter than they must be",
		     (unsigned long long)r->tasks.damaged);
	if (r->tasks.nobodys)
		fail(r, "damaged: %llu samples are of no event", (unsigned long long)r->tasks.nobodys);
}

struct profile *perf_read(const char *path, const struct perf_read_options *o, char *why, size_t whysize)
{
	struct profile *p = NULL;
	struct reader r = {.why = why, .whysize = whysize, .size = UINT64_MAX};
	bool standard = !strcmp(path, "-");
	struct stat st;

	if (whysize)
		*why = '\0';
	r.file = standard ? stdin : fopen(path, "rbe");
	if (!r.file) {
		fail(&r, "%s", strerror(errno));
		return NULL;
	}
	if (!fstat(fileno(r.file), &st) && S_ISREG(st.st_mode))
		r.size = (uint64_t)st.st_size;
	perf_tasks_init(&r.tasks, &r.events);
	if (!fstat(fileno(r.file), &st) && S_ISDIR(st.st_mode))
		fail(&r, "it is a directory (perf record --threads): record without --threads");
	else if (read_any(&r)) {
		perf_order_end(&r.order, deliver, &r.tasks);
		tell_damage(&r);
		p = perf_vms_profile(&r.tasks, &r.features, o->all);
	}
	perf_tasks_free(&r.tasks);
	perf_events_free(&r.events);
	perf_order_free(&r.order);
	perf_features_free(&r.features);
	perf_unpack_free(&r.unpack);
	if (!standard)
		fclose(r.file);
	return p;
}
