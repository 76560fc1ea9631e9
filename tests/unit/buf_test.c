// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "lib/buf.h"

static void expect(const char *text, size_t len, const char *want)
{
	struct buf b = {0};

	buf_escape(&b, text, len);
	ck_assert_str_eq(b.data, want);
	ck_assert_uint_eq(b.len, strlen(want));
	buf_free(&b);
}

#define ESCAPES(text, want) expect(text, sizeof(text) - 1, want)

START_TEST(starts_empty)
{
	struct buf b = {0};

	ck_assert_ptr_null(b.data);
	buf_puts(&b, "");
	ck_assert_str_eq(b.data, "");
	ck_assert_uint_eq(b.len, 0);
	buf_free(&b);
	ck_assert_ptr_null(b.data);
	ck_assert_uint_eq(b.len, 0);
	buf_add(&b, NULL, 0);
	ck_assert_str_eq(b.data, "");
	buf_free(&b);
}
END_TEST

START_TEST(grows_at_every_length)
{
	char want[600];
	size_t n, i;

	/* every length of the second piece meets every boundary of the allocation */
	for (n = 0; n < sizeof(want); n++) {
		struct buf b = {0};

		memset(want, 'x', n);
		want[n] = '\0';
		for (i = 0; i < n / 7; i++)
			buf_add(&b, "xxxxxxx", 7);
		buf_printf(&b, "%.*s", (int)(n % 7), want);
		ck_assert_uint_eq(b.len, n);
		ck_assert_str_eq(b.data, want);
		ck_assert_uint_lt(b.len, b.cap);
		buf_free(&b);
		buf_printf(&b, "%s", want);
		ck_assert_str_eq(b.data, want);
		ck_assert_uint_eq(b.len, n);
		buf_free(&b);
	}
}
END_TEST

START_TEST(adds_bytes_as_they_are)
{
	struct buf b = {0};

	buf_add(&b, "a\0b", 3);
	buf_puts(&b, "c");
	buf_printf(&b, "%d", 42);
	ck_assert_uint_eq(b.len, 6);
	ck_assert_mem_eq(b.data, "a\0bc42", 7);
	buf_free(&b);
}
END_TEST

START_TEST(escapes_control_bytes)
{
	ESCAPES("", "");
	ESCAPES("plain name-1.2", "plain name-1.2");
	ESCAPES("a\nb\tc", "a\\x0ab\\x09c");
	ESCAPES("\033[31mred\007", "\\x1b[31mred\\x07");
	ESCAPES("a\0b", "a\\x00b");
	ESCAPES("\x7f", "\\x7f");
	ESCAPES("\x1f ~", "\\x1f ~");
	/* what stands for a byte cannot be written by a name */
	ESCAPES("\\x1b", "\\x5cx1b");
	ESCAPES("quotes \" ' stay", "quotes \" ' stay");
}
END_TEST

START_TEST(keeps_utf8)
{
	ESCAPES("caf\xc3\xa9", "caf\xc3\xa9");
	ESCAPES("\xe4\xb8\xad\xe6\x96\x87", "\xe4\xb8\xad\xe6\x96\x87");
	ESCAPES("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80");
	ESCAPES("\xc2\xa0", "\xc2\xa0");                 /* the first one above the C1 controls */
	ESCAPES("\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd"); /* U+10FFFD, the last character */
}
END_TEST

START_TEST(escapes_what_is_no_utf8)
{
	ESCAPES("\xff", "\\xff");
	ESCAPES("a\x80z", "a\\x80z");
	ESCAPES("\xc3", "\\xc3");                            /* cut off */
	ESCAPES("\xe4\xb8", "\\xe4\\xb8");                   /* cut off */
	ESCAPES("\xc3z", "\\xc3z");                          /* z is not eaten */
	ESCAPES("\xc0\xaf", "\\xc0\\xaf");                   /* overlong */
	ESCAPES("\xe0\x80\xaf", "\\xe0\\x80\\xaf");          /* overlong */
	ESCAPES("\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"); /* overlong */
	ESCAPES("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* a surrogate */
	ESCAPES("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
}
END_TEST

START_TEST(escapes_what_nobody_sees)
{
	ESCAPES("\xc2\x9b"
		"31m",
		"\\xc2\\x9b31m"); /* CSI as one C1 control */
	ESCAPES("a\xe2\x80\xae"
		"b",
		"a\\xe2\\x80\\xaeb");                        /* right-to-left override */
	ESCAPES("\xe2\x81\xa6", "\\xe2\\x81\\xa6");          /* left-to-right isolate */
	ESCAPES("\xe2\x80\x8b", "\\xe2\\x80\\x8b");          /* zero width space */
	ESCAPES("\xe2\x80\xa8", "\\xe2\\x80\\xa8");          /* line separator */
	ESCAPES("\xef\xbb\xbf", "\\xef\\xbb\\xbf");          /* byte order mark */
	ESCAPES("\xc2\xad", "\\xc2\\xad");                   /* soft hyphen */
	ESCAPES("\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"); /* a tag character */
	ESCAPES("\xf0\x9f\xbf\xbf", "\\xf0\\x9f\\xbf\\xbf"); /* a noncharacter */
	ESCAPES("\xe2\x80\x90", "\xe2\x80\x90");             /* a hyphen that shows */
}
END_TEST

START_TEST(escapes_every_byte_alone)
{
	int c;

	for (c = 0; c < 256; c++) {
		char text = (char)c, want[8];

		if (c >= ' ' && c < 0x7f && c != '\\') {
			want[0] = text;
			want[1] = '\0';
		} else {
			snprintf(want, sizeof(want), "\\x%02x", (unsigned int)c);
		}
		expect(&text, 1, want);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("buf");

	UNIT_ADD(u, starts_empty);
	UNIT_ADD(u, grows_at_every_length);
	UNIT_ADD(u, adds_bytes_as_they_are);
	UNIT_ADD(u, escapes_control_bytes);
	UNIT_ADD(u, keeps_utf8);
	UNIT_ADD(u, escapes_what_is_no_utf8);
	UNIT_ADD(u, escapes_what_nobody_sees);
	UNIT_ADD(u, escapes_every_byte_alone);
	return unit_run(u);
}
