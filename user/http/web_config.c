// SPDX-License-Identifier: GPL-2.0-only
#include "web_config.h"

#include <stdio.h>
#include <stdlib.h>

#if WITH_HTTP

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/mem.h"
#include "auth.h"
#include "tls.h"
#include "yaml_read.h"

#define FILE_MAX (1 << 20) /* bytes of a config, of a certificate */
#define LIST_MAX 256
#define N(a)     (sizeof(a) / sizeof((a)[0]))

enum top { TOP_TLS, TOP_HTTP, TOP_USERS, TOP_RATE };
static const char *const top_keys[] = {"tls_server_config", "http_server_config", "basic_auth_users",
				       "rate_limit"};

enum tls {
	TLS_CERT,
	TLS_KEY,
	TLS_CA,
	TLS_CERT_FILE,
	TLS_KEY_FILE,
	TLS_CA_FILE,
	TLS_AUTH,
	TLS_SANS,
	TLS_SUITES,
	TLS_CURVES,
	TLS_MIN,
	TLS_MAX,
	TLS_PREFER,
};
static const char *const tls_keys[] = {"cert",
				       "key",
				       "client_ca",
				       "cert_file",
				       "key_file",
				       "client_ca_file",
				       "client_auth_type",
				       "client_allowed_sans",
				       "cipher_suites",
				       "curve_preferences",
				       "min_version",
				       "max_version",
				       "prefer_server_cipher_suites"};

enum http { HTTP_2, HTTP_HEADERS };
static const char *const http_keys[] = {"http2", "headers"};

enum rate { RATE_INTERVAL, RATE_BURST };
static const char *const rate_keys[] = {"interval", "burst"};

/* Those that may be set, and the values where not any will do. */
static const struct {
	const char *name, *values[2];
} headers[] = {
	{"Strict-Transport-Security", {NULL}},       {"X-Content-Type-Options", {"nosniff"}},
	{"X-Frame-Options", {"deny", "sameorigin"}}, {"X-XSS-Protection", {NULL}},
	{"Content-Security-Policy", {NULL}},
};

/* A whole file, of at most FILE_MAX bytes; NULL: it was read, else why not. */
static const char *slurp(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char some[4096];
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return "it is no file";
	}
	while (b->len <= FILE_MAX && (n = read(fd, some, sizeof(some))) > 0)
		buf_add(b, some, (size_t)n);
	explicit_bzero(some, sizeof(some));
	close(fd);
	return n < 0 ? strerror(errno) : b->len > FILE_MAX ? "it is larger than 1 MiB" : NULL;
}

/* What stands there itself, or in the file that is named there. */
static bool pem(struct yaml_read *r, const yaml_node_t *const *is, enum tls inside, enum tls file,
		struct buf *ret)
{
	const char *s, *slash = strrchr(r->path, '/'), *why;
	struct buf path = {0};

	if (is[inside] && is[file])
		return yaml_fail(r, is[file], "%s and %s: only one can be set", tls_keys[inside],
				 tls_keys[file]);
	if (is[inside]) {
		s = yaml_string(r, is[inside], tls_keys[inside]);
		if (s)
			buf_puts(ret, s);
		return s != NULL;
	}
	if (!is[file])
		return true;
	s = yaml_string(r, is[file], tls_keys[file]);
	if (!s)
		return false;
	if (s[0] != '/' && slash)
		buf_add(&path, r->path, (size_t)(slash - r->path) + 1);
	buf_puts(&path, s);
	why = slurp(path.data, ret);
	if (why)
		yaml_fail(r, is[file], "%s: cannot read %.100s: %s", tls_keys[file], path.data, why);
	buf_free(&path);
	return !why;
}

static bool client_auth(struct yaml_read *r, struct web_config *c, const yaml_node_t *n)
{
	static const struct {
		const char *name;
		enum web_client_auth is;
	} types[] = {
		{"NoClientCert", WEB_NO_CLIENT_CERT},
		{"RequestClientCert", WEB_REQUEST_CLIENT_CERT},
		{"RequireAnyClientCert", WEB_REQUIRE_ANY_CLIENT_CERT},
		{"RequireClientCert", WEB_REQUIRE_ANY_CLIENT_CERT}, /* its name before */
		{"VerifyClientCertIfGiven", WEB_VERIFY_CLIENT_CERT_IF_GIVEN},
		{"RequireAndVerifyClientCert", WEB_REQUIRE_AND_VERIFY_CLIENT_CERT},
	};
	const char *s = yaml_string(r, n, tls_keys[TLS_AUTH]);

	if (!s)
		return false;
	for (size_t i = 0; i < N(types); i++) {
		if (!strcmp(s, types[i].name)) {
			c->client_auth = types[i].is;
			return true;
		}
	}
	return yaml_fail(
		r, n,
		"client_auth_type: %s is none of NoClientCert, RequestClientCert, RequireAnyClientCert, "
		"VerifyClientCertIfGiven, RequireAndVerifyClientCert",
		s);
}

/* What GnuTLS has by other names; their places. */
static bool choose(struct yaml_read *r, const yaml_node_t *n, enum tls key, int (*find)(const char *),
		   int **ret, size_t *nret)
{
	const char **names;
	bool ok = yaml_strings(r, n, tls_keys[key], &names, nret);

	*ret = ok ? mem_zalloc(*nret, sizeof(**ret)) : NULL;
	for (size_t i = 0; ok && i < *nret; i++) {
		(*ret)[i] = find(names[i]);
		if ((*ret)[i] < 0)
			ok = yaml_fail(r, yaml_node(r, n->data.sequence.items.start[i]),
				       "%s: %.80s is not known", tls_keys[key], names[i]);
	}
	free(names);
	return ok;
}

static bool version(struct yaml_read *r, const yaml_node_t *n, enum tls key, int preset, int *ret)
{
	const char *s;

	*ret = preset;
	if (!n)
		return true;
	s = yaml_string(r, n, tls_keys[key]);
	if (!s)
		return false;
	*ret = tls_version(s);
	return *ret >= 0 ||
	       yaml_fail(r, n, "%s: %.80s is none of TLS10, TLS11, TLS12, TLS13", tls_keys[key], s);
}

static bool priorities(struct yaml_read *r, struct web_config *c, const yaml_node_t *whole,
		       const yaml_node_t *const *is)
{
	struct tls_choice choice = {.server_prefers = true};
	int *suites = NULL, *curves = NULL;
	char error[TLS_ERROR];
	bool ok;

	ok = version(r, is[TLS_MIN], TLS_MIN, tls_version("TLS12"), &choice.min) &&
	     version(r, is[TLS_MAX], TLS_MAX, tls_version("TLS13"), &choice.max) &&
	     choose(r, is[TLS_SUITES], TLS_SUITES, tls_suite, &suites, &choice.nsuites) &&
	     choose(r, is[TLS_CURVES], TLS_CURVES, tls_curve, &curves, &choice.ncurves) &&
	     (!is[TLS_PREFER] || yaml_bool(r, is[TLS_PREFER], tls_keys[TLS_PREFER], &choice.server_prefers));
	if (ok) {
		const yaml_node_t *about = is[TLS_SUITES]   ? is[TLS_SUITES]
					   : is[TLS_CURVES] ? is[TLS_CURVES]
							    : whole;

		choice.suites = suites;
		choice.curves = curves;
		c->priorities = tls_priorities(&choice, error);
		if (!c->priorities)
			ok = yaml_fail(
				r, choice.min > choice.max && is[TLS_MIN] ? is[TLS_MIN] : about, "%s%s",
				is[TLS_SUITES] && choice.min <= choice.max ? "cipher_suites: " : "", error);
	}
	free(suites);
	free(curves);
	return ok;
}

static bool read_tls(struct yaml_read *r, struct web_config *c, const yaml_node_t *n)
{
	const yaml_node_t *is[N(tls_keys)];
	char error[TLS_ERROR];
	const char **sans;
	bool any = false, verifies;

	if (!yaml_members(r, n, top_keys[TOP_TLS], tls_keys, N(tls_keys), is))
		return false;
	for (size_t i = 0; i < N(is); i++)
		any |= is[i] != NULL;
	if (!any)
		return true;
	if (!pem(r, is, TLS_CERT, TLS_CERT_FILE, &c->cert) || !pem(r, is, TLS_KEY, TLS_KEY_FILE, &c->key) ||
	    !pem(r, is, TLS_CA, TLS_CA_FILE, &c->client_ca) ||
	    (is[TLS_AUTH] && !client_auth(r, c, is[TLS_AUTH])))
		return false;
	if (!c->cert.len || !c->key.len)
		return yaml_fail(r, n, "tls_server_config: %s is missing or empty",
				 !c->cert.len ? "cert_file" : "key_file");
	verifies = c->client_auth == WEB_VERIFY_CLIENT_CERT_IF_GIVEN ||
		   c->client_auth == WEB_REQUIRE_AND_VERIFY_CLIENT_CERT;
	if (verifies && !c->client_ca.len)
		return yaml_fail(r, is[TLS_AUTH],
				 "client_auth_type: this one needs client_ca_file, to verify against");
	if (c->client_ca.len && c->client_auth == WEB_NO_CLIENT_CERT)
		return yaml_fail(r, is[TLS_CA] ? is[TLS_CA] : is[TLS_CA_FILE],
				 "a client CA needs a client_auth_type that asks for certificates");
	if (!tls_check(c, error))
		return yaml_fail(r, n, "tls_server_config: %s", error);
	if (!yaml_strings(r, is[TLS_SANS], tls_keys[TLS_SANS], &sans, &c->nclient_sans)) {
		free(sans);
		return false;
	}
	c->client_sans = mem_zalloc(c->nclient_sans + 1, sizeof(*c->client_sans));
	for (size_t i = 0; i < c->nclient_sans; i++)
		c->client_sans[i] = mem_strdup(sans[i]);
	free(sans);
	if (is[TLS_SANS] && !c->nclient_sans)
		return yaml_fail(r, is[TLS_SANS],
				 "client_allowed_sans: an empty list would let no client in");
	if (c->nclient_sans && c->client_auth == WEB_NO_CLIENT_CERT)
		return yaml_fail(r, is[TLS_SANS],
				 "client_allowed_sans needs a client_auth_type that asks for certificates");
	c->tls = true;
	return priorities(r, c, n, is);
}

static bool read_header(struct yaml_read *r, struct web_config *c, const yaml_node_t *value,
			const yaml_node_t *key)
{
	const char *name = (const char *)key->data.scalar.value, *s;
	struct web_header *h;
	size_t i = 0;

	while (i < N(headers) && strcmp(name, headers[i].name))
		i++;
	if (i == N(headers))
		return yaml_fail(r, key, "headers: %.80s cannot be set", name);
	if (yaml_is_null(value))
		return true;
	s = yaml_string(r, value, name);
	if (!s || !*s)
		return s != NULL;
	for (const char *p = s; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return yaml_fail(r, value, "%s: has a control byte in it", name);
	if (headers[i].values[0] && strcmp(s, headers[i].values[0]) &&
	    (!headers[i].values[1] || strcmp(s, headers[i].values[1])))
		return yaml_fail(r, value, "%s: %.80s is not %s%s%s", name, s, headers[i].values[0],
				 headers[i].values[1] ? " or " : "",
				 headers[i].values[1] ? headers[i].values[1] : "");
	c->headers = mem_resize(c->headers, c->nheaders + 1, sizeof(*c->headers));
	h = &c->headers[c->nheaders++];
	h->name = mem_strdup(name);
	h->value = mem_strdup(s);
	return true;
}

static bool read_http(struct yaml_read *r, struct web_config *c, const yaml_node_t *n)
{
	const yaml_node_t *is[N(http_keys)];
	const yaml_node_pair_t *p;
	bool http2;

	if (!yaml_members(r, n, top_keys[TOP_HTTP], http_keys, N(http_keys), is) ||
	    (is[HTTP_2] && !yaml_bool(r, is[HTTP_2], http_keys[HTTP_2], &http2)))
		return false;
	n = is[HTTP_HEADERS];
	if (!n)
		return true;
	if (!yaml_mapping(r, n, http_keys[HTTP_HEADERS]))
		return false;
	for (p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++)
		if (!read_header(r, c, yaml_node(r, p->value), yaml_node(r, p->key)))
			return false;
	return true;
}

static bool read_users(struct yaml_read *r, struct web_config *c, const yaml_node_t *n)
{
	const yaml_node_pair_t *p;

	if (!n)
		return true;
	if (!yaml_mapping(r, n, top_keys[TOP_USERS]))
		return false;
	for (p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
		const char *name = (const char *)yaml_node(r, p->key)->data.scalar.value;
		const char *hash = yaml_string(r, yaml_node(r, p->value), name);
		struct web_user *u;

		if (!hash)
			return false;
		if (!auth_is_hash(hash))
			return yaml_fail(
				r, yaml_node(r, p->value),
				"basic_auth_users: what %.80s has is no bcrypt hash (htpasswd -nB makes one)",
				name);
		if (auth_cost(hash) > AUTH_COST_MAX)
			return yaml_fail(
				r, yaml_node(r, p->value),
				"basic_auth_users: the hash of %.80s has cost %d, which takes minutes "
				"(at most %d; htpasswd -nB -C 10)",
				name, auth_cost(hash), AUTH_COST_MAX);
		c->users = mem_resize(c->users, c->nusers + 1, sizeof(*c->users));
		u = &c->users[c->nusers++];
		u->name = mem_strdup(name);
		u->hash = mem_strdup(hash);
	}
	return true;
}

/* Go's durations: "1m30s", "0.5s", "0"; a number alone is nanoseconds. */
static bool duration(const char *s, uint64_t *ret)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"ns", 1},  {"us", 1e3}, {"µs", 1e3},  {"ms", 1e6},
		     {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
	double sum = 0;

	do {
		size_t digits = strspn(s, "0123456789."), len, i = 0;
		char *end;
		double x;

		if (!digits || digits > 20)
			return false;
		x = strtod(s, &end);
		if (end != s + digits)
			return false;
		s = end;
		len = strcspn(s, "0123456789.");
		while (i < N(units) && (strlen(units[i].name) != len || memcmp(units[i].name, s, len) != 0))
			i++;
		if (i == N(units) && (len || sum > 0))
			return false;
		sum += x * (len ? units[i].ns : 1);
		s += len;
	} while (*s);
	if (sum >= 1e18)
		return false;
	*ret = (uint64_t)sum;
	return true;
}

static bool read_rate(struct yaml_read *r, struct web_config *c, const yaml_node_t *n)
{
	const yaml_node_t *is[N(rate_keys)];
	const char *s;

	if (!yaml_members(r, n, top_keys[TOP_RATE], rate_keys, N(rate_keys), is))
		return false;
	if (is[RATE_INTERVAL]) {
		s = yaml_string(r, is[RATE_INTERVAL], rate_keys[RATE_INTERVAL]);
		if (!s)
			return false;
		if (!duration(s, &c->rate_interval_ns))
			return yaml_fail(r, is[RATE_INTERVAL],
					 "interval: %.80s is no duration such as 1s or 500ms", s);
	}
	if (is[RATE_BURST]) {
		s = yaml_string(r, is[RATE_BURST], rate_keys[RATE_BURST]);
		if (!s)
			return false;
		if (!*s || strspn(s, "0123456789") != strlen(s) || strlen(s) > 9)
			return yaml_fail(r, is[RATE_BURST], "burst: %.80s is no number from 0 to 999999999",
					 s);
		c->rate_burst = (uint32_t)strtoul(s, NULL, 10);
	}
	if (c->rate_interval_ns && !c->rate_burst)
		return yaml_fail(r, n, "rate_limit: with a burst of 0 no request would be answered");
	return true;
}

static bool read_top(struct yaml_read *r, struct web_config *c)
{
	const yaml_node_t *is[N(top_keys)], *n = yaml_document_get_root_node(&r->doc);

	return yaml_members(r, n, "the file", top_keys, N(top_keys), is) &&
	       (!is[TOP_TLS] || read_tls(r, c, is[TOP_TLS])) && read_http(r, c, is[TOP_HTTP]) &&
	       read_users(r, c, is[TOP_USERS]) && (!is[TOP_RATE] || read_rate(r, c, is[TOP_RATE]));
}

struct web_config *web_config_parse(const char *text, size_t len, const char *path, char *error)
{
	struct yaml_read r = {.path = path, .error = error, .size = WEB_CONFIG_ERROR};
	struct web_config *c;
	bool ok;

	if (!yaml_read(&r, text, len))
		return NULL;
	c = mem_zalloc(1, sizeof(*c));
	ok = read_top(&r, c);
	yaml_read_free(&r);
	if (ok)
		return c;
	web_config_free(c);
	return NULL;
}

struct web_config *web_config_read(const char *path, char *error)
{
	struct web_config *c = NULL;
	struct buf b = {0};
	const char *why = slurp(path, &b);

	if (why) {
		snprintf(error, WEB_CONFIG_ERROR, "cannot read %.200s: %s", path, why);
		yaml_tidy(error);
	} else {
		c = web_config_parse(b.data ? b.data : "", b.len, path, error);
	}
	if (b.data)
		explicit_bzero(b.data, b.cap);
	buf_free(&b);
	return c;
}

#else

struct web_config *web_config_read(const char *path, char *error)
{
	snprintf(error, WEB_CONFIG_ERROR,
		 "cannot read %.150s: vmperf was built without HTTP (libmicrohttpd, gnutls, libyaml, "
		 "libcrypt)",
		 path);
	return NULL;
}

struct web_config *web_config_parse(const char *text, size_t len, const char *path, char *error)
{
	(void)text;
	(void)len;
	return web_config_read(path, error);
}

#endif

void web_config_free(struct web_config *c)
{
	if (!c)
		return;
	buf_free(&c->cert);
	buf_free(&c->key);
	buf_free(&c->client_ca);
	free(c->priorities);
	for (size_t i = 0; i < c->nclient_sans; i++)
		free(c->client_sans[i]);
	free(c->client_sans);
	for (size_t i = 0; i < c->nusers; i++) {
		free(c->users[i].name);
		free(c->users[i].hash);
	}
	free(c->users);
	for (size_t i = 0; i < c->nheaders; i++) {
		free(c->headers[i].name);
		free(c->headers[i].value);
	}
	free(c->headers);
	free(c);
}
