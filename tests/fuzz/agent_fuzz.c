// SPDX-License-Identifier: GPL-2.0-only
/* agent_read() and what is read of guests: whatever an agent answers, it ends within its bounds. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/agent_guest.h"
#include "host/agent_link.h"
#include "host/argv_agent.h"

#define MAX 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct made_up {
	struct agent_link link;
	const uint8_t *data;
	size_t size;
	unsigned int asked;
};

static void must(int ok)
{
	if (!ok)
		abort();
}

/* The next line of the input. */
static int ask(struct agent_link *l, const char *command, int timeout_ms, struct buf *answer,
	       char why[AGENT_WHY_SIZE])
{
	struct made_up *m = (struct made_up *)l;
	const uint8_t *end = m->size ? memchr(m->data, '\n', m->size) : NULL;
	size_t n = end ? (size_t)(end - m->data) : m->size;

	must(timeout_ms > 0 && command[0] == '{');
	must(++m->asked < 10000);
	(void)why;
	buf_add(answer, m->data, n);
	n += end != NULL;
	m->data += n;
	m->size -= n;
	return 0;
}

static void end(struct agent_link *l)
{
	free(l);
}

static struct agent *made_up(const uint8_t *data, size_t size)
{
	struct made_up *m = calloc(1, sizeof(*m));

	must(m != NULL);
	*m = (struct made_up){.link = {.ask = ask, .close = end}, .data = data, .size = size};
	return agent_new(&m->link, 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct agent *a = made_up(data, size);
	char why[AGENT_WHY_SIZE] = "", *path;
	struct agent_guest g;
	struct buf b = {0};
	int err = agent_read(a, "/a", MAX, &b, why);

	must(err <= 0 && (err ? !b.len && why[0] : b.len <= MAX));
	must(strlen(why) < sizeof(why));
	buf_free(&b);
	agent_free(a);
	a = made_up(data, size);
	err = agent_guest_read(a, &g, why);
	must(err <= 0);
	must(err ? !g.kallsyms.len : strlen(g.boot) == 36 && agent_guest_has_addresses(&g.kallsyms));
	agent_guest_free(&g);
	agent_free(a);
	path = argv_agent_socket((const char *)data, size);
	free(path);
	return 0;
}
