// SPDX-License-Identifier: GPL-2.0-only
/*
 * Views of records from elsewhere, in which every number may be anything: no undefined behaviour, no endless
 * loop, nothing but text.
 */
#include <jansson.h>

#include "model/view.h"
#include "out/out.h"
#include "random_sample.h"
#include "tui/history.h"
#include "unit.h"

/* Whatever names there are, they do nothing to a terminal. */
static void check_text(const struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		MANY((unsigned char)b->data[i] >= ' ' || b->data[i] == '\n');
}

static void check_json(const struct buf *b, const struct view *v)
{
	json_error_t error;
	json_t *root = json_loadb(b->data, b->len, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(root != NULL, "%s", error.text);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "vms")), v->nvms);
	json_decref(root);
}

static void check(const struct view *v)
{
	const struct out_options o = {.width = 120, .utf8 = true};
	struct buf table = {0}, json = {0}, csv = {0};

	digest_free(digest_make(v));
	out_table(&table, v, &o);
	check_text(&table);
	out_json(&json, v, &o);
	check_json(&json, v);
	out_csv(&csv, v, &o);
	check_text(&csv);
	buf_free(&table);
	buf_free(&json);
	buf_free(&csv);
}

START_TEST(any_numbers)
{
	struct dice d = {(uint64_t)_i + 1};

	for (int i = 0; i < 40; i++) {
		struct sample a, b;
		struct view *v;

		roll_sample(&d, &a);
		roll_sample(&d, &b);
		roll_identities(&d, &b, &a);
		v = view_build(&a, &b);
		check(v);
		view_free(v);
		sample_free(&a);
		sample_free(&b);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("view_random");

	tcase_add_loop_test(u.tcase, any_numbers, 0, 8);
	return unit_run(u);
}
