/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers as people read them, in a fixed width: three significant digits, with a unit. */
#ifndef VMPERF_LIB_UNITS_H
#define VMPERF_LIB_UNITS_H

#include <stddef.h>

/* Widths in columns that no result exceeds; NAN and negative numbers give "-". */
#define UNITS_NS_WIDTH    6  /* "1.24us", "584y" */
#define UNITS_COUNT_WIDTH 5  /* "12.3k", "<0.01" */
#define UNITS_RATIO_WIDTH 5  /* "12.3%", "<0.1%", "100%" */
#define UNITS_SIZE        16 /* a buffer that holds any of them */

/* A time in nanoseconds: ns, us, ms, s, then m, h, d, y.  Returns ret. */
const char *units_ns(double ns, char ret[UNITS_SIZE]);

/* A count or a rate: plain below 1000, then k, M, G, T, P, E (powers of 1000).  Returns ret. */
const char *units_count(double n, char ret[UNITS_SIZE]);

/* A share of 1 as a percentage; what is not 0 is never shown as 0.  Returns ret. */
const char *units_ratio(double r, char ret[UNITS_SIZE]);

#endif
