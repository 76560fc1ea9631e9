/* SPDX-License-Identifier: GPL-2.0-only */
/* The symbols of a kernel from the text of its /proc/kallsyms, or a System.map. */
#ifndef VMPERF_PROFILE_KALLSYMS_H
#define VMPERF_PROFILE_KALLSYMS_H

#include <stddef.h>

#include "symtab.h"

enum kallsyms_state {
	KALLSYMS_GOOD,
	KALLSYMS_HIDDEN, /* all addresses are 0: kernel.kptr_restrict, or no CAP_SYSLOG */
	KALLSYMS_NONE,   /* no symbols in it, or far more than any kernel has */
};

/*
 * *ret is a sorted table where GOOD, else NULL.  Of the types that perf takes
 * (t, w, d, b, in capitals, too: symbol_type__filter(); data end the functions
 * before them).  Addresses are those of the text, modules where its column
 * "[name]" says, their ends where modules (of /proc/modules; may be NULL) says.
 * The kernel itself lies from _text or _stext, whichever is lower, to _end, as
 * far as these are there.
 */
enum kallsyms_state kallsyms_load(struct symtab **ret, const char *text, size_t len, const char *modules,
				  size_t nmodules);

#endif
