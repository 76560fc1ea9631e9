/* SPDX-License-Identifier: GPL-2.0-only */
/* Standard output: all or an error; what it can show. */
#ifndef VMPERF_LIB_OUTPUT_H
#define VMPERF_LIB_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* In the order of --color's choices. */
enum output_color { OUTPUT_COLOR_AUTO, OUTPUT_COLOR_ALWAYS, OUTPUT_COLOR_NEVER };

/* Writes all to a descriptor, however often it takes.  False: see errno. */
bool output_all(int fd, const char *data, size_t len);

/* Writes everything to standard output.  False, after one line on standard error, when that fails. */
bool output_write(const char *data, size_t len);

/*
 * Whether to use colour: AUTO on a terminal that is not "dumb", unless NO_COLOR
 * is set to something (https://no-color.org).
 */
bool output_colored(enum output_color mode);

/* Whether the reader takes UTF-8, by the locale. */
bool output_utf8(void);

/* Columns of the terminal; 0: it is none. */
unsigned int output_width(void);

#endif
