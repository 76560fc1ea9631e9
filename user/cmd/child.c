// SPDX-License-Identifier: GPL-2.0-only
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/log.h"

static void run(int go, int err, char *const argv[])
{
	sigset_t none;
	char c;
	int e;

	/* end of file: the parent gave up */
	if (read(go, &c, 1) != 1)
		_exit(125);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	e = errno;
	if (write(err, &e, sizeof(e)) != sizeof(e))
		_exit(125);
	_exit(e == ENOENT ? 127 : 126);
}

int child_fork(struct child *c, char *const argv[])
{
	int go[2], err[2], e;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(err, O_CLOEXEC)) {
		e = errno;
		close(go[0]);
		close(go[1]);
		return -e;
	}
	c->pid = fork();
	e = errno;
	if (!c->pid) {
		close(go[1]);
		close(err[0]);
		run(go[0], err[1], argv);
	}
	close(go[0]);
	close(err[1]);
	c->go = go[1];
	c->err = err[0];
	if (c->pid > 0)
		return 0;
	close(c->go);
	close(c->err);
	c->pid = 0;
	return -e;
}

void child_go(struct child *c)
{
	char byte = 1;

	/* fails only when the child is already gone, which its status will tell */
	if (write(c->go, &byte, 1) != 1)
		log_info("the command ended before it began");
	close(c->go);
	c->go = -1;
}

bool child_ended(struct child *c, const char *name, int *ret_status)
{
	int status, e;

	if (waitpid(c->pid, &status, WNOHANG) != c->pid)
		return false;
	c->pid = 0;
	if (read(c->err, &e, sizeof(e)) == sizeof(e)) {
		log_err("cannot start %s: %s", name, strerror(e));
		*ret_status = e == ENOENT ? 127 : 126;
	} else {
		*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
	close(c->err);
	return true;
}

int child_signals(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction was;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	/* what the caller has us ignore, as nohup does, would come in nevertheless once it is blocked */
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (sigaction(ends[i], NULL, &was) || was.sa_handler != SIG_IGN)
			sigaddset(&set, ends[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* a file that would become too large: write() tells */
	sigaddset(&set, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return fd;
}

bool child_on_signals(struct child *c, int fd, const char *name, int *status)
{
	struct signalfd_siginfo i;

	while (read(fd, &i, sizeof(i)) == sizeof(i)) {
		if (i.ssi_signo == SIGCHLD) {
			if (c->pid && child_ended(c, name, status))
				return false;
			continue;
		}
		if (!c->pid)
			return false;
		/* the terminal tells the command by itself; a second time ends the wait */
		if (i.ssi_signo == SIGTERM)
			kill(c->pid, SIGTERM);
		if (++c->interrupts > 1)
			return false;
	}
	return true;
}

void child_leave(struct child *c, int fd, const char *name, int *status)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (c->pid && c->go >= 0) {
		/* it was not started: it ends now */
		close(c->go);
		close(c->err);
		waitpid(c->pid, NULL, 0);
		c->pid = 0;
	}
	while (c->pid && c->interrupts < 2 && (poll(&p, 1, -1) >= 0 || errno == EINTR))
		if (!child_on_signals(c, fd, name, status))
			return;
}
