// SPDX-License-Identifier: GPL-2.0-only
/* vmperf export: figures of all VMs for Prometheus.  One thread does all of it, in turns that never wait. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../http/accept.h"
#include "../http/server.h"
#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/units.h"
#include "../out/landing.h"
#include "../out/prom.h"
#include "child.h"
#include "cmd.h"
#include "export_options.h"
#include "export_pages.h"
#include "export_source.h"
#include "listen.h"
#include "notify.h"
#include "textfile.h"

#define MS        1000000ULL
#define STATUS_NS (10000 * MS)

struct export
{
	const struct settings *s;
	struct export_options o;
	struct listeners listeners;
	struct web_config *web;   /* NULL: neither TLS nor users */
	struct server *server;    /* NULL: no HTTP */
	struct pages_http before; /* what servers before this one have counted */
	struct source *source;
	struct pages *pages;
	struct textfile textfile;
	int signals;
	bool waited; /* for KVM, when it began */
	bool ready;  /* it was told so */
	bool failed; /* there are no more figures */
	/* when these are due (CLOCK_MONOTONIC); UINT64_MAX: never */
	uint64_t textfile_ns, watchdog_ns, status_ns;
	uint64_t watchdog_each_ns; /* 0: nobody waits for it */
};

static struct pages_http http_counts(const struct export *x)
{
	struct pages_http c = {0};

	if (x->server)
		server_counts(x->server, &c.requests, &c.refused);
	c.requests += x->before.requests;
	c.refused += x->before.refused;
	return c;
}

static struct http_page *page(struct export *x, enum page which, bool gzip)
{
	struct pages_http c = http_counts(x);
	struct http_page *p = pages_get(x->pages, which, gzip, &c);

	if (!p)
		x->failed = true;
	return p;
}

static void answer_text(struct server_answer *a, unsigned int status, const char *text)
{
	a->status = status;
	a->type = "text/plain; charset=utf-8";
	buf_printf(&a->body, "%s\n", text);
}

static void answer_page(struct export *x, const struct server_request *r, struct server_answer *a,
			enum page which, const char *type)
{
	struct http_page *p = page(x, which, r->gzip);

	if (!p) {
		answer_text(a, 503, "There are no more figures: this program ends.");
		return;
	}
	a->status = 200;
	a->type = type;
	a->page = http_page_take(p);
}

static void answer(void *arg, const struct server_request *r, struct server_answer *a)
{
	struct export *x = arg;
	const char *why = source_why(x->source);

	if (!strcmp(r->path, "/metrics")) {
		bool openmetrics = accept_openmetrics(r->accept);

		answer_page(x, r, a, openmetrics ? PAGE_OPENMETRICS : PAGE_TEXT,
			    prom_content_type(openmetrics));
	} else if (!strcmp(r->path, "/")) {
		answer_page(x, r, a, PAGE_LANDING, LANDING_TYPE);
	} else if (!strcmp(r->path, "/-/healthy")) {
		answer_text(a, 200, "vmperf is healthy.");
	} else if (!strcmp(r->path, "/-/ready")) {
		answer_text(a, *why ? 503 : 200, *why ? why : "vmperf is ready.");
	} else {
		answer_text(a, 404, "There is no such page; / lists those that there are.");
	}
}

/* False: error, for SERVER_ERROR bytes, has what and why; what was there before stays. */
static bool serve(struct export *x, struct web_config *web, char *error)
{
	struct server_options o = {
		.fds = x->listeners.fds, .nfds = x->listeners.n, .web = web, .fn = answer, .arg = x};
	struct server *server = server_new(&o, error);

	if (!server)
		return false;
	x->before = http_counts(x);
	server_free(x->server);
	if (x->web != web)
		web_config_free(x->web);
	x->server = server;
	x->web = web;
	return true;
}

static void tell_addresses(const struct export *x)
{
	for (size_t i = 0; i < x->listeners.n; i++) {
		struct buf b = {0};

		listen_where(&b, x->listeners.fds[i]);
		if (strncmp(b.data, "unix:", 5) != 0)
			log_note("serving on http%s://%s/metrics", x->web && x->web->tls ? "s" : "", b.data);
		else
			log_note("serving on %s", b.data);
		buf_free(&b);
	}
}

/* What was read before stays, unless all of it is well. */
static void reread_web_config(struct export *x)
{
	char wrong[WEB_CONFIG_ERROR], refused[SERVER_ERROR];
	struct web_config *web = web_config_read(x->s->web_config, wrong);

	if (!web) {
		log_err("%s; what was read before stays", wrong);
	} else if (!serve(x, web, refused)) {
		log_err("%s; what was read before stays", refused);
		web_config_free(web);
	} else {
		log_note("%s is read again", x->s->web_config);
	}
}

static void reload(struct export *x)
{
	notify_reloading();
	if (x->server && x->s->web_config)
		reread_web_config(x);
	if (x->ready)
		notify_ready();
}

/* False: it is to end. */
static bool on_signals(struct export *x)
{
	struct signalfd_siginfo i;

	while (read(x->signals, &i, sizeof(i)) == sizeof(i)) {
		if (i.ssi_signo == SIGHUP)
			reload(x);
		else if (i.ssi_signo != SIGCHLD)
			return false;
	}
	return true;
}

static void write_textfile(struct export *x)
{
	const struct http_page *p = page(x, PAGE_TEXTFILE, false);

	if (p)
		textfile_write(&x->textfile, p->body.data, p->body.len);
}

static void tell_status(struct export *x, uint64_t now)
{
	const struct view *v = source_view(x->source);
	const char *why = source_why(x->source);
	uint64_t done, took;
	struct buf b = {0};

	if (*why) {
		buf_puts(&b, why);
	} else {
		char ago[UNITS_SIZE], cost[UNITS_SIZE];
		uint32_t others = source_others(x->source), vms = v->nvms + others - (others ? 1 : 0);

		buf_printf(&b, "%u VM%s, %u vCPU%s", vms, vms == 1 ? "" : "s", v->nvcpus,
			   v->nvcpus == 1 ? "" : "s");
		pages_last(x->pages, &done, &took);
		if (done)
			buf_printf(&b, ", last scrape %s ago took %s", units_ns((double)(now - done), ago),
				   units_ns((double)took, cost));
		else
			buf_puts(&b, ", no scrape yet");
	}
	notify_status(b.data);
	buf_free(&b);
}

/* Whether it is time; then it is due again so much later. */
static bool is_due(uint64_t *due, uint64_t now, uint64_t each)
{
	if (now < *due)
		return false;
	*due = now + each;
	return true;
}

static void on_timers(struct export *x, uint64_t now)
{
	if (is_due(&x->textfile_ns, now, x->s->interval_ns))
		write_textfile(x);
	if (is_due(&x->watchdog_ns, now, x->watchdog_each_ns))
		notify_alive();
	if (is_due(&x->status_ns, now, STATUS_NS))
		tell_status(x, now);
}

/* From now on it does what it is for.  False: what and why was said. */
static bool begin(struct export *x, uint64_t now)
{
	char error[SERVER_ERROR];

	/* threads keep what they had when they were started: those of a server that waited are privileged */
	if (x->server && x->waited && !serve(x, x->web, error)) {
		log_err("%s", error);
		return false;
	}
	x->ready = true;
	log_info("ready");
	notify_ready();
	if (notify_is_on())
		tell_status(x, now);
	return true;
}

static int earlier(int a, int b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static int wait_ms(const struct export *x, uint64_t now)
{
	uint64_t due = x->textfile_ns;
	int ms;

	if (x->watchdog_ns < due)
		due = x->watchdog_ns;
	if (x->status_ns < due)
		due = x->status_ns;
	ms = due == UINT64_MAX ? -1 : clock_poll_ms(due, now);
	ms = earlier(ms, source_timeout(x->source, now));
	return x->server ? earlier(ms, server_timeout(x->server)) : ms;
}

/* Until it is told to end.  False: it has to, what and why was said. */
static bool loop(struct export *x)
{
	for (;;) {
		uint64_t now = clock_now(CLOCK_MONOTONIC);
		struct pollfd p[] = {
			{.fd = x->signals, .events = POLLIN},
			{.fd = source_fd(x->source), .events = POLLIN},
			{.fd = x->server ? server_fd(x->server) : -1, .events = POLLIN},
		};

		if (poll(p, 3, wait_ms(x, now)) < 0 && errno != EINTR) {
			log_err("cannot wait for what is to be done: %s", strerror(errno));
			return false;
		}
		now = clock_now(CLOCK_MONOTONIC);
		if (p[0].revents && !on_signals(x))
			return true;
		switch (source_turn(x->source, p[1].revents != 0, now)) {
		case LIVE_FAILED:
			return false;
		case LIVE_WAITING:
			break;
		case LIVE_READY:
			if (!x->ready && !begin(x, now))
				return false;
		}
		if (x->server)
			server_turn(x->server);
		on_timers(x, now);
		if (x->failed)
			return false;
	}
}

static bool read_web_config(struct export *x)
{
	char error[WEB_CONFIG_ERROR];

	if (!x->s->web_config)
		return true;
	x->web = web_config_read(x->s->web_config, error);
	if (!x->web)
		log_err("%s", error);
	return x->web != NULL;
}

static bool listen_all(struct export *x)
{
	struct listen_address preset;
	char error[LISTEN_ERROR];
	bool ok = true;

	for (size_t i = 0; i < x->o.nlisten && ok; i++)
		ok = listen_add(&x->listeners, &x->o.listen[i], error);
	if (ok && !x->listeners.n)
		ok = listen_parse(LISTEN_DEFAULT, &preset, error) &&
		     listen_add(&x->listeners, &preset, error);
	if (!ok)
		log_err("%s", error);
	return ok;
}

/* What takes privileges, before they are given up: the configuration, sockets.  An exit status. */
static int open_http(struct export *x)
{
	if (!notify_sockets(&x->listeners))
		return STATUS_FAILED;
	if (!x->o.nlisten && !x->listeners.n && x->textfile.path) {
		if (!x->s->web_config)
			return STATUS_DONE;
		log_err("export: --web.config.file makes no sense with --textfile alone (--listen serves "
			"HTTP, too)");
		return STATUS_USAGE;
	}
	if (!WITH_HTTP) {
		log_err("cannot serve HTTP: vmperf was built without libmicrohttpd (--textfile writes a file "
			"for "
			"node_exporter instead)");
		return STATUS_FAILED;
	}
	return read_web_config(x) && listen_all(x) ? STATUS_DONE : STATUS_FAILED;
}

/* Everything is open: serves.  False: what and why was said. */
static bool start(struct export *x, enum live_status opened)
{
	uint64_t now = clock_now(CLOCK_MONOTONIC);
	char error[SERVER_ERROR];

	x->pages = pages_new(x->s, &x->o.tally, x->source);
	if (x->listeners.n && !serve(x, x->web, error)) {
		log_err("%s", error);
		return false;
	}
	x->textfile_ns = x->watchdog_ns = x->status_ns = UINT64_MAX;
	if (x->textfile.path) {
		/* that it cannot be written is better known now than from figures that are missing */
		write_textfile(x);
		if (x->failed || x->textfile.failed)
			return false;
		x->textfile_ns = now + x->s->interval_ns;
		log_note("writing %s", x->textfile.path);
	}
	x->watchdog_each_ns = notify_watchdog_ns();
	if (x->watchdog_each_ns)
		x->watchdog_ns = now;
	if (notify_is_on())
		x->status_ns = now;
	tell_addresses(x);
	x->waited = opened == LIVE_WAITING;
	if (x->waited)
		log_note("waiting for KVM: %s", source_why(x->source));
	return true;
}

static int run(struct export *x)
{
	enum live_status opened;
	int status = open_http(x);

	if (status)
		return status;
	x->source = source_new(x->s, &x->o.tally, x->o.speed);
	opened = source_open(x->source);
	if (opened == LIVE_FAILED || !start(x, opened) || !loop(x))
		status = STATUS_FAILED;
	notify_stopping();
	return status;
}

static void end(struct export *x)
{
	server_free(x->server);
	web_config_free(x->web);
	textfile_remove(&x->textfile);
	listen_close(&x->listeners);
	pages_free(x->pages);
	source_free(x->source);
	export_options_free(&x->o);
}

/* Clients, events on each CPU and a page's own look at itself are more than the usual soft limit of 1024. */
static void take_all_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

int cmd_export(const struct settings *s)
{
	struct export x = {.s = s, .textfile.path = s->textfile, .signals = -1};
	int status = STATUS_USAGE;

	if (export_options(s, &x.o)) {
		if (s->textfile)
			textfile_check(&x.textfile);
		/* a client that is gone: write() tells */
		signal(SIGPIPE, SIG_IGN);
		take_all_descriptors();
		x.signals = child_signals();
		if (x.signals < 0) {
			log_err("cannot make descriptors: %s", strerror(errno));
			status = STATUS_FAILED;
		} else {
			status = run(&x);
		}
	}
	end(&x);
	return status;
}
