// SPDX-License-Identifier: GPL-2.0-only
#include "perf_read_features.h"

#include <stdlib.h>

#include "../lib/mem.h"
#include "perf_format.h"
#include "perf_read_bytes.h"

/* What is not read yet of a section. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool swap;
};

static const uint8_t *take(struct cursor *c, uint64_t n)
{
	const uint8_t *at = c->at;

	if (n > c->left)
		return NULL;
	c->at += n;
	c->left -= n;
	return at;
}

static bool take_u32(struct cursor *c, uint32_t *ret)
{
	const uint8_t *at = take(c, 4);

	*ret = at ? perf_u32(at, c->swap) : 0;
	return at;
}

static bool take_u64(struct cursor *c, uint64_t *ret)
{
	const uint8_t *at = take(c, 8);

	*ret = at ? perf_u64(at, c->swap) : 0;
	return at;
}

/* A text, which its NUL may end early. */
static bool take_text(struct cursor *c, const char **ret, size_t *len)
{
	uint32_t room;

	if (!take_u32(c, &room))
		return false;
	*ret = (const char *)take(c, room);
	*len = *ret ? strnlen(*ret, room) : 0;
	return *ret;
}

static void text(struct cursor *c, char ret[65])
{
	const char *s;
	size_t len;

	if (!take_text(c, &s, &len))
		return;
	len = len < 64 ? len : 64;
	memcpy(ret, s, len);
	ret[len] = '\0';
}

/* Names stand in the order of the events. */
static void event_desc(struct cursor *c, struct perf_events *e)
{
	uint32_t n, attr, ids;
	const char *name;
	size_t len;

	if (!take_u32(c, &n) || !take_u32(c, &attr))
		return;
	for (uint32_t i = 0; i < n && i < e->n; i++) {
		if (!take(c, attr) || !take_u32(c, &ids) || !take_text(c, &name, &len) ||
		    !take(c, (uint64_t)ids * 8))
			return;
		if (!len)
			continue;
		free(e->items[i].name);
		e->items[i].name = mem_strndup(name, len);
	}
}

static void build_ids(struct perf_features *f, struct cursor *c)
{
	while (c->left >= sizeof(struct perf_build_id_record)) {
		uint16_t size = perf_u16(c->at + 6, c->swap);

		if (size < sizeof(struct perf_build_id_record) || size > c->left)
			return;
		perf_features_build_id(f, c->at, size, c->swap);
		take(c, size);
	}
}

static void clock_data(struct perf_features *f, struct cursor *c)
{
	uint32_t version, id;

	if (!take_u32(c, &version) || !take_u32(c, &id) || !take_u64(c, &f->clock_real) ||
	    !take_u64(c, &f->clock_event))
		f->clock_real = f->clock_event = 0;
}

bool perf_features_are_read(uint64_t feature)
{
	switch (feature) {
	case PERF_FEATURE_BUILD_ID:
	case PERF_FEATURE_HOSTNAME:
	case PERF_FEATURE_OSRELEASE:
	case PERF_FEATURE_ARCH:
	case PERF_FEATURE_EVENT_DESC:
	case PERF_FEATURE_SAMPLE_TIME:
	case PERF_FEATURE_CLOCK_DATA:
	case PERF_SECTION_FEATURE:
		return true;
	default:
		return false;
	}
}

void perf_features_take(struct perf_features *f, struct perf_events *e, uint64_t feature, const uint8_t *data,
			size_t size)
{
	struct cursor c = {data, size, e->swap};

	switch (feature) {
	case PERF_FEATURE_BUILD_ID:
		build_ids(f, &c);
		break;
	case PERF_FEATURE_HOSTNAME:
		text(&c, f->hostname);
		break;
	case PERF_FEATURE_OSRELEASE:
		text(&c, f->kernel);
		break;
	case PERF_FEATURE_ARCH:
		text(&c, f->arch);
		break;
	case PERF_FEATURE_EVENT_DESC:
		event_desc(&c, e);
		break;
	case PERF_FEATURE_SAMPLE_TIME:
		if (!take_u64(&c, &f->first) || !take_u64(&c, &f->last))
			f->first = f->last = 0;
		break;
	case PERF_FEATURE_CLOCK_DATA:
		clock_data(f, &c);
		break;
	case PERF_SECTION_FEATURE:
		if (!f->has_vms)
			f->has_vms = perf_section_parse((const char *)data, size, &f->vms);
		break;
	default:
		break;
	}
}

/* Of the kernel itself, or of a module: "[kvm]", "/lib/modules/…/kvm.ko.xz". */
static bool is_module(const char *name)
{
	if (name[0] == '[')
		return strncmp(name, "[kernel.", 8) != 0 && strncmp(name, "[guest.kernel.", 14) != 0;
	return strstr(name, ".ko");
}

void perf_features_build_id(struct perf_features *f, const uint8_t *record, size_t size, bool swap)
{
	const size_t head = sizeof(struct perf_build_id_record);
	struct perf_build_id id = {.kind = PERF_ID_FILE, .size = PROFILE_BUILD_ID};
	uint16_t misc;

	if (size < head)
		return;
	misc = perf_u16(record + 4, swap);
	if (misc & PERF_BUILD_ID_HAS_SIZE && record[32] <= PROFILE_BUILD_ID)
		id.size = record[32];
	memcpy(id.id, record + 12, id.size);
	id.name = mem_strndup((const char *)record + head, strnlen((const char *)record + head, size - head));
	misc &= PERF_RECORD_MISC_CPUMODE_MASK;
	if (misc == PERF_RECORD_MISC_GUEST_USER ||
	    ((misc == PERF_RECORD_MISC_KERNEL || misc == PERF_RECORD_MISC_GUEST_KERNEL) &&
	     is_module(id.name))) {
		free(id.name);
		return;
	}
	if (misc == PERF_RECORD_MISC_KERNEL || misc == PERF_RECORD_MISC_GUEST_KERNEL) {
		id.kind = misc == PERF_RECORD_MISC_KERNEL ? PERF_ID_KERNEL : PERF_ID_GUEST_KERNEL;
		id.name[0] = '\0';
		if (id.kind == PERF_ID_GUEST_KERNEL)
			id.pid = perf_u32(record + 8, swap);
	}
	f->ids = index_room(f->ids, f->nids, sizeof(*f->ids));
	f->ids[f->nids++] = id;
}

static int compare(const void *a, const void *b)
{
	const struct perf_build_id *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Of several, which file of that name was meant is not known. */
static void sort(struct perf_features *f)
{
	size_t n = 0;

	f->sorted = true;
	if (!f->nids)
		return;
	qsort(f->ids, f->nids, sizeof(*f->ids), compare);
	for (size_t i = 1; i < f->nids; i++) {
		struct perf_build_id *a = &f->ids[n], *b = &f->ids[i];

		if (compare(a, b) != 0) {
			f->ids[++n] = *b;
			continue;
		}
		if (a->size != b->size || memcmp(a->id, b->id, a->size) != 0)
			a->size = 0;
		free(b->name);
	}
	f->nids = n + 1;
}

const struct perf_build_id *perf_features_find(struct perf_features *f, enum perf_id_kind kind, uint32_t pid,
					       const char *name)
{
	struct perf_build_id like = {.kind = kind, .pid = pid, .name = (char *)name};
	const struct perf_build_id *found;

	if (!f->sorted)
		sort(f);
	found = f->nids ? bsearch(&like, f->ids, f->nids, sizeof(*f->ids), compare) : NULL;
	return found && found->size ? found : NULL;
}

void perf_features_free(struct perf_features *f)
{
	for (size_t i = 0; i < f->nids; i++)
		free(f->ids[i].name);
	free(f->ids);
	perf_section_clear(&f->vms);
	*f = (struct perf_features){0};
}
