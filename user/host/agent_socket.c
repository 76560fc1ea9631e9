// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/clock.h"
#include "../lib/mem.h"
#include "agent_link.h"
#include "argv_agent.h"
#include "proc.h"

/* Before an agent's answer to guest-sync-delimited; no byte of UTF-8 (qga/qapi-schema.json). */
#define DELIMITER 0xff

/* Answers to others before us, of which one can be as long as any; more of them is nonsense. */
#define STALE_MAX (4 * AGENT_ANSWER_MAX)

/* State of a socket in /proc/net/unix that is connected: SS_CONNECTED of uapi/linux/net.h */
#define CONNECTED "03"

/* So long an agent is waited for at the end. */
#define CLOSE_MS 500

struct unix_link {
	struct agent_link link;
	int fd;
	bool lost;     /* an answer is still to come, so the next one would be another question's */
	struct buf in; /* read, not taken yet */
};

static int said_errno(int err, const char *what, char why[AGENT_WHY_SIZE])
{
	snprintf(why, AGENT_WHY_SIZE, "the guest agent's socket: %s: %s", what, strerror(err));
	return -err;
}

static int late(char why[AGENT_WHY_SIZE])
{
	snprintf(why, AGENT_WHY_SIZE, "the guest's agent does not answer (none may be running in the guest)");
	return -ETIMEDOUT;
}

/* Until the socket is ready; 0, or -errno. */
static int wait_for(int fd, short what, uint64_t until, char why[AGENT_WHY_SIZE])
{
	struct pollfd p = {.fd = fd, .events = what};
	int ms, n;

	do {
		ms = clock_poll_ms(until, clock_now(CLOCK_MONOTONIC));
		n = ms ? poll(&p, 1, ms) : 0;
	} while ((n < 0 && errno == EINTR) || (!n && ms));
	if (n < 0)
		return said_errno(errno, "poll", why);
	return n ? 0 : late(why);
}

static int send_all(struct unix_link *u, const char *text, size_t len, uint64_t until,
		    char why[AGENT_WHY_SIZE])
{
	while (len) {
		ssize_t n = send(u->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0) {
			text += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			int err = wait_for(u->fd, POLLOUT, until, why);

			if (err)
				return err;
		} else if (errno != EINTR) {
			said_errno(errno, "write", why);
			return -ENOTCONN;
		}
	}
	return 0;
}

/* More of what the agent says; 0, or -errno. */
static int receive(struct unix_link *u, uint64_t until, char why[AGENT_WHY_SIZE])
{
	char part[64 << 10];
	ssize_t n;
	int err;

	do {
		err = wait_for(u->fd, POLLIN, until, why);
		if (err)
			return err;
		n = recv(u->fd, part, sizeof(part), MSG_DONTWAIT);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n <= 0) {
		snprintf(why, AGENT_WHY_SIZE, "the guest agent's socket was closed");
		return -ENOTCONN;
	}
	buf_add(&u->in, part, (size_t)n);
	return 0;
}

/* Takes the first n bytes away. */
static void consume(struct unix_link *u, size_t n)
{
	memmove(u->in.data, u->in.data + n, u->in.len - n);
	u->in.len -= n;
}

/* One line. */
static int take_line(struct unix_link *u, uint64_t until, struct buf *ret, char why[AGENT_WHY_SIZE])
{
	size_t looked = 0;

	for (;;) {
		const char *end =
			u->in.len > looked ? memchr(u->in.data + looked, '\n', u->in.len - looked) : NULL;
		int err;

		if (end) {
			size_t n = (size_t)(end - u->in.data);

			buf_add(ret, u->in.data, n);
			consume(u, n + 1);
			return 0;
		}
		looked = u->in.len;
		if (looked > AGENT_ANSWER_MAX) {
			snprintf(why, AGENT_WHY_SIZE, "the guest's agent answers too much");
			return -EPROTO;
		}
		err = receive(u, until, why);
		if (err)
			return err;
	}
}

static int ask(struct agent_link *l, const char *command, int timeout_ms, struct buf *answer,
	       char why[AGENT_WHY_SIZE])
{
	struct unix_link *u = (struct unix_link *)l;
	uint64_t until = clock_now(CLOCK_MONOTONIC) + (uint64_t)timeout_ms * 1000000;
	struct buf line = {0};
	int err;

	if (u->lost) {
		snprintf(why, AGENT_WHY_SIZE, "the guest's agent did not answer before");
		return -ENOTCONN;
	}
	/* what was said without having been asked is no answer */
	u->in.len = 0;
	buf_printf(&line, "%s\n", command);
	err = send_all(u, line.data, line.len, until, why);
	buf_free(&line);
	while (!err && !answer->len)
		err = take_line(u, until, answer, why);
	u->lost = err != 0;
	return err;
}

/* Everything up to the delimiter is of others who were here before. */
static int skip_stale(struct unix_link *u, uint64_t until, char why[AGENT_WHY_SIZE])
{
	size_t skipped = 0;

	for (;;) {
		const char *d = u->in.len ? memchr(u->in.data, DELIMITER, u->in.len) : NULL;
		int err;

		if (d) {
			consume(u, (size_t)(d - u->in.data) + 1);
			return 0;
		}
		skipped += u->in.len;
		u->in.len = 0;
		if (skipped > STALE_MAX) {
			snprintf(why, AGENT_WHY_SIZE, "what is behind the guest agent's socket is no agent");
			return -EPROTO;
		}
		err = receive(u, until, why);
		if (err)
			return err;
	}
}

/* Until the agent says what only the answer to our question can be. */
static int synchronise(struct unix_link *u, int timeout_ms, char why[AGENT_WHY_SIZE])
{
	uint64_t until = clock_now(CLOCK_MONOTONIC) + (uint64_t)timeout_ms * 1000000;
	struct buf text = {0};
	bool same = false;
	uint32_t id;
	int err, tries;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return said_errno(errno, "random number", why);
	/* a delimiter first: an agent drops the half command that somebody left before it */
	buf_printf(&text, "%c{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":%" PRIu32 "}}\n",
		   DELIMITER, id);
	err = send_all(u, text.data, text.len, until, why);
	for (tries = 0; !err && !same && tries < 64; tries++) {
		json_t *o;

		err = skip_stale(u, until, why);
		text.len = 0;
		if (!err)
			err = take_line(u, until, &text, why);
		if (err)
			break;
		o = json_loadb(text.data ? text.data : "", text.len, 0, NULL);
		same = json_is_integer(json_object_get(o, "return")) &&
		       json_integer_value(json_object_get(o, "return")) == (json_int_t)id;
		json_decref(o);
	}
	buf_free(&text);
	if (!err && !same) {
		snprintf(why, AGENT_WHY_SIZE, "the guest's agent answers other questions than ours");
		err = -EPROTO;
	}
	return err;
}

/* Until the other side has closed it, too: as long as it has not, it takes nobody else, nor us again. */
static void end(struct agent_link *l)
{
	struct unix_link *u = (struct unix_link *)l;
	uint64_t until = clock_now(CLOCK_MONOTONIC) + CLOSE_MS * 1000000ULL;
	char ignored[AGENT_WHY_SIZE];

	if (!shutdown(u->fd, SHUT_WR))
		while (!receive(u, until, ignored))
			u->in.len = 0;
	close(u->fd);
	buf_free(&u->in);
	free(u);
}

/* Does a line of /proc/PID/net/unix have a connected socket of that path? */
static bool is_connected(const char *line, const char *path)
{
	/* Num RefCount Protocol Flags Type St Inode Path */
	const char *p = line, *st = NULL;
	int field;

	for (field = 0; field < 7; field++) {
		p += strspn(p, " ");
		if (field == 5)
			st = p;
		p += strcspn(p, " ");
	}
	return st && !strncmp(st, CONNECTED " ", 3) && *p == ' ' && !strcmp(p + 1, path);
}

/* Is somebody else connected?  QEMU takes one at a time; another one would wait, and hold up the next. */
static bool is_taken(const char *path, uint32_t pid)
{
	char name[64], *line = NULL;
	bool taken = false;
	size_t room = 0;
	ssize_t n;
	FILE *f;

	if (pid)
		snprintf(name, sizeof(name), "/proc/%" PRIu32 "/net/unix", pid);
	f = fopen(pid ? name : "/proc/net/unix", "re");
	if (!f)
		return false;
	while (!taken && (n = getline(&line, &room, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		taken = is_connected(line, path);
	}
	free(line);
	fclose(f);
	return taken;
}

/* The socket's file, as the process sees it. */
static int open_path(const char *path, uint32_t pid)
{
	struct buf full = {0};
	int fd;

	if (pid)
		buf_printf(&full, "/proc/%" PRIu32 "/%s", pid, path[0] == '/' ? "root" : "cwd/");
	buf_puts(&full, path);
	fd = open(full.data, O_PATH | O_CLOEXEC);
	buf_free(&full);
	/* without CAP_SYS_PTRACE: the one who listens there is looked at, too */
	if (fd < 0 && errno == EACCES && path[0] == '/')
		fd = open(path, O_PATH | O_CLOEXEC);
	return fd;
}

/*
 * Arguments can name any socket, and who listens there is known only after it was connected to, which alone
 * can start a service: not on behalf of somebody who may not do it himself.
 */
static bool is_its_own(int file, uint32_t pid)
{
	int dir = proc_open("/proc", pid);
	struct stat st;
	uid_t uid;
	bool own = dir >= 0 && proc_uid(dir, &uid) && !fstat(file, &st) && S_ISSOCK(st.st_mode) &&
		   (uid == 0 || st.st_uid == uid || st.st_mode & S_IWOTH);

	if (dir >= 0)
		close(dir);
	return own;
}

/* 0, or -errno. */
static int connect_to(int fd, const char *path, uint32_t pid, char why[AGENT_WHY_SIZE])
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int file = open_path(path, pid), err;

	if (file < 0)
		return said_errno(errno, path, why);
	if (pid && !is_its_own(file, pid)) {
		close(file);
		snprintf(why, AGENT_WHY_SIZE, "%.120s is no socket of the user of process %" PRIu32, path,
			 pid);
		return -EPERM;
	}
	/* this way the path may be longer than an address */
	snprintf(to.sun_path, sizeof(to.sun_path), "/proc/self/fd/%d", file);
	err = connect(fd, (const struct sockaddr *)&to, sizeof(to)) ? errno : 0;
	close(file);
	if (err == EAGAIN) {
		snprintf(why, AGENT_WHY_SIZE, "somebody else uses the guest agent's socket %.120s", path);
		return -EBUSY;
	}
	if (err)
		return said_errno(err, path, why);
	/* commands go to QEMU's own only */
	if (pid && (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.pid != (pid_t)pid)) {
		snprintf(why, AGENT_WHY_SIZE, "%.120s is not a socket of process %" PRIu32, path, pid);
		return -EPERM;
	}
	return 0;
}

char *agent_socket_of(uint32_t pid, uint64_t start_ns)
{
	int dir = proc_open("/proc", pid);
	char *cmdline, *path = NULL;
	size_t len;

	if (dir < 0)
		return NULL;
	cmdline = proc_is(dir, start_ns, NULL) ? proc_cmdline(dir, &len) : NULL;
	if (cmdline)
		path = argv_agent_socket(cmdline, len);
	free(cmdline);
	close(dir);
	return path;
}

struct agent *agent_socket(const char *path, uint32_t pid, int timeout_ms, char why[AGENT_WHY_SIZE])
{
	struct unix_link *u;
	int fd;

	if (is_taken(path, pid)) {
		snprintf(why, AGENT_WHY_SIZE, "somebody else uses the guest agent's socket %.120s", path);
		return NULL;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		said_errno(errno, "socket", why);
		return NULL;
	}
	u = mem_zalloc(1, sizeof(*u));
	*u = (struct unix_link){.link = {.ask = ask, .close = end}, .fd = fd};
	if (connect_to(fd, path, pid, why) || synchronise(u, timeout_ms, why)) {
		end(&u->link);
		return NULL;
	}
	return agent_new(&u->link, timeout_ms);
}
