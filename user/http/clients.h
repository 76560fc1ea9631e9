/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server's connections: what each of them waits for and until when, and who
 * has to go when there are too many of them, or too many pages are held.
 */
#ifndef VMPERF_HTTP_CLIENTS_H
#define VMPERF_HTTP_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "page.h"

/* What a connection is waiting for, or keeps us waiting for. */
enum waits { FOR_REQUEST, FOR_READER, FOR_AUTH };

/* Of the credentials that came with a request. */
enum verdict { NOT_JUDGED, LET_IN, KEPT_OUT, TOO_LATE };

struct MHD_Connection;

/* A connection; it is there from its beginning until the library has closed it. */
struct client {
	struct client *prev, *next;
	struct MHD_Connection *conn;
	int fd;
	enum waits waits;
	uint64_t since;         /* when it began to keep us waiting so */
	struct http_page *page; /* that it is being sent, a reference; NULL: none */
	size_t uri_bytes;       /* of the request that is being read */
	bool cut;               /* it has been shut down, and the library will see that */
	bool begun;             /* the library has shown us this request once */
	bool counted;           /* the answer to it */
	enum verdict verdict;
};

struct clients {
	struct client head; /* of the ring */
	size_t n;
	size_t held; /* bytes of all pages that are being sent, each page once */
};

void clients_begin(struct clients *all);

struct client *clients_add(struct clients *all, struct MHD_Connection *conn, int fd);

void clients_remove(struct clients *all, struct client *c);

/* From now on it waits for that, and, unless for its reader, is sent nothing. */
void clients_wait(struct clients *all, struct client *c, enum waits what);

/*
 * From now on it is sent this page.  While clients hold more than so many bytes
 * of pages the others lose theirs, who has kept us waiting longest first.
 */
void clients_send(struct clients *all, struct client *c, struct http_page *page, size_t most);

/* Ends a connection at the library's next turn; what was not taken of an answer is dropped. */
void clients_cut(struct clients *all, struct client *c);

/* Cuts the one that has kept us waiting longest, if there is one. */
void clients_cut_longest(struct clients *all);

/*
 * Ends those whose request can come no more, as their side is closed.  To be
 * called when the library has read what there is: with 0.9.75 it does not see an
 * end that comes together with bytes.
 */
void clients_end_closed(struct clients *all);

/* A number for who it is: one for each address of IPv4, each /64 of IPv6, all of Unix sockets. */
uint64_t client_source(const struct client *c);

/* When it has kept us waiting for too long (CLOCK_MONOTONIC); UINT64_MAX: never, as it is about to end. */
uint64_t client_deadline(const struct client *c);

#endif
