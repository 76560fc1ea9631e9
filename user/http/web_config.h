/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --web.config.file, as Prometheus' exporters have it (the exporter toolkit's
 * docs/web-configuration.md): tls_server_config, http_server_config's headers,
 * basic_auth_users with bcrypt hashes.  YAML, read by libyaml.  What it has and
 * we cannot do is an error, never ignored.
 */
#ifndef VMPERF_HTTP_WEB_CONFIG_H
#define VMPERF_HTTP_WEB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

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
};

/* Paths in it are relative to its own directory.  NULL: error, WEB_CONFIG_ERROR bytes, has one line. */
struct web_config *web_config_read(const char *path, char *error);

/* The same of text; dir: what paths are relative to. */
struct web_config *web_config_parse(const char *text, size_t len, const char *dir, char *error);

void web_config_free(struct web_config *c);

#endif
