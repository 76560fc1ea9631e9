// SPDX-License-Identifier: GPL-2.0-only
/* What a process has mapped: made-up lines, this process, files that are gone. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/kernel_symbols.h"
#include "host/maps.h"

static struct maps m;

static void parse(const char *text)
{
	maps_free(&m);
	maps_parse(&m, text, strlen(text));
}

START_TEST(fields)
{
	parse("55d0c0a00000-55d0c0a02000 r-xp 00003000 fd:0a 1048 /usr/bin/qemu\n"
	      "7f0000000000-7f0000001000 rw-s 0000000fffff0000 00:00 0 \n"
	      "7ffc00000000-7ffc00002000 r-xp 00000000 00:00 0                          [vdso]\n"
	      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n");
	ck_assert_uint_eq(m.n, 4);
	ck_assert_uint_eq(m.items[0].start, 0x55d0c0a00000);
	ck_assert_uint_eq(m.items[0].end, 0x55d0c0a02000);
	ck_assert_uint_eq(m.items[0].prot, PROT_READ | PROT_EXEC);
	ck_assert_uint_eq(m.items[0].offset, 0x3000);
	ck_assert_uint_eq(m.items[0].major, 0xfd);
	ck_assert_uint_eq(m.items[0].minor, 0x0a);
	ck_assert_uint_eq(m.items[0].inode, 1048);
	ck_assert_str_eq(m.items[0].path, "/usr/bin/qemu");
	ck_assert(!m.items[0].shared);
	ck_assert(!m.items[0].deleted);
	ck_assert_uint_eq(m.items[1].prot, PROT_READ | PROT_WRITE);
	ck_assert_uint_eq(m.items[1].offset, 0xfffff0000);
	ck_assert(m.items[1].shared);
	ck_assert_str_eq(m.items[1].path, "");
	ck_assert_str_eq(m.items[2].path, "[vdso]");
	ck_assert_uint_eq(m.items[3].prot, PROT_EXEC);
	ck_assert_uint_eq(m.items[3].end, 0xffffffffff601000);
}
END_TEST

/* Blanks, line ends, backslashes, bytes that are no text. */
START_TEST(paths)
{
	parse("1000-2000 r--p 0 00:01 7          /a b  c\n"
	      "2000-3000 r--p 0 00:01 8          /a\\012b\\012\n"
	      "3000-4000 r--p 0 00:01 9          /a\\b\\01\n"
	      "4000-5000 r--p 0 00:01 9          /\x80\xff\x1b[1m\n"
	      "5000-6000 r--p 0 00:01 9          /x (deleted)\n"
	      "6000-7000 r--p 0 00:01 9          /x (deleted) (deleted)\n"
	      "7000-8000 r--p 0 00:00 0          [x] (deleted)\n");
	ck_assert_uint_eq(m.n, 7);
	ck_assert_str_eq(m.items[0].path, "/a b  c");
	ck_assert_str_eq(m.items[1].path, "/a\nb\n");
	ck_assert_str_eq(m.items[2].path, "/a\\b\\01");
	ck_assert_str_eq(m.items[3].path, "/\x80\xff\x1b[1m");
	ck_assert_str_eq(m.items[4].path, "/x");
	ck_assert(m.items[4].deleted);
	ck_assert_str_eq(m.items[5].path, "/x (deleted)");
	ck_assert(m.items[5].deleted);
	ck_assert_str_eq(m.items[6].path, "[x] (deleted)");
	ck_assert(!m.items[6].deleted);
}
END_TEST

START_TEST(lines_that_are_none)
{
	parse("");
	ck_assert_uint_eq(m.n, 0);
	parse("\n\n1000\n1000-\n1000-2000\n1000-2000 r-x\n1000-2000 r-xp 0 00:00\nhello world\n"
	      "2000-1000 r-xp 0 00:00 0 /a\n1000-1000 r-xp 0 00:00 0 /a\n-2000 r-xp 0 00:00 0 /a\n"
	      "11111111111111111-2 r-xp 0 00:00 0 /a\n1000-2000 r-xp 0 111111111:00 0 /a\n"
	      "1000-2000 r-xp 0 00:00 x /a\n1000-2000 r-xp 0 00:00 1x /a\n1000-2000rr-xp 0 00:00 1 /a\n");
	ck_assert_uint_eq(m.n, 0);
	/* the last one is cut off */
	parse("1000-2000 r-xp 0 00:00 5 /a\n2000-3000 r-xp 0 00:00 55");
	ck_assert_uint_eq(m.n, 2);
	ck_assert_uint_eq(m.items[1].inode, 55);
	ck_assert_str_eq(m.items[1].path, "");
}
END_TEST

START_TEST(found)
{
	/* the list changed while it was read: out of order */
	parse("5000-6000 r-xp 0 00:00 1 /c\n1000-2000 r-xp 0 00:00 1 /a\n2000-4000 r-xp 0 00:00 1 /b\n");
	ck_assert_ptr_null(maps_find(&m, 0));
	ck_assert_ptr_null(maps_find(&m, 0xfff));
	ck_assert_str_eq(maps_find(&m, 0x1000)->path, "/a");
	ck_assert_str_eq(maps_find(&m, 0x1fff)->path, "/a");
	ck_assert_str_eq(maps_find(&m, 0x2000)->path, "/b");
	ck_assert_ptr_null(maps_find(&m, 0x4000));
	ck_assert_str_eq(maps_find(&m, 0x5fff)->path, "/c");
	ck_assert_ptr_null(maps_find(&m, 0x6000));
	ck_assert_ptr_null(maps_find(&m, UINT64_MAX));
	parse("");
	ck_assert_ptr_null(maps_find(&m, 0));
}
END_TEST

/* This process: what is known of it in another way. */
START_TEST(own)
{
	const struct map *at;
	char exe[4096], path[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	struct stat a, b;
	int err;

	ck_assert_int_gt(n, 0);
	exe[n] = '\0';
	maps_free(&m);
	ck_assert_int_eq(maps_read(&m, "", (uint32_t)getpid()), 0);
	for (size_t i = 1; i < m.n; i++)
		ck_assert_uint_le(m.items[i - 1].end, m.items[i].start);
	at = maps_find(&m, (uint64_t)(uintptr_t)parse);
	ck_assert_ptr_nonnull(at);
	ck_assert_str_eq(at->path, exe);
	ck_assert_uint_eq(at->prot, PROT_READ | PROT_EXEC);
	ck_assert_int_eq(stat(exe, &a), 0);
	ck_assert_uint_eq(at->inode, a.st_ino);
	ck_assert(maps_file(at, "", (uint32_t)getpid(), path, sizeof(path)));
	ck_assert_int_eq(stat(path, &b), 0);
	ck_assert(a.st_dev == b.st_dev && a.st_ino == b.st_ino);
	ck_assert(!maps_file(at, "", (uint32_t)getpid(), path, 10));
	maps_free(&m);
	err = maps_read(&m, "", 0x7ffffffe);
	ck_assert_int_eq(err, -ENOENT);
	ck_assert_uint_eq(m.n, 0);
}
END_TEST

/* A file that was removed, or replaced by another, is told, and can be read only as what it was. */
START_TEST(gone)
{
	char name[] = "/tmp/maps\n test-XXXXXX", path[4096], text[8];
	int fd = mkstemp(name), of;
	const struct map *at;
	void *p;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "before", 6), 6);
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	ck_assert_ptr_ne(p, MAP_FAILED);
	maps_free(&m);
	ck_assert_int_eq(maps_read(&m, "", (uint32_t)getpid()), 0);
	at = maps_find(&m, (uint64_t)(uintptr_t)p);
	ck_assert_ptr_nonnull(at);
	ck_assert_str_eq(at->path, name);
	ck_assert(!at->deleted);
	/* another one has the name since then, and the inode's number belongs to it only */
	ck_assert_int_eq(unlink(name), 0);
	of = open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	ck_assert_int_ge(of, 0);
	ck_assert_int_eq(write(of, "after!", 6), 6);
	if (maps_file(at, "", (uint32_t)getpid(), path, sizeof(path))) {
		int rd = open(path, O_RDONLY);

		ck_assert_int_ge(rd, 0);
		ck_assert_int_eq(read(rd, text, 6), 6);
		ck_assert_mem_eq(text, "before", 6);
		close(rd);
	}
	maps_free(&m);
	ck_assert_int_eq(maps_read(&m, "", (uint32_t)getpid()), 0);
	at = maps_find(&m, (uint64_t)(uintptr_t)p);
	ck_assert(at->deleted);
	ck_assert_str_eq(at->path, name);
	ck_assert(maps_file(at, "", (uint32_t)getpid(), path, sizeof(path)) || geteuid() != 0);
	unlink(name);
	munmap(p, 4096);
	close(fd);
	close(of);
}
END_TEST

START_TEST(kernel)
{
	struct buf b = {0};

	ck_assert_int_eq(kernel_symbols_kallsyms("", &b), 0);
	ck_assert_uint_gt(b.len, 1000);
	b.len = 0;
	ck_assert_int_eq(kernel_symbols_kallsyms("/nowhere", &b), -ENOENT);
	ck_assert_int_eq(kernel_symbols_file("", "/proc/self/maps", 10, &b), -EFBIG);
	b.len = 0;
	ck_assert_int_eq(kernel_symbols_module_notes("", "../kernel", &b), -EINVAL);
	ck_assert_int_eq(kernel_symbols_module_notes("", "", &b), -EINVAL);
	buf_free(&b);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("maps");

	UNIT_ADD(u, fields);
	UNIT_ADD(u, paths);
	UNIT_ADD(u, lines_that_are_none);
	UNIT_ADD(u, found);
	UNIT_ADD(u, own);
	UNIT_ADD(u, gone);
	UNIT_ADD(u, kernel);
	return unit_run(u);
}
