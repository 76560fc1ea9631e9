// SPDX-License-Identifier: GPL-2.0-only
/* The terminal, a pseudo one: what is sent to it, what is typed into it, and how it is left. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/buf.h"
#include "tui/restore.h"
#include "tui/term.h"
#include "unit.h"

/* xterm's; of its 256 colour entry, too */
#define ENTER_SCREEN "\x1b[?1049h"
#define LEAVE_SCREEN "\x1b[?1049l"

struct run {
	const char *type, *locale;
	unsigned short w, h;
	const char *typed; /* once the child has shown its first screen */
	bool colour;
	int times; /* the screen is shown */
	/* what it came to */
	struct buf sent;
	int status;
	struct termios before, after;
};

/* In a process whose terminal it is; its exit status. */
typedef int (*child_fn)(const struct run *r, int ready);

static void show(const struct run *r, struct screen *s, const char *text)
{
	term_size(s);
	screen_text(s, 0, 0, s->w, STYLE_ALARM, text);
	for (int i = 0; i < r->times; i++)
		term_show(s, THEME_DARK);
}

static void run_child(const struct run *r, child_fn fn, int slave, int ready)
{
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	setenv("TERM", r->type, 1);
	unsetenv("COLORTERM");
	unsetenv("LINES");
	unsetenv("COLUMNS");
	setlocale(LC_CTYPE, r->locale);
	exit(fn(r, ready));
}

/* Takes what is sent, types, until the child has ended and all is read. */
static void run(struct run *r, child_fn fn)
{
	struct winsize size = {.ws_col = r->w, .ws_row = r->h};
	int master, slave, ready[2], ended;
	pid_t pid;

	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, &size), 0);
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_eq(tcgetattr(slave, &r->before), 0);
	buf_puts(&r->sent, "");
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		run_child(r, fn, slave, ready[1]);
	ended = (int)syscall(SYS_pidfd_open, pid, 0);
	ck_assert_int_ge(ended, 0);
	for (bool typed = false;;) {
		struct pollfd p[] = {{.fd = master, .events = POLLIN},
				     {.fd = ended, .events = POLLIN},
				     {.fd = typed ? -1 : ready[0], .events = POLLIN}};
		char bytes[4096], byte;

		ck_assert_int_ge(poll(p, 3, -1), 0);
		if (p[0].revents & POLLIN) {
			ssize_t n = read(master, bytes, sizeof(bytes));

			ck_assert_int_gt(n, 0);
			buf_add(&r->sent, bytes, (size_t)n);
		} else if (p[1].revents) {
			break;
		}
		if (p[2].revents) {
			ck_assert_int_eq(read(ready[0], &byte, 1), 1);
			typed = true;
			if (r->typed)
				ck_assert_int_eq(write(master, r->typed, strlen(r->typed)),
						 (ssize_t)strlen(r->typed));
		}
	}
	ck_assert_int_eq(waitpid(pid, &r->status, 0), pid);
	ck_assert_int_eq(tcgetattr(slave, &r->after), 0);
	close(ended);
	close(ready[0]);
	close(ready[1]);
	close(master);
	close(slave);
}

static void check_given_back(const struct run *r)
{
	const char *enter = strstr(r->sent.data, ENTER_SCREEN), *leave = strstr(r->sent.data, LEAVE_SCREEN);

	ck_assert_ptr_nonnull(enter);
	ck_assert_ptr_nonnull(leave);
	ck_assert(leave > enter);
	/* the cursor is hidden at first, seen in the end */
	ck_assert_ptr_nonnull(strstr(enter, "\x1b[?25l"));
	ck_assert_ptr_nonnull(strstr(strstr(enter, "\x1b[?25l"), "\x1b[?25h"));
	/* the mouse is free */
	ck_assert_ptr_nonnull(strstr(enter, "1000l"));
	ck_assert_int_eq(memcmp(&r->before, &r->after, sizeof(r->before)), 0);
}

static int end_well(const struct run *r, int ready)
{
	struct screen s = {0};
	struct termios now;
	(void)ready;

	if (term_open(r->colour))
		return 1;
	show(r, &s, "text");
	tcgetattr(STDIN_FILENO, &now);
	term_close();
	term_close();
	screen_free(&s);
	/* it had been changed */
	return now.c_lflag & (ICANON | ECHO) ? 2 : 0;
}

START_TEST(it_is_given_back_at_the_end)
{
	struct run r = {"xterm-256color", "C.UTF-8", 80, 24, NULL, true, 1};

	run(&r, end_well);
	ck_assert_int_eq(r.status, 0);
	check_given_back(&r);
	ck_assert_ptr_nonnull(strstr(r.sent.data, "text"));
	/* of 256 colours */
	ck_assert_ptr_nonnull(strstr(r.sent.data, "38;5;209"));
	buf_free(&r.sent);
}
END_TEST

static int call_exit(const struct run *r, int ready)
{
	struct screen s = {0};
	(void)ready;

	if (term_open(r->colour))
		return 1;
	show(r, &s, "text");
	screen_free(&s);
	exit(7);
}

START_TEST(it_is_given_back_at_exit)
{
	struct run r = {"xterm-256color", "C.UTF-8", 80, 24, NULL, true, 1};

	run(&r, call_exit);
	ck_assert(WIFEXITED(r.status) && WEXITSTATUS(r.status) == 7);
	check_given_back(&r);
	buf_free(&r.sent);
}
END_TEST

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static int crash(const struct run *r, int ready)
{
	struct screen s = {0};
	(void)ready;

	/* whatever a sanitizer would do with it */
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		signal(crashes[i], SIG_DFL);
	if (term_open(r->colour))
		return 1;
	show(r, &s, "text");
	screen_free(&s);
	raise(crashes[r->times - 1]);
	return 2;
}

START_TEST(it_is_given_back_when_the_program_crashes)
{
	struct run r = {"xterm-256color", "C.UTF-8", 80, 24, NULL, true, _i + 1};

	run(&r, crash);
	ck_assert_int_eq(WIFSIGNALED(r.status) ? WTERMSIG(r.status) : -1, crashes[_i]);
	check_given_back(&r);
	buf_free(&r.sent);
}
END_TEST

/* Until the stack is full. */
static unsigned int deeper(const volatile char *from)
{
	volatile char here[4096];

	here[0] = *from;
	/* it is 0: no end */
	return *from ? 1 : deeper(here) + (unsigned char)here[0];
}

static void *overflow(void *thread)
{
	char none = '\0';
	void *stack = thread ? restore_thread() : NULL;

	deeper(&none);
	restore_thread_end(stack);
	return NULL;
}

/* In the second time in another thread. */
static int overflow_stack(const struct run *r, int ready)
{
	struct screen s = {0};
	pthread_t thread;
	(void)ready;

	signal(SIGSEGV, SIG_DFL);
	if (term_open(r->colour))
		return 1;
	show(r, &s, "text");
	screen_free(&s);
	if (r->times == 1)
		overflow(NULL);
	else if (!pthread_create(&thread, NULL, overflow, &s))
		pthread_join(thread, NULL);
	return 2;
}

START_TEST(it_is_given_back_when_a_stack_is_full)
{
	struct run r = {"xterm-256color", "C.UTF-8", 80, 24, NULL, true, _i + 1};

	run(&r, overflow_stack);
	ck_assert_int_eq(WIFSIGNALED(r.status) ? WTERMSIG(r.status) : -1, SIGSEGV);
	check_given_back(&r);
	buf_free(&r.sent);
}
END_TEST

START_TEST(what_did_not_change_is_not_sent)
{
	struct run once = {"xterm-256color", "C.UTF-8", 80, 24, NULL, true, 1};
	struct run often = {"xterm-256color", "C.UTF-8", 80, 24, NULL, true, 50};

	run(&once, end_well);
	run(&often, end_well);
	ck_assert_int_eq(often.status, 0);
	/* not by its own assertion, which has no room for so much */
	ck_assert_uint_eq(often.sent.len, once.sent.len);
	ck_assert(strcmp(often.sent.data, once.sent.data) == 0);
	buf_free(&once.sent);
	buf_free(&often.sent);
}
END_TEST

START_TEST(without_colours_none_is_sent)
{
	struct run r = {"xterm-256color", "C.UTF-8", 80, 24, NULL, false, 1};

	run(&r, end_well);
	ck_assert_int_eq(r.status, 0);
	ck_assert_ptr_null(strstr(r.sent.data, "38;5"));
	ck_assert_ptr_null(strstr(r.sent.data, "48;5"));
	check_given_back(&r);
	buf_free(&r.sent);
}
END_TEST

/* Exits with 3 if the terminal has colours, + 4 if it takes UTF-8. */
static int tell(const struct run *r, int ready)
{
	struct screen s = {0};
	int told;
	(void)ready;

	if (term_open(r->colour))
		return 1;
	show(r, &s, "é");
	told = (s.colour ? 3 : 0) + (s.utf8 ? 4 : 0);
	if (s.w != r->w || s.h != r->h)
		told = 100;
	term_close();
	screen_free(&s);
	return told;
}

START_TEST(what_terminals_take)
{
	static const struct {
		const char *type, *locale;
		int told;
	} cases[] = {
		{"xterm-256color", "C.UTF-8", 7}, {"xterm", "C", 3},
		{"vt100", "C.UTF-8", 4},          {"vt100", "C", 0},
		{"linux", "C.UTF-8", 3},          {"screen", "C.UTF-8", 7},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = {cases[i].type, cases[i].locale, 40, 10, NULL, true, 1};

		run(&r, tell);
		ck_assert_msg(WIFEXITED(r.status) && WEXITSTATUS(r.status) == cases[i].told, "%s: %x", r.type,
			      (unsigned int)r.status);
		ck_assert_int_eq(memcmp(&r.before, &r.after, sizeof(r.before)), 0);
		buf_free(&r.sent);
	}
}
END_TEST

/* From one cell to more than there can be. */
static int resize(const struct run *r, int ready)
{
	static const struct winsize sizes[] = {{.ws_col = 1, .ws_row = 1},
					       {.ws_col = 400, .ws_row = 100},
					       {.ws_col = 2, .ws_row = 50},
					       {.ws_col = 65535, .ws_row = 65535},
					       {.ws_col = 80, .ws_row = 1}};
	struct screen s = {0};
	(void)ready;

	if (term_open(r->colour))
		return 1;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ioctl(STDOUT_FILENO, TIOCSWINSZ, &sizes[i]);
		show(r, &s, "日本語");
		if (s.w > sizes[i].ws_col || s.h > sizes[i].ws_row || (s.w < 400 && s.w != sizes[i].ws_col))
			return 2;
	}
	term_close();
	screen_free(&s);
	return 0;
}

START_TEST(sizes)
{
	struct run r = {"xterm-256color", "C.UTF-8", 80, 24, NULL, true, 1};

	run(&r, resize);
	ck_assert_int_eq(r.status, 0);
	check_given_back(&r);
	buf_free(&r.sent);
}
END_TEST

/* It becomes that large while the shell has it. */
static int resume(const struct run *r, int ready)
{
	const struct winsize most = {.ws_col = 65535, .ws_row = 65535};
	struct screen s = {0};
	(void)ready;

	if (term_open(r->colour))
		return 1;
	show(r, &s, "text");
	term_suspend();
	ioctl(STDOUT_FILENO, TIOCSWINSZ, &most);
	term_resume();
	show(r, &s, "text");
	term_close();
	screen_free(&s);
	return 0;
}

START_TEST(sizes_that_no_terminal_has)
{
	struct run later = {"xterm-256color", "C.UTF-8", 80, 24, NULL, true, 1};
	struct run first = {"xterm-256color", "C.UTF-8", 65535, 65535, NULL, true, 1};

	run(&later, resume);
	ck_assert_int_eq(later.status, 0);
	check_given_back(&later);
	run(&first, end_well);
	ck_assert_int_eq(first.status, 0);
	check_given_back(&first);
	buf_free(&later.sent);
	buf_free(&first.sent);
}
END_TEST

static const struct input typed[] = {
	{'a'},
	{0xe9},
	{K_UP},
	{K_UP},
	{K_ERASE},
	{K_ENTER},
	{K_F1},
	{K_PAGE_DOWN},
	{K_CLICK, 5, 3},
	{'b'},
	{K_WHEEL_DOWN, 0, 0},
	/* what is cut off, or broken, takes nothing of what follows */
	{'c'},
	{'d'},
	{K_UP},
	{'q'},
};

static int take_keys(const struct run *r, int ready)
{
	const size_t count = sizeof(typed) / sizeof(typed[0]);
	struct screen s = {0};
	size_t n = 0;

	if (term_open(r->colour))
		return 1;
	show(r, &s, "text");
	if (write(ready, "r", 1) != 1)
		return 2;
	while (n < count) {
		struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
		struct input in;

		poll(&p, 1, -1);
		while (in = term_key(), in.key != K_NONE) {
			if (n >= count || in.key != typed[n].key || in.x != typed[n].x || in.y != typed[n].y)
				return 10 + (int)n;
			n++;
		}
	}
	term_close();
	screen_free(&s);
	return 0;
}

START_TEST(keys)
{
	struct run r = {"xterm-256color",
			"C.UTF-8",
			80,
			24,
			"a\u00e9\x1bOA\x1b[A\x7f\r\x1bOP\x1b[6~\x1b[<0;6;4M\x1b[<0;6;4mb\x1b[<65;1;1M"
			"\x1b[<0;6c\xe9\x64\xff\x1b[<0\x1b[Aq",
			true,
			1};

	run(&r, take_keys);
	ck_assert_msg(r.status == 0, "key %d is another", WEXITSTATUS(r.status) - 10);
	buf_free(&r.sent);
}
END_TEST

static int fail_to_open(const struct run *r, int ready)
{
	const char *why = term_open(r->colour);
	(void)ready;

	return why && strstr(why, "check TERM") && !strchr(why, '\n') ? 0 : 1;
}

START_TEST(types_that_are_not_known)
{
	static const char *const types[] = {"nonesuch", "dumb", "", "evil\x1b[2J\n"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct run r = {types[i], "C.UTF-8", 80, 24, NULL, true, 1};

		run(&r, fail_to_open);
		ck_assert_int_eq(r.status, 0);
		/* nothing is printed */
		ck_assert_str_eq(r.sent.data, "");
		ck_assert_int_eq(memcmp(&r.before, &r.after, sizeof(r.before)), 0);
		buf_free(&r.sent);
	}
}
END_TEST

START_TEST(no_terminal)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), in = dup(STDIN_FILENO);

	dup2(null, STDIN_FILENO);
	ck_assert_str_eq(term_open(true), "standard input is no terminal");
	dup2(in, STDIN_FILENO);
	close(in);
	close(null);
	term_close(); /* it is not open */
}
END_TEST

int main(void)
{
	struct unit u = unit_new("term");

	UNIT_ADD(u, it_is_given_back_at_the_end);
	UNIT_ADD(u, it_is_given_back_at_exit);
	tcase_add_loop_test(u.tcase, it_is_given_back_when_the_program_crashes, 0,
			    sizeof(crashes) / sizeof(crashes[0]));
	tcase_add_loop_test(u.tcase, it_is_given_back_when_a_stack_is_full, 0, 2);
	UNIT_ADD(u, what_did_not_change_is_not_sent);
	UNIT_ADD(u, without_colours_none_is_sent);
	UNIT_ADD(u, what_terminals_take);
	UNIT_ADD(u, sizes);
	UNIT_ADD(u, sizes_that_no_terminal_has);
	UNIT_ADD(u, keys);
	UNIT_ADD(u, types_that_are_not_known);
	UNIT_ADD(u, no_terminal);
	return unit_run(u);
}
