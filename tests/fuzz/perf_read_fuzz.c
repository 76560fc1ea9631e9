// SPDX-License-Identifier: GPL-2.0-only
/*
 * perf_read(): whatever the file, it is refused in one line, or gives a profile
 * whose places all exist and whose sums agree.  The mutator begins with files
 * that it makes up, and knows records: it takes away, doubles and moves whole
 * ones, and changes what is packed, too.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "../unit/perf_file.h"
#include "profile/perf_read.h"
#include "profile/perf_section.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

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

static void check_frame(const struct profile *p, const struct profile_frame *f)
{
	must(f->object == PROFILE_NONE || f->object < p->nobjects);
	must(f->symbol == PROFILE_NONE);
}

static void check(const struct profile *p)
{
	uint64_t samples = 0, modes = 0;

	for (size_t i = 0; i < p->nhits; i++) {
		const struct profile_hit *h = &p->hits[i];

		must(h->event < p->nevents && h->thread < p->nthreads && h->mode < PROFILE_MODES);
		must(h->stack == PROFILE_NONE || h->stack < p->nstacks);
		check_frame(p, &h->at);
		samples += h->sum.samples;
	}
	for (uint32_t i = 0; i < p->nstacks; i++)
		for (uint32_t k = 0; k < p->stacks[i].n; k++)
			check_frame(p, &p->stacks[i].frames[k]);
	for (uint32_t i = 0; i < p->nthreads; i++)
		must(p->threads[i].vm < p->nvms && p->threads[i].comm && p->threads[i].vcpu >= -1);
	for (uint32_t i = 0; i < p->nobjects; i++) {
		const struct profile_object *o = &p->objects[i];
		bool guest = o->kind == PROFILE_GUEST_KERNEL || o->kind == PROFILE_GUEST_FILE;

		must(o->path && o->build_id_size <= PROFILE_BUILD_ID && guest == (o->vm != PROFILE_NONE));
		must(memchr(o->ref_name, '\0', sizeof(o->ref_name)) && (!guest || o->vm < p->nvms));
	}
	for (uint32_t i = 0; i < p->nvms; i++) {
		must(p->vms[i].name && p->vms[i].pid);
		for (int m = 0; m < PROFILE_MODES; m++)
			modes += p->vms[i].modes[m].samples;
	}
	must(modes == samples);
	must(memchr(p->hostname, '\0', sizeof(p->hostname)) && memchr(p->arch, '\0', sizeof(p->arch)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t all = 0, some = 0, foreign = 0;

	write_file(data, size);
	for (int i = 0; i < 2; i++) {
		struct perf_read_options o = {.all = i};
		char why[200];
		struct profile *p = perf_read(path, &o, why, sizeof(why));

		must(memchr(why, '\0', sizeof(why)) && !strchr(why, '\n') && (p || *why));
		if (!p)
			continue;
		check(p);
		for (uint32_t k = 0; k < p->nevents; k++)
			*(i ? &all : &some) += p->events[k].total.samples;
		/* what is left out is counted */
		if (!i)
			foreign = p->foreign;
		else
			must(all + p->foreign == some + foreign);
		profile_free(p);
	}
	return 0;
}

static uint64_t get(const uint8_t *at, int bytes, bool big)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v |= (uint64_t)at[big ? bytes - 1 - i : i] << 8 * i;
	return v;
}

/* Where the records begin; 0: not known. */
static size_t data_at(const uint8_t *data, size_t size, bool big)
{
	uint64_t at;

	if (size < 16)
		return 0;
	if (get(data + 8, 8, big) == 16)
		return 16;
	at = size < 104 ? 0 : get(data + 40, 8, big);
	return at < size ? (size_t)at : 0;
}

/* What is packed, changed: the rest of the stream does not fit any more, but what comes before an error is
 * read. */
static bool repack(struct buf *b, const uint8_t *rec, size_t size, bool big)
{
	static uint8_t raw[1 << 16], stored[1 << 16];
	size_t len = ZSTD_decompress(raw, sizeof(raw) / 2, rec + 8, size - 8);
	uint8_t head[8];

	if (ZSTD_isError(len))
		return false;
	len = LLVMFuzzerMutate(raw, len, sizeof(raw) / 2);
	len = ZSTD_compress(stored, 60000, raw, len, 1);
	if (ZSTD_isError(len))
		return false;
	memcpy(head, rec, 8);
	head[big ? 7 : 6] = (uint8_t)(len + 8);
	head[big ? 6 : 7] = (uint8_t)((len + 8) >> 8);
	buf_add(b, head, 8);
	buf_add(b, stored, len);
	return true;
}

static void make_features(struct made *m)
{
	struct perf_section_vms vms = {0};
	uint8_t id[20] = {1};
	struct buf *b;

	b = add_feature(m, PERF_FEATURE_BUILD_ID);
	add_build_id(m, b, 0, PERF_RECORD_MISC_USER, UINT32_MAX, id, 20, "/a");
	add_build_id(m, b, 0, PERF_RECORD_MISC_KERNEL, UINT32_MAX, id, 20, "[kernel.kallsyms]");
	feature_text(m, add_feature(m, PERF_FEATURE_HOSTNAME), "host");
	b = add_feature(m, PERF_FEATURE_EVENT_DESC);
	put(m, b, 1, 4);
	put(m, b, 64, 4);
	put_attr(m, b, &m->attrs[0]);
	put(m, b, 0, 4);
	feature_text(m, b, "name");
	put(m, add_feature(m, PERF_FEATURE_SAMPLE_TIME), 5, 8);
	put_zeros(add_feature(m, PERF_FEATURE_CLOCK_DATA), 24);
	perf_section_thread(perf_section_vm(&vms, 1, 5), 3, 1);
	perf_section_print(&vms, add_feature(m, PERF_SECTION_FEATURE));
	perf_section_clear(&vms);
}

static void make_record(struct made *m)
{
	static const char *const paths[] = {"/a",
					    "/b",
					    "[vdso]",
					    "[kernel.kallsyms]_text",
					    "[guest.kernel.kallsyms]_stext",
					    "[guest.kernel.kallsyms.1]_text"};
	uint32_t pid = (uint32_t)rand() % 4, tid = (uint32_t)rand() % 4;
	uint64_t time = (uint64_t)rand() % 20, addr = (uint64_t)rand() % 16 << 12;
	const char *path = paths[rand() % 6];
	uint16_t misc = (uint16_t)(rand() % 6);
	uint8_t id[20] = {2};

	switch (rand() % 10) {
	case 0:
		add_mmap(m, misc, pid, addr, 0x3000, addr, path, time);
		break;
	case 1:
		add_mmap2(m, misc, pid, addr, 0x3000, addr, path, rand() % 2 ? id : NULL, 20, time);
		break;
	case 2:
		add_comm(m, rand() % 2 ? PERF_RECORD_MISC_COMM_EXEC : 0, pid, tid, "CPU 1/KVM", time);
		break;
	case 3:
		add_fork(m, 0, pid, (uint32_t)rand() % 4, tid, (uint32_t)rand() % 4, time);
		break;
	case 4:
		add_empty(m, PERF_USER_FINISHED_ROUND);
		break;
	case 5:
		begin(m, PERF_RECORD_LOST, 0);
		u64(m, 1);
		u64(m, 2);
		trailer(m, pid, tid, time);
		break;
	default:
		add_sample(m, misc, pid, tid, addr, 1000, time);
		if (!(m->attrs[0].sample_type & PERF_SAMPLE_CALLCHAIN))
			break;
		u64(m, 3);
		u64(m, (uint64_t)PERF_CONTEXT_USER);
		u64(m, addr);
		u64(m, addr + 0x1000);
		end(m);
	}
}

static size_t make_up(uint8_t *data, size_t max, unsigned int seed)
{
	struct made m = {.big = seed & 1};
	struct buf b = {0};
	size_t n;

	srand(seed);
	for (int i = rand() % 3; i >= 0; i--) {
		add_attr(&m);
		m.attrs[i].size = 64;
		m.attrs[i].nids = 1;
		m.attrs[i].ids[0] = (uint64_t)i + 1;
	}
	if (seed & 2)
		m.attrs[0].sample_type |= PERF_SAMPLE_CALLCHAIN;
	if (seed & 4)
		make_features(&m);
	for (int i = rand() % 30; i >= 0; i--)
		make_record(&m);
	if (seed & 8)
		pack(&m, seed & 16, 200);
	if (seed & 32)
		make_pipe(&m, &b);
	else
		make_file(&m, &b);
	n = b.len < max ? b.len : max;
	memcpy(data, b.data, n);
	buf_free(&b);
	made_free(&m);
	return n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	bool big = size > 8 && data[0] == '2';
	size_t at = data_at(data, size, big);
	struct buf b = {0}, kept = {0};
	unsigned int which, what = seed / 4 % 4;

	if (size < 16 || seed % 1024 == 0)
		return make_up(data, max, seed / 1024);
	if (seed % 4 < 2 || !at)
		return LLVMFuzzerMutate(data, size, max);
	which = seed / 16 % 32;
	buf_add(&b, data, at);
	while (at + 8 <= size) {
		size_t n = (size_t)get(data + at + 6, 2, big);
		bool packed = get(data + at, 4, big) == PERF_USER_COMPRESSED;

		if (n < 8 || n > size - at)
			break;
		if (which-- == 0 || (what == 3 && packed)) {
			/* doubled, taken away, put at the end, changed inside */
			if (what == 0)
				buf_add(&b, data + at, n);
			if (what == 2)
				buf_add(&kept, data + at, n);
			if (what == 1 || what == 2 ||
			    (what == 3 && packed && repack(&b, data + at, n, big))) {
				at += n;
				continue;
			}
		}
		buf_add(&b, data + at, n);
		at += n;
	}
	if (kept.len)
		buf_add(&b, kept.data, kept.len);
	buf_add(&b, data + at, size - at);
	size = b.len < max ? b.len : max;
	memcpy(data, b.data, size);
	buf_free(&b);
	buf_free(&kept);
	return size;
}
