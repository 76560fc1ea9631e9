/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of out_prom() know of each other. */
#ifndef VMPERF_OUT_PROM_PARTS_H
#define VMPERF_OUT_PROM_PARTS_H

#include "prom.h"
#include "prom_text.h"

#define PROM_PREFIX "vmperf_"

/* Series of no VM; self may be NULL. */
void prom_host(struct prom_text *t, const struct view *v, const struct prom_self *self);

/* Those of the exporter itself. */
void prom_own(struct prom_text *t, const struct prom_self *self);

#endif
