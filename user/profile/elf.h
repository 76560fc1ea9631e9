/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The symbols of ELF files: programs, libraries, kernels.  Files may be
 * anything: what is wrong in them is left out, sizes are bounded.
 */
#ifndef VMPERF_PROFILE_ELF_H
#define VMPERF_PROFILE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symtab.h"

/* The longest build-id that is taken (SHA-1; a longer one is cut, as perf cuts it). */
#define ELF_BUILD_ID 20

#define ELF_WHY_SIZE 200

struct elf_image;

/*
 * Reads .symtab and .dynsym of a file, or, where it has no .symtab and the
 * program was built with libdw, .symtab of its separate debug file (by
 * build-id or .gnu_debuglink, from debuginfod where DEBUGINFOD_URLS is set),
 * or, where the program belongs to root or to whoever runs this, of .gnu_debugdata.  NULL, and one line why:
 * it cannot be read, or is none. A file without symbols is fine.
 */
struct elf_image *elf_open(const char *path, char why[ELF_WHY_SIZE]);

/* The same of bytes in memory, which are not needed afterwards; no other file is looked for. */
struct elf_image *elf_read(const void *data, size_t len, char why[ELF_WHY_SIZE]);

/* NULL is fine. */
void elf_free(struct elf_image *e);

/* Whether .symtab was found; else there is only what the file exports, and calls. */
bool elf_has_symtab(const struct elf_image *e);

/* By the addresses of the file; never NULL. */
const struct symtab *elf_symtab(const struct elf_image *e);

/* The address of a place in the file, as its program headers map it; false: none does. */
bool elf_address(const struct elf_image *e, uint64_t offset, uint64_t *ret);

/* Whether this address is in a part that is mapped to be executed. */
bool elf_is_code(const struct elf_image *e, uint64_t address);

/* The length, and the id; 0: it has none. */
size_t elf_build_id(const struct elf_image *e, uint8_t ret[ELF_BUILD_ID]);

/* The same of a file whose symbols are not needed; 0 also if it cannot be read. */
size_t elf_file_build_id(const char *path, uint8_t ret[ELF_BUILD_ID]);

/* The same of ELF notes (/sys/kernel/notes, of this machine's byte order). */
size_t elf_notes_build_id(const void *notes, size_t len, uint8_t ret[ELF_BUILD_ID]);

#endif
