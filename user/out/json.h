/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts that several JSON formats have. */
#ifndef VMPERF_OUT_JSON_H
#define VMPERF_OUT_JSON_H

#include <jansson.h>

#include "../model/sample.h"

json_t *json_host(const struct host_info *h);

#endif
