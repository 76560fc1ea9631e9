// SPDX-License-Identifier: GPL-2.0-only
/*
 * random [OPTION...] -- COMMAND [ARGUMENT...]: runs vmperf in a pseudo terminal
 * and types, clicks, resizes, stops and continues it at random; starts it anew
 * when it was left.  Status 1, and why, when it
 * - ends with a status other than 0,
 * - does not answer a key,
 * - leaves the terminal otherwise than it was, at its end or when it stops.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/options.h"
#include "noise.h"

/* A screen of any size under a sanitizer, on a machine that does other things, too, takes less. */
#define ANSWER_MS 30000
/* What asks for an answer may have been taken for the rest of something else: it is asked again. */
#define AGAIN_MS  1000

/* How the shell ends when vmperf did something wrong. */
enum { SHELL_CANNOT = 97, SHELL_STOPPED, SHELL_ENDED };

struct settings {
	uint32_t seed, seconds;
	bool help;
};

#define AT(member) 1, offsetof(struct settings, member)

static const struct option_def options[] = {
	{"seed", 0, OPTION_U32, "N", 0, UINT32_MAX, "1", AT(seed), "of what is random"},
	{"seconds", 0, OPTION_U32, "N", 1, 100000, "10", AT(seconds), "that it takes"},
	{"help", 'h', OPTION_FLAG, NULL, 0, 0, NULL, AT(help), "show this and end"},
	{NULL},
};

struct run {
	char **command;
	struct noise noise;
	int64_t end_ms;
	/* the terminal, and who has it */
	int master;
	pid_t shell, vmperf;
	struct buf typed; /* and not sent yet */
	/* private modes that are set (ESC [ ? N h) */
	struct buf sequence; /* the one that is being read */
	bool in_sequence, modes[3000];
	bool cleared; /* all was drawn anew */
	/* what happened */
	struct buf last, shown; /* typed, and sent, of late */
	unsigned long long bytes, things, sizes, stops, starts, answers;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* The last ones are kept. */
static void keep(struct buf *b, const void *data, size_t n)
{
	buf_add(b, data, n);
	if (b->len > 4000) {
		memmove(b->data, b->data + b->len - 1000, 1001);
		b->len = 1000;
	}
}

static void print_last(const char *what, const struct buf *b)
{
	struct buf safe = {0};
	size_t n = b->len < 1000 ? b->len : 1000;

	if (n)
		buf_escape(&safe, b->data + b->len - n, n);
	printf("%s: ...%s\n", what, safe.data ? safe.data : "");
	buf_free(&safe);
}

static bool failed(const struct run *r, const char *what)
{
	printf("%s\n", what);
	print_last("typed last", &r->last);
	print_last("shown last", &r->shown);
	return false;
}

static bool same_modes(const struct termios *before)
{
	struct termios now;

	/* a terminal that is gone has none */
	if (tcgetattr(STDIN_FILENO, &now))
		return errno == EIO;
	return now.c_iflag == before->c_iflag && now.c_oflag == before->c_oflag &&
	       now.c_cflag == before->c_cflag && now.c_lflag == before->c_lflag &&
	       memcmp(now.c_cc, before->c_cc, sizeof(now.c_cc)) == 0;
}

static void in_front(pid_t group)
{
	if (tcsetpgrp(STDIN_FILENO, group))
		errno = 0; /* the terminal is gone */
}

/* As a shell with job control runs a command: a stopped one is continued at once. */
static int shell(char **command, int told)
{
	static const int ignored[] = {SIGTTOU, SIGTTIN, SIGTSTP, SIGINT, SIGQUIT, SIGHUP};
	struct termios before;
	pid_t pid;
	int status;

	if (tcgetattr(STDIN_FILENO, &before))
		return SHELL_CANNOT;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		in_front(getpid());
		for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
			signal(ignored[i], SIG_DFL);
		execvp(command[0], command);
		_exit(SHELL_CANNOT);
	}
	if (pid < 0 || write(told, &pid, sizeof(pid)) != sizeof(pid))
		return SHELL_CANNOT;
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		in_front(getpgrp());
		/* SIGSTOP leaves it no time for that */
		if (WSTOPSIG(status) == SIGTSTP && !same_modes(&before))
			return SHELL_STOPPED;
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
		in_front(pid);
		kill(-pid, SIGCONT);
	}
	in_front(getpgrp());
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status) || same_modes(&before) ? WEXITSTATUS(status) : SHELL_ENDED;
}

static bool start(struct run *r)
{
	struct winsize size = {.ws_col = 80, .ws_row = 24};
	int told[2];

	memset(r->modes, 0, sizeof(r->modes));
	/* what terminals have from the beginning: lines wrap, the cursor is seen */
	r->modes[7] = r->modes[25] = true;
	r->typed.len = 0;
	r->cleared = r->in_sequence = false;
	r->starts++;
	if (pipe2(told, O_CLOEXEC))
		return false;
	/* what is printed must not be printed twice */
	fflush(stdout);
	r->shell = forkpty(&r->master, NULL, NULL, &size);
	if (r->shell == 0)
		_exit(shell(r->command, told[1]));
	close(told[1]);
	if (r->shell < 0 || read(told[0], &r->vmperf, sizeof(r->vmperf)) != sizeof(r->vmperf))
		r->vmperf = -1;
	close(told[0]);
	fcntl(r->master, F_SETFL, O_NONBLOCK);
	fcntl(r->master, F_SETFD, FD_CLOEXEC);
	return r->vmperf > 0;
}

/* A whole sequence, without its ESC [. */
static void take_sequence(struct run *r, char last)
{
	char *at = r->sequence.data;

	if (!strcmp(at, "2J") || !strcmp(at, "J"))
		r->cleared = true;
	if (*at != '?' || (last != 'h' && last != 'l'))
		return;
	do {
		unsigned long mode = strtoul(at + 1, &at, 10);

		if (mode < sizeof(r->modes))
			r->modes[mode] = last == 'h';
	} while (*at == ';');
}

static void take_byte(struct run *r, char c)
{
	if (c == '\x1b') {
		r->in_sequence = true;
		r->sequence.len = 0;
	} else if (r->in_sequence) {
		if (c == '[' && !r->sequence.len)
			return;
		buf_add(&r->sequence, &c, 1);
		if (c >= 0x40 || r->sequence.len > 64) {
			r->in_sequence = false;
			take_sequence(r, c);
		}
	}
}

/* Reads what there is.  False: the terminal has been closed on the other side. */
static bool take(struct run *r)
{
	char bytes[16384];
	ssize_t n = read(r->master, bytes, sizeof(bytes));

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	keep(&r->shown, bytes, (size_t)n);
	for (ssize_t i = 0; i < n; i++)
		take_byte(r, bytes[i]);
	return true;
}

static void send(struct run *r)
{
	ssize_t n = write(r->master, r->typed.data, r->typed.len);

	if (n <= 0)
		return;
	keep(&r->last, r->typed.data, (size_t)n);
	r->bytes += (unsigned long long)n;
	memmove(r->typed.data, r->typed.data + n, r->typed.len - (size_t)n);
	r->typed.len -= (size_t)n;
}

enum turn { TURN_GOES_ON, TURN_TIME, TURN_ENDED };

/* Types and reads for so long, unless it ends; TURN_TIME: nothing came and nothing could be sent. */
static enum turn turn(struct run *r, int64_t ms)
{
	struct pollfd p = {.fd = r->master, .events = POLLIN};

	if (r->typed.len)
		p.events |= POLLOUT;
	if (poll(&p, 1, ms > 0 ? (int)ms : 0) <= 0)
		return TURN_TIME;
	/* what was sent before the end comes first */
	if (p.revents & POLLIN)
		return take(r) ? TURN_GOES_ON : TURN_ENDED;
	if (p.revents & (POLLHUP | POLLERR))
		return TURN_ENDED;
	send(r);
	return TURN_GOES_ON;
}

/* Its end, with the terminal as it was. */
static bool ended(struct run *r)
{
	char text[100];
	int status;

	while (waitpid(r->shell, &status, 0) < 0)
		;
	close(r->master);
	r->master = -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == SHELL_STOPPED)
		return failed(r, "it stopped without giving the terminal back");
	if (WIFEXITED(status) && WEXITSTATUS(status) == SHELL_ENDED)
		return failed(r, "it ended without giving the terminal back");
	if (status) {
		snprintf(text, sizeof(text), "it ended with status %d", WEXITSTATUS(status));
		return failed(r, text);
	}
	for (size_t i = 0; i < sizeof(r->modes); i++) {
		if (r->modes[i] != (i == 7 || i == 25)) {
			snprintf(text, sizeof(text), "it left the terminal's mode %zu %s", i,
				 r->modes[i] ? "set" : "reset");
			return failed(r, text);
		}
	}
	return true;
}

/* False: it does not do anything any more, and is killed. */
static bool hangs(struct run *r, const char *what)
{
	kill(-r->vmperf, SIGKILL);
	return failed(r, what);
}

/*
 * Until all is drawn anew: at the beginning, or since it was asked for by
 * Ctrl-L, after an Esc that leaves any dialog.
 */
static bool wait_for_answer(struct run *r, bool asked, bool *over)
{
	int64_t limit = now_ms() + ANSWER_MS, again = now_ms();

	r->cleared = false;
	while (!r->cleared) {
		int64_t now = now_ms();

		if (now >= limit)
			return hangs(r, asked ? "a key has no answer" : "it shows nothing");
		if (asked && now >= again) {
			if (!r->typed.len)
				buf_puts(&r->typed, "\x1b\x0c");
			again = now + AGAIN_MS;
		}
		if (turn(r, (asked ? again : limit) - now) == TURN_ENDED) {
			*over = true;
			return ended(r);
		}
	}
	r->answers++;
	return true;
}

/* From one cell to more than anybody has; 0 by 0 is what a line without a terminal at its end says. */
static void resize(struct run *r)
{
	struct winsize size = {.ws_col = (unsigned short)(1 + noise_to(&r->noise, 400)),
			       .ws_row = (unsigned short)(1 + noise_to(&r->noise, 100))};

	switch (noise_to(&r->noise, 8)) {
	case 0:
		size.ws_col = (unsigned short)noise_to(&r->noise, 12);
		break;
	case 1:
		size.ws_row = (unsigned short)noise_to(&r->noise, 6);
		break;
	case 2:
	case 3:
		size = (struct winsize){.ws_col = 80, .ws_row = 24};
		break;
	case 4:
		if (!noise_to(&r->noise, 20))
			size = (struct winsize){.ws_col = 2000, .ws_row = 600};
		break;
	default:
		break;
	}
	ioctl(r->master, TIOCSWINSZ, &size);
	r->sizes++;
}

static void stop(struct run *r)
{
	static const int signals[] = {SIGTSTP, SIGTSTP, SIGSTOP, SIGCONT, SIGWINCH};

	kill(-r->vmperf, signals[noise_to(&r->noise, sizeof(signals) / sizeof(*signals))]);
	r->stops++;
}

static void something(struct run *r)
{
	switch (noise_to(&r->noise, 20)) {
	case 0:
		resize(r);
		break;
	case 1:
		stop(r);
		break;
	default:
		noise_add(&r->noise, &r->typed);
	}
	r->things++;
}

/* As long as somebody takes who types, or none: then it comes at once with what follows. */
static int64_t pause_ms(struct run *r)
{
	return noise_to(&r->noise, 3) ? 0 : noise_to(&r->noise, 60);
}

/* Until the time is over, or it is left. */
static bool session(struct run *r, bool *over)
{
	int64_t stuck = now_ms() + ANSWER_MS, next = now_ms();

	while (!*over) {
		int64_t now = now_ms();

		if (now >= r->end_ms)
			return true;
		if (!r->typed.len && now >= next) {
			if (!noise_to(&r->noise, 60) && !wait_for_answer(r, true, over))
				return false;
			if (*over)
				return true;
			something(r);
			next = now_ms() + pause_ms(r);
			stuck = now_ms() + ANSWER_MS;
		}
		if (now >= stuck)
			return hangs(r, "it does not read what is typed");
		switch (turn(r, r->typed.len ? 100 : next - now)) {
		case TURN_ENDED:
			*over = true;
			return ended(r);
		case TURN_GOES_ON:
		case TURN_TIME:
			break;
		}
	}
	return true;
}

/* By a key, a signal, or with the terminal's own end. */
static bool leave(struct run *r)
{
	static const int signals[] = {0, 0, SIGTERM, SIGINT, SIGHUP};
	int64_t limit = now_ms() + ANSWER_MS, again = 0;
	int sig = signals[noise_to(&r->noise, sizeof(signals) / sizeof(*signals))];

	if (sig)
		kill(-r->vmperf, sig);
	for (;;) {
		int64_t now = now_ms();

		if (now >= limit)
			return hangs(r, "it does not end");
		if (!sig && now >= again) {
			if (!r->typed.len)
				buf_puts(&r->typed, "\x1bq");
			again = now + AGAIN_MS;
		}
		if (turn(r, (sig ? limit : again) - now) == TURN_ENDED)
			return ended(r);
	}
}

static bool run(struct run *r)
{
	do {
		bool over = false;

		if (!start(r)) {
			printf("cannot start: %s\n", strerror(errno));
			return false;
		}
		if (!wait_for_answer(r, false, &over))
			return false;
		if (over)
			return failed(r, "it ended at once");
		if (!wait_for_answer(r, true, &over) || (!over && !session(r, &over)))
			return false;
		if (!over && !leave(r))
			return false;
	} while (now_ms() < r->end_ms);
	return true;
}

int main(int argc, char **argv)
{
	struct settings set = {0};
	struct options_result o;
	struct run r = {.master = -1};
	bool done;

	options_preset(options, 1, &set);
	if (!options_parse(options, 1, argc, argv, 1, &set, &o)) {
		log_err("%s", o.error);
		return 2;
	}
	if (set.help || o.next == argc) {
		struct buf b = {0};

		buf_puts(&b, "Usage: random [OPTION...] -- COMMAND [ARGUMENT...]\n\n");
		options_help(options, 1, &b);
		fputs(b.data, set.help ? stdout : stderr);
		buf_free(&b);
		return set.help ? 0 : 2;
	}
	r.command = argv + o.next;
	r.noise = noise_new(set.seed);
	r.end_ms = now_ms() + set.seconds * 1000LL;
	printf("seed %u\n", set.seed);
	done = run(&r);
	printf("%llu bytes typed in %llu things, %llu sizes, %llu stops; %llu starts, %llu answers\n",
	       r.bytes, r.things, r.sizes, r.stops, r.starts, r.answers);
	buf_free(&r.typed);
	buf_free(&r.sequence);
	buf_free(&r.last);
	buf_free(&r.shown);
	return done ? 0 : 1;
}
