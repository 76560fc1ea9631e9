/* SPDX-License-Identifier: GPL-2.0-only */
/* The file that a record is written to, and its older ones: FILE.1, FILE.2, … */
#ifndef VMPERF_RECORD_FILE_H
#define VMPERF_RECORD_FILE_H

#include "record.h"

/*
 * Opens FILE, makes it if it is not there (fresh: it must not be), and keeps
 * other writers away from it; -1: error tells why.
 */
int file_open(const char *path, bool fresh, char error[RECORD_ERROR]);

/* Whether path is what is open. */
bool file_is(const char *path, int fd);

/* FILE becomes FILE.1, and so on; at most max stay, with the FILE that is to come.  False: error tells why.
 */
bool file_shift(const char *path, uint32_t max, char error[RECORD_ERROR]);

#endif
