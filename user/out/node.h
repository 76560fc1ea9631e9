/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON as it is built by several formatters: jansson, where nothing fails but for want of memory. */
#ifndef VMPERF_OUT_NODE_H
#define VMPERF_OUT_NODE_H

#include <jansson.h>
#include <stdint.h>

#include "../lib/buf.h"

/* j; when it is NULL memory ran out, and the program ends. */
json_t *node_checked(json_t *j);

/* Both take value over. */
void node_set(json_t *object, const char *key, json_t *value);
void node_append(json_t *array, json_t *value);

json_t *node_number(uint64_t u);

/* Text from elsewhere: valid UTF-8 as it is, else escaped. */
json_t *node_text(const char *s);
json_t *node_text_or_null(const char *s);

/* Adds root and a newline, in pure ASCII, and frees it. */
void node_print(struct buf *b, json_t *root);

#endif
