// SPDX-License-Identifier: GPL-2.0-only
#include "clients.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../lib/clock.h"
#include "../lib/mem.h"
#include "server.h"

#define SEC 1000000000ULL

void clients_begin(struct clients *all)
{
	*all = (struct clients){0};
	all->head.prev = all->head.next = &all->head;
}

struct client *clients_add(struct clients *all, struct MHD_Connection *conn, int fd)
{
	struct client *c = mem_zalloc(1, sizeof(*c));

	c->conn = conn;
	c->fd = fd;
	c->prev = all->head.prev;
	c->next = &all->head;
	c->prev->next = c->next->prev = c;
	all->n++;
	clients_wait(all, c, FOR_REQUEST);
	return c;
}

static void let_go(struct clients *all, struct client *c)
{
	if (!c->page)
		return;
	if (!--c->page->readers)
		all->held -= c->page->body.len;
	http_page_drop(c->page);
	c->page = NULL;
}

void clients_remove(struct clients *all, struct client *c)
{
	let_go(all, c);
	c->prev->next = c->next;
	c->next->prev = c->prev;
	all->n--;
	free(c);
}

void clients_wait(struct clients *all, struct client *c, enum waits what)
{
	if (what != FOR_READER)
		let_go(all, c);
	c->waits = what;
	c->since = clock_now(CLOCK_MONOTONIC);
}

static bool longer(const struct client *c, const struct client *than)
{
	return !than || c->since < than->since;
}

void clients_send(struct clients *all, struct client *c, struct http_page *page, size_t most)
{
	let_go(all, c);
	c->page = http_page_take(page);
	if (!page->readers++)
		all->held += page->body.len;
	clients_wait(all, c, FOR_READER);
	while (all->held > most) {
		struct client *longest = NULL;

		for (struct client *o = all->head.next; o != &all->head; o = o->next)
			if (o->page && o->page != page && longer(o, longest))
				longest = o;
		if (!longest)
			return;
		clients_cut(all, longest);
	}
}

void clients_cut(struct clients *all, struct client *c)
{
	struct linger none = {.l_onoff = 1};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	shutdown(c->fd, SHUT_RDWR);
	let_go(all, c);
	c->cut = true;
}

void clients_cut_longest(struct clients *all)
{
	struct client *longest = NULL;

	for (struct client *c = all->head.next; c != &all->head; c = c->next)
		if (!c->cut && c->waits != FOR_AUTH && longer(c, longest))
			longest = c;
	if (longest)
		clients_cut(all, longest);
}

void clients_end_closed(struct clients *all)
{
	for (struct client *c = all->head.next; c != &all->head; c = c->next) {
		char some;

		if (c->cut || c->waits != FOR_REQUEST || recv(c->fd, &some, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
			continue;
		/* what it was answered before may still be on its way */
		shutdown(c->fd, SHUT_RDWR);
		c->cut = true;
	}
}

uint64_t client_source(const struct client *c)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_storage room;
	} sa = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t len = sizeof(sa.room);
	uint64_t ret = 0;

	if (getpeername(c->fd, &sa.any, &len))
		return 0;
	if (sa.any.sa_family == AF_INET)
		return sa.in.sin_addr.s_addr;
	if (sa.any.sa_family != AF_INET6)
		return 0;
	/* of all addresses of IPv4 the first half is the same (RFC 4291, 2.5.5.2) */
	if (IN6_IS_ADDR_V4MAPPED(&sa.in6.sin6_addr))
		memcpy(&ret, sa.in6.sin6_addr.s6_addr + 12, 4);
	else
		memcpy(&ret, sa.in6.sin6_addr.s6_addr, sizeof(ret));
	return ret;
}

uint64_t client_deadline(const struct client *c)
{
	if (c->cut)
		return UINT64_MAX;
	return c->since + (c->waits == FOR_READER ? SERVER_ANSWER_SECONDS : SERVER_REQUEST_SECONDS) * SEC;
}
