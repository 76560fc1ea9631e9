/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a kernel's modules lie: the text of its /proc/modules. */
#ifndef VMPERF_PROFILE_MODULES_H
#define VMPERF_PROFILE_MODULES_H

#include <stddef.h>

#include "symtab.h"

/* A longer name is no module's (include/linux/module.h, MODULE_NAME_LEN is 64 - sizeof(long)). */
#define MODULES_NAME 64

/*
 * Tells t of each line "NAME SIZE USERS DEPENDENCIES STATE 0xADDRESS"; lines
 * that are none, or hide the address, are left out.  Returns how many it told.
 */
size_t modules_load(struct symtab *t, const char *text, size_t len);

#endif
