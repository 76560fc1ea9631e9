// SPDX-License-Identifier: GPL-2.0-only
/* ELF files: this program itself, made-up ones, broken ones. */
#include "unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/maps.h"
#include "made_up_elf.h"
#include "profile/elf.h"

static char why[ELF_WHY_SIZE];
static const char id[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14";

static const struct made_up_symbol symbols[] = {
	{"first", 0x401000, 0x10, MADE_UP_FUNC, 1},
	{"weak", 0x401020, 0x10, ELF64_ST_INFO(STB_WEAK, STT_FUNC), 1},
	{"__strong", 0x401020, 0x10, MADE_UP_FUNC, 1},
	{"indirect", 0x401040, 0x10, ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC), 1},
	{"label", 0x401060, 0, MADE_UP_LABEL, 1},
	{"without_size", 0x401080, 0, MADE_UP_FUNC, 1},
	{"undefined", 0x401000, 0x100, MADE_UP_FUNC, SHN_UNDEF},
	{"VERSION_1", 0x401090, 0, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), SHN_ABS},
	{"file.c", 0x401090, 0, ELF64_ST_INFO(STB_LOCAL, STT_FILE), 1},
	{"", 0x401090, 0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), 1},
	{"thread_local", 0x401094, 0, ELF64_ST_INFO(STB_LOCAL, STT_TLS), 1},
	{"huge", 0x4010a0, UINT64_MAX, MADE_UP_FUNC, 1},
};

static const struct made_up_elf made = {0x401000,  0x200, id, symbols, sizeof(symbols) / sizeof(symbols[0]),
					SHT_SYMTAB};

static const char *at(const struct elf_image *e, uint64_t offset)
{
	uint64_t address;
	const struct symbol *s;

	if (!elf_address(e, offset, &address))
		return "unmapped";
	s = symtab_find(elf_symtab(e), address);
	return s ? s->name : "-";
}

static void check_made(const struct elf_image *e)
{
	uint8_t got[ELF_BUILD_ID];

	ck_assert_str_eq(at(e, 0xfff), "unmapped");
	ck_assert_str_eq(at(e, 0x1000), "first");
	ck_assert_str_eq(at(e, 0x100f), "first");
	ck_assert_str_eq(at(e, 0x1010), "-");
	ck_assert_str_eq(at(e, 0x1020), "__strong");
	ck_assert_str_eq(at(e, 0x1040), "indirect");
	ck_assert_str_eq(at(e, 0x1050), "-");
	ck_assert_str_eq(at(e, 0x107f), "label");
	ck_assert_str_eq(at(e, 0x109f), "without_size");
	/* the last one's size is none: it ends with its section */
	ck_assert_str_eq(at(e, 0x11ff), "huge");
	ck_assert_str_eq(at(e, 0x1200), "unmapped");
	ck_assert(elf_is_code(e, 0x4011ff));
	ck_assert(!elf_is_code(e, 0x401200));
	ck_assert(!elf_is_code(e, 0x400fff));
	ck_assert_uint_eq(elf_build_id(e, got), 20);
	ck_assert_mem_eq(got, id, 20);
}

START_TEST(made_up)
{
	struct buf b = {0};
	struct made_up_elf m = made;
	uint8_t got[ELF_BUILD_ID];
	struct elf_image *e;

	made_up_elf(&m, &b);
	e = elf_read(b.data, b.len, why);
	ck_assert_msg(e != NULL, "%s", why);
	check_made(e);
	elf_free(e);
	m.type = SHT_DYNSYM;
	made_up_elf(&m, &b);
	e = elf_read(b.data, b.len, why);
	ck_assert_ptr_nonnull(e);
	check_made(e);
	elf_free(e);
	m.build_id = NULL;
	m.nsymbols = 0;
	made_up_elf(&m, &b);
	e = elf_read(b.data, b.len, why);
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(symtab_size(elf_symtab(e)), 0);
	ck_assert_uint_eq(elf_build_id(e, got), 0);
	elf_free(e);
	buf_free(&b);
}
END_TEST

START_TEST(files)
{
	char dir[] = "/tmp/elf-test-XXXXXX", path[64], fifo[64];
	uint8_t got[ELF_BUILD_ID];
	struct buf b = {0};
	struct elf_image *e;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	made_up_elf(&made, &b);
	made_up_write(path, b.data, b.len);
	e = elf_open(path, why);
	ck_assert_msg(e != NULL, "%s", why);
	check_made(e);
	elf_free(e);
	ck_assert_uint_eq(elf_file_build_id(path, got), 20);
	ck_assert_mem_eq(got, id, 20);
	/* none of these is waited for, or read */
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert_ptr_null(elf_open(fifo, why));
	ck_assert_str_eq(why, "is no regular file");
	ck_assert_ptr_null(elf_open("/dev/zero", why));
	ck_assert_ptr_null(elf_open("/proc/self/status", why));
	ck_assert_str_eq(why, "is no regular file");
	ck_assert_ptr_null(elf_open("/sys/kernel/notes", why));
	ck_assert_str_eq(why, "is no regular file");
	ck_assert_ptr_null(elf_open(dir, why));
	ck_assert_ptr_null(elf_open("/nowhere/at/all", why));
	ck_assert_ptr_nonnull(strstr(why, "No such file"));
	ck_assert_uint_eq(elf_file_build_id(fifo, got), 0);
	made_up_write(path, "#!/bin/sh\n", 10);
	ck_assert_ptr_null(elf_open(path, why));
	ck_assert_str_eq(why, "is no ELF file");
	made_up_write(path, "", 0);
	ck_assert_ptr_null(elf_open(path, why));
	unlink(path);
	unlink(fifo);
	rmdir(dir);
	buf_free(&b);
}
END_TEST

/* Where the running program has a function, its file says that it has it. */
START_TEST(own)
{
	struct maps m;
	const struct {
		uintptr_t address;
		const char *name;
	} is[] = {
		{(uintptr_t)elf_open, "elf_open"},
		{(uintptr_t)elf_notes_build_id, "elf_notes_build_id"},
		{(uintptr_t)at, "at"},
		{(uintptr_t)check_made, "check_made"},
	};

	ck_assert_int_eq(maps_read(&m, "", (uint32_t)getpid()), 0);
	for (size_t i = 0; i < sizeof(is) / sizeof(is[0]); i++) {
		const struct map *map = maps_find(&m, is[i].address);
		struct elf_image *e;

		ck_assert_ptr_nonnull(map);
		e = elf_open(map->path, why);
		ck_assert_msg(e != NULL, "%s", why);
		ck_assert_str_eq(at(e, is[i].address - map->start + map->offset), is[i].name);
		ck_assert_str_eq(at(e, is[i].address - map->start + map->offset + 1), is[i].name);
		elf_free(e);
	}
	maps_free(&m);
}
END_TEST

#ifdef __x86_64__
/* What a call of another file's function goes to, and that its address is taken besides: a stub of 8 bytes.
 */
#define STUB_OF(name)                                                                                        \
	({                                                                                                   \
		uintptr_t stub_;                                                                             \
		__asm__("leaq " name "@PLT(%%rip), %0" : "=r"(stub_));                                       \
		stub_;                                                                                       \
	})
static pid_t (*const volatile taken)(void) = getppid;

/* Stubs that this program was linked with: the jump's target tells whose they are. */
START_TEST(stubs)
{
	const struct {
		uintptr_t address;
		const char *name;
	} is[] = {
		{STUB_OF("getpgid"), "getpgid@plt"},
		{STUB_OF("getsid"), "getsid@plt"},
		{STUB_OF("getppid"), "getppid@plt"},
	};
	struct maps m;

	ck_assert_int_eq(taken(), getppid());
	ck_assert_int_eq(maps_read(&m, "", (uint32_t)getpid()), 0);
	for (size_t i = 0; i < sizeof(is) / sizeof(is[0]); i++) {
		const struct map *map = maps_find(&m, is[i].address);
		struct elf_image *e;
		uint64_t offset;

		ck_assert_ptr_nonnull(map);
		e = elf_open(map->path, why);
		ck_assert_msg(e != NULL, "%s", why);
		offset = is[i].address - map->start + map->offset;
		ck_assert_str_eq(at(e, offset), is[i].name);
		ck_assert_str_eq(at(e, offset + 7), is[i].name);
		ck_assert_str_ne(at(e, offset - 1), is[i].name);
		ck_assert_str_ne(at(e, offset + 16), is[i].name);
		elf_free(e);
	}
	maps_free(&m);
}
END_TEST
#endif

/* A library that is stripped: what it exports has its name all the same. */
START_TEST(stripped)
{
	void *lib = dlopen("libelf.so.1", RTLD_NOW), *f = lib ? dlsym(lib, "elf_begin") : NULL;
	const struct map *map;
	struct elf_image *e;
	struct maps m;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(maps_read(&m, "", (uint32_t)getpid()), 0);
	map = maps_find(&m, (uintptr_t)f);
	ck_assert_ptr_nonnull(map);
	e = elf_open(map->path, why);
	ck_assert_msg(e != NULL, "%s", why);
	ck_assert_str_eq(at(e, (uintptr_t)f - map->start + map->offset), "elf_begin");
	elf_free(e);
	maps_free(&m);
	dlclose(lib);
}
END_TEST

START_TEST(notes)
{
	const struct {
		uint32_t namesz, descsz, type;
		char name[4];
		unsigned char desc[20];
	} two[] = {{4, 20, 1, "GNU", {9}}, {4, 20, NT_GNU_BUILD_ID, "GNU", {1, 2, 3}}};
	struct {
		uint32_t namesz, descsz, type;
		char name[4];
	} lie = {4, 0xfffffffe, NT_GNU_BUILD_ID, "GNU"};
	uint8_t got[ELF_BUILD_ID] = {0};

	ck_assert_uint_eq(elf_notes_build_id(two, sizeof(two), got), 20);
	ck_assert_uint_eq(got[2], 3);
	/* cut off anywhere */
	for (size_t n = 0; n < sizeof(two); n++)
		ck_assert_uint_eq(elf_notes_build_id(two, n, got), 0);
	ck_assert_uint_eq(elf_notes_build_id(&lie, sizeof(lie), got), 0);
	lie.namesz = 0xffffffff;
	ck_assert_uint_eq(elf_notes_build_id(&lie, sizeof(lie), got), 0);
	lie.namesz = 4;
	lie.descsz = 0;
	ck_assert_uint_eq(elf_notes_build_id(&lie, sizeof(lie), got), 0);
}
END_TEST

/* Cut off anywhere, or with any byte of its headers another one: no crash, and an answer. */
START_TEST(broken)
{
	struct buf b = {0};
	size_t read = 0;

	made_up_elf(&made, &b);
	for (size_t n = 0; n < b.len; n += n < 0x200 || n > 0x1200 ? 1 : 64) {
		struct elf_image *e = elf_read(b.data, n, why);

		read += e != NULL;
		elf_free(e);
	}
	ck_assert_uint_gt(read, 0);
	for (size_t i = 4; i < b.len; i += i < 0x200 || i > 0x1200 ? 1 : 64) {
		static const unsigned char bytes[] = {0, 1, 0x7f, 0x80, 0xff};
		char was = b.data[i];

		for (size_t j = 0; j < sizeof(bytes); j++) {
			struct elf_image *e;
			uint64_t address;

			b.data[i] = (char)bytes[j];
			e = elf_read(b.data, b.len, why);
			for (uint64_t off = 0; e && off < 0x3000; off += 0x10)
				if (elf_address(e, off, &address))
					symtab_find(elf_symtab(e), address);
			elf_free(e);
		}
		b.data[i] = was;
	}
	buf_free(&b);
}
END_TEST

/* Memory that a small file must not take: it is sparse, or tells of the same bytes often. */
static void limit_memory(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
	/* ASan takes far more address space, and refuses a block of such a size itself */
	const struct rlimit most = {1U << 30, 1U << 30};

	setrlimit(RLIMIT_AS, &most);
#endif
}

static Elf64_Shdr *section_of(struct buf *b, int i)
{
	return (Elf64_Shdr *)(void *)(b->data + ((const Elf64_Ehdr *)(const void *)b->data)->e_shoff) + i;
}

static void open_sparse(const struct buf *b, bool is_fine)
{
	char path[] = "/tmp/elf-test-XXXXXX";
	struct elf_image *e;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, b->data, b->len), (ssize_t)b->len);
	ck_assert_int_eq(ftruncate(fd, 1LL << 40), 0);
	close(fd);
	e = elf_open(path, why);
	ck_assert_int_eq(e != NULL, is_fine);
	if (e) {
		/* what is too large tells nothing */
		ck_assert_uint_eq(symtab_size(elf_symtab(e)), 0);
		ck_assert_str_eq(at(e, 0x1000), "-");
	}
	elf_free(e);
	unlink(path);
}

START_TEST(sparse)
{
	static const uint64_t huge = 200ULL << 30;
	struct buf b = {0};
	Elf64_Ehdr *eh;

	limit_memory();
	made_up_elf(&made, &b);
	section_of(&b, 2)->sh_size = huge; /* symbols */
	open_sparse(&b, true);
	made_up_elf(&made, &b);
	section_of(&b, 3)->sh_size = huge; /* their names */
	open_sparse(&b, true);
	made_up_elf(&made, &b);
	section_of(&b, 4)->sh_size = huge; /* the sections' names */
	open_sparse(&b, false);
	/* as many sections as fit into the file */
	made_up_elf(&made, &b);
	section_of(&b, 0)->sh_size = (1ULL << 40) / sizeof(Elf64_Shdr) - 1000;
	eh = (Elf64_Ehdr *)(void *)b.data;
	eh->e_shnum = 0;
	open_sparse(&b, false);
	/* and parts */
	made_up_elf(&made, &b);
	section_of(&b, 0)->sh_info = 0xfffffff0;
	eh = (Elf64_Ehdr *)(void *)b.data;
	eh->e_phnum = PN_XNUM;
	open_sparse(&b, false);
	buf_free(&b);
}
END_TEST

/* Each section of 60,000 is the same megabyte of notes. */
START_TEST(same_bytes)
{
	const size_t n = 60000;
	struct made_up_elf m = made;
	struct elf_image *e;
	uint8_t got[ELF_BUILD_ID];
	struct rusage used;
	struct buf b = {0};
	Elf64_Shdr sh = {.sh_type = SHT_NOTE, .sh_size = 1000000, .sh_addralign = 4};
	Elf64_Nhdr note = {0, 1000000 - sizeof(note), 0};
	char path[] = "/tmp/elf-test-XXXXXX";
	int fd = mkstemp(path);

	limit_memory();
	m.build_id = NULL;
	made_up_elf(&m, &b);
	sh.sh_offset = b.len;
	buf_add(&b, &note, sizeof(note));
	for (size_t i = sizeof(note); i < sh.sh_size; i += 8)
		buf_add(&b, "\0\0\0\0\0\0\0\0", 8);
	((Elf64_Ehdr *)(void *)b.data)->e_shoff = b.len;
	((Elf64_Ehdr *)(void *)b.data)->e_shnum = (Elf64_Half)n;
	for (size_t i = 0; i < n; i++)
		buf_add(&b, &sh, sizeof(sh));
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, b.data, b.len), (ssize_t)b.len);
	close(fd);
	e = elf_open(path, why);
	ck_assert_msg(e != NULL, "%s", why);
	ck_assert_uint_eq(elf_build_id(e, got), 0);
	elf_free(e);
	/* kilobytes: this process has a few megabytes else, and those would be sixty thousand */
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &used), 0);
	ck_assert_int_lt(used.ru_maxrss, 512 << 10);
	unlink(path);
	buf_free(&b);
}
END_TEST

/* What somebody has put where a program's debug file would be is not waited for. */
START_TEST(beside)
{
	static const char *const names[] = {"prog.debug", ".debug/prog.debug", "prog"};
	char dir[] = "/tmp/elf-test-XXXXXX", path[3][64];
	struct made_up_elf m = made;
	struct elf_image *e;
	struct buf b = {0};

	ck_assert_ptr_nonnull(mkdtemp(dir));
	m.type = SHT_DYNSYM;
	for (int with_id = 0; with_id < 2; with_id++) {
		m.build_id = with_id ? id : NULL;
		made_up_elf(&m, &b);
		snprintf(path[0], sizeof(path[0]), "%s/.debug", dir);
		mkdir(path[0], 0700);
		for (int i = 0; i < 3; i++)
			snprintf(path[i], sizeof(path[i]), "%s/%s", dir, names[i]);
		ck_assert(!mkfifo(path[0], 0600) || errno == EEXIST);
		ck_assert(!mkfifo(path[1], 0600) || errno == EEXIST);
		made_up_write(path[2], b.data, b.len);
		e = elf_open(path[2], why);
		ck_assert_msg(e != NULL, "%s", why);
		ck_assert_str_eq(at(e, 0x1000), "first");
		elf_free(e);
	}
	for (int i = 0; i < 3; i++)
		unlink(path[i]);
	snprintf(path[0], sizeof(path[0]), "%s/.debug", dir);
	rmdir(path[0]);
	rmdir(dir);
	buf_free(&b);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("elf");

	UNIT_ADD(u, made_up);
	UNIT_ADD(u, files);
	UNIT_ADD(u, own);
#ifdef __x86_64__
	UNIT_ADD(u, stubs);
#endif
	UNIT_ADD(u, stripped);
	UNIT_ADD(u, notes);
	UNIT_ADD(u, broken);
	UNIT_ADD(u, sparse);
	UNIT_ADD(u, same_bytes);
	UNIT_ADD(u, beside);
	return unit_run(u);
}
