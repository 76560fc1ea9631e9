// SPDX-License-Identifier: GPL-2.0-only
/* Lists of numbers. */
#include <string.h>

#include "lib/list.h"
#include "unit.h"

/* A character a number: x is set. */
static const struct {
	const char *is, *list;
} cases[] = {
	{"", ""},
	{"...", ""},
	{"x", "0"},
	{".x", "1"},
	{"xx", "0-1"},
	{"x.x", "0,2"},
	{"xxxx....x", "0-3,8"},
	{".x.xx....x", "1,3-4,9"},
	{"xxxxxxxxxxxx", "0-11"},
	{"..........xx.", "10-11"},
};

START_TEST(lists)
{
	uint32_t n = (uint32_t)strlen(cases[_i].is);
	bool is[16] = {0};
	struct buf b = {0};

	for (uint32_t i = 0; i < n; i++)
		is[i] = cases[_i].is[i] == 'x';
	/* what is behind the last number does not count, what is in the buffer stays */
	is[n] = true;
	buf_puts(&b, "CPUs ");
	list_add(&b, is, n);
	ck_assert_int_eq(strncmp(b.data, "CPUs ", 5), 0);
	ck_assert_str_eq(b.data + 5, cases[_i].list);
	buf_free(&b);
}
END_TEST

START_TEST(nothing)
{
	static const bool none[2];
	struct buf b = {0};

	list_add(&b, none, 2);
	list_add(&b, NULL, 0);
	ck_assert_uint_eq(b.len, 0);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("list");

	tcase_add_loop_test(u.tcase, lists, 0, sizeof(cases) / sizeof(*cases));
	UNIT_ADD(u, nothing);
	return unit_run(u);
}
