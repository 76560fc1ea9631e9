/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of what a VM's threads are for. */
#ifndef VMPERF_MODEL_THREAD_H
#define VMPERF_MODEL_THREAD_H

#include <stdint.h>

/* "vcpu", "emulator", …; class: enum thread_class, "other" for any other number. */
const char *thread_class_name(uint32_t class);

#endif
