// SPDX-License-Identifier: GPL-2.0-only
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../lib/clock.h"
#include "../lib/log.h"

#if WITH_SYSTEMD

#include <systemd/sd-daemon.h>

bool notify_sockets(struct listeners *l)
{
	int n = sd_listen_fds(1);

	if (n < 0) {
		log_err("cannot take systemd's sockets: %s", strerror(-n));
		return false;
	}
	for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + n; fd++) {
		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
			log_err("cannot serve on systemd's descriptor %d: it is no stream socket that "
				"listens "
				"(ListenStream=, Accept=no)",
				fd);
			return false;
		}
		if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)) {
			log_err("cannot serve on systemd's descriptor %d: %s", fd, strerror(errno));
			return false;
		}
		listen_take(l, fd);
	}
	return true;
}

bool notify_is_on(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

static void tell(const char *state)
{
	int err = sd_notify(0, state);

	if (err < 0)
		log_info("cannot tell systemd: %s", strerror(-err));
}

void notify_ready(void)
{
	tell("READY=1");
}

void notify_stopping(void)
{
	tell("STOPPING=1");
}

void notify_reloading(void)
{
	struct buf b = {0};

	buf_printf(&b, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)(clock_now(CLOCK_MONOTONIC) / 1000));
	tell(b.data);
	buf_free(&b);
}

void notify_status(const char *text)
{
	struct buf b = {0};

	buf_printf(&b, "STATUS=%s", text);
	tell(b.data);
	buf_free(&b);
}

uint64_t notify_watchdog_ns(void)
{
	uint64_t usec;

	return sd_watchdog_enabled(0, &usec) > 0 ? usec * 1000 / 2 : 0;
}

void notify_alive(void)
{
	tell("WATCHDOG=1");
}

#else

bool notify_sockets(struct listeners *l)
{
	(void)l;
	if (!getenv("LISTEN_FDS"))
		return true;
	log_err("systemd's sockets cannot be taken: vmperf was built without libsystemd (--listen opens its "
		"own)");
	return false;
}

bool notify_is_on(void)
{
	return false;
}

void notify_ready(void)
{
	/* as a service of Type=notify it would be ended after a while, for no reason that it tells */
	if (getenv("NOTIFY_SOCKET"))
		log_warn("systemd is told nothing: vmperf was built without libsystemd (Type=exec does "
			 "without)");
}

void notify_stopping(void)
{
}

void notify_reloading(void)
{
}

void notify_status(const char *text)
{
	(void)text;
}

uint64_t notify_watchdog_ns(void)
{
	return 0;
}

void notify_alive(void)
{
}

#endif
