// SPDX-License-Identifier: GPL-2.0-only
#include "agent.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/base64.h"
#include "../lib/clock.h"
#include "../lib/mem.h"
#include "agent_link.h"

/* Asked for at once: in base64 far below what libvirt passes on (4 MiB). */
#define CHUNK (256U << 10)

/* An agent that gives less at a time, on average, gives nothing worth the time. */
#define LITTLE 1024U

struct agent {
	struct agent_link *link;
	int timeout_ms;
};

struct agent *agent_new(struct agent_link *l, int timeout_ms)
{
	struct agent *a = mem_zalloc(1, sizeof(*a));

	a->link = l;
	a->timeout_ms = timeout_ms;
	return a;
}

void agent_free(struct agent *a)
{
	if (!a)
		return;
	a->link->close(a->link);
	free(a);
}

int agent_refused(const char *said, char why[AGENT_WHY_SIZE])
{
	/* in the words of qemu-ga, and of the C library of a Linux guest */
	if (strstr(said, "has been disabled") || strstr(said, "has not been found")) {
		snprintf(why, AGENT_WHY_SIZE,
			 "the guest's agent does not allow it: %.60s (in the guest: its "
			 "/etc/sysconfig/qemu-ga, "
			 "BLOCK_RPCS or FILTER_RPC_ARGS, or /etc/qemu/qemu-ga.conf, block-rpcs)",
			 said);
		return -EOPNOTSUPP;
	}
	snprintf(why, AGENT_WHY_SIZE, "the guest's agent: %.150s", said);
	if (strstr(said, "No such file"))
		return -ENOENT;
	return strstr(said, "ermission denied") || strstr(said, "not permitted") ? -EACCES : -EIO;
}

static int nonsense(const char *what, char why[AGENT_WHY_SIZE])
{
	snprintf(why, AGENT_WHY_SIZE, "the guest's agent answers what is no answer: %s", what);
	return -EPROTO;
}

/* Takes arguments over.  *ret: what the answer has as "return"; json_decref() it. */
static int ask(struct agent *a, const char *command, json_t *arguments, int timeout_ms, json_t **ret,
	       char why[AGENT_WHY_SIZE])
{
	json_t *o = json_pack("{s:s}", "execute", command), *answer;
	struct buf b = {0};
	const char *said;
	char *text;
	int err;

	*ret = NULL;
	if (arguments)
		json_object_set_new(o, "arguments", arguments);
	text = mem_checked(json_dumps(o, JSON_COMPACT));
	json_decref(o);
	err = a->link->ask(a->link, text, timeout_ms, &b, why);
	free(text);
	if (err) {
		buf_free(&b);
		return err;
	}
	/* bytes of file names and the like in an error need not be UTF-8: such an answer is none */
	answer = json_loadb(b.data ? b.data : "", b.len, JSON_ALLOW_NUL, NULL);
	buf_free(&b);
	if (json_object_get(answer, "error")) {
		said = json_string_value(json_object_get(json_object_get(answer, "error"), "desc"));
		err = agent_refused(said ? said : "an error without a description", why);
	} else if (!json_object_get(answer, "return")) {
		err = nonsense("neither a result nor an error", why);
	} else {
		*ret = json_incref(json_object_get(answer, "return"));
	}
	json_decref(answer);
	return err;
}

/* Adds one chunk. */
static int take_chunk(const json_t *o, size_t max, struct buf *ret, bool *eof, char why[AGENT_WHY_SIZE])
{
	const json_t *text = json_object_get(o, "buf-b64"), *count = json_object_get(o, "count"),
		     *end = json_object_get(o, "eof");
	size_t before = ret->len, n;

	if (!json_is_integer(count) || !json_is_boolean(end) || (text && !json_is_string(text)))
		return nonsense("of a file", why);
	*eof = json_is_true(end);
	if (text && !base64_decode(json_string_value(text), json_string_length(text), ret))
		return nonsense("no base64", why);
	n = ret->len - before;
	if (json_integer_value(count) != (json_int_t)n || n > CHUNK)
		return nonsense("another number of bytes than it says", why);
	if (ret->len <= max)
		return 0;
	snprintf(why, AGENT_WHY_SIZE, "the file has more than %zu bytes", max);
	return -EFBIG;
}

/* What is left of the time until then, for one command; 0: nothing. */
static int left_ms(const struct agent *a, uint64_t until)
{
	int left = clock_poll_ms(until, clock_now(CLOCK_MONOTONIC));

	return left < a->timeout_ms ? left : a->timeout_ms;
}

static int read_all(struct agent *a, json_int_t handle, size_t max, uint64_t until, struct buf *ret,
		    char why[AGENT_WHY_SIZE])
{
	size_t calls = 0, most = 64 + max / LITTLE;
	bool eof = false;
	int err = 0;

	while (!err && !eof) {
		int ms = left_ms(a, until);
		json_t *o;

		if (!ms || ++calls > most) {
			snprintf(why, AGENT_WHY_SIZE, "the guest's agent is too slow: %zu bytes in %zu parts",
				 ret->len, calls);
			return -ETIMEDOUT;
		}
		err = ask(a, "guest-file-read", json_pack("{s:I,s:i}", "handle", handle, "count", (int)CHUNK),
			  ms, &o, why);
		if (!err)
			err = take_chunk(o, max, ret, &eof, why);
		json_decref(o);
	}
	return err;
}

int agent_read(struct agent *a, const char *path, size_t max, struct buf *ret, char why[AGENT_WHY_SIZE])
{
	uint64_t until = clock_now(CLOCK_MONOTONIC) + (uint64_t)a->timeout_ms * AGENT_READ_COMMANDS * 1000000;
	size_t before = ret->len;
	char ignored[AGENT_WHY_SIZE];
	json_int_t handle;
	struct buf b = {0};
	json_t *o;
	int err = ask(a, "guest-file-open", json_pack("{s:s,s:s}", "path", path, "mode", "r"), a->timeout_ms,
		      &o, why);

	if (!err && !json_is_integer(o))
		err = nonsense("of a file that it should open", why);
	handle = json_integer_value(o);
	json_decref(o);
	if (err)
		return err;
	err = read_all(a, handle, max, until, &b, why);
	/* an agent that has just not answered holds the file open, or is gone */
	if (err != -ETIMEDOUT && err != -ENOTCONN) {
		ask(a, "guest-file-close", json_pack("{s:I}", "handle", handle), a->timeout_ms, &o, ignored);
		json_decref(o);
	}
	if (!err)
		buf_add(ret, b.data ? b.data : "", b.len);
	else
		ret->len = before;
	buf_free(&b);
	return err;
}

void agent_os(struct agent *a, char ret[64])
{
	char ignored[AGENT_WHY_SIZE];
	const char *id;
	json_t *o;

	ret[0] = '\0';
	if (ask(a, "guest-get-osinfo", NULL, a->timeout_ms, &o, ignored))
		return;
	id = json_string_value(json_object_get(o, "id"));
	if (id && strlen(id) < 64)
		strcpy(ret, id);
	json_decref(o);
}
