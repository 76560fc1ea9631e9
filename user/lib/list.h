/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of numbers as the kernel writes them: "0-3,8". */
#ifndef VMPERF_LIB_LIST_H
#define VMPERF_LIB_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/* Adds the list of the numbers below n that are set; nothing if none is. */
void list_add(struct buf *b, const bool *is, uint32_t n);

#endif
