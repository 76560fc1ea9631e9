// SPDX-License-Identifier: GPL-2.0-only
#include "term.h"

#include <curses.h>
#include <langinfo.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "../lib/clock.h"
#include "../out/text.h"
#include "mouse.h"
#include "restore.h"

/* the last one: its macros are common words */
#include <term.h>

/* What somebody else's pseudo terminal may claim to be. */
#define WIDTH_MAX  1000
#define HEIGHT_MAX 500

/* Codes of our own, after those of curses. */
#define KEY_MOUSE_SGR   (KEY_MAX + 1)
#define KEY_MOUSE_BYTES (KEY_MAX + 2)

#define TYPE_SIZE 128 /* of a terminal's name */
#define DOUBLE_NS 400000000LL

/* There is one terminal; curses and signal handlers know no context. */
static struct {
	SCREEN *screen; /* NULL: not open */
	enum theme_depth depth;
	bool utf8;
	bool own_colours; /* it can be told to use its own */
	bool mouse;       /* it tells of one */
	char error[256];
	bool taken; /* not given to the shell */
	struct termios modes;
	/* looks of the theme that was shown last */
	bool themed;
	enum theme_name theme;
	struct term_look {
		attr_t attr;
		short pair;
	} looks[STYLES][BACKS];
	/* what has not come wholly yet */
	mbstate_t character;
	struct mouse report;
	/* the last click, for the second one of a double one */
	struct input click;
	uint64_t click_ns;
} term;

static void take(bool taken)
{
	term.taken = taken;
	restore_taken(taken);
}

/* NULL: the terminal has no such string. */
static const char *capability(const char *name)
{
	const char *s = tigetstr(name);

	return s && s != (const char *)-1 ? s : NULL;
}

/* Without its delays ($<5>), which only terminals of steel need. */
static void add_restore(char *to, size_t *len, const char *s)
{
	for (; s && *s && *len < RESTORE_TEXT; s++) {
		const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;

		if (end)
			s = end;
		else
			to[(*len)++] = *s;
	}
}

static void make_restore(void)
{
	char to[RESTORE_TEXT];
	size_t len = 0;
	const char *cup = capability("cup"), *leave = capability("rmcup");

	add_restore(to, &len, capability("sgr0"));
	add_restore(to, &len, capability("op"));
	add_restore(to, &len, capability("rmkx"));
	add_restore(to, &len, capability("cnorm"));
	if (term.mouse)
		add_restore(to, &len, "\x1b[?1006l\x1b[?1000l");
	/* where there is no other screen to return to, what was shown stays above the prompt */
	if (leave) {
		add_restore(to, &len, leave);
	} else if (cup) {
		add_restore(to, &len, tparm(cup, (long)LINES - 1, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
		add_restore(to, &len, capability("el"));
	}
	restore_set(&term.modes, to, len);
}

/* Keys that terminals send whatever their description says. */
static void define_keys(void)
{
	static const struct {
		const char *sent;
		int key;
	} keys[] = {
		{"\x1b[A", KEY_UP},     {"\x1b[B", KEY_DOWN},   {"\x1b[C", KEY_RIGHT},
		{"\x1b[D", KEY_LEFT},   {"\x1bOA", KEY_UP},     {"\x1bOB", KEY_DOWN},
		{"\x1bOC", KEY_RIGHT},  {"\x1bOD", KEY_LEFT},   {"\x1b[H", KEY_HOME},
		{"\x1b[F", KEY_END},    {"\x1bOH", KEY_HOME},   {"\x1bOF", KEY_END},
		{"\x1b[1~", KEY_HOME},  {"\x1b[4~", KEY_END},   {"\x1b[7~", KEY_HOME},
		{"\x1b[8~", KEY_END},   {"\x1b[3~", KEY_DC},    {"\x1b[5~", KEY_PPAGE},
		{"\x1b[6~", KEY_NPAGE}, {"\x1bOP", KEY_F(1)},   {"\x1bOQ", KEY_F(2)},
		{"\x1bOR", KEY_F(3)},   {"\x1bOS", KEY_F(4)},   {"\x1b[11~", KEY_F(1)},
		{"\x1b[12~", KEY_F(2)}, {"\x1b[13~", KEY_F(3)}, {"\x1b[14~", KEY_F(4)},
		{"\x1b[15~", KEY_F(5)},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (key_defined(keys[i].sent) == 0)
			define_key(keys[i].sent, keys[i].key);
	}
	/* curses would wait for the rest of a report, however long */
	if (term.mouse) {
		define_key("\x1b[<", KEY_MOUSE_SGR);
		define_key("\x1b[M", KEY_MOUSE_BYTES);
	}
}

/* Whether the terminal tells of the mouse: of buttons only, and of any column. */
static void ask_for_mouse(bool on)
{
	if (!term.mouse)
		return;
	putp(on ? "\x1b[?1000h\x1b[?1006h" : "\x1b[?1006l\x1b[?1000l");
	fflush(stdout);
}

/* What is wrong with a type of terminal; NULL: nothing.  newterm() could tell, but leaves memory behind. */
static const char *check_type(const char *type)
{
	const char *wrong = NULL;
	int error;

	if (setupterm(type, STDOUT_FILENO, &error) == ERR)
		return "is not known here";
	if (!capability("cup") || !capability("clear"))
		wrong = "cannot show a screen";
	del_curterm(cur_term);
	return wrong;
}

/* The type's description with true colour, if the terminal says that it has that and there is one. */
static const char *direct_type(const char *type, char name[TYPE_SIZE])
{
	const char *colorterm = getenv("COLORTERM");

	if (!colorterm || (strcmp(colorterm, "truecolor") != 0 && strcmp(colorterm, "24bit") != 0))
		return type;
	snprintf(name, TYPE_SIZE, "%.100s-direct", type);
	if (!check_type(name))
		return name;
	snprintf(name, TYPE_SIZE, "%.*s-direct", (int)strcspn(type, "-") % 100, type);
	return check_type(name) ? type : name;
}

static enum theme_depth find_depth(void)
{
	if (!has_colors() || start_color() == ERR)
		return DEPTH_NONE;
	term.own_colours = use_default_colors() == OK;
	if (COLORS >= 0x1000000 && (tigetflag("RGB") > 0 || tigetnum("RGB") > 0 || capability("RGB")))
		return DEPTH_TRUE;
	if (COLORS >= 256)
		return DEPTH_256;
	return COLORS >= 8 ? DEPTH_8 : DEPTH_NONE;
}

/* Whether a type's description has a size: then curses need not look for the terminal's own, which it does
 * when it is resumed, too, and crashes with one that a short cannot hold. */
static bool has_size(const char *type)
{
	bool ret;
	int error;

	use_env(FALSE);
	if (setupterm(type, STDOUT_FILENO, &error) == ERR)
		return false;
	ret = tigetnum("lines") > 0 && tigetnum("cols") > 0;
	del_curterm(cur_term);
	return ret;
}

/* curses catches these, too; what is to be done then is the loop's business. */
static SCREEN *open_screen(const char *type)
{
	static const int loops[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	struct sigaction before[sizeof(loops) / sizeof(loops[0])];
	SCREEN *ret;

	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
		sigaction(loops[i], NULL, &before[i]);
	use_env(!has_size(type));
	ret = newterm(type, stdout, stdin);
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
		sigaction(loops[i], &before[i], NULL);
	return ret;
}

static const char *refuse(const char *type, const char *why)
{
	struct buf name = {0};

	text_safe(&name, type, false);
	snprintf(term.error, sizeof(term.error), "the terminal type '%.100s' %s (check TERM)", name.data,
		 why);
	buf_free(&name);
	return term.error;
}

static void set_modes(void)
{
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	define_keys();
	ask_for_mouse(true);
}

const char *term_open(bool colour)
{
	static bool registered;
	const char *type = getenv("TERM"), *wrong;
	char name[TYPE_SIZE];
	bool console;

	if (term.screen)
		return NULL;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &term.modes))
		return isatty(STDIN_FILENO) ? "standard output is no terminal"
					    : "standard input is no terminal";
	type = type ? type : "";
	wrong = check_type(type);
	if (wrong)
		return refuse(type, wrong);
	term.screen = open_screen(colour ? direct_type(type, name) : type);
	if (!term.screen)
		return refuse(type, "cannot be used");
	if (!registered)
		registered = atexit(restore_now) == 0;
	console = !strncmp(type, "linux", 5);
	/* the console's mouse is a daemon's, whose words do not come by standard input */
	term.mouse = capability("kmous") && !console;
	set_modes();
	term.depth = colour ? find_depth() : DEPTH_NONE;
	/* fonts of the Linux console lack most of what is drawn with */
	term.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8") && !console;
	term.themed = false;
	make_restore();
	restore_catch();
	take(true);
	return NULL;
}

void term_size(struct screen *s)
{
	struct winsize size;
	int w = COLS, h = LINES;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col && size.ws_row) {
		w = size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
		h = size.ws_row < HEIGHT_MAX ? size.ws_row : HEIGHT_MAX;
	}
	if (w != COLS || h != LINES) {
		resize_term(h, w);
		/* terminals move what they show when their size changes */
		clearok(curscr, TRUE);
		make_restore();
	}
	s->utf8 = term.utf8;
	s->colour = term.depth != DEPTH_NONE;
	screen_resize(s, (unsigned int)COLS, (unsigned int)LINES);
}

/* The number of a pair of colours; 0, the terminal's own, when there are no more. */
static short pair_of(struct theme_ink ink)
{
	int pair;

	if (!term.own_colours) {
		ink.fg = ink.fg == THEME_NONE ? COLOR_WHITE : ink.fg;
		ink.bg = ink.bg == THEME_NONE ? COLOR_BLACK : ink.bg;
	}
	if (term.depth == DEPTH_NONE || (ink.fg == THEME_NONE && ink.bg == THEME_NONE))
		return 0;
	pair = alloc_pair(ink.fg, ink.bg);
	return pair > 0 && pair <= SHRT_MAX ? (short)pair : 0;
}

static void make_looks(enum theme_name theme)
{
	static const struct {
		unsigned int attr;
		attr_t curses;
	} attrs[] = {{ATTR_BOLD, A_BOLD},
		     {ATTR_DIM, A_DIM},
		     {ATTR_UNDERLINE, A_UNDERLINE},
		     {ATTR_REVERSE, A_REVERSE}};

	if (term.themed && term.theme == theme)
		return;
	if (term.themed && term.depth != DEPTH_NONE)
		reset_color_pairs();
	for (int style = 0; style < STYLES; style++)
		for (int back = 0; back < BACKS; back++) {
			struct theme_ink ink = theme_ink(theme, term.depth, style, back);
			struct term_look *l = &term.looks[style][back];

			l->attr = A_NORMAL;
			for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
				l->attr |= ink.attr & attrs[i].attr ? attrs[i].curses : 0;
			l->pair = pair_of(ink);
		}
	term.theme = theme;
	term.themed = true;
}

void term_show(const struct screen *s, enum theme_name theme)
{
	const unsigned int w = s->w < WIDTH_MAX ? s->w : WIDTH_MAX;
	cchar_t line[WIDTH_MAX + 1];

	if (!term.screen)
		return;
	make_looks(theme);
	for (unsigned int y = 0; y < s->h; y++) {
		int n = 0;

		for (unsigned int x = 0; x < w; x++) {
			const struct cell *c = &s->cells[(size_t)y * s->w + x];
			const struct term_look *l = &term.looks[c->style][c->back];
			wchar_t text[] = {(wchar_t)c->ch, (wchar_t)c->mark, 0};

			if (c->ch && setcchar(&line[n++], text, l->attr, l->pair, NULL) == ERR)
				setcchar(&line[n - 1], L"?", l->attr, l->pair, NULL);
		}
		mvadd_wchnstr((int)y, 0, line, n);
	}
	refresh();
}

void term_repaint(void)
{
	/* its modes, too, may have been changed */
	reset_prog_mode();
	ask_for_mouse(true);
	clearok(curscr, TRUE);
}

/* The second click in a row there is a double one. */
static void count_clicks(struct input *in)
{
	uint64_t now = clock_now(CLOCK_MONOTONIC);

	if (in->key != K_CLICK)
		return;
	if (term.click.key == K_CLICK && term.click.x == in->x && term.click.y == in->y &&
	    now - term.click_ns < DOUBLE_NS)
		in->key = K_DOUBLE;
	term.click = *in;
	term.click_ns = now;
}

/* K_NONE: none that is known. */
static uint32_t special(wint_t code)
{
	static const struct {
		wint_t code;
		uint32_t key;
	} keys[] = {
		{KEY_UP, K_UP},         {KEY_DOWN, K_DOWN},       {KEY_LEFT, K_LEFT},   {KEY_RIGHT, K_RIGHT},
		{KEY_PPAGE, K_PAGE_UP}, {KEY_NPAGE, K_PAGE_DOWN}, {KEY_HOME, K_HOME},   {KEY_END, K_END},
		{KEY_DC, K_DELETE},     {KEY_BACKSPACE, K_ERASE}, {KEY_ENTER, K_ENTER},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].code == code)
			return keys[i].key;
	}
	return code >= KEY_F(1) && code <= KEY_F(12) ? K_F1 + (code - KEY_F(1)) : K_NONE;
}

/* The character that a byte completes; K_NONE: none yet, or it is none. */
static uint32_t character(char byte)
{
	bool begun = !mbsinit(&term.character);
	wchar_t c;

	switch (mbrtowc(&c, &byte, 1, &term.character)) {
	case (size_t)-2:
		return K_NONE;
	case (size_t)-1:
		memset(&term.character, 0, sizeof(term.character));
		/* what stood before it was broken, not this one */
		return begun ? character(byte) : K_NONE;
	default:
		return c == '\n' ? K_ENTER : c == '\b' ? K_ERASE : (uint32_t)c;
	}
}

struct input term_key(void)
{
	struct input in = {K_NONE, 0, 0};

	while (in.key == K_NONE) {
		int code = getch();

		if (code == ERR)
			return in;
		if (code == KEY_MOUSE_SGR || code == KEY_MOUSE_BYTES) {
			mouse_begin(&term.report, code == KEY_MOUSE_SGR ? MOUSE_SGR : MOUSE_BYTES);
			continue;
		}
		if (code >= KEY_MIN)
			term.report.form = MOUSE_NONE;
		if (term.report.form != MOUSE_NONE && mouse_byte(&term.report, (unsigned char)code, &in))
			count_clicks(&in);
		else
			in.key = code < KEY_MIN ? character((char)code) : special((wint_t)code);
	}
	return in;
}

void term_suspend(void)
{
	if (!term.screen || !term.taken)
		return;
	ask_for_mouse(false);
	endwin();
	/* a line for the prompt, where there is no other screen to return to */
	if (!capability("rmcup"))
		putp(capability("el") ? capability("el") : "");
	fflush(stdout);
	take(false);
}

void term_resume(void)
{
	if (!term.screen)
		return;
	take(true);
	term_repaint();
}

void term_close(void)
{
	if (!term.screen)
		return;
	term_suspend();
	restore_release();
	delscreen(term.screen);
	term.screen = NULL;
}
