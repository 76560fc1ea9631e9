// SPDX-License-Identifier: GPL-2.0-only
#include "profile_load.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/log.h"
#include "../profile/names.h"
#include "../profile/perf_read.h"
#include "../profile/store.h"
#include "profile_options.h"

static void missing(const struct names *n, const struct profile *p)
{
	struct buf lines = {0};
	char *save = NULL;

	names_missing(n, p, &lines);
	for (char *line = lines.data ? strtok_r(lines.data, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		log_warn("%s", line);
	buf_free(&lines);
}

struct profile *profile_load(const struct settings *s, const char *path)
{
	const struct perf_read_options read = {.all = s->all};
	struct names_options from = profile_names_options(s);
	char *cache = store_cache(), why[400];
	struct profile *p;
	struct names *n;

	from.guest_cache = cache;
	n = names_new(&from, why, sizeof(why));
	free(cache);
	if (!n) {
		log_err("%s", why);
		return NULL;
	}
	p = perf_read(path, &read, why, sizeof(why));
	if (!p) {
		log_err("%s: %s", path, why);
	} else {
		if (*why)
			log_warn("%s: %s", path, why);
		if (!p->nvms && p->foreign)
			log_warn("%s has no VM's samples; --all shows those of other processes, too", path);
		names_resolve(n, p);
		missing(n, p);
	}
	names_free(n);
	return p;
}
