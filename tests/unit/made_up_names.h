/* SPDX-License-Identifier: GPL-2.0-only */
/* A tree that is made up, of a host and its guests' files, and the names that a profile's samples get by it.
 */
#ifndef VMPERF_TESTS_MADE_UP_NAMES_H
#define VMPERF_TESTS_MADE_UP_NAMES_H

#include "unit.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "made_up_elf.h"
#include "profile/names.h"

#define KERNEL 0xffffffff81000000ULL
#define S      1000000000ULL

static char dir[] = "/tmp/names-test-XXXXXX";
static struct names_options o;
static struct names *n;
static struct profile *p;
static char why[400];

/* dir/PATH, in one of a few buffers. */
static inline const char *in(const char *path)
{
	static char bufs[8][256];
	static unsigned int next;
	char *b = bufs[next++ % 8];

	snprintf(b, sizeof(bufs[0]), "%s/%s", dir, path);
	return b;
}

/* Writes dir/PATH, with its directories. */
static inline const char *put(const char *path, const char *text)
{
	char name[256];

	snprintf(name, sizeof(name), "%s", in(path));
	for (char *s = name + sizeof(dir); (s = strchr(s, '/')) != NULL; *s++ = '/') {
		*s = '\0';
		mkdir(name, 0700);
	}
	made_up_write(name, text, strlen(text));
	return in(path);
}

static int gone(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	o = (struct names_options){.root = dir};
	put("proc/sys/kernel/osrelease", "6.1.0-test\n");
	put("proc/sys/kernel/hostname", "here\n");
	put("proc/stat", "cpu  1 2 3\nbtime 1700000000\nprocesses 5\n");
	put("proc/kallsyms", "ffffffff81000000 T _text\nffffffff81000100 T host_function\n"
			     "ffffffff81000200 D _end\nffffffffc0000000 t kvm_function\t[kvm]\n"
			     "ffffffffc0010000 t other_function\t[other]\n"
			     "ffffffffc0030000 t bpf_prog_x\t[bpf]\n");
	put("proc/modules", "kvm 4096 0 - Live 0xffffffffc0000000\nother 8192 0 - Live 0xffffffffc0010000\n"
			    "silent 8192 0 - Live 0xffffffffc0020000\n");
	put("sys/kernel/notes", "");
	p = profile_new();
	snprintf(p->hostname, sizeof(p->hostname), "here");
	snprintf(p->kernel, sizeof(p->kernel), "6.1.0-test");
	p->begin_ns = 1700000100 * S;
}

static void teardown(void)
{
	names_free(n);
	profile_free(p);
	n = NULL;
	nftw(dir, gone, 16, FTW_DEPTH | FTW_PHYS);
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
}

static void start(void)
{
	names_free(n);
	n = names_new(&o, why, sizeof(why));
	ck_assert_msg(n != NULL, "%s", why);
}

static inline struct profile_object object(enum profile_object_kind kind, uint32_t pid, const char *path)
{
	struct profile_object ret = {.kind = kind, .vm = PROFILE_NONE, .path = (char *)path};
	char name[32];

	snprintf(name, sizeof(name), "vm%" PRIu32, pid);
	if (kind == PROFILE_GUEST_KERNEL || kind == PROFILE_GUEST_FILE)
		ret.vm = profile_vm(p, pid, 0, name, "");
	return ret;
}

/* "SYMBOL MODULE" of a sample there; "-": no symbol. */
static inline const char *name_in(const struct profile_object *ob, enum profile_mode mode, uint64_t addr)
{
	static char ret[256];
	struct profile_hit hit = {.mode = mode, .stack = PROFILE_NONE};
	const struct profile_symbol *s;
	uint32_t vm = ob && ob->vm != PROFILE_NONE ? ob->vm : profile_vm(p, 1, 0, "vm1", "");

	hit.event = profile_event(p, "cycles", 0);
	hit.thread = profile_thread(p, vm, 1, -1, "");
	hit.at = (struct profile_frame){
		.object = ob ? profile_object(p, ob) : PROFILE_NONE, .symbol = PROFILE_NONE, .addr = addr};
	hit.sum.samples = 1;
	profile_hit(p, &hit);
	names_resolve(n, p);
	for (size_t i = 0; i < p->nhits; i++) {
		const struct profile_hit *h = &p->hits[i];

		if (h->at.object != hit.at.object || h->at.addr != addr || h->mode != mode ||
		    h->thread != hit.thread)
			continue;
		ck_assert_uint_lt(h->at.symbol, p->nsymbols);
		s = &p->symbols[h->at.symbol];
		snprintf(ret, sizeof(ret), "%s %s", s->name ? s->name : "-", s->module);
	}
	return ret;
}

#define IS(ob, mode, addr, expected) ck_assert_str_eq(name_in(ob, mode, addr), expected)

static void is_missing(const char *expected)
{
	struct buf b = {0};

	names_missing(n, p, &b);
	if (!*expected)
		ck_assert_msg(!b.len, "%s", b.data);
	else
		ck_assert_msg(b.len && strstr(b.data, expected), "%s", b.len ? b.data : "");
	ck_assert(!b.len || b.data[b.len - 1] == '\n');
	buf_free(&b);
}

static inline const char *put_elf(const char *path, const struct made_up_elf *m)
{
	struct buf b = {0};

	made_up_elf(m, &b);
	put(path, "");
	made_up_write(in(path), b.data, b.len);
	buf_free(&b);
	return in(path);
}

#endif
