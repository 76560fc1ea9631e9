/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GnuTLS for the server: versions, cipher suites and curves by Go's names (its
 * package crypto/tls; what web configs are written in), and what a client must
 * show.
 */
#ifndef VMPERF_HTTP_TLS_H
#define VMPERF_HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "web_config.h"

#define TLS_ERROR 200

/* "TLS10" … "TLS13": 0 … 3; -1: none of them. */
int tls_version(const char *name);

/* A place in the table of suites, or of curves; -1: not known. */
int tls_suite(const char *name);
int tls_curve(const char *name);

struct tls_choice {
	int min, max;        /* of tls_version() */
	const int *suites;   /* of tls_suite(); none: GnuTLS' default */
	size_t nsuites;      /* most wanted first */
	const int *curves;   /* of tls_curve(); none: GnuTLS' default */
	size_t ncurves;      /* most wanted first */
	bool server_prefers; /* our order counts, not the client's */
};

/*
 * The priority string of GnuTLS that allows this and no more.  NULL: error, for
 * TLS_ERROR bytes, tells why there is none.  Suites of TLS 1.2 are chosen by
 * their parts there (key exchange, cipher, MAC), so a list that is not all
 * combinations of its parts cannot be had.  TLS 1.3 has the ciphers of the list
 * that it knows; with none of them it is not spoken.
 */
char *tls_priorities(const struct tls_choice *c, char *error);

/* Whether GnuTLS takes the certificates, the key and the CAs, and they fit; error as above. */
bool tls_check(const struct web_config *c, char *error);

/*
 * A session (gnutls_session_t) of the server asks its client for what c wants; a
 * client without ends in its handshake.  c is used until the session ends.
 */
void tls_ask_client(void *session, const struct web_config *c);

#endif
