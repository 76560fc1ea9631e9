/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts that are known of a VM beyond its name, by enum meta_kind.  Pure. */
#ifndef VMPERF_HOST_META_H
#define VMPERF_HOST_META_H

#include <stdbool.h>

#include "../model/sample.h"

/* A longer text is cut there; nova's columns and Kubernetes' names end at it. */
#define META_MAX 255U

/* Sets it to a copy of text; NULL and "" are none. */
void meta_set(char *meta[META_KINDS], enum meta_kind kind, const char *text);

void meta_clear(char *meta[META_KINDS]);

/*
 * Sets namespace and VMI of what KubeVirt calls its domain: NAMESPACE_NAME, of
 * which neither can have a '_' (a DNS label and a DNS subdomain, RFC 1123).  A
 * name of another form sets nothing.
 */
void meta_kubevirt(char *meta[META_KINDS], const char *name);

#endif
