// SPDX-License-Identifier: GPL-2.0-only
/* Addresses to listen on: what they mean, what is refused, and real sockets of them. */
#include "cmd/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit.h"

static char error[LISTEN_ERROR];
static char dir[] = "/tmp/listen-test-XXXXXX";

static void make_dir(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	ck_assert_int_eq(rmdir(dir), 0);
	strcpy(strrchr(dir, '-'), "-XXXXXX");
}

START_TEST(addresses)
{
	static const struct {
		const char *text, *host, *port;
		bool local;
	} good[] = {
		{"127.0.0.1:10177", "127.0.0.1", "10177", false},
		{"localhost:0", "localhost", "0", false},
		{":9090", "", "9090", false},
		{"[::1]:65535", "::1", "65535", false},
		{"[fe80::1%lo]:1", "fe80::1%lo", "1", false},
		{"*:5", "*", "5", false},
		{"unix:/run/vmperf.sock", "/run/vmperf.sock", "", true},
		{"unix:/a b:c", "/a b:c", "", true},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct listen_address a;

		ck_assert_msg(listen_parse(good[i].text, &a, error), "%s: %s", good[i].text, error);
		ck_assert_str_eq(a.host, good[i].host);
		ck_assert_str_eq(a.port, good[i].port);
		ck_assert(a.local == good[i].local);
	}
}
END_TEST

START_TEST(no_addresses)
{
	static const char *const wrong[] = {"",
					    "localhost",
					    "127.0.0.1",
					    "127.0.0.1:",
					    "127.0.0.1:x",
					    "127.0.0.1:-1",
					    "127.0.0.1:65536",
					    "127.0.0.1:100000",
					    "::1:80",
					    "[::1]",
					    "[::1:80",
					    "[]:80",
					    "::1]:80",
					    "unix:",
					    "unix:relative",
					    "tcp://localhost:80",
					    "localhost:80/",
					    "localhost:http",
					    "localhost:80 ",
					    "localhost: 80"};
	char text[1200];
	struct listen_address a;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ck_assert_msg(!listen_parse(wrong[i], &a, error), "'%s'", wrong[i]);
		ck_assert(*error && !strchr(error, '\n'));
	}
	/* as long as there is room, and one more */
	snprintf(text, sizeof(text), "unix:/%0*d", 106, 0);
	ck_assert(listen_parse(text, &a, error));
	snprintf(text, sizeof(text), "unix:/%0*d", 107, 0);
	ck_assert(!listen_parse(text, &a, error));
	snprintf(text, sizeof(text), "%0*d:80", 255, 0);
	ck_assert(listen_parse(text, &a, error));
	snprintf(text, sizeof(text), "%0*d:80", 256, 0);
	ck_assert(!listen_parse(text, &a, error));
	snprintf(text, sizeof(text), "%0*d:80", 1100, 0);
	ck_assert(!listen_parse(text, &a, error));
}
END_TEST

static void add(struct listeners *l, const char *text)
{
	struct listen_address a;

	ck_assert(listen_parse(text, &a, error));
	ck_assert_msg(listen_add(l, &a, error), "%s", error);
}

static void refused(struct listeners *l, const char *text, const char *why)
{
	struct listen_address a;
	size_t before = l->n;

	ck_assert(listen_parse(text, &a, error));
	ck_assert_msg(!listen_add(l, &a, error), "%s", text);
	ck_assert_msg(strstr(error, why) != NULL, "%s", error);
	ck_assert_ptr_null(strchr(error, '\n'));
	ck_assert_uint_eq(l->n, before);
}

/* One that somebody listens on, or has. */
static int connected(const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	ck_assert_int_ge(fd, 0);
	err = connect(fd, sa, len) ? errno : 0;
	close(fd);
	return err;
}

START_TEST(ports)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct listeners l = {0}, other = {0};
	struct buf where = {0};
	unsigned int port;

	add(&l, "127.0.0.1:0");
	ck_assert_uint_eq(l.n, 1);
	ck_assert(fcntl(l.fds[0], F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(l.fds[0], F_GETFD) & FD_CLOEXEC);
	listen_where(&where, l.fds[0]);
	ck_assert_int_eq(sscanf(where.data, "127.0.0.1:%u", &port), 1);
	in.sin_port = htons((in_port_t)port);
	ck_assert_int_eq(connected((struct sockaddr *)&in, sizeof(in)), 0);
	refused(&other, where.data, "Address already in use (another vmperf export?");
	refused(&other, "192.0.2.1:0", "no interface of this host has that address");
	refused(&other, "name.invalid:0", "name.invalid");
	listen_close(&l);
	ck_assert_int_eq(connected((struct sockaddr *)&in, sizeof(in)), ECONNREFUSED);
	/* at once again, though there was a connection */
	add(&other, where.data);
	listen_close(&other);
	buf_free(&where);
}
END_TEST

/* All addresses are those of IPv4, too. */
START_TEST(all_addresses)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct listeners l = {0};
	struct buf where = {0};

	add(&l, ":0");
	ck_assert_uint_eq(l.n, 1);
	listen_where(&where, l.fds[0]);
	in.sin_port = htons((in_port_t)atoi(strrchr(where.data, ':') + 1));
	ck_assert_int_eq(connected((struct sockaddr *)&in, sizeof(in)), 0);
	buf_free(&where);
	listen_close(&l);
}
END_TEST

START_TEST(files)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct listeners l = {0}, other = {0};
	struct buf where = {0};
	char text[sizeof(dir) + 16];
	mode_t mask = umask(0);
	struct stat st;

	snprintf(text, sizeof(text), "unix:%s/s", dir);
	strcpy(sa.sun_path, text + 5);
	add(&l, text);
	ck_assert_int_eq(stat(sa.sun_path, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFSOCK | 0660);
	/* what the process makes later is as it was */
	ck_assert_uint_eq(umask(mask), 0);
	listen_where(&where, l.fds[0]);
	ck_assert_str_eq(where.data, text);
	ck_assert_int_eq(connected((struct sockaddr *)&sa, sizeof(sa)), 0);
	refused(&other, text, "Address already in use");
	ck_assert_int_eq(connected((struct sockaddr *)&sa, sizeof(sa)), 0);
	listen_close(&l);
	ck_assert_int_eq(stat(sa.sun_path, &st), -1);
	buf_free(&where);
	/* what was not made by us */
	refused(&other, "unix:/nonexistent/s", "its directory is missing");
	refused(&other, "unix:/", "what is there is no socket");
}
END_TEST

/* What was left by one that was killed is replaced; nothing else is. */
START_TEST(stale_files)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct listeners l = {0}, other = {0};
	char text[sizeof(dir) + 16];
	struct stat st;
	int fd;

	snprintf(text, sizeof(text), "unix:%s/s", dir);
	strcpy(sa.sun_path, text + 5);
	add(&l, text);
	/* as the kernel does it */
	close(l.fds[0]);
	ck_assert_int_eq(connected((struct sockaddr *)&sa, sizeof(sa)), ECONNREFUSED);
	add(&other, text);
	ck_assert_int_eq(connected((struct sockaddr *)&sa, sizeof(sa)), 0);
	/* the one before does not remove what is no longer its own */
	l.n = 0;
	listen_close(&l);
	ck_assert_int_eq(connected((struct sockaddr *)&sa, sizeof(sa)), 0);
	listen_close(&other);
	ck_assert_int_eq(stat(sa.sun_path, &st), -1);

	fd = open(sa.sun_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	refused(&l, text, "Address already in use");
	ck_assert_int_eq(stat(sa.sun_path, &st), 0);
	ck_assert(S_ISREG(st.st_mode));
	ck_assert_int_eq(unlink(sa.sun_path), 0);
	refused(&l, "unix:/nonexistent/s", "No such file or directory");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("listen");

	tcase_add_checked_fixture(u.tcase, make_dir, remove_dir);
	UNIT_ADD(u, addresses);
	UNIT_ADD(u, no_addresses);
	UNIT_ADD(u, ports);
	UNIT_ADD(u, all_addresses);
	UNIT_ADD(u, files);
	UNIT_ADD(u, stale_files);
	return unit_run(u);
}
