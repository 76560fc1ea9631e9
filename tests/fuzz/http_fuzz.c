// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server's input: bytes as a client of a Unix socket sends them, in one or
 * two parts; the first byte tells where.  Whatever they are, the connection comes
 * to an end, what is answered is HTTP, and the next client gets its page.
 */
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/accept.h"
#include "http/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char good[] = "GET /good HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

static void must(int ok)
{
	if (!ok)
		abort();
}

static void serve(void *arg, const struct server_request *r, struct server_answer *a)
{
	(void)arg;
	must(r->path[0] == '/');
	a->status = strcmp(r->path, "/good") ? 404 : 200;
	buf_puts(&a->body, accept_openmetrics(r->accept) ? "open" : "good");
}

/* In Linux' name space of its own: no file. */
static socklen_t address(struct sockaddr_un *un)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			   (size_t)snprintf(un->sun_path + 1, sizeof(un->sun_path) - 1, "vmperf-fuzz-%d",
					    getpid()));
}

static struct server *begin(void)
{
	static int fd = -1;
	struct server_options o = {.fds = &fd, .nfds = 1, .fn = serve};
	struct sockaddr_un un;
	socklen_t len = address(&un);
	char error[SERVER_ERROR];
	struct server *s;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	must(fd >= 0 && !bind(fd, (struct sockaddr *)&un, len) && !listen(fd, 16));
	s = server_new(&o, error);
	must(s != NULL);
	return s;
}

/* Sends it and reads what comes, for as long as the server has something to do. */
static void talk(struct server *s, const uint8_t *data, size_t size, size_t cut, struct buf *got)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd its = {.fd = server_fd(s), .events = POLLIN};
	struct sockaddr_un un;
	socklen_t len = address(&un);
	bool open = true;

	must(fd >= 0 && !connect(fd, (struct sockaddr *)&un, len));
	for (int part = 0; part < 2; part++) {
		size_t from = part ? cut : 0, n = part ? size - cut : cut;

		if (n && send(fd, data + from, n, MSG_NOSIGNAL) < 0)
			break;
		server_turn(s);
	}
	shutdown(fd, SHUT_WR);
	while (open) {
		char some[4096];
		ssize_t n;

		server_turn(s);
		while ((n = read(fd, some, sizeof(some))) > 0)
			buf_add(got, some, (size_t)n);
		/* or it waits for the rest of a request */
		open = n < 0 && (server_timeout(s) == 0 || poll(&its, 1, 0) > 0);
	}
	close(fd);
	/* of a connection that is left it would have to look at the time */
	for (int i = 0; i < 10 && server_timeout(s) >= 0; i++)
		server_turn(s);
	must(server_timeout(s) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct server *s;
	struct buf got = {0};
	size_t cut;

	if (!s)
		s = begin();
	if (!size)
		return 0;
	cut = data[0] < size - 1 ? data[0] : size - 1;
	talk(s, data + 1, size - 1, cut, &got);
	must(!got.len || !strncmp(got.data, "HTTP/1.", 7));
	buf_free(&got);
	talk(s, (const uint8_t *)good, sizeof(good) - 1, sizeof(good) - 1, &got);
	must(got.len && !strncmp(got.data, "HTTP/1.1 200 OK\r\n", 17));
	must(!strcmp(got.data + got.len - 4, "good"));
	buf_free(&got);
	return 0;
}
