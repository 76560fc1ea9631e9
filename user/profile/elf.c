// SPDX-License-Identifier: GPL-2.0-only
#include "elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../host/regular.h"
#include "../lib/mem.h"
#include "elf_debug.h"

/* What no honest file has more of: memory that a hostile one can take. */
#define LOADS_MAX    256
#define SYMBOLS_MAX  (4U << 20)
#define NAME_MAX_LEN (16U << 10)
#define NOTES_MAX    (1U << 20)
/* Of all sections that are read; many may be of the same bytes, and of those that a sparse file has not. */
#define SECTIONS_MAX (256U << 20)
#define TITLES_MAX   (1U << 20) /* bytes of the sections' names */
#define TITLE_MAX    256        /* of one */

struct load {
	uint64_t offset, filesz, vaddr, memsz;
	bool code;
};

struct elf_image {
	struct symtab *symtab;
	struct load *loads;
	size_t nloads;
	uint8_t build_id[ELF_BUILD_ID];
	size_t build_id_size;
	bool has_symtab;
};

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

size_t elf_notes_build_id(const void *notes, size_t len, uint8_t ret[ELF_BUILD_ID])
{
	const char *p = notes;

	while (len >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr h; /* the same as Elf32_Nhdr */
		size_t name, desc;

		memcpy(&h, p, sizeof(h));
		p += sizeof(h);
		len -= sizeof(h);
		name = align4(h.n_namesz);
		desc = align4(h.n_descsz);
		if (name > len || desc > len - name)
			break;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 && !memcmp(p, "GNU", 4) && h.n_descsz) {
			size_t n = h.n_descsz < ELF_BUILD_ID ? h.n_descsz : ELF_BUILD_ID;

			memcpy(ret, p + name, n);
			return n;
		}
		p += name + desc;
		len -= name + desc;
	}
	return 0;
}

/* From the notes that the program headers or, where there are none (debug files), the sections tell of. */
static size_t find_build_id(Elf *elf, uint8_t ret[ELF_BUILD_ID])
{
	size_t phnum, n, left = NOTES_MAX;
	Elf_Scn *scn = NULL;
	GElf_Phdr ph;
	GElf_Shdr sh;
	Elf_Data *d;

	if (elf_getphdrnum(elf, &phnum) || phnum > LOADS_MAX)
		phnum = 0;
	for (size_t i = 0; i < phnum; i++) {
		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_NOTE || ph.p_filesz > left)
			continue;
		left -= ph.p_filesz;
		/* in this machine's byte order; of other alignments (8: .note.gnu.property) there is no
		 * build-id */
		d = elf_getdata_rawchunk(elf, (int64_t)ph.p_offset, ph.p_filesz,
					 ph.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
		n = d && d->d_buf ? elf_notes_build_id(d->d_buf, d->d_size, ret) : 0;
		if (n)
			return n;
	}
	while ((scn = elf_nextscn(elf, scn)) != NULL) {
		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_NOTE || sh.sh_size > left)
			continue;
		left -= sh.sh_size;
		d = elf_getdata(scn, NULL);
		n = d && d->d_buf ? elf_notes_build_id(d->d_buf, d->d_size, ret) : 0;
		if (n)
			return n;
	}
	return 0;
}

bool elf_is_sane(Elf *elf)
{
	size_t titles, phnum;
	GElf_Shdr sh;

	if (elf_kind(elf) != ELF_K_ELF || (!elf_getphdrnum(elf, &phnum) && phnum >= PN_XNUM))
		return false;
	/* one that is cut off has none */
	return elf_getshdrstrndx(elf, &titles) || !gelf_getshdr(elf_getscn(elf, titles), &sh) ||
	       sh.sh_size <= TITLES_MAX;
}

/* Before libelf makes room for all sections that a file says it has: what it has room for in its header is
 * not many. */
static bool few_sections(const unsigned char *head, size_t len)
{
	bool wide = len > EI_CLASS && head[EI_CLASS] == ELFCLASS64;
	size_t at = wide ? offsetof(Elf64_Ehdr, e_shnum) : offsetof(Elf32_Ehdr, e_shnum);
	size_t table = wide ? offsetof(Elf64_Ehdr, e_shoff) : offsetof(Elf32_Ehdr, e_shoff);
	static const unsigned char none[8];

	if (len < at + 2)
		return true;
	return head[at] || head[at + 1] || !memcmp(head + table, none, wide ? 8 : 4);
}

Elf *elf_begin_file(int fd)
{
	unsigned char head[sizeof(Elf64_Ehdr)];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	Elf *elf;

	elf_version(EV_CURRENT);
	if (n < 0 || !few_sections(head, (size_t)n))
		return NULL;
	/* not mapped: another one may cut the file while it is read */
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_is_sane(elf))
		return elf;
	elf_end(elf);
	return NULL;
}

Elf_Data *elf_section(Elf_Scn *scn, size_t *left)
{
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh) || sh.sh_size > *left)
		return NULL;
	*left -= sh.sh_size;
	return elf_getdata(scn, NULL);
}

static void read_loads(struct elf_image *e, Elf *elf)
{
	size_t phnum;
	GElf_Phdr ph;

	if (elf_getphdrnum(elf, &phnum))
		return;
	for (size_t i = 0; i < phnum && e->nloads < LOADS_MAX; i++) {
		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_LOAD)
			continue;
		e->loads = mem_resize(e->loads, e->nloads + 1, sizeof(*e->loads));
		e->loads[e->nloads++] = (struct load){
			.offset = ph.p_offset,
			.filesz = ph.p_filesz,
			.vaddr = ph.p_vaddr,
			.memsz = ph.p_memsz,
			.code = ph.p_flags & PF_X,
		};
	}
}

/* A table of symbols that is being read. */
struct reading {
	struct symtab *to;
	Elf *elf;
	GElf_Ehdr ehdr;
	Elf_Data *strings;
	size_t shstrndx;
	size_t budget;       /* bytes of names */
	signed char *titles; /* of each section: 1 that of code or data, -1 not, 0 not known yet */
	size_t ntitles;
};

static bool is_hidden(const GElf_Sym *s)
{
	unsigned int v = GELF_ST_VISIBILITY(s->st_other);

	return v == STV_HIDDEN || v == STV_INTERNAL;
}

static bool is_code_or_data(const struct reading *r, size_t section, const GElf_Shdr *sh)
{
	const char *title;
	size_t n;

	if (section >= r->ntitles)
		return false;
	if (!r->titles[section]) {
		title = elf_strptr(r->elf, r->shstrndx, sh->sh_name);
		n = title ? strnlen(title, TITLE_MAX) : 0;
		r->titles[section] =
			n && (memmem(title, n, "text", 4) || memmem(title, n, "data", 4)) ? 1 : -1;
	}
	return r->titles[section] > 0;
}

/* As perf takes them: functions, data, and labels in sections of code and data (tools/perf/util/symbol-elf.c,
 * elf_sym__filter(), elf_sym__is_label(), elf_sec__filter()). */
static bool is_taken(const struct reading *r, const GElf_Sym *s, const GElf_Shdr *sh)
{
	unsigned int type = GELF_ST_TYPE(s->st_info);

	/* absolute ones are no places: versions, sizes */
	if (!s->st_name || s->st_shndx == SHN_UNDEF || s->st_shndx == SHN_ABS)
		return false;
	if (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_OBJECT)
		return true;
	if (type != STT_NOTYPE || is_hidden(s) || !sh)
		return false;
	return is_code_or_data(r, s->st_shndx, sh);
}

static enum symbol_binding binding_of(const GElf_Sym *s)
{
	unsigned int b = GELF_ST_BIND(s->st_info);

	return b == STB_WEAK ? SYMBOL_WEAK : b == STB_GLOBAL ? SYMBOL_GLOBAL : SYMBOL_LOCAL;
}

/* Whether a name begins as those of ARM's marks between code and data: "$a", "$d.1". */
static bool is_mark(const struct reading *r, const char *name, size_t len)
{
	return (r->ehdr.e_machine == EM_ARM || r->ehdr.e_machine == EM_AARCH64 ||
		r->ehdr.e_machine == EM_RISCV) &&
	       len >= 2 && name[0] == '$' && strchr("atdx", name[1]) && (len == 2 || name[2] == '.');
}

static void read_symbol(struct reading *r, GElf_Sym *s)
{
	GElf_Shdr shdr, *sh = NULL;
	const char *name;
	size_t len, left;
	uint64_t end;

	if (s->st_shndx && s->st_shndx < SHN_LORESERVE)
		sh = gelf_getshdr(elf_getscn(r->elf, s->st_shndx), &shdr);
	if (!is_taken(r, s, sh) || s->st_name >= r->strings->d_size)
		return;
	name = (const char *)r->strings->d_buf + s->st_name;
	left = r->strings->d_size - s->st_name;
	len = strnlen(name, left < NAME_MAX_LEN ? left : NAME_MAX_LEN);
	if (!len || is_mark(r, name, len))
		return;
	/* a name without an end, or more names than such a file can have, tell nothing */
	if (len == left || len == NAME_MAX_LEN || len > r->budget)
		len = 0;
	r->budget -= len;
	if (r->ehdr.e_machine == EM_ARM && GELF_ST_TYPE(s->st_info) == STT_FUNC)
		s->st_value &= ~1ULL; /* Thumb code */
	end = s->st_size && s->st_value <= UINT64_MAX - s->st_size ? s->st_value + s->st_size : 0;
	symtab_add(r->to, s->st_value, end, binding_of(s), name, len, "");
	if (!end && sh && sh->sh_size <= UINT64_MAX - sh->sh_addr)
		symtab_limit(r->to, sh->sh_addr + sh->sh_size);
}

/* The symbols of the first section of this type; false: there is none. */
static bool read_table(struct symtab *to, Elf *elf, uint32_t type)
{
	struct reading r = {.to = to, .elf = elf};
	size_t n, left = SECTIONS_MAX;
	Elf_Scn *scn = NULL;
	Elf_Data *d;
	GElf_Shdr sh;
	GElf_Sym s;

	while ((scn = elf_nextscn(elf, scn)) != NULL)
		if (gelf_getshdr(scn, &sh) && sh.sh_type == type)
			break;
	if (!scn || !sh.sh_entsize || !gelf_getehdr(elf, &r.ehdr) || elf_getshdrstrndx(elf, &r.shstrndx) ||
	    elf_getshdrnum(elf, &r.ntitles))
		return false;
	d = elf_section(scn, &left);
	r.strings = elf_section(elf_getscn(elf, sh.sh_link), &left);
	if (!d || !r.strings || !r.strings->d_buf)
		return false;
	/* names may share their ends, so they are somewhat more than the section */
	r.budget = 4 * r.strings->d_size;
	r.titles = mem_zalloc(r.ntitles, sizeof(*r.titles));
	n = d->d_size / gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
	if (n > SYMBOLS_MAX)
		n = SYMBOLS_MAX;
	for (size_t i = 1; i < n; i++)
		if (gelf_getsym(d, (int)i, &s))
			read_symbol(&r, &s);
	free(r.titles);
	return n > 1;
}

bool elf_add_symtab(struct symtab *to, int fd, const uint8_t *build_id, size_t build_id_size)
{
	Elf *elf = elf_begin_file(fd);
	uint8_t own[ELF_BUILD_ID];
	bool ok = elf != NULL;

	if (ok && build_id_size)
		ok = find_build_id(elf, own) == build_id_size && !memcmp(own, build_id, build_id_size);
	ok = ok && read_table(to, elf, SHT_SYMTAB);
	elf_end(elf);
	return ok;
}

static struct elf_image *read_elf(Elf *elf, char why[ELF_WHY_SIZE])
{
	struct elf_image *e;

	if (!elf) {
		snprintf(why, ELF_WHY_SIZE, "is no ELF file");
		return NULL;
	}
	e = mem_zalloc(1, sizeof(*e));
	e->symtab = symtab_new();
	e->build_id_size = find_build_id(elf, e->build_id);
	read_loads(e, elf);
	e->has_symtab = read_table(e->symtab, elf, SHT_SYMTAB);
	return e;
}

struct elf_image *elf_read(const void *data, size_t len, char why[ELF_WHY_SIZE])
{
	/* libelf may write into it, and reads as its alignment says */
	void *copy = len ? mem_dup(data, len, 1) : NULL;
	struct elf_image *e;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = copy && few_sections(copy, len) ? elf_memory(copy, len) : NULL;
	e = read_elf(elf && elf_is_sane(elf) ? elf : NULL, why);
	if (e) {
		read_table(e->symtab, elf, SHT_DYNSYM);
		elf_add_plt(e->symtab, elf);
		symtab_sort(e->symtab);
	}
	elf_end(elf);
	free(copy);
	return e;
}

/* The kernel's own files are no programs, and reading some takes away what others wait for (/proc/kmsg). */
static bool is_stored(int fd)
{
	static const unsigned long none[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC};
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if ((unsigned long)fs.f_type == none[i])
			return false;
	return true;
}

static int open_file(const char *path, char why[ELF_WHY_SIZE])
{
	int fd = regular_open(AT_FDCWD, path, 0);

	if (fd >= 0 && !is_stored(fd)) {
		close(fd);
		fd = -EINVAL;
	}
	if (fd == -EINVAL || fd == -EISDIR)
		snprintf(why, ELF_WHY_SIZE, "is no regular file");
	else if (fd < 0)
		snprintf(why, ELF_WHY_SIZE, "cannot be read: %s", strerror(-fd));
	return fd;
}

struct elf_image *elf_open(const char *path, char why[ELF_WHY_SIZE])
{
	int fd = open_file(path, why);
	struct elf_image *e;
	Elf *elf;

	if (fd < 0)
		return NULL;
	elf = elf_begin_file(fd);
	e = read_elf(elf, why);
	if (e) {
		if (!e->has_symtab)
			e->has_symtab =
				elf_debug_symtab(e->symtab, elf, fd, path, e->build_id, e->build_id_size);
		read_table(e->symtab, elf, SHT_DYNSYM);
		elf_add_plt(e->symtab, elf);
		symtab_sort(e->symtab);
	}
	elf_end(elf);
	close(fd);
	return e;
}

void elf_free(struct elf_image *e)
{
	if (!e)
		return;
	symtab_free(e->symtab);
	free(e->loads);
	free(e);
}

bool elf_has_symtab(const struct elf_image *e)
{
	return e->has_symtab;
}

const struct symtab *elf_symtab(const struct elf_image *e)
{
	return e->symtab;
}

bool elf_address(const struct elf_image *e, uint64_t offset, uint64_t *ret)
{
	/* a place may be mapped twice, where a page has the end of one part and the beginning of another */
	for (int code = 1; code >= 0; code--)
		for (size_t i = 0; i < e->nloads; i++) {
			const struct load *l = &e->loads[i];

			if (l->code == (bool)code && offset >= l->offset && offset - l->offset < l->filesz) {
				*ret = l->vaddr + (offset - l->offset);
				return true;
			}
		}
	return false;
}

bool elf_is_code(const struct elf_image *e, uint64_t address)
{
	for (size_t i = 0; i < e->nloads; i++)
		if (e->loads[i].code && address >= e->loads[i].vaddr &&
		    address - e->loads[i].vaddr < e->loads[i].memsz)
			return true;
	return false;
}

size_t elf_build_id(const struct elf_image *e, uint8_t ret[ELF_BUILD_ID])
{
	memcpy(ret, e->build_id, ELF_BUILD_ID);
	return e->build_id_size;
}

size_t elf_file_build_id(const char *path, uint8_t ret[ELF_BUILD_ID])
{
	char why[ELF_WHY_SIZE];
	int fd = open_file(path, why);
	size_t n = 0;
	Elf *elf;

	if (fd < 0)
		return 0;
	elf = elf_begin_file(fd);
	if (elf)
		n = find_build_id(elf, ret);
	elf_end(elf);
	close(fd);
	return n;
}
