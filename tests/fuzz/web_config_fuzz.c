// SPDX-License-Identifier: GPL-2.0-only
/* web_config_parse(): whatever the text, a config that holds what it must, or one line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/auth.h"
#include "http/web_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[WEB_CONFIG_ERROR];
	struct web_config *c = web_config_parse((const char *)data, size, "/nowhere/web.yml", error);

	if (!c) {
		must(!strncmp(error, "/nowhere/web.yml:", 17) && memchr(error, '\0', sizeof(error)));
		must(!strpbrk(error, "\n\r\033"));
		return 0;
	}
	must(c->tls == (c->cert.len && c->key.len && c->priorities));
	for (size_t i = 0; i < c->nusers; i++)
		must(auth_is_hash(c->users[i].hash));
	for (size_t i = 0; i < c->nheaders; i++)
		must(!strpbrk(c->headers[i].value, "\r\n"));
	must(!c->rate_interval_ns || c->rate_burst);
	web_config_free(c);
	return 0;
}
