/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes against a file of tests/golden; from the top directory.  GENERATE=1 writes the files instead. */
#ifndef VMPERF_TESTS_GOLDEN_H
#define VMPERF_TESTS_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/mem.h"
#include "unit.h"

static inline char *golden_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *data;
	long size;

	ck_assert_msg(f != NULL, "%s cannot be opened; tests run from the top directory", path);
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	ck_assert(size >= 0);
	data = mem_zalloc((size_t)size + 1, 1);
	*len = fread(data, 1, (size_t)size, f);
	fclose(f);
	return data;
}

/* Fails with the first line that differs; Check has no room for more. */
static inline void golden_differ(const char *path, const char *want, size_t want_len, const char *got,
				 size_t got_len)
{
	size_t i = 0, line = 1, begin = 0;

	while (i < want_len && i < got_len && want[i] == got[i]) {
		if (got[i++] == '\n') {
			line++;
			begin = i;
		}
	}
	ck_assert_msg(i == want_len && i == got_len,
		      "%s differs in line %zu (GENERATE=1 accepts):\n-%.*s\n+%.*s", path, line,
		      (int)strcspn(want + begin, "\n") & 0xff, want + begin,
		      (int)strcspn(got + begin, "\n") & 0xff, got + begin);
}

/* Fails unless these are the bytes of tests/golden/FILE. */
static inline void golden_same(const char *file, const struct buf *b)
{
	char path[256], *want;
	size_t len;

	snprintf(path, sizeof(path), "tests/golden/%s", file);
	if (getenv("GENERATE")) {
		FILE *f = fopen(path, "wb");

		ck_assert(f && fwrite(b->data, 1, b->len, f) == b->len && !fclose(f));
	}
	want = golden_read(path, &len);
	golden_differ(path, want, len, b->data, b->len);
	free(want);
}

#endif
