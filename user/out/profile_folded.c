// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../model/profile_tree.h"
#include "profile.h"

/* A name in a stack: ";" would begin the next one. */
static void add_name(struct buf *b, const char *name)
{
	struct buf safe = {0};

	buf_escape(&safe, name, strlen(name));
	for (size_t i = 0; i < safe.len; i++) {
		if (safe.data[i] == ';')
			buf_puts(b, "\\x3b");
		else
			buf_add(b, safe.data + i, 1);
	}
	buf_free(&safe);
}

static void add_node(struct buf *b, const struct profile_tree *t, const struct profile_node *n)
{
	struct buf name = {0};

	if (n->depth >= PROFILE_TREE_FRAME) {
		add_name(b, t->texts[n->module]);
		buf_puts(b, "`");
	}
	profile_tree_name(t, n, &name);
	add_name(b, name.data);
	buf_free(&name);
}

void out_profile_folded(struct buf *b, const struct profile_rows *r)
{
	struct buf path = {0};
	size_t *ends = NULL; /* by depth: where the path of the node there ends */
	uint32_t depths = 0;
	struct profile_tree t;

	profile_tree_make(&t, r);
	for (uint32_t at = profile_tree_after(&t, 0); at; at = profile_tree_after(&t, at)) {
		const struct profile_node *n = &t.nodes[at];

		while (n->depth >= depths) {
			depths = depths ? 2 * depths : 64;
			ends = mem_resize(ends, depths, sizeof(*ends));
		}
		path.len = n->depth > PROFILE_TREE_VM ? ends[n->depth - 1] : 0;
		if (n->depth > PROFILE_TREE_VM)
			buf_puts(&path, ";");
		add_node(&path, &t, n);
		ends[n->depth] = path.len;
		if (profile_rows_weight(r, &n->own))
			buf_printf(b, "%s %" PRIu64 "\n", path.data, profile_rows_weight(r, &n->own));
	}
	free(ends);
	buf_free(&path);
	profile_tree_free(&t);
}
