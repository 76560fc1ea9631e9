// SPDX-License-Identifier: GPL-2.0-only
#include "gzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "../lib/mem.h"

/* Fast: a page is mostly the same labels again, and the caller's loop waits for it. */
#define LEVEL  1
/* Bits of the window, and 16 for gzip's header (zlib.h, deflateInit2()). */
#define WINDOW (15 + 16)

bool gzip_buf(const struct buf *from, struct buf *to)
{
	struct buf out = {0};
	z_stream z = {0};
	bool ok;

	if (from->len > UINT32_MAX ||
	    deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	out.cap = deflateBound(&z, from->len) + 1;
	out.data = mem_resize(NULL, out.cap, 1);
	z.next_in = (Bytef *)from->data;
	z.avail_in = (uInt)from->len;
	z.next_out = (Bytef *)out.data;
	z.avail_out = (uInt)(out.cap - 1);
	ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
	out.len = z.total_out;
	deflateEnd(&z);
	if (!ok) {
		buf_free(&out);
		return false;
	}
	/* a slow client holds it: no more than there is */
	out.cap = out.len + 1;
	out.data = mem_resize(out.data, out.cap, 1);
	out.data[out.len] = '\0';
	*to = out;
	return true;
}
