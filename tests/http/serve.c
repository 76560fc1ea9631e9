// SPDX-License-Identifier: GPL-2.0-only
/*
 * Serves a file by user/http/server.h, so that HTTP is tested without root and
 * BPF: /page is the file, /openmetrics tells whether it was asked for,
 * /fd how many descriptors are open, /counts what was counted.  Prints "listens
 * ADDRESS" for each address once it does, until SIGTERM; SIGHUP begins anew with
 * the config file as it is then.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/accept.h"
#include "http/server.h"

#define MAX 8

struct served {
	struct server *server;
	struct web_config *web;
	struct buf page;
};

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "serve: %s: %s\n", what, why);
	exit(1);
}

static void serve(void *arg, const struct server_request *r, struct server_answer *a)
{
	struct served *s = arg;

	a->status = 200;
	if (!strcmp(r->path, "/page")) {
		a->type = "text/plain; version=0.0.4; charset=utf-8";
		buf_add(&a->body, s->page.data, s->page.len);
	} else if (!strcmp(r->path, "/openmetrics")) {
		buf_puts(&a->body, accept_openmetrics(r->accept) ? "yes\n" : "no\n");
	} else if (!strcmp(r->path, "/counts")) {
		uint64_t requests, refused;

		server_counts(s->server, &requests, &refused);
		buf_printf(&a->body, "%lu %lu\n", (unsigned long)requests, (unsigned long)refused);
	} else if (strcmp(r->path, "/empty")) {
		a->status = 404;
		buf_puts(&a->body, "404 Not Found\n");
	}
}

/* HOST:PORT (port 0: any that is free) or unix:PATH; the address is printed later. */
static int listen_on(const char *address, char *name, size_t size)
{
	union {
		struct sockaddr any;
		struct sockaddr_storage room;
	} is = {0};
	socklen_t len = sizeof(is.room);
	int fd, one = 1;

	if (!strncmp(address, "unix:", 5)) {
		struct sockaddr_un un = {.sun_family = AF_UNIX};

		snprintf(un.sun_path, sizeof(un.sun_path), "%s", address + 5);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) || listen(fd, 512))
			fail(address, strerror(errno));
		snprintf(name, size, "%s", address);
		return fd;
	} else {
		struct addrinfo *found,
			hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
		char host[64], port[16];
		const char *colon = strrchr(address, ':');
		int rc;

		if (!colon)
			fail(address, "no port");
		snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
		rc = getaddrinfo(host, colon + 1, &hints, &found);
		if (rc)
			fail(address, gai_strerror(rc));
		fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
		    bind(fd, found->ai_addr, found->ai_addrlen) || listen(fd, 512) ||
		    getsockname(fd, &is.any, &len))
			fail(address, strerror(errno));
		freeaddrinfo(found);
		getnameinfo(&is.any, len, host, sizeof(host), port, sizeof(port),
			    NI_NUMERICHOST | NI_NUMERICSERV);
		snprintf(name, size, "%s:%s", host, port);
		return fd;
	}
}

static void read_page(const char *path, struct buf *b)
{
	char some[65536];
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		fail(path, strerror(errno));
	while ((n = fread(some, 1, sizeof(some), f)) > 0)
		buf_add(b, some, n);
	fclose(f);
}

static void begin(struct served *s, struct server_options *o, const char *config)
{
	char error[WEB_CONFIG_ERROR > SERVER_ERROR ? WEB_CONFIG_ERROR : SERVER_ERROR];

	web_config_free(s->web);
	s->web = NULL;
	if (config) {
		s->web = web_config_read(config, error);
		if (!s->web) {
			fprintf(stderr, "serve: %s\n", error);
			exit(1);
		}
	}
	o->web = s->web;
	o->fn = serve;
	o->arg = s;
	s->server = server_new(o, error);
	if (!s->server) {
		fprintf(stderr, "serve: %s\n", error);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"listen", required_argument, NULL, 'l'},
						{"web.config.file", required_argument, NULL, 'c'},
						{0}};
	struct server_options o = {0};
	struct served s = {0};
	const char *config = NULL;
	struct pollfd fds[2];
	char names[MAX][160];
	int sockets[MAX], c;
	sigset_t set;

	o.fds = sockets;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'l' && o.nfds < MAX) {
			sockets[o.nfds] = listen_on(optarg, names[o.nfds], sizeof(names[0]));
			o.nfds++;
		} else if (c == 'c') {
			config = optarg;
		} else {
			return 2;
		}
	}
	if (optind + 1 != argc || !o.nfds) {
		fprintf(stderr, "usage: serve --listen HOST:PORT|unix:PATH [--web.config.file FILE] PAGE\n");
		return 2;
	}
	read_page(argv[optind], &s.page);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fds[0] = (struct pollfd){.fd = signalfd(-1, &set, SFD_CLOEXEC), .events = POLLIN};
	begin(&s, &o, config);
	for (size_t i = 0; i < o.nfds; i++)
		printf("listens %s\n", names[i]);
	fflush(stdout);
	for (;;) {
		struct signalfd_siginfo info;

		fds[1] = (struct pollfd){.fd = server_fd(s.server), .events = POLLIN};
		poll(fds, 2, server_timeout(s.server));
		server_turn(s.server);
		if (!fds[0].revents || read(fds[0].fd, &info, sizeof(info)) != sizeof(info))
			continue;
		server_free(s.server);
		if (info.ssi_signo == SIGTERM)
			break;
		begin(&s, &o, config);
	}
	for (size_t i = 0; i < o.nfds; i++)
		close(sockets[i]);
	close(fds[0].fd);
	buf_free(&s.page);
	web_config_free(s.web);
	return 0;
}
