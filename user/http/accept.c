// SPDX-License-Identifier: GPL-2.0-only
#include "accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

struct text {
	const char *at;
	size_t len;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool is(struct text t, const char *word)
{
	return t.len == strlen(word) && !strncasecmp(t.at, word, t.len);
}

/*
 * The part of *from before the next sep that is in no quoted string, without the
 * blanks around it; *from is then behind it, NULL when that was the last.
 */
static struct text part(struct text *from, char sep)
{
	struct text t = {from->at, 0};
	bool quoted = false;
	size_t i = 0;

	for (; i < from->len && (quoted || from->at[i] != sep); i++) {
		if (from->at[i] == '"')
			quoted = !quoted;
		else if (quoted && from->at[i] == '\\' && i + 1 < from->len)
			i++;
	}
	t.len = i;
	if (i < from->len) {
		from->at += i + 1;
		from->len -= i + 1;
	} else {
		from->at = NULL;
	}
	while (t.len && is_space(t.at[0])) {
		t.at++;
		t.len--;
	}
	while (t.len && is_space(t.at[t.len - 1]))
		t.len--;
	return t;
}

/* A weight in thousandths ("0.5": 500); 0 when it is none: then the part does not count. */
static unsigned int weight(struct text t)
{
	unsigned int q, digit = 100;

	if (!t.len || t.len > 5 || (t.at[0] != '0' && t.at[0] != '1'))
		return 0;
	q = t.at[0] == '1' ? 1000 : 0;
	if (t.len > 1 && t.at[1] != '.')
		return 0;
	for (size_t i = 2; i < t.len; i++, digit /= 10) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return 0;
		q += (unsigned int)(t.at[i] - '0') * digit;
	}
	return q > 1000 ? 0 : q;
}

struct item {
	struct text name;
	struct text version; /* at is NULL: none was asked for */
	unsigned int q;
};

/* The next of a list of "name;parameter=value;q=weight"; false: no more. */
static bool next(struct text *list, struct item *ret)
{
	struct text one;

	if (!list->at)
		return false;
	one = part(list, ',');
	*ret = (struct item){.q = 1000};
	ret->name = part(&one, ';');
	while (one.at) {
		struct text value = part(&one, ';'), key = part(&value, '=');

		if (!value.at)
			continue;
		value = part(&value, ';'); /* its blanks */
		if (value.len > 1 && value.at[0] == '"' && value.at[value.len - 1] == '"') {
			value.at++;
			value.len -= 2;
		}
		if (is(key, "q"))
			ret->q = weight(value);
		else if (is(key, "version"))
			ret->version = value;
	}
	return true;
}

bool accept_openmetrics(const char *header)
{
	struct text list = {header, header ? strlen(header) : 0};
	unsigned int open = 0, plain = 0;
	struct item i;

	while (next(&list, &i)) {
		if (is(i.name, "application/openmetrics-text")) {
			/* 0.0.1 is what clients called it before it was a standard */
			bool known = !i.version.at || is(i.version, "1.0.0") || is(i.version, "0.0.1");

			/* of two of equal weight the first wins */
			if (known && i.q > open && i.q > plain)
				open = i.q;
		} else if (is(i.name, "text/plain") || is(i.name, "text/*") || is(i.name, "*/*")) {
			bool known = !i.version.at || is(i.version, "0.0.4");

			if (known && i.q > plain)
				plain = i.q;
		}
	}
	return open && open >= plain;
}

bool accept_gzip(const char *header)
{
	struct text list = {header, header ? strlen(header) : 0};
	unsigned int gzip = 0, any = 0, identity = 0;
	bool named = false;
	struct item i;

	while (next(&list, &i)) {
		if (is(i.name, "gzip") || is(i.name, "x-gzip")) {
			gzip = i.q;
			named = true;
		} else if (is(i.name, "*")) {
			any = i.q;
		} else if (is(i.name, "identity")) {
			identity = i.q;
		}
	}
	if (!named)
		gzip = any;
	return gzip && gzip >= identity;
}
