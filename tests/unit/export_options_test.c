// SPDX-License-Identifier: GPL-2.0-only
/* What the exporter's options mean. */
#include "cmd/export_options.h"

#include "unit.h"

START_TEST(exits)
{
	struct tally_options o = {0};

	ck_assert(export_exits("all", &o));
	ck_assert_uint_eq(o.exits, TALLY_ALL);
	ck_assert(!o.hide_exits);
	ck_assert(export_exits("none", &o));
	ck_assert(o.hide_exits);
	ck_assert(export_exits("top:5", &o));
	ck_assert_uint_eq(o.exits, 5);
	ck_assert(!o.hide_exits);
	ck_assert(export_exits("top:100000", &o));
	ck_assert_uint_eq(o.exits, 100000);
	ck_assert(export_exits("top:1", &o));
	ck_assert_uint_eq(o.exits, 1);
}
END_TEST

START_TEST(no_exits)
{
	static const char *const wrong[] = {
		"",      "top",    "top:",     "top:0",  "top:-1",
		"top:x", "top:5x", "Top:5",    "top:+5", "top:100001",
		"5",     "all ",   "none,all", "top: 5", "top:99999999999999999999",
		"top:5 "};
	struct tally_options o = {0};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_msg(!export_exits(wrong[i], &o), "'%s'", wrong[i]);
}
END_TEST

START_TEST(all_of_them)
{
	const char *listen[] = {":1", "unix:/run/x"}, *histograms[] = {"io", "m*"};
	struct settings s = {.listen = {listen, 2},
			     .histograms = {histograms, 2},
			     .exits = "top:3",
			     .per_vcpu = true,
			     .max_series = 7};
	struct export_options o;

	ck_assert(export_options(&s, &o));
	ck_assert_uint_eq(o.tally.exits, 3);
	ck_assert(o.tally.per_vcpu);
	ck_assert_uint_eq(o.tally.max_series, 7);
	ck_assert_uint_eq(o.tally.nhistograms, 2);
	ck_assert_str_eq(o.tally.histograms[1], "m*");
	ck_assert_uint_eq(o.nlisten, 2);
	ck_assert_str_eq(o.listen[0].port, "1");
	ck_assert_str_eq(o.listen[1].host, "/run/x");
	ck_assert(o.speed == 1);
	export_options_free(&o);
}
END_TEST

/* Each is wrong on its own; what is left of the others is freed. */
START_TEST(wrong_usage)
{
	const char *listen[] = {":1", "nonsense"};
	struct export_options o;
	const struct settings wrong[] = {
		{.exits = "some"},
		{.exits = "all", .speed = "2"},
		{.exits = "all", .replay = "x", .speed = "fast"},
		{.exits = "all", .replay = "x", .events = "cycles"},
		{.exits = "all", .listen = {listen, 2}},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ck_assert_msg(!export_options(&wrong[i], &o), "%zu", i);
		export_options_free(&o);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("export_options");

	UNIT_ADD(u, exits);
	UNIT_ADD(u, no_exits);
	UNIT_ADD(u, all_of_them);
	UNIT_ADD(u, wrong_usage);
	return unit_run(u);
}
