/* SPDX-License-Identifier: GPL-2.0-only */
/* The exporter's pages: made when they are asked for, and kept for a moment. */
#ifndef VMPERF_CMD_EXPORT_PAGES_H
#define VMPERF_CMD_EXPORT_PAGES_H

#include "../http/page.h"
#include "export_source.h"

enum page { PAGE_TEXT, PAGE_OPENMETRICS, PAGE_TEXTFILE, PAGE_LANDING, PAGES };

/* Of HTTP, as far as figures tell of it. */
struct pages_http {
	uint64_t requests, refused;
};

struct pages;

/* All are used until pages_free(). */
struct pages *pages_new(const struct settings *s, const struct tally_options *o, struct source *source);

/*
 * A page, up to date within what export_pace.h says, compressed if gzip and that
 * is worth it; valid until the next call, or longer by http_page_take().  NULL:
 * there are no more figures; what and why was said.
 */
struct http_page *pages_get(struct pages *p, enum page which, bool gzip, const struct pages_http *http);

/* Of the page made last for a scrape: when it was done (CLOCK_MONOTONIC; 0: none was), how long it took. */
void pages_last(const struct pages *p, uint64_t *done_ns, uint64_t *took_ns);

void pages_free(struct pages *p);

#endif
