/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a client of HTTP takes (RFC 9110, 12.4 and 12.5): the format of the page,
 * and whether compressed.  Pure; header may be NULL (it was not sent) and holds
 * whatever a client sends.
 */
#ifndef VMPERF_HTTP_ACCEPT_H
#define VMPERF_HTTP_ACCEPT_H

#include <stdbool.h>

/*
 * Accept: whether OpenMetrics 1.0.0 (application/openmetrics-text) is wanted
 * more than the text format 0.0.4 (text/plain), which is what others get.  Of
 * two with equal weight the one that stands first; a wildcard is for the text
 * format, as is what we have in no version that was asked for.
 */
bool accept_openmetrics(const char *header);

/* Accept-Encoding: whether gzip is taken, and not less than no encoding is. */
bool accept_gzip(const char *header);

#endif
