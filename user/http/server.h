/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wall around libmicrohttpd: an HTTP/1.1 server in the caller's own loop,
 * with TLS and basic auth, limits on size, time and number.  What is behind a
 * path is the caller's.  Nothing here blocks; a page is in memory before its
 * first byte is sent, so a slow client holds that page and nothing else.
 */
#ifndef VMPERF_HTTP_SERVER_H
#define VMPERF_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/buf.h"
#include "page.h"
#include "web_config.h"

#define SERVER_CONNECTIONS                                                                                   \
	256 /* at once; one more takes the place of the one that keeps us waiting longest */
#define SERVER_HEADER_BYTES 16384 /* of a request, in all */
#define SERVER_REQUEST_SECONDS                                                                               \
	10 /* until a request is whole, or its password looked at; also of a connection that asks for        \
	      nothing */
#define SERVER_ANSWER_SECONDS 30 /* until an answer has been taken */
#define SERVER_PAGE_BYTES                                                                                    \
	(128 << 20) /* of all pages that are being sent; above that who takes them most slowly loses theirs  \
		     */
#define SERVER_ERROR 240

struct server_request {
	const char *path;   /* decoded, without the query; begins with /, then hostile bytes, but no NUL */
	const char *accept; /* the header Accept; NULL: none */
	bool gzip;          /* a compressed page is taken, too */
};

/* To be filled; it is zeroed before. */
struct server_answer {
	unsigned int status; /* 200, 404, 503 … */
	const char *type;    /* Content-Type; used until the answer is sent: a constant */
	struct buf body;     /* is taken over, and compressed where that is taken */
	/* instead of it, sent as it is: a reference, which is taken over */
	struct http_page *page;
};

/* Only GET and HEAD get here; of HEAD the body is not sent. */
typedef void (*server_fn)(void *arg, const struct server_request *r, struct server_answer *a);

struct server_options {
	const int *fds; /* sockets that listen, non-blocking; stay the caller's */
	size_t nfds;
	const struct web_config *web; /* used until server_free(); NULL: neither TLS nor users */
	server_fn fn;
	void *arg;
};

struct server;

/* NULL: error, for SERVER_ERROR bytes, has one line what failed and why. */
struct server *server_new(const struct server_options *o, char *error);

/* A descriptor that is readable when server_turn() has something to do. */
int server_fd(const struct server *s);

/* Milliseconds after which server_turn() must be called, whatever the descriptor says; -1: never. */
int server_timeout(const struct server *s);

/* Does what can be done without waiting. */
void server_turn(struct server *s);

/*
 * Answers that were begun so far, and those of them whose status is 400 or above;
 * what was no request line at all is not counted.
 */
void server_counts(const struct server *s, uint64_t *requests, uint64_t *refused);

/* Ends all connections at once. */
void server_free(struct server *s);

#endif
