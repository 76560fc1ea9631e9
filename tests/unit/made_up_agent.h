/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up guest agent on a socket, in a thread of its own: it answers as a test tells it. */
#ifndef VMPERF_TESTS_MADE_UP_AGENT_H
#define VMPERF_TESTS_MADE_UP_AGENT_H

#include "unit.h"

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/buf.h"

struct made_up_agent {
	char dir[32], path[64];
	int listens;
	pthread_t thread;
	/* answers a command: adds what is to be sent; false: the connection is closed */
	bool (*answer)(struct made_up_agent *m, const json_t *command, struct buf *reply);
	const char *greeting; /* sent before the answer to guest-sync-delimited; NULL: nothing */
	bool deaf;            /* to guest-sync-delimited */
	struct buf heard;     /* commands but that one, a line each */
	void *arg;
	int step;
};

static inline void made_up_sync(const struct made_up_agent *m, const json_t *command, struct buf *reply)
{
	json_int_t id = json_integer_value(json_object_get(json_object_get(command, "arguments"), "id"));

	if (m->greeting)
		buf_puts(reply, m->greeting);
	if (!m->deaf)
		buf_printf(reply, "\xff{\"return\": %lld}\n", (long long)id);
}

static inline bool made_up_line(struct made_up_agent *m, int fd, const char *line)
{
	json_t *command = json_loads(*line == '\xff' ? line + 1 : line, 0, NULL);
	const char *name = json_string_value(json_object_get(command, "execute"));
	struct buf reply = {0};
	bool more = true;

	if (name && !strcmp(name, "guest-sync-delimited")) {
		made_up_sync(m, command, &reply);
	} else {
		buf_printf(&m->heard, "%s\n", line);
		more = m->answer(m, command, &reply);
	}
	for (size_t sent = 0; sent < reply.len;) {
		ssize_t n = send(fd, reply.data + sent, reply.len - sent, MSG_NOSIGNAL);

		if (n <= 0) {
			more = false;
			break;
		}
		sent += (size_t)n;
	}
	json_decref(command);
	buf_free(&reply);
	return more;
}

static inline void made_up_serve(struct made_up_agent *m, int fd)
{
	struct buf in = {0};
	char part[4096];
	bool more = true;
	ssize_t n;

	while (more && (n = read(fd, part, sizeof(part))) > 0) {
		char *end;

		buf_add(&in, part, (size_t)n);
		while (more && (end = memchr(in.data, '\n', in.len))) {
			*end = '\0';
			more = made_up_line(m, fd, in.data);
			in.len -= (size_t)(end + 1 - in.data);
			memmove(in.data, end + 1, in.len);
		}
	}
	buf_free(&in);
	close(fd);
}

/* One connection after the other, until the listening socket is shut down. */
static inline void *made_up_run(void *arg)
{
	struct made_up_agent *m = arg;
	int fd;

	while ((fd = accept(m->listens, NULL, NULL)) >= 0)
		made_up_serve(m, fd);
	return NULL;
}

/* At m->path. */
static inline bool made_up_listen_there(struct made_up_agent *m)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	strcpy(to.sun_path, m->path);
	m->listens = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return m->listens >= 0 && !bind(m->listens, (const struct sockaddr *)&to, sizeof(to)) &&
	       !listen(m->listens, 1);
}

static inline void made_up_listen(struct made_up_agent *m)
{
	strcpy(m->dir, "/tmp/vmperf-agent-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(m->dir));
	snprintf(m->path, sizeof(m->path), "%s/agent", m->dir);
	ck_assert(made_up_listen_there(m));
}

static inline void made_up_start(struct made_up_agent *m)
{
	made_up_listen(m);
	ck_assert_int_eq(pthread_create(&m->thread, NULL, made_up_run, m), 0);
}

/* After all connections to it were closed. */
static inline void made_up_end(struct made_up_agent *m)
{
	shutdown(m->listens, SHUT_RDWR);
	if (m->thread)
		pthread_join(m->thread, NULL);
	close(m->listens);
	unlink(m->path);
	rmdir(m->dir);
	buf_free(&m->heard);
}

/* The text of an argument of a command. */
static inline const char *made_up_text(const json_t *command, const char *key)
{
	const char *s = json_string_value(json_object_get(json_object_get(command, "arguments"), key));

	return s ? s : "";
}

static inline bool made_up_is(const json_t *command, const char *name)
{
	const char *s = json_string_value(json_object_get(command, "execute"));

	return s && !strcmp(s, name);
}

/* {"return": a chunk of a file} */
static inline void made_up_chunk(struct buf *reply, const char *data, size_t len, bool eof)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	buf_printf(reply, "{\"return\": {\"count\": %zu, \"eof\": %s, \"buf-b64\": \"", len,
		   eof ? "true" : "false");
	for (size_t i = 0; i < len; i += 3) {
		unsigned int bits = 0;
		char four[4];

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (i + j < len ? (unsigned char)data[i + j] : 0);
		for (int j = 0; j < 4; j++)
			four[j] = digits[bits >> (18 - 6 * j) & 63];
		for (size_t j = len - i; j < 3; j++)
			four[j + 1] = '=';
		buf_add(reply, four, 4);
	}
	buf_puts(reply, "\"}}\n");
}

#endif
