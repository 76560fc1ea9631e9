/* SPDX-License-Identifier: GPL-2.0-only */
/* What systemd hands to a service and wants to hear of it; without systemd all of it is nothing. */
#ifndef VMPERF_CMD_NOTIFY_H
#define VMPERF_CMD_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "listen.h"

/* Takes over the sockets that systemd has opened.  False: one cannot be used; what and why was said. */
bool notify_sockets(struct listeners *l);

/* Whether somebody listens to what is told here. */
bool notify_is_on(void);

/* The service does what it is for; stopping: it is about to end. */
void notify_ready(void);
void notify_stopping(void);

/* Its configuration is being read again; notify_ready() tells when that is done. */
void notify_reloading(void);

/* One line for people. */
void notify_status(const char *text);

/* It is to be said each so many nanoseconds that it lives; 0: need not be. */
uint64_t notify_watchdog_ns(void);
void notify_alive(void);

#endif
