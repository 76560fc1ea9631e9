// SPDX-License-Identifier: GPL-2.0-only
/* Themes: what they promise about colours, by the formulas of those who know. */
#include <math.h>

#include "tui/theme.h"
#include "unit.h"

static const char *const theme_names[] = {"default", "light", "dark"};

/* sRGB to linear light, IEC 61966-2-1. */
static double linear(int byte)
{
	double c = byte / 255.0;

	return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static void linear_rgb(int rgb, double ret[3])
{
	for (int i = 0; i < 3; i++)
		ret[i] = linear(rgb >> (16 - 8 * i) & 0xff);
}

/* Relative luminance and contrast ratio, WCAG 2.1. */
static double luminance(int rgb)
{
	double v[3];

	linear_rgb(rgb, v);
	return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
}

static double contrast(int a, int b)
{
	double x = luminance(a), y = luminance(b);

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

/* xterm's palette: a cube of 6 steps, then greys; the first 16 are the user's. */
static int rgb_of_256(int i)
{
	static const int step[] = {0, 95, 135, 175, 215, 255};

	if (i >= 232)
		return (8 + 10 * (i - 232)) * 0x10101;
	i -= 16;
	return step[i / 36] << 16 | step[i / 6 % 6] << 8 | step[i % 6];
}

static int nearest_256(int rgb)
{
	int best = 0, least = 1 << 30;

	for (int i = 16; i < 256; i++) {
		int of = rgb_of_256(i), sum = 0;

		for (int bit = 0; bit < 24; bit += 8) {
			int d = (of >> bit & 0xff) - (rgb >> bit & 0xff);

			sum += d * d;
		}
		if (sum < least) {
			least = sum;
			best = i;
		}
	}
	return best;
}

/*
 * What people see: with all cones, and without those for red or green.  The
 * matrices, of linear light, are those of Machado, Oliveira and Fernandes, "A
 * Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE
 * TVCG 15(6), 2009, for severity 1.0.
 */
static const double eyes[][3][3] = {
	{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
};

/* CIELAB of D65, as these eyes see it. */
static void lab(int rgb, const double eye[3][3], double ret[3])
{
	static const double xyz[3][3] = {
		{0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505},
		{0.2126, 0.7152, 0.0722},
		{0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089},
	};
	double v[3], seen[3], f[3];

	linear_rgb(rgb, v);
	for (int i = 0; i < 3; i++)
		seen[i] = fmin(1, fmax(0, eye[i][0] * v[0] + eye[i][1] * v[1] + eye[i][2] * v[2]));
	for (int i = 0; i < 3; i++) {
		double t = xyz[i][0] * seen[0] + xyz[i][1] * seen[1] + xyz[i][2] * seen[2];

		f[i] = t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
	}
	ret[0] = 116 * f[1] - 16;
	ret[1] = 500 * (f[0] - f[1]);
	ret[2] = 200 * (f[1] - f[2]);
}

/* The smallest difference (CIE 1976) that any of these eyes sees; 2.3 is just noticeable. */
static double difference(int a, int b)
{
	double least = 1e9;

	for (size_t i = 0; i < sizeof(eyes) / sizeof(eyes[0]); i++) {
		double p[3], q[3];

		lab(a, eyes[i], p);
		lab(b, eyes[i], q);
		least = fmin(least, hypot(hypot(p[0] - q[0], p[1] - q[1]), p[2] - q[2]));
	}
	return least;
}

/* Each of n styles from first on differs from each other one, by as much. */
static void check_told_apart(enum style first, int n, double least)
{
	for (int t = 0; t < THEMES; t++)
		for (int back = 0; back < BACKS; back++)
			for (int i = 0; i < n; i++)
				for (int j = 0; j < i; j++) {
					struct theme_look a = theme_look(t, first + i, back);
					struct theme_look b = theme_look(t, first + j, back);
					double d = difference(a.fg.rgb, b.fg.rgb);
					double d256 =
						difference(rgb_of_256(a.fg.c256), rgb_of_256(b.fg.c256));

					ck_assert_msg(d >= least && d256 >= least,
						      "%s, back %d: %d and %d differ by %.1f, %.1f",
						      theme_names[t], back, i, j, d, d256);
					/* bold is another colour there */
					ck_assert_msg(a.fg.c8 != b.fg.c8 ||
							      (a.attr & ATTR_BOLD) != (b.attr & ATTR_BOLD),
						      "%s, back %d: %d and %d are one of 8 colours",
						      theme_names[t], back, i, j);
				}
}

START_TEST(states_are_told_apart)
{
	check_told_apart(STYLE_STATE, VMP_STATES, 12);
}
END_TEST

START_TEST(heats_are_told_apart)
{
	check_told_apart(STYLE_HEAT, HEATS, 7);
}
END_TEST

/* A part of a bar is seen on what lies under it; where that is not known, on black and on white. */
START_TEST(states_and_heats_show_on_their_back)
{
	static const int unknown[] = {0x000000, 0xffffff};

	for (int t = 0; t < THEMES; t++)
		for (int back = 0; back < BACKS; back++)
			for (int s = STYLE_STATE; s < STYLES; s++) {
				struct theme_look l = theme_look(t, s, back);
				bool own = l.bg.rgb == THEME_NONE;

				for (int i = 0; i < (own ? 2 : 1); i++) {
					int bg = own ? unknown[i] : l.bg.rgb;
					int bg256 = own ? unknown[i] : rgb_of_256(l.bg.c256);

					ck_assert_msg(difference(l.fg.rgb, bg) >= 7,
						      "%s, back %d: style %d does not show: %.1f",
						      theme_names[t], back, s, difference(l.fg.rgb, bg));
					ck_assert_double_ge(difference(rgb_of_256(l.fg.c256), bg256), 7);
				}
				ck_assert(l.fg.c8 != l.bg.c8 || (l.attr & ATTR_BOLD) || own);
			}
}
END_TEST

/* What means something by its colour has that one wherever it stands. */
START_TEST(colours_keep_their_meaning)
{
	for (int t = 0; t < THEMES; t++)
		for (int back = 0; back < BACKS; back++)
			for (int s = STYLE_STATE; s < STYLES; s++)
				ck_assert_int_eq(theme_look(t, s, back).fg.rgb,
						 theme_look(t, s, BACK_NONE).fg.rgb);
}
END_TEST

/* Idle is the state that strikes least. */
START_TEST(idle_is_dim)
{
	for (int t = THEME_LIGHT; t < THEMES; t++) {
		struct theme_look idle = theme_look(t, STYLE_STATE + VMP_IDLE, BACK_NONE);

		for (int s = 0; s < VMP_STATES; s++) {
			struct theme_look l = theme_look(t, STYLE_STATE + s, BACK_NONE);

			if (s != VMP_IDLE)
				ck_assert_double_gt(contrast(l.fg.rgb, l.bg.rgb),
						    contrast(idle.fg.rgb, idle.bg.rgb));
		}
	}
}
END_TEST

START_TEST(heat_goes_one_way)
{
	for (int t = 0; t < THEMES; t++)
		for (int back = 0; back < BACKS; back++) {
			struct theme_look least = theme_look(t, STYLE_HEAT, BACK_NONE);
			/* away from a light ground it gets darker */
			int sign = least.bg.rgb != THEME_NONE && luminance(least.bg.rgb) > 0.5 ? -1 : 1;

			for (int i = 1; i < HEATS; i++) {
				struct theme_look a = theme_look(t, STYLE_HEAT + i - 1, back);
				struct theme_look b = theme_look(t, STYLE_HEAT + i, back);

				ck_assert_double_gt(sign * luminance(b.fg.rgb), sign * luminance(a.fg.rgb));
				ck_assert_double_gt(sign * luminance(rgb_of_256(b.fg.c256)),
						    sign * luminance(rgb_of_256(a.fg.c256)));
			}
		}
}
END_TEST

START_TEST(text_can_be_read)
{
	for (int t = 0; t < THEMES; t++)
		for (int back = 0; back < BACKS; back++)
			for (int s = 0; s < STYLE_STATE; s++) {
				struct theme_look l = theme_look(t, s, back);

				if (l.bg.rgb != THEME_NONE) {
					ck_assert_msg(contrast(l.fg.rgb, l.bg.rgb) >= 3,
						      "%s, back %d: style %d has a contrast of %.1f",
						      theme_names[t], back, s, contrast(l.fg.rgb, l.bg.rgb));
					ck_assert_double_ge(
						contrast(rgb_of_256(l.fg.c256), rgb_of_256(l.bg.c256)), 3);
					ck_assert_int_ne(l.fg.c8, l.bg.c8);
				} else if (l.fg.rgb != THEME_NONE) {
					/* whatever the terminal's own ground is */
					ck_assert_double_ge(contrast(l.fg.rgb, 0x000000), 3);
					ck_assert_double_ge(contrast(l.fg.rgb, 0xffffff), 3);
					ck_assert_double_ge(contrast(rgb_of_256(l.fg.c256), 0x000000), 3);
					ck_assert_double_ge(contrast(rgb_of_256(l.fg.c256), 0xffffff), 3);
				}
			}
}
END_TEST

static void check_colour(const struct theme_colour *c)
{
	ck_assert_int_ge(c->c8, THEME_NONE);
	ck_assert_int_le(c->c8, 7);
	if (c->rgb == THEME_NONE) {
		ck_assert_int_eq(c->c256, THEME_NONE);
	} else {
		ck_assert_int_ge(c->rgb, 0);
		ck_assert_int_le(c->rgb, 0xffffff);
		ck_assert_int_eq(c->c256, nearest_256(c->rgb));
	}
}

START_TEST(colours_of_256_are_the_nearest)
{
	for (int t = 0; t < THEMES; t++)
		for (int back = 0; back < BACKS; back++)
			for (int s = 0; s < STYLES; s++) {
				struct theme_look l = theme_look(t, s, back);

				check_colour(&l.fg);
				check_colour(&l.bg);
			}
}
END_TEST

/* A light and a dark theme are so whatever the terminal's own ground is; the default one takes that. */
START_TEST(grounds)
{
	ck_assert_int_eq(theme_look(THEME_DEFAULT, STYLE_PLAIN, BACK_NONE).bg.rgb, THEME_NONE);
	ck_assert_int_eq(theme_look(THEME_DEFAULT, STYLE_PLAIN, BACK_NONE).fg.rgb, THEME_NONE);
	ck_assert_double_gt(luminance(theme_look(THEME_LIGHT, STYLE_PLAIN, BACK_NONE).bg.rgb), 0.8);
	ck_assert_double_lt(luminance(theme_look(THEME_DARK, STYLE_PLAIN, BACK_NONE).bg.rgb), 0.05);
}
END_TEST

/* Without colours the selected row and cell, warnings and alarms still differ from the rest. */
START_TEST(two_colours)
{
	for (int t = 0; t < THEMES; t++) {
		unsigned int plain = theme_look(t, STYLE_PLAIN, BACK_NONE).mono;
		unsigned int row = theme_look(t, STYLE_PLAIN, BACK_ROW).mono;
		unsigned int cell = theme_look(t, STYLE_PLAIN, BACK_CELL).mono;
		unsigned int warn = theme_look(t, STYLE_WARN, BACK_NONE).mono;
		unsigned int alarm = theme_look(t, STYLE_ALARM, BACK_NONE).mono;

		ck_assert_uint_eq(plain, 0);
		ck_assert_uint_eq(row, ATTR_REVERSE);
		ck_assert_uint_eq(cell & ATTR_REVERSE, 0);
		ck_assert_uint_ne(cell, 0);
		ck_assert_uint_ne(warn, 0);
		ck_assert_uint_ne(alarm, warn);
		ck_assert_uint_eq(alarm, ATTR_BOLD | ATTR_UNDERLINE);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("theme");

	UNIT_ADD(u, states_are_told_apart);
	UNIT_ADD(u, heats_are_told_apart);
	UNIT_ADD(u, states_and_heats_show_on_their_back);
	UNIT_ADD(u, colours_keep_their_meaning);
	UNIT_ADD(u, idle_is_dim);
	UNIT_ADD(u, heat_goes_one_way);
	UNIT_ADD(u, text_can_be_read);
	UNIT_ADD(u, colours_of_256_are_the_nearest);
	UNIT_ADD(u, grounds);
	UNIT_ADD(u, two_colours);
	return unit_run(u);
}
