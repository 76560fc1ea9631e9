// SPDX-License-Identifier: GPL-2.0-only
/* perf.data files: who was what when a sample was taken: order, names, mappings, kernels, which are VMs. */
#include "perf_read.h"

#include "profile/perf_read_maps.h"
#include "lib/mem.h"
#include "profile/perf_section.h"

#define EXEC      PERF_RECORD_MISC_COMM_EXEC
#define FORK_EXEC PERF_RECORD_MISC_FORK_EXEC

/* Against a plain model: what is mapped at each address, in processes that fork. */
START_TEST(mappings)
{
	enum { SPACE = 300, PROCESSES = 6 };
	static struct perf_mapping model[PROCESSES][SPACE];
	struct perf_maps *maps[PROCESSES] = {NULL};

	srand(11);
	memset(model, 0, sizeof(model));
	for (uint32_t i = 1; i <= 20000; i++) {
		int a = rand() % PROCESSES, b = rand() % PROCESSES;
		uint64_t start = (uint64_t)(rand() % SPACE), size = (uint64_t)(rand() % 40);
		struct perf_mapping m = {start, start + size, (uint64_t)rand() % 1000, i};
		const struct perf_mapping *found;

		if (m.end > SPACE)
			m.end = SPACE;
		if (i % 50 == 0 && a != b) {
			perf_maps_free(maps[a]);
			maps[a] = perf_maps_copy(maps[b]);
			memcpy(model[a], model[b], sizeof(model[a]));
		} else {
			perf_maps_add(&maps[a], &m, (uint32_t)rand());
			for (uint64_t at = m.start; at < m.end; at++)
				model[a][at] = (struct perf_mapping){at, 0, m.offset + (at - m.start), i};
		}
		for (uint64_t at = 0; at < SPACE; at++) {
			found = perf_maps_find(maps[b], at);
			MANY(!found == !model[b][at].object);
			MANY(!found ||
			     (found->start <= at && at < found->end && found->object == model[b][at].object &&
			      at - found->start + found->offset == model[b][at].offset));
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		perf_maps_free(maps[i]);
}
END_TEST

/* Rings of CPUs are read one after another: a mapping may stand after the samples of its time. */
START_TEST(order_of_time)
{
	struct made m = {0};
	struct profile *p;

	add_attr(&m);
	add_mmap(&m, USER, 9, 0x1000, 0x1000, 0, "/old", 0);
	add_sample(&m, USER, 9, 9, 0x1010, 1, 100);
	add_sample(&m, USER, 9, 9, 0x1010, 2, 200);
	add_empty(&m, PERF_USER_FINISHED_ROUND);
	add_mmap(&m, USER, 9, 0x1000, 0x1000, 0, "/new", 150);
	add_sample(&m, USER, 9, 9, 0x1010, 4, 120);
	add_sample(&m, USER, 9, 9, 0x1010, 8, 260);
	add_empty(&m, PERF_USER_FINISHED_ROUND);
	add_mmap(&m, USER, 9, 0x1000, 0x1000, 0, "/newer", 250);
	add_sample(&m, USER, 9, 9, 0x1010, 16, 240);
	add_empty(&m, PERF_USER_FINISHED_ROUND);
	add_empty(&m, PERF_USER_FINISHED_ROUND);
	/* all of those were given out: what comes too late takes nothing back */
	add_mmap(&m, USER, 9, 0x1000, 0x1000, 0, "/late", 10);
	add_sample(&m, USER, 9, 9, 0x1010, 32, 300);
	p = read_made(&m, true);
	IS_AT(p, hit_of(p, 5), "/old", 0x10);
	IS_AT(p, hit_of(p, 18), "/new", 0x10);
	IS_AT(p, hit_of(p, 8), "/newer", 0x10);
	IS_AT(p, hit_of(p, 32), "/late", 0x10);
	profile_free(p);
}
END_TEST

/* Records without times stand where they stand in the file. */
START_TEST(order_without_time)
{
	uint64_t type = PERF_SAMPLE_IP | PERF_SAMPLE_TID;
	struct made m = {0};
	struct profile *p;

	add_attr(&m);
	m.attrs[0].sample_type = type;
	for (uint64_t i = 0; i < 3; i++) {
		add_mmap(&m, USER, 9, 0x1000, 0x1000, i << 12, i == 1 ? "/b" : "/a", 0);
		begin(&m, PERF_RECORD_SAMPLE, USER);
		u64(&m, 0x1000 + i);
		u32(&m, 9);
		u32(&m, 9);
		end(&m);
	}
	p = read_made(&m, true);
	ck_assert_uint_eq(p->nhits, 3);
	IS_AT(p, &p->hits[0], "/a", 0);
	IS_AT(p, &p->hits[1], "/b", 0x1001);
	IS_AT(p, &p->hits[2], "/a", 0x2002);
	ck_assert_uint_eq(p->duration_ns, 0);
	profile_free(p);
}
END_TEST

START_TEST(fork_and_exec)
{
	struct made m = {.big = true};
	struct profile *p;

	add_attr(&m);
	add_comm(&m, 0, 10, 10, "shell", 0);
	add_mmap(&m, USER, 10, 0x1000, 0x1000, 0, "/shell", 0);
	add_fork(&m, 0, 20, 10, 20, 10, 100);
	add_sample(&m, USER, 20, 20, 0x1001, 1, 101);
	/* another name is no other program */
	add_comm(&m, 0, 10, 10, "shell", 105);
	/* from now on each has its own */
	add_mmap(&m, USER, 20, 0x1800, 0x100, 0x100, "/child", 110);
	add_mmap(&m, USER, 10, 0x1000, 0x100, 0x100, "/parent", 110);
	add_sample(&m, USER, 20, 20, 0x1002, 2, 111);
	add_sample(&m, USER, 20, 20, 0x1802, 4, 111);
	add_sample(&m, USER, 10, 10, 0x1002, 8, 111);
	add_sample(&m, USER, 10, 10, 0x1802, 16, 111);
	/* another program: nothing of the one before */
	add_comm(&m, EXEC, 20, 20, "program", 120);
	add_sample(&m, USER, 20, 20, 0x1003, 32, 121);
	add_mmap(&m, USER, 20, 0x1000, 0x1000, 0, "/program", 122);
	add_sample(&m, USER, 20, 20, 0x1003, 64, 123);
	/* a thread has the mappings of its process, and its name */
	add_fork(&m, 0, 20, 20, 21, 20, 130);
	add_sample(&m, USER, 20, 21, 0x1004, 128, 131);
	/* the number is another process's now; perf's own record does not copy */
	add_fork(&m, FORK_EXEC, 20, 10, 20, 10, 140);
	add_sample(&m, USER, 20, 20, 0x1005, 256, 141);
	p = read_made(&m, true);
	IS_AT(p, hit_of(p, 1), "/shell", 1);
	IS_AT(p, hit_of(p, 2), "/shell", 2);
	IS_AT(p, hit_of(p, 4), "/child", 0x102);
	IS_AT(p, hit_of(p, 8), "/parent", 0x102);
	IS_AT(p, hit_of(p, 16), "/shell", 0x802);
	IS_AT(p, hit_of(p, 32), "", 0x1003);
	IS_AT(p, hit_of(p, 64), "/program", 3);
	IS_AT(p, hit_of(p, 128), "/program", 4);
	IS_AT(p, hit_of(p, 256), "", 0x1005);
	ck_assert_str_eq(thread_of(p, 21)->comm, "program");
	ck_assert_str_eq(vm_of(p, 10)->name, "shell");
	profile_free(p);
}
END_TEST

/* A thread's number is another process's later, and nothing told of its begin: it has no name of the one
 * before. */
START_TEST(numbers_again)
{
	struct made m = {0};
	struct profile *p;
	uint32_t named = 0, vcpus = 0;

	add_attr(&m);
	add_comm(&m, 0, 10, 11, "CPU 1/KVM", 0);
	add_sample(&m, GUEST_USER, 10, 11, 1, 1, 1);
	add_sample(&m, GUEST_USER, 20, 11, 1, 2, 2);
	p = read_made(&m, true);
	ck_assert_uint_eq(p->nthreads, 2);
	for (uint32_t i = 0; i < p->nthreads; i++) {
		named += p->threads[i].comm[0] != '\0';
		vcpus += p->threads[i].vcpu >= 0;
	}
	ck_assert_uint_eq(named, 1);
	ck_assert_uint_eq(vcpus, 1);
	ck_assert_uint_ne(hit_of(p, 1)->thread, hit_of(p, 2)->thread);
	ck_assert_uint_eq(p->vms[p->threads[hit_of(p, 2)->thread].vm].pid, 20);
	profile_free(p);
}
END_TEST

/* Records that end without a time have their place in the file: samples in order of time come after them. */
START_TEST(no_time_at_the_end)
{
	static const uint64_t words[] = {0x0000000900000009, 0x1000, 0x1000, 0};
	struct made m = {0};
	struct profile *p;

	add_attr(&m);
	m.attrs[0].flags &= ~ATTR_SAMPLE_ID_ALL;
	add_sample(&m, USER, 9, 9, 0x1010, 1, 100);
	begin(&m, PERF_RECORD_MMAP, USER);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		u64(&m, words[i]);
	/* its last two numbers are text */
	put_text(&m.data, "/a/path/of/some/length");
	end(&m);
	p = read_made(&m, true);
	IS_AT(p, hit_of(p, 1), "/a/path/of/some/length", 0x10);
	profile_free(p);
}
END_TEST

/* Times that no sample tells are those that the file does. */
START_TEST(times_of_the_file)
{
	struct made m = {0};
	struct profile *p;
	struct buf *b;

	add_attr(&m);
	m.attrs[0].sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID;
	b = add_feature(&m, PERF_FEATURE_SAMPLE_TIME);
	put(&m, b, 1000, 8);
	put(&m, b, 5000, 8);
	begin(&m, PERF_RECORD_SAMPLE, USER);
	u64(&m, 0x1000);
	u32(&m, 9);
	u32(&m, 9);
	end(&m);
	p = read_made(&m, true);
	ck_assert_uint_eq(p->duration_ns, 4000);
	profile_free(p);
}
END_TEST

START_TEST(kinds_of_memory)
{
	static const struct {
		const char *path;
		enum profile_object_kind kind;
	} cases[] = {
		{"/usr/lib/libc.so.6", PROFILE_FILE},
		{"/memfd:x (deleted)", PROFILE_FILE},
		{"//anon", PROFILE_ANON},
		{"[vdso]", PROFILE_ANON},
		{"/dev/zero (deleted)", PROFILE_ANON},
		{"/anon_hugepage (deleted)", PROFILE_ANON},
		{"/SYSV00000000 (deleted)", PROFILE_ANON},
		{"", PROFILE_ANON},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool file = cases[i].kind == PROFILE_FILE;
		struct made m = {.big = i & 1};
		struct profile *p;

		add_attr(&m);
		add_mmap2(&m, USER, 9, 0x7000, 0x1000, 0x20000, cases[i].path, NULL, 0, 0);
		add_sample(&m, USER, 9, 9, 0x7fff, 1, 1);
		add_sample(&m, USER, 9, 9, 0x8000, 2, 1);
		p = read_made(&m, true);
		IS_AT(p, hit_of(p, 1), cases[i].path, file ? 0x20fffU : 0x7fffU);
		ck_assert_int_eq(p->objects[hit_of(p, 1)->at.object].kind, cases[i].kind);
		IS_AT(p, hit_of(p, 2), "", 0x8000);
		profile_free(p);
	}
}
END_TEST

static void add_chain(struct made *m, uint16_t misc, uint32_t pid, uint64_t period, const uint64_t *ips,
		      uint32_t n)
{
	begin(m, PERF_RECORD_SAMPLE, misc);
	u64(m, 0xffffffff81000000);
	u32(m, pid);
	u32(m, pid);
	u64(m, 1000);
	u64(m, period);
	u64(m, n);
	for (uint32_t i = 0; i < n; i++)
		u64(m, ips[i]);
	end(m);
}

/* Marks between the addresses tell whose they are; the first address is the sample's own. */
START_TEST(chains)
{
	static const uint64_t whole[] = {(uint64_t)PERF_CONTEXT_KERNEL,
					 0xffffffff81000000,
					 0xffffffff81000000,
					 0xffffffff81000200,
					 (uint64_t)PERF_CONTEXT_USER,
					 0x1010,
					 0x9999,
					 (uint64_t)PERF_CONTEXT_GUEST_KERNEL,
					 0xffffffff82000000,
					 (uint64_t)PERF_CONTEXT_GUEST_USER,
					 0x3333,
					 (uint64_t)PERF_CONTEXT_HV,
					 7};
	/* the address of the sample, but in another mode: a caller */
	static const uint64_t other[] = {(uint64_t)PERF_CONTEXT_USER, 0xffffffff81000000};
	static const uint64_t marks[] = {(uint64_t)PERF_CONTEXT_KERNEL, (uint64_t)PERF_CONTEXT_USER};
	static const char *const paths[] = {"[kernel.kallsyms]",         "[kernel.kallsyms]", "/program", "",
					    "[guest.kernel.kallsyms.9]", "[guest user]",      ""};
	static const uint64_t addrs[] = {
		0xffffffff81000000, 0xffffffff81000200, 0x10, 0x9999, 0xffffffff82000000, 0x3333, 7};
	const struct profile_stack *s;
	struct made m = {.big = true};
	struct profile *p;

	add_attr(&m);
	m.attrs[0].sample_type |= PERF_SAMPLE_CALLCHAIN;
	add_mmap(&m, USER, 9, 0x1000, 0x1000, 0, "/program", 0);
	add_chain(&m, KERNEL, 9, 1, whole, sizeof(whole) / sizeof(*whole));
	add_chain(&m, KERNEL, 9, 2, whole, sizeof(whole) / sizeof(*whole));
	add_chain(&m, KERNEL, 9, 4, marks, 2);
	add_chain(&m, KERNEL, 9, 8, NULL, 0);
	add_chain(&m, KERNEL, 9, 16, other, 2);
	p = read_made(&m, true);
	ck_assert_uint_eq(p->nhits, 3);
	ck_assert_uint_eq(p->nstacks, 2);
	ck_assert_uint_eq(hit_of(p, 16)->stack, 1);
	ck_assert_uint_eq(p->stacks[1].n, 1);
	ck_assert_uint_eq(hit_of(p, 3)->stack, 0);
	ck_assert_uint_eq(hit_of(p, 12)->stack, PROFILE_NONE);
	s = &p->stacks[0];
	ck_assert_uint_eq(s->n, 7);
	for (uint32_t i = 0; i < s->n; i++) {
		ck_assert_str_eq(path_of(p, &s->frames[i]), paths[i]);
		ck_assert_uint_eq(s->frames[i].addr, addrs[i]);
	}
	profile_free(p);
}
END_TEST

/* A guest's samples, or a vCPU's name, make a VM of a process; the idle task is none, whatever it shows. */
START_TEST(which_are_vms)
{
	for (int all = 0; all < 2; all++) {
		struct made m = {0};
		struct profile *p;

		add_attr(&m);
		add_sample(&m, GUEST_USER, 10, 10, 1, 1, 1);
		add_sample(&m, KERNEL, 10, 11, 1, 1, 2);
		add_comm(&m, 0, 20, 21, "CPU 12/KVM", 3);
		add_sample(&m, USER, 20, 20, 1, 1, 4);
		/* a thread that a vCPU's has begun has its name first, and is none */
		add_fork(&m, 0, 20, 20, 22, 21, 5);
		add_sample(&m, USER, 20, 22, 1, 1, 6);
		add_comm(&m, 0, 30, 30, "CPU x/KVM", 3);
		add_comm(&m, 0, 31, 31, "CPU 1/KVMs", 3);
		add_comm(&m, 0, 32, 32, "CPU /KVM", 3);
		add_comm(&m, 0, 33, 33, "CPU 99999999999/KVM", 3);
		for (uint32_t pid = 30; pid < 35; pid++)
			add_sample(&m, USER, pid, pid, 1, 1, 7);
		/* the same place again */
		add_sample(&m, USER, 30, 30, 1, 1, 7);
		add_comm(&m, 0, 0, 0, "CPU 1/KVM", 3);
		add_sample(&m, GUEST_USER, 0, 0, 1, 1, 8);
		p = read_made(&m, all);
		ck_assert_uint_eq(p->nvms, all ? 7 : 2);
		ck_assert_uint_eq(samples(p), all ? 10 : 4);
		ck_assert_uint_eq(p->foreign, all ? 1 : 7);
		ck_assert_str_eq(vm_of(p, 10)->name, ":10");
		ck_assert_int_eq(thread_of(p, 22)->vcpu, -1);
		profile_free(p);
	}
}
END_TEST

/* Our own section says who is a VM, its name, its vCPUs, and which threads of others work for it. */
START_TEST(section_of_vms)
{
	for (int all = 0; all < 2; all++) {
		struct perf_section_vms s = {.begin_ns = 1700000000000000001};
		struct made m = {.big = true};
		struct perf_section_vm *vm;
		struct buf *text;
		struct profile *p;

		add_attr(&m);
		vm = perf_section_vm(&s, 10, 5000);
		free(vm->name);
		vm->name = mem_strdup("web \xff");
		strcpy(vm->uuid, "00000000-0000-0000-0000-000000000001");
		strcpy(vm->boot_id, "00000000-0000-0000-0000-000000000002");
		perf_section_thread(vm, 11, 3);
		perf_section_thread(vm, 50, -1);
		/* its vCPU is not told, but it is called like one */
		perf_section_thread(vm, 12, -1);
		perf_section_vm(&s, 40, 6000);
		text = add_feature(&m, PERF_SECTION_FEATURE);
		perf_section_print(&s, text);
		perf_section_clear(&s);
		add_comm(&m, 0, 50, 50, "vhost-10", 0);
		add_sample(&m, GUEST_KERNEL, 10, 11, 1, 1, 1);
		add_sample(&m, KERNEL, 50, 50, 1, 2, 1);
		add_comm(&m, 0, 10, 12, "CPU 5/KVM", 0);
		add_sample(&m, GUEST_USER, 10, 12, 1, 8, 1);
		/* it has guest samples, but the recording was not about it */
		add_sample(&m, GUEST_KERNEL, 20, 20, 1, 4, 1);
		p = read_made(&m, all);
		ck_assert_uint_eq(p->begin_ns, 1700000000000000001);
		ck_assert_uint_eq(p->nvms, all ? 3 : 2);
		ck_assert_uint_eq(p->foreign, all ? 0 : 1);
		ck_assert_str_eq(vm_of(p, 10)->name, "web \xff");
		ck_assert_str_eq(vm_of(p, 10)->uuid, "00000000-0000-0000-0000-000000000001");
		ck_assert_uint_eq(vm_of(p, 10)->start_ns, 5000);
		ck_assert_ptr_nonnull(vm_of(p, 40));
		ck_assert_int_eq(thread_of(p, 11)->vcpu, 3);
		ck_assert_int_eq(thread_of(p, 12)->vcpu, 5);
		ck_assert_ptr_eq(&p->vms[thread_of(p, 50)->vm], vm_of(p, 10));
		ck_assert_str_eq(p->objects[hit_of(p, 1)->at.object].boot_id,
				 "00000000-0000-0000-0000-000000000002");
		profile_free(p);
	}
}
END_TEST

static const struct profile_object *object_of(const struct profile *p, uint64_t period)
{
	return &p->objects[hit_of(p, period)->at.object];
}

/* Guests' kernels: of one VM, of all others, one that was booted anew, none. */
START_TEST(kernels)
{
	static const uint8_t id[20] = {0xab, 0xcd};
	const struct profile_object *o;
	struct made m = {0};
	struct profile *p;
	struct buf *b;

	add_attr(&m);
	b = add_feature(&m, PERF_FEATURE_BUILD_ID);
	add_build_id(&m, b, 0, KERNEL, UINT32_MAX, id + 1, 19, "[kvm]");
	add_build_id(&m, b, 0, KERNEL, UINT32_MAX, id + 1, 19, "/lib/modules/6.1/kernel/x.ko.xz");
	add_build_id(&m, b, 0, KERNEL, UINT32_MAX, id, 20, "[kernel.kallsyms]");
	add_build_id(&m, b, 0, GUEST_KERNEL, 20, id, 16, "[guest.kernel.kallsyms.20]");
	add_build_id(&m, b, 0, GUEST_KERNEL, 0, id, 12, "[guest.kernel.kallsyms]");
	add_mmap(&m, KERNEL, UINT32_MAX, 0xffffffff81000000, 0x1000000, 0xffffffff81000040,
		 "[kernel.kallsyms]_text", 0);
	add_mmap(&m, KERNEL, UINT32_MAX, 0xffffffffc0000000, 0x1000, 0, "[kvm]", 0);
	add_mmap(&m, GUEST_KERNEL, 0, 0, UINT64_MAX, 0xffffffff90000000, "[guest.kernel.kallsyms]_stext", 0);
	add_mmap(&m, GUEST_KERNEL, 20, 0, UINT64_MAX, 0xffffffff91000000, "[guest.kernel.kallsyms.20]_text",
		 0);
	add_mmap(&m, GUEST_KERNEL, 20, 0xffffffffc0000000, 0x1000, 0, "[guest.module]", 0);
	add_mmap(&m, GUEST_KERNEL, 30, 0, UINT64_MAX, 0xffffffff91000000, "[guest.kernel.kallsyms.30]_text",
		 0);
	add_mmap(&m, GUEST_KERNEL, 30, 0, UINT64_MAX, 0xffffffff92000000, "[guest.kernel.kallsyms.30]_text",
		 0);
	add_mmap2(&m, GUEST_KERNEL, 40, 0, UINT64_MAX, 0, "[guest.kernel.kallsyms.40]", id, 20, 0);
	add_sample(&m, GUEST_KERNEL, 10, 10, 1, 1, 1);
	add_sample(&m, GUEST_KERNEL, 20, 20, 1, 2, 1);
	add_sample(&m, GUEST_KERNEL, 30, 30, 1, 4, 1);
	add_sample(&m, GUEST_KERNEL, 40, 40, 1, 8, 1);
	add_sample(&m, KERNEL, 40, 40, 1, 16, 1);
	p = read_made(&m, false);
	ck_assert_uint_eq(p->nobjects, 5);
	o = object_of(p, 1);
	ck_assert_str_eq(o->path, "[guest.kernel.kallsyms]");
	ck_assert_str_eq(o->ref_name, "_stext");
	ck_assert_uint_eq(o->ref_addr, 0xffffffff90000000);
	ck_assert(o->vm == hit_of(p, 1)->thread && !o->unsure && o->build_id_size == 12);
	o = object_of(p, 2);
	ck_assert_str_eq(o->path, "[guest.kernel.kallsyms.20]");
	ck_assert_str_eq(o->ref_name, "_text");
	ck_assert(o->ref_addr == 0xffffffff91000000 && !o->unsure && o->build_id_size == 16);
	o = object_of(p, 4);
	ck_assert(o->unsure);
	o = object_of(p, 8);
	ck_assert(!o->ref_name[0] && !o->ref_addr && o->build_id_size == 20 && !memcmp(o->build_id, id, 20));
	o = object_of(p, 16);
	ck_assert_str_eq(o->ref_name, "_text");
	ck_assert(o->ref_addr == 0xffffffff81000040 && o->build_id_size == 20 && o->build_id[0] == 0xab);
	ck_assert(o->vm == PROFILE_NONE && o->kind == PROFILE_KERNEL);
	profile_free(p);
}
END_TEST

/* What stands in the table counts for files whose mapping has none, if there is but one of that name. */
START_TEST(build_ids)
{
	static const uint8_t a[20] = {1}, b[20] = {2};

	for (int big = 0; big < 2; big++) {
		struct made m = {.big = big};
		struct profile *p;
		struct buf *ids;

		add_attr(&m);
		ids = add_feature(&m, PERF_FEATURE_BUILD_ID);
		add_build_id(&m, ids, 0, USER, UINT32_MAX, a, 20, "/a");
		add_build_id(&m, ids, 0, USER, UINT32_MAX, a, 20, "/two");
		add_build_id(&m, ids, 0, USER, UINT32_MAX, b, 20, "/two");
		add_build_id(&m, ids, 0, USER, UINT32_MAX, a, 20, "/same");
		add_build_id(&m, ids, 0, USER, UINT32_MAX, a, 20, "/same");
		add_build_id(&m, ids, 0, GUEST_USER, 9, a, 20, "/none");
		add_mmap(&m, USER, 9, 0x1000, 0x1000, 0, "/a", 0);
		add_mmap(&m, USER, 9, 0x2000, 0x1000, 0, "/two", 0);
		add_mmap(&m, USER, 9, 0x3000, 0x1000, 0, "/same", 0);
		add_mmap(&m, USER, 9, 0x4000, 0x1000, 0, "/none", 0);
		add_mmap2(&m, USER, 9, 0x5000, 0x1000, 0, "/a", b, 8, 0);
		for (uint64_t i = 1; i <= 5; i++)
			add_sample(&m, USER, 9, 9, i << 12, 1 << i, 1);
		p = read_made(&m, true);
		ck_assert_uint_eq(p->nobjects, 5);
		ck_assert(object_of(p, 2)->build_id_size == 20 && object_of(p, 2)->build_id[0] == 1);
		ck_assert_uint_eq(object_of(p, 4)->build_id_size, 0);
		ck_assert_uint_eq(object_of(p, 8)->build_id_size, 20);
		ck_assert_uint_eq(object_of(p, 16)->build_id_size, 0);
		ck_assert(object_of(p, 32)->build_id_size == 8 && object_of(p, 32)->build_id[0] == 2);
		profile_free(p);
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("perf_tasks");

	UNIT_ADD(u, mappings);
	UNIT_ADD(u, order_of_time);
	UNIT_ADD(u, order_without_time);
	UNIT_ADD(u, fork_and_exec);
	UNIT_ADD(u, numbers_again);
	UNIT_ADD(u, no_time_at_the_end);
	UNIT_ADD(u, times_of_the_file);
	UNIT_ADD(u, kinds_of_memory);
	UNIT_ADD(u, chains);
	UNIT_ADD(u, which_are_vms);
	UNIT_ADD(u, section_of_vms);
	UNIT_ADD(u, kernels);
	UNIT_ADD(u, build_ids);
	return unit_run(u);
}
