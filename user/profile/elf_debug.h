/* SPDX-License-Identifier: GPL-2.0-only */
/* elf.c's own: what other tables than a file's own tell. */
#ifndef VMPERF_PROFILE_ELF_DEBUG_H
#define VMPERF_PROFILE_ELF_DEBUG_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symtab.h"

/* Adds what .symtab of the debug file of elf (open as fd, of this path) has; false: none was found. */
bool elf_debug_symtab(struct symtab *to, Elf *elf, int fd, const char *path, const uint8_t *build_id,
		      size_t build_id_size);

/* For libelf: an ELF file whose tables have sizes that can be read; NULL: it is none.  elf_end() it. */
Elf *elf_begin_file(int fd);
bool elf_is_sane(Elf *elf);

/* The bytes of a section, in this machine's byte order, which are taken off *left; NULL: they are more. */
Elf_Data *elf_section(Elf_Scn *scn, size_t *left);

/* Adds what .symtab of that file has, if its build-id is this one (0: any). */
bool elf_add_symtab(struct symtab *to, int fd, const uint8_t *build_id, size_t build_id_size);

/* Adds the names of the stubs that call other files' functions; x86-64 only. */
void elf_add_plt(struct symtab *to, Elf *elf);

#endif
