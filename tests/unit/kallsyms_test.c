// SPDX-License-Identifier: GPL-2.0-only
/* Kernels' symbols and modules from text: what the kernel writes, and what else may be in such a file. */
#include "unit.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "host/kernel_symbols.h"
#include "lib/buf.h"
#include "profile/kallsyms.h"
#include "profile/modules.h"

static struct symtab *t;

static enum kallsyms_state load(const char *kallsyms, const char *modules)
{
	symtab_free(t);
	return kallsyms_load(&t, kallsyms, strlen(kallsyms), modules, modules ? strlen(modules) : 0);
}

static const char *at(uint64_t addr)
{
	const struct symbol *s = t ? symtab_find(t, addr) : NULL;

	return s ? s->name : "-";
}

static const char *module(uint64_t addr)
{
	const struct symbol *s = t ? symtab_find(t, addr) : NULL;

	return s ? s->module : "-";
}

static const char small[] = "0000000000000000 A fixed_percpu_data\n"
			    "0000000000001000 D per_cpu_offset\n"
			    "ffffffff81000000 T _stext\n"
			    "ffffffff81000000 T _text\n"
			    "ffffffff81000040 t local\n"
			    "ffffffff81000080 W weak\n"
			    "ffffffff810000c0 r rodata\n"
			    "ffffffff81000100 T last_function\n"
			    "ffffffff81000200 d data\n"
			    "ffffffff81000300 B _end\n"
			    "ffffffffc0001000 t in_module\t[virtio_net]\n"
			    "ffffffffc0001100 t in_module_too\t[virtio_net]\n"
			    "ffffffffc0800000 t other\t[kvm]\n";

START_TEST(kernel)
{
	ck_assert_int_eq(load(small, NULL), KALLSYMS_GOOD);
	ck_assert_str_eq(at(0x1000), "-");
	ck_assert_str_eq(at(0xffffffff80ffffff), "-");
	ck_assert_str_eq(at(0xffffffff81000000), "_text");
	ck_assert_str_eq(at(0xffffffff8100007f), "local");
	/* read-only data are no symbols of perf's: the function before them goes on */
	ck_assert_str_eq(at(0xffffffff810000ff), "weak");
	ck_assert_str_eq(at(0xffffffff810001ff), "last_function");
	ck_assert_str_eq(at(0xffffffff81000200), "data");
	/* _end is where it ends */
	ck_assert_str_eq(at(0xffffffff810002ff), "data");
	ck_assert_str_eq(at(0xffffffff81000300), "-");
	ck_assert_str_eq(module(0xffffffff81000000), "");
	ck_assert_str_eq(at(0xffffffffc0001000), "in_module");
	ck_assert_str_eq(module(0xffffffffc0001000), "virtio_net");
	/* between modules: nothing but the rest of a page and one more */
	ck_assert_str_eq(at(0xffffffffc0002fff), "in_module_too");
	ck_assert_str_eq(at(0xffffffffc0003000), "-");
	ck_assert_str_eq(at(0xffffffffc0800fff), "other");
	ck_assert_str_eq(at(0xffffffffc0801000), "-");
}
END_TEST

/* The kernel begins with the lower one of its two names for that, and none of a module's moves it. */
START_TEST(bounds)
{
	ck_assert_int_eq(
		load("ffffffff81000000 T _stext\nffffffff81000040 T early\nffffffff81000080 T _text\n"
		     "ffffffff81000100 T f\nffffffff81000300 B _end\n"
		     "ffffffffc0001000 t _end\t[m]\nffffffffc0000000 t _text\t[m]\n",
		     NULL),
		KALLSYMS_GOOD);
	ck_assert_str_eq(at(0xffffffff81000050), "early");
	ck_assert_str_eq(at(0xffffffff810002ff), "f");
	ck_assert_str_eq(at(0xffffffff81000300), "-");
	/* without _end: the page of the last one, and the next */
	ck_assert_int_eq(load("ffffffff81000000 T _text\nffffffff81000100 T f\n", NULL), KALLSYMS_GOOD);
	ck_assert_str_eq(symtab_module_at(t, 0xffffffff81001fff), "");
	ck_assert_ptr_null(symtab_module_at(t, 0xffffffff81002000));
}
END_TEST

START_TEST(modules)
{
	ck_assert_int_eq(load(small, "virtio_net 4608 1 - Live 0xffffffffc0001000 (OE)\n"
				     "net_failover 16384 1 virtio_net, Live 0xffffffffc0004000\n"
				     "kvm 8192 0 - Live 0xffffffffc0800000\n"),
			 KALLSYMS_GOOD);
	ck_assert_str_eq(at(0xffffffffc00021ff), "in_module_too");
	ck_assert_str_eq(at(0xffffffffc0002200), "-");
	ck_assert_str_eq(symtab_module_at(t, 0xffffffffc00021ff), "virtio_net");
	ck_assert_ptr_null(symtab_module_at(t, 0xffffffffc0002200));
	ck_assert_str_eq(symtab_module_at(t, 0xffffffffc0004000), "net_failover");
	ck_assert_str_eq(symtab_module_at(t, 0xffffffff81000000), "");
	ck_assert_ptr_null(symtab_module_at(t, 0xffffffff81000300));
}
END_TEST

/* Lines of /proc/modules that are none, hide their address, or lie. */
START_TEST(modules_bad)
{
	static const char text[] =
		"\n \nalone\na 1\nb 4096 0 - Live\nc 4096 0 - Live 0x0000000000000000\n"
		"d x 0 - Live 0x1000\ne 0 0 - Live 0x1000\nf 4096 0 - Live 1000\n"
		"g 4096 0 - Live 0x\nh 4096 0 - Live 0xffffffffffffffff\n"
		"i 99999999999999999999999 0 - Live 0x1000\n"
		"a_name_that_is_longer_than_any_module_of_the_kernel_may_ever_have_had 4096 0 - Live "
		"0x1000\nok 4096 0 - Live 0x2000\r\ncut 4096 0 - Live 0x30";

	symtab_free(t);
	t = symtab_new();
	ck_assert_uint_eq(modules_load(t, text, strlen(text)), 1);
	symtab_sort(t);
	ck_assert_str_eq(symtab_module_at(t, 0x2000), "ok");
	ck_assert_ptr_null(symtab_module_at(t, 0x1000));
	ck_assert_ptr_null(symtab_module_at(t, 0x30));
}
END_TEST

/* Two that say to lie at one place: the second one begins where the first ends. */
START_TEST(modules_overlap)
{
	ck_assert_int_eq(load("c0001000 t a\t[one]\nc0001800 t b\t[two]\n", "one 65536 0 - Live 0xc0001000\n"
									    "two 4096 0 - Live 0xc0001400\n"),
			 KALLSYMS_GOOD);
	ck_assert_str_eq(at(0xc00013ff), "a");
	ck_assert_str_eq(at(0xc0001400), "-");
	ck_assert_str_eq(symtab_module_at(t, 0xc0001400), "two");
	ck_assert_str_eq(at(0xc00023ff), "b");
	ck_assert_str_eq(at(0xc0002400), "-");
}
END_TEST

START_TEST(bits_32)
{
	ck_assert_int_eq(load("c1000000 T _text\nc1000000 T startup_32\nc1000123 t f\nc1800000 D _end\n"
			      "f8000000 t g\t[floppy]\n",
			      NULL),
			 KALLSYMS_GOOD);
	ck_assert_str_eq(at(0xc1000122), "startup_32");
	ck_assert_str_eq(at(0xc1000123), "f");
	ck_assert_str_eq(at(0xf8000000), "g");
	ck_assert_str_eq(at(0xffffffffc1000123), "-");
}
END_TEST

START_TEST(hidden)
{
	ck_assert_int_eq(
		load("0000000000000000 T _text\n0000000000000000 t f\n0000000000000000 t g\t[m]\n", NULL),
		KALLSYMS_HIDDEN);
	ck_assert_ptr_null(t);
	ck_assert_int_eq(load("00000000 T f\n", NULL), KALLSYMS_HIDDEN);
	/* what has one is no hidden file; a zero is no place */
	ck_assert_int_eq(load("0000000000000000 T f\n0000000000001000 T g\n", NULL), KALLSYMS_GOOD);
	ck_assert_str_eq(at(0), "-");
	ck_assert_str_eq(at(0x1000), "g");
}
END_TEST

START_TEST(none)
{
	static const char *const texts[] = {
		"",
		"\n",
		"hello\n",
		"ffffffff81000000\n",
		"ffffffff81000000 \n",
		"ffffffff81000000 T\n",
		"ffffffff81000000 T \n",
		"ffffffff81000000 r only_data\n",
		"ffffffff81000000 TT name\n",
		"                 U undefined\n",
		"fffffffff81000000 T too_long\n",
		"0xffffffff81000000 T hex\n",
		"g T name\n",
		"-1 T name\n",
		" ffffffff81000000 T blank\n",
		"ffffffff81000000 T $x\n",
		("ffffffff81000000 t "
		 "a\t[a_name_of_a_module_that_is_much_longer_than_that_of_any_module_ever]\n"),
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ck_assert_msg(load(texts[i], NULL) == KALLSYMS_NONE, "%s", texts[i]);
		ck_assert_ptr_null(t);
	}
	symtab_free(t);
	ck_assert_int_eq(kallsyms_load(&t, "1000 T a\0b\n", 11, NULL, 0), KALLSYMS_NONE);
}
END_TEST

/* Unsorted, line ends of other systems, small letters, blanks instead of the tab. */
START_TEST(forms)
{
	ck_assert_int_eq(load("FFFFFFFF81000200 T c\r\nffffffff81000000 T a\r\nffffffff81000100 T b\r\n"
			      "ffffffffc0000000 t m [mod]\r\nffffffffc0001000 t n\t[mod\r\n",
			      NULL),
			 KALLSYMS_GOOD);
	ck_assert_str_eq(at(0xffffffff810000ff), "a");
	ck_assert_str_eq(at(0xffffffff81000100), "b");
	ck_assert_str_eq(at(0xffffffff81000200), "c");
	ck_assert_str_eq(at(0xffffffffc0000000), "m");
	ck_assert_str_eq(module(0xffffffffc0000000), "mod");
	ck_assert_str_eq(module(0xffffffffc0001000), "mod");
}
END_TEST

/* Cut off inside a name: what is there is not known, what is before it ends there. */
START_TEST(cut)
{
	ck_assert_int_eq(load("ffffffff81000000 T a\nffffffff81000100 T do_sys_op", NULL), KALLSYMS_GOOD);
	ck_assert_str_eq(at(0xffffffff810000ff), "a");
	ck_assert_str_eq(at(0xffffffff81000100), "-");
	ck_assert_int_eq(load("ffffffff81000000 T a\nffffffff810001", NULL), KALLSYMS_GOOD);
	ck_assert_str_eq(at(0xffffffff81000000), "a");
}
END_TEST

START_TEST(odd_names)
{
	struct buf b = {0};

	ck_assert_int_eq(
		load("1000 T \xc3\xbc\xff\x1b[31m\n2000 T _ZN4core3fmt9Formatter3pad17h0123456789abcdefE\n",
		     NULL),
		KALLSYMS_GOOD);
	ck_assert_str_eq(at(0x1000), "\xc3\xbc\xff\x1b[31m");
	ck_assert_str_eq(at(0x2000), "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE");
	buf_puts(&b, "1000 T ");
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "name");
	buf_puts(&b, "\n2000 T b\n");
	ck_assert_int_eq(load(b.data, NULL), KALLSYMS_GOOD);
	ck_assert_uint_eq(strlen(at(0x1fff)), 400000);
	ck_assert_str_eq(at(0x2000), "b");
	buf_free(&b);
}
END_TEST

/* 200,000 lines, in an order that is not theirs: each address has the name of its own. */
START_TEST(many)
{
	const uint64_t n = 200000, base = 0xffffffff81000000, step = 64;
	struct buf b = {0};

	for (uint64_t i = 0; i < n; i++) {
		uint64_t k = i * 7919 % n; /* prime to n: each once */

		buf_printf(&b, "%016" PRIx64 " %c function_number_%" PRIu64 "%s\n", base + k * step,
			   k % 3 ? 't' : 'T', k, k >= n / 2 ? "\t[module]" : "");
	}
	ck_assert_int_eq(load(b.data, NULL), KALLSYMS_GOOD);
	ck_assert_uint_eq(symtab_size(t), n);
	for (uint64_t i = 0; i < n; i++) {
		char is[64];

		snprintf(is, sizeof(is), "function_number_%" PRIu64, i);
		MANY(!strcmp(at(base + i * step + i % step), is));
	}
	buf_free(&b);
}
END_TEST

/* A hostile guest's: what would fill the memory is none. */
START_TEST(too_many)
{
	static const char line[] = "1 t a\n";
	struct buf b = {0};

	for (int i = 0; i < 1 << 20; i++)
		buf_add(&b, line, sizeof(line) - 1);
	ck_assert_int_eq(load(b.data, NULL), KALLSYMS_GOOD);
	buf_add(&b, line, sizeof(line) - 1);
	ck_assert_int_eq(load(b.data, NULL), KALLSYMS_NONE);
	buf_free(&b);
}
END_TEST

/* This host's own, if it shows them: each function is found by its address, where no other has it, too. */
START_TEST(own)
{
	struct buf b = {0};
	enum kallsyms_state state;
	char line[1024], name[512], type;
	uint64_t addr, last = 0, seen = 0;
	FILE *f;

	ck_assert_int_eq(kernel_symbols_kallsyms("", &b), 0);
	symtab_free(t);
	state = kallsyms_load(&t, b.data, b.len, NULL, 0);
	ck_assert(state == KALLSYMS_GOOD || state == KALLSYMS_HIDDEN);
	f = fmemopen(b.data, b.len, "r");
	ck_assert_ptr_nonnull(f);
	while (state == KALLSYMS_GOOD && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNx64 " %c %511s", &addr, &type, name) != 3 ||
		    (type != 't' && type != 'T') || addr < 0x100000)
			continue;
		/* what perf shows of several is the last one: compare those that are alone */
		if (addr != last && !strncmp(name, "kvm_", 4)) {
			MANY(strcmp(at(addr), "-") != 0);
			seen += !strcmp(at(addr), name);
		}
		last = addr;
	}
	ck_assert(state == KALLSYMS_HIDDEN || seen > 100);
	fclose(f);
	buf_free(&b);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("kallsyms");

	UNIT_ADD(u, kernel);
	UNIT_ADD(u, bounds);
	UNIT_ADD(u, modules);
	UNIT_ADD(u, modules_bad);
	UNIT_ADD(u, modules_overlap);
	UNIT_ADD(u, bits_32);
	UNIT_ADD(u, hidden);
	UNIT_ADD(u, none);
	UNIT_ADD(u, forms);
	UNIT_ADD(u, cut);
	UNIT_ADD(u, odd_names);
	UNIT_ADD(u, many);
	UNIT_ADD(u, too_many);
	UNIT_ADD(u, own);
	return unit_run(u);
}
