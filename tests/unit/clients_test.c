// SPDX-License-Identifier: GPL-2.0-only
/* Who has to go: because of pages that are held, because there are too many, because the other side has
 * closed. */
#include "unit.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/clients.h"

#if WITH_HTTP

#define N 4

static struct clients all;
static struct client *c[N];
static int far[N]; /* the clients' ends */

static void begin(void)
{
	clients_begin(&all);
	for (int i = 0; i < N; i++) {
		int both[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, both), 0);
		far[i] = both[0];
		c[i] = clients_add(&all, NULL, both[1]);
	}
}

static void end(void)
{
	for (int i = 0; i < N; i++) {
		close(c[i]->fd);
		close(far[i]);
		clients_remove(&all, c[i]);
	}
	ck_assert_uint_eq(all.n, 0);
	ck_assert_uint_eq(all.held, 0);
}

/* Which ends were closed, a bit each. */
static unsigned int closed(void)
{
	unsigned int ret = 0;

	for (int i = 0; i < N; i++) {
		struct pollfd p = {.fd = far[i], .events = POLLRDHUP};

		if (poll(&p, 1, 0) == 1)
			ret |= 1U << i;
		ck_assert_int_eq(c[i]->cut, ret >> i & 1);
	}
	return ret;
}

static struct http_page *page(size_t size)
{
	struct buf b = {0};

	while (b.len < size)
		buf_puts(&b, "x");
	return http_page_new(b, false);
}

static void send_to(int i, struct http_page *p)
{
	clients_send(&all, c[i], p, 250);
}

START_TEST(pages)
{
	struct http_page *p[] = {page(100), page(100), page(100), page(300)};

	begin();
	/* one page is held once, however many are sent it */
	for (int i = 0; i < N; i++)
		send_to(i, p[0]);
	ck_assert_uint_eq(all.held, 100);
	ck_assert_uint_eq(p[0]->refs, 1 + N);
	for (int i = 0; i < N; i++)
		clients_wait(&all, c[i], FOR_REQUEST);
	ck_assert_uint_eq(all.held, 0);
	ck_assert_uint_eq(p[0]->refs, 1);
	/* the others go, who began first first, until it is enough; not who waits for something else */
	send_to(2, p[0]);
	send_to(1, p[1]);
	ck_assert_uint_eq(all.held, 200);
	ck_assert_uint_eq(closed(), 0);
	send_to(0, p[2]);
	ck_assert_uint_eq(all.held, 200);
	ck_assert_uint_eq(closed(), 1U << 2);
	ck_assert_uint_eq(p[0]->refs, 1);
	ck_assert(client_deadline(c[2]) == UINT64_MAX && client_deadline(c[1]) != UINT64_MAX);
	/* one that is too large by itself costs all others, not who is sent it */
	send_to(3, p[3]);
	ck_assert_uint_eq(all.held, 300);
	ck_assert_uint_eq(closed(), 7);
	send_to(3, p[0]);
	ck_assert_uint_eq(all.held, 100);
	end();
	for (int i = 0; i < N; i++) {
		ck_assert_uint_eq(p[i]->refs, 1);
		http_page_drop(p[i]);
	}
}
END_TEST

START_TEST(too_many)
{
	begin();
	clients_wait(&all, c[0], FOR_REQUEST);
	clients_wait(&all, c[1], FOR_AUTH);
	/* the server keeps that one waiting, not it the server */
	clients_wait(&all, c[2], FOR_AUTH);
	clients_cut_longest(&all);
	ck_assert_uint_eq(closed(), 1U << 3);
	clients_cut_longest(&all);
	ck_assert_uint_eq(closed(), 1U << 3 | 1U << 0);
	clients_cut_longest(&all);
	ck_assert_uint_eq(closed(), 1U << 3 | 1U << 0);
	end();
}
END_TEST

START_TEST(other_side)
{
	begin();
	clients_end_closed(&all);
	ck_assert_uint_eq(closed(), 0);
	/* bytes are left to be read; it is answered; it waits for that; nothing of it */
	ck_assert_int_eq(write(far[0], "x", 1), 1);
	clients_wait(&all, c[1], FOR_READER);
	clients_wait(&all, c[2], FOR_AUTH);
	for (int i = 0; i < N; i++)
		shutdown(far[i], SHUT_WR);
	clients_end_closed(&all);
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(c[i]->cut, i == 3);
	end();
}
END_TEST

/* The number of a client at 127.0.0.x that has connected to a socket of this family. */
static uint64_t source(int family, unsigned int x)
{
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000000 + x)};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	int l = socket(family, SOCK_STREAM, 0), s = socket(AF_INET, SOCK_STREAM, 0);
	bool v4 = family == AF_INET;
	struct client one = {0};
	socklen_t len = sizeof(any);
	uint64_t ret;

	ck_assert_int_eq(
		bind(l, v4 ? (struct sockaddr *)&to : (struct sockaddr *)&any, v4 ? sizeof(to) : sizeof(any)),
		0);
	ck_assert_int_eq(listen(l, 1), 0);
	/* the port is at the same place in both */
	ck_assert_int_eq(getsockname(l, (struct sockaddr *)&any, &len), 0);
	to.sin_port = any.sin6_port;
	ck_assert_int_eq(bind(s, (struct sockaddr *)&from, sizeof(from)), 0);
	ck_assert_int_eq(connect(s, (struct sockaddr *)&to, sizeof(to)), 0);
	one.fd = accept(l, NULL, NULL);
	ck_assert_int_ge(one.fd, 0);
	ret = client_source(&one);
	close(one.fd);
	close(s);
	close(l);
	return ret;
}

START_TEST(sources)
{
	int six = socket(AF_INET6, SOCK_STREAM, 0);

	ck_assert(source(AF_INET, 1) && source(AF_INET, 1) == source(AF_INET, 1));
	ck_assert(source(AF_INET, 1) != source(AF_INET, 2));
	if (six >= 0) {
		close(six);
		ck_assert(source(AF_INET6, 2) == source(AF_INET, 2));
	}
	begin();
	ck_assert(client_source(c[0]) == client_source(c[1]));
	end();
}
END_TEST

int main(void)
{
	struct unit u = unit_new("clients");

	UNIT_ADD(u, pages);
	UNIT_ADD(u, too_many);
	UNIT_ADD(u, other_side);
	UNIT_ADD(u, sources);
	return unit_run(u);
}

#else

int main(void)
{
	puts("1..0 # skip built without HTTP");
	return 0;
}

#endif
