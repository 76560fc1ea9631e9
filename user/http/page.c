// SPDX-License-Identifier: GPL-2.0-only
#include "page.h"

#include <stdlib.h>

#include "../lib/mem.h"
#include "gzip.h"

struct http_page *http_page_new(struct buf body, bool zipped)
{
	struct http_page *p = mem_zalloc(1, sizeof(*p));

	p->body = body;
	p->zipped = zipped;
	p->refs = 1;
	return p;
}

struct http_page *http_page_take(struct http_page *p)
{
	p->refs++;
	return p;
}

void http_page_drop(struct http_page *p)
{
	if (!p || --p->refs)
		return;
	buf_free(&p->body);
	free(p);
}

struct http_page *http_page_zip(const struct http_page *p)
{
	struct buf zipped = {0};

	if (p->body.len <= GZIP_BYTES || !gzip_buf(&p->body, &zipped))
		return NULL;
	return http_page_new(zipped, true);
}
