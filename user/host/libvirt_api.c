// SPDX-License-Identifier: GPL-2.0-only
#if WITH_LIBVIRT

#include "libvirt_api.h"

#include <dlfcn.h>
#include <stddef.h>

#include "../lib/log.h"

struct libvirt_api vir;

bool libvirt_api_load(void)
{
	static bool loaded;
	void *so;

	if (loaded)
		return true;
	so = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!so) {
		log_info("names come without libvirt's API: %s", dlerror());
		return false;
	}
#define X(f)                                                                                                 \
	*(void **)&vir.f = dlsym(so, #f);                                                                    \
	if (!vir.f) {                                                                                        \
		log_info("names come without libvirt's API: libvirt.so.0 has no " #f);                       \
		dlclose(so);                                                                                 \
		return false;                                                                                \
	}
	LIBVIRT_FUNCTIONS(X)
#undef X
	loaded = true;
	return true;
}

#else

/* a file of ISO C has something in it */
typedef int libvirt_api_none;

#endif
