// SPDX-License-Identifier: GPL-2.0-only
#include "modules.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lines.h"

/* The next word; its length is 0 where there is none. */
static const char *word(const char **p, const char *end, size_t *len)
{
	const char *ret;

	while (*p < end && (**p == ' ' || **p == '\t'))
		++*p;
	for (ret = *p; *p < end && **p != ' ' && **p != '\t';)
		++*p;
	*len = (size_t)(*p - ret);
	return ret;
}

static bool load_line(struct symtab *t, const char *line, size_t len)
{
	const char *p = line, *end = line + len, *name, *w;
	char module[MODULES_NAME];
	uint64_t size, address;
	size_t n;

	name = word(&p, end, &n);
	if (!n || n >= sizeof(module))
		return false;
	memcpy(module, name, n);
	module[n] = '\0';
	w = word(&p, end, &n);
	if (!lines_number(w, n, 10, &size) || !size)
		return false;
	/* users, dependencies, state */
	for (int i = 0; i < 3; i++)
		word(&p, end, &n);
	w = word(&p, end, &n);
	if (n < 3 || w[0] != '0' || w[1] != 'x' || !lines_number(w + 2, n - 2, 16, &address) || !address ||
	    size > UINT64_MAX - address)
		return false;
	symtab_module(t, module, address, address + size);
	return true;
}

size_t modules_load(struct symtab *t, const char *text, size_t len)
{
	struct lines l = {text, text + len};
	const char *line;
	size_t n, count = 0;
	bool whole;

	/* of a line that is cut off the address may be short */
	while ((line = lines_next(&l, &n, &whole)) != NULL)
		if (whole && load_line(t, line, n))
			count++;
	return count;
}
