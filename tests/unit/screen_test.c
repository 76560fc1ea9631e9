// SPDX-License-Identifier: GPL-2.0-only
/* The grid of cells: what stands where, whatever is written into it; and as text. */
#include <string.h>

#include "tui/dump.h"
#include "tui/screen.h"
#include "unit.h"

static struct screen screen(unsigned int w, unsigned int h, bool utf8)
{
	struct screen s = {.utf8 = utf8};

	screen_resize(&s, w, h);
	return s;
}

/* The screen is these lines, less its trailing blanks. */
#define check_text(s, expected)                                                                              \
	do {                                                                                                 \
		struct buf b_ = {0};                                                                         \
                                                                                                             \
		dump_text(&b_, s);                                                                           \
		ck_assert_str_eq(b_.data, expected);                                                         \
		buf_free(&b_);                                                                               \
	} while (0)

static struct cell cell(const struct screen *s, unsigned int x, unsigned int y)
{
	return s->cells[(size_t)y * s->w + x];
}

/* No right half without its left one, nothing that is no character. */
static void check_whole(const struct screen *s)
{
	for (unsigned int y = 0; y < s->h; y++)
		for (unsigned int x = 0; x < s->w; x++) {
			if (cell(s, x, y).ch)
				MANY(cell(s, x, y).ch >= ' ');
			else
				MANY(x > 0 && cell(s, x - 1, y).ch >= 0x1100);
		}
}

START_TEST(text_is_cut_at_its_width_and_at_the_edge)
{
	struct screen s = screen(8, 3, true);

	ck_assert_uint_eq(screen_text(&s, 1, 0, 3, STYLE_BOLD, "abcdef"), 4);
	ck_assert_uint_eq(screen_text(&s, 6, 1, 100, STYLE_PLAIN, "abcdef"), 8);
	ck_assert_uint_eq(screen_text(&s, 0, 2, 5, STYLE_PLAIN, "ab"), 2);
	check_text(&s, " abc\n      ab\nab\n");
	ck_assert_uint_eq(cell(&s, 3, 0).style, STYLE_BOLD);
	ck_assert_uint_eq(cell(&s, 4, 0).style, STYLE_PLAIN);
	screen_free(&s);
}
END_TEST

START_TEST(nothing_is_drawn_outside)
{
	struct screen s = screen(3, 2, true);

	ck_assert_uint_eq(screen_text(&s, 3, 0, 9, STYLE_PLAIN, "x"), 3);
	ck_assert_uint_eq(screen_text(&s, 0, 2, 9, STYLE_PLAIN, "x"), 0);
	ck_assert_uint_eq(screen_text(&s, ~0U, ~0U, ~0U, STYLE_PLAIN, "x"), ~0U);
	screen_fill(&s, 3, 0, 9, STYLE_PLAIN, 'x');
	screen_fill(&s, ~0U, 0, ~0U, STYLE_PLAIN, 'x');
	screen_fill(&s, 0, 7, 9, STYLE_PLAIN, 'x');
	screen_back(&s, 1, 2, 9, BACK_ROW);
	screen_box(&s, 5, 5, 9, 9, BACK_ROW, "t");
	screen_box(&s, 0, 0, 0, 0, BACK_ROW, "t");
	screen_box(&s, ~0U, ~0U, ~0U, ~0U, BACK_ROW, "t");
	check_text(&s, "\n\n");
	for (unsigned int i = 0; i < 6; i++)
		ck_assert_uint_eq(s.cells[i].back, BACK_NONE);
	screen_fill(&s, 1, 1, ~0U, STYLE_PLAIN, 'x');
	check_text(&s, "\n xx\n");
	screen_free(&s);
}
END_TEST

/* Of one cell, of 0, grown, shrunk: always blank. */
START_TEST(resizing_blanks)
{
	static const unsigned int sizes[][2] = {{1, 1}, {40, 10}, {0, 0}, {3, 7}, {3, 7}, {500, 1}, {1, 200}};
	struct screen s = {.utf8 = true, .colour = true};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		screen_resize(&s, sizes[i][0], sizes[i][1]);
		ck_assert_uint_eq(s.w, sizes[i][0] ? sizes[i][0] : 1);
		ck_assert_uint_eq(s.h, sizes[i][1] ? sizes[i][1] : 1);
		ck_assert(s.utf8 && s.colour);
		for (unsigned int n = 0; n < s.w * s.h; n++) {
			MANY(s.cells[n].ch == ' ');
			MANY(s.cells[n].style == STYLE_PLAIN);
			MANY(s.cells[n].back == BACK_NONE);
		}
		screen_fill(&s, 0, 0, s.w, STYLE_ALARM, 'x');
		screen_back(&s, 0, s.h - 1, s.w, BACK_CELL);
	}
	screen_free(&s);
}
END_TEST

START_TEST(wide_characters_take_two_columns)
{
	struct screen s = screen(5, 2, true);

	ck_assert_uint_eq(screen_text(&s, 0, 0, 9, STYLE_PLAIN, "日本語"), 4); /* the third one has no room */
	ck_assert_uint_eq(screen_text(&s, 0, 1, 3, STYLE_PLAIN, "😀b本"), 3);
	check_text(&s, "日本\n😀b\n");
	ck_assert_uint_eq(cell(&s, 0, 0).ch, 0x65e5);
	ck_assert_uint_eq(cell(&s, 1, 0).ch, 0);
	check_whole(&s);
	screen_free(&s);
}
END_TEST

START_TEST(half_of_a_wide_character_is_never_left)
{
	struct screen s = screen(6, 1, true);

	screen_text(&s, 0, 0, 6, STYLE_PLAIN, "日本語");
	screen_text(&s, 1, 0, 1, STYLE_PLAIN, "x"); /* onto a right half */
	check_text(&s, " x本語\n");
	screen_fill(&s, 2, 0, 1, STYLE_PLAIN, 'y'); /* onto a left half */
	check_text(&s, " xy 語\n");
	screen_text(&s, 3, 0, 2, STYLE_PLAIN, "国"); /* onto a blank and a left half */
	check_text(&s, " xy国\n");
	screen_text(&s, 2, 0, 2, STYLE_PLAIN, "中");
	check_text(&s, " x中\n");
	check_whole(&s);
	screen_free(&s);
}
END_TEST

START_TEST(marks_stay_with_their_character)
{
	struct screen s = screen(4, 1, true);

	/* the first one is after nothing; the second mark of one character has no room */
	ck_assert_uint_eq(screen_text(&s, 0, 0, 2, STYLE_PLAIN, "\u0301e\u0301\u0302日"), 1);
	ck_assert_uint_eq(cell(&s, 0, 0).ch, 'e');
	ck_assert_uint_eq(cell(&s, 0, 0).mark, 0x301);
	/* after the last column that there is */
	ck_assert_uint_eq(screen_text(&s, 1, 0, 2, STYLE_PLAIN, "日\u0301x"), 3);
	ck_assert_uint_eq(cell(&s, 1, 0).mark, 0x301);
	ck_assert_uint_eq(cell(&s, 2, 0).mark, 0);
	check_text(&s, "e\u0301日\u0301\n");
	screen_text(&s, 0, 0, 1, STYLE_PLAIN, "x");
	ck_assert_uint_eq(cell(&s, 0, 0).mark, 0);
	screen_free(&s);
}
END_TEST

START_TEST(what_is_no_text_is_a_question_mark)
{
	struct screen s = screen(20, 1, true);

	ck_assert_uint_eq(screen_text(&s, 0, 0, 20, STYLE_PLAIN, "a\x1b[2J\x7f\n\xff\xc3z\xe2\x82"), 12);
	check_text(&s, "a?[2J????z??\n");
	screen_free(&s);
}
END_TEST

START_TEST(ascii_only)
{
	struct screen s = screen(12, 3, false);

	ck_assert_uint_eq(screen_text(&s, 0, 0, 12, STYLE_PLAIN, "aé日\u0301b"), 5);
	screen_fill(&s, 0, 1, 2, STYLE_PLAIN, 0x2588);
	screen_box(&s, 0, 2, 12, 1, BACK_NONE, "");
	check_text(&s, "a???b\n??\n+----------+\n");
	for (unsigned int i = 0; i < 36; i++)
		ck_assert_uint_lt(s.cells[i].ch, 0x80);
	screen_free(&s);
}
END_TEST

START_TEST(boxes)
{
	struct screen s = screen(12, 4, true);

	screen_fill(&s, 0, 1, 12, STYLE_ALARM, 'x');
	screen_box(&s, 1, 0, 10, 3, BACK_DIALOG, "Title");
	check_text(&s, " ┌─ Titl ─┐\nx│        │x\n └────────┘\n\n");
	ck_assert_uint_eq(cell(&s, 4, 0).style, STYLE_TITLE);
	ck_assert_uint_eq(cell(&s, 5, 1).style, STYLE_PLAIN);
	ck_assert_uint_eq(cell(&s, 1, 0).back, BACK_DIALOG);
	ck_assert_uint_eq(cell(&s, 10, 2).back, BACK_DIALOG);
	ck_assert_uint_eq(cell(&s, 11, 1).back, BACK_NONE);
	screen_box(&s, 0, 0, 6, 4, BACK_NONE, "Title"); /* no room for one */
	check_text(&s, "┌────┐tl ─┐\n│    │    │x\n│    │────┘\n└────┘\n");
	screen_clear(&s);
	screen_box(&s, 8, 2, 9, 9, BACK_NONE, "x"); /* its ends are outside */
	check_text(&s, "\n\n        ┌─ x\n        │\n");
	screen_free(&s);
}
END_TEST

START_TEST(a_back_stays_under_text)
{
	struct screen s = screen(4, 1, true);

	screen_back(&s, 1, 0, 2, BACK_ROW);
	screen_text(&s, 0, 0, 4, STYLE_WARN, "abcd");
	for (unsigned int x = 0; x < 4; x++) {
		ck_assert_uint_eq(cell(&s, x, 0).back, x == 1 || x == 2 ? BACK_ROW : BACK_NONE);
		ck_assert_uint_eq(cell(&s, x, 0).style, STYLE_WARN);
	}
	screen_back(&s, 0, 0, 1, BACK_CELL);
	ck_assert_uint_eq(cell(&s, 0, 0).ch, 'a');
	screen_free(&s);
}
END_TEST

/* Anything written anywhere: nothing is cut in halves (and no sanitizer finds anything). */
START_TEST(random_writes)
{
	static const char *const pieces[] = {"日",   "本語", "a", "e\u0301", "\u0301",
					     "\xff", "│",    "",  "한글x"};
	struct screen s = screen(9, 4, true);
	unsigned int seed = 1;

	for (int i = 0; i < 20000; i++) {
		unsigned int n[5];

		for (int k = 0; k < 5; k++) {
			seed = seed * 1103515245 + 12345;
			n[k] = seed >> 16;
		}
		if (n[0] % 8 == 0)
			screen_box(&s, n[1] % 11, n[2] % 6, n[3] % 12, n[4] % 7, BACK_NONE, pieces[i % 9]);
		else if (n[0] % 8 == 1)
			screen_fill(&s, n[1] % 11, n[2] % 6, n[3] % 12, STYLE_DIM, 0x2588);
		else
			screen_text(&s, n[1] % 11, n[2] % 6, n[3] % 12, STYLE_BOLD, pieces[n[4] % 9]);
		check_whole(&s);
	}
	screen_free(&s);
}
END_TEST

/* As it would look: bold, what lies under, runs of one look; nothing is left over at a line's end. */
START_TEST(as_a_terminal_takes_it)
{
	struct screen s = screen(6, 2, true);
	struct buf b = {0};

	screen_text(&s, 0, 0, 6, STYLE_ALARM, "ab");
	screen_text(&s, 2, 0, 6, STYLE_PLAIN, "c");
	screen_back(&s, 0, 1, 2, BACK_ROW);
	dump_ansi(&b, &s, THEME_DARK, DEPTH_NONE);
	ck_assert_str_eq(b.data, "\x1b[0;1;4mab\x1b[0mc\n\x1b[0;7m  \x1b[0m\n");
	b.len = 0;
	dump_ansi(&b, &s, THEME_DEFAULT, DEPTH_8);
	ck_assert_str_eq(b.data, "\x1b[0;1;31mab\x1b[0mc\n\x1b[0;37;44m  \x1b[0m\n");
	b.len = 0;
	dump_ansi(&b, &s, THEME_DEFAULT, DEPTH_256);
	ck_assert_str_eq(b.data, "\x1b[0;1;38;5;160mab\x1b[0mc\n\x1b[0;38;5;254;48;5;17m  \x1b[0m\n");
	b.len = 0;
	dump_ansi(&b, &s, THEME_DEFAULT, DEPTH_TRUE);
	ck_assert_str_eq(b.data, "\x1b[0;1;38;2;220;32;32mab\x1b[0mc\n"
				 "\x1b[0;38;2;228;228;228;48;2;16;40;92m  \x1b[0m\n");
	buf_free(&b);
	screen_free(&s);
}
END_TEST

/* Pieces of text at their places, blocks and lines drawn, nothing of a name taken for markup. */
START_TEST(as_a_picture)
{
	struct screen s = screen(9, 2, true);
	struct buf b = {0};

	screen_text(&s, 0, 0, 9, STYLE_BOLD, "<a> &  b");
	screen_text(&s, 0, 1, 9, STYLE_SPARK, "██▌▁─x日");
	screen_back(&s, 7, 0, 2, BACK_ROW);
	dump_svg(&b, &s, THEME_DARK);
	ck_assert_str_eq(
		b.data,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"99\" height=\"54\" viewBox=\"0 0 99 "
		"54\">\n"
		"<rect width=\"99\" height=\"54\" rx=\"6\" fill=\"#121212\"/>\n"
		"<g shape-rendering=\"crispEdges\">\n"
		"<rect x=\"72\" y=\"9\" width=\"18\" height=\"18\" fill=\"#10285c\"/>\n"
		"<rect x=\"9\" y=\"27\" width=\"18\" height=\"18\" fill=\"#56b4e9\"/>\n"
		"<rect x=\"27\" y=\"27\" width=\"4.5\" height=\"18\" fill=\"#56b4e9\"/>\n"
		"<rect x=\"36\" y=\"43\" width=\"9\" height=\"2\" fill=\"#56b4e9\"/>\n"
		"<rect x=\"45\" y=\"36\" width=\"9\" height=\"1\" fill=\"#56b4e9\"/>\n"
		"</g>\n"
		"<g font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',"
		"'Liberation Mono',monospace\" font-size=\"15\">\n"
		"<text x=\"9\" y=\"23\" textLength=\"45\" lengthAdjust=\"spacingAndGlyphs\" fill=\"#ffffff\""
		" font-weight=\"bold\">&lt;a&gt; &amp;</text>\n"
		"<text x=\"72\" y=\"23\" textLength=\"9\" lengthAdjust=\"spacingAndGlyphs\" fill=\"#ffffff\""
		" font-weight=\"bold\">b</text>\n"
		"<text x=\"54\" y=\"41\" textLength=\"27\" lengthAdjust=\"spacingAndGlyphs\" fill=\"#56b4e9\""
		">x日</text>\n"
		"</g>\n</svg>\n");
	buf_free(&b);
	screen_free(&s);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("screen");

	UNIT_ADD(u, text_is_cut_at_its_width_and_at_the_edge);
	UNIT_ADD(u, nothing_is_drawn_outside);
	UNIT_ADD(u, resizing_blanks);
	UNIT_ADD(u, wide_characters_take_two_columns);
	UNIT_ADD(u, half_of_a_wide_character_is_never_left);
	UNIT_ADD(u, marks_stay_with_their_character);
	UNIT_ADD(u, what_is_no_text_is_a_question_mark);
	UNIT_ADD(u, ascii_only);
	UNIT_ADD(u, boxes);
	UNIT_ADD(u, a_back_stays_under_text);
	UNIT_ADD(u, random_writes);
	UNIT_ADD(u, as_a_terminal_takes_it);
	UNIT_ADD(u, as_a_picture);
	return unit_run(u);
}
