// SPDX-License-Identifier: GPL-2.0-only
/* ELF files and notes: symbols are found where they are, and places in the file lead to them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/made_up_elf.h"
#include "profile/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

static void must(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t id[ELF_BUILD_ID];
	char why[ELF_WHY_SIZE];
	struct elf_image *e;

	must(elf_notes_build_id(data, size, id) <= sizeof(id));
	e = elf_read(data, size, why);
	if (!e) {
		must(strlen(why) < sizeof(why));
		return 0;
	}
	must(elf_build_id(e, id) <= sizeof(id));
	for (uint64_t offset = 0; offset < 0x2000; offset += 16) {
		const struct symbol *s;
		uint64_t address;

		if (!elf_address(e, offset, &address))
			continue;
		s = symtab_find(elf_symtab(e), address);
		must(!s || (address >= s->start && address < s->end && *s->name));
	}
	elf_free(e);
	return 0;
}

/* Inputs come from a small file of the right form: a random text never is one. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	static const struct made_up_symbol symbols[] = {
		{"first", 0x401000, 0x10, MADE_UP_FUNC, 1},
		{"label", 0x401060, 0, MADE_UP_LABEL, 1},
		{"imported", 0, 0, MADE_UP_FUNC, 0},
	};
	const struct made_up_elf made = {0x401000, 0x100, "abcdefghijklmnopqrst",
					 symbols,  3,     seed & 1 ? SHT_SYMTAB : SHT_DYNSYM};
	struct buf b = {0};

	if (size < 64 || memcmp(data,
				"\x7f"
				"ELF",
				4) != 0) {
		made_up_elf(&made, &b);
		if (b.len <= max) {
			memcpy(data, b.data, b.len);
			size = b.len;
		}
		buf_free(&b);
	}
	/* all but the code, mostly the tables behind it */
	if (seed % 4 && size > MADE_UP_OFFSET + 0x100)
		return MADE_UP_OFFSET + 0x100 +
		       LLVMFuzzerMutate(data + MADE_UP_OFFSET + 0x100, size - (MADE_UP_OFFSET + 0x100),
					max - (MADE_UP_OFFSET + 0x100));
	return LLVMFuzzerMutate(data, size, max);
}
