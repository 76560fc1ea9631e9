/* SPDX-License-Identifier: GPL-2.0-only */
/* What flush.c and flush.bpf.c share. */
#ifndef FLUSH_H
#define FLUSH_H

#define FLUSH_TIMES 4096 /* flushes whose time is kept */

#endif
