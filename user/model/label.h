/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts from elsewhere as values of labels. */
#ifndef VMPERF_MODEL_LABEL_H
#define VMPERF_MODEL_LABEL_H

#include "../lib/buf.h"

/*
 * Adds s as valid UTF-8: control bytes, bytes that are no UTF-8 and what
 * buf_escape() takes for hidden are written \xNN; backslashes stay as they are.
 * What it has made it does not change.
 */
void label_clean(struct buf *b, const char *s);

#endif
