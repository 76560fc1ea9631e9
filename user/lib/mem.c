// SPDX-License-Identifier: GPL-2.0-only
#include "mem.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

void *mem_checked(void *p)
{
	if (!p) {
		log_err("out of memory");
		exit(1);
	}
	return p;
}

void *mem_zalloc(size_t n, size_t size)
{
	return mem_checked(calloc(n ? n : 1, size ? size : 1));
}

void *mem_resize(void *p, size_t n, size_t size)
{
	return mem_checked(reallocarray(p, n ? n : 1, size));
}

char *mem_strdup(const char *s)
{
	return mem_checked(strdup(s));
}

char *mem_strndup(const char *s, size_t len)
{
	return mem_checked(strndup(s, len));
}

void *mem_dup(const void *p, size_t n, size_t size)
{
	void *q = mem_zalloc(n, size);

	if (n)
		memcpy(q, p, n * size);
	return q;
}
