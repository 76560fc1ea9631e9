/* SPDX-License-Identifier: GPL-2.0-only */
/* Opens files whose paths, or what lies there, somebody else has chosen. */
#ifndef VMPERF_HOST_REGULAR_H
#define VMPERF_HOST_REGULAR_H

/*
 * Opens a regular file to be read, and nothing else: a FIFO is not waited for, and a
 * device is not opened at all (opening alone starts a watchdog, rewinds a
 * tape).  dir: as openat() takes it; flags: O_NOFOLLOW or 0.  The
 * descriptor, or -errno: -EISDIR a directory, -EINVAL anything else that is no file.
 */
int regular_open(int dir, const char *path, int flags);

#endif
