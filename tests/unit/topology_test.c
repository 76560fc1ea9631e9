// SPDX-License-Identifier: GPL-2.0-only
/* NUMA nodes of a made-up host, and lists of CPUs. */
#include "vms_tree.h"

#include "host/topology.h"

#define NODES "sys/devices/system/node"

START_TEST(nodes)
{
	static const uint32_t want[] = {0, 1, 0, 1, 1, 9, 9, 300};
	uint32_t node[8], i;

	for (i = 0; i < 8; i++)
		node[i] = 9;
	put("0,2\n", 4, NODES "/node0/cpulist");
	put("1,3-4\n", 6, NODES "/node1/cpulist");
	put("\n", 1, NODES "/node2/cpulist"); /* memory only */
	put("7-1000\n", 7, NODES "/node300/cpulist");
	put("5\n", 2, NODES "/node/cpulist");
	put("5\n", 2, NODES "/node4x/cpulist");
	put("5-", 2, NODES "/node5/cpulist");
	put("0-7\n", 4, NODES "/possible");
	ck_assert(topology_nodes(root, node, 8));
	for (i = 0; i < 8; i++)
		ck_assert_msg(node[i] == want[i], "CPU %u: node %u", i, node[i]);
}
END_TEST

START_TEST(nodes_of_fewer_cpus)
{
	uint32_t node[3] = {9, 9, 9};

	put("0-63\n", 5, NODES "/node1/cpulist");
	ck_assert(topology_nodes(root, node, 2));
	ck_assert_uint_eq(node[0], 1);
	ck_assert_uint_eq(node[1], 1);
	ck_assert_uint_eq(node[2], 9);
}
END_TEST

START_TEST(no_nodes)
{
	uint32_t node[2] = {9, 9};

	ck_assert(!topology_nodes(root, node, 2));
	put("", 0, NODES "/node0/cpulist");
	ck_assert(!topology_nodes(root, node, 2));
	ck_assert_uint_eq(node[0], 9);
}
END_TEST

START_TEST(lists)
{
	static const struct {
		unsigned char map[3];
		const char *list;
	} pairs[] = {
		{{0, 0, 0}, ""},
		{{1, 0, 0}, "0"},
		{{0x0f, 1, 0}, "0-3,8"},
		{{0x80, 1, 0}, "7-8"},
		{{0x55, 0, 0x80}, "0,2,4,6,23"},
		{{0xff, 0xff, 0xff}, "0-23"},
		{{0, 0, 0xc0}, "22-23"},
	};
	unsigned char map[3];
	char *list;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		list = topology_list(pairs[i].map, 3);
		ck_assert_str_eq(list, pairs[i].list);
		memset(map, 0xaa, sizeof(map));
		ck_assert(topology_map(list, map, 3));
		ck_assert_mem_eq(map, pairs[i].map, 3);
		free(list);
	}
}
END_TEST

START_TEST(no_lists)
{
	static const char *const bad[] = {"x",     "1-",   "-1",          "1,", ",1", "1 ",
					  "1-2-3", "1,,2", "99999999999", "^1", "1-x"};
	unsigned char map[2];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!topology_map(bad[i], map, 2), "%s", bad[i]);
	/* beyond the map, backwards */
	ck_assert(topology_map("15-4000000000", map, 2));
	ck_assert_uint_eq(map[0], 0);
	ck_assert_uint_eq(map[1], 0x80);
	ck_assert(topology_map("3-1", map, 2));
	ck_assert_uint_eq(map[0], 0);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("topology");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, nodes);
	UNIT_ADD(u, nodes_of_fewer_cpus);
	UNIT_ADD(u, no_nodes);
	UNIT_ADD(u, lists);
	UNIT_ADD(u, no_lists);
	return unit_run(u);
}
