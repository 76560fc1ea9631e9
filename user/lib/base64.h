/* SPDX-License-Identifier: GPL-2.0-only */
/* Base64 as RFC 4648, section 4, has it. */
#ifndef VMPERF_LIB_BASE64_H
#define VMPERF_LIB_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* Adds the bytes that text, len bytes of it, stands for; false, and nothing is added: it is none. */
bool base64_decode(const char *text, size_t len, struct buf *ret);

#endif
