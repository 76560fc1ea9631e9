// SPDX-License-Identifier: GPL-2.0-only
/* What clients send of what they take, and of who they are: whatever the bytes, the same each time. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/accept.h"
#include "http/auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf user = {0}, password = {0};
	/* a block of just that size: reading past the end is seen */
	char *header = malloc(size + 1);
	bool is;

	must(header != NULL);
	if (size)
		memcpy(header, data, size);
	header[size] = '\0';
	is = accept_openmetrics(header);
	must(is == accept_openmetrics(header) && (!is || strcasestr(header, "openmetrics")));
	must(!accept_gzip(header) || strcasestr(header, "gzip") || strchr(header, '*'));
	if (auth_credentials(header, &user, &password)) {
		must(!strncasecmp(header, "basic ", 6) && !memchr(user.data, ':', user.len));
		must(strlen(user.data) == user.len && strlen(password.data) == password.len);
		must(user.len + password.len + 1 <= size / 4 * 3);
	} else {
		must(!user.data && !password.data);
	}
	must(!auth_is_hash(header) || size >= 60);
	buf_free(&user);
	buf_free(&password);
	free(header);
	return 0;
}
