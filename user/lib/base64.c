// SPDX-License-Identifier: GPL-2.0-only
#include "base64.h"

#include <stdint.h>

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(const char *text, size_t len, struct buf *ret)
{
	size_t before = ret->len, pad = 0;

	if (len % 4)
		return false;
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i += 4) {
		size_t n = i + 4 == len ? 4 - pad : 4;
		uint32_t bits = 0;
		unsigned char out[3];

		for (size_t j = 0; j < 4; j++) {
			int d = j < n ? digit(text[i + j]) : 0;

			if (d < 0) {
				ret->len = before;
				return false;
			}
			bits = bits << 6 | (uint32_t)d;
		}
		out[0] = (unsigned char)(bits >> 16);
		out[1] = (unsigned char)(bits >> 8);
		out[2] = (unsigned char)bits;
		buf_add(ret, out, n - 1);
	}
	return true;
}
