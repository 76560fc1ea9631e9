// SPDX-License-Identifier: GPL-2.0-only
/* Samples that the kernel side sums in two sets of maps: one is written while the other is read. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../host/hostinfo.h"
#include "../lib/mem.h"
#include "features.h"
#include "sampling_parts.h"

/* 100 bytes each in the kernel, twice */
#define ROOM_MIN (16U << 10)
#define ROOM_MAX (256U << 10)
/* 1 KiB each, twice */
#define STACKS   16384U
#define BATCH    4096U

enum vmp_level summed_level(char *why, size_t size)
{
#ifdef __x86_64__
	struct host_info host;

	hostinfo_read(&host);
	if (!strcmp(host.kvm_vendor, "kvm_amd") && features_field("vcpu_svm", "vmcb") &&
	    features_field("vmcb_save_area", "cpl"))
		return VMP_LEVEL_SVM;
	if (!strcmp(host.kvm_vendor, "kvm_pvm") && features_field("vcpu_pvm", "cpl"))
		return VMP_LEVEL_PVM;
	snprintf(why, size, "BPF cannot read the privilege level of guests from %s",
		 *host.kvm_vendor ? host.kvm_vendor : "this KVM");
	return VMP_LEVEL_NONE;
#else
	if (features_field("kvm_cpu_context", "regs"))
		return VMP_LEVEL_ARM64;
	snprintf(why, size, "BPF cannot read the privilege level of guests from this KVM");
	return VMP_LEVEL_NONE;
#endif
}

/* As many places as samples a second: it is read each second or so. */
static uint32_t choose_room(const struct sampling *s, uint32_t room)
{
	uint64_t n = (uint64_t)s->info.freq * s->ncpus;

	if (room)
		return room;
	if (n < ROOM_MIN)
		return ROOM_MIN;
	return n < ROOM_MAX ? (uint32_t)n : ROOM_MAX;
}

/*
 * Runs the program self_test on the event that is made by touching a page: right
 * here, each time.
 */
static int self_test(const struct sampling *s)
{
	struct perf_event_attr a = {
		.size = sizeof(a),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_IP,
		.exclude_kernel = 1,
	};
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *page;
	int fd, err = 0;

	fd = (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || ioctl(fd, PERF_EVENT_IOC_SET_BPF, bpf_program__fd(s->bpf->progs.self_test)))
		err = -errno;
	else
		*page = 1;
	if (page != MAP_FAILED)
		munmap((void *)page, size);
	close(fd);
	if (!err && !__atomic_load_n(&s->bpf->bss->self_right, __ATOMIC_RELAXED))
		err = -EOPNOTSUPP;
	return err;
}

static const char no_ip[] =
	"this kernel hands no instruction pointers of guests to BPF (Linux 6.3 and later do)";

int summed_load(struct sampling *s, uint32_t room, char *why, size_t size)
{
	enum vmp_level level = summed_level(why, size);
	struct profile_bpf *b;
	int err;

	if (level == VMP_LEVEL_NONE)
		return -EOPNOTSUPP;
	if (!features_function("bpf_cast_to_kern_ctx")) {
		snprintf(why, size, "%s", no_ip);
		return -EOPNOTSUPP;
	}
	b = s->bpf = profile_bpf__open();
	if (!b) {
		snprintf(why, size, "cannot open the BPF object: %s", strerror(errno));
		return -errno;
	}
	bpf_program__set_autoload(b->progs.profile_summed, true);
	bpf_program__set_autoload(b->progs.self_test, true);
	b->rodata->level_way = level;
	b->rodata->with_stacks = s->stacks;
	room = choose_room(s, room);
	bpf_map__set_max_entries(b->maps.hits0, room);
	bpf_map__set_max_entries(b->maps.hits1, room);
	bpf_map__set_max_entries(b->maps.stacks0, STACKS);
	bpf_map__set_max_entries(b->maps.stacks1, STACKS);
	bpf_map__set_autocreate(b->maps.stacks0, s->stacks);
	bpf_map__set_autocreate(b->maps.stacks1, s->stacks);
	if (profile_bpf__load(b)) {
		err = -errno;
		snprintf(why, size, "the kernel refused the BPF program that sums: %s", strerror(-err));
		return err;
	}
	err = self_test(s);
	if (err == -EOPNOTSUPP)
		snprintf(why, size, "%s", no_ip);
	else if (err)
		snprintf(why, size, "cannot test what this kernel hands to BPF: %s", strerror(-err));
	return err;
}

/* Lets the kernel side write the other maps; returns those that it writes no more: 0 or 1, or -errno. */
static int switch_maps(struct sampling *s)
{
	uint32_t old = s->bpf->bss->current_maps, zero = 0;
	int fd = bpf_map__fd(s->bpf->maps.hits0);

	__atomic_store_n(&s->bpf->bss->current_maps, !old, __ATOMIC_SEQ_CST);
	/* returns when programs that may have seen the old number have ended */
	if (bpf_map_update_elem(bpf_map__fd(s->bpf->maps.barrier), &zero, &fd, BPF_ANY))
		return -errno;
	return (int)old;
}

static void hand_out(struct sampling *s, int stacks_fd, uint32_t n, sampling_hit_fn fn, void *arg)
{
	uint64_t stack[VMP_HIT_STACK];

	for (uint32_t i = 0; i < n; i++) {
		struct sampling_hit h = {.at = s->keys[i], .sum = s->sums[i]};

		if (h.at.stack >= 0) {
			uint32_t id = (uint32_t)h.at.stack;

			if (!bpf_map_lookup_elem(stacks_fd, &id, stack)) {
				while (h.nstack < VMP_HIT_STACK && stack[h.nstack])
					h.nstack++;
				h.stack = stack;
			}
			s->stack_ids = mem_resize(s->stack_ids, s->nstack_ids + 1, sizeof(id));
			s->stack_ids[s->nstack_ids++] = id;
		}
		fn(&h, arg);
	}
}

/* Ids may stand there twice: several threads had that stack. */
static void give_stacks_back(struct sampling *s, int stacks_fd)
{
	for (size_t i = 0; i < s->nstack_ids; i++)
		bpf_map_delete_elem(stacks_fd, &s->stack_ids[i]);
	s->nstack_ids = 0;
}

int summed_read(struct sampling *s, sampling_hit_fn fn, void *arg)
{
	int old = switch_maps(s), fd, stacks_fd, err = 0;
	uint32_t place;
	void *from = NULL;

	if (old < 0)
		return old;
	fd = bpf_map__fd(old ? s->bpf->maps.hits1 : s->bpf->maps.hits0);
	stacks_fd = s->stacks ? bpf_map__fd(old ? s->bpf->maps.stacks1 : s->bpf->maps.stacks0) : -1;
	if (!s->nbatch)
		s->nbatch = BATCH;
	while (err != ENOENT) {
		uint32_t n = s->nbatch;

		s->keys = mem_resize(s->keys, n, sizeof(*s->keys));
		s->sums = mem_resize(s->sums, n, sizeof(*s->sums));
		err = bpf_map_lookup_and_delete_batch(fd, from, &place, s->keys, s->sums, &n, NULL) ? errno
												    : 0;
		if (err == ENOSPC) {
			/* one bucket of the hash has more */
			s->nbatch *= 2;
			continue;
		}
		if (err && err != ENOENT)
			return -err;
		hand_out(s, stacks_fd, n, fn, arg);
		from = &place;
	}
	give_stacks_back(s, stacks_fd);
	return 0;
}

void summed_close(struct sampling *s)
{
	free(s->keys);
	free(s->sums);
	free(s->stack_ids);
}
