// SPDX-License-Identifier: GPL-2.0-only
/* The symbols of an address space: ends, several at one address, symbols inside others, modules. */
#include "unit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "profile/symtab.h"

static struct symtab *t;

static void begin(void)
{
	symtab_free(t);
	t = symtab_new();
}

static void add(uint64_t start, uint64_t end, enum symbol_binding b, const char *name, const char *module)
{
	symtab_add(t, start, end, b, name, strlen(name), module);
}

/* The name at an address, "-" for none. */
static const char *at(uint64_t addr)
{
	const struct symbol *s = symtab_find(t, addr);

	return s ? s->name : "-";
}

START_TEST(empty)
{
	begin();
	symtab_sort(t);
	ck_assert_str_eq(at(0), "-");
	ck_assert_str_eq(at(UINT64_MAX), "-");
	ck_assert_ptr_null(symtab_named(t, "x"));
	ck_assert_ptr_null(symtab_module_at(t, 0));
	ck_assert_uint_eq(symtab_size(t), 0);
}
END_TEST

/* Of several of one name the lowest; a module's are not the kernel's. */
START_TEST(by_name)
{
	begin();
	add(0x3000, 0, SYMBOL_GLOBAL, "x", "");
	add(0x2000, 0, SYMBOL_LOCAL, "x", "");
	add(0x1000, 0, SYMBOL_GLOBAL, "x", "module");
	add(0x4000, 0, SYMBOL_LOCAL, "x", "");
	symtab_sort(t);
	ck_assert_uint_eq(symtab_named(t, "x")->start, 0x2000);
}
END_TEST

/* Up to the next one; the last one to the end of the page after the one that it is in. */
START_TEST(ends)
{
	begin();
	add(0x5000, 0, SYMBOL_LOCAL, "last", "");
	add(0x1000, 0, SYMBOL_LOCAL, "first", "");
	add(0x1800, 0x1900, SYMBOL_LOCAL, "sized", "");
	symtab_sort(t);
	ck_assert_str_eq(at(0xfff), "-");
	ck_assert_str_eq(at(0x1000), "first");
	ck_assert_str_eq(at(0x17ff), "first");
	ck_assert_str_eq(at(0x1800), "sized");
	ck_assert_str_eq(at(0x18ff), "sized");
	ck_assert_str_eq(at(0x1900), "-");
	ck_assert_str_eq(at(0x5000), "last");
	ck_assert_str_eq(at(0x5fff), "last");
	ck_assert_str_eq(at(0x6000), "-");
	begin();
	add(0x5001, 0, SYMBOL_LOCAL, "last", "");
	symtab_sort(t);
	ck_assert_str_eq(at(0x6fff), "last");
	ck_assert_str_eq(at(0x7000), "-");
	/* at the top of memory nothing wraps */
	begin();
	add(UINT64_MAX - 10, 0, SYMBOL_LOCAL, "top", "");
	add(UINT64_MAX, 0, SYMBOL_LOCAL, "none", "");
	symtab_sort(t);
	ck_assert_str_eq(at(UINT64_MAX - 10), "top");
	ck_assert_str_eq(at(UINT64_MAX - 1), "top");
	ck_assert_str_eq(at(0), "-");
}
END_TEST

/* What is told of a limit holds for symbols without an end only. */
START_TEST(limits)
{
	begin();
	add(0x1000, 0, SYMBOL_LOCAL, "a", "");
	symtab_limit(t, 0x1010);
	add(0x2000, 0, SYMBOL_LOCAL, "b", "");
	symtab_limit(t, 0x9000);
	add(0x3000, 0x3100, SYMBOL_LOCAL, "c", "");
	symtab_limit(t, 0x3010);
	symtab_sort(t);
	ck_assert_str_eq(at(0x100f), "a");
	ck_assert_str_eq(at(0x1010), "-");
	ck_assert_str_eq(at(0x2fff), "b");
	ck_assert_str_eq(at(0x30ff), "c");
}
END_TEST

/* Of several at one address; which one is perf's choice is compared with perf itself in tests/e2e. */
START_TEST(choice)
{
	static const struct {
		uint64_t aend;
		enum symbol_binding ab;
		const char *a;
		uint64_t bend;
		enum symbol_binding bb;
		const char *b, *shown;
	} cases[] = {
		/* without a size, the last one */
		{0, SYMBOL_GLOBAL, "a", 0, SYMBOL_GLOBAL, "bb", "bb"},
		{0, SYMBOL_GLOBAL, "aa", 0, SYMBOL_WEAK, "b", "b"},
		{0, SYMBOL_GLOBAL, "a", 0, SYMBOL_LOCAL, "__b", "__b"},
		/* one with a size */
		/* which the last one has: up to the next */
		{0x1010, SYMBOL_LOCAL, "a", 0, SYMBOL_GLOBAL, "b", "b"},
		{0x1010, SYMBOL_LOCAL, "a", 0, SYMBOL_WEAK, "b", "a"},
		{0x1010, SYMBOL_WEAK, "a", 0x1010, SYMBOL_LOCAL, "b", "b"},
		{0x1010, SYMBOL_LOCAL, "a", 0x1010, SYMBOL_WEAK, "b", "a"},
		{0x1010, SYMBOL_LOCAL, "a", 0x1010, SYMBOL_GLOBAL, "__b", "__b"},
		{0x1010, SYMBOL_GLOBAL, "__a", 0x1010, SYMBOL_LOCAL, "b", "__a"},
		{0x1010, SYMBOL_GLOBAL, "__a", 0x1010, SYMBOL_GLOBAL, "_b", "_b"},
		{0x1010, SYMBOL_GLOBAL, "_a", 0x1010, SYMBOL_GLOBAL, "__bbbb", "_a"},
		{0x1010, SYMBOL_GLOBAL, "a", 0x1010, SYMBOL_GLOBAL, "bb", "bb"},
		{0x1010, SYMBOL_GLOBAL, "aa", 0x1010, SYMBOL_GLOBAL, "b", "aa"},
		{0x1010, SYMBOL_GLOBAL, "aa", 0x1010, SYMBOL_GLOBAL, "bb", "aa"},
		{0x1010, SYMBOL_GLOBAL, "SyS_a", 0x1010, SYMBOL_GLOBAL, "sys_a", "sys_a"},
		{0x1010, SYMBOL_GLOBAL, "compat_SyS_a", 0x1010, SYMBOL_GLOBAL, "compat_sys_a",
		 "compat_sys_a"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		add(0x1000, cases[i].aend, cases[i].ab, cases[i].a, "");
		add(0x1000, cases[i].bend, cases[i].bb, cases[i].b, "");
		add(0x2000, 0, SYMBOL_LOCAL, "next", "");
		symtab_sort(t);
		ck_assert_msg(!strcmp(at(0x1000), cases[i].shown), "%zu: %s", i, at(0x1000));
		ck_assert_uint_eq(symtab_size(t), 2);
		/* by name both are found */
		ck_assert_uint_eq(symtab_named(t, cases[i].a)->start, 0x1000);
		ck_assert_uint_eq(symtab_named(t, cases[i].b)->start, 0x1000);
	}
}
END_TEST

START_TEST(inside)
{
	begin();
	add(0x1000, 0x2000, SYMBOL_GLOBAL, "outer", "");
	add(0x1100, 0x1800, SYMBOL_LOCAL, "middle", "");
	add(0x1200, 0x1210, SYMBOL_LOCAL, "one", "");
	add(0x1300, 0x1310, SYMBOL_LOCAL, "two", "");
	add(0x1900, 0x2100, SYMBOL_LOCAL, "across", "");
	symtab_sort(t);
	ck_assert_str_eq(at(0x10ff), "outer");
	ck_assert_str_eq(at(0x1205), "one");
	ck_assert_str_eq(at(0x1210), "middle");
	ck_assert_str_eq(at(0x1310), "middle");
	ck_assert_str_eq(at(0x1800), "outer");
	ck_assert_str_eq(at(0x1fff), "across");
	ck_assert_str_eq(at(0x20ff), "across");
	ck_assert_str_eq(at(0x2100), "-");
}
END_TEST

/* A hostile file's: each in the one before.  Found or not, and at once. */
START_TEST(deep)
{
	begin();
	for (uint64_t i = 0; i < 100000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", (int)i);
		add(0x1000 + i, 0x1000000 - i, SYMBOL_LOCAL, name, "");
	}
	symtab_sort(t);
	ck_assert_str_eq(at(0x1005), "s5");
	ck_assert_str_eq(at(0xffffff), "-");
	for (uint64_t i = 0; i < 1000000; i++)
		symtab_find(t, 0x1000000 - i);
}
END_TEST

START_TEST(modules)
{
	begin();
	symtab_module(t, "", 0x1000, 0x9000);
	symtab_module(t, "a", 0x20000, 0x24000);
	symtab_module(t, "b", 0x23000, 0x28000); /* a's size is of memory that lies elsewhere, too */
	symtab_module(t, "none", 0x30000, 0x30000);
	symtab_module(t, "c", 0x40000, 0x50000);
	add(0x10, 0, SYMBOL_LOCAL, "per_cpu", "");
	add(0x1000, 0, SYMBOL_GLOBAL, "_text", "");
	add(0x8ffe, 0, SYMBOL_GLOBAL, "kernel", "");
	add(0xa000, 0, SYMBOL_GLOBAL, "elsewhere", "");
	add(0x22000, 0, SYMBOL_LOCAL, "in_a", "a");
	add(0x23800, 0, SYMBOL_LOCAL, "in_b", "b");
	add(0x28010, 0, SYMBOL_LOCAL, "behind_b", "b");
	add(0x60000, 0, SYMBOL_LOCAL, "unplaced", "bpf");
	symtab_sort(t);
	ck_assert_str_eq(at(0x10), "-");
	ck_assert_str_eq(at(0x8ffd), "_text");
	ck_assert_str_eq(at(0x8fff), "kernel");
	ck_assert_str_eq(at(0x9000), "-");
	ck_assert_str_eq(at(0xa000), "-");
	ck_assert_str_eq(at(0x22fff), "in_a");
	ck_assert_str_eq(at(0x23000), "-");
	ck_assert_str_eq(symtab_find(t, 0x22000)->module, "a");
	ck_assert_str_eq(at(0x27fff), "in_b");
	ck_assert_str_eq(at(0x28000), "-");
	ck_assert_str_eq(at(0x28010), "behind_b");
	ck_assert_str_eq(at(0x29fff), "behind_b");
	ck_assert_str_eq(at(0x2a000), "-");
	ck_assert_str_eq(at(0x60fff), "unplaced");
	ck_assert_str_eq(at(0x61000), "-");
	ck_assert_str_eq(symtab_module_at(t, 0x1000), "");
	ck_assert_str_eq(symtab_module_at(t, 0x22fff), "a");
	ck_assert_str_eq(symtab_module_at(t, 0x23000), "b");
	ck_assert_str_eq(symtab_module_at(t, 0x4ffff), "c");
	ck_assert_ptr_null(symtab_module_at(t, 0x50000));
	ck_assert_ptr_null(symtab_module_at(t, 0x30000));
	/* a module's symbol is none of the kernel's */
	ck_assert_ptr_null(symtab_named(t, "in_a"));
}
END_TEST

/* A guest can tell of any number: each in its place, and at once. */
START_TEST(many_modules)
{
	const uint64_t n = 300000;

	begin();
	for (uint64_t i = n; i--;) {
		char name[16];

		snprintf(name, sizeof(name), "m%d", (int)i);
		symtab_module(t, name, 0x1000 + 16 * i, 0x1000 + 16 * i + 8);
		add(0x1000 + 16 * i, 0, SYMBOL_LOCAL, "f", name);
	}
	symtab_sort(t);
	for (uint64_t i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof(name), "m%d", (int)i);
		MANY(!strcmp(symtab_module_at(t, 0x1000 + 16 * i), name));
		MANY(!strcmp(symtab_find(t, 0x1007 + 16 * i)->module, name));
		MANY(!symtab_find(t, 0x1008 + 16 * i));
	}
}
END_TEST

/* A name of no bytes ends what is before it. */
START_TEST(nameless)
{
	begin();
	add(0x1000, 0, SYMBOL_LOCAL, "a", "");
	add(0x1010, 0, SYMBOL_LOCAL, "", "");
	symtab_sort(t);
	ck_assert_str_eq(at(0x100f), "a");
	ck_assert_str_eq(at(0x1010), "-");
}
END_TEST

/* The names outlive what they were made of, also long ones. */
START_TEST(texts)
{
	static char name[1 << 20];

	begin();
	memset(name, 'x', sizeof(name) - 1);
	add(0x1000, 0, SYMBOL_LOCAL, name, "");
	for (int i = 0; i < 100000; i++) {
		char s[32], m[32];

		snprintf(s, sizeof(s), "symbol_%d", i);
		snprintf(m, sizeof(m), "m%d", i / 1000);
		add(0x2000 + 16 * (uint64_t)i, 0, SYMBOL_LOCAL, s, m);
	}
	symtab_sort(t);
	ck_assert_uint_eq(strlen(at(0x1000)), sizeof(name) - 1);
	for (int i = 0; i < 100000; i++) {
		const struct symbol *s = symtab_find(t, 0x2000 + 16 * (uint64_t)i + 15);
		char is[32], m[32];

		snprintf(is, sizeof(is), "symbol_%d", i);
		snprintf(m, sizeof(m), "m%d", i / 1000);
		MANY(s && !strcmp(s->name, is) && !strcmp(s->module, m));
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("symtab");

	UNIT_ADD(u, empty);
	UNIT_ADD(u, by_name);
	UNIT_ADD(u, ends);
	UNIT_ADD(u, limits);
	UNIT_ADD(u, choice);
	UNIT_ADD(u, inside);
	UNIT_ADD(u, deep);
	UNIT_ADD(u, modules);
	UNIT_ADD(u, many_modules);
	UNIT_ADD(u, nameless);
	UNIT_ADD(u, texts);
	return unit_run(u);
}
