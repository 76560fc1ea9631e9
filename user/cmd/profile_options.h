/* SPDX-License-Identifier: GPL-2.0-only */
/* What the profile commands have in common: which samples, by what, named by what. */
#ifndef VMPERF_CMD_PROFILE_OPTIONS_H
#define VMPERF_CMD_PROFILE_OPTIONS_H

#include "../model/profile_rows.h"
#include "../profile/names.h"
#include "cmd.h"

struct profile_choice {
	uint32_t keys;
	struct profile_filter filter; /* of all events; its patterns are those of the settings */
};

/*
 * Takes --sort, --mode, --percent-limit and --vm.  Modes are sys, user, guest-sys, guest-user and other;
 * the limit is a number from 0 to 100, "%" may follow.  False: wrong usage, which was said (command: its
 * name, "profile report").
 */
bool profile_options(const struct settings *s, const char *command, struct profile_choice *ret);

/* The files that names come from, as the options say; the texts are those of the settings. */
struct names_options profile_names_options(const struct settings *s);

/* Marks the patterns of --vm that mean a VM of the profile; met: one for each. */
void profile_vms_meet(const struct settings *s, const struct profile *p, bool *met);

/* Says of --vm what means no VM of the profile.  False: there are such patterns. */
bool profile_vms_check(const struct settings *s, const struct profile *p);

#endif
