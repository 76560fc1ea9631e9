// SPDX-License-Identifier: GPL-2.0-only
#include "terminal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../lib/log.h"
#include "../tui/term.h"

bool terminal_signals(struct terminal *t)
{
	static const int handled[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(handled) / sizeof(*handled); i++)
		sigaddset(&set, handled[i]);
	t->held = -1;
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* a record that would become too large: write() tells */
	sigaddset(&set, SIGXFSZ);
	/* threads that are started have the same */
	sigprocmask(SIG_BLOCK, &set, NULL);
	return t->signals >= 0;
}

void terminal_hold_errors(struct terminal *t)
{
	t->held = -1;
	if (!isatty(STDERR_FILENO))
		return;
	t->errors = dup(STDERR_FILENO);
	t->held = memfd_create("vmperf-messages", MFD_CLOEXEC);
	if (t->errors < 0 || t->held < 0 || dup2(t->held, STDERR_FILENO) < 0) {
		log_info("messages may be drawn over: %s", strerror(errno));
		if (t->held >= 0)
			close(t->held);
		t->held = -1;
	}
}

void terminal_release_errors(struct terminal *t)
{
	char text[4096];
	ssize_t n;

	if (t->held < 0)
		return;
	dup2(t->errors, STDERR_FILENO);
	close(t->errors);
	for (off_t at = 0; (n = pread(t->held, text, sizeof(text), at)) > 0; at += n)
		if (write(STDERR_FILENO, text, (size_t)n) < 0)
			break;
	close(t->held);
	t->held = -1;
}

/* Until it is continued. */
static void stop_here(void)
{
	sigset_t set;

	term_suspend();
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	/* not SIGSTOP: where no shell could continue it, the kernel leaves it running */
	raise(SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	term_resume();
}

bool terminal_on_signals(struct terminal *t, void (*resize)(void *arg), void *arg)
{
	struct signalfd_siginfo i;

	while (read(t->signals, &i, sizeof(i)) == sizeof(i)) {
		switch (i.ssi_signo) {
		case SIGWINCH:
			resize(arg);
			break;
		case SIGTSTP:
			stop_here();
			resize(arg);
			break;
		case SIGCONT: /* somebody else had stopped it, and may have used the terminal */
			term_repaint();
			resize(arg);
			break;
		default:
			return false;
		}
	}
	return true;
}

void terminal_close(struct terminal *t)
{
	if (t->signals >= 0)
		close(t->signals);
	t->signals = -1;
}
