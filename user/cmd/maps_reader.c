// SPDX-License-Identifier: GPL-2.0-only
#include "maps_reader.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/buf.h"
#include "../lib/mem.h"
#include "../lib/output.h"
#include "../probe/privilege.h"

/* The process that is asked may wait for a lock of the VMM's. */
#define PATIENCE_S 2
#define PATH_MOST  65536

struct maps_reader {
	pid_t pid;
	int fd; /* -1: it is asked no more */
};

/* What comes before the mappings; then for each a struct map and the bytes of its path. */
struct answer {
	int err;
	uint32_t n;
};

static void serve(int fd)
{
	uint32_t pid;

	while (recv(fd, &pid, sizeof(pid), MSG_WAITALL) == sizeof(pid)) {
		struct answer a = {0};
		struct buf text = {0};
		struct maps m;
		bool ok;

		a.err = maps_read(&m, "", pid);
		for (size_t i = 0; i < m.n; i++) {
			uint32_t len = (uint32_t)strnlen(m.items[i].path, PATH_MOST);

			if (!(m.items[i].prot & PROT_EXEC))
				continue;
			a.n++;
			buf_add(&text, &m.items[i], sizeof(m.items[i]));
			buf_add(&text, &len, sizeof(len));
			buf_add(&text, m.items[i].path, len);
		}
		maps_free(&m);
		ok = output_all(fd, (const char *)&a, sizeof(a)) && output_all(fd, text.data, text.len);
		buf_free(&text);
		if (!ok)
			break;
	}
}

int maps_reader_start(struct maps_reader **ret)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	pid_t pid, parent = getpid();
	struct maps_reader *r;
	int pair[2], err;

	*ret = NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close(pair[0]);
		close(pair[1]);
		return err;
	}
	if (!pid) {
		/* it must not keep a file that is written open, or a pipe whose end somebody waits for */
		dup2(pair[1], 0);
		close_range(1, ~0U, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "vmperf-maps");
		signal(SIGPIPE, SIG_IGN);
		if (getppid() == parent && !privilege_keep_ptrace())
			serve(0);
		_exit(0);
	}
	close(pair[1]);
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	r = mem_zalloc(1, sizeof(*r));
	r->pid = pid;
	r->fd = pair[0];
	*ret = r;
	return 0;
}

static bool take(struct maps_reader *r, void *data, size_t len)
{
	return recv(r->fd, data, len, MSG_WAITALL) == (ssize_t)len;
}

static bool take_map(struct maps_reader *r, struct map *m)
{
	uint32_t len = 0;

	if (!take(r, m, sizeof(*m)))
		return false;
	m->path = NULL;
	if (!take(r, &len, sizeof(len)) || len > PATH_MOST)
		return false;
	m->path = mem_zalloc((size_t)len + 1, 1);
	return !len || take(r, m->path, len);
}

int maps_reader_read(struct maps_reader *r, uint32_t pid, struct maps *ret)
{
	struct answer a = {0};
	int err = 0;

	memset(ret, 0, sizeof(*ret));
	if (r->fd < 0)
		return -EPIPE;
	errno = EPIPE;
	if (send(r->fd, &pid, sizeof(pid), MSG_NOSIGNAL) != sizeof(pid) || !take(r, &a, sizeof(a)) ||
	    a.n > MAPS_MAX)
		err = -errno;
	if (!err)
		ret->items = mem_zalloc((size_t)a.n + 1, sizeof(*ret->items));
	while (!err && ret->n < a.n)
		if (!take_map(r, &ret->items[ret->n++]))
			err = -errno;
	if (!err) {
		if (a.err)
			maps_free(ret);
		return a.err;
	}
	/* an answer that comes later would be taken for another one's */
	maps_free(ret);
	close(r->fd);
	r->fd = -1;
	return err;
}

void maps_reader_stop(struct maps_reader *r)
{
	if (!r)
		return;
	/* it reads the end, and ends; one that hangs does not */
	if (r->fd >= 0)
		close(r->fd);
	else
		kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	free(r);
}
