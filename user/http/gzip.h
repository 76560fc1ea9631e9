/* SPDX-License-Identifier: GPL-2.0-only */
/* Compression of a page (RFC 1952).  Pure. */
#ifndef VMPERF_HTTP_GZIP_H
#define VMPERF_HTTP_GZIP_H

#include <stdbool.h>

#include "../lib/buf.h"

#define GZIP_BYTES 1024 /* smaller ones are not worth it */

/* What is in from, compressed; false: to is as it was, empty. */
bool gzip_buf(const struct buf *from, struct buf *to);

#endif
