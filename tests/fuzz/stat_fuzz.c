// SPDX-License-Identifier: GPL-2.0-only
/* proc_parse_stat(): whatever a process calls itself, and whatever stands in its stat file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/proc.h"
#include "lib/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proc_stat st;
	struct buf b = {0};
	size_t len;

	/* as it stands */
	buf_add(&b, data, size);
	if (proc_parse_stat(b.data, &st))
		must(strlen(st.comm) < sizeof(st.comm));
	buf_free(&b);

	/* as the comm of a process: up to 15 bytes, no NUL */
	len = strnlen((const char *)data, size < 15 ? size : 15);
	buf_puts(&b, "7 (");
	buf_add(&b, data, len);
	buf_puts(&b, ") S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 1\n");
	must(proc_parse_stat(b.data, &st));
	must(strlen(st.comm) == len && !memcmp(st.comm, data, len));
	must(st.state == 'S' && st.start_ticks == 4711);
	buf_free(&b);
	return 0;
}
