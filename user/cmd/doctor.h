/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of vmperf doctor that are pure: facts in, checks and bytes out. */
#ifndef VMPERF_CMD_DOCTOR_H
#define VMPERF_CMD_DOCTOR_H

#include <stdbool.h>

#include "../host/checks.h"
#include "../lib/buf.h"
#include "../probe/features.h"

/* Adds what the kernel's BTF tells; nothing when there is none (the check "btf" says so). */
void doctor_features(const struct features *f, const struct host_info *host, struct checks *ret);

void doctor_table(const struct checks *c, bool color, struct buf *b);

/* {"schema":1,"checks":[{"name","status","value","reason","remedy"}]}: all strings, "" nothing. */
void doctor_json(const struct checks *c, struct buf *b);

#endif
