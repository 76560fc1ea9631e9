// SPDX-License-Identifier: GPL-2.0-only
/* Paths and rates of requests. */
#include "unit.h"

#include <string.h>

#include "http/request.h"

static void is(const char *text, const char *want)
{
	char s[64];

	strcpy(s, text);
	ck_assert_uint_eq(request_unescape(s), strlen(want));
	ck_assert_str_eq(s, want);
}

START_TEST(paths)
{
	is("", "");
	is("/metrics", "/metrics");
	is("/%6deTrics%2F", "/meTrics/");
	is("%41%4A%4a%ff", "AJJ\xff");
	/* once */
	is("%2541", "%41");
	is("%%41", "%A");
	/* no code, or only half of one */
	is("%", "%");
	is("%4", "%4");
	is("a%4", "a%4");
	is("%g1%1g% 1%+1", "%g1%1g% 1%+1");
	/* no NUL comes into a string */
	is("/a%00b", "/a%00b");
	is("%01%10", "\x01\x10");
}
END_TEST

START_TEST(rates)
{
	struct request_rate r = request_rate(0, 0, 5);

	for (int i = 0; i < 1000; i++)
		ck_assert(request_rate_take(&r, 5));
	r = request_rate(1000, 2, 5000);
	ck_assert(request_rate_take(&r, 5000));
	ck_assert(request_rate_take(&r, 5000));
	ck_assert(!request_rate_take(&r, 5999));
	ck_assert(request_rate_take(&r, 6000));
	ck_assert(!request_rate_take(&r, 6500));
	/* no more than burst are saved */
	ck_assert(request_rate_take(&r, UINT64_MAX));
	ck_assert(request_rate_take(&r, UINT64_MAX));
	ck_assert(!request_rate_take(&r, UINT64_MAX));
}
END_TEST

int main(void)
{
	struct unit u = unit_new("request");

	UNIT_ADD(u, paths);
	UNIT_ADD(u, rates);
	return unit_run(u);
}
