// SPDX-License-Identifier: GPL-2.0-only
#include "elf_debug.h"

#if !WITH_DW

bool elf_debug_symtab(struct symtab *to, Elf *elf, int fd, const char *path, const uint8_t *build_id,
		      size_t build_id_size)
{
	(void)to;
	(void)elf;
	(void)fd;
	(void)path;
	(void)build_id;
	(void)build_id_size;
	return false;
}

#else

#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A program with .gnu_debugdata that is larger is left alone: it is copied. */
#define COPY_MAX    (256U << 20)
#define SYMBOLS_MAX (4 << 20)

static int no_elf(Dwfl_Module *mod, void **data, const char *name, Dwarf_Addr base, char **file, Elf **elf)
{
	(void)mod;
	(void)data;
	(void)name;
	(void)base;
	(void)file;
	(void)elf;
	return -1;
}

static int no_debuginfo(Dwfl_Module *mod, void **data, const char *name, Dwarf_Addr base, const char *file,
			const char *link, GElf_Word crc, char **found)
{
	(void)mod;
	(void)data;
	(void)name;
	(void)base;
	(void)file;
	(void)link;
	(void)crc;
	(void)found;
	return -1;
}

/*
 * The debug file where elfutils looks for it: below /usr/lib/debug and beside the
 * program, by build-id, then by .gnu_debuglink, then from debuginfod.  libdwfl
 * is told of no file: it would map the program, which may be anybody's.
 */
static int find_debug_file(Elf *elf, const char *path, const uint8_t *build_id, size_t build_id_size)
{
	static const Dwfl_Callbacks callbacks = {.find_elf = no_elf,
						 .find_debuginfo = dwfl_standard_find_debuginfo};
	Dwfl *dwfl = dwfl_begin(&callbacks);
	GElf_Word crc = 0;
	const char *link = dwelf_elf_gnu_debuglink(elf, &crc);
	char *found = NULL;
	void *data = NULL;
	Dwfl_Module *mod;
	int fd = -1;

	if (!dwfl)
		return -1;
	/* a link is a name of a file and no path */
	if (link && strchr(link, '/'))
		link = NULL;
	dwfl_report_begin(dwfl);
	mod = dwfl_report_module(dwfl, path, 0, 1);
	if (mod && (!build_id_size || !dwfl_module_report_build_id(mod, build_id, build_id_size, 0)) &&
	    (build_id_size || link))
		fd = dwfl_standard_find_debuginfo(mod, &data, path, 0, path, link, crc, &found);
	free(found);
	dwfl_report_end(dwfl, NULL, NULL);
	dwfl_end(dwfl);
	return fd;
}

static bool has_debugdata(Elf *elf)
{
	Elf_Scn *scn = NULL;
	const char *name;
	size_t names;
	GElf_Shdr sh;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	while ((scn = elf_nextscn(elf, scn)) != NULL)
		if (gelf_getshdr(scn, &sh) && (name = elf_strptr(elf, names, sh.sh_name)) != NULL &&
		    !strcmp(name, ".gnu_debugdata"))
			return true;
	return false;
}

/* A copy that nobody else can cut while it is mapped; -1: none. */
static int copy_file(int fd)
{
	int copy = memfd_create("vmperf-elf", MFD_CLOEXEC);
	struct stat st;
	char buf[65536];
	off_t at = 0;
	ssize_t n;

	if (copy < 0)
		return -1;
	if (!fstat(fd, &st) && st.st_size <= (off_t)COPY_MAX)
		while (at < st.st_size && (n = pread(fd, buf, sizeof(buf), at)) > 0 &&
		       write(copy, buf, (size_t)n) == n)
			at += n;
	if (!at || at < st.st_size) {
		close(copy);
		return -1;
	}
	return copy;
}

/* .gnu_debugdata ("MiniDebugInfo"): a compressed ELF file in a section, which libdwfl unpacks. */
static bool add_debugdata(struct symtab *to, int fd)
{
	static const Dwfl_Callbacks callbacks = {.find_elf = no_elf, .find_debuginfo = no_debuginfo};
	int copy = copy_file(fd), n = 0;
	Dwfl *dwfl = copy >= 0 ? dwfl_begin(&callbacks) : NULL;
	Dwfl_Module *mod = NULL;

	if (dwfl) {
		dwfl_report_begin(dwfl);
		mod = dwfl_report_elf(dwfl, "", "", copy, 0, true);
		dwfl_report_end(dwfl, NULL, NULL);
	}
	if (mod) {
		copy = -1; /* is libdwfl's now */
		n = dwfl_module_getsymtab(mod);
	}
	for (int i = 1; i < n && i < SYMBOLS_MAX; i++) {
		GElf_Word section;
		GElf_Addr addr;
		GElf_Sym s;
		const char *name = dwfl_module_getsym_info(mod, i, &s, &addr, &section, NULL, NULL);
		unsigned int type = GELF_ST_TYPE(s.st_info), bind = GELF_ST_BIND(s.st_info);

		if (!name || !*name || section == SHN_UNDEF || (type != STT_FUNC && type != STT_GNU_IFUNC) ||
		    !s.st_size || s.st_value > UINT64_MAX - s.st_size)
			continue;
		symtab_add(to, s.st_value, s.st_value + s.st_size,
			   bind == STB_WEAK     ? SYMBOL_WEAK
			   : bind == STB_GLOBAL ? SYMBOL_GLOBAL
						: SYMBOL_LOCAL,
			   name, strlen(name), "");
	}
	if (dwfl)
		dwfl_end(dwfl);
	if (copy >= 0)
		close(copy);
	return n > 1;
}

bool elf_debug_symtab(struct symtab *to, Elf *elf, int fd, const char *path, const uint8_t *build_id,
		      size_t build_id_size)
{
	int debug = find_debug_file(elf, path, build_id, build_id_size);
	bool ok = false;

	if (debug >= 0) {
		ok = elf_add_symtab(to, debug, build_id, build_id_size);
		close(debug);
	}
	return ok || (has_debugdata(elf) && add_debugdata(to, fd));
}

#endif
