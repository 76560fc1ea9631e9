// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "model/select.h"

static struct sample_vm vm(char *name)
{
	struct sample_vm v = {.pid = 4711, .name = name, .uuid = "0c1d2e3f-0000-4000-8000-00000000abcd"};

	return v;
}

START_TEST(a_name_is_meant_whole)
{
	struct sample_vm v = vm("web-1");

	ck_assert(select_vm("web-1", &v));
	ck_assert(!select_vm("web", &v));
	ck_assert(!select_vm("web-10", &v));
	ck_assert(!select_vm("", &v));
}
END_TEST

START_TEST(a_glob_matches_names)
{
	struct sample_vm v = vm("web-1");

	ck_assert(select_vm("web-*", &v));
	ck_assert(select_vm("*", &v));
	ck_assert(select_vm("web-[12]", &v));
	ck_assert(!select_vm("web-[23]", &v));
}
END_TEST

START_TEST(a_name_that_looks_like_a_glob_is_still_a_name)
{
	struct sample_vm v = vm("a[b]*");

	ck_assert(select_vm("a[b]*", &v));
	v.name = "[";
	ck_assert(select_vm("[", &v));
}
END_TEST

START_TEST(a_uuid_in_either_case)
{
	struct sample_vm v = vm("x"), none = vm("x");

	ck_assert(select_vm("0c1d2e3f-0000-4000-8000-00000000abcd", &v));
	ck_assert(select_vm("0C1D2E3F-0000-4000-8000-00000000ABCD", &v));
	ck_assert(!select_vm("0c1d2e3f-0000-4000-8000-00000000abce", &v));
	none.uuid[0] = '\0';
	ck_assert(!select_vm("", &none));
}
END_TEST

START_TEST(a_pid_is_meant_whole)
{
	struct sample_vm v = vm("x");

	ck_assert(select_vm("4711", &v));
	ck_assert(!select_vm("471", &v));
	ck_assert(!select_vm("04711", &v));
}
END_TEST

int main(void)
{
	struct unit u = unit_new("select");

	UNIT_ADD(u, a_name_is_meant_whole);
	UNIT_ADD(u, a_glob_matches_names);
	UNIT_ADD(u, a_name_that_looks_like_a_glob_is_still_a_name);
	UNIT_ADD(u, a_uuid_in_either_case);
	UNIT_ADD(u, a_pid_is_meant_whole);
	return unit_run(u);
}
