// SPDX-License-Identifier: GPL-2.0-only
#include "thread.h"

#include "sample.h"

const char *thread_class_name(uint32_t class)
{
	static const char *const names[THREAD_CLASSES] = {
		[THREAD_VCPU] = "vcpu",   [THREAD_EMULATOR] = "emulator", [THREAD_IOTHREAD] = "iothread",
		[THREAD_VHOST] = "vhost", [THREAD_WORKER] = "worker",     [THREAD_KVM] = "kvm",
		[THREAD_OTHER] = "other",
	};

	return names[class < THREAD_CLASSES ? class : THREAD_OTHER];
}
