// SPDX-License-Identifier: GPL-2.0-only
/* Base64: the vectors of RFC 4648, every byte, and what is none. */
#include "unit.h"

#include <string.h>

#include "lib/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

START_TEST(vectors)
{
	static const char *const v[][2] = {
		{"", ""},
		{"Zg==", "f"},
		{"Zm8=", "fo"},
		{"Zm9v", "foo"},
		{"Zm9vYg==", "foob"},
		{"Zm9vYmE=", "fooba"},
		{"Zm9vYmFy", "foobar"},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct buf b = {0};

		buf_puts(&b, "x");
		ck_assert(base64_decode(v[i][0], strlen(v[i][0]), &b));
		ck_assert_str_eq(b.data + 1, v[i][1]);
		buf_free(&b);
	}
}
END_TEST

/* Three bytes of any value, as four digits. */
START_TEST(all_bytes)
{
	for (unsigned int i = 0; i < 1U << 24; i += 9973) {
		char text[4] = {digits[i >> 18], digits[i >> 12 & 63], digits[i >> 6 & 63], digits[i & 63]};
		unsigned char want[3] = {(unsigned char)(i >> 16), (unsigned char)(i >> 8), (unsigned char)i};
		struct buf b = {0};

		MANY(base64_decode(text, 4, &b));
		MANY(b.len == 3 && !memcmp(b.data, want, 3));
		buf_free(&b);
	}
}
END_TEST

START_TEST(nonsense)
{
	static const char *const bad[] = {
		"Z",    "Zg",   "Zg=",   "====",    "=g==",  "Z===", "Zg==Zg==", "Zm9v\n",
		"Zm 9", "Zm-_", "Zm9v=", "Zm\xc3v", "Zm9vZ", "Zg=a", "Zm=v",     "Zm9vZm9!",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf b = {0};

		buf_puts(&b, "kept");
		ck_assert_msg(!base64_decode(bad[i], strlen(bad[i]), &b), "%s", bad[i]);
		ck_assert_uint_eq(b.len, 4);
		buf_free(&b);
	}
	/* what stands behind is not read */
	for (size_t n = 1; n < 8; n += n == 3 ? 2 : 1) {
		struct buf b = {0};

		ck_assert(!base64_decode("Zm9vYmFy", n, &b));
		ck_assert_uint_eq(b.len, 0);
		buf_free(&b);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("base64");

	UNIT_ADD(u, vectors);
	UNIT_ADD(u, all_bytes);
	UNIT_ADD(u, nonsense);
	return unit_run(u);
}
