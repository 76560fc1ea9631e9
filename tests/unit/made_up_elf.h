/* SPDX-License-Identifier: GPL-2.0-only */
/* Small ELF files: a part of code at an address, symbols in it, a build-id. */
#ifndef VMPERF_TESTS_MADE_UP_ELF_H
#define VMPERF_TESTS_MADE_UP_ELF_H

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"

struct made_up_symbol {
	const char *name;
	uint64_t value, size;
	unsigned char info;
	uint16_t section; /* 1: the code */
};

/* Where the code lies in the file. */
#define MADE_UP_OFFSET 0x1000
#define MADE_UP_FUNC   ELF64_ST_INFO(STB_GLOBAL, STT_FUNC)
#define MADE_UP_LABEL  ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE)

struct made_up_elf {
	uint64_t address, size; /* of the code */
	const char *build_id;   /* its bytes, 20 of them; NULL: none */
	const struct made_up_symbol *symbols;
	size_t nsymbols;
	uint32_t type; /* SHT_SYMTAB or SHT_DYNSYM */
};

static inline size_t made_up_align(struct buf *b)
{
	while (b->len % 16)
		buf_add(b, "", 1);
	return b->len;
}

/* Sections: none, .text, .symtab, .strtab, .shstrtab, .note.gnu.build-id */
static inline void made_up_elf(const struct made_up_elf *m, struct buf *b)
{
	static const char names[] = "\0.text\0.symtab\0.strtab\0.shstrtab\0.note.gnu.build-id";
	Elf64_Ehdr eh = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			 .e_type = ET_DYN,
			 .e_machine = EM_X86_64,
			 .e_version = EV_CURRENT,
			 .e_ehsize = sizeof(eh),
			 .e_phoff = sizeof(eh),
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = 2,
			 .e_shentsize = sizeof(Elf64_Shdr),
			 .e_shnum = 6,
			 .e_shstrndx = 4};
	Elf64_Phdr ph[2] = {{.p_type = PT_LOAD,
			     .p_flags = PF_R | PF_X,
			     .p_offset = MADE_UP_OFFSET,
			     .p_vaddr = m->address,
			     .p_filesz = m->size,
			     .p_memsz = m->size,
			     .p_align = 0x1000},
			    {.p_type = m->build_id ? PT_NOTE : PT_NULL, .p_align = 4}};
	Elf64_Shdr sh[6] = {{0}};
	Elf64_Nhdr note = {4, 20, NT_GNU_BUILD_ID};
	Elf64_Sym none = {0};
	struct buf strings = {0};

	b->len = 0;
	buf_add(b, &eh, sizeof(eh));
	buf_add(b, ph, sizeof(ph));
	ph[1].p_offset = sh[5].sh_offset = made_up_align(b);
	if (m->build_id) {
		buf_add(b, &note, sizeof(note));
		buf_add(b, "GNU", 4);
		buf_add(b, m->build_id, 20);
	}
	ph[1].p_filesz = ph[1].p_memsz = sh[5].sh_size = b->len - ph[1].p_offset;
	while (b->len < MADE_UP_OFFSET + m->size)
		buf_add(b, "\xcc", 1);
	sh[1] = (Elf64_Shdr){.sh_name = 1,
			     .sh_type = SHT_PROGBITS,
			     .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
			     .sh_addr = m->address,
			     .sh_offset = MADE_UP_OFFSET,
			     .sh_size = m->size};
	sh[2] = (Elf64_Shdr){.sh_name = 7,
			     .sh_type = m->type,
			     .sh_link = 3,
			     .sh_entsize = sizeof(Elf64_Sym),
			     .sh_offset = made_up_align(b)};
	buf_add(b, &none, sizeof(none));
	buf_add(&strings, "", 1);
	for (size_t i = 0; i < m->nsymbols; i++) {
		const struct made_up_symbol *s = &m->symbols[i];
		Elf64_Sym sym = {.st_name = (Elf64_Word)strings.len,
				 .st_value = s->value,
				 .st_size = s->size,
				 .st_info = s->info,
				 .st_shndx = s->section};

		buf_add(b, &sym, sizeof(sym));
		buf_add(&strings, s->name, strlen(s->name) + 1);
	}
	sh[2].sh_size = b->len - sh[2].sh_offset;
	sh[3] = (Elf64_Shdr){
		.sh_name = 15, .sh_type = SHT_STRTAB, .sh_offset = b->len, .sh_size = strings.len};
	buf_add(b, strings.data, strings.len);
	sh[4] = (Elf64_Shdr){
		.sh_name = 23, .sh_type = SHT_STRTAB, .sh_offset = b->len, .sh_size = sizeof(names)};
	buf_add(b, names, sizeof(names));
	sh[5].sh_name = 33;
	sh[5].sh_type = SHT_NOTE;
	sh[5].sh_addralign = 4;
	eh.e_shoff = made_up_align(b);
	buf_add(b, sh, sizeof(sh));
	memcpy(b->data, &eh, sizeof(eh));
	memcpy(b->data + sizeof(eh), ph, sizeof(ph));
	buf_free(&strings);
}

#ifdef CHECK_H
static inline void made_up_write(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}
#endif

#endif
