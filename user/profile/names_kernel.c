// SPDX-License-Identifier: GPL-2.0-only
/* Names in kernels: of kallsyms, modules and vmlinux, wherever the kernel lay. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/kernel_symbols.h"
#include "kallsyms.h"
#include "modules.h"
#include "names.h"
#include "names_parts.h"

static const char unknown[] = "[unknown]";

void kernel_names_free(struct kernel_names *k)
{
	symtab_free(k->symtab);
	elf_free(k->vmlinux);
	k->symtab = NULL;
	k->vmlinux = NULL;
}

void kernel_names_text(struct kernel_names *k, const char *kallsyms, size_t nkallsyms, const char *modules,
		       size_t nmodules)
{
	switch (kallsyms_load(&k->symtab, kallsyms, nkallsyms, modules, nmodules)) {
	case KALLSYMS_GOOD:
		k->lack = LACK_NOTHING;
		break;
	case KALLSYMS_HIDDEN:
		k->lack = LACK_HIDDEN;
		break;
	case KALLSYMS_NONE:
		k->lack = LACK_EMPTY;
		break;
	}
}

static bool read_file(struct kernel_names *k, const char *path, struct buf *ret)
{
	int err = kernel_symbols_file("", path, KERNEL_SYMBOLS_MAX, ret);

	if (!err)
		return true;
	snprintf(k->why, sizeof(k->why), "%.120s: %s", path, strerror(-err));
	k->lack = LACK_FILE;
	return false;
}

/* The modules alone: what is in them has no name but theirs. */
static void only_modules(struct kernel_names *k, const struct buf *modules)
{
	k->symtab = symtab_new();
	if (!modules_load(k->symtab, modules->data, modules->len)) {
		symtab_free(k->symtab);
		k->symtab = NULL;
		return;
	}
	symtab_sort(k->symtab);
}

void kernel_names_files(struct kernel_names *k, const char *kallsyms, const char *modules,
			const char *vmlinux)
{
	struct buf text = {0}, mods = {0};
	char why[ELF_WHY_SIZE];

	k->lack = LACK_ALL;
	if (modules && !read_file(k, modules, &mods))
		mods.len = 0;
	if (kallsyms && read_file(k, kallsyms, &text))
		kernel_names_text(k, text.data ? text.data : "", text.len, mods.data, mods.len);
	else if (mods.len)
		only_modules(k, &mods);
	if (vmlinux) {
		k->vmlinux = elf_open(vmlinux, why);
		if (k->vmlinux && !symtab_size(elf_symtab(k->vmlinux))) {
			snprintf(k->why, sizeof(k->why), "%.120s has no symbols", vmlinux);
			elf_free(k->vmlinux);
			k->vmlinux = NULL;
			k->lack = LACK_FILE;
		} else if (!k->vmlinux) {
			snprintf(k->why, sizeof(k->why), "%.120s %.60s", vmlinux, why);
			k->lack = LACK_FILE;
		} else {
			k->lack = LACK_NOTHING;
		}
	}
	buf_free(&text);
	buf_free(&mods);
}

/* Where vmlinux says that it lies, less where the running kernel says so. */
static bool vmlinux_delta(const struct kernel_names *k, uint64_t *ret)
{
	static const char *const refs[] = {"_text", "_stext"};

	for (size_t i = 0; k->symtab && i < sizeof(refs) / sizeof(refs[0]); i++) {
		const struct symbol *a = symtab_named(elf_symtab(k->vmlinux), refs[i]);
		const struct symbol *b = symtab_named(k->symtab, refs[i]);

		if (a && b) {
			*ret = a->start - b->start;
			return true;
		}
	}
	return false;
}

struct kernel_place kernel_names_place(const struct kernel_names *k, const struct profile_object *o,
				       bool modules)
{
	struct kernel_place p = {.names = k, .modules = modules};
	const struct symbol *s;

	if (!k->symtab && !k->vmlinux) {
		p.names = NULL;
		p.lack = k->lack;
		p.why = k->why;
		return p;
	}
	if (o->ref_name[0] && k->symtab && symtab_size(k->symtab)) {
		s = symtab_named(k->symtab, o->ref_name);
		if (s) {
			p.delta = s->start - o->ref_addr;
		} else if (!k->vmlinux) {
			p.names = NULL;
			p.lack = LACK_REF;
			return p;
		}
	}
	/* one boot has modules at one place, the next one elsewhere */
	p.modules &= !p.delta;
	if (k->vmlinux) {
		s = o->ref_name[0] ? symtab_named(elf_symtab(k->vmlinux), o->ref_name) : NULL;
		if (s)
			p.vmlinux_delta = s->start - o->ref_addr;
		else if (vmlinux_delta(k, &p.vmlinux_delta))
			p.vmlinux_delta += p.delta;
	}
	return p;
}

struct name kernel_names_find(const struct kernel_place *p, uint64_t addr)
{
	const struct kernel_names *k = p->names;
	struct name ret = {.module = unknown};
	const struct symbol *s;
	const char *module;

	if (k->vmlinux && elf_is_code(k->vmlinux, addr + p->vmlinux_delta)) {
		s = symtab_find(elf_symtab(k->vmlinux), addr + p->vmlinux_delta);
		return (struct name){.symbol = s ? s->name : NULL, .module = k->own};
	}
	if (!k->symtab)
		return ret;
	s = symtab_find(k->symtab, addr + p->delta);
	/* BPF programs come and go, and others take their places: kallsyms knows those of one moment */
	if (s && p->modules && !strcmp(s->module, "bpf"))
		return (struct name){.module = s->module};
	if (s && (!*s->module || p->modules))
		return (struct name){.symbol = s->name, .module = *s->module ? s->module : k->own};
	module = p->modules ? symtab_module_at(k->symtab, addr) : NULL;
	if (module)
		ret.module = *module ? module : k->own;
	return ret;
}

void host_names_read(struct host_names *h, const struct names_options *o)
{
	struct buf notes = {0}, text = {0}, mods = {0};
	struct kernel_identity id;
	int err;

	if (h->read)
		return;
	h->read = true;
	h->kernel.own = "[kernel]";
	h->given = o->kallsyms || o->vmlinux;
	if (h->given) {
		kernel_names_files(&h->kernel, o->kallsyms, NULL, o->vmlinux);
		return;
	}
	kernel_symbols_identity(o->root, &id);
	memcpy(h->release, id.release, sizeof(h->release));
	memcpy(h->hostname, id.hostname, sizeof(h->hostname));
	h->boot_ns = id.boot_ns;
	if (!kernel_symbols_notes(o->root, &notes) && notes.len)
		h->build_id_size = elf_notes_build_id(notes.data, notes.len, h->build_id);
	err = kernel_symbols_kallsyms(o->root, &text);
	if (err) {
		snprintf(h->kernel.why, sizeof(h->kernel.why), "kallsyms: %s", strerror(-err));
		h->kernel.lack = LACK_FILE;
	} else {
		kernel_symbols_modules(o->root, &mods);
		kernel_names_text(&h->kernel, text.data ? text.data : "", text.len, mods.data, mods.len);
	}
	buf_free(&notes);
	buf_free(&text);
	buf_free(&mods);
}

/* Whether the kernel that runs here is that one. */
static bool is_this_kernel(const struct host_names *h, const struct profile *p,
			   const struct profile_object *o)
{
	/* a module's build-id is not the kernel's */
	bool is_kernel = !strncmp(o->path, "[kernel", 7);

	if (is_kernel && o->build_id_size && h->build_id_size)
		return o->build_id_size >= h->build_id_size &&
		       !memcmp(o->build_id, h->build_id, h->build_id_size);
	return p->kernel[0] && !strcmp(p->kernel, h->release) &&
	       (!p->hostname[0] || !strcmp(p->hostname, h->hostname));
}

struct kernel_place host_names_place(const struct host_names *h, const struct profile *p,
				     const struct profile_object *o)
{
	bool here = !p->hostname[0] || !strcmp(p->hostname, h->hostname);
	/* /proc/stat and the profile may differ by a second, and the clock be set: what is a boot ago is far
	 * off */
	bool same_boot = here && (!p->begin_ns || p->begin_ns + 5000000000ULL > h->boot_ns);
	struct kernel_place none = {.lack = LACK_OTHER};

	if (h->given)
		return kernel_names_place(&h->kernel, o, true);
	if (!p->kernel[0] && !o->build_id_size)
		none.lack = LACK_UNTOLD;
	if (!is_this_kernel(h, p, o))
		return none;
	/* the next boot may have put it elsewhere */
	if (!same_boot && !o->ref_name[0])
		return none;
	return kernel_names_place(&h->kernel, o, same_boot);
}
