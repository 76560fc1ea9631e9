// SPDX-License-Identifier: GPL-2.0-only
/* Web configs: what is taken, what is refused and with which line, what GnuTLS makes of it. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "http/tls.h"
#include "http/web_config.h"

#if WITH_HTTP

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define HASH "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"

static char error[WEB_CONFIG_ERROR];

static struct web_config *parse(const char *text)
{
	return web_config_parse(text, strlen(text), "dir/web.yml", error);
}

#define OK(text)                                                                                             \
	({                                                                                                   \
		struct web_config *c_ = parse(text);                                                         \
		ck_assert_msg(c_ != NULL, "%s", error);                                                      \
		c_;                                                                                          \
	})

/* Refused with one line, which begins with the place and has this in it. */
#define BAD(line, what, text)                                                                                \
	do {                                                                                                 \
		memset(error, 'x', sizeof(error));                                                           \
		ck_assert_msg(parse(text) == NULL, "accepted: %s", text);                                    \
		ck_assert_msg(!strncmp(error, "dir/web.yml:" #line ": ", 14 + sizeof(#line) - 1), "%s",      \
			      error);                                                                        \
		ck_assert_msg(strstr(error, what) != NULL, "%s", error);                                     \
		ck_assert_ptr_null(strchr(error, '\n'));                                                     \
	} while (0)

/* A key and a certificate of it, in PEM. */
static void make_pair(char *key, char *cert, size_t size)
{
	gnutls_x509_privkey_t k;
	gnutls_x509_crt_t c;

	ck_assert_int_eq(gnutls_x509_privkey_init(&k), 0);
	ck_assert_int_eq(gnutls_x509_crt_init(&c), 0);
	ck_assert_int_eq(gnutls_x509_privkey_generate(k, GNUTLS_PK_ECDSA,
						      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
			 0);
	ck_assert_int_eq(gnutls_x509_crt_set_key(c, k), 0);
	ck_assert_int_eq(gnutls_x509_crt_set_version(c, 3), 0);
	ck_assert_int_eq(gnutls_x509_crt_set_serial(c, "\1", 1), 0);
	ck_assert_int_eq(gnutls_x509_crt_set_activation_time(c, 0), 0);
	ck_assert_int_eq(gnutls_x509_crt_set_expiration_time(c, 4000000000), 0);
	ck_assert_int_eq(gnutls_x509_crt_sign2(c, c, k, GNUTLS_DIG_SHA256, 0), 0);
	ck_assert_int_eq(gnutls_x509_privkey_export(k, GNUTLS_X509_FMT_PEM, key, &size), 0);
	size = 4096;
	ck_assert_int_eq(gnutls_x509_crt_export(c, GNUTLS_X509_FMT_PEM, cert, &size), 0);
	gnutls_x509_privkey_deinit(k);
	gnutls_x509_crt_deinit(c);
}

static char key[4096], cert[4096];

static void add_block(struct buf *b, const char *name, const char *pem)
{
	buf_printf(b, "  %s: |\n", name);
	for (const char *end; *pem; pem = end + 1) {
		end = strchrnul(pem, '\n');
		buf_printf(b, "    %.*s\n", (int)(end - pem), pem);
		if (!*end)
			break;
	}
}

/* A config with TLS and this below tls_server_config; the text is the next call's, too. */
static const char *with_tls(const char *rest)
{
	static struct buf b;

	if (!key[0])
		make_pair(key, cert, sizeof(key));
	b.len = 0;
	buf_puts(&b, "tls_server_config:\n");
	buf_printf(&b, "%s", rest);
	add_block(&b, "cert", cert);
	add_block(&b, "key", key);
	return b.data;
}

START_TEST(empty)
{
	static const char *const nothing[] = {"",
					      "\n",
					      "# nothing\n",
					      "---\n",
					      "{}",
					      "~\n",
					      "---\n...\n",
					      "tls_server_config:\n",
					      "tls_server_config: {}\n",
					      "basic_auth_users:\nhttp_server_config:\nrate_limit:\n",
					      "tls_server_config:\n  cert_file:\n",
					      "http_server_config: {http2: true}\n",
					      "http_server_config: {http2: no, headers: }\n"};

	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		struct web_config *c = OK(nothing[i]);

		ck_assert(!c->tls && !c->nusers && !c->nheaders && !c->rate_interval_ns);
		web_config_free(c);
	}
}
END_TEST

START_TEST(all_of_it)
{
	struct web_config *c =
		OK("basic_auth_users:\n  ann: " HASH "\n  \"bob\": '" HASH "'\n"
		   "http_server_config:\n  http2: false\n  headers:\n"
		   "    X-Frame-Options: deny\n    Content-Security-Policy: \"default-src 'none'\"\n"
		   "    X-XSS-Protection: ''\n"
		   "rate_limit: {interval: 1m30.5s, burst: 7}\n");

	ck_assert(!c->tls);
	ck_assert_uint_eq(c->nusers, 2);
	ck_assert_str_eq(c->users[0].name, "ann");
	ck_assert_str_eq(c->users[1].name, "bob");
	ck_assert_str_eq(c->users[1].hash, HASH);
	ck_assert_uint_eq(c->nheaders, 2);
	ck_assert_str_eq(c->headers[0].name, "X-Frame-Options");
	ck_assert_str_eq(c->headers[1].value, "default-src 'none'");
	ck_assert_uint_eq(c->rate_interval_ns, 90500000000);
	ck_assert_uint_eq(c->rate_burst, 7);
	web_config_free(c);
	/* an alias is what it stands for */
	c = OK("basic_auth_users:\n  ann: &h " HASH "\n  bob: *h\n");
	ck_assert_str_eq(c->users[1].hash, HASH);
	web_config_free(c);
}
END_TEST

START_TEST(keys)
{
	BAD(1, "tls_config", "tls_config: {}\n");
	BAD(3, "cert_fil ", "\ntls_server_config:\n  cert_fil : x\n");
	BAD(3, "twice", "basic_auth_users: {}\nrate_limit: {}\nbasic_auth_users: {}\n");
	BAD(3, "twice", "basic_auth_users:\n  ann: " HASH "\n  ann: " HASH "\n");
	BAD(1, "string", "? [a]\n: b\n");
	BAD(1, "<<", "<<: {basic_auth_users: {}}\n");
	BAD(2, "second document", "rate_limit: {}\n--- 1\n");
	BAD(1, "mapping", "- a\n");
	BAD(1, "mapping", "just words\n");
	BAD(2, "mapping", "basic_auth_users:\n  - ann\n");
	BAD(1, "mapping", "tls_server_config: true\n");
}
END_TEST

START_TEST(yaml)
{
	BAD(2, "", "{");
	BAD(2, "", "a: b\n\t- c\n");
	BAD(1, "", "a: *nothing\n");
	BAD(1, "UTF-8", "a: \xff\n");
	BAD(1, "", "a: \"\x01\"\n");
	BAD(2, "NUL", "basic_auth_users:\n  ann: \"a\\0b\"\n");
	/* an error never has a line's end, or an escape sequence */
	BAD(1, "?[31m", "\"a\\n\\e[31m\": 1\n");
}
END_TEST

/* Nested, and multiplied: neither memory nor time. */
START_TEST(bombs)
{
	struct buf b = {0};

	buf_puts(&b, "a: &a0 [x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 60; i++)
		buf_printf(&b, "b%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1,
			   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	BAD(1, "a is no key", b.data);
	b.len = 0;
	buf_puts(&b, "basic_auth_users: &u\n  ann: *u\n");
	BAD(1, "string", b.data);
	b.len = 0;
	for (int i = 0; i < 200000; i++)
		buf_puts(&b, "[");
	BAD(1, "nested", b.data);
	b.len = 0;
	buf_puts(&b, "basic_auth_users:\n");
	for (int i = 0; i < 300; i++)
		buf_printf(&b, "  u%d: " HASH "\n", i);
	BAD(2, "more than", b.data);
	buf_free(&b);
}
END_TEST

START_TEST(values)
{
	BAD(2, "ann", "basic_auth_users:\n  ann: secret\n");
	BAD(2, "ann", "basic_auth_users:\n  ann:\n");
	BAD(2, "ann", "basic_auth_users:\n  ann: [a]\n");
	BAD(1, "true or false", "http_server_config: {http2: 1}\n");
	BAD(1, "true or false", "http_server_config: {http2: 'true'}\n");
	BAD(1, "Server", "http_server_config: {headers: {Server: x}}\n");
	BAD(1, "sameorigin", "http_server_config: {headers: {X-Frame-Options: allow}}\n");
	BAD(1, "nosniff", "http_server_config: {headers: {X-Content-Type-Options: sniff}}\n");
	BAD(1, "control", "http_server_config: {headers: {X-XSS-Protection: \"a\\r\\nb: c\"}}\n");
	BAD(2, "cost 19",
	    "basic_auth_users:\n  ann: $2y$19$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG\n");
	BAD(1, "burst", "rate_limit: {interval: 1s}\n");
	BAD(1, "interval", "rate_limit: {interval: 99999999999999999999h, burst: 1}\n");
	BAD(1, "interval", "rate_limit: {interval: 1d, burst: 1}\n");
	BAD(1, "interval", "rate_limit: {interval: -1s, burst: 1}\n");
	BAD(1, "interval", "rate_limit: {interval: 1s2, burst: 1}\n");
	BAD(1, "interval", "rate_limit: {interval: s, burst: 1}\n");
	BAD(1, "burst", "rate_limit: {interval: 1s, burst: -1}\n");
	BAD(1, "burst", "rate_limit: {interval: 1s, burst: 1x}\n");
}
END_TEST

START_TEST(tls)
{
	struct web_config *c = OK(with_tls(""));

	ck_assert(c->tls);
	ck_assert_int_eq(c->client_auth, WEB_NO_CLIENT_CERT);
	ck_assert_ptr_nonnull(strstr(c->priorities, "+VERS-TLS1.2"));
	ck_assert_ptr_nonnull(strstr(c->priorities, "+VERS-TLS1.3"));
	ck_assert_ptr_null(strstr(c->priorities, "+VERS-TLS1.1"));
	ck_assert_ptr_nonnull(strstr(c->priorities, "%SERVER_PRECEDENCE"));
	web_config_free(c);
	c = OK(with_tls("  min_version: TLS13\n  prefer_server_cipher_suites: false\n"
			"  curve_preferences: [X25519, CurveP256]\n  client_auth_type: RequireClientCert\n"
			"  client_allowed_sans: [a, b]\n"));
	ck_assert_str_eq(c->priorities,
			 "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1");
	ck_assert_int_eq(c->client_auth, WEB_REQUIRE_ANY_CLIENT_CERT);
	ck_assert_uint_eq(c->nclient_sans, 2);
	ck_assert_ptr_null(c->client_sans[2]);
	web_config_free(c);
}
END_TEST

START_TEST(tls_refused)
{
	char other[4096], spare[4096];
	struct buf b = {0};

	BAD(2, "cert_file is missing", "tls_server_config:\n  min_version: TLS12\n");
	BAD(2, "No such file", "tls_server_config:\n  cert_file: nothing.pem\n  key_file: /nothing.key\n");
	BAD(2, "dir/nothing.pem", "tls_server_config:\n  cert_file: nothing.pem\n");
	BAD(2, "it is no file", "tls_server_config:\n  cert_file: /\n");
	BAD(3, "only one", "tls_server_config:\n  cert: a\n  cert_file: b\n");
	BAD(2, "PEM", "tls_server_config:\n  cert: a\n  key: b\n");
	BAD(2, "client_auth_type", with_tls("  client_auth_type: Maybe\n"));
	BAD(2, "needs client_ca_file", with_tls("  client_auth_type: RequireAndVerifyClientCert\n"));
	BAD(2, "needs client_ca_file", with_tls("  client_auth_type: VerifyClientCertIfGiven\n"));
	BAD(2, "needs a client_auth_type", with_tls("  client_ca: a\n"));
	BAD(2, "needs a client_auth_type", with_tls("  client_allowed_sans: [a]\n"));
	BAD(2, "no client in",
	    with_tls("  client_allowed_sans: []\n  client_auth_type: RequestClientCert\n"));
	BAD(2, "CA", with_tls("  client_ca: a\n  client_auth_type: RequireAndVerifyClientCert\n"));
	BAD(2, "TLS14", with_tls("  min_version: TLS14\n"));
	BAD(2, "above", with_tls("  min_version: TLS13\n  max_version: TLS12\n"));
	BAD(3, "CurveP1", with_tls("  curve_preferences:\n  - CurveP1\n"));
	BAD(3, "TLS_RSA_WITH_RC4_128_SHA", with_tls("  cipher_suites:\n  - TLS_RSA_WITH_RC4_128_SHA\n"));
	BAD(2, "list", with_tls("  cipher_suites: TLS_AES_128_GCM_SHA256\n"));
	make_pair(spare, other, sizeof(spare));
	with_tls("");
	buf_puts(&b, "tls_server_config:\n");
	add_block(&b, "cert", other);
	add_block(&b, "key", key);
	BAD(2, "not that of the certificate", b.data);
	buf_free(&b);
}
END_TEST

/* The suites that GnuTLS allows are those of the list, by their numbers; else there is an error. */
static unsigned int allowed(const char *priorities, unsigned int *tls13)
{
	gnutls_priority_t p;
	unsigned int n = 0, at;
	int rc = 0;

	*tls13 = 0;
	ck_assert_int_eq(gnutls_priority_init(&p, priorities, NULL), 0);
	for (unsigned int i = 0; rc == 0 || rc == GNUTLS_E_UNKNOWN_CIPHER_SUITE; i++) {
		unsigned char id[2];

		rc = gnutls_priority_get_cipher_suite_index(p, i, &at);
		if (rc || !gnutls_cipher_suite_info(at, id, NULL, NULL, NULL, NULL))
			continue;
		if (id[0] == 0x13)
			++*tls13;
		else
			n++;
	}
	gnutls_priority_deinit(p);
	return n;
}

START_TEST(suites)
{
	struct web_config *c = OK(with_tls("  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,"
					   " TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n"));
	unsigned int tls13;

	ck_assert_uint_eq(allowed(c->priorities, &tls13), 2);
	ck_assert_uint_eq(tls13, 1);
	web_config_free(c);
	/* a list that only combinations of it could hold */
	BAD(2, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
	    with_tls("  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,"
		     " TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n"));
	/* of TLS 1.3 none: it is not spoken */
	c = OK(with_tls("  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]\n"));
	ck_assert_uint_eq(allowed(c->priorities, &tls13), 1);
	ck_assert_ptr_null(strstr(c->priorities, "TLS1.3"));
	web_config_free(c);
	BAD(3, "none of these",
	    with_tls("  min_version: TLS13\n  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\n"));
	/* of TLS 1.3 only */
	c = OK(with_tls("  cipher_suites: [TLS_CHACHA20_POLY1305_SHA256]\n"));
	ck_assert_uint_eq(allowed(c->priorities, &tls13), 0);
	ck_assert_uint_eq(tls13, 1);
	web_config_free(c);
}
END_TEST

/* Each that is known can be had alone. */
START_TEST(each_suite)
{
	static const char *const names[] = {"TLS_RSA_WITH_AES_128_CBC_SHA",
					    "TLS_RSA_WITH_AES_256_CBC_SHA",
					    "TLS_RSA_WITH_AES_128_GCM_SHA256",
					    "TLS_RSA_WITH_AES_256_GCM_SHA384",
					    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
					    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
					    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
					    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
					    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
					    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
					    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
					    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
					    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
					    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int suite = tls_suite(names[i]);
		struct tls_choice choice = {.min = 2, .max = 2, .suites = &suite, .nsuites = 1};
		char why[TLS_ERROR], *p;
		unsigned int tls13;

		ck_assert_msg(suite >= 0, "%s", names[i]);
		p = tls_priorities(&choice, why);
		ck_assert_msg(p != NULL, "%s: %s", names[i], why);
		ck_assert_msg(allowed(p, &tls13) == 1, "%s: %s", names[i], p);
		free(p);
	}
}
END_TEST

START_TEST(files)
{
	ck_assert_ptr_null(web_config_read("/nothing/there", error));
	ck_assert_str_eq(error, "cannot read /nothing/there: No such file or directory");
	ck_assert_ptr_null(web_config_read("/", error));
	ck_assert_str_eq(error, "cannot read /: it is no file");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("web_config");

	UNIT_ADD(u, empty);
	UNIT_ADD(u, all_of_it);
	UNIT_ADD(u, keys);
	UNIT_ADD(u, yaml);
	UNIT_ADD(u, bombs);
	UNIT_ADD(u, values);
	UNIT_ADD(u, tls);
	UNIT_ADD(u, tls_refused);
	UNIT_ADD(u, suites);
	UNIT_ADD(u, each_suite);
	UNIT_ADD(u, files);
	return unit_run(u);
}

#else

/* Built without: one line says so. */
START_TEST(without)
{
	char error[WEB_CONFIG_ERROR];

	ck_assert_ptr_null(web_config_read("web.yml", error));
	ck_assert_ptr_nonnull(strstr(error, "built without HTTP"));
}
END_TEST

int main(void)
{
	struct unit u = unit_new("web_config");

	UNIT_ADD(u, without);
	return unit_run(u);
}

#endif
