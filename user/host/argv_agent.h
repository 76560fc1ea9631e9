/* SPDX-License-Identifier: GPL-2.0-only */
/* Where QEMU was told to have the guest agent's channel: a pure function over its arguments. */
#ifndef VMPERF_HOST_ARGV_AGENT_H
#define VMPERF_HOST_ARGV_AGENT_H

#include <stddef.h>

/*
 * cmdline: len bytes, arguments ended by NUL.  The path of the Unix socket that
 * QEMU listens at (-chardev socket,id=ID,path=PATH,server=on) for the port
 * org.qemu.guest_agent.0 (-device virtserialport,chardev=ID,name=…, also as
 * JSON); NULL: there is none.  free() it.
 */
char *argv_agent_socket(const char *cmdline, size_t len);

#endif
