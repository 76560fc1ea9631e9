// SPDX-License-Identifier: GPL-2.0-only
#include "restore.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/mem.h"

#define STACK_SIZE (64 << 10)

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define FATALS (sizeof(fatal) / sizeof(fatal[0]))

/* There is one terminal; signal handlers know no context. */
static struct {
	volatile sig_atomic_t taken;
	struct termios modes;
	char text[RESTORE_TEXT];
	size_t len;
	struct sigaction before[FATALS];
	void *stack;
} restore;

void restore_set(const struct termios *modes, const char *text, size_t len)
{
	restore.modes = *modes;
	memcpy(restore.text, text, len);
	restore.len = len;
}

void restore_taken(bool taken)
{
	restore.taken = taken;
}

void restore_now(void)
{
	sigset_t set, before;

	if (!restore.taken)
		return;
	restore.taken = 0;
	/* in the background setting the modes would stop the program */
	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	for (size_t at = 0; at < restore.len;) {
		ssize_t n = write(STDOUT_FILENO, restore.text + at, restore.len - at);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	tcsetattr(STDIN_FILENO, TCSANOW, &restore.modes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Whoever would have had the signal gets it when this returns; a fault is made once more, just as it was. */
static void on_fatal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	restore_now();
	for (size_t i = 0; i < FATALS; i++) {
		if (fatal[i] == sig)
			sigaction(sig, &restore.before[i], NULL);
	}
	if (info->si_code <= 0)
		raise(sig);
}

void *restore_thread(void)
{
	stack_t stack = {.ss_size = STACK_SIZE}, before;

	/* a stack that has overflown has no room for the handler; a sanitizer may have seen to that */
	if (!sigaltstack(NULL, &before) && !(before.ss_flags & SS_DISABLE))
		return NULL;
	stack.ss_sp = mem_zalloc(1, STACK_SIZE);
	sigaltstack(&stack, NULL);
	return stack.ss_sp;
}

void restore_thread_end(void *stack)
{
	const stack_t none = {.ss_flags = SS_DISABLE};

	if (stack)
		sigaltstack(&none, NULL);
	free(stack);
}

void restore_catch(void)
{
	struct sigaction sa = {.sa_sigaction = on_fatal, .sa_flags = SA_ONSTACK | SA_SIGINFO};

	restore.stack = restore_thread();
	sigfillset(&sa.sa_mask);
	for (size_t i = 0; i < FATALS; i++)
		sigaction(fatal[i], &sa, &restore.before[i]);
}

void restore_release(void)
{
	for (size_t i = 0; i < FATALS; i++)
		sigaction(fatal[i], &restore.before[i], NULL);
	restore_thread_end(restore.stack);
	restore.stack = NULL;
}
