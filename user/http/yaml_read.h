/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A document of YAML taken apart with errors that name the line: mappings whose
 * keys are known, strings, lists.  Aliases are what they stand for, and nothing
 * is ever copied, so that they can multiply nothing.
 */
#ifndef VMPERF_HTTP_YAML_READ_H
#define VMPERF_HTTP_YAML_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#define YAML_READ_ENTRIES 256 /* at most, in a mapping or a list */

struct yaml_read {
	yaml_document_t doc;
	const char *path; /* in errors */
	char *error;      /* of size bytes: one line, once something has failed */
	size_t size;
};

/* Takes a text apart that is one document, or empty.  False: failed, with nothing to free. */
bool yaml_read(struct yaml_read *r, const char *text, size_t len);

void yaml_read_free(struct yaml_read *r);

/* Sets the error, "PATH:LINE: …"; is false. */
bool yaml_fail(struct yaml_read *r, const yaml_node_t *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One line, whatever bytes are in it. */
void yaml_tidy(char *s);

/* The node of an item, a key or a value. */
const yaml_node_t *yaml_node(struct yaml_read *r, int id);

bool yaml_is_null(const yaml_node_t *n);

/* A scalar as a string, which is the document's; NULL: failed.  key: what it is called in an error. */
const char *yaml_string(struct yaml_read *r, const yaml_node_t *n, const char *key);

bool yaml_bool(struct yaml_read *r, const yaml_node_t *n, const char *key, bool *ret);

/* Whether it is a mapping whose keys are strings, each of them once. */
bool yaml_mapping(struct yaml_read *r, const yaml_node_t *n, const char *key);

/* The values of a mapping whose keys are among names, in their order; NULL: not there, or null. */
bool yaml_members(struct yaml_read *r, const yaml_node_t *n, const char *key, const char *const *names,
		  size_t nnames, const yaml_node_t **ret);

/* A list of strings (those are the document's); to be freed, also after it failed.  n may be NULL: none. */
bool yaml_strings(struct yaml_read *r, const yaml_node_t *n, const char *key, const char ***ret,
		  size_t *nret);

#endif
