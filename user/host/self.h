/* SPDX-License-Identifier: GPL-2.0-only */
/* What this process itself takes. */
#ifndef VMPERF_HOST_SELF_H
#define VMPERF_HOST_SELF_H

#include <stdint.h>

/* Resident memory in bytes (proc(5), /proc/PID/statm); 0: not known. */
uint64_t self_resident(void);

/* Open descriptors; 0: not known. */
uint64_t self_open_fds(void);

#endif
