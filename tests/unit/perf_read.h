/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads made-up perf.data files, and looks into the profiles. */
#ifndef VMPERF_TESTS_PERF_READ_H
#define VMPERF_TESTS_PERF_READ_H

#include "unit.h"

#include "perf_file.h"
#include "profile/perf_read.h"

#define USER         PERF_RECORD_MISC_USER
#define KERNEL       PERF_RECORD_MISC_KERNEL
#define GUEST_KERNEL PERF_RECORD_MISC_GUEST_KERNEL
#define GUEST_USER   PERF_RECORD_MISC_GUEST_USER

static char why[256];

static inline struct profile *read_bytes(const struct buf *b, bool all)
{
	struct perf_read_options o = {.all = all};
	char path[] = "/tmp/vmperf-perf-XXXXXX";
	int fd = mkstemp(path);
	struct profile *p;

	MANY(fd >= 0 && write(fd, b->data, b->len) == (ssize_t)b->len);
	close(fd);
	memset(why, 'x', sizeof(why));
	p = perf_read(path, &o, why, sizeof(why));
	unlink(path);
	MANY(memchr(why, '\0', sizeof(why)) && !strchr(why, '\n'));
	return p;
}

/* A file that is whole; m is freed. */
static inline struct profile *read_made(struct made *m, bool all)
{
	struct buf b = {0};
	struct profile *p;

	make_file(m, &b);
	p = read_bytes(&b, all);
	buf_free(&b);
	made_free(m);
	ck_assert_msg(p && !*why, "%s", why);
	return p;
}

static inline const struct profile_vm *vm_of(const struct profile *p, uint32_t pid)
{
	for (uint32_t i = 0; i < p->nvms; i++)
		if (p->vms[i].pid == pid)
			return &p->vms[i];
	return NULL;
}

static inline const struct profile_thread *thread_of(const struct profile *p, uint32_t tid)
{
	for (uint32_t i = 0; i < p->nthreads; i++)
		if (p->threads[i].tid == tid)
			return &p->threads[i];
	return NULL;
}

static inline uint64_t samples(const struct profile *p)
{
	uint64_t n = 0;

	for (size_t i = 0; i < p->nhits; i++)
		n += p->hits[i].sum.samples;
	return n;
}

/* The one hit of a thread with this period: tests give each sample its own. */
static inline const struct profile_hit *hit_of(const struct profile *p, uint64_t period)
{
	const struct profile_hit *found = NULL;

	for (size_t i = 0; i < p->nhits; i++) {
		if (p->hits[i].sum.period != period)
			continue;
		MANY(!found);
		found = &p->hits[i];
	}
	return found;
}

/* Its object's path; "" none. */
static inline const char *path_of(const struct profile *p, const struct profile_frame *f)
{
	return f->object == PROFILE_NONE ? "" : p->objects[f->object].path;
}

#define IS_AT(p, hit, where, address)                                                                        \
	do {                                                                                                 \
		const struct profile_hit *is_ = (hit);                                                       \
		ck_assert_ptr_nonnull(is_);                                                                  \
		ck_assert_str_eq(path_of(p, &is_->at), where);                                               \
		ck_assert_uint_eq(is_->at.addr, address);                                                    \
	} while (0)

#endif
