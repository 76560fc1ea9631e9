// SPDX-License-Identifier: GPL-2.0-only
#include "node.h"

#include <string.h>

#include "../lib/mem.h"

/* jansson fails for want of memory only: all strings are checked before. */
json_t *node_checked(json_t *j)
{
	return mem_checked(j);
}

void node_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, node_checked(value)))
		node_checked(NULL);
}

void node_append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, node_checked(value)))
		node_checked(NULL);
}

json_t *node_number(uint64_t u)
{
	return json_integer(u < INT64_MAX ? (json_int_t)u : INT64_MAX);
}

json_t *node_text(const char *s)
{
	json_t *j = json_string(s);
	struct buf escaped = {0};

	if (j)
		return j;
	buf_escape(&escaped, s, strlen(s));
	j = json_string(escaped.data);
	buf_free(&escaped);
	return j;
}

json_t *node_text_or_null(const char *s)
{
	return s && *s ? node_text(s) : json_null();
}

/* JSON allows DEL as it is, a terminal should not see it. */
static int write_chunk(const char *data, size_t len, void *arg)
{
	struct buf *b = arg;
	size_t begin = 0;

	for (size_t i = 0; i < len; i++) {
		if (data[i] != 0x7f)
			continue;
		buf_add(b, data + begin, i - begin);
		buf_puts(b, "\\u007f");
		begin = i + 1;
	}
	buf_add(b, data + begin, len - begin);
	return 0;
}

void node_print(struct buf *b, json_t *root)
{
	if (json_dump_callback(root, write_chunk, b,
			       JSON_INDENT(1) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9)))
		node_checked(NULL);
	buf_puts(b, "\n");
	json_decref(root);
}
