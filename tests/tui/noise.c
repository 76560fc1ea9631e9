// SPDX-License-Identifier: GPL-2.0-only
#include "noise.h"

#include <string.h>

#include "tui/key.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

struct noise noise_new(uint64_t seed)
{
	/* xorshift's must not be 0; near seeds are to differ soon */
	struct noise n = {(seed + 1) * 0x9e3779b97f4a7c15ULL | 1, 15};

	for (int i = 0; i < 16; i++)
		noise_to(&n, 1);
	return n;
}

uint32_t noise_to(struct noise *n, uint32_t to)
{
	n->state ^= n->state << 13;
	n->state ^= n->state >> 7;
	n->state ^= n->state << 17;
	return (uint32_t)(n->state >> 20) % to;
}

/* One of the strings that terminals send for a key; NULL: it is a character. */
static const char *sent_for(struct noise *n, uint32_t key)
{
	static const struct {
		uint32_t key;
		const char *sent[3];
	} keys[] = {
		{K_UP, {"\x1b[A", "\x1bOA", "\x1b[1;5A"}},
		{K_DOWN, {"\x1b[B", "\x1bOB", "\x1b[1;2B"}},
		{K_RIGHT, {"\x1b[C", "\x1bOC", "\x1b[1;3C"}},
		{K_LEFT, {"\x1b[D", "\x1bOD", "\x1b[1;9D"}},
		{K_PAGE_UP, {"\x1b[5~", "\x1b[5~", "\x1b[5;5~"}},
		{K_PAGE_DOWN, {"\x1b[6~", "\x1b[6~", "\x1b[6;5~"}},
		{K_HOME, {"\x1b[H", "\x1bOH", "\x1b[1~"}},
		{K_END, {"\x1b[F", "\x1bOF", "\x1b[4~"}},
		{K_DELETE, {"\x1b[3~", "\x1b[3~", "\x1b[3;2~"}},
		{K_ENTER, {"\r", "\n", "\r\n"}},
		{K_ERASE, {"\x7f", "\b", "\x7f\x7f\x7f"}},
		{K_F1, {"\x1bOP", "\x1b[11~", "\x1b[[A"}},
		{K_F1 + 1, {"\x1bOQ", "\x1b[12~", "\x1b[[B"}},
		{K_F1 + 2, {"\x1bOR", "\x1b[13~", "\x1b[[C"}},
		{K_F1 + 3, {"\x1bOS", "\x1b[14~", "\x1b[[D"}},
		{K_F1 + 4, {"\x1b[15~", "\x1b[15~", "\x1b[[E"}},
		{K_F1 + 5, {"\x1b[17~", "\x1b[17;2~", "\x1b[17~"}},
		{K_F1 + 9, {"\x1b[21~", "\x1b[21~", "\x1b[21~"}},
	};

	for (size_t i = 0; i < COUNT(keys); i++)
		if (keys[i].key == key)
			return keys[i].sent[noise_to(n, COUNT(keys[i].sent))];
	return NULL;
}

/* Of the table of keys. */
static void key(struct noise *n, struct buf *b)
{
	const struct key_row *row = &key_rows[noise_to(n, key_rows_count)];
	unsigned int known = 0;
	const char *sent;
	uint32_t code;

	while (row->act == ACT_QUIT && noise_to(n, n->quits))
		row = &key_rows[noise_to(n, key_rows_count)];
	if (row->act == ACT_VIEW) {
		buf_printf(b, "%u", noise_to(n, 10));
		return;
	}
	while (known < COUNT(row->keys) && row->keys[known])
		known++;
	code = row->keys[noise_to(n, known)];
	sent = sent_for(n, code);
	if (sent)
		buf_puts(b, sent);
	else
		buf_char(b, code);
}

static void move(struct noise *n, struct buf *b)
{
	static const uint32_t keys[] = {K_UP, K_DOWN, K_DOWN, K_LEFT, K_RIGHT, K_PAGE_UP, K_PAGE_DOWN, K_END};
	uint32_t code = keys[noise_to(n, COUNT(keys))];

	for (uint32_t i = noise_to(n, 6); i-- > 0;)
		buf_puts(b, sent_for(n, code));
}

/* Anything printable, in each length of UTF-8; wide ones, and ones that combine. */
static void text(struct noise *n, struct buf *b)
{
	static const uint32_t from[] = {' ',    ' ',    ' ',     0xa1,   0x300,
					0x4e00, 0x200b, 0x1f300, 0xfffd, 0x10fff0};

	for (uint32_t i = noise_to(n, noise_to(n, 20) ? 12 : 400); i-- > 0;) {
		uint32_t first = from[noise_to(n, COUNT(from))];

		buf_char(b, first + noise_to(n, first == ' ' ? 0x5f : 0x10));
	}
}

static void broken_text(struct noise *n, struct buf *b)
{
	static const char *const broken[] = {
		"\xff",         "\xfe\xff",         "\x80",     "\xbf\xbf\xbf", "\xc3",
		"\xe4\xb8",     "\xf0\x9f\x98",     "\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80",
		"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88", "\xc3(",        "\xe4\xb8\x1b[A",
	};

	for (uint32_t i = noise_to(n, 5); i-- > 0;)
		buf_puts(b, broken[noise_to(n, COUNT(broken))]);
}

/* In a dialog's line or list, and out of it, this way or that, or not yet. */
static void line(struct noise *n, struct buf *b)
{
	static const char *const openers[] = {"/", "w", "w\x15", "c", "s", "e", "?", "\x1b[13~"};
	static const char *const edits[] = {"\x7f", "\b", "\x15", "\x17", "\x7f\x7f\x7f\x7f", " ", "+", "-"};
	static const char *const leaves[] = {"\r", "\r", "\x1b", ""};

	buf_puts(b, openers[noise_to(n, COUNT(openers))]);
	for (uint32_t i = noise_to(n, 4); i-- > 0;) {
		if (noise_to(n, 2))
			text(n, b);
		else
			move(n, b);
		buf_puts(b, edits[noise_to(n, COUNT(edits))]);
	}
	buf_puts(b, leaves[noise_to(n, COUNT(leaves))]);
}

static unsigned int place(struct noise *n)
{
	static const uint32_t most[] = {80, 24, 10, 300, 3000, 0x7fffffff};

	return noise_to(n, most[noise_to(n, COUNT(most))]) + noise_to(n, 2);
}

/* In each of the encodings that there are, whatever vmperf has asked for. */
static void mouse(struct noise *n, struct buf *b)
{
	static const unsigned int buttons[] = {0, 0, 0, 3, 1, 2, 32, 35, 64, 65, 66, 16, 128, 255};
	unsigned int button = buttons[noise_to(n, COUNT(buttons))], x = place(n), y = place(n);

	switch (noise_to(n, 5)) {
	case 0:
		buf_printf(b, "\x1b[M%c%c%c", (int)(32 + button % 96), (int)(33 + x % 222),
			   (int)(33 + y % 222));
		break;
	case 1: /* UTF-8 in place of bytes */
		buf_printf(b, "\x1b[M%c", (int)(32 + button % 96));
		buf_char(b, 33 + x % 2000);
		buf_char(b, 33 + y % 2000);
		break;
	case 2:
		buf_printf(b, "\x1b[%u;%u;%uM", 32 + button, x, y);
		break;
	default:
		buf_printf(b, "\x1b[<%u;%u;%uM", button, x, y);
		if (noise_to(n, 4))
			buf_printf(b, "\x1b[<%u;%u;%um", button, x, y);
		break;
	}
}

/* Answers that nobody asked for, keys that nobody has, and what never ends. */
static void sequence(struct noise *n, struct buf *b)
{
	static const char *const whole[] = {
		"\x1b[I",     "\x1b[O",        "\x1b[?62;1;6c",
		"\x1b[0n",    "\x1b[24;80R",   "\x1b]11;rgb:0000/0000/0000\x07",
		"\x1bP1",     "\x1b\\",        "\x1b\x1b",
		"\x1b[[",     "\x1b[;;;~",     "\x1b[999999999999999999999~",
		"\x1bO",      "\x1b[<",        "\x1b[M",
		"\x1b[<;;M",  "\x1b[<-1;-1;M", "\x1b[<0;999999999999;1M",
		"\x9b",       "\x1b[A",        "\x1b[Z",
		"\x1b[27u",   "\x1bx",         "\x1b[<0",
		"\x1a",       "\x0c",          "\x1b",
		"\x1b[200;~", "\x1b[M\x7f",    "\x1b[<0;1;1",
	};

	if (noise_to(n, 4)) {
		buf_puts(b, whole[noise_to(n, COUNT(whole))]);
		return;
	}
	buf_puts(b, "\x1b[");
	for (uint32_t i = noise_to(n, 300); i-- > 0;)
		buf_printf(b, "%c", (int)"0123456789;<?:"[noise_to(n, 14)]);
	if (noise_to(n, 2))
		buf_printf(b, "%c", (int)(0x40 + noise_to(n, 0x3f)));
}

static void paste(struct noise *n, struct buf *b)
{
	buf_puts(b, "\x1b[200~");
	for (uint32_t i = noise_to(n, 20); i-- > 0;) {
		text(n, b);
		buf_puts(b, "\n");
	}
	buf_puts(b, "\x1b[201~");
}

static void garbage(struct noise *n, struct buf *b)
{
	for (uint32_t i = noise_to(n, 200); i-- > 0;)
		buf_printf(b, "%c", (int)noise_to(n, 256));
}

/* What would end vmperf every second, and Ctrl-S. */
static void calm(char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] == 'q' || at[i] == 3 || at[i] == 28 || at[i] == 19)
			at[i] = 'j';
}

void noise_add(struct noise *n, struct buf *b)
{
	static void (*const kinds[])(struct noise *, struct buf *) = {
		move,  move,  text,  broken_text, line,  line,    line,
		mouse, mouse, mouse, sequence,    paste, garbage,
	};
	size_t before = b->len;

	if (noise_to(n, 2)) {
		key(n, b);
		return;
	}
	kinds[noise_to(n, COUNT(kinds))](n, b);
	calm(b->data + before, b->len - before);
	/* the rest comes too late, or never */
	if (b->len > before && !noise_to(n, 4))
		b->len = before + noise_to(n, (uint32_t)(b->len - before));
}
