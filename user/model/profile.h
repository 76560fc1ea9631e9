/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct profile: samples, summed by where they hit.  Filled live or from a
 * perf.data file, named by user/profile/names.h, then grouped into rows.  Pure.
 */
#ifndef VMPERF_MODEL_PROFILE_H
#define VMPERF_MODEL_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROFILE_BUILD_ID 20
#define PROFILE_NONE     (~0U)

/* Whose code.  The names are those of perf kvm's --showcpuutilization. */
enum profile_mode {
	PROFILE_SYS,        /* the host's kernel */
	PROFILE_USER,       /* the host's user space: the VMM */
	PROFILE_GUEST_SYS,  /* the guest's kernel */
	PROFILE_GUEST_USER, /* the guest's user space */
	PROFILE_OTHER,      /* perf files have some that are none of these (a hypervisor's, unknown) */
	PROFILE_MODES,
};

/* "sys", "user", "guest sys", "guest user", "other" */
const char *profile_mode_name(enum profile_mode m);

struct profile_weight {
	uint64_t samples;
	uint64_t period; /* in the event's units: cycles, or ns of cpu-clock */
};

/* Adds; what does not fit stays at UINT64_MAX. */
void profile_weight_add(struct profile_weight *to, const struct profile_weight *w);

struct profile_event {
	char *name;
	uint64_t freq; /* samples a second that were asked for; 0: a fixed period */
	struct profile_weight total;
};

struct profile_vm {
	uint32_t pid;      /* of its process */
	uint64_t start_ns; /* 0: not known */
	char *name;        /* raw bytes, never NULL; a perf file knows only the process's name and pid */
	char uuid[37];     /* "" none */
	struct profile_weight modes[PROFILE_MODES]; /* of all events */
};

struct profile_thread {
	uint32_t vm, tid;
	int32_t vcpu; /* -1: runs none, or not known */
	char *comm;   /* raw bytes, never NULL */
};

enum profile_object_kind {
	PROFILE_KERNEL,       /* the host's kernel and its modules: addresses are absolute */
	PROFILE_FILE,         /* a file that is mapped: addresses are offsets in it */
	PROFILE_ANON,         /* memory without a file ("[vdso]", "//anon", JIT code): absolute */
	PROFILE_GUEST_KERNEL, /* of the guest of the VM vm: absolute */
	PROFILE_GUEST_FILE,   /* its user space: absolute (no mapping is known), or an offset in path */
};

/* Where code comes from. */
struct profile_object {
	enum profile_object_kind kind;
	uint32_t vm; /* of guests; else PROFILE_NONE */
	char *path;  /* of the file, "[kernel.kallsyms]", "[guest.kernel.kallsyms.PID]", … */
	uint8_t build_id[PROFILE_BUILD_ID];
	uint8_t build_id_size; /* 0: not known */
	/* kernels, at the time of recording: the address of a symbol (_text, _stext); "" not known */
	char ref_name[32];
	uint64_t ref_addr;
	char boot_id[37]; /* kernels of guests: the boot that was sampled; "" not known */
	/* the guest had another kernel running meanwhile, or may have had: its addresses mean nothing */
	bool unsure;
};

/* The name of code; each exists once. */
struct profile_symbol {
	char *name;   /* raw bytes; NULL: not known */
	char *module; /* the object's short name: "[kernel]", "kvm", "qemu-system-x86_64", "[guest kernel]",
			 the guest's "virtio_net"; "[unknown]"; never NULL */
};

struct profile_frame {
	uint32_t object; /* PROFILE_NONE: no mapping is known */
	uint32_t symbol; /* PROFILE_NONE: not named yet */
	uint64_t addr;   /* as the object has it */
};

struct profile_hit {
	uint32_t event, thread; /* places in the lists; the thread says the VM */
	enum profile_mode mode;
	struct profile_frame at;
	uint32_t stack; /* place in stacks: the callers; PROFILE_NONE: none */
	struct profile_weight sum;
};

struct profile_stack {
	uint32_t n;
	struct profile_frame *frames; /* the nearest caller first */
};

struct profile {
	char hostname[65], kernel[65], arch[65]; /* "" not known */
	uint64_t begin_ns, duration_ns;          /* CLOCK_REALTIME, 0: not known; of the samples */
	uint64_t lost;                           /* samples */
	uint64_t foreign;                        /* samples of threads that are no VM's, left out */
	uint32_t nevents, nvms, nthreads, nobjects, nsymbols, nstacks;
	struct profile_event *events;
	struct profile_vm *vms;
	struct profile_thread *threads;
	struct profile_object *objects;
	struct profile_symbol *symbols;
	struct profile_stack *stacks;
	size_t nhits;
	struct profile_hit *hits;
	struct profile_index *index; /* profile.c's own: what finds places */
};

/* An empty one. */
struct profile *profile_new(void);
/* NULL is fine. */
void profile_free(struct profile *p);

/* The place of the one that is like this; it is added (texts are copied) where there is none. */
uint32_t profile_event(struct profile *p, const char *name, uint64_t freq);
/* By (pid, start_ns); name and uuid are brought up to date, unless they are "". */
uint32_t profile_vm(struct profile *p, uint32_t pid, uint64_t start_ns, const char *name, const char *uuid);
/* By (vm, tid); vcpu and comm are brought up to date, unless they are -1 and "". */
uint32_t profile_thread(struct profile *p, uint32_t vm, uint32_t tid, int32_t vcpu, const char *comm);
/* By (kind, vm, path, build-id, boot id); unsure is added, ref_name taken where there was none. */
uint32_t profile_object(struct profile *p, const struct profile_object *o);
uint32_t profile_symbol(struct profile *p, const char *name, const char *module);
/* PROFILE_NONE for no frames. */
uint32_t profile_stack(struct profile *p, const struct profile_frame *frames, uint32_t n);

/*
 * Adds to the hit that is like h (all but sum), to its event's total and its VM's mode.
 * Symbols count, too: one address of a guest has two names if it had two kernels.
 */
void profile_hit(struct profile *p, const struct profile_hit *h);

/* Adds all of b to p: two intervals of one host; durations are summed. */
void profile_merge(struct profile *p, const struct profile *b);

#endif
