/* SPDX-License-Identifier: GPL-2.0-only */
/* libvirt's own functions, found at run time: it need not be installed. */
#ifndef VMPERF_HOST_LIBVIRT_API_H
#define VMPERF_HOST_LIBVIRT_API_H

#include <stdbool.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#define LIBVIRT_FUNCTIONS(X)                                                                                 \
	X(virSetErrorFunc)                                                                                   \
	X(virEventRegisterDefaultImpl)                                                                       \
	X(virEventRunDefaultImpl)                                                                            \
	X(virEventAddHandle)                                                                                 \
	X(virEventRemoveHandle)                                                                              \
	X(virConnectOpen)                                                                                    \
	X(virConnectOpenReadOnly)                                                                            \
	X(virConnectClose)                                                                                   \
	X(virConnectSetKeepAlive)                                                                            \
	X(virConnectIsAlive)                                                                                 \
	X(virConnectDomainEventRegisterAny)                                                                  \
	X(virConnectDomainEventDeregisterAny)                                                                \
	X(virConnectListAllDomains)                                                                          \
	X(virNodeGetCPUMap)                                                                                  \
	X(virDomainLookupByUUIDString)                                                                       \
	X(virDomainGetName)                                                                                  \
	X(virDomainGetUUIDString)                                                                            \
	X(virDomainGetVcpusFlags)                                                                            \
	X(virDomainGetVcpuPinInfo)                                                                           \
	X(virDomainGetEmulatorPinInfo)                                                                       \
	X(virDomainGetXMLDesc)                                                                               \
	X(virDomainFree)                                                                                     \
	X(virGetLastError)                                                                                   \
	X(virGetLastErrorMessage)

struct libvirt_api {
#define X(f) typeof(f) *f;
	LIBVIRT_FUNCTIONS(X)
#undef X
};

/* All of them, once libvirt_api_load() has returned true. */
extern struct libvirt_api vir;

/* What is asked where nothing else is said. */
#define LIBVIRT_URI "qemu:///system"

/* A daemon that listens below run ("/run"), of either kind; another than LIBVIRT_URI is simply to be tried.
 */
bool libvirt_api_listens(const char *uri, const char *run);

/* From any thread; libvirt then says nothing on its own. */
bool libvirt_api_load(void);

/*
 * A thread begins, and ends, to use libvirt.  When the program ends, exit()
 * takes libvirt's libraries down below a thread that may just then come to life
 * again.  So, if there still is one when all exit handlers have run (destructors
 * of the executable come before those of libraries), the program ends at once.
 * False: that cannot be arranged.
 */
bool libvirt_api_enter(void);
void libvirt_api_leave(void);

#endif
