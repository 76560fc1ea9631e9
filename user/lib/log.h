/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages to standard error, one line each, "vmperf: " before it.  Text from
 * elsewhere inside a message is escaped as buf_escape() does.
 */
#ifndef VMPERF_LIB_LOG_H
#define VMPERF_LIB_LOG_H

#include <stdarg.h>
#include <stdbool.h>

/* 0: errors and warnings; 1 (-v): what vmperf does; 2 (-vv): libbpf's own words too. */
void log_set_verbose(int level);
int log_verbose(void);

/* An error: what failed, why, what to do. */
void log_err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Something is missing, the rest goes on. */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What was done, where nothing else tells of it. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Shown from verbose level 1 on. */
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Shown from the given level on; a trailing newline is dropped. */
void log_vat(int level, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

#endif
