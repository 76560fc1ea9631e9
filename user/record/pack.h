/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct sample as bytes, the same on every machine.  Pure.
 *
 * Numbers are LEB128; what grows from sample to sample is written as the
 * difference to the same VM's, thread's and reason's number in the sample
 * before, so that most of them are a byte of 0.
 */
#ifndef VMPERF_RECORD_PACK_H
#define VMPERF_RECORD_PACK_H

#include "../lib/buf.h"
#include "../model/sample.h"

/*
 * Adds s as the difference to before; NULL: by itself.  version: 1 to
 * RECORD_VERSION; what it has no place for is left out.
 */
void pack_sample(struct buf *b, uint32_t version, const struct sample *before, const struct sample *s);

/*
 * The sample that was packed with the same version and the same one before it.
 * What the version has no place for is not known in it.  False: these bytes
 * are none, or they are of a newer vmperf that keeps more (*ret is then empty).
 * Whatever they are, it takes at most 16 times their memory and a megabyte.
 */
bool unpack_sample(const void *data, size_t len, uint32_t version, const struct sample *before,
		   struct sample *ret);

#endif
