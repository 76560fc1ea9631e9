/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets that listen: addresses as --listen takes them, and those that systemd has opened. */
#ifndef VMPERF_CMD_LISTEN_H
#define VMPERF_CMD_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "../lib/buf.h"

#define LISTEN_DEFAULT "127.0.0.1:10177"
#define LISTEN_ERROR   400

/* An address in its parts. */
struct listen_address {
	char host[256]; /* "" all addresses; of unix: its path */
	char port[6];   /* decimal, up to 65535; "0": any that is free */
	bool local;     /* unix:/PATH */
};

struct listeners {
	int *fds; /* non-blocking */
	size_t n;
	char **files; /* of unix: sockets, to be removed at the end */
	size_t nfiles;
};

/* HOST:PORT, [IPV6]:PORT, :PORT, unix:/PATH.  False: it is none of them; error, LISTEN_ERROR bytes, says so.
 */
bool listen_parse(const char *text, struct listen_address *ret, char *error);

/*
 * Opens all sockets of this address: a name may have several.  What an ended
 * process has left of a unix: socket is replaced; the new one is for its owner and
 * group.  False: error has one line, nothing was added.
 */
bool listen_add(struct listeners *l, const struct listen_address *a, char *error);

/* Takes over a socket that listens already. */
void listen_take(struct listeners *l, int fd);

/* Adds where fd listens, as a URL has it: "127.0.0.1:10177", "[::1]:80", "unix:/run/x". */
void listen_where(struct buf *b, int fd);

/* Closes them, and removes unix: sockets, unless another one listens there by now. */
void listen_close(struct listeners *l);

#endif
