// SPDX-License-Identifier: GPL-2.0-only
/* Which modules of a guest are gone. */
#include "unit.h"

#include <string.h>

#include "cmd/guest_modules.h"

static struct guest_modules of(const char *text)
{
	struct guest_modules m;

	guest_modules_parse(&m, text, strlen(text));
	return m;
}

static bool gone(const char *before, const char *now)
{
	struct guest_modules a = of(before), b = of(now);
	bool ret = guest_modules_gone(&a, &b);

	guest_modules_free(&a);
	guest_modules_free(&b);
	return ret;
}

#define XFS  "xfs 1773568 2 - Live 0xffffffffc0a00000\n"
#define EXT4 "ext4 983040 1 - Live 0xffffffffc0800000\n"
#define NFS  "nfs 500000 0 - Live 0xffffffffc0c00000 (OE)\n"

START_TEST(lines)
{
	struct guest_modules m = of(XFS "no module\n\nkvm 1 2 3 4\n" EXT4 "x 1 2 - Live 0x10");

	ck_assert_uint_eq(m.n, 3);
	ck_assert_str_eq(m.items[0], "ext4 983040 0xffffffffc0800000");
	ck_assert_str_eq(m.items[1], "x 1 0x10");
	ck_assert_str_eq(m.items[2], "xfs 1773568 0xffffffffc0a00000");
	guest_modules_free(&m);
	guest_modules_parse(&m, "a\0b 1 2 - Live 0x1\n", 19);
	ck_assert_uint_eq(m.n, 0);
	guest_modules_free(&m);
}
END_TEST

START_TEST(changes)
{
	ck_assert(!gone("", ""));
	ck_assert(!gone("", XFS));
	ck_assert(!gone(XFS EXT4, EXT4 XFS));
	ck_assert(!gone(XFS EXT4, NFS EXT4 XFS));
	ck_assert(gone(XFS, ""));
	ck_assert(gone(XFS EXT4, XFS));
	ck_assert(gone(XFS EXT4, EXT4 NFS));
	ck_assert(gone(XFS EXT4, NFS XFS));
	/* how often it is used is no change; where it is and how big, is */
	ck_assert(!gone(XFS, "xfs 1773568 7 dm_mod,raid1, Live 0xffffffffc0a00000\n"));
	ck_assert(gone(XFS, "xfs 1773568 2 - Live 0xffffffffc0b00000\n"));
	ck_assert(gone(XFS, "xfs 1773569 2 - Live 0xffffffffc0a00000\n"));
}
END_TEST

int main(void)
{
	struct unit u = unit_new("guest_modules");

	UNIT_ADD(u, lines);
	UNIT_ADD(u, changes);
	return unit_run(u);
}
