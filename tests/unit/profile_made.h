/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up profile, and the UI over it. */
#ifndef VMPERF_TESTS_PROFILE_MADE_H
#define VMPERF_TESTS_PROFILE_MADE_H

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"
#include "tui/profile_draw.h"
#include "unit.h"

#define MADE_NS 1000000ULL /* a sample's period */

/* A sample of a VM's thread, as often as n says. */
static inline void made_hits(struct profile *p, uint32_t thread, enum profile_mode m, const char *module,
			     const char *symbol, uint64_t n)
{
	static const enum profile_object_kind kinds[PROFILE_MODES] = {
		PROFILE_KERNEL, PROFILE_FILE, PROFILE_GUEST_KERNEL, PROFILE_GUEST_FILE, PROFILE_KERNEL,
	};
	bool guest = m == PROFILE_GUEST_SYS || m == PROFILE_GUEST_USER;
	struct profile_object o = {.kind = kinds[m],
				   .vm = guest ? p->threads[thread].vm : PROFILE_NONE,
				   .path = (char *)(module ? module : "//anon")};
	struct profile_hit h = {.event = profile_event(p, "cpu-clock", 997),
				.thread = thread,
				.mode = m,
				.stack = PROFILE_NONE,
				.sum = {.samples = n, .period = n * MADE_NS}};

	h.at.object = profile_object(p, &o);
	h.at.symbol = module ? profile_symbol(p, symbol, module) : PROFILE_NONE;
	profile_hit(p, &h);
}

static inline struct profile *made_host(void)
{
	struct profile *p = profile_new();

	snprintf(p->hostname, sizeof(p->hostname), "node7");
	snprintf(p->kernel, sizeof(p->kernel), "6.12.9");
	p->duration_ns = 2000000000;
	profile_event(p, "cpu-clock", 997);
	return p;
}

/* Two that work, each at something of its own, one that is called to confuse, one that sleeps. */
static inline struct profile *made_busy(void)
{
	struct profile *p = made_host();
	uint32_t web = profile_vm(p, 4001, 11, "web-frontend", "6f2c6a3e-0f64-4a4e-8f06-0a7f1f1f0001");
	uint32_t db = profile_vm(p, 4002, 12, "db", "");
	uint32_t odd = profile_vm(p, 4003, 13, "\033[31m\xff d\xc3\xb6ner\n", "");
	uint32_t w0 = profile_thread(p, web, 4010, 0, "CPU 0/KVM"),
		 w1 = profile_thread(p, web, 4011, 1, "CPU 1/KVM");
	uint32_t io = profile_thread(p, web, 4012, -1, "IO io\x01thread"),
		 vhost = profile_thread(p, web, 4013, -1, "vhost-4001");
	uint32_t d0 = profile_thread(p, db, 4020, 0, "CPU 0/KVM"), o0 = profile_thread(p, odd, 4030, 3, "");

	profile_vm(p, 4004, 14, "asleep", "");
	made_hits(p, w0, PROFILE_GUEST_SYS, "[guest kernel]", "copy_user_generic", 700);
	made_hits(p, w0, PROFILE_GUEST_SYS, "virtio_net", "virtnet_poll", 180);
	made_hits(p, w0, PROFILE_GUEST_USER, "[guest user]", NULL, 210);
	made_hits(p, w0, PROFILE_SYS, "kvm", "vcpu_enter_guest", 60);
	made_hits(p, w1, PROFILE_GUEST_SYS, "[guest kernel]", "copy_user_generic", 90);
	made_hits(p, w1, PROFILE_GUEST_USER, "[guest user]", NULL, 300);
	made_hits(p, io, PROFILE_USER, "qemu-system-x86_64", "aio_poll", 45);
	made_hits(p, io, PROFILE_USER, "libc.so.6", "__memmove_avx_unaligned_erms", 15);
	made_hits(p, vhost, PROFILE_SYS, "vhost_net", "handle_tx", 80);
	made_hits(p, d0, PROFILE_GUEST_USER, "[guest user]", NULL, 900);
	made_hits(p, d0, PROFILE_SYS, "[kernel]", "native_write_msr", 20);
	made_hits(p, d0, PROFILE_SYS, NULL, NULL, 3);
	made_hits(p, o0, PROFILE_GUEST_SYS, "[guest kernel]", "na\033[2Jme\xc3\xbc", 50);
	return p;
}

/* No VM at all. */
static inline struct profile *made_none(void)
{
	return made_host();
}

/* VMs without one sample. */
static inline struct profile *made_idle(void)
{
	struct profile *p = made_host();

	profile_vm(p, 4001, 11, "web-frontend", "");
	profile_vm(p, 4004, 14, "asleep", "");
	return p;
}

/* One VM with so many functions that they must be scrolled. */
static inline struct profile *made_many(void)
{
	struct profile *p = made_host();
	uint32_t vm = profile_vm(p, 4001, 11, "web-frontend", "");
	uint32_t t = profile_thread(p, vm, 4010, 0, "CPU 0/KVM");
	char name[32];

	for (unsigned int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "function_%03u", i);
		made_hits(p, t, i % 3 ? PROFILE_GUEST_SYS : PROFILE_SYS, i % 3 ? "[guest kernel]" : "kvm",
			  name, 1000 - i);
	}
	return p;
}

/* As many VMs as a host has at most. */
static inline struct profile *made_crowd(void)
{
	struct profile *p = made_host();

	for (uint32_t i = 0; i < 300; i++) {
		char name[32];
		uint32_t vm, t;

		snprintf(name, sizeof(name), "vm-%03u", i);
		vm = profile_vm(p, 5000 + i, i, name, "");
		t = profile_thread(p, vm, 9000 + i, 0, "CPU 0/KVM");
		made_hits(p, t, PROFILE_GUEST_USER, "[guest user]", NULL, i % 7);
	}
	return p;
}

struct made_ui {
	struct profile *profile;
	struct profile_ui ui;
	struct screen screen;
};

static inline void made_show(struct made_ui *m, struct profile *p)
{
	struct profile_moment now = m->ui.now;
	struct profile *gone = m->profile;

	m->profile = p;
	now.profile = p;
	now.event = "cpu-clock";
	now.freq = 997;
	profile_ui_moment(&m->ui, &now);
	profile_free(gone);
}

static inline void made_open(struct made_ui *m, struct profile *p)
{
	memset(m, 0, sizeof(*m));
	profile_ui_init(&m->ui);
	made_show(m, p);
}

static inline void made_close(struct made_ui *m)
{
	profile_ui_free(&m->ui);
	screen_free(&m->screen);
	profile_free(m->profile);
}

static inline enum profile_todo made_press(struct made_ui *m, uint32_t key)
{
	return profile_ui_key(&m->ui, &(struct input){.key = key});
}

enum made_look { MADE_TEXT, MADE_COLOUR, MADE_ASCII };

static inline void made_draw(struct made_ui *m, unsigned int w, unsigned int h, enum made_look look)
{
	m->screen.utf8 = look != MADE_ASCII;
	m->screen.colour = look == MADE_COLOUR;
	screen_resize(&m->screen, w, h);
	profile_ui_draw(&m->ui, &m->screen);
}

/* Keys, each of which is followed by drawing. */
static inline void made_keys(struct made_ui *m, unsigned int w, unsigned int h, enum made_look look,
			     const char *keys)
{
	made_draw(m, w, h, look);
	for (; *keys; keys++) {
		made_press(m, (unsigned char)*keys);
		made_draw(m, w, h, look);
	}
}

#endif
