// SPDX-License-Identifier: GPL-2.0-only
/* The exit programs on made-up vCPUs: reasons, slots, the gate, what is lost. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "probe/features.h"
#include "rig.h"

static struct rig_options options; /* of the running test */

/* The programs that read a made-up vCPU: one of them is what a test runs. */
static struct bpf_program *exit_hook(struct made_bpf *r)
{
	return bpf_object__find_program_by_name(r->obj, options.programs[0]);
}

static void pair(struct made_bpf *r, uint64_t reason)
{
	run_program(exit_hook(r), reason, 0);
	RUN(r, entry, 0, 0);
}

static void svm_codes(void)
{
	static const uint64_t codes[] = {
		0,     0x3,   0x72,       0x7b,       0xff,       0x100,   0x400,   0x401,
		0x402, 0x403, 0x80000001, 0xf0000000, 0xffffffff, 0x10000, 0x50000,
	};
	const size_t n = sizeof(codes) / sizeof(codes[0]);
	struct made_bpf *r = rig_open(&options);
	struct vmp_slot s;

	if (!r)
		return;
	RUN(r, entry, 0, 0);
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < n; i++)
			pair(r, codes[i]);
	/* SVM_EXIT_ERR is -1 in 64 bits */
	pair(r, ~0ULL);
	s = rig_slot(0);
	for (size_t i = 0; i < n; i++) {
		if (exits_of(&s, codes[i]) != 3U + (codes[i] == 0xffffffff))
			wrong("code %#llx: %llu exits", (unsigned long long)codes[i],
			      (unsigned long long)exits_of(&s, codes[i]));
	}
	expect("exits", exits_all(&s), 3 * n + 1);
	expect("codes", s.used, n + 1);
	expect("isa", s.isa, options.isa);
	for (int i = 0; i < VMP_FLAGS; i++)
		expect("flags", s.flags[i], 0);
}

static void vmx_codes(void)
{
	static const struct {
		uint64_t reason;
		uint32_t code;
		uint32_t flags; /* bit n: enum vmp_flag n */
	} x[] = {
		{0, 0, 0},
		{30, 30, 0},
		{48, 48, 0},
		{0xffff, 0xffff, 0},
		{1U << 26 | 30, 30, 1U << VMP_FLAG_BUS_LOCK},
		{74 | 1U << 26, 74, 1U << VMP_FLAG_BUS_LOCK},
		{1U << 27 | 1, 1, 1U << VMP_FLAG_ENCLAVE},
		{1U << 31 | 33, 33, 1U << VMP_FLAG_FAILED_ENTRY},
		{1U << 25 | 10, 10, 1U << VMP_FLAG_OTHER},
		{1U << 16 | 10, 10, 1U << VMP_FLAG_OTHER},
		{1U << 28 | 1U << 29 | 12, 12, 1U << VMP_FLAG_OTHER},
		{0xffff0000 | 12, 12, (1U << VMP_FLAGS) - 1},
	};
	uint64_t flags[VMP_FLAGS] = {0}, counts[0x10000 >> 8] = {0}, last = 0;
	struct made_bpf *r = rig_open(&options);
	struct vmp_slot s;

	if (!r)
		return;
	RUN(r, entry, 0, 0);
	/* each another number of times, so that none can be taken for another */
	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++) {
		for (size_t n = 0; n <= i; n++) {
			pair(r, x[i].reason);
			for (int k = 0; k < VMP_FLAGS; k++)
				flags[k] += x[i].flags >> k & 1;
			if (x[i].code < 0x100)
				counts[x[i].code]++;
			else
				last++;
		}
	}
	s = rig_slot(0);
	for (int k = 0; k < VMP_FLAGS; k++)
		expect("flag", s.flags[k], flags[k]);
	for (uint32_t code = 0; code < 0x100; code++)
		if (exits_of(&s, code) != counts[code])
			wrong("code %u: %llu exits, want %llu", code, (unsigned long long)exits_of(&s, code),
			      (unsigned long long)counts[code]);
	expect("the largest code", exits_of(&s, 0xffff), last);
	expect("isa", s.isa, VMP_ISA_VMX);
}

/* A vCPU that is none, or cannot be read, must not hurt. */
static void no_vcpu(void)
{
	struct made_bpf *r = rig_open(&options);
	struct vmp_slot s;

	if (!r)
		return;
	RUN(r, exit_at, 0, 0);
	expect("life after NULL", rig_slot(0).life, VMP_FREE);
	RUN(r, entry, 0, 0);
	RUN(r, exit_at, 0, 0);
	s = rig_slot(0);
	expect("exits of no vCPU", exits_all(&s), 0);
	RUN(r, exit_at, 0x10, 0);
	s = rig_slot(0);
	expect("exits of a bad address", exits_all(&s), 1);
}

static void gate_closed(void)
{
	struct made_bpf *r = rig_open(&options);
	struct vmp_slot s;

	if (!r)
		return;
	for (int i = 0; i < 3; i++) {
		RUN(r, entry, 0, 0);
		pair(r, 0x7b);
		RUN(r, userspace_exit, 2, 0);
	}
	for (uint32_t i = 0; i < 8; i++)
		expect("life", rig_slot(i).life, VMP_FREE);
	for (int i = 0; i < VMP_LOSSES; i++)
		expect("loss", r->bss->loss[i], 0);
	r->bss->gate = 1;
	RUN(r, entry, 0, 0);
	pair(r, 0x7b);
	s = rig_slot(0);
	expect("life", s.life, VMP_LIVE);
	expect("exits", exits_all(&s), 1);
	expect("unpaired", s.unpaired, 0);
}

static void partial_pairs(void)
{
	struct made_bpf *r = rig_open(&options);
	struct vmp_slot s;

	if (!r)
		return;
	run_program(exit_hook(r), 0x7b, 0);
	run_program(exit_hook(r), 0x72, 0);
	s = rig_slot(0);
	expect("life", s.life, VMP_LIVE);
	expect("exits before the first entry", exits_all(&s), 2);
	expect("only the time before the first is of no exit", s.ns[VMP_RUNNING] > 0, 1);
	expect("unpaired", s.unpaired, 1);
	pair(r, 0x7b);
	s = rig_slot(0);
	expect("exits of the first pair", exits_all(&s), 3);
	expect("unpaired", s.unpaired, 2);
	/* two exits, two entries */
	run_program(exit_hook(r), 0x72, 0);
	pair(r, 0x72);
	RUN(r, entry, 0, 0);
	s = rig_slot(0);
	expect("exits", exits_all(&s), 5);
	expect("exits of 0x72", exits_of(&s, 0x72), 3);
	expect("unpaired", s.unpaired, 4);
}

static void userspace_places(void)
{
	static const struct {
		int64_t reason, err;
		uint32_t place;
	} x[] = {
		{0, 0, 0},
		{2, 0, 2},
		{2, 1, 2},
		{6, 0x7fffffff, 6},
		{60, 0, 60},
		{61, 0, VMP_UEXIT_UNKNOWN},
		{62, 0, VMP_UEXIT_UNKNOWN},
		{63, 0, VMP_UEXIT_UNKNOWN},
		{64, 0, VMP_UEXIT_UNKNOWN},
		{66, 0, VMP_UEXIT_UNKNOWN},
		{0xffffffff, 0, VMP_UEXIT_UNKNOWN},
		{10, -EINTR, VMP_UEXIT_RESTART},
		{2, -EINTR, VMP_UEXIT_RESTART},
		{2, -EFAULT, VMP_UEXIT_ERROR},
		{0xffffffff, -EINVAL, VMP_UEXIT_ERROR},
	};
	uint64_t want[VMP_UEXITS] = {0};
	struct made_bpf *r = rig_open(&options);
	struct vmp_slot s;

	if (!r)
		return;
	RUN(r, entry, 0, 0);
	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++) {
		run_program(exit_hook(r), 0x7b, 0);
		RUN(r, userspace_exit, x[i].reason, x[i].err);
		s = rig_slot(0);
		expect("the open place", s.uexit, x[i].place);
		expect("state", VMP_MODE_STATE(s.mode), VMP_VMM);
		RUN(r, entry, 0, 0);
		want[x[i].place]++;
	}
	s = rig_slot(0);
	for (uint32_t i = 0; i < VMP_UEXITS; i++) {
		expect("exits to user space", s.uexits[i].count, want[i]);
		expect("has time", s.uexits[i].ns > 0, want[i] > 0);
	}
	expect("exits", exits_of(&s, 0x7b), sizeof(x) / sizeof(x[0]));
}

/* Field 22 of /proc/self/stat; the name in field 2 may hold anything but is short here. */
static uint64_t start_ticks(void)
{
	unsigned long long ticks = 0;
	char buf[1024], *p;
	FILE *f = fopen("/proc/self/stat", "r");
	size_t n = f ? fread(buf, 1, sizeof(buf) - 1, f) : 0;

	if (f)
		fclose(f);
	buf[n] = '\0';
	p = strrchr(buf, ')');
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (!p || sscanf(p, " %llu", &ticks) != 1)
		wrong("cannot read /proc/self/stat");
	return ticks;
}

static void slot_of_a_thread(void)
{
	static const char name[] = "CPU 0/KVM \xc3\xa9\n\"";
	struct made_bpf *r = rig_open(&options);
	struct worker *w = worker_new();
	struct vmp_slot s;

	if (!r)
		return;
	prctl(PR_SET_NAME, name);
	RUN(r, entry, 0, 0);
	expect("news", (uint64_t)rig_news(), 0);
	s = rig_slot(0);
	expect("tid", s.tid, (uint64_t)gettid());
	expect("tgid", s.tgid, (uint64_t)getpid());
	expect("start in ticks", s.start_ns / (1000000000U / (uint64_t)sysconf(_SC_CLK_TCK)), start_ticks());
	expect("vcpu_id", (uint64_t)s.vcpu_id, (uint64_t)-1);
	expect("isa", s.isa, VMP_ISA_SVM);
	expect("name is whole", (uint64_t)memcmp(s.comm, name, sizeof(name)), 0);
	expect("found without a call", (uint64_t)RUN(r, indexed, 0, 0), 1);
	/* another thread, another slot; each its own exits */
	WORK(w, r, entry, 0, 0);
	expect("news of the second", (uint64_t)rig_news(), 1);
	s = rig_slot(1);
	expect("tid of the second", s.tid, worker_tid(w));
	expect("tgid of the second", s.tgid, (uint64_t)getpid());
	expect("start of the second: the process's", s.start_ns, rig_slot(0).start_ns);
	for (int i = 0; i < 5; i++) {
		worker_run(w, exit_hook(r), 0x72, 0);
		WORK(w, r, entry, 0, 0);
	}
	pair(r, 0x7b);
	s = rig_slot(1);
	expect("exits of the second", exits_of(&s, 0x72), 5);
	expect("all exits of the second", exits_all(&s), 5);
	s = rig_slot(0);
	expect("all exits of the first", exits_all(&s), 1);
	expect("a third slot", rig_slot(2).life, VMP_FREE);
	worker_end(w);
}

static void vcpu_number(void)
{
	struct made_bpf *r = rig_open(&options);

	if (!r)
		return;
	RUN(r, entry_vcpu, 287, 0);
	expect("vcpu_id", (uint64_t)rig_slot(0).vcpu_id, 287);
}

static void slots_run_out(void)
{
	struct made_bpf *r = rig_open(&options);
	struct worker *w = worker_new();
	struct vmp_slot s;

	if (!r)
		return;
	RUN(r, entry, 0, 0);
	for (int i = 0; i < 2; i++) {
		WORK(w, r, entry, 0, 0);
		worker_run(w, exit_hook(r), 0x72, 0);
		WORK(w, r, userspace_exit, 2, 0);
	}
	expect("events lost for want of a slot", r->bss->loss[VMP_LOSS_SLOTS], 6);
	pair(r, 0x7b);
	s = rig_slot(0);
	expect("tid", s.tid, (uint64_t)gettid());
	expect("exits", exits_all(&s), 1);
	/* one is given back: the next event of the thread that had none takes it */
	expect("making room",
	       (uint64_t)bpf_map_update_elem(bpf_map__fd(r->maps.free_slots), NULL, &(uint32_t){0}, BPF_ANY),
	       0);
	WORK(w, r, entry, 0, 0);
	expect("tid after that", rig_slot(0).tid, worker_tid(w));
	expect("no more is lost", r->bss->loss[VMP_LOSS_SLOTS], 6);
	worker_end(w);
}

static void thread_ends(void)
{
	struct made_bpf *r = rig_open(&options);
	struct vmp_slot s;

	if (!r)
		return;
	rig_attach_end();
	/* many threads, one after another, in 8 slots: a task's memory is used again, its slot is not mixed
	 * up */
	for (int n = 0; n < 100 && !wrong_yet(); n++) {
		struct worker *w = worker_new();
		int64_t slot, place = WORK(w, r, index_place, 0, 0);

		WORK(w, r, entry, 0, 0);
		expect("the index has it", (uint64_t)RUN(r, index_taken, place, 0), 1);
		slot = rig_news();
		expect("a new thread is not in the index of an old one", rig_slot((uint32_t)slot).tid,
		       worker_tid(w));
		worker_run(w, exit_hook(r), 0x7b, 0);
		if (n % 3 == 0)
			WORK(w, r, userspace_exit, 2, 0);
		if (n % 3 == 1)
			WORK(w, r, entry, 0, 0);
		worker_end(w);
		/* the thread's end comes after its join */
		expect("news of the end", (uint64_t)rig_news(), (uint64_t)slot);
		s = rig_slot((uint32_t)slot);
		expect("the index has it at its end", (uint64_t)RUN(r, index_taken, place, 0), 0);
		expect("life", s.life, VMP_GONE);
		expect("state", VMP_MODE_STATE(s.mode), VMP_RUNNING);
		expect("has ended", s.end_ns > s.first_ns, 1);
		expect("exits", exits_all(&s), 1);
		expect("balance", charged(&s), s.end_ns - s.first_ns);
		rig_recycle((uint32_t)slot);
	}
	expect("events lost for want of a slot", r->bss->loss[VMP_LOSS_SLOTS], 0);
}

static void test(const char *name, const char *skip, void (*fn)(void), struct rig_options o)
{
	options = o;
	tap_test(name, skip, fn);
}

/* exit_test [WORD]: all tests, or those with WORD in their names */
int main(int argc, char **argv)
{
	const char *root = geteuid() ? "needs root" : NULL, *cast = root, *svm = root, *vmx = root, *svm_cast,
		   *vmx_cast;

	if (argc > 1)
		tap_only(argv[1]);
	if (!root && !features_function("bpf_rdonly_cast"))
		cast = "this kernel has no bpf_rdonly_cast (6.2)";
	if (!root && !features_field("vcpu_svm", "vmcb"))
		svm = "no kvm_amd here";
	if (!root && !features_field("vcpu_vmx", "exit_reason") && !features_field("vcpu_vt", "exit_reason"))
		vmx = "no kvm_intel here";
	svm_cast = svm ? svm : cast;
	vmx_cast = vmx ? vmx : cast;
	features_close();

#define O(...) ((struct rig_options){__VA_ARGS__})
#define SVM    .isa = VMP_ISA_SVM
#define VMX    .isa = VMP_ISA_VMX
	test("SVM codes, read", root, svm_codes, O({"exit_svm_read"}, SVM));
	test("SVM codes, cast", cast, svm_codes, O({"exit_svm"}, SVM));
	test("SVM codes, read, where this kernel has them", svm, svm_codes,
	     O({"exit_svm_read"}, SVM, .kernel_layout = true));
	test("SVM codes, cast, where this kernel has them", svm_cast, svm_codes,
	     O({"exit_svm"}, SVM, .kernel_layout = true));
	test("SVM codes as an argument", root, svm_codes, O({"kvm_exit_arg"}, SVM));
	test("codes of another vendor as an argument", root, svm_codes,
	     O({"kvm_exit_arg"}, .isa = VMP_ISA_NONE));
	test("VMX reasons, read", root, vmx_codes, O({"exit_vmx_read"}, VMX));
	test("VMX reasons, cast", cast, vmx_codes, O({"exit_vmx"}, VMX));
	test("VMX reasons, read, the later layout", root, vmx_codes, O({"exit_vmx_read"}, VMX, .vt = true));
	test("VMX reasons, cast, the later layout", cast, vmx_codes, O({"exit_vmx"}, VMX, .vt = true));
	test("VMX reasons, read, where this kernel has them", vmx, vmx_codes,
	     O({"exit_vmx_read"}, VMX, .kernel_layout = true));
	test("VMX reasons, cast, where this kernel has them", vmx_cast, vmx_codes,
	     O({"exit_vmx"}, VMX, .kernel_layout = true));
	test("VMX reasons as an argument", root, vmx_codes, O({"kvm_exit_arg"}, VMX));
	test("no vCPU, a bad vCPU", root, no_vcpu, O({"exit_at"}, SVM));
	test("gate closed: nothing is counted", root, gate_closed, O({"kvm_exit_arg"}, SVM, .closed = true));
	test("partial pairs", root, partial_pairs, O({"kvm_exit_arg"}, SVM));
	test("reasons of exits to user space", root, userspace_places, O({"kvm_exit_arg"}, SVM));
	test("a slot for each thread", root, slot_of_a_thread, O({"kvm_exit_arg"}, SVM));
	test("the number of a vCPU", cast, vcpu_number, O({"entry_vcpu"}, SVM));
	test("slots run out", root, slots_run_out, O({"kvm_exit_arg"}, SVM, .slots = 1));
	test("threads end", root, thread_ends, O({"kvm_exit_arg", "sched_process_exit"}, SVM));
	return tap_end();
}
