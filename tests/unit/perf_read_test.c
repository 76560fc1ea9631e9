// SPDX-License-Identifier: GPL-2.0-only
/* perf.data files: events and samples of every form, streams, what is packed, what the file says of itself.
 */
#include "perf_read.h"

#define REGS 3 /* of a sample with registers */

/* All fields of a sample in the order of include/uapi/linux/perf_event.h; ids and values are made up. */
static void add_fields(struct made *m, uint64_t type, uint64_t format, uint64_t id, uint64_t ip,
		       uint64_t period)
{
	uint64_t n = format & PERF_FORMAT_GROUP ? 2 : 1;

	begin(m, PERF_RECORD_SAMPLE, USER);
	if (type & PERF_SAMPLE_IDENTIFIER)
		u64(m, id);
	if (type & PERF_SAMPLE_IP)
		u64(m, ip);
	if (type & PERF_SAMPLE_TID) {
		u32(m, 100);
		u32(m, 101);
	}
	if (type & PERF_SAMPLE_TIME)
		u64(m, 5000);
	if (type & PERF_SAMPLE_ADDR)
		u64(m, 0xaaaa);
	if (type & PERF_SAMPLE_ID)
		u64(m, id);
	if (type & PERF_SAMPLE_STREAM_ID)
		u64(m, 0xbbbb);
	if (type & PERF_SAMPLE_CPU) {
		u32(m, 3);
		u32(m, 0);
	}
	if (type & PERF_SAMPLE_PERIOD)
		u64(m, period);
	if (type & PERF_SAMPLE_READ) {
		if (format & PERF_FORMAT_GROUP)
			u64(m, n);
		else
			u64(m, period);
		if (format & PERF_FORMAT_TOTAL_TIME_ENABLED)
			u64(m, 1);
		if (format & PERF_FORMAT_TOTAL_TIME_RUNNING)
			u64(m, 1);
		for (uint64_t i = 0; i < n; i++) {
			if (format & PERF_FORMAT_GROUP)
				u64(m, period + i);
			if (format & PERF_FORMAT_ID)
				u64(m, id + i);
			if (format & PERF_FORMAT_LOST)
				u64(m, 0);
		}
	}
	if (type & PERF_SAMPLE_CALLCHAIN) {
		u64(m, 3);
		u64(m, (uint64_t)PERF_CONTEXT_USER);
		u64(m, ip);
		u64(m, ip + 1);
	}
	if (type & PERF_SAMPLE_RAW) {
		u32(m, 4);
		u32(m, 0x12345678);
	}
	if (type & PERF_SAMPLE_BRANCH_STACK) {
		u64(m, 1);
		put_zeros(&m->data, 24);
	}
	if (type & PERF_SAMPLE_REGS_USER) {
		u64(m, PERF_SAMPLE_REGS_ABI_64);
		put_zeros(&m->data, 8 * REGS);
	}
	if (type & PERF_SAMPLE_STACK_USER) {
		u64(m, 16);
		put_zeros(&m->data, 16);
		u64(m, 8);
	}
	for (uint64_t bit = PERF_SAMPLE_WEIGHT; bit < PERF_SAMPLE_AUX; bit <<= 1) {
		if (bit == PERF_SAMPLE_IDENTIFIER || !(type & bit))
			continue;
		u64(m, PERF_SAMPLE_REGS_ABI_NONE);
	}
	if (type & PERF_SAMPLE_AUX) {
		u64(m, 8);
		u64(m, 0);
	}
	end(m);
}

/* Reading never gets out of step, whichever fields there are. */
START_TEST(every_field)
{
	uint64_t fields = PERF_SAMPLE_AUX * 2 - 1;
	struct profile *p;

	srand(7);
	for (int i = 0; i < 600; i++) {
		uint64_t random = (uint64_t)rand() << 31 ^ (uint64_t)rand();
		/* at first each one alone */
		uint64_t type = i < 25 ? 1ULL << i : random & fields, period = 1 + (uint64_t)i;
		uint64_t format =
			random >> 32 & (PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING |
					PERF_FORMAT_GROUP | PERF_FORMAT_LOST);
		struct made m = {.big = i & 1};
		const struct profile_hit *h;

		type |= PERF_SAMPLE_IP | PERF_SAMPLE_TID;
		format |= PERF_FORMAT_ID;
		add_attr(&m);
		m.attrs[0].sample_type = type;
		m.attrs[0].read_format = format;
		m.attrs[0].ids[0] = 77;
		m.attrs[0].nids = 1;
		add_fields(&m, type, format, 77, 0x4000 + (uint64_t)i, period);
		p = read_made(&m, true);
		/* one that says no period counts that of the event; the second of a group is unknown */
		MANY(p->nhits == 1 && p->nthreads == 1 && p->threads[0].tid == 101 && p->vms[0].pid == 100);
		h = &p->hits[0];
		MANY(h->at.addr == 0x4000 + (uint64_t)i && h->mode == PROFILE_USER && h->sum.samples == 1);
		MANY(h->sum.period == (type & (PERF_SAMPLE_PERIOD | PERF_SAMPLE_READ) ? period : 999));
		MANY((h->stack == PROFILE_NONE) == !(type & PERF_SAMPLE_CALLCHAIN));
		MANY(h->stack == PROFILE_NONE ||
		     (p->stacks[0].n == 1 && p->stacks[0].frames[0].addr == h->at.addr + 1));
		profile_free(p);
	}
}
END_TEST

/* Attributes of other versions of the kernel are shorter or longer. */
START_TEST(sizes_of_attributes)
{
	static const uint32_t sizes[] = {64, 72, 112, 136, 4096};

	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++) {
		for (int pipe = 0; pipe < 2; pipe++) {
			struct made m = {.big = i & 1};
			struct buf b = {0};
			struct profile *p;

			add_attr(&m);
			add_attr(&m);
			m.attrs[0].size = m.attrs[1].size = sizes[i / 2];
			m.attrs[0].sample_type = m.attrs[1].sample_type =
				SAMPLE_TYPE | PERF_SAMPLE_IDENTIFIER;
			m.attrs[1].config = PERF_COUNT_SW_TASK_CLOCK;
			m.attrs[0].nids = m.attrs[1].nids = 1;
			m.attrs[0].ids[0] = 11;
			m.attrs[1].ids[0] = 12;
			for (uint64_t n = 0; n < 3; n++) {
				begin(&m, PERF_RECORD_SAMPLE, KERNEL);
				u64(&m, n ? 12 : 11);
				u64(&m, 0x1000);
				u32(&m, 5);
				u32(&m, 5);
				u64(&m, 100);
				u64(&m, 10);
				end(&m);
			}
			if (pipe)
				make_pipe(&m, &b);
			else
				make_file(&m, &b);
			p = read_bytes(&b, true);
			ck_assert_msg(p && !*why, "size %u: %s", sizes[i / 2], why);
			ck_assert_uint_eq(p->nevents, 2);
			ck_assert_str_eq(p->events[0].name, "cpu-clock");
			ck_assert_str_eq(p->events[1].name, "task-clock");
			ck_assert_uint_eq(p->events[0].total.samples, 1);
			ck_assert_uint_eq(p->events[1].total.samples, 2);
			ck_assert_uint_eq(p->events[1].freq, 999);
			profile_free(p);
			made_free(&m);
			buf_free(&b);
		}
	}
}
END_TEST

/* The id of an event's counter stands first, or between the other fields. */
START_TEST(events_by_id)
{
	static const uint64_t how[] = {PERF_SAMPLE_IDENTIFIER, PERF_SAMPLE_ID,
				       PERF_SAMPLE_ID | PERF_SAMPLE_ADDR | PERF_SAMPLE_STREAM_ID};

	for (size_t i = 0; i < 6; i++) {
		uint64_t type = SAMPLE_TYPE | how[i / 2];
		struct made m = {.big = i & 1};
		struct profile *p;

		for (uint32_t k = 0; k < 3; k++) {
			add_attr(&m);
			m.attrs[k].sample_type = type;
			m.attrs[k].nids = 2;
			m.attrs[k].ids[0] = 100 + k;
			m.attrs[k].ids[1] = 200 + k;
			m.attrs[k].config = k;
		}
		add_fields(&m, type, 0, 202, 0x1000, 1);
		add_fields(&m, type, 0, 101, 0x1000, 10);
		add_fields(&m, type, 0, 100, 0x1000, 100);
		add_fields(&m, type, 0, 102, 0x1000, 1000);
		/* perf's own samples have none */
		add_fields(&m, type, 0, 0, 0x1000, 10000);
		p = read_made(&m, true);
		ck_assert_uint_eq(p->nevents, 3);
		ck_assert_uint_eq(p->events[0].total.period, 10100);
		ck_assert_uint_eq(p->events[1].total.period, 10);
		ck_assert_uint_eq(p->events[2].total.period, 1001);
		profile_free(p);
	}
}
END_TEST

START_TEST(samples_of_no_event)
{
	struct made m = {0};
	struct buf b = {0};
	struct profile *p;

	for (uint32_t k = 0; k < 2; k++) {
		add_attr(&m);
		m.attrs[k].sample_type = SAMPLE_TYPE | PERF_SAMPLE_IDENTIFIER;
		m.attrs[k].nids = 1;
		m.attrs[k].ids[0] = 1 + k;
	}
	add_fields(&m, m.attrs[0].sample_type, 0, 2, 0x1000, 1);
	add_fields(&m, m.attrs[0].sample_type, 0, 3, 0x1000, 1);
	make_file(&m, &b);
	p = read_bytes(&b, true);
	ck_assert_uint_eq(samples(p), 1);
	ck_assert_ptr_nonnull(strstr(why, "1 samples are of no event"));
	profile_free(p);
	buf_free(&b);
	made_free(&m);
}
END_TEST

/* "{cycles,instructions}:S": one sample counts for each event of the group, by what it counted since. */
START_TEST(groups)
{
	uint64_t type = SAMPLE_TYPE | PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_READ;

	for (int big = 0; big < 2; big++) {
		struct made m = {.big = big};
		struct profile *p;

		for (uint32_t k = 0; k < 2; k++) {
			add_attr(&m);
			m.attrs[k].config = k;
			m.attrs[k].sample_type = type;
			m.attrs[k].read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID;
			m.attrs[k].nids = 1;
			m.attrs[k].ids[0] = 50 + k;
		}
		/* values 1000 and 1001, then 1500 and 1501, then the same again: nothing counted */
		add_fields(&m, type, m.attrs[0].read_format, 50, 0x10, 1000);
		add_fields(&m, type, m.attrs[0].read_format, 50, 0x20, 1500);
		add_fields(&m, type, m.attrs[0].read_format, 50, 0x30, 1500);
		p = read_made(&m, true);
		ck_assert_uint_eq(p->events[0].total.samples, 2);
		ck_assert_uint_eq(p->events[0].total.period, 1500);
		ck_assert_uint_eq(p->events[1].total.samples, 2);
		ck_assert_uint_eq(p->events[1].total.period, 1501);
		profile_free(p);
	}
}
END_TEST

/* Events that threads inherit: each thread's counter counts on from its own value. */
START_TEST(inherited)
{
	uint64_t type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_READ;
	static const uint64_t values[][2] = {{1, 1000}, {2, 10}, {1, 1500}, {2, 17}};

	for (int inherit = 0; inherit < 2; inherit++) {
		struct made m = {0};
		struct profile *p;

		add_attr(&m);
		m.attrs[0].sample_type = type;
		m.attrs[0].read_format = PERF_FORMAT_ID;
		m.attrs[0].flags |= inherit ? ATTR_INHERIT : 0;
		m.attrs[0].nids = 1;
		m.attrs[0].ids[0] = 77;
		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			begin(&m, PERF_RECORD_SAMPLE, USER);
			u64(&m, 77);
			u64(&m, 0x1000 + i);
			u32(&m, 9);
			u32(&m, values[i][0]);
			u64(&m, inherit || !i ? values[i][1] : 1000 + 10 * i);
			u64(&m, 77);
			end(&m);
		}
		p = read_made(&m, true);
		ck_assert_uint_eq(p->events[0].total.samples, 4);
		ck_assert_uint_eq(p->events[0].total.period, inherit ? 1500 + 17 : 1030);
		profile_free(p);
	}
}
END_TEST

/* Of several events, the id of records that are no samples stands at their end, before stream and CPU or
 * after. */
START_TEST(records_by_id)
{
	static const uint64_t how[] = {PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_CPU,
				       PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU};

	for (size_t i = 0; i < 2; i++) {
		uint64_t type = SAMPLE_TYPE | how[i];
		struct made m = {0};
		struct profile *p;

		for (uint32_t k = 0; k < 2; k++) {
			add_attr(&m);
			m.attrs[k].sample_type = type;
			m.attrs[k].nids = 1;
			m.attrs[k].ids[0] = 100 + k;
		}
		/* mapped at 4000, before the sample of 5000 that stands before it; then gone again */
		add_fields(&m, type, 0, 101, 0x1010, 1);
		for (uint64_t time = 4000; time <= 6000; time += 2000) {
			begin(&m, PERF_RECORD_MMAP, USER);
			u32(&m, 100);
			u32(&m, 100);
			u64(&m, 0x1000);
			u64(&m, 0x1000);
			u64(&m, 0);
			put_text(&m.data, time < 5000 ? "/before" : "/after");
			u32(&m, 100);
			u32(&m, 100);
			u64(&m, time);
			if (type & PERF_SAMPLE_ID)
				u64(&m, 101);
			if (type & PERF_SAMPLE_STREAM_ID)
				u64(&m, 0xbbbb);
			u64(&m, 3); /* CPU */
			if (type & PERF_SAMPLE_IDENTIFIER)
				u64(&m, 101);
			end(&m);
		}
		p = read_made(&m, true);
		IS_AT(p, hit_of(p, 1), "/before", 0x10);
		profile_free(p);
	}
}
END_TEST

/* Samples that are alike pack to a few bytes: all come out of one record, more than fit into a buffer at
 * once. */
START_TEST(packed_small)
{
	enum { MANY_SAMPLES = 10000 };
	struct made m = {0};
	struct profile *p;

	add_attr(&m);
	for (uint64_t i = 0; i < MANY_SAMPLES; i++)
		add_sample(&m, USER, 9, 9, 0x1000, 1, 5);
	pack(&m, false, 60000);
	ck_assert_uint_lt(m.data.len, 60000);
	p = read_made(&m, true);
	ck_assert_uint_eq(samples(p), MANY_SAMPLES);
	profile_free(p);
}
END_TEST

/* What several tests read in several forms: one VM with all modes, and another process. */
static void add_story(struct made *m)
{
	static const uint8_t id[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
	struct buf *b;

	add_attr(m);
	b = add_feature(m, PERF_FEATURE_BUILD_ID);
	add_build_id(m, b, 0, USER, UINT32_MAX, id, 20, "/usr/bin/qemu");
	feature_text(m, add_feature(m, PERF_FEATURE_HOSTNAME), "host.example");
	feature_text(m, add_feature(m, PERF_FEATURE_OSRELEASE), "6.1.0-test");
	feature_text(m, add_feature(m, PERF_FEATURE_ARCH), "x86_64");
	b = add_feature(m, PERF_FEATURE_EVENT_DESC);
	put(m, b, 1, 4);
	put(m, b, 128, 4);
	put_attr(m, b, &m->attrs[0]);
	put(m, b, 0, 4);
	feature_text(m, b, "my-clock");
	b = add_feature(m, PERF_FEATURE_CLOCK_DATA);
	put(m, b, 1, 4);
	put(m, b, 1, 4);
	put(m, b, 1700000000000000000ULL, 8);
	put(m, b, 500, 8);
	put_text(add_feature(m, 150), "a feature that is not known");
	add_comm(m, 0, 100, 100, "qemu", 0);
	add_comm(m, 0, 100, 102, "CPU 7/KVM", 0);
	add_mmap(m, USER, 100, 0x400000, 0x10000, 0x1000, "/usr/bin/qemu", 0);
	add_sample(m, USER, 100, 100, 0x400123, 1, 1000);
	add_sample(m, KERNEL, 100, 102, 0xffffffff81000010, 2, 1001);
	add_sample(m, GUEST_KERNEL, 100, 102, 0xffffffff82000010, 4, 1002);
	add_sample(m, GUEST_USER, 100, 102, 0x7f0000000010, 8, 1003);
	add_sample(m, PERF_RECORD_MISC_HYPERVISOR, 100, 102, 0x10, 16, 1004);
	add_sample(m, USER, 200, 200, 0x10, 32, 1005);
	add_sample(m, KERNEL, 0, 0, 0x10, 64, 1006);
}

static void check_story(struct profile *p)
{
	const struct profile_hit *h;

	ck_assert_msg(p && !*why, "%s", why);
	ck_assert_str_eq(p->hostname, "host.example");
	ck_assert_str_eq(p->kernel, "6.1.0-test");
	ck_assert_str_eq(p->arch, "x86_64");
	ck_assert_uint_eq(p->duration_ns, 6);
	ck_assert_uint_eq(p->begin_ns, 1700000000000000500ULL);
	ck_assert_uint_eq(p->foreign, 2);
	ck_assert_uint_eq(p->nevents, 1);
	ck_assert_str_eq(p->events[0].name, "my-clock");
	ck_assert_uint_eq(p->nvms, 1);
	ck_assert_str_eq(p->vms[0].name, "qemu");
	for (int mode = 0; mode < PROFILE_MODES; mode++)
		ck_assert_uint_eq(p->vms[0].modes[mode].samples, 1);
	ck_assert_int_eq(thread_of(p, 102)->vcpu, 7);
	ck_assert_str_eq(thread_of(p, 102)->comm, "CPU 7/KVM");
	ck_assert_int_eq(thread_of(p, 100)->vcpu, -1);
	h = hit_of(p, 1);
	IS_AT(p, h, "/usr/bin/qemu", 0x1123);
	ck_assert_int_eq(p->objects[h->at.object].kind, PROFILE_FILE);
	ck_assert_uint_eq(p->objects[h->at.object].build_id_size, 20);
	ck_assert_uint_eq(p->objects[h->at.object].build_id[19], 20);
	IS_AT(p, hit_of(p, 2), "[kernel.kallsyms]", 0xffffffff81000010);
	h = hit_of(p, 4);
	IS_AT(p, h, "[guest.kernel.kallsyms.100]", 0xffffffff82000010);
	ck_assert_int_eq(p->objects[h->at.object].kind, PROFILE_GUEST_KERNEL);
	ck_assert_uint_eq(p->vms[p->objects[h->at.object].vm].pid, 100);
	IS_AT(p, hit_of(p, 8), "[guest user]", 0x7f0000000010);
	IS_AT(p, hit_of(p, 16), "", 0x10);
	ck_assert_int_eq(hit_of(p, 16)->mode, PROFILE_OTHER);
	profile_free(p);
}

/* A file, a stream, packed in parts of any size: all of it in both byte orders. */
START_TEST(forms)
{
	for (int form = 0; form < 16; form++) {
		struct made m = {.big = form & 1};
		struct buf b = {0};

		add_story(&m);
		if (form / 2 % 4)
			pack(&m, form / 2 % 4 == 3, form / 2 % 4 == 1 ? 4096 : 7);
		if (form / 8)
			make_pipe(&m, &b);
		else
			make_file(&m, &b);
		check_story(read_bytes(&b, false));
		buf_free(&b);
		made_free(&m);
	}
}
END_TEST

/* The bits of machines of 32 bits and big endian: halves of words the other way round. */
START_TEST(features_of_32_bits)
{
	struct made m = {.big = true};
	struct buf b = {0};

	/* those above 64 have no such machine */
	add_story(&m);
	make_file(&m, &b);
	for (int i = 0; i < 4; i++) {
		char word[8];

		memcpy(word, b.data + 72 + 8 * i, 8);
		memcpy(b.data + 72 + 8 * i, word + 4, 4);
		memcpy(b.data + 76 + 8 * i, word, 4);
	}
	check_story(read_bytes(&b, false));
	buf_free(&b);
	made_free(&m);
}
END_TEST

/* Standard input is a stream, or a file. */
START_TEST(standard_input)
{
	for (int pipe = 0; pipe < 2; pipe++) {
		struct perf_read_options o = {0};
		struct made m = {0};
		struct buf b = {0};
		char path[] = "/tmp/vmperf-perf-XXXXXX";
		int fd = mkstemp(path);

		add_story(&m);
		if (pipe)
			make_pipe(&m, &b);
		else
			make_file(&m, &b);
		ck_assert(fd >= 0 && write(fd, b.data, b.len) == (ssize_t)b.len);
		ck_assert_ptr_nonnull(freopen(path, "rb", stdin));
		check_story(perf_read("-", &o, why, sizeof(why)));
		close(fd);
		unlink(path);
		buf_free(&b);
		made_free(&m);
	}
}
END_TEST

/* In a stream an event's name may come alone. */
START_TEST(update_of_a_name)
{
	struct made m = {0};
	struct buf b = {0};
	struct profile *p;

	add_attr(&m);
	m.attrs[0].nids = 1;
	m.attrs[0].ids[0] = 9;
	begin(&m, PERF_USER_EVENT_UPDATE, 0);
	u64(&m, PERF_UPDATE_NAME);
	u64(&m, 9);
	put_text(&m.data, "cycles:G");
	end(&m);
	add_sample(&m, KERNEL, 5, 5, 0x10, 1, 1);
	make_pipe(&m, &b);
	p = read_bytes(&b, true);
	ck_assert_msg(p && !*why, "%s", why);
	ck_assert_str_eq(p->events[0].name, "cycles:G");
	profile_free(p);
	buf_free(&b);
	made_free(&m);
}
END_TEST

/* Records that are not known are passed over, with what follows them. */
START_TEST(others_are_passed_over)
{
	struct made m = {0};
	struct profile *p;

	add_attr(&m);
	begin(&m, PERF_USER_AUXTRACE, 0);
	u64(&m, 24);
	put_zeros(&m.data, 32);
	end(&m);
	for (int i = 0; i < 24; i++)
		buf_add(&m.data, "\xff", 1);
	begin(&m, PERF_USER_TRACING_DATA, 0);
	u32(&m, 13);
	end(&m);
	for (int i = 0; i < 16; i++)
		buf_add(&m.data, "\xff", 1);
	for (uint32_t type = 1; type < 300; type++) {
		/* those that need more than a header are damaged without it */
		if (type <= PERF_RECORD_FORK || type == PERF_RECORD_SAMPLE || type == PERF_RECORD_MMAP2 ||
		    type == PERF_RECORD_LOST_SAMPLES || type == PERF_USER_HEADER_ATTR ||
		    type == PERF_USER_COMPRESSED2)
			continue;
		begin(&m, type, 0);
		if (type != PERF_USER_COMPRESSED && type != PERF_USER_TRACING_DATA &&
		    type != PERF_USER_AUXTRACE)
			put_zeros(&m.data, 8);
		end(&m);
	}
	add_sample(&m, KERNEL, 5, 5, 0x10, 1, 1);
	p = read_made(&m, true);
	ck_assert_uint_eq(samples(p), 1);
	profile_free(p);
}
END_TEST

START_TEST(lost)
{
	struct made m = {.big = true};
	struct profile *p;

	add_attr(&m);
	begin(&m, PERF_RECORD_LOST, 0);
	u64(&m, 77);
	u64(&m, 5);
	trailer(&m, 1, 1, 1);
	begin(&m, PERF_RECORD_LOST_SAMPLES, 0);
	u64(&m, 6);
	trailer(&m, 1, 1, 1);
	/* left out on purpose */
	begin(&m, PERF_RECORD_LOST_SAMPLES, 1 << 15);
	u64(&m, 100);
	trailer(&m, 1, 1, 1);
	p = read_made(&m, true);
	ck_assert_uint_eq(p->lost, 11);
	ck_assert_uint_eq(p->nhits, 0);
	ck_assert_uint_eq(p->nevents, 1);
	profile_free(p);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("perf_read");

	UNIT_ADD(u, every_field);
	UNIT_ADD(u, sizes_of_attributes);
	UNIT_ADD(u, events_by_id);
	UNIT_ADD(u, samples_of_no_event);
	UNIT_ADD(u, groups);
	UNIT_ADD(u, inherited);
	UNIT_ADD(u, records_by_id);
	UNIT_ADD(u, packed_small);
	UNIT_ADD(u, forms);
	UNIT_ADD(u, features_of_32_bits);
	UNIT_ADD(u, standard_input);
	UNIT_ADD(u, update_of_a_name);
	UNIT_ADD(u, others_are_passed_over);
	UNIT_ADD(u, lost);
	return unit_run(u);
}
