// SPDX-License-Identifier: GPL-2.0-only
#include "export_pages.h"

#include <stdlib.h>
#include <time.h>

#include "../host/self.h"
#include "../lib/clock.h"
#include "../lib/mem.h"
#include "../out/landing.h"
#include "../out/prom.h"
#include "export_pace.h"

#define SECOND 1000000000.0

struct pages {
	const struct settings *s;
	const struct tally_options *o;
	struct source *source;
	uint64_t start_real_ns;
	struct pace pace;
	struct prom_self self; /* as of the last update, so that no format is behind another */
	struct http_page *plain[PAGES], *zipped[PAGES]; /* of the last update; NULL: not made */
	uint64_t update_ns; /* that one took, and no page has it among its own time yet */
	uint64_t scrapes, done_ns, took_ns;
};

struct pages *pages_new(const struct settings *s, const struct tally_options *o, struct source *source)
{
	struct pages *p = mem_zalloc(1, sizeof(*p));

	p->s = s;
	p->o = o;
	p->source = source;
	p->start_real_ns = clock_now(CLOCK_REALTIME);
	return p;
}

static struct prom_self tell_self(const struct pages *p, const struct pages_http *http)
{
	return (struct prom_self){
		.cpu_seconds = (double)clock_now(CLOCK_PROCESS_CPUTIME_ID) / SECOND,
		.resident_bytes = self_resident(),
		.open_fds = self_open_fds(),
		.start_seconds = (double)p->start_real_ns / SECOND,
		.scrapes = p->scrapes,
		.scrape_seconds = (double)p->took_ns / SECOND,
		.requests = http->requests,
		.refused = http->refused,
		.other_vms = source_others(p->source),
	};
}

static void make_metrics(struct pages *p, enum page which, struct buf *b)
{
	struct prom_options o = {.openmetrics = which == PAGE_OPENMETRICS, .tally = p->o, .self = &p->self};

	p->self.textfile = which == PAGE_TEXTFILE;
	out_prom(b, source_view(p->source), &o);
}

static void make_landing(const struct pages *p, struct buf *b)
{
	const char *why = source_why(p->source);
	struct landing l = {.version = VMPERF_VERSION,
			    .waiting = *why ? why : NULL,
			    .replay = p->s->replay,
			    .others = source_others(p->source)};

	out_landing(b, source_view(p->source), &l);
}

/* Who still sends one has a reference of their own. */
static void drop_all(struct pages *p)
{
	for (int i = 0; i < PAGES; i++) {
		http_page_drop(p->plain[i]);
		http_page_drop(p->zipped[i]);
		p->plain[i] = p->zipped[i] = NULL;
	}
}

/* CPU time: on a host that has none to spare pages are not to be older for that. */
static uint64_t worked(void)
{
	return clock_now(CLOCK_THREAD_CPUTIME_ID);
}

/* False: there is nothing new to be had. */
static bool update(struct pages *p, const struct pages_http *http, uint64_t now)
{
	uint64_t begun = worked();

	if (pace_is_fresh(&p->pace, now))
		return true;
	drop_all(p);
	if (!source_update(p->source))
		return false;
	p->self = tell_self(p, http);
	pace_begin(&p->pace, now);
	p->update_ns = clock_now(CLOCK_MONOTONIC) - now;
	pace_spent(&p->pace, begun, worked());
	return true;
}

static struct http_page *make(struct pages *p, enum page which)
{
	uint64_t begun = clock_now(CLOCK_MONOTONIC);
	struct buf b = {0};

	if (which == PAGE_LANDING) {
		make_landing(p, &b);
	} else {
		make_metrics(p, which, &b);
		p->scrapes++;
		p->done_ns = clock_now(CLOCK_MONOTONIC);
		p->took_ns = p->update_ns + p->done_ns - begun;
		p->update_ns = 0;
	}
	return http_page_new(b, false);
}

struct http_page *pages_get(struct pages *p, enum page which, bool gzip, const struct pages_http *http)
{
	struct http_page **plain = &p->plain[which], **zipped = &p->zipped[which];
	uint64_t begun;

	if (!update(p, http, clock_now(CLOCK_MONOTONIC)))
		return NULL;
	begun = worked();
	if (!*plain)
		*plain = make(p, which);
	if (gzip && !*zipped)
		*zipped = http_page_zip(*plain);
	pace_spent(&p->pace, begun, worked());
	return gzip && *zipped ? *zipped : *plain;
}

void pages_last(const struct pages *p, uint64_t *done_ns, uint64_t *took_ns)
{
	*done_ns = p->done_ns;
	*took_ns = p->took_ns;
}

void pages_free(struct pages *p)
{
	if (!p)
		return;
	drop_all(p);
	free(p);
}
