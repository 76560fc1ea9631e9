/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that is there: when it runs out, one line is printed and the program ends with status 1. */
#ifndef VMPERF_LIB_MEM_H
#define VMPERF_LIB_MEM_H

#include <stddef.h>

void *mem_zalloc(size_t n, size_t size);
void *mem_resize(void *p, size_t n, size_t size);
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len);
void *mem_dup(const void *p, size_t n, size_t size);

/* p, which another library has allocated: NULL means that memory ran out. */
void *mem_checked(void *p);

#endif
