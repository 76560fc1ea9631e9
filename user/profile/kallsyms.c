// SPDX-License-Identifier: GPL-2.0-only
#include "kallsyms.h"

#include <string.h>

#include "lines.h"
#include "modules.h"

/* No kernel has as many (one with all that can be configured: some 700,000); each takes 100 bytes. */
#define SYMBOLS_MAX (1U << 20)

/* What has been seen, besides what is in the table. */
struct seen {
	size_t symbols, nonzero; /* functions and data; those whose address is not 0 */
	uint64_t start, end;     /* of the kernel itself; 0: not told */
	uint64_t last;           /* of its symbols */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What "[name]" behind a name says; false: it is longer than any. */
static bool parse_module(const char *p, const char *end, char module[MODULES_NAME])
{
	const char *close;
	size_t n;

	module[0] = '\0';
	while (p < end && is_blank(*p))
		p++;
	if (p == end || *p != '[')
		return true;
	p++;
	close = memchr(p, ']', (size_t)(end - p));
	n = (size_t)((close ? close : end) - p);
	if (n >= MODULES_NAME || memchr(p, '\0', n))
		return false;
	memcpy(module, p, n);
	module[n] = '\0';
	return true;
}

static bool is_name(const char *name, size_t len, const char *is)
{
	return len == strlen(is) && !memcmp(name, is, len);
}

static void note_kernel(struct seen *s, const char *name, size_t len, uint64_t addr)
{
	if ((is_name(name, len, "_text") || is_name(name, len, "_stext")) && (!s->start || addr < s->start))
		s->start = addr;
	else if (is_name(name, len, "_end"))
		s->end = addr;
}

/* "ADDRESS TYPE NAME" and, of modules, "\t[MODULE]" */
static void load_line(struct symtab *t, struct seen *s, const char *line, size_t len, bool whole)
{
	const char *p = line, *end = line + len, *name;
	enum symbol_binding binding;
	char module[MODULES_NAME];
	uint64_t addr;
	size_t n;
	char type;

	while (p < end && !is_blank(*p))
		p++;
	if (end - p < 4 || !lines_number(line, (size_t)(p - line), 16, &addr) || !is_blank(p[2]))
		return;
	type = p[1];
	if (!strchr("tTwWdDbB", type) || !type)
		return;
	for (name = p += 3; p < end && !is_blank(*p);)
		p++;
	n = (size_t)(p - name);
	/* marks between code and data, no symbols ("$x", "$d" on arm64) */
	if (!n || *name == '$' || memchr(name, '\0', n) || !parse_module(p, end, module))
		return;
	s->symbols++;
	if (!addr)
		return;
	s->nonzero++;
	if (!*module && whole) {
		note_kernel(s, name, n, addr);
		if (addr > s->last)
			s->last = addr;
	}
	binding = type == 'W' ? SYMBOL_WEAK : type >= 'A' && type <= 'Z' ? SYMBOL_GLOBAL : SYMBOL_LOCAL;
	/* a line that is cut off may have lost a part of the name */
	symtab_add(t, addr, 0, binding, name, whole ? n : 0, module);
}

enum kallsyms_state kallsyms_load(struct symtab **ret, const char *text, size_t len, const char *modules,
				  size_t nmodules)
{
	struct lines l = {text, text + len};
	struct symtab *t = symtab_new();
	struct seen s = {0};
	const char *line;
	bool whole;
	size_t n;

	while (s.nonzero <= SYMBOLS_MAX && (line = lines_next(&l, &n, &whole)) != NULL)
		load_line(t, &s, line, n, whole);
	*ret = NULL;
	if (s.nonzero > SYMBOLS_MAX) {
		symtab_free(t);
		return KALLSYMS_NONE;
	}
	if (!s.nonzero) {
		symtab_free(t);
		return s.symbols ? KALLSYMS_HIDDEN : KALLSYMS_NONE;
	}
	if (modules)
		modules_load(t, modules, nmodules);
	/* without _end: the page of the last symbol and the one behind it (symtab_sort()) */
	if (s.end <= s.start)
		s.end = s.last < UINT64_MAX - 0x2000 ? (s.last & ~0xfffULL) + 0x2000 : UINT64_MAX;
	if (s.start)
		symtab_module(t, "", s.start, s.end);
	symtab_sort(t);
	*ret = t;
	return KALLSYMS_GOOD;
}
