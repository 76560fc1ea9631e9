// SPDX-License-Identifier: GPL-2.0-only
/* Our own section of perf.data files: what is written is read, what is not ours is refused. */
#include "profile/perf_section.h"

#include <string.h>

#include "lib/mem.h"
#include "unit.h"

#define UUID "01234567-89ab-cdef-0123-456789abcdef"
#define BOOT "fedcba98-7654-3210-fedc-ba9876543210"

static struct perf_section_vm *add(struct perf_section_vms *s, uint32_t pid, uint64_t start, const char *name)
{
	struct perf_section_vm *vm = perf_section_vm(s, pid, start);

	free(vm->name);
	vm->name = mem_strdup(name);
	return vm;
}

START_TEST(both_ways)
{
	/* quotes, an escape sequence, UTF-8, bytes that are none, nothing */
	static const char *const names[] = {"web", "a\"b\\c\n\x1b[31m", "gr\xc3\xbc\xc3\x9f", "\xff\x80 z",
					    ""};
	struct perf_section_vms s = {.begin_ns = 1700000000123456789}, t;
	struct buf text = {0};

	for (uint32_t i = 0; i < 5; i++) {
		struct perf_section_vm *vm = add(&s, 100 + i, i ? (uint64_t)i << 40 : INT64_MAX, names[i]);

		strcpy(vm->uuid, i % 2 ? UUID : "");
		strcpy(vm->boot_id, i % 3 ? BOOT : "");
		for (uint32_t k = 0; k < i; k++)
			perf_section_thread(vm, 1000 * i + k, (int32_t)k);
		/* the last word counts */
		perf_section_thread(vm, 77, 1);
		perf_section_thread(vm, 77, INT32_MAX);
		perf_section_thread(vm, 78, -1);
	}
	/* one pid, another start: another VM; the same of both: that VM */
	ck_assert_ptr_ne(perf_section_vm(&s, 101, 5), perf_section_vm(&s, 101, 1ULL << 40));
	ck_assert_uint_eq(s.nvms, 6);
	perf_section_print(&s, &text);
	for (size_t i = 0; i < text.len; i++)
		MANY(text.data[i] >= ' ' && text.data[i] < 0x7f);

	ck_assert(perf_section_parse(text.data, text.len, &t));
	ck_assert_uint_eq(t.begin_ns, s.begin_ns);
	ck_assert_uint_eq(t.nvms, s.nvms);
	for (uint32_t i = 0; i < s.nvms; i++) {
		const struct perf_section_vm *a = &s.vms[i], *b = &t.vms[i];

		ck_assert_uint_eq(a->pid, b->pid);
		ck_assert_uint_eq(a->start_ns, b->start_ns);
		ck_assert_str_eq(a->name, b->name);
		ck_assert_str_eq(a->uuid, b->uuid);
		ck_assert_str_eq(a->boot_id, b->boot_id);
		ck_assert_uint_eq(a->nthreads, b->nthreads);
		for (uint32_t k = 0; k < a->nthreads; k++) {
			ck_assert_uint_eq(a->threads[k].tid, b->threads[k].tid);
			ck_assert_int_eq(a->threads[k].vcpu, b->threads[k].vcpu);
		}
	}
	perf_section_clear(&t);

	/* no beginning of it is a whole one */
	for (size_t n = 0; n < text.len; n++)
		MANY(!perf_section_parse(text.data, n, &t) && !t.nvms && !t.vms);
	perf_section_clear(&s);
	buf_free(&text);
}
END_TEST

static const char *const refused[] = {
	"",
	"null",
	"[]",
	"{}",
	"{\"vmperf\":1}",
	"{\"vms\":[]}",
	"{\"vmperf\":0,\"vms\":[]}",
	"{\"vmperf\":2,\"vms\":[]}",
	"{\"vmperf\":\"1\",\"vms\":[]}",
	"{\"vmperf\":1,\"vms\":{}}",
	"{\"vmperf\":1,\"vms\":[1]}",
	"{\"vmperf\":1,\"vms\":[]} x",
	"{\"vmperf\":1,\"begin_ns\":-1,\"vms\":[]}",
	"{\"vmperf\":1,\"begin_ns\":\"1\",\"vms\":[]}",
	/* each has one thing wrong */
	"{\"vmperf\":1,\"vms\":[{\"start_ns\":1,\"name\":\"a\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":0,\"start_ns\":1,\"name\":\"a\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":-1,\"start_ns\":1,\"name\":\"a\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1.5,\"start_ns\":1,\"name\":\"a\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":4294967297,\"start_ns\":1,\"name\":\"a\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":-1,\"name\":\"a\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":9223372036854775808,\"name\":\"a\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":7}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"a\\u0000b\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"\xff\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name_hex\":\"6\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name_hex\":\"+1\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name_hex\":\"6100\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"a\",\"uuid\":\"x\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"a\",\"uuid\":3}]}",
	/* longer than one, or in another form */
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"a\","
	"\"boot_id\":\"00000000-0000-0000-0000-0000000000020\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"a\","
	"\"boot_id\":\"0000000A-0000-0000-0000-000000000002\"}]}",
	/* a path that would leave the cache */
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"a\","
	"\"boot_id\":\"../../../../../../../etc/passwd-----\"}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"a\",\"threads\":{}}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"a\",\"threads\":[{\"tid\":1}]}]}",
	"{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"a\",\"threads\":[{\"tid\":1,\"vcpu\":-1}"
	"]}]}",
};

START_TEST(is_refused)
{
	struct perf_section_vms s;

	ck_assert(!perf_section_parse(refused[_i], strlen(refused[_i]), &s));
	ck_assert(!s.nvms && !s.vms);
}
END_TEST

START_TEST(is_taken)
{
	static const char text[] =
		" {\"later\":[{}],\"vms\":[{\"name_hex\":\"61ff\",\"pid\":1,\"start_ns\":0,"
		"\"boot_id\":null,\"new\":1}],\"vmperf\":1}\n";
	struct perf_section_vms s;

	ck_assert(perf_section_parse(text, sizeof(text) - 1, &s));
	ck_assert_uint_eq(s.nvms, 1);
	ck_assert_str_eq(s.vms[0].name, "a\xff");
	ck_assert_str_eq(s.vms[0].uuid, "");
	ck_assert_str_eq(s.vms[0].boot_id, "");
	ck_assert_uint_eq(s.vms[0].nthreads, 0);
	perf_section_clear(&s);
}
END_TEST

START_TEST(sizes_are_bounded)
{
	static const char vm[] = "{\"vmperf\":1,\"vms\":[{\"pid\":1,\"start_ns\":1,\"name\":\"";
	struct buf b = {0};
	struct perf_section_vms s;

	for (uint32_t n = PERF_SECTION_NAME; n <= PERF_SECTION_NAME + 1; n++) {
		b.len = 0;
		buf_puts(&b, vm);
		for (uint32_t i = 0; i < n; i++)
			buf_puts(&b, "a");
		buf_puts(&b, "\"}]}");
		ck_assert_int_eq(perf_section_parse(b.data, b.len, &s), n == PERF_SECTION_NAME);
		perf_section_clear(&s);
	}
	for (uint32_t n = PERF_SECTION_THREADS; n <= PERF_SECTION_THREADS + 1; n++) {
		b.len = 0;
		buf_puts(&b, vm);
		buf_puts(&b, "a\",\"threads\":[");
		for (uint32_t i = 0; i < n; i++)
			buf_puts(&b, i ? ",{\"tid\":1,\"vcpu\":0}" : "{\"tid\":1,\"vcpu\":0}");
		buf_puts(&b, "]}]}");
		ck_assert_uint_lt(b.len, PERF_SECTION_MAX);
		ck_assert_int_eq(perf_section_parse(b.data, b.len, &s), n == PERF_SECTION_THREADS);
		perf_section_clear(&s);
	}
	/* lists in lists: no depth ends the stack */
	b.len = 0;
	for (uint32_t i = 0; i < 1U << 20; i++)
		buf_puts(&b, "[");
	ck_assert(!perf_section_parse(b.data, b.len, &s));
	/* too long, though nothing but spaces follow */
	b.len = 0;
	buf_puts(&b, "{\"vmperf\":1,\"vms\":[]}");
	ck_assert(perf_section_parse(b.data, b.len, &s));
	perf_section_clear(&s);
	while (b.len <= PERF_SECTION_MAX)
		buf_puts(&b, "                                                                ");
	ck_assert(!perf_section_parse(b.data, b.len, &s));
	buf_free(&b);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("perf_section");

	UNIT_ADD(u, both_ways);
	tcase_add_loop_test(u.tcase, is_refused, 0, sizeof(refused) / sizeof(*refused));
	UNIT_ADD(u, is_taken);
	UNIT_ADD(u, sizes_are_bounded);
	return unit_run(u);
}
