/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMPERF_OUT_HTML_H
#define VMPERF_OUT_HTML_H

#include "../lib/buf.h"

/* Adds text from elsewhere: nothing of it is a tag, an entity, the end of an attribute or hidden. */
void html_text(struct buf *b, const char *s);

#endif
