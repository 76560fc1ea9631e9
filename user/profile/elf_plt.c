// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of the stubs that call other files' functions, "NAME@plt" as perf and
 * objdump have them.  Which one a stub calls is read off its jump, through a
 * slot that a relocation names, so that no linker's order of them matters.
 */
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "elf_debug.h"

#define STUB         16 /* bytes of a stub, x86-64 ABI */
#define SLOTS_MAX    65536U
#define NAME_SIZE    4096
#define STUBS_MAX    65536U
/* Of the sections that are read; see elf.c. */
#define SECTIONS_MAX (64U << 20)

struct slot {
	uint64_t address;
	uint32_t symbol;
};

struct plt {
	Elf *elf;
	struct slot *slots;
	size_t n;
	Elf_Data *symbols, *strings;
	size_t nstubs, left; /* that were read; bytes that may be read */
};

static int by_address(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static void read_slots(struct plt *p, Elf_Scn *scn, const GElf_Shdr *sh)
{
	Elf_Data *d = elf_section(scn, &p->left);
	size_t n = d && sh->sh_entsize ? d->d_size / gelf_fsize(p->elf, ELF_T_RELA, 1, EV_CURRENT) : 0;
	GElf_Rela r;

	for (size_t i = 0; i < n && p->n < SLOTS_MAX && gelf_getrela(d, (int)i, &r); i++) {
		if (GELF_R_TYPE(r.r_info) != R_X86_64_JUMP_SLOT && GELF_R_TYPE(r.r_info) != R_X86_64_GLOB_DAT)
			continue;
		if (!(p->n & (p->n - 1)))
			p->slots = mem_resize(p->slots, p->n ? p->n * 2 : 1, sizeof(*p->slots));
		p->slots[p->n++] = (struct slot){r.r_offset, (uint32_t)GELF_R_SYM(r.r_info)};
	}
}

/* "jmp *OFFSET(%rip)", perhaps behind endbr64 and bnd; the slot it jumps through. */
static bool target(const unsigned char *stub, uint64_t address, uint64_t *ret)
{
	size_t at = 0;
	int32_t offset;

	if (!memcmp(stub, "\xf3\x0f\x1e\xfa", 4))
		at += 4;
	if (stub[at] == 0xf2)
		at++;
	if (stub[at] != 0xff || stub[at + 1] != 0x25)
		return false;
	memcpy(&offset, stub + at + 2, sizeof(offset));
	*ret = address + at + 6 + (uint64_t)(int64_t)offset;
	return true;
}

/* "NAME@plt"; its length, 0: it has none. */
static size_t name_of(const struct plt *p, const GElf_Sym *sym, char ret[NAME_SIZE])
{
	static const char tail[] = "@plt";
	const char *s;
	size_t left, len;

	if (!p->strings || !p->strings->d_buf || sym->st_name >= p->strings->d_size)
		return 0;
	s = (const char *)p->strings->d_buf + sym->st_name;
	left = p->strings->d_size - sym->st_name;
	len = strnlen(s, left < NAME_SIZE ? left : NAME_SIZE);
	if (!len || len == left || len + sizeof(tail) > NAME_SIZE)
		return 0;
	memcpy(ret, s, len);
	memcpy(ret + len, tail, sizeof(tail));
	return len + sizeof(tail) - 1;
}

static void add_stubs(struct plt *p, struct symtab *to, Elf_Scn *scn, const GElf_Shdr *sh)
{
	Elf_Data *d = elf_section(scn, &p->left);
	size_t size = d && d->d_buf ? d->d_size : 0, step = sh->sh_entsize == 8 ? 8 : STUB;

	for (size_t at = 0; at + step <= size && p->nstubs < STUBS_MAX; at += step) {
		unsigned char stub[STUB] = {0};
		struct slot key = {0}, *slot;
		char name[NAME_SIZE];
		GElf_Sym sym;
		size_t len;

		memcpy(stub, (const char *)d->d_buf + at, step);
		if (!target(stub, sh->sh_addr + at, &key.address))
			continue;
		slot = p->n ? bsearch(&key, p->slots, p->n, sizeof(key), by_address) : NULL;
		if (!slot || !gelf_getsym(p->symbols, (int)slot->symbol, &sym))
			continue;
		p->nstubs++;
		len = name_of(p, &sym, name);
		if (len)
			symtab_add(to, sh->sh_addr + at, sh->sh_addr + at + step, SYMBOL_GLOBAL, name, len,
				   "");
	}
}

void elf_add_plt(struct symtab *to, Elf *elf)
{
	struct plt p = {.elf = elf, .left = SECTIONS_MAX};
	Elf_Scn *scn = NULL;
	size_t names;
	GElf_Ehdr eh;
	GElf_Shdr sh;

	if (!gelf_getehdr(elf, &eh) || eh.e_machine != EM_X86_64 || eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf_getshdrstrndx(elf, &names))
		return;
	while ((scn = elf_nextscn(elf, scn)) != NULL) {
		if (!gelf_getshdr(scn, &sh))
			continue;
		if (sh.sh_type == SHT_RELA) {
			read_slots(&p, scn, &sh);
		} else if (sh.sh_type == SHT_DYNSYM && !p.symbols) {
			p.symbols = elf_section(scn, &p.left);
			p.strings = elf_section(elf_getscn(elf, sh.sh_link), &p.left);
		}
	}
	if (p.n)
		qsort(p.slots, p.n, sizeof(*p.slots), by_address);
	while (p.symbols && (scn = elf_nextscn(elf, scn)) != NULL) {
		const char *name = gelf_getshdr(scn, &sh) ? elf_strptr(elf, names, sh.sh_name) : NULL;

		if (name && sh.sh_type == SHT_PROGBITS &&
		    (!strcmp(name, ".plt") || !strcmp(name, ".plt.sec") || !strcmp(name, ".plt.got")))
			add_stubs(&p, to, scn, &sh);
	}
	free(p.slots);
}
