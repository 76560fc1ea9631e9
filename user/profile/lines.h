/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of a text that may be anything, and numbers in them. */
#ifndef VMPERF_PROFILE_LINES_H
#define VMPERF_PROFILE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct lines {
	const char *p, *end;
};

/* The next line without its end ("\n" or "\r\n"); whole: it had one.  NULL: there are no more. */
static inline const char *lines_next(struct lines *l, size_t *len, bool *whole)
{
	const char *ret = l->p, *nl;

	if (l->p >= l->end)
		return NULL;
	nl = memchr(ret, '\n', (size_t)(l->end - ret));
	*whole = nl != NULL;
	l->p = nl ? nl + 1 : l->end;
	*len = (size_t)((nl ? nl : l->end) - ret);
	if (*len && ret[*len - 1] == '\r')
		--*len;
	return ret;
}

/* A number of these digits and nothing else, of base 10 or 16. */
static inline bool lines_number(const char *p, size_t len, unsigned int base, uint64_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < len; i++) {
		char c = p[i];
		unsigned int d = c >= '0' && c <= '9'   ? (unsigned int)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (unsigned int)(c - 'A') + 10
							: 99;

		if (d >= base || *ret > (UINT64_MAX - d) / base)
			return false;
		*ret = *ret * base + d;
	}
	return len > 0;
}

#endif
