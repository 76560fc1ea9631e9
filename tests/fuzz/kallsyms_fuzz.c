// SPDX-License-Identifier: GPL-2.0-only
/* A guest's kallsyms and modules: whatever they are, symbols are sorted, and found where they are. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profile/kallsyms.h"
#include "profile/modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

static void look(const struct symtab *t, uint64_t addr)
{
	const struct symbol *s = symtab_find(t, addr);

	if (!s)
		return;
	must(addr >= s->start && addr < s->end);
	must(*s->name && strlen(s->module) < MODULES_NAME);
	must(symtab_find(t, s->start) != NULL);
	/* the kernel itself is where it says that it is */
	if (!*s->module && symtab_named(t, "_text"))
		must(s->start >= symtab_named(t, "_text")->start || symtab_named(t, "_stext"));
}

/* A NUL parts kallsyms from modules. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = size ? memchr(text, '\0', size) : NULL;
	size_t len = end ? (size_t)(end - text) : size;
	struct symtab *t;

	if (kallsyms_load(&t, text, len, end ? end + 1 : NULL, end ? size - len - 1 : 0) != KALLSYMS_GOOD) {
		must(!t);
		return 0;
	}
	for (size_t i = 0; i + 8 <= size; i += 5) {
		char digits[17] = {0};
		uint64_t addr;

		memcpy(digits, text + i, size - i < 16 ? size - i : 16);
		addr = strtoull(digits, NULL, 16);
		look(t, addr);
		look(t, addr - 1);
		look(t, addr + 0xfff);
		symtab_module_at(t, addr);
	}
	look(t, 0);
	look(t, UINT64_MAX);
	symtab_free(t);
	return 0;
}
