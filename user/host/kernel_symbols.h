/* SPDX-License-Identifier: GPL-2.0-only */
/* What this host's kernel says about its own symbols, as bytes. */
#ifndef VMPERF_HOST_KERNEL_SYMBOLS_H
#define VMPERF_HOST_KERNEL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/buf.h"

#define KERNEL_SYMBOLS_MAX (256U << 20)

/*
 * Below root ("": this host).  kallsyms holds zeros instead of addresses where
 * kernel.kptr_restrict forbids them; modules is missing from a kernel without
 * modules.  0 or -errno.
 */
int kernel_symbols_kallsyms(const char *root, struct buf *ret);
int kernel_symbols_modules(const char *root, struct buf *ret);

/* ELF notes; the one with the build-id is among them (elf_notes_build_id()). */
int kernel_symbols_notes(const char *root, struct buf *ret);

/* Those of one module. */
int kernel_symbols_module_notes(const char *root, const char *module, struct buf *ret);

/* Which kernel runs here. */
struct kernel_identity {
	char release[65], hostname[65]; /* "" not known */
	uint64_t boot_ns;               /* CLOCK_REALTIME, to the second; 0: not known */
};
void kernel_symbols_identity(const char *root, struct kernel_identity *ret);

/* The boot id (a UUID) below root; false, and "": there is none. */
bool kernel_symbols_boot_id(const char *root, char ret[37]);

/* Any file below root, of at most max bytes (-EFBIG).  Adds to ret. */
int kernel_symbols_file(const char *root, const char *path, size_t max, struct buf *ret);

#endif
