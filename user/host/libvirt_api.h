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
	X(virGetLastErrorMessage)

struct libvirt_api {
#define X(f) typeof(f) *f;
	LIBVIRT_FUNCTIONS(X)
#undef X
};

/* All of them, once libvirt_api_load() has returned true. */
extern struct libvirt_api vir;

bool libvirt_api_load(void);

#endif
