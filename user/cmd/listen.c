// SPDX-License-Identifier: GPL-2.0-only
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/mem.h"

#define LOCAL "unix:"

static bool fail(char *error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool fail(char *error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error, LISTEN_ERROR, fmt, ap);
	va_end(ap);
	return false;
}

static bool is_port(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n && n <= 5 && !s[n] && atoi(s) <= 65535;
}

bool listen_parse(const char *text, struct listen_address *ret, char *error)
{
	const char *host = text, *colon = strrchr(text, ':');
	size_t len, room = sizeof(((struct sockaddr_un *)0)->sun_path);

	*ret = (struct listen_address){0};
	if (!strncmp(text, LOCAL, strlen(LOCAL))) {
		host += strlen(LOCAL);
		ret->local = true;
		if (*host != '/')
			return fail(error, "'%.60s' is no address: a path after unix: begins with /", text);
		if (strlen(host) >= room)
			return fail(error, "the path of a socket has at most %zu bytes: %.60s", room - 1,
				    host);
		strcpy(ret->host, host);
		return true;
	}
	if (!colon || !is_port(colon + 1) || strchr(text, '/'))
		return fail(error,
			    "'%.60s' is no address (HOST:PORT, [IPV6]:PORT, :PORT or unix:/PATH; ports are "
			    "numbers up to 65535)",
			    text);
	len = (size_t)(colon - host);
	if (*host == '[') {
		if (len < 3 || host[len - 1] != ']')
			return fail(error, "'%.60s' is no address: the ] before the port is missing", text);
		host++;
		len -= 2;
	} else if (memchr(host, ':', len)) {
		return fail(error, "'%.60s' is no address: write IPv6 as [::1]:10177", text);
	}
	if (len >= sizeof(ret->host))
		return fail(error, "'%.60s…' is no address: its host is too long", text);
	memcpy(ret->host, host, len);
	strcpy(ret->port, colon + 1);
	return true;
}

void listen_take(struct listeners *l, int fd)
{
	l->fds = mem_resize(l->fds, l->n + 1, sizeof(*l->fds));
	l->fds[l->n++] = fd;
}

static bool is_other_file(const struct listen_address *a)
{
	struct stat st;

	return a->local && !lstat(a->host, &st) && !S_ISSOCK(st.st_mode);
}

static bool refuse(char *error, const struct listen_address *a, int err)
{
	const char *open = strchr(a->host, ':') ? "[" : "", *close = *open ? "]" : "";
	const char *hint =
		is_other_file(a) ? " (what is there is no socket)"
		: err == ENOENT  ? " (its directory is missing)"
		: err == EADDRINUSE
			? " (another vmperf export? vmperf-exporter.socket? --listen chooses another)"
		: err == EACCES        ? " (ports below 1024 and other users' directories take privileges)"
		: err == EADDRNOTAVAIL ? " (no interface of this host has that address)"
				       : "";

	if (a->local)
		return fail(error, "cannot listen on %s%s: %s%s", LOCAL, a->host, strerror(err), hint);
	return fail(error, "cannot listen on %s%s%s:%s: %s%s", open, a->host, close, a->port, strerror(err),
		    hint);
}

/* 0: the socket listens; else errno. */
static int begin(int fd, const struct sockaddr *sa, socklen_t len)
{
	const int on = 1, off = 0;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* all addresses are those of IPv4, too; else [::1]:80 would differ from host to host */
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;
		bool all = IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);

		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, all ? &off : &on, sizeof(on));
	}
	return bind(fd, sa, len) || listen(fd, SOMAXCONN) ? errno : 0;
}

/* The socket, or -errno. */
static int open_one(const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	err = begin(fd, sa, len);
	if (!err)
		return fd;
	close(fd);
	return -err;
}

/* Whether this host or this kernel just does not have the address, which another one of the name may make up
 * for. */
static bool is_absent(int err)
{
	return err == EAFNOSUPPORT || err == EADDRNOTAVAIL;
}

static bool add_named(struct listeners *l, const struct listen_address *a, char *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found;
	int e = getaddrinfo(a->host, a->port, &hints, &found), absent = 0;
	size_t before = l->n;

	if (e)
		return fail(error, "cannot listen on %s:%s: %s", a->host, a->port,
			    e == EAI_SYSTEM ? strerror(errno) : gai_strerror(e));
	for (const struct addrinfo *i = found; i; i = i->ai_next) {
		int fd = open_one(i->ai_addr, i->ai_addrlen);

		if (fd >= 0) {
			listen_take(l, fd);
		} else if (is_absent(-fd)) {
			absent = -fd;
		} else {
			while (l->n > before)
				close(l->fds[--l->n]);
			freeaddrinfo(found);
			return refuse(error, a, -fd);
		}
	}
	freeaddrinfo(found);
	return l->n > before || refuse(error, a, absent);
}

/* IPv6's socket takes connections of IPv4, too; without IPv6 it is IPv4's. */
static bool add_all(struct listeners *l, const struct listen_address *a, char *error)
{
	in_port_t port = htons((uint16_t)atoi(a->port));
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = port};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = port};
	int fd = open_one((struct sockaddr *)&in6, sizeof(in6));

	if (fd < 0 && is_absent(-fd))
		fd = open_one((struct sockaddr *)&in, sizeof(in));
	if (fd < 0)
		return refuse(error, a, -fd);
	listen_take(l, fd);
	return true;
}

static struct sockaddr_un local_address(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	/* listen_parse() has seen to it that there is room */
	strcpy(sa.sun_path, path);
	return sa;
}

/* Removes a socket that nobody listens on any more.  False: somebody does, or it is something else. */
static bool remove_stale(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const struct sockaddr_un sa = local_address(path);
	struct stat st;
	bool stale;

	if (fd < 0)
		return false;
	stale = !lstat(path, &st) && S_ISSOCK(st.st_mode) &&
		connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) && errno == ECONNREFUSED;
	close(fd);
	return stale && !unlink(path);
}

static bool add_local(struct listeners *l, const struct listen_address *a, char *error)
{
	const struct sockaddr_un sa = local_address(a->host);
	/* from its first moment on; there are no other threads yet */
	mode_t was = umask(0117);
	int fd;

	fd = open_one((const struct sockaddr *)&sa, sizeof(sa));
	if (fd == -EADDRINUSE && remove_stale(a->host))
		fd = open_one((const struct sockaddr *)&sa, sizeof(sa));
	umask(was);
	if (fd < 0)
		return refuse(error, a, -fd);
	listen_take(l, fd);
	l->files = mem_resize(l->files, l->nfiles + 1, sizeof(*l->files));
	l->files[l->nfiles++] = mem_strdup(a->host);
	return true;
}

bool listen_add(struct listeners *l, const struct listen_address *a, char *error)
{
	if (a->local)
		return add_local(l, a, error);
	return *a->host ? add_named(l, a, error) : add_all(l, a, error);
}

void listen_where(struct buf *b, int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_un un;
		struct sockaddr_storage room;
	} sa = {.any = {.sa_family = AF_UNSPEC}};
	const size_t path = offsetof(struct sockaddr_un, sun_path);
	socklen_t len = sizeof(sa.room);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	/* what is cut off is not known */
	if (getsockname(fd, &sa.any, &len) || len > sizeof(sa.room))
		sa.any.sa_family = AF_UNSPEC;
	if (sa.any.sa_family == AF_UNIX) {
		/* a path may fill all of its room, without a NUL */
		size_t room = len > path ? len - path : 0;

		buf_puts(b, LOCAL);
		buf_add(b, sa.un.sun_path, strnlen(sa.un.sun_path, room));
	} else if (sa.any.sa_family != AF_UNSPEC &&
		   !getnameinfo(&sa.any, len, host, sizeof(host), port, sizeof(port),
				NI_NUMERICHOST | NI_NUMERICSERV)) {
		buf_printf(b, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	} else {
		buf_puts(b, "?");
	}
}

void listen_close(struct listeners *l)
{
	for (size_t i = 0; i < l->n; i++)
		close(l->fds[i]);
	free(l->fds);
	for (size_t i = 0; i < l->nfiles; i++) {
		remove_stale(l->files[i]);
		free(l->files[i]);
	}
	free(l->files);
	*l = (struct listeners){0};
}
