// SPDX-License-Identifier: GPL-2.0-only
/* Lists of the CPUs and nodes that vCPUs ran on. */
#include "model/placement.h"
#include "samples.h"
#include "unit.h"

enum { CPUS = 10 };

static uint32_t nodes[CPUS] = {0, 0, 0, 0, 2, 2, 2, 2, 1, 1};
static const struct view host = {.ncpus = CPUS, .cpu_node = nodes}, no_nodes = {.ncpus = CPUS};

static const struct {
	uint64_t ns[CPUS];
	const char *cpus, *nodes;
} cases[] = {
	{{0}, "", ""},
	{{1}, "0", "0"},
	{{1, 1, 1, 1}, "0-3", "0"},
	{{1, 1, 1, 1, 0, 0, 0, 0, 1}, "0-3,8", "0-1"},
	{{0, 1, 0, 7, 9, 0, 0, 0, 0, 1}, "1,3-4,9", "0-2"},
	{{0, 0, 1, 0, 0, 0, 0, 1}, "2,7", "0,2"},
	{{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, "0-9", "0-2"},
};

START_TEST(lists)
{
	struct view_set s = {.ncpus = CPUS, .cpu_ns = mem_dup(cases[_i].ns, CPUS, sizeof(uint64_t))};
	struct buf cpus = {0}, on = {0}, none = {0};
	bool last[CPUS];
	struct view_class c = {.on = last};

	for (int i = 0; i < CPUS; i++)
		last[i] = cases[_i].ns[i];
	buf_puts(&cpus, "");
	buf_puts(&on, "");
	placement_cpus(&cpus, &s);
	placement_nodes(&on, &host, &s);
	placement_nodes(&none, &no_nodes, &s);
	ck_assert_str_eq(cpus.data, cases[_i].cpus);
	ck_assert_str_eq(on.data, cases[_i].nodes);
	ck_assert_uint_eq(none.len, 0);
	buf_free(&cpus);
	buf_free(&on);
	/* of a class's threads, by the same rules */
	buf_puts(&cpus, "");
	buf_puts(&on, "");
	placement_last_cpus(&cpus, &host, &c);
	placement_last_nodes(&on, &host, &c);
	placement_last_nodes(&none, &no_nodes, &c);
	ck_assert_str_eq(cpus.data, cases[_i].cpus);
	ck_assert_str_eq(on.data, cases[_i].nodes);
	ck_assert_uint_eq(none.len, 0);
	buf_free(&cpus);
	buf_free(&on);
	buf_free(&none);
	free(s.cpu_ns);
}
END_TEST

START_TEST(not_known)
{
	struct view_set s = {0};
	struct buf b = {0};
	uint32_t node = 7;

	placement_cpus(&b, &s);
	placement_nodes(&b, &host, &s);
	ck_assert_uint_eq(b.len, 0);
	ck_assert(!placement_node(&no_nodes, 0, &node));
	ck_assert(!placement_node(&host, CPUS, &node));
	ck_assert_uint_eq(node, 7);
	ck_assert(placement_node(&host, 4, &node));
	ck_assert_uint_eq(node, 2);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("placement");

	tcase_add_loop_test(u.tcase, lists, 0, sizeof(cases) / sizeof(*cases));
	UNIT_ADD(u, not_known);
	return unit_run(u);
}
