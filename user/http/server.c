// SPDX-License-Identifier: GPL-2.0-only
#include "server.h"

#include <stdio.h>

#if WITH_HTTP

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/clock.h"
#include "../lib/mem.h"
#include "accept.h"
#include "auth.h"
#include "clients.h"
#include "request.h"
#include "tls.h"

#define SEC 1000000000ULL

/* What a connection has for a request's headers, our answer's, and what the library keeps of both. */
#define POOL_BYTES (2 * SERVER_HEADER_BYTES + 8192)
#define URI_BYTES  4096 /* of a path with its query */
#define ACCEPTS    64   /* connections taken in a turn, so that those that are there get theirs */
/* How long nothing is accepted when there is no room for a connection, in ns. */
#define PAUSE      (SEC / 10)
/* What of a page the kernel has in its own memory for a client that is slow: it would take megabytes. */
#define SEND_BYTES (128 * 1024)

struct server {
	struct MHD_Daemon *daemon;
	int epoll;
	int *fds;
	size_t nfds;
	uint64_t paused; /* nothing is accepted until then; 0: it is */
	const struct web_config *web;
	server_fn fn;
	void *arg;
	struct clients clients;
	struct auth *auth; /* NULL: for all */
	struct request_rate rate;
	uint64_t requests, refused;
	char *error; /* where the library's words go while it starts */
};

static uint64_t now(void)
{
	return clock_now(CLOCK_MONOTONIC);
}

static struct client *client_of(struct MHD_Connection *conn)
{
	return MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void on_connection(void *cls, struct MHD_Connection *conn, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct server *s = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = clients_add(
			&s->clients, conn,
			MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
		if (s->web && s->web->tls)
			tls_ask_client(MHD_get_connection_info(conn, MHD_CONNECTION_INFO_GNUTLS_SESSION)
					       ->tls_session,
				       s->web);
	} else if (*context) {
		clients_remove(&s->clients, *context);
		*context = NULL;
	}
}

/* As soon as a request's first line is there. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *conn)
{
	(void)cls;
	client_of(conn)->uri_bytes = strlen(uri);
	return NULL;
}

static void count(struct server *s, unsigned int status)
{
	s->requests++;
	s->refused += status >= 400;
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **context,
			 enum MHD_RequestTerminationCode code)
{
	struct server *s = cls;
	struct client *c = client_of(conn);
	/* there is one when the library itself has refused the request */
	const union MHD_ConnectionInfo *status =
		MHD_get_connection_info(conn, MHD_CONNECTION_INFO_HTTP_STATUS);

	(void)context;
	(void)code;
	if (!c->counted && status)
		count(s, status->http_status);
	c->begun = c->counted = false;
	c->verdict = NOT_JUDGED;
	clients_wait(&s->clients, c, FOR_REQUEST);
}

struct joined {
	const char *name;
	struct buf value;
};

static enum MHD_Result join(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct joined *j = cls;

	(void)kind;
	if (strcasecmp(name, j->name))
		return MHD_YES;
	if (j->value.len)
		buf_puts(&j->value, ",");
	buf_puts(&j->value, value ? value : "");
	return MHD_YES;
}

/* The values of all headers of that name, as one (RFC 9110, 5.3); no data: there is none. */
static struct buf header(struct MHD_Connection *conn, const char *name)
{
	struct joined j = {.name = name};

	MHD_get_connection_values(conn, MHD_HEADER_KIND, join, &j);
	return j.value;
}

/* Also with lengths that contradict each other: where the next request begins is not known. */
static bool has_body(struct MHD_Connection *conn)
{
	struct buf length = header(conn, "Content-Length");
	bool ret = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, "Transfer-Encoding") ||
		   (length.data && (!length.len || length.data[strspn(length.data, "0")]));

	buf_free(&length);
	return ret;
}

/* What the library takes and others may read as another request. */
struct doubts {
	bool name;          /* a blank in a header's name (RFC 9112, 5.1) */
	unsigned int hosts; /* of the header Host */
};

static enum MHD_Result doubt(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct doubts *d = cls;

	(void)kind;
	(void)value;
	d->name |= name[strcspn(name, " \t")];
	d->hosts += !strcasecmp(name, "Host");
	return MHD_YES;
}

static void drop_page(void *page)
{
	http_page_drop(page);
}

/* The reference to the page becomes the library's. */
static struct MHD_Response *response(struct http_page *page)
{
	struct MHD_Response *r = MHD_create_response_from_buffer_with_free_callback_cls(
		page->body.len, page->body.data, drop_page, page);

	if (!r)
		http_page_drop(page);
	return r;
}

static bool takes_gzip(const struct client *c)
{
	struct buf encodings = header(c->conn, "Accept-Encoding");
	bool ret = accept_gzip(encodings.data);

	buf_free(&encodings);
	return ret;
}

static enum MHD_Result answer(struct server *s, struct client *c, struct server_answer *a, const char *name,
			      const char *value)
{
	static const char *const same[][2] = {{"X-Content-Type-Options", "nosniff"},
					      {"Vary", "Accept, Accept-Encoding"}};
	struct MHD_Response *r;
	enum MHD_Result ret;

	if (!a->page) {
		struct http_page *plain = http_page_new(a->body, false);
		struct http_page *zipped = takes_gzip(c) ? http_page_zip(plain) : NULL;

		a->page = http_page_take(zipped ? zipped : plain);
		http_page_drop(plain);
		http_page_drop(zipped);
	}
	c->counted = true;
	count(s, a->status);
	clients_send(&s->clients, c, a->page, SERVER_PAGE_BYTES);
	r = response(a->page);
	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", a->type ? a->type : "text/plain; charset=utf-8");
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		MHD_add_response_header(r, same[i][0], same[i][1]);
	if (c->page->zipped)
		MHD_add_response_header(r, "Content-Encoding", "gzip");
	if (name)
		MHD_add_response_header(r, name, value);
	for (size_t i = 0; s->web && i < s->web->nheaders; i++)
		if (strcmp(s->web->headers[i].name, same[0][0]) != 0)
			MHD_add_response_header(r, s->web->headers[i].name, s->web->headers[i].value);
	ret = MHD_queue_response(c->conn, a->status, r);
	MHD_destroy_response(r);
	return ret;
}

/* With a header of that name, unless NULL. */
static enum MHD_Result refuse(struct server *s, struct client *c, unsigned int status, const char *why,
			      const char *name, const char *value)
{
	struct server_answer a = {.status = status};

	buf_printf(&a.body, "%u %s\n", status, why);
	return answer(s, c, &a, name, value);
}

static void on_verdict(void *waiter, bool yes)
{
	struct client *c = waiter;

	c->verdict = yes ? LET_IN : KEPT_OUT;
	MHD_resume_connection(c->conn);
}

/* A request that may be answered; of one that has to wait for that nothing is done now. */
static enum MHD_Result let_in(struct server *s, struct client *c, bool *ret)
{
	*ret = false;
	if (s->auth && c->verdict == NOT_JUDGED) {
		const char *sent = MHD_lookup_connection_value(c->conn, MHD_HEADER_KIND, "Authorization");

		switch (auth_ask(s->auth, sent, client_source(c), c)) {
		case AUTH_WAIT:
			clients_wait(&s->clients, c, FOR_AUTH);
			MHD_suspend_connection(c->conn);
			return MHD_YES;
		case AUTH_BUSY:
			c->verdict = TOO_LATE;
			break;
		case AUTH_YES:
			c->verdict = LET_IN;
			break;
		case AUTH_NO:
			c->verdict = KEPT_OUT;
			break;
		}
	}
	if (c->verdict == TOO_LATE)
		return refuse(s, c, 503, "Service Unavailable: too many log in", "Retry-After", "1");
	if (c->verdict == KEPT_OUT)
		return refuse(s, c, 401, "Unauthorized", "WWW-Authenticate", "Basic realm=\"vmperf\"");
	*ret = true;
	return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn, const char *url, const char *method,
				  const char *version, const char *upload, size_t *nupload, void **context)
{
	struct server *s = cls;
	struct client *c = client_of(conn);
	struct server_request r = {.path = url};
	struct server_answer a = {0};
	struct doubts doubts = {0};
	enum MHD_Result ret;
	struct buf accept;
	bool may;

	(void)upload;
	(void)context;
	*nupload = 0;
	MHD_get_connection_values(conn, MHD_HEADER_KIND, doubt, &doubts);
	if (doubts.name)
		return refuse(s, c, 400, "Bad Request: a blank in a header's name", "Connection", "close");
	if (has_body(conn))
		return refuse(s, c, 413, "Content Too Large: no body is taken", "Connection", "close");
	if (!c->begun) {
		/* an answer this early would end the connection */
		c->begun = true;
		return MHD_YES;
	}
	if (strcmp(method, "GET") && strcmp(method, "HEAD"))
		return refuse(s, c, 405, "Method Not Allowed", "Allow", "GET, HEAD");
	if (c->uri_bytes > URI_BYTES)
		return refuse(s, c, 414, "URI Too Long", "Connection", "close");
	if (MHD_get_connection_info(conn, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size >
	    SERVER_HEADER_BYTES)
		return refuse(s, c, 431, "Request Header Fields Too Large", "Connection", "close");
	/* what proxies are asked for, too; a NUL byte in the line has cut it */
	if (url[0] != '/')
		return refuse(s, c, 400, "Bad Request: no path", "Connection", "close");
	/* RFC 9112, 3.2 */
	if (doubts.hosts > 1 || (!doubts.hosts && strcmp(version, "HTTP/1.0") != 0))
		return refuse(s, c, 400, "Bad Request: one Host is wanted", "Connection", "close");
	if (c->verdict == NOT_JUDGED && !request_rate_take(&s->rate, now()))
		return refuse(s, c, 429, "Too Many Requests", "Retry-After", "1");
	ret = let_in(s, c, &may);
	if (!may)
		return ret;
	accept = header(conn, "Accept");
	r.accept = accept.data;
	r.gzip = takes_gzip(c);
	s->fn(s->arg, &r, &a);
	buf_free(&accept);
	return answer(s, c, &a, NULL, NULL);
}

static size_t unescape(void *cls, struct MHD_Connection *conn, char *text)
{
	(void)cls;
	(void)conn;
	return request_unescape(text);
}

/* The library's words: only why it did not start. */
static void on_words(void *cls, const char *fmt, va_list ap)
{
	struct server *s = cls;

	if (!s->error)
		return;
	vsnprintf(s->error, SERVER_ERROR, fmt, ap);
	s->error[strcspn(s->error, "\n")] = '\0';
}

static bool watch(struct server *s, int fd, uint64_t what, uint32_t events, int op)
{
	struct epoll_event e = {.events = events, .data.u64 = what};

	return !epoll_ctl(s->epoll, op, fd, &e);
}

/* What an event of the epoll is about: a place in fds, or this. */
#define OF_DAEMON UINT64_MAX
#define OF_AUTH   (UINT64_MAX - 1)

static bool start(struct server *s, char *error)
{
	const struct web_config *w = s->web;
	struct MHD_OptionItem tls[] = {{MHD_OPTION_END, 0, NULL},
				       {MHD_OPTION_END, 0, NULL},
				       {MHD_OPTION_END, 0, NULL},
				       {MHD_OPTION_END, 0, NULL},
				       {MHD_OPTION_END, 0, NULL}};
	unsigned int flags =
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

	if (w && w->tls) {
		flags |= MHD_USE_TLS;
		tls[0] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, w->cert.data};
		tls[1] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, w->key.data};
		tls[2] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, w->priorities};
		if (w->client_ca.len)
			tls[3] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, w->client_ca.data};
	}
	s->error = error;
	snprintf(error, SERVER_ERROR, "unknown error");
	/* we accept: above its limit the library would take nobody, and it does not choose who has to go */
	s->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_words, s,
		MHD_OPTION_CONNECTION_LIMIT, 2U * SERVER_CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)POOL_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_URI_LOG_CALLBACK,
		on_uri, s, MHD_OPTION_UNESCAPE_CALLBACK, unescape, s, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	s->error = NULL;
	if (!s->daemon)
		return false;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0 || !watch(s, MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
				   OF_DAEMON, EPOLLIN, EPOLL_CTL_ADD))
		goto failed;
	if (w && w->nusers) {
		s->auth = auth_new(w->users, w->nusers);
		if (!s->auth || !watch(s, auth_fd(s->auth), OF_AUTH, EPOLLIN, EPOLL_CTL_ADD))
			goto failed;
	}
	for (size_t i = 0; i < s->nfds; i++)
		if (!watch(s, s->fds[i], i, EPOLLIN, EPOLL_CTL_ADD))
			goto failed;
	return true;
failed:
	snprintf(error, SERVER_ERROR, "%s", strerror(errno));
	return false;
}

struct server *server_new(const struct server_options *o, char *error)
{
	struct server *s = mem_zalloc(1, sizeof(*s));
	char why[SERVER_ERROR - 40];

	s->epoll = -1;
	s->fds = mem_dup(o->fds, o->nfds, sizeof(*o->fds));
	s->nfds = o->nfds;
	s->web = o->web;
	s->fn = o->fn;
	s->arg = o->arg;
	clients_begin(&s->clients);
	s->rate = request_rate(o->web ? o->web->rate_interval_ns : 0, o->web ? o->web->rate_burst : 0, now());
	if (start(s, error))
		return s;
	snprintf(why, sizeof(why), "%s", error);
	snprintf(error, SERVER_ERROR, "cannot start the HTTP server: %s", why);
	server_free(s);
	return NULL;
}

int server_fd(const struct server *s)
{
	return s->epoll;
}

int server_timeout(const struct server *s)
{
	uint64_t at = s->paused ? s->paused : UINT64_MAX, is = now();
	unsigned long long ms;

	if (MHD_get_timeout(s->daemon, &ms) == MHD_YES && ms < UINT64_MAX / SEC)
		at = is + ms * (SEC / 1000);
	for (const struct client *c = s->clients.head.next; c != &s->clients.head; c = c->next)
		if (client_deadline(c) < at)
			at = client_deadline(c);
	return at == UINT64_MAX ? -1 : clock_poll_ms(at, is);
}

static void accept_again(struct server *s, bool is)
{
	s->paused = is ? 0 : now() + PAUSE;
	for (size_t i = 0; i < s->nfds; i++)
		watch(s, s->fds[i], i, is ? EPOLLIN : 0, EPOLL_CTL_MOD);
}

/* Fewer connections than most, at the cost of whom we have waited for longest.  False: there are more. */
static bool make_room(struct server *s, size_t most)
{
	if (s->clients.n < most)
		return true;
	/* what has come in meanwhile may be all that some were waiting for */
	MHD_run(s->daemon);
	if (s->clients.n < most)
		return true;
	clients_cut_longest(&s->clients);
	MHD_run(s->daemon);
	return s->clients.n < most;
}

static void accept_from(struct server *s, int fd)
{
	const int send = SEND_BYTES;

	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage from = {0};
		socklen_t len = sizeof(from);
		int client;

		if (!make_room(s, SERVER_CONNECTIONS)) {
			accept_again(s, false);
			return;
		}
		client = accept4(fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client >= 0) {
			setsockopt(client, SOL_SOCKET, SO_SNDBUF, &send, sizeof(send));
			/* it closes the socket when it fails; of a Unix socket there is no address */
			MHD_add_connection(s->daemon, client, (struct sockaddr *)&from,
					   len < sizeof(from) ? len : sizeof(from));
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			if (!make_room(s, s->clients.n)) {
				accept_again(s, false);
				return;
			}
		} else if (errno != EINTR && errno != ECONNABORTED) {
			return;
		}
	}
}

static void too_long(struct server *s, struct client *c)
{
	if (c->waits != FOR_AUTH) {
		clients_cut(&s->clients, c);
		return;
	}
	auth_forget(s->auth, c);
	c->verdict = TOO_LATE;
	clients_wait(&s->clients, c, FOR_READER);
	MHD_resume_connection(c->conn);
}

void server_turn(struct server *s)
{
	struct epoll_event events[16];
	unsigned long long more;
	uint64_t is = now();
	int n;

	if (s->paused && is >= s->paused)
		accept_again(s, true);
	n = epoll_wait(s->epoll, events, sizeof(events) / sizeof(events[0]), 0);
	for (int i = 0; i < n; i++) {
		if (events[i].data.u64 == OF_AUTH)
			auth_turn(s->auth, on_verdict);
		else if (events[i].data.u64 != OF_DAEMON)
			accept_from(s, s->fds[events[i].data.u64]);
	}
	for (struct client *c = s->clients.head.next; c != &s->clients.head; c = c->next)
		if (client_deadline(c) <= is)
			too_long(s, c);
	MHD_run(s->daemon);
	if (MHD_get_timeout(s->daemon, &more) != MHD_YES || more)
		clients_end_closed(&s->clients);
}

void server_counts(const struct server *s, uint64_t *requests, uint64_t *refused)
{
	*requests = s->requests;
	*refused = s->refused;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	/* the library does not end with some that wait */
	for (struct client *c = s->clients.head.next; c != &s->clients.head; c = c->next)
		if (c->waits == FOR_AUTH && c->verdict == NOT_JUDGED)
			MHD_resume_connection(c->conn);
	auth_free(s->auth);
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	if (s->epoll >= 0)
		close(s->epoll);
	free(s->fds);
	free(s);
}

#else

struct server *server_new(const struct server_options *o, char *error)
{
	(void)o;
	snprintf(error, SERVER_ERROR,
		 "vmperf was built without HTTP (libmicrohttpd, gnutls, libyaml, libcrypt): --textfile works "
		 "without");
	return NULL;
}

int server_fd(const struct server *s)
{
	(void)s;
	return -1;
}

int server_timeout(const struct server *s)
{
	(void)s;
	return -1;
}

void server_turn(struct server *s)
{
	(void)s;
}

void server_counts(const struct server *s, uint64_t *requests, uint64_t *refused)
{
	(void)s;
	*requests = *refused = 0;
}

void server_free(struct server *s)
{
	(void)s;
}

#endif
