/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page that several answers send at once without a copy for each: who made it
 * and each answer have a reference.  Of one thread only.
 */
#ifndef VMPERF_HTTP_PAGE_H
#define VMPERF_HTTP_PAGE_H

#include <stdbool.h>

#include "../lib/buf.h"

struct http_page {
	struct buf body;
	bool zipped; /* it is compressed by gzip */
	unsigned int refs;
	unsigned int readers; /* clients that it is being sent to */
};

/* Takes the body over; one reference is the caller's. */
struct http_page *http_page_new(struct buf body, bool zipped);

/* One more reference. */
struct http_page *http_page_take(struct http_page *p);

/* One less; the last one frees it.  NULL is fine. */
void http_page_drop(struct http_page *p);

/* The same, compressed; NULL: that is not worth it. */
struct http_page *http_page_zip(const struct http_page *p);

#endif
