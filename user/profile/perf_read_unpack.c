// SPDX-License-Identifier: GPL-2.0-only
#include "perf_read_unpack.h"

#include <zstd.h>

#include "../lib/mem.h"
#include "perf_read_bytes.h"

/*
 * Records of samples shrink to a tenth or so.  A file that grows by more than
 * this was made to fill the memory.
 */
#define RATIO_MAX 128
#define FREE_MAX  (16U << 20)

const char *perf_unpack_add(struct perf_unpack *u, const uint8_t *data, size_t size)
{
	char out[1 << 16];
	ZSTD_inBuffer in = {data, size, 0};
	ZSTD_outBuffer to;

	if (!u->stream)
		u->stream = mem_checked(ZSTD_createDStream());
	u->packed += size;
	if (u->at == u->bytes.len)
		u->at = u->bytes.len = 0;
	do {
		size_t left;

		to = (ZSTD_outBuffer){out, sizeof(out), 0};
		left = ZSTD_decompressStream(u->stream, &to, &in);
		if (ZSTD_isError(left))
			return "what is packed cannot be unpacked";
		u->unpacked += to.pos;
		if (u->unpacked > FREE_MAX + RATIO_MAX * u->packed)
			return "what is packed unpacks to far more than records do";
		buf_add(&u->bytes, out, to.pos);
	} while (in.pos < in.size || to.pos == to.size);
	return NULL;
}

bool perf_unpack_next(struct perf_unpack *u, bool swap, const uint8_t **ret, size_t *size)
{
	size_t left = u->bytes.len - u->at, n;
	const uint8_t *at;

	if (!left)
		return false;
	at = (const uint8_t *)u->bytes.data + u->at;
	if (left < 8) {
		/* the rest is short: it moves to the front for what is to follow */
		if (u->at) {
			memmove(u->bytes.data, at, left);
			u->bytes.len = left;
			u->at = 0;
		}
		return false;
	}
	n = perf_u16(at + 6, swap);
	if (n < 8) {
		u->damaged = true;
		return false;
	}
	if (n > left) {
		memmove(u->bytes.data, at, left);
		u->bytes.len = left;
		u->at = 0;
		return false;
	}
	u->at += n;
	*ret = at;
	*size = n;
	return true;
}

void perf_unpack_free(struct perf_unpack *u)
{
	ZSTD_freeDStream(u->stream);
	buf_free(&u->bytes);
	*u = (struct perf_unpack){0};
}
