// SPDX-License-Identifier: GPL-2.0-only
#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/mem.h"
#include "../model/index.h"
#include "names_guest.h"
#include "names_parts.h"

/* Of files that have no names so many are told. */
#define FILES_TOLD  8
#define GUESTS_TOLD 8

/* VMMs have some hundred files; a hostile perf.data file, or process, can name as many large ones as it
 * likes. */
#define FILES_MAX   4096
#define SYMBOLS_MAX (1ULL << 30) /* bytes */

static const char unknown[] = "[unknown]", guest_kernel[] = "[guest kernel]", guest_user[] = "[guest user]";

struct names {
	struct names_options from; /* texts are its own */
	struct host_names host;
	struct guests_names guests;
	struct file_names *files;
	uint32_t nfiles;
	uint64_t bytes; /* of their symbols */
	struct index by_file;
};

/* How addresses in an object of the profile are named. */
struct object_names {
	bool ready;
	struct kernel_place kernel;
	uint32_t file;  /* of PROFILE_FILE: place in files, + 1 */
	char *module;   /* what the object itself is called */
	bool is_module; /* of a kernel; that other modules' names are not of */
};

struct resolving {
	struct names *n;
	struct profile *p;
	struct object_names *objects;
};

static char *copy(const char *s)
{
	return s ? mem_strdup(s) : NULL;
}

/* Whether it is there, and what it is to be. */
static bool check(const char *option, const char *path, bool dir, char *why, size_t size)
{
	struct stat st;

	if (!path)
		return true;
	if (stat(path, &st) || access(path, R_OK)) {
		snprintf(why, size, "--%s %.200s: %s", option, path, strerror(errno));
		return false;
	}
	if (dir != S_ISDIR(st.st_mode)) {
		snprintf(why, size, "--%s %.200s: is %s directory", option, path, dir ? "no" : "a");
		return false;
	}
	return true;
}

struct names *names_new(const struct names_options *o, char *why, size_t whysize)
{
	struct names *n;

	if (!check("guestkallsyms", o->guest_kallsyms, false, why, whysize) ||
	    !check("guestmodules", o->guest_modules, false, why, whysize) ||
	    !check("guestvmlinux", o->guest_vmlinux, false, why, whysize) ||
	    !check("guestmount", o->guest_mount, true, why, whysize) ||
	    !check("kallsyms", o->kallsyms, false, why, whysize) ||
	    !check("vmlinux", o->vmlinux, false, why, whysize))
		return NULL;
	n = mem_zalloc(1, sizeof(*n));
	n->from = (struct names_options){
		.guest_kallsyms = copy(o->guest_kallsyms),
		.guest_modules = copy(o->guest_modules),
		.guest_vmlinux = copy(o->guest_vmlinux),
		.guest_mount = copy(o->guest_mount),
		.guest_cache = copy(o->guest_cache),
		.kallsyms = copy(o->kallsyms),
		.vmlinux = copy(o->vmlinux),
		.root = mem_strdup(o->root ? o->root : ""),
	};
	return n;
}

void names_free(struct names *n)
{
	const struct names_options *o;

	if (!n)
		return;
	o = &n->from;
	free((char *)o->guest_kallsyms);
	free((char *)o->guest_modules);
	free((char *)o->guest_vmlinux);
	free((char *)o->guest_mount);
	free((char *)o->guest_cache);
	free((char *)o->kallsyms);
	free((char *)o->vmlinux);
	free((char *)o->root);
	kernel_names_free(&n->host.kernel);
	guests_names_free(&n->guests);
	for (uint32_t i = 0; i < n->nfiles; i++)
		file_names_free(&n->files[i]);
	free(n->files);
	index_free(&n->by_file);
	free(n);
}

void names_guest(struct names *n, uint32_t pid, const char *kallsyms, size_t nkallsyms, const char *modules,
		 size_t nmodules)
{
	guests_names_tell(&n->guests, pid, kallsyms, nkallsyms, modules, nmodules);
}

static bool same_file(const void *list, uint32_t place, const void *what)
{
	const struct file_names *f = (const struct file_names *)list + place;
	const struct profile_object *o = what;

	return f->build_id_size == o->build_id_size && !strcmp(f->path, o->path) &&
	       !memcmp(f->build_id, o->build_id, f->build_id_size);
}

static uint64_t file_hash(const struct names *n, const struct profile_object *o)
{
	uint64_t hash = index_hash_text((uintptr_t)n, o->path);

	for (uint8_t i = 0; i < o->build_id_size && i < PROFILE_BUILD_ID; i++)
		hash = index_hash(hash, o->build_id[i]);
	return hash;
}

static uint32_t file_of(struct resolving *r, const struct profile_object *o, uint32_t pid)
{
	struct names *n = r->n;
	uint64_t hash = file_hash(n, o), end;
	uint32_t at = index_find(&n->by_file, hash, same_file, n->files, o);

	if (at != INDEX_NONE)
		return at;
	end = r->p->begin_ns ? r->p->begin_ns + r->p->duration_ns : 0;
	n->files = index_room(n->files, n->nfiles, sizeof(*n->files));
	memset(&n->files[n->nfiles], 0, sizeof(*n->files));
	if (n->nfiles < FILES_MAX && n->bytes < SYMBOLS_MAX)
		file_names_open(&n->files[n->nfiles], n->from.root, o, pid, end);
	else
		file_names_leave(&n->files[n->nfiles], o);
	n->bytes += file_names_bytes(&n->files[n->nfiles]);
	index_add(&n->by_file, hash, n->nfiles);
	return n->nfiles++;
}

static uint32_t pid_of(const struct profile *p, uint32_t vm)
{
	return vm < p->nvms ? p->vms[vm].pid : 0;
}

/* vm: of a sample in it. */
static const struct object_names *object_names(struct resolving *r, uint32_t at, uint32_t vm)
{
	const struct profile_object *o = &r->p->objects[at];
	struct object_names *on = &r->objects[at];

	if (on->ready)
		return on;
	on->ready = true;
	on->module = names_module_of(o);
	switch (o->kind) {
	case PROFILE_KERNEL:
		host_names_read(&r->n->host, &r->n->from);
		on->kernel = host_names_place(&r->n->host, r->p, o);
		on->is_module = strncmp(o->path, "[kernel", 7) != 0 && *o->path;
		if (!on->is_module) {
			free(on->module);
			on->module = mem_strdup("[kernel]");
		}
		break;
	case PROFILE_GUEST_KERNEL:
		on->kernel = guests_names_place(&r->n->guests, &r->n->from, pid_of(r->p, o->vm), o);
		break;
	case PROFILE_FILE:
		on->file = file_of(r, o, pid_of(r->p, vm)) + 1;
		break;
	case PROFILE_ANON:
	case PROFILE_GUEST_FILE:
		break;
	}
	return on;
}

/* In a kernel: what is known of the place itself, else of the object. */
static struct name kernel_name(const struct object_names *on, const char *module, uint64_t addr)
{
	struct name name = {.module = module};

	if (on->kernel.names)
		name = kernel_names_find(&on->kernel, addr);
	if (on->is_module && strcmp(name.module, on->module) != 0)
		name = (struct name){.module = on->module};
	return name;
}

static struct name name_of(struct resolving *r, const struct profile_frame *f, enum profile_mode mode,
			   uint32_t vm)
{
	const struct object_names *on;
	struct name name = {.module = unknown};

	if (f->object >= r->p->nobjects) {
		if (mode == PROFILE_GUEST_SYS)
			name.module = guest_kernel;
		else if (mode == PROFILE_GUEST_USER)
			name.module = guest_user;
		return name;
	}
	on = object_names(r, f->object, vm);
	switch (r->p->objects[f->object].kind) {
	case PROFILE_KERNEL:
		return kernel_name(on, on->module, f->addr);
	case PROFILE_GUEST_KERNEL:
		return kernel_name(on, guest_kernel, f->addr);
	case PROFILE_FILE:
		name.symbol = file_names_find(&r->n->files[on->file - 1], f->addr);
		name.module = on->module;
		break;
	case PROFILE_ANON:
		name.module = on->module;
		break;
	case PROFILE_GUEST_FILE:
		name.module = guest_user;
		break;
	}
	return name;
}

static void name_frame(struct resolving *r, struct profile_frame *f, enum profile_mode mode, uint32_t vm)
{
	struct name name;

	if (f->symbol != PROFILE_NONE)
		return;
	name = name_of(r, f, mode, vm);
	f->symbol = profile_symbol(r->p, name.symbol, name.module);
}

void names_look(struct names *n, uint32_t pid)
{
	guests_names_look(&n->guests, &n->from, pid);
}

void names_resolve(struct names *n, struct profile *p)
{
	struct resolving r = {.n = n, .p = p};

	guests_names_again(&n->guests, &n->from);
	r.objects = mem_zalloc(p->nobjects ? p->nobjects : 1, sizeof(*r.objects));
	for (size_t i = 0; i < p->nhits; i++) {
		struct profile_hit *h = &p->hits[i];
		uint32_t vm = h->thread < p->nthreads ? p->threads[h->thread].vm : PROFILE_NONE;

		name_frame(&r, &h->at, h->mode, vm);
		if (h->stack >= p->nstacks)
			continue;
		/* a stack is one mode's: a guest has none, and the host's kernel's ends where user space
		 * begins */
		for (uint32_t j = 0; j < p->stacks[h->stack].n; j++)
			name_frame(&r, &p->stacks[h->stack].frames[j], h->mode, vm);
	}
	for (uint32_t i = 0; i < p->nobjects; i++)
		free(r.objects[i].module);
	free(r.objects);
}

/* texts: by enum names_lack; one without a text needs no line. */
static void missing_kernel(const struct kernel_place *place, const char *const texts[LACKS], struct buf *ret)
{
	buf_puts(ret, texts[place->lack]);
	if (place->lack == LACK_FILE)
		buf_escape(ret, place->why, strlen(place->why));
	buf_puts(ret, "\n");
}

/* named: some of what it has samples of.  Whether there was something to tell. */
static bool missing_guest(struct names *n, const struct profile *p, const struct profile_object *o,
			  bool named, struct buf *ret)
{
	struct kernel_place place = guests_names_place(&n->guests, &n->from, pid_of(p, o->vm), o);
	const char *vm = o->vm < p->nvms ? p->vms[o->vm].name : "";
	static const char *const texts[LACKS] = {
		[LACK_ALL] = " has no symbols: vmperf profile symbols fetches them; or give --guestmount",
		[LACK_HIDDEN] = " has symbols without addresses (kernel.kptr_restrict): copy them as root",
		[LACK_EMPTY] = " has no symbols in the file that was given for it",
		[LACK_FILE] = " has symbols that cannot be read: ",
		[LACK_OTHER] = " has symbols of another boot than was sampled: no names",
		[LACK_REF] = " has symbols that do not tell where its kernel lay: give a whole kallsyms",
		[LACK_PLACES] = " ran at no place that its symbols name: firmware, or another kernel",
		[LACK_UNSURE] = " was restarted meanwhile, or may have been: no names",
	};

	if (place.names)
		place.lack = named ? LACK_NOTHING : LACK_PLACES;
	if (!texts[place.lack])
		return false;
	buf_puts(ret, "the guest of VM ");
	buf_escape(ret, vm, strlen(vm));
	missing_kernel(&place, texts, ret);
	return true;
}

static bool missing_host(struct names *n, const struct profile *p, const struct profile_object *o, bool named,
			 struct buf *ret)
{
	struct kernel_place place = host_names_place(&n->host, p, o);
	static const char *const texts[LACKS] = {
		[LACK_ALL] = " has no symbols: give --kallsyms or --vmlinux",
		[LACK_HIDDEN] = " shows no addresses of its symbols (kernel.kptr_restrict): run as root",
		[LACK_EMPTY] = " has no symbols in the file that was given for it",
		[LACK_FILE] = " has symbols that cannot be read: ",
		[LACK_OTHER] =
			" is not the one that was recorded, or was restarted: give --kallsyms or --vmlinux",
		[LACK_REF] = " has symbols that do not tell where it lay: give a whole kallsyms",
		[LACK_PLACES] = " ran at no place that its symbols name: they are another kernel's",
		[LACK_UNTOLD] =
			" is not told by this file: give --kallsyms (/proc/kallsyms if it still runs here)",
	};

	/* a module is a small part of it */
	if (place.names)
		place.lack = named || strncmp(o->path, "[kernel", 7) != 0 ? LACK_NOTHING : LACK_PLACES;
	if (!texts[place.lack])
		return false;
	buf_puts(ret, "the host's kernel");
	missing_kernel(&place, texts, ret);
	return true;
}

static bool missing_file(struct names *n, const struct profile_object *o, struct buf *ret)
{
	uint32_t at = index_find(&n->by_file, file_hash(n, o), same_file, n->files, o);
	const struct file_names *f = at == INDEX_NONE ? NULL : &n->files[at];

	if (!f || f->lack == LACK_NOTHING)
		return false;
	buf_escape(ret, f->path, strlen(f->path));
	switch (f->lack) {
	case LACK_OTHER:
		buf_puts(ret, ": is another file than was recorded: its functions have no names\n");
		break;
	case LACK_CHANGED:
		buf_puts(ret,
			 ": was changed since, and no build-id was recorded: its functions have no names\n");
		break;
	case LACK_SYMBOLS:
#if WITH_DW
		buf_printf(ret, ": has only the symbols that it exports: install its debug symbols, or %s\n",
			   getenv("DEBUGINFOD_URLS")
				   ? "elfutils' libdebuginfod (nothing came from DEBUGINFOD_URLS)"
				   : "set DEBUGINFOD_URLS");
#else
		buf_puts(ret, ": has only the symbols that it exports (vmperf was built without libdw, which "
			      "finds debug files)\n");
#endif
		break;
	default:
		buf_printf(ret, ": %s: its functions have no names\n", f->why);
		break;
	}
	return true;
}

void names_missing(const struct names *names, const struct profile *p, struct buf *ret)
{
	/* looks up what names_resolve() has read, and reads nothing */
	struct names *n = (struct names *)names;
	bool *lacks = mem_zalloc(p->nobjects ? p->nobjects : 1, sizeof(*lacks)), host = false;
	bool *named = mem_zalloc(p->nobjects ? p->nobjects : 1, sizeof(*named));
	unsigned int files = 0, guests = 0;

	for (size_t i = 0; i < p->nhits; i++) {
		const struct profile_frame *f = &p->hits[i].at;

		if (f->object < p->nobjects && f->symbol < p->nsymbols)
			(p->symbols[f->symbol].name ? named : lacks)[f->object] = true;
	}
	for (uint32_t i = 0; i < p->nobjects; i++) {
		const struct profile_object *o = &p->objects[i];

		if (!lacks[i])
			continue;
		if (o->kind == PROFILE_GUEST_KERNEL && guests < GUESTS_TOLD)
			guests += missing_guest(n, p, o, named[i], ret);
		else if (o->kind == PROFILE_KERNEL && !host)
			host = missing_host(n, p, o, named[i], ret);
		else if (o->kind == PROFILE_FILE && files < FILES_TOLD)
			files += missing_file(n, o, ret);
	}
	if (guests == GUESTS_TOLD)
		buf_puts(ret, "further guests without symbols are not told of\n");
	free(named);
	free(lacks);
}
