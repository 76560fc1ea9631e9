/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbols of guests' kernels, by boot, in files as perf's --guestmount wants
 * them.  In the cache boots/BOOT_ID is the root of a guest (proc/kallsyms,
 * proc/modules, …) and PID a link to it; elsewhere PID is the root itself.
 * Only its owner can read it: kallsyms tells where a kernel is.
 */
#ifndef VMPERF_PROFILE_STORE_H
#define VMPERF_PROFILE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../host/agent_guest.h"

/* Of more boots than that the cache loses those that were written longest ago. */
#define STORE_BOOTS 64

#define STORE_WHY_SIZE 200

/* The cache's directory: $XDG_CACHE_HOME/vmperf/guests, else ~/.cache/vmperf/guests; free() it.  NULL: there
 * is no home. */
char *store_cache(void);

/* dir: of the cache, made where it is not there.  False, and one line why. */
bool store_put(const char *dir, const struct agent_guest *g, char why[STORE_WHY_SIZE]);

/* Lets dir/PID be that boot, which is in the cache; "": removes the link. */
bool store_link(const char *dir, uint32_t pid, const char *boot, char why[STORE_WHY_SIZE]);

/* Writes dir/PID itself, outside of the cache. */
bool store_put_pid(const char *dir, uint32_t pid, const struct agent_guest *g, char why[STORE_WHY_SIZE]);

/* Removes dir/PID, if store_put_pid() wrote it: another VM may have that pid now, or another kernel. */
void store_drop_pid(const char *dir, uint32_t pid);

/* What is kept of that boot; false: nothing, or boot is no UUID.  agent_guest_free() it. */
bool store_get(const char *dir, const char *boot, struct agent_guest *ret);

/* Where the root of that boot's guest is, for names_options' guest_mount and the like; NULL: not there.
 * free() it. */
char *store_path(const char *dir, const char *boot);

#endif
