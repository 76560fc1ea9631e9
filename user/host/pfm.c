// SPDX-License-Identifier: GPL-2.0-only
#include "pfm.h"

#if WITH_PFM4

#include <dlfcn.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdio.h>

#include "../lib/buf.h"

/* Found at run time: it need not be installed, and its tables cost nothing before a name of theirs is asked
 * for. */
#define FUNCTIONS(X)                                                                                         \
	X(pfm_initialize)                                                                                    \
	X(pfm_strerror)                                                                                      \
	X(pfm_get_pmu_info)                                                                                  \
	X(pfm_get_event_next)                                                                                \
	X(pfm_get_event_info)                                                                                \
	X(pfm_get_event_attr_info)                                                                           \
	X(pfm_get_os_event_encoding)

static struct {
#define X(f) typeof(f) *f;
	FUNCTIONS(X)
#undef X
} lib;

static const char *load(void)
{
	static const char none[] = "libpfm4 is not installed (Debian: libpfm4)";
	void *so = dlopen("libpfm.so.4", RTLD_NOW | RTLD_LOCAL);

	if (!so)
		return none;
#define X(f)                                                                                                 \
	*(void **)&lib.f = dlsym(so, #f);                                                                    \
	if (!lib.f)                                                                                          \
		return "the installed libpfm4 has no " #f;
	FUNCTIONS(X)
#undef X
	return lib.pfm_initialize() == PFM_SUCCESS ? NULL : "libpfm4 does not know this CPU";
}

const char *pfm_missing(void)
{
	static const char *why;
	static bool asked;

	if (!asked) {
		why = load();
		asked = true;
	}
	return why;
}

bool pfm_resolve(const char *name, struct event_spec *ret, char *error)
{
	struct perf_event_attr a = {.size = sizeof(a)};
	pfm_perf_encode_arg_t arg = {.attr = &a, .size = sizeof(arg)};
	int err;

	error[0] = '\0';
	if (pfm_missing())
		return false;
	err = lib.pfm_get_os_event_encoding(name, PFM_PLM0 | PFM_PLM3 | PFM_PLMH, PFM_OS_PERF_EVENT, &arg);
	if (err != PFM_SUCCESS) {
		if (err != PFM_ERR_NOTFOUND)
			snprintf(error, EVENT_ERROR, "libpfm4: %s", lib.pfm_strerror(err));
		return false;
	}
	ret->group = EVENT_MODEL;
	ret->kind = EVENT_OTHER;
	ret->type = a.type;
	ret->config = a.config;
	ret->config1 = a.config1;
	ret->config2 = a.config2;
	ret->core = a.type == PERF_TYPE_RAW || a.type == PERF_TYPE_HARDWARE || a.type == PERF_TYPE_HW_CACHE;
	ret->exclude_user |= a.exclude_user;
	ret->exclude_kernel |= a.exclude_kernel;
	return true;
}

/* One event: each unit mask has a line, or the event alone where it has none. */
static void each_mask(const pfm_pmu_info_t *pmu, const pfm_event_info_t *e, pfm_fn *fn, void *ctx)
{
	bool any = false;
	struct buf b = {0};

	for (int i = 0; i < e->nattrs; i++) {
		pfm_event_attr_info_t a = {.size = sizeof(a)};
		struct buf help = {0};

		if (lib.pfm_get_event_attr_info(e->idx, i, PFM_OS_PERF_EVENT, &a) != PFM_SUCCESS ||
		    a.type != PFM_ATTR_UMASK)
			continue;
		buf_printf(&b, "%s::%s:%s", pmu->name, e->name, a.name);
		buf_printf(&help, "%s: %s", e->desc, a.desc);
		fn(ctx, b.data, help.data);
		buf_free(&b);
		buf_free(&help);
		any = true;
	}
	if (any)
		return;
	buf_printf(&b, "%s::%s", pmu->name, e->name);
	fn(ctx, b.data, e->desc);
	buf_free(&b);
}

void pfm_each(pfm_fn *fn, void *ctx)
{
	if (pfm_missing())
		return;
	for (int pmu = 0; pmu < PFM_PMU_MAX; pmu++) {
		pfm_pmu_info_t info = {.size = sizeof(info)};

		/* the kernel's generic names are those of the table */
		if (lib.pfm_get_pmu_info((pfm_pmu_t)pmu, &info) != PFM_SUCCESS || !info.is_present ||
		    info.type != PFM_PMU_TYPE_CORE)
			continue;
		for (int i = info.first_event; i != -1; i = lib.pfm_get_event_next(i)) {
			pfm_event_info_t e = {.size = sizeof(e)};

			if (lib.pfm_get_event_info(i, PFM_OS_PERF_EVENT, &e) == PFM_SUCCESS)
				each_mask(&info, &e, fn, ctx);
		}
	}
}

#else

const char *pfm_missing(void)
{
	return "vmperf was built without libpfm4 (libpfm4-dev adds it)";
}

bool pfm_resolve(const char *name, struct event_spec *ret, char *error)
{
	(void)name;
	(void)ret;
	error[0] = '\0';
	return false;
}

void pfm_each(pfm_fn *fn, void *ctx)
{
	(void)fn;
	(void)ctx;
}

#endif
