// SPDX-License-Identifier: GPL-2.0-only
#include "profile_kernels.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/hostinfo.h"
#include "../host/kernel_symbols.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../profile/elf.h"

#define HOST            (uint32_t) - 1
#define NAME_MAX_MODULE 63
#define PATH_SIZE       512

struct module {
	char name[NAME_MAX_MODULE + 1];
	char *path; /* "[name]" where no file of it is known */
	uint64_t start, end;
	bool hit;
};

struct modules {
	size_t n;
	struct module *items; /* by address */
};

struct profile_kernel {
	char *root;
	uint64_t text;   /* the address of ref; 0: not known */
	const char *ref; /* "_text" or "_stext": perf relocates by either */
	uint64_t end;    /* of its own code */
	struct modules modules;
	bool hit;
};

/* The address of a symbol of the kernel itself in the text of a kallsyms; 0: none, or hidden. */
static uint64_t address_of(const struct buf *kallsyms, const char *name)
{
	const char *text = kallsyms->data, *at = text;
	char wanted[64];
	int n = snprintf(wanted, sizeof(wanted), " %s\n", name);

	while (at && (at = memmem(at, kallsyms->len - (size_t)(at - text), wanted, (size_t)n))) {
		const char *line = memrchr(text, '\n', (size_t)(at - text));

		line = line ? line + 1 : text;
		/* 16 digits, a blank, the type */
		if (at - line >= 3 && at - line <= 18)
			return strtoull(line, NULL, 16);
		at++;
	}
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct module *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* The lines of a /proc/modules: "NAME SIZE USERS DEPENDENCIES STATE 0xADDRESS". */
static struct modules read_modules(const struct buf *text)
{
	struct modules ret = {0};

	for (const char *at = text->data, *end; at && *at; at = end + 1) {
		unsigned long long size, start;
		struct module m = {0};
		char line[512] = "";

		end = strchrnul(at, '\n');
		if ((size_t)(end - at) < sizeof(line))
			memcpy(line, at, (size_t)(end - at));
		if (sscanf(line, "%63s %llu %*s %*s %*s 0x%llx", m.name, &size, &start) == 3 && start &&
		    size && start + size > start) {
			m.start = start;
			m.end = start + size;
			ret.items = mem_resize(ret.items, ret.n + 1, sizeof(m));
			ret.items[ret.n++] = m;
		}
		if (!*end)
			break;
	}
	if (ret.n)
		qsort(ret.items, ret.n, sizeof(*ret.items), by_start);
	return ret;
}

static void free_modules(struct modules *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->items[i].path);
	free(m->items);
}

/* Files have '-' where names have '_', or not. */
static bool names_module(const char *file, size_t len, const char *name)
{
	if (strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((file[i] == '-' ? '_' : file[i]) != (name[i] == '-' ? '_' : name[i]))
			return false;
	return true;
}

/* Their files, as modules.dep lists them: "kernel/fs/ext4/ext4.ko.xz: …" (depmod(8)). */
static void find_files(struct modules *m, const char *root, const char *release)
{
	struct buf dep = {0};
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	if (m->n)
		kernel_symbols_file(root, path, 64U << 20, &dep);
	for (const char *at = dep.data, *end; at && *at; at = end + 1) {
		const char *colon, *name = at, *dot;

		end = strchrnul(at, '\n');
		colon = memchr(at, ':', (size_t)(end - at));
		for (const char *c = at; colon && c < colon; c++)
			if (*c == '/')
				name = c + 1;
		dot = colon ? memmem(name, (size_t)(colon - name), ".ko", 3) : NULL;
		for (size_t i = 0; dot && i < m->n; i++) {
			if (m->items[i].path || !names_module(name, (size_t)(dot - name), m->items[i].name))
				continue;
			snprintf(path, sizeof(path), "/lib/modules/%s/%.*s", release, (int)(colon - at), at);
			m->items[i].path = mem_strdup(path);
		}
		if (!*end)
			break;
	}
	buf_free(&dep);
}

static void name_rest(struct modules *m)
{
	char path[NAME_MAX_MODULE + 3];

	for (size_t i = 0; i < m->n; i++) {
		snprintf(path, sizeof(path), "[%s]", m->items[i].name);
		if (!m->items[i].path)
			m->items[i].path = mem_strdup(path);
	}
}

static void find_text(struct profile_kernel *k, const struct buf *kallsyms)
{
	k->ref = "_text";
	k->text = address_of(kallsyms, "_text");
	if (!k->text) {
		k->ref = "_stext";
		k->text = address_of(kallsyms, "_stext");
	}
}

/* Where it lies, from the words of its kallsyms and modules. */
static void locate(struct profile_kernel *k, const struct buf *kallsyms, const struct buf *modules)
{
	uint64_t end;

	find_text(k, kallsyms);
	k->modules = read_modules(modules);
	/* code that is made later (BPF) lies behind it: up to the first module, as perf takes it */
	k->end = UINT64_MAX;
	for (size_t i = k->modules.n; i--;)
		if (k->modules.items[i].start > k->text)
			k->end = k->modules.items[i].start;
	end = address_of(kallsyms, "_etext");
	if (end > k->text)
		k->end = end;
}

struct profile_kernel *profile_kernel_new(const char *root)
{
	struct profile_kernel *k = mem_zalloc(1, sizeof(*k));
	struct buf kallsyms = {0}, modules = {0};
	struct host_info host;

	k->root = mem_strdup(root);
	if (kernel_symbols_kallsyms(root, &kallsyms))
		log_info("this kernel has no /proc/kallsyms");
	kernel_symbols_modules(root, &modules);
	locate(k, &kallsyms, &modules);
	hostinfo_read(&host);
	find_files(&k->modules, root, host.kernel);
	name_rest(&k->modules);
	buf_free(&kallsyms);
	buf_free(&modules);
	return k;
}

void profile_kernel_free(struct profile_kernel *k)
{
	if (!k)
		return;
	free_modules(&k->modules);
	free(k->root);
	free(k);
}

int profile_kernel_write(const struct profile_kernel *k, struct perf_write *w)
{
	char name[64];
	struct perf_write_map m = {
		.pid = HOST,
		.start = k->text,
		.size = k->end - k->text,
		.offset = k->text,
		.path = name,
		.kernel = true,
	};
	int rc;

	/* without an address perf takes this kernel's own symbols as they are */
	if (!k->text)
		return 0;
	snprintf(name, sizeof(name), "[kernel.kallsyms]%s", k->ref);
	rc = perf_write_front(w, &m);
	for (size_t i = 0; i < k->modules.n && !rc; i++) {
		const struct module *x = &k->modules.items[i];

		m.start = x->start;
		m.size = x->end - x->start;
		m.offset = 0;
		m.path = x->path;
		rc = perf_write_front(w, &m);
	}
	return rc;
}

void profile_kernel_hit(struct profile_kernel *k, uint64_t ip)
{
	size_t lo = 0, hi = k->modules.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (ip < k->modules.items[mid].start) {
			hi = mid;
		} else if (ip >= k->modules.items[mid].end) {
			lo = mid + 1;
		} else {
			k->modules.items[mid].hit = true;
			return;
		}
	}
	k->hit = true;
}

static void add_build_id(struct perf_write *w, uint16_t misc, int32_t pid, const struct buf *notes,
			 const char *path)
{
	uint8_t id[ELF_BUILD_ID];
	size_t n = elf_notes_build_id(notes->data, notes->len, id);

	perf_write_build_id(w, misc, pid, id, (uint32_t)n, path);
}

void profile_kernel_build_ids(const struct profile_kernel *k, struct perf_write *w)
{
	struct buf notes = {0};

	if (k->hit && !kernel_symbols_notes(k->root, &notes))
		add_build_id(w, PERF_RECORD_MISC_KERNEL, -1, &notes, "[kernel.kallsyms]");
	for (size_t i = 0; i < k->modules.n; i++) {
		const struct module *m = &k->modules.items[i];

		notes.len = 0;
		if (m->hit && !kernel_symbols_module_notes(k->root, m->name, &notes))
			add_build_id(w, PERF_RECORD_MISC_KERNEL, -1, &notes, m->path);
	}
	buf_free(&notes);
}

void profile_guest_write(struct perf_write *w, uint32_t pid, const struct agent_guest *g)
{
	struct profile_kernel k = {.ref = "_text"};
	const struct buf none = {0};
	char name[80], path[64];
	/*
	 * At 0, of no size: for perf kvm that is all of the guest's addresses
	 * (tools/perf/util/machine.c, machine__set_kernel_mmap), and for perf without kvm, which takes it
	 * for a module of the host's kernel, none, provided that it knows that kernel already.
	 */
	struct perf_write_map m = {.pid = pid, .path = name, .kernel = true, .guest = true};

	if (g)
		find_text(&k, &g->kallsyms);
	snprintf(path, sizeof(path), "[guest.kernel.kallsyms.%u]", pid);
	snprintf(name, sizeof(name), "%s%s", path, k.ref);
	m.offset = k.text;
	if (perf_write_front(w, &m))
		log_info("the file has no more room for guests' kernels");
	add_build_id(w, PERF_RECORD_MISC_GUEST_KERNEL, (int32_t)pid, g ? &g->notes : &none, path);
}
