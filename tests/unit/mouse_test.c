// SPDX-License-Identifier: GPL-2.0-only
/* What terminals tell of the mouse. */
#include "tui/mouse.h"

#include <string.h>

#include "unit.h"

/* What a report comes to, of these bytes; *left: those that are none of it. */
static struct input told(enum mouse_form form, const char *bytes, const char **left)
{
	struct input in = {K_NONE, 0, 0};
	struct mouse m;

	mouse_begin(&m, form);
	for (*left = bytes; **left && m.form != MOUSE_NONE; ++*left)
		if (!mouse_byte(&m, (unsigned char)**left, &in))
			break;
	return in;
}

START_TEST(reports)
{
	static const struct {
		enum mouse_form form;
		const char *bytes;
		struct input in;
		const char *left;
	} cases[] = {
		{MOUSE_SGR, "0;6;4M", {K_CLICK, 5, 3}, ""},
		{MOUSE_SGR, "0;6;4m", {K_NONE, 0, 0}, ""},
		{MOUSE_SGR, "64;400;100Mx", {K_WHEEL_UP, 399, 99}, "x"},
		{MOUSE_SGR, "65;1;1M", {K_WHEEL_DOWN, 0, 0}, ""},
		/* with Ctrl */
		{MOUSE_SGR, "16;2;2M", {K_CLICK, 1, 1}, ""},
		/* moved, the right button, the other wheel */
		{MOUSE_SGR, "32;2;2M", {K_NONE, 0, 0}, ""},
		{MOUSE_SGR, "2;2;2M", {K_NONE, 0, 0}, ""},
		{MOUSE_SGR, "66;2;2M", {K_NONE, 0, 0}, ""},
		{MOUSE_SGR, "0;0;1M", {K_NONE, 0, 0}, ""},
		{MOUSE_SGR, "0;99999999999999999999;1M", {K_CLICK, 65534, 0}, ""},
		/* cut off: a key after it is one */
		{MOUSE_SGR, "q", {K_NONE, 0, 0}, "q"},
		{MOUSE_SGR, "0;17\033", {K_NONE, 0, 0}, "\033"},
		{MOUSE_SGR, "0;1M", {K_NONE, 0, 0}, "M"},
		{MOUSE_SGR, "0;1;1;1M", {K_NONE, 0, 0}, ";1M"},
		{MOUSE_BYTES, " &$", {K_CLICK, 5, 3}, ""},
		{MOUSE_BYTES, "`!!", {K_WHEEL_UP, 0, 0}, ""},
		{MOUSE_BYTES, "a\xff\xffq", {K_WHEEL_DOWN, 222, 222}, "q"},
		/* released */
		{MOUSE_BYTES, "#&$", {K_NONE, 0, 0}, ""},
		{MOUSE_BYTES, "  !", {K_NONE, 0, 0}, ""},
		{MOUSE_BYTES, " \033", {K_NONE, 0, 0}, "\033"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *left;
		struct input in = told(cases[i].form, cases[i].bytes, &left);

		ck_assert_msg(in.key == cases[i].in.key && in.x == cases[i].in.x && in.y == cases[i].in.y,
			      "%s: key %x at %u, %u", cases[i].bytes, in.key, in.x, in.y);
		ck_assert_str_eq(left, cases[i].left);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("mouse");

	UNIT_ADD(u, reports);
	return unit_run(u);
}
