// SPDX-License-Identifier: GPL-2.0-only
#if WITH_HTTP

#include "yaml_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../lib/mem.h"

#define DEPTH 16
#define N(a)  (sizeof(a) / sizeof((a)[0]))

void yaml_tidy(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

static void set_error(struct yaml_read *r, size_t line, const char *fmt, va_list ap)
{
	/* a long path is cut, not what is wrong */
	int n = snprintf(r->error, r->size, "%.180s:%zu: ", r->path, line);

	vsnprintf(r->error + n, r->size - (size_t)n, fmt, ap);
	yaml_tidy(r->error);
}

bool yaml_fail(struct yaml_read *r, const yaml_node_t *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_error(r, at->start_mark.line + 1, fmt, ap);
	va_end(ap);
	return false;
}

const yaml_node_t *yaml_node(struct yaml_read *r, int id)
{
	return yaml_document_get_node(&r->doc, id);
}

bool yaml_is_null(const yaml_node_t *n)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	if (n->type != YAML_SCALAR_NODE || n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < N(words); i++)
		if (!strcmp((const char *)n->data.scalar.value, words[i]))
			return true;
	return false;
}

const char *yaml_string(struct yaml_read *r, const yaml_node_t *n, const char *key)
{
	const char *s;

	if (n->type != YAML_SCALAR_NODE) {
		yaml_fail(r, n, "%s: a string is wanted", key);
		return NULL;
	}
	s = (const char *)n->data.scalar.value;
	if (strlen(s) != n->data.scalar.length) {
		yaml_fail(r, n, "%s: has a NUL in it", key);
		return NULL;
	}
	return s;
}

bool yaml_bool(struct yaml_read *r, const yaml_node_t *n, const char *key, bool *ret)
{
	/* as YAML 1.1 writes them */
	static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes", "YES",
					  "on",   "On",   "ON",   "y",   "Y"};
	static const char *const no[] = {"false", "False", "FALSE", "no", "No", "NO",
					 "off",   "Off",   "OFF",   "n",  "N"};

	if (n->type == YAML_SCALAR_NODE && n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		for (size_t i = 0; i < N(yes); i++) {
			*ret = !strcmp((const char *)n->data.scalar.value, yes[i]);
			if (*ret || !strcmp((const char *)n->data.scalar.value, no[i]))
				return true;
		}
	}
	return yaml_fail(r, n, "%s: true or false is wanted", key);
}

bool yaml_mapping(struct yaml_read *r, const yaml_node_t *n, const char *key)
{
	const yaml_node_pair_t *p, *q;

	if (n->type != YAML_MAPPING_NODE)
		return yaml_fail(r, n, "%s: a mapping (\"key: value\") is wanted", key);
	if (n->data.mapping.pairs.top - n->data.mapping.pairs.start > YAML_READ_ENTRIES)
		return yaml_fail(r, n, "%s: has more than %d entries", key, YAML_READ_ENTRIES);
	for (p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
		const char *name = yaml_string(r, yaml_node(r, p->key), "a key");

		if (!name)
			return false;
		for (q = n->data.mapping.pairs.start; q < p; q++)
			if (!strcmp(name, (const char *)yaml_node(r, q->key)->data.scalar.value))
				return yaml_fail(r, yaml_node(r, p->key), "%s stands twice in %s", name, key);
	}
	return true;
}

bool yaml_members(struct yaml_read *r, const yaml_node_t *n, const char *key, const char *const *names,
		  size_t nnames, const yaml_node_t **ret)
{
	const yaml_node_pair_t *p;

	for (size_t i = 0; i < nnames; i++)
		ret[i] = NULL;
	if (!n || yaml_is_null(n))
		return true;
	if (!yaml_mapping(r, n, key))
		return false;
	for (p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
		const char *name = (const char *)yaml_node(r, p->key)->data.scalar.value;
		size_t i = 0;

		while (i < nnames && strcmp(name, names[i]))
			i++;
		if (i == nnames)
			return yaml_fail(r, yaml_node(r, p->key), "%s is no key of %s", name, key);
		if (!yaml_is_null(yaml_node(r, p->value)))
			ret[i] = yaml_node(r, p->value);
	}
	return true;
}

bool yaml_strings(struct yaml_read *r, const yaml_node_t *n, const char *key, const char ***ret, size_t *nret)
{
	size_t count;

	*ret = NULL;
	*nret = 0;
	if (!n)
		return true;
	if (n->type != YAML_SEQUENCE_NODE)
		return yaml_fail(r, n, "%s: a list is wanted", key);
	count = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
	if (count > YAML_READ_ENTRIES)
		return yaml_fail(r, n, "%s: has more than %d entries", key, YAML_READ_ENTRIES);
	*ret = mem_zalloc(count, sizeof(**ret));
	for (size_t i = 0; i < count; i++) {
		(*ret)[i] = yaml_string(r, yaml_node(r, n->data.sequence.items.start[i]), key);
		if (!(*ret)[i])
			return false;
	}
	*nret = count;
	return true;
}

static bool wrong(struct yaml_read *r, size_t line, const char *why)
{
	snprintf(r->error, r->size, "%.180s:%zu: %s", r->path, line + 1, why ? why : "this is no YAML");
	yaml_tidy(r->error);
	return false;
}

static void begin(yaml_parser_t *p, const char *text, size_t len)
{
	mem_checked(yaml_parser_initialize(p) ? p : NULL);
	yaml_parser_set_input_string(p, (const unsigned char *)text, len);
}

/* Whether it is nested no deeper than a config is: libyaml takes time that grows with the square of it. */
static bool is_shallow(struct yaml_read *r, const char *text, size_t len)
{
	yaml_parser_t p;
	int depth = 0;
	bool ok = true, end = false;

	begin(&p, text, len);
	while (ok && !end) {
		yaml_event_t e;

		if (!yaml_parser_parse(&p, &e)) {
			ok = wrong(r, p.problem_mark.line, p.problem);
			break;
		}
		if (e.type == YAML_SEQUENCE_START_EVENT || e.type == YAML_MAPPING_START_EVENT)
			depth++;
		else if (e.type == YAML_SEQUENCE_END_EVENT || e.type == YAML_MAPPING_END_EVENT)
			depth--;
		if (depth > DEPTH)
			ok = wrong(r, e.start_mark.line, "nested too deeply");
		end = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&p);
	return ok;
}

static bool load(struct yaml_read *r, yaml_parser_t *p)
{
	return yaml_parser_load(p, &r->doc) || wrong(r, p->problem_mark.line, p->problem);
}

bool yaml_read(struct yaml_read *r, const char *text, size_t len)
{
	const yaml_node_t *more;
	struct yaml_read rest = *r;
	yaml_parser_t p;
	bool ok;

	if (!is_shallow(r, text, len))
		return false;
	begin(&p, text, len);
	ok = load(r, &p);
	/* nothing behind it is ignored; at the end of the stream is a document without nodes */
	if (ok && yaml_document_get_root_node(&r->doc)) {
		ok = load(&rest, &p);
		if (ok) {
			more = yaml_document_get_root_node(&rest.doc);
			if (more)
				ok = yaml_fail(r, more, "a second document begins here");
			yaml_document_delete(&rest.doc);
		}
		if (!ok)
			yaml_read_free(r);
	}
	yaml_parser_delete(&p);
	return ok;
}

void yaml_read_free(struct yaml_read *r)
{
	yaml_document_delete(&r->doc);
}

#endif
