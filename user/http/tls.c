// SPDX-License-Identifier: GPL-2.0-only
#include "tls.h"

#if WITH_HTTP

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const versions[][2] = {{"TLS10", "VERS-TLS1.0"},
					  {"TLS11", "VERS-TLS1.1"},
					  {"TLS12", "VERS-TLS1.2"},
					  {"TLS13", "VERS-TLS1.3"}};

static const char *const curves[][2] = {{"CurveP256", "GROUP-SECP256R1"},
					{"CurveP384", "GROUP-SECP384R1"},
					{"CurveP521", "GROUP-SECP521R1"},
					{"X25519", "GROUP-X25519"}};

/* Those of Go's CipherSuites(), with the numbers of the IANA's registry of TLS. */
static const struct suite {
	const char *name;
	unsigned char id[2];
	const char *kx, *cipher, *mac; /* GnuTLS' names; no kx: TLS 1.3 */
} suites[] = {
	{"TLS_AES_128_GCM_SHA256", {0x13, 0x01}, NULL, "AES-128-GCM", "AEAD"},
	{"TLS_AES_256_GCM_SHA384", {0x13, 0x02}, NULL, "AES-256-GCM", "AEAD"},
	{"TLS_CHACHA20_POLY1305_SHA256", {0x13, 0x03}, NULL, "CHACHA20-POLY1305", "AEAD"},
	{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", {0xc0, 0x2b}, "ECDHE-ECDSA", "AES-128-GCM", "AEAD"},
	{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", {0xc0, 0x2c}, "ECDHE-ECDSA", "AES-256-GCM", "AEAD"},
	{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
	 {0xcc, 0xa9},
	 "ECDHE-ECDSA",
	 "CHACHA20-POLY1305",
	 "AEAD"},
	{"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", {0xc0, 0x09}, "ECDHE-ECDSA", "AES-128-CBC", "SHA1"},
	{"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", {0xc0, 0x0a}, "ECDHE-ECDSA", "AES-256-CBC", "SHA1"},
	{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", {0xc0, 0x2f}, "ECDHE-RSA", "AES-128-GCM", "AEAD"},
	{"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", {0xc0, 0x30}, "ECDHE-RSA", "AES-256-GCM", "AEAD"},
	{"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
	 {0xcc, 0xa8},
	 "ECDHE-RSA",
	 "CHACHA20-POLY1305",
	 "AEAD"},
	{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", {0xc0, 0x13}, "ECDHE-RSA", "AES-128-CBC", "SHA1"},
	{"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", {0xc0, 0x14}, "ECDHE-RSA", "AES-256-CBC", "SHA1"},
	{"TLS_RSA_WITH_AES_128_GCM_SHA256", {0x00, 0x9c}, "RSA", "AES-128-GCM", "AEAD"},
	{"TLS_RSA_WITH_AES_256_GCM_SHA384", {0x00, 0x9d}, "RSA", "AES-256-GCM", "AEAD"},
	{"TLS_RSA_WITH_AES_128_CBC_SHA", {0x00, 0x2f}, "RSA", "AES-128-CBC", "SHA1"},
	{"TLS_RSA_WITH_AES_256_CBC_SHA", {0x00, 0x35}, "RSA", "AES-256-CBC", "SHA1"},
};

static int find(const char *const names[][2], size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i][0], name))
			return (int)i;
	return -1;
}

int tls_version(const char *name)
{
	return find(versions, N(versions), name);
}

int tls_curve(const char *name)
{
	return find(curves, N(curves), name);
}

int tls_suite(const char *name)
{
	for (size_t i = 0; i < N(suites); i++)
		if (!strcmp(suites[i].name, name))
			return (int)i;
	return -1;
}

/* ":+word", once. */
static void add_word(struct buf *b, const char *word)
{
	struct buf w = {0};
	const char *at = NULL;

	buf_printf(&w, ":+%s", word);
	at = strstr(b->data, w.data);
	while (at && at[w.len] && at[w.len] != ':')
		at = strstr(at + 1, w.data);
	if (!at)
		buf_add(b, w.data, w.len);
	buf_free(&w);
}

static bool is_chosen(const struct tls_choice *c, const unsigned char id[2])
{
	for (size_t i = 0; i < c->nsuites; i++)
		if (!memcmp(suites[c->suites[i]].id, id, 2))
			return true;
	return false;
}

/* Each suite of TLS 1.2 that the priorities allow is one of those chosen. */
static bool no_more(const struct tls_choice *c, gnutls_priority_t p, char *error)
{
	unsigned char id[2] = {0};
	unsigned int at = 0;

	for (unsigned int i = 0;; i++) {
		int rc = gnutls_priority_get_cipher_suite_index(p, i, &at);
		const char *name;

		if (rc == GNUTLS_E_UNKNOWN_CIPHER_SUITE)
			continue;
		if (rc < 0)
			return true;
		name = gnutls_cipher_suite_info(at, id, NULL, NULL, NULL, NULL);
		if (!name || id[0] == 0x13 || is_chosen(c, id))
			continue;
		for (size_t k = 0; k < N(suites); k++)
			if (!memcmp(suites[k].id, id, 2))
				name = suites[k].name;
		snprintf(error, TLS_ERROR,
			 "GnuTLS can have these only together with %s: add it, or take others away", name);
		return false;
	}
}

char *tls_priorities(const struct tls_choice *c, char *error)
{
	bool has13 = !c->nsuites, has12 = !c->nsuites;
	struct buf b = {0};
	gnutls_priority_t p;
	const char *at = NULL;

	if (c->min > c->max) {
		snprintf(error, TLS_ERROR, "min_version is above max_version");
		return NULL;
	}
	for (size_t i = 0; i < c->nsuites; i++) {
		has13 |= !strcmp(suites[c->suites[i]].mac, "AEAD");
		has12 |= suites[c->suites[i]].kx != NULL;
	}
	buf_puts(&b, "NORMAL:-VERS-ALL");
	for (int v = 0; v < (int)N(versions); v++)
		if (v >= c->min && v <= c->max && (v == 3 ? has13 : has12))
			buf_printf(&b, ":+%s", versions[v][1]);
	if (c->nsuites) {
		buf_puts(&b, ":-KX-ALL:-CIPHER-ALL:-MAC-ALL");
		for (size_t i = 0; i < c->nsuites; i++) {
			const struct suite *s = &suites[c->suites[i]];

			if (s->kx)
				add_word(&b, s->kx);
			add_word(&b, s->cipher);
			add_word(&b, s->mac);
		}
	}
	if (c->ncurves)
		buf_puts(&b, ":-GROUP-ALL");
	for (size_t i = 0; i < c->ncurves; i++)
		add_word(&b, curves[c->curves[i]][1]);
	if (c->server_prefers)
		buf_puts(&b, ":%SERVER_PRECEDENCE");
	if (!strstr(b.data, "+VERS-")) {
		snprintf(error, TLS_ERROR,
			 "none of these cipher suites is one of the versions that are allowed");
		buf_free(&b);
		return NULL;
	}
	if (gnutls_priority_init(&p, b.data, &at) < 0) {
		snprintf(error, TLS_ERROR, "GnuTLS cannot do this: %s", at ? at : b.data);
		buf_free(&b);
		return NULL;
	}
	if (c->nsuites && !no_more(c, p, error))
		buf_free(&b);
	gnutls_priority_deinit(p);
	return b.data;
}

static gnutls_datum_t datum(const struct buf *b)
{
	return (gnutls_datum_t){.data = (unsigned char *)b->data, .size = (unsigned int)b->len};
}

bool tls_check(const struct web_config *c, char *error)
{
	gnutls_datum_t cert = datum(&c->cert), key = datum(&c->key), ca = datum(&c->client_ca);
	gnutls_certificate_credentials_t cred;
	int rc = gnutls_certificate_allocate_credentials(&cred);

	if (rc < 0) {
		snprintf(error, TLS_ERROR, "%s", gnutls_strerror(rc));
		return false;
	}
	rc = gnutls_certificate_set_x509_key_mem2(cred, &cert, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		snprintf(error, TLS_ERROR, "the key is not that of the certificate");
	else if (rc < 0)
		snprintf(error, TLS_ERROR, "no certificate and key in PEM: %s", gnutls_strerror(rc));
	if (rc >= 0 && c->client_ca.len) {
		rc = gnutls_certificate_set_x509_trust_mem(cred, &ca, GNUTLS_X509_FMT_PEM);
		if (rc == 0)
			rc = GNUTLS_E_NO_CERTIFICATE_FOUND;
		if (rc < 0)
			snprintf(error, TLS_ERROR, "no CA's certificate in PEM: %s", gnutls_strerror(rc));
	}
	gnutls_certificate_free_credentials(cred);
	return rc >= 0;
}

static bool is_allowed(const struct web_config *c, const char *san, size_t len)
{
	for (size_t i = 0; i < c->nclient_sans; i++)
		if (strlen(c->client_sans[i]) == len && !memcmp(c->client_sans[i], san, len))
			return true;
	return false;
}

/* Whether one of the certificate's names of its subject is allowed. */
static bool san_allowed(const struct web_config *c, gnutls_session_t session)
{
	const gnutls_datum_t *raw = gnutls_certificate_get_peers(session, NULL);
	gnutls_x509_crt_t crt;
	bool found = false;

	if (gnutls_x509_crt_init(&crt) < 0)
		return false;
	for (unsigned int i = 0; raw && !found; i++) {
		char san[1024], text[INET6_ADDRSTRLEN];
		size_t len = sizeof(san);
		int type;

		if (i == 0 && gnutls_x509_crt_import(crt, raw, GNUTLS_X509_FMT_DER) < 0)
			break;
		type = gnutls_x509_crt_get_subject_alt_name(crt, i, san, &len, NULL);
		if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (type < 0)
			break;
		if (type == GNUTLS_SAN_IPADDRESS)
			found = (len == 4 || len == 16) &&
				inet_ntop(len == 4 ? AF_INET : AF_INET6, san, text, sizeof(text)) &&
				is_allowed(c, text, strlen(text));
		else if (type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_RFC822NAME ||
			 type == GNUTLS_SAN_URI)
			found = is_allowed(c, san, len);
	}
	gnutls_x509_crt_deinit(crt);
	return found;
}

/* In the handshake, once the client has shown its certificate, or that it has none. */
static int look_at_client(gnutls_session_t session)
{
	const struct web_config *c = gnutls_db_get_ptr(session);
	gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
					 .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
	gnutls_alert_description_t alert = GNUTLS_A_BAD_CERTIFICATE;
	unsigned int n = 0, status = 0;

	/* whether there must be one is not decided here: gnutls_certificate_server_set_request() */
	if (!gnutls_certificate_get_peers(session, &n) || !n)
		return 0;
	if (c->client_auth == WEB_VERIFY_CLIENT_CERT_IF_GIVEN ||
	    c->client_auth == WEB_REQUIRE_AND_VERIFY_CLIENT_CERT) {
		if (gnutls_certificate_verify_peers(session, &purpose, 1, &status) < 0)
			goto refused;
		if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
			alert = GNUTLS_A_UNKNOWN_CA;
		else if (status & GNUTLS_CERT_EXPIRED)
			alert = GNUTLS_A_CERTIFICATE_EXPIRED;
		if (status)
			goto refused;
	}
	if (!c->nclient_sans || san_allowed(c, session))
		return 0;
refused:
	gnutls_alert_send(session, GNUTLS_AL_FATAL, alert);
	return -1;
}

void tls_ask_client(void *session, const struct web_config *c)
{
	switch (c->client_auth) {
	case WEB_NO_CLIENT_CERT:
		gnutls_certificate_server_set_request(session, GNUTLS_CERT_IGNORE);
		return;
	case WEB_REQUEST_CLIENT_CERT:
	case WEB_VERIFY_CLIENT_CERT_IF_GIVEN:
		gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
		break;
	case WEB_REQUIRE_ANY_CLIENT_CERT:
	case WEB_REQUIRE_AND_VERIFY_CLIENT_CERT:
		gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
		break;
	}
	/* the session's other pointer is the library's; there is no database of sessions */
	gnutls_db_set_ptr(session, (void *)(uintptr_t)c);
	gnutls_session_set_verify_function(session, look_at_client);
}

#endif
