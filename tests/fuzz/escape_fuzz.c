// SPDX-License-Identifier: GPL-2.0-only
/* buf_escape(): nothing that a terminal acts on comes through, and no two texts look the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

static unsigned int digit(char c)
{
	must((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b = {0}, back = {0}, again = {0};
	size_t i;

	buf_escape(&b, (const char *)data, size);
	must(strlen(b.data) == b.len);
	for (i = 0; i < b.len; i++) {
		char c = b.data[i];

		must((unsigned char)c >= ' ' && c != 0x7f);
		if (c == '\\') {
			must(i + 3 < b.len && b.data[i + 1] == 'x');
			c = (char)(digit(b.data[i + 2]) << 4 | digit(b.data[i + 3]));
			i += 3;
		}
		buf_add(&back, &c, 1);
	}
	must(back.len == size && (!size || !memcmp(back.data, data, size)));
	/* what stands unescaped is UTF-8, so that a second pass escapes the backslashes only */
	buf_escape(&again, b.data, b.len);
	for (i = 0; i < again.len; i++)
		if (again.data[i] == '\\')
			must(!strncmp(again.data + i, "\\x5c", 4));
	buf_free(&b);
	buf_free(&back);
	buf_free(&again);
	return 0;
}
