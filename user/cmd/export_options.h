/* SPDX-License-Identifier: GPL-2.0-only */
/* What the exporter's options mean. */
#ifndef VMPERF_CMD_EXPORT_OPTIONS_H
#define VMPERF_CMD_EXPORT_OPTIONS_H

#include "../model/tally.h"
#include "cmd.h"
#include "listen.h"

/* "top:N" with N from 1, "all", "none": sets exits and hide_exits.  False: it is none of them. */
bool export_exits(const char *text, struct tally_options *ret);

struct export_options {
	struct tally_options tally; /* its patterns are those of the settings */
	struct listen_address *listen;
	size_t nlisten;
	double speed; /* of a record */
};

/* False: wrong usage, what was said. */
bool export_options(const struct settings *s, struct export_options *ret);

void export_options_free(struct export_options *o);

#endif
