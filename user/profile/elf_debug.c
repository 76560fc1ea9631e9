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

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "../host/regular.h"
#include "../model/profile.h"

/* A program with .gnu_debugdata that is larger is left alone, for it is copied; a debug file, too, that has a
 * checksum only. */
#define COPY_MAX    (256U << 20)
#define SYMBOLS_MAX (4 << 20)

#define LINK_MAX_SIZE 4096U /* of .gnu_debuglink */

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

/* Below /usr/lib/debug; -1: none. */
static int find_local(const uint8_t *build_id, size_t build_id_size)
{
	char path[64 + 2 * PROFILE_BUILD_ID] = "/usr/lib/debug/.build-id/";
	size_t n = strlen(path);

	if (build_id_size < 2 || build_id_size > PROFILE_BUILD_ID)
		return -1;
	for (size_t i = 0; i < build_id_size; i++)
		n += (size_t)snprintf(path + n, sizeof(path) - n, i == 1 ? "/%02x" : "%02x", build_id[i]);
	snprintf(path + n, sizeof(path) - n, ".debug");
	return regular_open(AT_FDCWD, path, 0);
}

/*
 * The debug file of that build-id below /usr/lib/debug, or from debuginfod.
 * libdwfl is told of no file: it would map the program, which may be anybody's,
 * and open whatever lies beside it.
 */
static int find_by_build_id(const uint8_t *build_id, size_t build_id_size)
{
	static const Dwfl_Callbacks callbacks = {.find_elf = no_elf,
						 .find_debuginfo = dwfl_standard_find_debuginfo};
	int fd = find_local(build_id, build_id_size), input = -1;
	char *found = NULL;
	void *data = NULL;
	Dwfl_Module *mod;
	Dwfl *dwfl;

	if (fd >= 0 || !build_id_size)
		return fd;
	dwfl = dwfl_begin(&callbacks);
	if (!dwfl)
		return -1;
	dwfl_report_begin(dwfl);
	mod = dwfl_report_module(dwfl, "", 0, 1);
	if (mod && !dwfl_module_report_build_id(mod, build_id, build_id_size, 0))
		fd = dwfl_standard_find_debuginfo(mod, &data, "", 0, NULL, NULL, 0, &found);
	free(found);
	/* of a file that it has found for somebody else, dwfl_end() of 0.188 closes descriptor 0 */
	if (fd >= 0)
		input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	dwfl_report_end(dwfl, NULL, NULL);
	dwfl_end(dwfl);
	if (input >= 0) {
		dup2(input, STDIN_FILENO);
		close(input);
	}
	return fd;
}

/* The section of this name; NULL: none. */
static Elf_Scn *section_named(Elf *elf, const char *is)
{
	Elf_Scn *scn = NULL;
	const char *name;
	size_t names;
	GElf_Shdr sh;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((scn = elf_nextscn(elf, scn)) != NULL)
		if (gelf_getshdr(scn, &sh) && (name = elf_strptr(elf, names, sh.sh_name)) != NULL &&
		    !strcmp(name, is))
			break;
	return scn;
}

/* The name of the debug file and its checksum, as .gnu_debuglink has them. */
static bool debug_link(Elf *elf, char ret[NAME_MAX + 1], uint32_t *crc)
{
	size_t left = LINK_MAX_SIZE, n;
	const Elf_Data *d = elf_section(section_named(elf, ".gnu_debuglink"), &left);

	n = d && d->d_buf ? strnlen(d->d_buf, d->d_size) : 0;
	/* a name of a file and no path; padded to 4 bytes */
	if (!n || n > NAME_MAX || memchr(d->d_buf, '/', n) || (n / 4 + 2) * 4 > d->d_size)
		return false;
	memcpy(ret, d->d_buf, n);
	ret[n] = '\0';
	memcpy(crc, (const char *)d->d_buf + (n / 4 + 1) * 4, sizeof(*crc));
	return true;
}

static bool has_crc(int fd, uint32_t is)
{
	uint32_t crc = 0;
	struct stat st;
	char buf[65536];
	off_t at = 0;
	ssize_t n;

	if (fstat(fd, &st) || st.st_size > (off_t)COPY_MAX)
		return false;
	while (at < (off_t)COPY_MAX && (n = pread(fd, buf, sizeof(buf), at)) > 0) {
		crc = (uint32_t)crc32(crc, (const unsigned char *)buf, (unsigned int)n);
		at += n;
	}
	return crc == is;
}

/* The debug file that .gnu_debuglink names, where gdb looks for it. */
static bool add_linked(struct symtab *to, Elf *elf, const char *path, const uint8_t *build_id,
		       size_t build_id_size)
{
	static const char *const dirs[][2] = {{"", ""}, {"", "/.debug"}, {"/usr/lib/debug", ""}};
	const char *slash = strrchr(path, '/');
	char link[NAME_MAX + 1], full[PATH_MAX];
	bool ok = false;
	uint32_t crc;

	if (!slash || !debug_link(elf, link, &crc))
		return false;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && !ok; i++) {
		int n = snprintf(full, sizeof(full), "%s%.*s%s/%s", dirs[i][0], (int)(slash - path), path,
				 dirs[i][1], link);
		int fd = n > 0 && (size_t)n < sizeof(full) ? regular_open(AT_FDCWD, full, 0) : -1;

		if (fd < 0)
			continue;
		/* a build-id says the same as the checksum of the whole file */
		ok = (build_id_size || has_crc(fd, crc)) && elf_add_symtab(to, fd, build_id, build_id_size);
		close(fd);
	}
	return ok;
}

/* Of root, or of whoever runs this. */
static bool is_trusted(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
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
	bool ok = add_linked(to, elf, path, build_id, build_id_size);
	int debug = ok ? -1 : find_by_build_id(build_id, build_id_size);

	if (debug >= 0) {
		ok = elf_add_symtab(to, debug, build_id, build_id_size);
		close(debug);
	}
	/* a little that is packed can be made to fill all memory */
	return ok || (is_trusted(fd) && section_named(elf, ".gnu_debugdata") && add_debugdata(to, fd));
}

#endif
