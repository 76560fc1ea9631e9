/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of names.c share; nobody else includes it. */
#ifndef VMPERF_PROFILE_NAMES_PARTS_H
#define VMPERF_PROFILE_NAMES_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/buf.h"
#include "../model/profile.h"
#include "elf.h"
#include "symtab.h"

/* What an address is called. */
struct name {
	const char *symbol; /* NULL: not known */
	const char *module; /* NULL: not known */
};

/* Why there are no names; told by names_missing(). */
enum names_lack {
	LACK_NOTHING,
	LACK_ALL,     /* nobody gave symbols */
	LACK_HIDDEN,  /* kallsyms holds zeros */
	LACK_EMPTY,   /* no symbols in it */
	LACK_FILE,    /* it cannot be read */
	LACK_OTHER,   /* they are another kernel's, another boot's or another file's */
	LACK_REF,     /* they do not have the symbol that tells where the kernel lay */
	LACK_PLACES,  /* there are some, but of no place that was sampled */
	LACK_UNTOLD,  /* the file does not tell which kernel it was */
	LACK_UNSURE,  /* the guest may have had two kernels */
	LACK_CHANGED, /* the file was changed since, and no build-id was recorded */
	LACK_SYMBOLS, /* the file has those only that it exports */
	LACKS
};

/* The symbols of one kernel, of any boot of it. */
struct kernel_names {
	struct symtab *symtab; /* kallsyms, modules; NULL: none */
	struct elf_image *vmlinux;
	const char *own;      /* what the kernel itself is called */
	enum names_lack lack; /* why neither is there */
	char why[ELF_WHY_SIZE];
};

void kernel_names_free(struct kernel_names *k);

/* Text of kallsyms and of modules (may be NULL). */
void kernel_names_text(struct kernel_names *k, const char *kallsyms, size_t nkallsyms, const char *modules,
		       size_t nmodules);

/* From files; each may be NULL. */
void kernel_names_files(struct kernel_names *k, const char *kallsyms, const char *modules,
			const char *vmlinux);

/* How the addresses of an object lie in these symbols. */
struct kernel_place {
	const struct kernel_names *names; /* NULL: has none */
	uint64_t delta, vmlinux_delta;    /* to be added to an address */
	bool modules;                     /* lie where they say */
	enum names_lack lack;
	const char *why; /* LACK_FILE */
};

/* modules: the symbols are of the very boot that was recorded, or may be. */
struct kernel_place kernel_names_place(const struct kernel_names *k, const struct profile_object *o,
				       bool modules);

struct name kernel_names_find(const struct kernel_place *p, uint64_t addr);

/* The host's kernel. */
struct host_names {
	struct kernel_names kernel;
	bool read, given; /* given: by options */
	uint8_t build_id[ELF_BUILD_ID];
	size_t build_id_size;
	char release[65], hostname[65];
	uint64_t boot_ns;
};

struct names_options;
void host_names_read(struct host_names *h, const struct names_options *o);
struct kernel_place host_names_place(const struct host_names *h, const struct profile *p,
				     const struct profile_object *o);

/* The file of an object. */
struct file_names {
	char *path;
	uint8_t build_id[PROFILE_BUILD_ID];
	uint8_t build_id_size;
	struct elf_image *elf; /* NULL: none */
	enum names_lack lack;
	char why[ELF_WHY_SIZE];
};

/* pid: of a VM that has it mapped, 0: none; end_ns: of the profile, 0: not known. */
void file_names_open(struct file_names *f, const char *root, const struct profile_object *o, uint32_t pid,
		     uint64_t end_ns);
/* Of a file that is not read, for there are too many. */
void file_names_leave(struct file_names *f, const struct profile_object *o);
/* What it takes of memory. */
size_t file_names_bytes(const struct file_names *f);
void file_names_free(struct file_names *f);
const char *file_names_find(const struct file_names *f, uint64_t offset);

/* The last part of a path, without " (deleted)", and of a kernel's module "kvm" of "[kvm]" or
 * ".../kvm.ko.xz"; free() it. */
char *names_module_of(const struct profile_object *o);

#endif
