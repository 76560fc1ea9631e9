// SPDX-License-Identifier: GPL-2.0-only
/* Basic auth: the header, hashes, and the thread that computes them. */
#include "unit.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "http/auth.h"

#if WITH_HTTP

#include <crypt.h>

static struct buf user, password;

static bool taken(const char *header)
{
	bool ok;

	buf_free(&user);
	buf_free(&password);
	ok = auth_credentials(header, &user, &password);
	ck_assert(ok == (user.data != NULL) && ok == (password.data != NULL));
	return ok;
}

START_TEST(credentials)
{
	/* of RFC 7617 */
	ck_assert(taken("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
	ck_assert_str_eq(user.data, "Aladdin");
	ck_assert_str_eq(password.data, "open sesame");
	ck_assert(taken("bAsIc   QWxhZGRpbjpvcGVuIHNlc2FtZQ== "));
	/* a colon belongs to the password */
	ck_assert(taken("Basic YTpiOmM="));
	ck_assert_str_eq(user.data, "a");
	ck_assert_str_eq(password.data, "b:c");
	ck_assert(taken("Basic Og=="));
	ck_assert_uint_eq(user.len, 0);
	ck_assert_uint_eq(password.len, 0);
	/* all 64 digits */
	ck_assert(taken("Basic OgAQ") == false); /* ":\0\x10" */
	ck_assert(taken("Basic Ov/+"));
	ck_assert_str_eq(password.data, "\xff\xfe");
	buf_free(&user);
	buf_free(&password);
}
END_TEST

START_TEST(no_credentials)
{
	static const char *const wrong[] = {"",
					    "Basic",
					    "Basic ",
					    "Basic =",
					    "Basic ====",
					    "Basic YTpi\n",
					    "Basic YTpiO",
					    "Basic YT=i",
					    "Basic Y===",
					    "Basic YTpi YTpi",
					    "Basic YTpi====",
					    "Basic YTpi-_==",
					    "Bearer YTpi",
					    "BasicYTpi",
					    "Basic YWI=" /* ab */,
					    "Basic YTpiAGM=" /* a:b\0c */};

	ck_assert(!taken(NULL));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!taken(wrong[i]), "%s", wrong[i]);
}
END_TEST

#define TAIL "X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"

START_TEST(hashes)
{
	ck_assert(auth_is_hash("$2y$10$" TAIL));
	ck_assert(auth_is_hash("$2a$04$" TAIL));
	ck_assert(auth_is_hash("$2b$31$" TAIL));
	ck_assert(!auth_is_hash("$2y$03$" TAIL));
	ck_assert_int_eq(auth_cost("$2b$31$" TAIL), 31);
	ck_assert_int_eq(auth_cost("$2a$04$" TAIL), 4);
	ck_assert(!auth_is_hash("$2y$32$" TAIL));
	ck_assert(!auth_is_hash("$2x$10$" TAIL));
	ck_assert(!auth_is_hash("$2$10$" TAIL));
	ck_assert(!auth_is_hash("$2y$10$" TAIL "a"));
	ck_assert(!auth_is_hash("$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7z"));
	ck_assert(!auth_is_hash("$2y$10$X0h1gDsPszWURQaxFh:zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"));
	ck_assert(!auth_is_hash("$2y$1a$" TAIL));
	ck_assert(!auth_is_hash("$6$salt$hash"));
	ck_assert(!auth_is_hash("secret"));
	ck_assert(!auth_is_hash(""));
}
END_TEST

/* "user:password" as a header; in a place that the next call uses. */
static const char *header(const char *pair)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static char ret[512];
	size_t len = strlen(pair), at = (size_t)snprintf(ret, sizeof(ret), "Basic ");

	for (size_t i = 0; i < len; i += 3) {
		unsigned int b = (unsigned char)pair[i] << 16;

		b |= i + 1 < len ? (unsigned char)pair[i + 1] << 8 : 0;
		b |= i + 2 < len ? (unsigned char)pair[i + 2] : 0;
		ret[at++] = digits[b >> 18];
		ret[at++] = digits[b >> 12 & 63];
		ret[at++] = i + 1 < len ? digits[b >> 6 & 63] : '=';
		ret[at++] = i + 2 < len ? digits[b & 63] : '=';
	}
	ret[at] = '\0';
	return ret;
}

static char *hash_of(const char *text, const char *prefix)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data data = {0};

	ck_assert_ptr_nonnull(crypt_gensalt_rn(prefix, 4, "0123456789abcdef", 16, setting, sizeof(setting)));
	return strdup(crypt_rn(text, setting, &data, sizeof(data)));
}

enum told { NOTHING, YES, NO };

static void tell(void *waiter, bool yes)
{
	enum told *t = waiter;

	ck_assert_int_eq(*t, NOTHING);
	*t = yes ? YES : NO;
}

/* Until that one has been told. */
static void until_told(struct auth *a, const enum told *t)
{
	while (*t == NOTHING) {
		struct pollfd fd = {.fd = auth_fd(a), .events = POLLIN};

		ck_assert_int_eq(poll(&fd, 1, 30000), 1);
		auth_turn(a, tell);
	}
}

static enum told verdict(struct auth *a, const char *pair)
{
	enum told t = NOTHING;

	ck_assert_int_eq(auth_ask(a, header(pair), 0, &t), AUTH_WAIT);
	until_told(a, &t);
	return t;
}

START_TEST(verdicts)
{
	struct web_user users[] = {{(char *)"ann", hash_of("one", "$2y$")},
				   {(char *)"bob", hash_of("two", "$2b$")},
				   {(char *)"cem", hash_of("three", "$2a$")}};
	struct auth *a = auth_new(users, 3);
	int dummy;

	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq(auth_ask(a, NULL, 0, &dummy), AUTH_NO);
	ck_assert_int_eq(auth_ask(a, "Basic ?", 0, &dummy), AUTH_NO);
	ck_assert_int_eq(verdict(a, "ann:one"), YES);
	ck_assert_int_eq(verdict(a, "bob:two"), YES);
	ck_assert_int_eq(verdict(a, "cem:three"), YES);
	/* known from then on */
	ck_assert_int_eq(auth_ask(a, header("ann:one"), 0, &dummy), AUTH_YES);
	ck_assert_int_eq(auth_ask(a, header("bob:two"), 0, &dummy), AUTH_YES);
	/* another's password, none, one that has this one at its beginning, nobody */
	ck_assert_int_eq(verdict(a, "ann:two"), NO);
	ck_assert_int_eq(verdict(a, "ann:"), NO);
	ck_assert_int_eq(verdict(a, "ann:onee"), NO);
	ck_assert_int_eq(verdict(a, "anno:ne"), NO);
	/* even with a password whose hash is the one computed in their place */
	ck_assert_int_eq(verdict(a, "dan:one"), NO);
	ck_assert_int_eq(verdict(a, ":one"), NO);
	/* what is wrong is never known, and takes nothing from what is right */
	ck_assert_int_eq(verdict(a, "ann:two"), NO);
	ck_assert_int_eq(auth_ask(a, header("ann:one"), 0, &dummy), AUTH_YES);
	auth_free(a);
	/* a new one knows nothing */
	a = auth_new(users, 1);
	ck_assert_int_eq(verdict(a, "ann:one"), YES);
	ck_assert_int_eq(verdict(a, "bob:two"), NO);
	auth_free(a);
	for (int i = 0; i < 3; i++)
		free(users[i].hash);
}
END_TEST

/* The same pair is computed once for all that wait; of others there is a limit, and one for each source. */
START_TEST(queue)
{
	struct web_user ann = {(char *)"ann", hash_of("one", "$2y$")};
	enum told same[100] = {0}, other[AUTH_QUEUE] = {0};
	struct auth *a = auth_new(&ann, 1);
	char pair[32];
	int dummy;

	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(auth_ask(a, header("ann:one"), 0, &same[i]), AUTH_WAIT);
	for (int i = 0; i < AUTH_QUEUE - 1; i++) {
		snprintf(pair, sizeof(pair), "ann:wrong %d", i);
		ck_assert_int_eq(auth_ask(a, header(pair), (uint64_t)(1 + i / AUTH_SOURCE), &other[i]),
				 AUTH_WAIT);
		if (i % AUTH_SOURCE == AUTH_SOURCE - 1)
			ck_assert_int_eq(auth_ask(a, header("ann:one too many"),
						  (uint64_t)(1 + i / AUTH_SOURCE), &dummy),
					 AUTH_BUSY);
	}
	ck_assert_int_eq(auth_ask(a, header("ann:one too many"), 1000, &dummy), AUTH_BUSY);
	/* whom one waits for already, one can wait for still */
	ck_assert_int_eq(auth_ask(a, header("ann:wrong 3"), 1, &other[AUTH_QUEUE - 1]), AUTH_WAIT);
	for (int i = 0; i < 100; i++)
		until_told(a, &same[i]);
	for (int i = 0; i < AUTH_QUEUE; i++)
		until_told(a, &other[i]);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(same[i], YES);
	for (int i = 0; i < AUTH_QUEUE; i++)
		ck_assert_int_eq(other[i], NO);
	ck_assert_int_eq(verdict(a, "ann:one too many"), NO);
	auth_free(a);
	free(ann.hash);
}
END_TEST

/* Who waits no more is told nothing; the others are, and what was right is known. */
START_TEST(forget)
{
	struct web_user ann = {(char *)"ann", hash_of("one", "$2y$")};
	enum told t[4] = {0}, last = NOTHING;
	struct auth *a = auth_new(&ann, 1);
	int dummy;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(auth_ask(a, header("ann:one"), 0, &t[i]), AUTH_WAIT);
	auth_forget(a, &t[0]);
	auth_forget(a, &t[3]);
	auth_forget(a, &dummy);
	until_told(a, &t[1]);
	ck_assert_int_eq(t[0], NOTHING);
	ck_assert_int_eq(t[1], YES);
	ck_assert_int_eq(t[2], YES);
	ck_assert_int_eq(t[3], NOTHING);
	auth_free(a);
	a = auth_new(&ann, 1);
	/* all of them */
	ck_assert_int_eq(auth_ask(a, header("ann:one"), 0, &t[0]), AUTH_WAIT);
	ck_assert_int_eq(auth_ask(a, header("ann:two"), 0, &last), AUTH_WAIT);
	auth_forget(a, &t[0]);
	until_told(a, &last);
	ck_assert_int_eq(t[0], NOTHING);
	ck_assert_int_eq(auth_ask(a, header("ann:one"), 0, &dummy), AUTH_YES);
	auth_free(a);
	free(ann.hash);
}
END_TEST

/* A hash that takes hours holds up nobody who ends. */
START_TEST(end_while_busy)
{
	char hash[] = "$2y$31$" TAIL;
	struct web_user slow = {(char *)"ann", hash};
	struct auth *a = auth_new(&slow, 1);
	int dummy;

	ck_assert_int_eq(auth_ask(a, header("ann:one"), 0, &dummy), AUTH_WAIT);
	ck_assert_int_eq(auth_ask(a, header("ann:two"), 0, &dummy), AUTH_WAIT);
	auth_free(a);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("auth");

	UNIT_ADD(u, credentials);
	UNIT_ADD(u, no_credentials);
	UNIT_ADD(u, hashes);
	UNIT_ADD(u, verdicts);
	UNIT_ADD(u, queue);
	UNIT_ADD(u, forget);
	UNIT_ADD(u, end_while_busy);
	return unit_run(u);
}

#else

int main(void)
{
	puts("1..0 # skip built without HTTP");
	return 0;
}

#endif
