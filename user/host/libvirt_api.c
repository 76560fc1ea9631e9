// SPDX-License-Identifier: GPL-2.0-only
#if WITH_LIBVIRT

#include "libvirt_api.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/buf.h"
#include "../lib/log.h"

struct libvirt_api vir;

static pthread_once_t load_once = PTHREAD_ONCE_INIT, exit_once = PTHREAD_ONCE_INIT;
static bool loaded, hooked;
static atomic_int inside;
static int exit_status;

bool libvirt_api_listens(const char *uri, const char *run)
{
	static const char *const socks[] = {"libvirt-sock-ro", "virtqemud-sock-ro"};
	bool found = false;
	size_t i;

	if (strcmp(uri, LIBVIRT_URI) != 0)
		return true;
	for (i = 0; i < sizeof(socks) / sizeof(socks[0]) && !found; i++) {
		struct buf path = {0};

		buf_printf(&path, "%s/libvirt/%s", run, socks[i]);
		found = !access(path.data, F_OK);
		buf_free(&path);
	}
	return found;
}

static void quiet(void *arg, virErrorPtr error)
{
	(void)arg;
	(void)error;
}

static void load(void)
{
	void *so;

	so = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!so) {
		log_info("names come without libvirt's API: %s", dlerror());
		return;
	}
#define X(f)                                                                                                 \
	*(void **)&vir.f = dlsym(so, #f);                                                                    \
	if (!vir.f) {                                                                                        \
		log_info("names come without libvirt's API: libvirt.so.0 has no " #f);                       \
		dlclose(so);                                                                                 \
		return;                                                                                      \
	}
	LIBVIRT_FUNCTIONS(X)
#undef X
	vir.virSetErrorFunc(NULL, quiet);
	loaded = true;
}

bool libvirt_api_load(void)
{
	pthread_once(&load_once, load);
	return loaded;
}

static void keep_status(int status, void *arg)
{
	(void)arg;
	exit_status = status;
}

static void hook(void)
{
	hooked = !on_exit(keep_status, NULL);
}

__attribute__((destructor)) static void leave_threads(void)
{
	if (!atomic_load(&inside))
		return;
	fflush(NULL);
	_exit(exit_status);
}

bool libvirt_api_enter(void)
{
	pthread_once(&exit_once, hook);
	if (hooked)
		atomic_fetch_add(&inside, 1);
	return hooked;
}

void libvirt_api_leave(void)
{
	atomic_fetch_sub(&inside, 1);
}

#else

/* a file of ISO C has something in it */
typedef int libvirt_api_none;

#endif
