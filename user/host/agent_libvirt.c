// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "agent_link.h"

#if WITH_LIBVIRT

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <libvirt/libvirt-qemu.h>

#include "../lib/mem.h"
#include "libvirt_api.h"
#include "state.h"

/* Seconds: the daemon is asked whether it lives, and given up after so many unanswered ones. */
#define KEEPALIVE_INTERVAL 5
#define KEEPALIVE_COUNT    3

struct libvirt_link {
	struct agent_link link;
	virConnectPtr conn;
	virDomainPtr dom;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static typeof(virDomainQemuAgentCommand) *agent_command;

/* It belongs to the package that libvirt.so.0 is in. */
static void load(void)
{
	void *so = libvirt_api_load() ? dlopen("libvirt-qemu.so.0", RTLD_NOW | RTLD_LOCAL) : NULL;

	if (so)
		*(void **)&agent_command = dlsym(so, "virDomainQemuAgentCommand");
}

bool agent_libvirt_there(const char *uri, const char *run)
{
	return libvirt_api_listens(uri ? uri : LIBVIRT_URI, run);
}

/* libvirt's last error as -errno, and why. */
static int refused(char why[AGENT_WHY_SIZE])
{
	const virError *e = vir.virGetLastError();
	const char *said = e && e->message ? e->message : "an error without a description", *theirs;

	switch (e ? e->code : 0) {
	case VIR_ERR_ARGUMENT_UNSUPPORTED:
		snprintf(why, AGENT_WHY_SIZE,
			 "the domain has no channel org.qemu.guest_agent.0 for a guest agent");
		return -ENODEV;
	case VIR_ERR_AGENT_UNRESPONSIVE:
	case VIR_ERR_AGENT_UNSYNCED:
		snprintf(why, AGENT_WHY_SIZE,
			 "no guest agent answers (qemu-ga must run in the guest): %.100s", said);
		return -ENOTCONN;
	case VIR_ERR_NO_DOMAIN:
		snprintf(why, AGENT_WHY_SIZE, "libvirt has no such domain");
		return -ENODEV;
	case VIR_ERR_OPERATION_DENIED:
	case VIR_ERR_ACCESS_DENIED:
	case VIR_ERR_AUTH_FAILED:
	case VIR_ERR_AUTH_CANCELLED:
	case VIR_ERR_AUTH_UNAVAILABLE:
		snprintf(why, AGENT_WHY_SIZE,
			 "libvirt lets only those who may manage domains ask agents: %.120s", said);
		return -EACCES;
	default:
		/* "internal error: unable to execute QEMU agent command '…': " and the agent's own words */
		theirs = strstr(said, "agent command '");
		theirs = theirs ? strstr(theirs, "': ") : NULL;
		if (theirs)
			return agent_refused(theirs + 3, why);
		snprintf(why, AGENT_WHY_SIZE, "libvirt: %.180s", said);
		return strstr(said, "timed out") ? -ETIMEDOUT : -EIO;
	}
}

static int ask(struct agent_link *l, const char *command, int timeout_ms, struct buf *answer,
	       char why[AGENT_WHY_SIZE])
{
	struct libvirt_link *v = (struct libvirt_link *)l;
	/* whole seconds only, and 0 would be no time at all; libvirt itself sends guest-sync before */
	char *text = agent_command(v->dom, command, (timeout_ms + 999) / 1000, 0);
	size_t len;

	if (!text)
		return refused(why);
	len = strlen(text);
	if (len <= AGENT_ANSWER_MAX)
		buf_add(answer, text, len);
	free(text);
	if (len <= AGENT_ANSWER_MAX)
		return 0;
	snprintf(why, AGENT_WHY_SIZE, "the guest's agent answers too much");
	return -EPROTO;
}

static void end(struct agent_link *l)
{
	struct libvirt_link *v = (struct libvirt_link *)l;

	if (v->dom)
		vir.virDomainFree(v->dom);
	if (v->conn)
		vir.virConnectClose(v->conn);
	free(v);
	libvirt_api_leave();
}

/* Another QEMU may have been given the UUID of a domain: that one's guest is not this one's. */
static bool is_process(virDomainPtr dom, uint32_t pid)
{
	const char *name = vir.virDomainGetName(dom);
	struct state *s = state_new("/run");
	uint32_t noted = name ? state_pid(s, name) : 0;

	state_free(s);
	return !noted || noted == pid;
}

struct agent *agent_libvirt(const char *uri, const char *uuid, uint32_t pid, int timeout_ms,
			    char why[AGENT_WHY_SIZE])
{
	struct libvirt_link *v;

	pthread_once(&once, load);
	if (!agent_command || !libvirt_api_enter()) {
		snprintf(
			why, AGENT_WHY_SIZE,
			"guest agents are asked through libvirt, which is not installed (libvirt-qemu.so.0)");
		return NULL;
	}
	v = mem_zalloc(1, sizeof(*v));
	v->link = (struct agent_link){.ask = ask, .close = end};
	v->conn = vir.virConnectOpen(uri ? uri : LIBVIRT_URI);
	/* works where somebody runs libvirt's event loop; else a dead daemon is noticed later */
	if (v->conn) {
		vir.virConnectSetKeepAlive(v->conn, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT);
		v->dom = vir.virDomainLookupByUUIDString(v->conn, uuid);
	}
	if (v->dom && (!pid || is_process(v->dom, pid)))
		return agent_new(&v->link, timeout_ms);
	if (v->dom)
		snprintf(why, AGENT_WHY_SIZE, "its UUID is that of another VM, which libvirt runs");
	else
		refused(why);
	end(&v->link);
	return NULL;
}

#else

bool agent_libvirt_there(const char *uri, const char *run)
{
	(void)uri;
	(void)run;
	return false;
}

struct agent *agent_libvirt(const char *uri, const char *uuid, uint32_t pid, int timeout_ms,
			    char why[AGENT_WHY_SIZE])
{
	(void)uri;
	(void)uuid;
	(void)pid;
	(void)timeout_ms;
	snprintf(why, AGENT_WHY_SIZE,
		 "vmperf was built without libvirt, through which guest agents are asked");
	return NULL;
}

#endif
