/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of exit reasons, as the kernel's tracepoints and perf kvm stat print them. */
#ifndef VMPERF_MODEL_EXIT_H
#define VMPERF_MODEL_EXIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXIT_NAME_SIZE 40 /* holds every name */

/*
 * The name of an exit reason; within one isa no two codes share a name.
 * Unknown: "svm:0x…", "vmx:0x…", "arm64:0x…"; VMP_CODE_OTHER: "other".
 * isa: enum vmp_isa.
 */
void exit_name(uint32_t isa, uint64_t code, char *ret, size_t size);

/* "svm", "vmx", "arm64"; NULL when not known. */
const char *isa_name(uint32_t isa);

/*
 * The name of a KVM_EXIT_* code without that prefix; "restart" for -EINTR and
 * "error" for another error, as the tracepoint prints them; "other" for
 * VMP_UEXIT_UNKNOWN; unknown: "kvm_exit:N".
 */
void uexit_name(int32_t code, char *ret, size_t size);

/* The code that a place in struct vmp_slot's uexits[] stands for: KVM_EXIT_*, -4 (-EINTR) or -1. */
int32_t uexit_code(unsigned int place);

#endif
