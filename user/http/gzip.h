/* SPDX-License-Identifier: GPL-2.0-only */
/* Compression of a page (RFC 1952).  Pure. */
#ifndef VMPERF_HTTP_GZIP_H
#define VMPERF_HTTP_GZIP_H

#include <stdbool.h>

#include "../lib/buf.h"

#define GZIP_BYTES 1024 /* smaller ones are not worth it */

/* Replaces what is in b by the same compressed.  False: b is as it was. */
bool gzip_buf(struct buf *b);

#endif
