/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMPERF_RECORD_COPY_H
#define VMPERF_RECORD_COPY_H

#include "../model/sample.h"

/* A copy with memory of its own, to be freed by sample_free(). */
struct sample copy_sample(const struct sample *s);

#endif
