// SPDX-License-Identifier: GPL-2.0-only
#include "meta.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"

void meta_set(char *meta[META_KINDS], enum meta_kind kind, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	/* a cut leaves no half UTF-8 character */
	if (len > META_MAX)
		for (len = META_MAX; len > META_MAX - 3 && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
	free(meta[kind]);
	meta[kind] = len ? mem_strndup(text, len) : NULL;
}

void meta_clear(char *meta[META_KINDS])
{
	for (int i = 0; i < META_KINDS; i++) {
		free(meta[i]);
		meta[i] = NULL;
	}
}

void meta_kubevirt(char *meta[META_KINDS], const char *name)
{
	static const char label[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	static const char subdomain[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
	size_t len = strspn(name, label), rest;
	char *namespace;

	if (!len || len > 63 || name[len] != '_')
		return;
	rest = strspn(name + len + 1, subdomain);
	if (!rest || rest > 253 || name[len + 1 + rest])
		return;
	namespace = mem_strndup(name, len);
	meta_set(meta, META_NAMESPACE, namespace);
	meta_set(meta, META_VMI, name + len + 1);
	free(namespace);
}
