// SPDX-License-Identifier: GPL-2.0-only
/* The sections behind the data of a perf.data file (tools/perf/util/header.c). */
#include <string.h>

#include "../lib/mem.h"
#include "perf_section.h"
#include "perf_write_parts.h"

#define NAME_ALIGN 64

static void add_u32(struct buf *b, uint32_t v)
{
	buf_add(b, &v, sizeof(v));
}

static void add_text(struct buf *b, const char *s)
{
	static const char zeros[NAME_ALIGN];
	size_t n = strlen(s) + 1, pad = (NAME_ALIGN - n % NAME_ALIGN) % NAME_ALIGN;

	add_u32(b, (uint32_t)(n + pad));
	buf_add(b, s, n);
	buf_add(b, zeros, pad);
}

static void add_event_desc(struct buf *b, const struct perf_write_features *f)
{
	add_u32(b, 1);
	add_u32(b, f->attr->size);
	buf_add(b, f->attr, f->attr->size);
	add_u32(b, f->nids);
	add_text(b, f->event);
	buf_add(b, f->ids, f->nids * sizeof(*f->ids));
}

static void add_cmdline(struct buf *b, const struct perf_write_features *f)
{
	add_u32(b, f->argc);
	for (uint32_t i = 0; i < f->argc; i++)
		add_text(b, f->argv[i]);
}

/* The contents of a section; nothing: there is none. */
static void add_feature(struct buf *b, const struct perf_write_features *f, uint32_t bit)
{
	switch (bit) {
	case PERF_FEATURE_BUILD_ID:
		buf_add(b, f->build_ids.data, f->build_ids.len);
		break;
	case PERF_FEATURE_HOSTNAME:
		add_text(b, f->hostname);
		break;
	case PERF_FEATURE_OSRELEASE:
		add_text(b, f->kernel);
		break;
	case PERF_FEATURE_VERSION:
		add_text(b, f->version);
		break;
	case PERF_FEATURE_ARCH:
		add_text(b, f->arch);
		break;
	case PERF_FEATURE_NRCPUS:
		add_u32(b, f->cpus_possible);
		add_u32(b, f->cpus_online);
		break;
	case PERF_FEATURE_CPUDESC:
		if (*f->cpudesc)
			add_text(b, f->cpudesc);
		break;
	case PERF_FEATURE_CMDLINE:
		add_cmdline(b, f);
		break;
	case PERF_FEATURE_EVENT_DESC:
		add_event_desc(b, f);
		break;
	case PERF_FEATURE_SAMPLE_TIME:
		buf_add(b, &f->first, sizeof(f->first));
		buf_add(b, &f->last, sizeof(f->last));
		break;
	default:
		break;
	}
}

void perf_write_add_features(const struct perf_write_features *f, const char *vms, size_t nvms,
			     uint64_t offset, uint64_t bits[PERF_FEATURE_WORDS], struct buf *ret)
{
	struct perf_section at[PERF_FEATURE_WORDS * 64];
	struct buf sections = {0};
	uint32_t n = 0;

	for (uint32_t bit = 0; bit < PERF_FEATURE_WORDS * 64; bit++) {
		size_t begin = sections.len;

		if (bit == PERF_SECTION_FEATURE)
			buf_add(&sections, vms, nvms);
		else
			add_feature(&sections, f, bit);
		if (sections.len == begin)
			continue;
		bits[bit / 64] |= 1ULL << bit % 64;
		at[n++] = (struct perf_section){begin, sections.len - begin};
	}
	for (uint32_t i = 0; i < n; i++)
		at[i].offset += offset + n * sizeof(*at);
	buf_add(ret, at, n * sizeof(*at));
	buf_add(ret, sections.data, sections.len);
	buf_free(&sections);
}
