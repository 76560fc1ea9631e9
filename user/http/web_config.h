/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --web.config.file, as Prometheus' exporters have it (the exporter toolkit's
 * docs/web-configuration.md): tls_server_config, http_server_config,
 * basic_auth_users with bcrypt hashes, rate_limit.  YAML, read by libyaml.  What
 * it has and we cannot do is an error, never ignored.
 *
 * http2 may be true or false: HTTP/1.1 is what is spoken in both cases, as a
 * client that takes HTTP/2 takes it, too.  Unlike the toolkit, which reads the
 * file for each request, we read it once; it takes some settings that make no
 * sense and we do not: TLS settings without a certificate, client_allowed_sans
 * without client certificates, verification without a client_ca.
 */
#ifndef VMPERF_HTTP_WEB_CONFIG_H
#define VMPERF_HTTP_WEB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/buf.h"

#define WEB_CONFIG_ERROR 400

enum web_client_auth { /* Go's names, as the toolkit takes them */
		       WEB_NO_CLIENT_CERT,
		       WEB_REQUEST_CLIENT_CERT,
		       WEB_REQUIRE_ANY_CLIENT_CERT,
		       WEB_VERIFY_CLIENT_CERT_IF_GIVEN,
		       WEB_REQUIRE_AND_VERIFY_CLIENT_CERT,
};

struct web_user {
	char *name, *hash;
};

struct web_header {
	char *name, *value;
};

struct web_config {
	bool tls;
	struct buf cert, key, client_ca; /* PEM; the files' contents: read while there are privileges */
	enum web_client_auth client_auth;
	char *priorities; /* for GnuTLS, made of min_version, max_version, cipher_suites …; NULL: its default
			   */
	char **client_sans; /* client_allowed_sans; ended by NULL */
	size_t nclient_sans;
	struct web_user *users;
	size_t nusers;
	struct web_header *headers; /* of every answer */
	size_t nheaders;
	uint64_t rate_interval_ns; /* rate_limit: one request in this time; 0: any number */
	uint32_t rate_burst;       /* and so many at once */
};

/*
 * Paths in it are relative to its own directory.  NULL: error, WEB_CONFIG_ERROR
 * bytes, has one line, with FILE:LINE where there is one.
 */
struct web_config *web_config_read(const char *path, char *error);

/* The same of a text; path: what it is called, and what paths are relative to. */
struct web_config *web_config_parse(const char *text, size_t len, const char *path, char *error);

void web_config_free(struct web_config *c);

#endif
